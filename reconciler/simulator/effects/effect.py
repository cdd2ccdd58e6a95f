"""What an effect is."""

from collections.abc import Callable
from dataclasses import dataclass

from reconciler.simulator.write import Operation, Write

SAVE = (Operation.INSERT, Operation.UPDATE)
ANY = "*"
"""Stands for every object."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What Salesforce does to a record, or to others, besides what it was asked.

    `fact` and the public `source` say where it is from; `tag` how well it is known: documented, reported or inferred;
    `checked` tells the release of the real org in which it was seen, if any.
    """

    id: str
    sobject: str
    operations: tuple[Operation, ...]
    apply: Callable[[Write], None]
    fact: str
    tag: str
    source: str
    checked: str = ""
