"""The library's front door: load -> read -> build -> run. Each is one call; nothing here decides or acts by itself.

desired = load(Path("."))
with open_org(Path("."), None, os.environ) as org:
    plan = build(desired, read(org, desired))
    for result in run(plan, org):
        ...
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.errors import OrgError
from reconciler.model import Live, Plan, Result, State

if TYPE_CHECKING:
    from reconciler.connect import Org


def load(project: Path, cache: Path | None = None) -> State:
    """What the files of a project declare; raises InvalidFiles with every finding.

    `cache` is a folder outside the project in which what unchanged files declare is kept from run to run.
    """
    from reconciler.desired import load as load_files

    return load_files(project, cache)


def read(org: "Org", desired: State) -> Live:
    """What the org says of that which the files declare; sends no write. Raises OrgError."""
    from reconciler.live import read as read_org

    return read_org(org.reader, desired)


def build(desired: State, live: Live) -> Plan:
    """The plan from one to the other. Pure."""
    from reconciler.plan import build as build_plan

    return build_plan(desired, live)


def stale_reasons(saved: Mapping[str, object], plan: Plan) -> tuple[str, ...]:
    """Why a saved plan (its JSON) is not the plan that holds now; empty when it is."""
    from reconciler.plan.stale import stale_reasons as compare
    from reconciler.render import plan_document

    return compare(saved, plan_document(plan))


def refuse_unaffordable(plan: Plan, org: "Org") -> None:
    """Raises TooFewRequests when the requests that are left don't suffice for writing the plan and verifying it."""
    from reconciler.apply import refuse_unaffordable as refuse

    refuse(plan, org.writer.session.budget)


def verification_refusal(plan: Plan, org: "Org") -> OrgError | None:
    """Why the org can't be read again as for this plan with the requests that are left; None when it can."""
    return org.reader.session.budget.refusal(plan.requests.read)


def run(plan: Plan, org: "Org") -> Iterator[Result]:
    """Apply the plan, yielding what became of each change as soon as that is known."""
    from reconciler.apply import run as run_plan

    return run_plan(plan, org)
