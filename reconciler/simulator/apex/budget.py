"""Governor limits of one transaction.

Source: https://developer.salesforce.com/docs/atlas.en-us.apexcode.meta/apexcode/apex_gov_limits.htm
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.simulator.apex.problem import LimitExceeded

MOST: Mapping[str, int] = {
    "SOQL queries": 100,
    "query rows": 50_000,
    "DML statements": 150,
    "DML rows": 10_000,
}
"""What a synchronous transaction may use."""

MOST_STEPS = 2_000_000
"""Statements and expressions of a script: our own measure of CPU time, so that a limit is met at the same place on any
machine (inferred)."""

LARGEST_HEAP = 6_000_000
"""Bytes of the heap; we bound single texts and collections by it (inferred)."""


@dataclass(slots=True)
class Budget:
    """What a script has used."""

    used: dict[str, int] = field(default_factory=lambda: dict.fromkeys(MOST, 0))
    steps: int = 0

    def take(self, what: str, number: int = 1) -> None:
        """Use so much; raises LimitExceeded."""
        self.used[what] += number
        if self.used[what] > MOST[what]:
            raise LimitExceeded(f"Too many {what}: {self.used[what]}")

    def step(self) -> None:
        """One more statement or expression; raises LimitExceeded."""
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise LimitExceeded("Apex CPU time limit exceeded")

    @staticmethod
    def hold(size: int) -> None:
        """A text or a collection of that size; raises LimitExceeded."""
        if size > LARGEST_HEAP:
            raise LimitExceeded(f"Apex heap size too large: {size}")
