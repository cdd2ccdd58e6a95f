"""How many requests may still be sent: what the caller allows, and what the org's daily limit leaves.

Salesforce tells its count on every answer, in `Sforce-Limit-Info`; an answer without it, or with one that can't be
read, leaves it unknown and stops nothing.
Source: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/headers_api_usage.htm
"""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

from reconciler.errors import DailyReserveReached, OrgError, RequestBudgetExceeded

RESERVED_SHARE = 50
"""One fiftieth (2 %) of the daily limit is kept for everybody else's integrations; this project's judgement."""

RESERVED_LEAST = 10
"""Requests that are kept of even the smallest limit; this project's judgement."""

_USAGE = re.compile(r"(?<![\w-])api-usage=(\d{1,12})/(\d{1,12})(?!\d)")


@dataclass(frozen=True, slots=True)
class Usage:
    """Requests that the org counts in the last 24 hours, and its daily limit."""

    used: int
    limit: int

    @classmethod
    def told(cls, header: str | None) -> "Usage | None":
        """What a `Sforce-Limit-Info` header says; None when it says nothing of use."""
        found = _USAGE.search(header or "")
        return cls(int(found[1]), int(found[2])) if found and int(found[2]) else None


@dataclass
class Budget:
    """The requests of one session.

    `allowed` is how many it may send in all, None for any number. `reserve` is how many of the org's daily requests
    are left to others: None for the default, 0 to leave the stop to Salesforce.
    """

    allowed: int | None = None
    reserve: int | None = None
    spent: int = field(default=0, init=False)
    _usage: Usage | None = field(default=None, init=False)
    _held: int = field(default=0, init=False)
    _drawn: "Hold | None" = field(default=None, init=False, repr=False)
    _kept: int = field(default=0, init=False, repr=False)

    def spend(self) -> None:
        """Count one request that is about to be sent; raises OrgError when it must not be."""
        if self._drawn is not None and self._drawn.left > self._kept:
            self._drawn.left -= 1
            self._held -= 1
        elif refusal := self.refusal(1):
            raise refusal
        self.spent += 1
        if self._usage is not None:
            self._usage = Usage(self._usage.used + 1, self._usage.limit)

    def answered(self, limit_info: str | None) -> None:
        """Take note of what an answer tells of the org's usage."""
        self._usage = Usage.told(limit_info) or self._usage

    def refusal(self, requests: int) -> OrgError | None:
        """Why so many more requests can't be sent; None when they can."""
        needed = requests + self._held
        if self.allowed is not None and self.spent + needed > self.allowed:
            left = max(0, self.allowed - self.spent - self._held)
            msg = (
                f"--max-requests (SFREC_MAX_REQUESTS) is {self.allowed}: {left} left, {requests} needed; "
                "allow more, or leave the option out"
            )
            return RequestBudgetExceeded(msg)
        reserve = self._reserve()
        if self._usage is not None and reserve and self._usage.used + needed > self._usage.limit - reserve:
            msg = (
                f"the org has used {self._usage.used} of its {self._usage.limit} daily requests and the last {reserve} "
                f"are kept for other integrations: {requests} needed; try again when older requests are more than "
                "24 hours ago, or set SFREC_RESERVE_REQUESTS lower"
            )
            return DailyReserveReached(msg)
        return None

    def hold(self, requests: int) -> "Hold":
        """Set so many requests aside; raises OrgError when they can't all be sent."""
        if refusal := self.refusal(requests):
            raise refusal
        self._held += requests
        return Hold(self, requests)

    @contextmanager
    def drawing(self, hold: "Hold", kept: int) -> Iterator[None]:
        """Meanwhile requests are taken from what was set aside, until only `kept` are left of it."""
        self._drawn, self._kept = hold, kept
        try:
            yield
        finally:
            self._drawn = None

    def release(self, hold: "Hold") -> None:
        """Give back what is left of requests that were set aside."""
        self._held -= hold.left
        hold.left = 0

    def _reserve(self) -> int:
        """Requests of the daily limit that are left to others."""
        if self.reserve is not None or self._usage is None:
            return self.reserve or 0
        return max(RESERVED_LEAST, -(-self._usage.limit // RESERVED_SHARE))


@dataclass(slots=True)
class Hold:
    """Requests that were set aside, so that what is begun can be ended.

    They are sent even when others have reached the reserve meanwhile: a job whose result nobody reads helps no one.
    """

    budget: Budget
    left: int

    def drawn(self, kept: int = 0) -> AbstractContextManager[None]:
        """See Budget.drawing."""
        return self.budget.drawing(self, kept)

    def release(self) -> None:
        """Give back what is left."""
        self.budget.release(self)
