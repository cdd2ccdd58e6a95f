"""What a rule is."""

from collections.abc import Callable
from dataclasses import dataclass

from reconciler.simulator.write import Write

HELP = "https://help.salesforce.com/s/articleView?id="
OBJECTS = "https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of Salesforce: `check` raises RowError for a record that it refuses.

    `tag` is documented, reported or inferred; `source` is public. `setting` names the switch of Settings that the rule
    obeys.
    """

    id: str
    sobject: str
    check: Callable[[Write], None]
    fact: str
    tag: str
    source: str
    setting: str | None = None
