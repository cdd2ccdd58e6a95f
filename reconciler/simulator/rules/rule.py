"""What a rule is."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from reconciler.simulator.write import Operation, Write

HELP = "https://help.salesforce.com/s/articleView?id="
OBJECTS = "https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/"

SAVE = (Operation.INSERT, Operation.UPDATE)
EVERY = tuple(operation for operation in Operation if operation is not Operation.UPSERT)
"""An upsert is an insert or an update by the time that rules are asked."""

ANY = "*"
"""Stands for every object."""


class Tag(StrEnum):
    """How well a rule or an effect is known."""

    DOCUMENTED = "documented"
    REPORTED = "reported"
    INFERRED = "inferred"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of Salesforce: `check` raises RowError for a record that it refuses.

    `fact` and the public `source` say where it is from; `tag` how well it is known. `settings` names the switches of
    Settings that the rule obeys; `checked` tells the release of the real org in which it was seen to hold, if any.
    """

    id: str
    sobject: str
    operations: tuple[Operation, ...]
    check: Callable[[Write], None]
    fact: str
    tag: Tag
    source: str
    settings: tuple[str, ...] = ()
    checked: str = ""
