"""What became of one record of a write."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from reconciler.errors import ConnectionFailed, DailyReserveReached, OrgError, RequestBudgetExceeded, RequestRefused
from reconciler.model import Outcome
from reconciler.salesforce.retry import ENDING, NOT_DONE, Verdict, judge
from reconciler.salesforce.session import NotSent

Cell: TypeAlias = str | bool | None

Record: TypeAlias = Mapping[str, Cell]
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
    """One try of one record: whether another try is safe and may help, and whether the org takes nothing more."""

    row: RowOutcome
    may_repeat: bool = False
    ends_run: bool = False

    @property
    def is_locked(self) -> bool:
        """Whether the record was not written because another transaction held it or its parent."""
        return judge(self.row.code, self.row.message) is Verdict.LOCKED

    def after(self, earlier: "Attempt | None") -> "Attempt":
        """This attempt as the last of several: one that was not executed does not tell what became of those before."""
        if earlier is None or earlier.row.outcome is Outcome.NOT_SENT:
            return self
        is_lost = earlier.row.outcome is Outcome.UNKNOWN and (self.may_repeat or self.ends_run)
        return replace(self, row=earlier.row) if is_lost or self.row.outcome is Outcome.NOT_SENT else self


def refused(code: str | None, message: str, status: int = 200) -> Attempt:
    """The attempt of a record that Salesforce did not write."""
    verdict = judge(code, message, status)
    row = RowOutcome(Outcome.FAILED, None, code, message)
    return Attempt(row, may_repeat=verdict in NOT_DONE, ends_run=verdict in ENDING)


def unsent(error: OrgError) -> Attempt:
    """The attempt of a record whose request, as this error tells, was not executed."""
    match error:
        case NotSent():
            return Attempt(RowOutcome(Outcome.NOT_SENT, None, None, str(error)), may_repeat=True, ends_run=True)
        case RequestBudgetExceeded() | DailyReserveReached():
            return Attempt(RowOutcome(Outcome.NOT_SENT, None, None, str(error)), ends_run=True)
        case RequestRefused():
            return refused(error.code, error.message, error.status)
        case _:
            return refused("INVALID_SESSION_ID", str(error), 401)


def is_unclear(error: OrgError) -> bool:
    """Whether the request that met this error may have been executed."""
    match error:
        case NotSent():
            return False
        case RequestRefused():
            return judge(error.code, error.message, error.status) is Verdict.UNKNOWN
        case _:
            return isinstance(error, ConnectionFailed)


def lost(error: OrgError, *, may_repeat: bool) -> Attempt:
    """The attempt of a record whose request met this error; `may_repeat` when what it asks for may be done twice."""
    if not is_unclear(error):
        return unsent(error)
    code, message = (error.code, error.message) if isinstance(error, RequestRefused) else (None, str(error))
    return unknown(message, code, may_repeat=may_repeat)


def unknown(message: str, code: str | None = None, *, may_repeat: bool = False) -> Attempt:
    """The attempt of a record that may or may not have been written."""
    return Attempt(RowOutcome(Outcome.UNKNOWN, None, code, message), may_repeat=may_repeat)
