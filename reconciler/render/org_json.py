"""The org of a plan, a run or a list of runs as JSON."""

from collections.abc import Mapping

from reconciler.model import OrgInfo


def org_document(org: OrgInfo) -> Mapping[str, object]:
    """What every format tells of an org."""
    return {"id": org.id, "instance_url": org.instance_url, "name": org.name, "is_simulated": org.is_simulated}
