"""What became of one record of a write."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from reconciler.model import Outcome
from reconciler.salesforce.retry import Verdict, judge

Record: TypeAlias = Mapping[str, str | bool | None]
"""Field -> value; None empties the field. An update has its `Id`."""


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """The outcome of one record, with Salesforce's own code and message when it refused."""

    outcome: Outcome
    id: str | None = None
    code: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of one record, and whether another try is safe and may help."""

    row: RowOutcome
    may_repeat: bool = False


def refused(code: str, message: str, status: int = 200) -> Attempt:
    """The attempt of a record that Salesforce did not write."""
    is_passing = judge(code, message, status) is Verdict.NOT_EXECUTED
    return Attempt(RowOutcome(Outcome.FAILED, None, code, message), may_repeat=is_passing)
