"""The errors of sfrec; each carries the exit code that the command line returns for it.

SfrecError
├── UsageError         64  the command can't be run as it was given
├── OrgError            1  nothing was changed
│   ├── LoginFailed         no token, or the org does not accept it
│   ├── ConnectionFailed    no answer: network, time-out, server error after all retries
│   ├── RequestRefused      the org refuses a request as a whole
│   ├── IncompleteRead      the org's answer can't be proved complete
│   ├── RequestBudgetExceeded  all requests that --max-requests allows are sent
│   └── DailyReserveReached    what is left of the org's daily limit is kept for others
├── Refused             3  nothing was sent
│   ├── InvalidFiles        findings in the desired-state files, all of them
│   └── PlanRefused         the plan holds problems of severity error
├── TooFewRequests      3  the requests that are left don't suffice for the apply; nothing was changed
└── StalePlan           4  files, org or live values moved since the plan was saved
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.model import Problem


class SfrecError(Exception):
    """Anything that sfrec reports instead of a result."""

    exit_code: ClassVar[int] = 1


class UsageError(SfrecError):
    """The command can't be run as it was given."""

    exit_code = 64


class OrgError(SfrecError):
    """The org could not be read or reached; nothing was changed."""


class LoginFailed(OrgError):
    """The org accepts no login."""


class ConnectionFailed(OrgError):
    """The org gave no usable answer."""


class RequestRefused(OrgError):
    """The org refused a request as a whole; `code` is Salesforce's errorCode, `status` the HTTP status."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"Salesforce refused the request: {code}: {message}")
        self.status = status
        self.code = code
        self.message = message


class IncompleteRead(OrgError):
    """Fewer records came than the org said that there are."""


class RequestBudgetExceeded(OrgError):
    """One request more than the caller allows; it was not sent."""


class DailyReserveReached(OrgError):
    """One request more than the org's daily limit leaves to sfrec; it was not sent."""


class Refused(SfrecError):
    """Refused before anything was sent."""

    exit_code = 3

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"{len(self.problems)} problems")


class InvalidFiles(Refused):
    """Findings in the desired-state files."""


class PlanRefused(Refused):
    """Problems of severity error in a plan."""


class TooFewRequests(SfrecError):
    """An apply that would run out of requests was not begun."""

    exit_code = 3


class StalePlan(SfrecError):
    """A saved plan no longer fits the files or the org."""

    exit_code = 4
