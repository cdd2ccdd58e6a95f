"""What an error says about the request that met it, and how long to wait before another try.

One table decides for every API. The classes are this project's judgement; the codes are Salesforce's.
Source: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_concepts_core_data_objects.htm
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Verdict(StrEnum):
    """What may be done after an error."""

    NOT_EXECUTED = "not executed: may be repeated"
    UNKNOWN = "may have been executed: only idempotent requests may be repeated"
    REFUSED = "refused: repeating changes nothing"
    STOP = "refused, and so will be all that follows"


PASSING = frozenset({Verdict.NOT_EXECUTED, Verdict.UNKNOWN})
"""Verdicts after which a request that changes no record is worth another try."""

_BY_MESSAGE: Mapping[str, Verdict] = {
    # UNKNOWN_EXCEPTION is also the code of a final refusal (owner without role, F3.7): only the message tells (F9.1).
    "group membership operation already in progress": Verdict.NOT_EXECUTED,
    # REQUEST_LIMIT_EXCEEDED is the code of the daily limit as well, which a wait does not lift.
    "concurrent api requests": Verdict.NOT_EXECUTED,
    "concurrentperorg": Verdict.NOT_EXECUTED,
}

_BY_CODE: Mapping[str, Verdict] = {
    "UNABLE_TO_LOCK_ROW": Verdict.NOT_EXECUTED,
    "SERVER_UNAVAILABLE": Verdict.UNKNOWN,
    "QUERY_TIMEOUT": Verdict.UNKNOWN,
    "REQUEST_RUNNING_TOO_LONG": Verdict.UNKNOWN,
    "INVALID_SESSION_ID": Verdict.STOP,
    "REQUEST_LIMIT_EXCEEDED": Verdict.STOP,
    "API_CURRENTLY_DISABLED": Verdict.STOP,
    "API_DISABLED_FOR_ORG": Verdict.STOP,
}

_BY_STATUS: Mapping[int, Verdict] = {
    401: Verdict.STOP,
    500: Verdict.UNKNOWN,
    502: Verdict.UNKNOWN,
    503: Verdict.UNKNOWN,
    504: Verdict.UNKNOWN,
}


def judge(code: str | None, message: str | None, status: int = 200) -> Verdict:
    """Judge an error by its message, its code and, for a refused request, its HTTP status, in this order."""
    told = (message or "").lower()
    for part, verdict in _BY_MESSAGE.items():
        if part in told:
            return verdict
    return _BY_CODE.get(code or "") or _BY_STATUS.get(status, Verdict.REFUSED)


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and for how long a request is tried again; waits double and are jittered."""

    tries: int = 8
    budget_seconds: float = 60.0
    first_wait: float = 0.1
    sleep: Callable[[float], None] = field(default=time.sleep, compare=False)

    def waits(self) -> Iterator[None]:
        """Yield before each try but the first one after a wait; ends when tries or time are used up."""
        deadline = time.monotonic() + self.budget_seconds
        yield
        for attempt in range(self.tries - 1):
            wait = self.first_wait * 2**attempt * (0.5 + random.random())  # noqa: S311 - jitter, no secret
            if time.monotonic() + wait > deadline:
                return
            self.sleep(wait)
            yield
