"""How many requests may still be sent: what the caller allows, and what the org's daily limit leaves.

Salesforce tells its count on every answer, in `Sforce-Limit-Info`; an answer without it, or with one that can't be
read, leaves it unknown and stops nothing.
Source: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/headers_api_usage.htm
"""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from threading import RLock, local

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


class _Drawing(local):
    """What a thread draws its requests from."""

    hold: "Hold | None" = None
    kept: int = 0


@dataclass(frozen=True, slots=True)
class Sent:
    """One request that was counted: the how manieth, and how many had ended when it was sent."""

    number: int
    ended_before: int


@dataclass
class Budget:
    """The requests of one session, which several threads may send at once.

    `allowed` is how many it may send in all, None for any number. `reserve` is how many of the org's daily requests
    are left to others: None for the default, 0 to leave the stop to Salesforce.
    """

    allowed: int | None = None
    reserve: int | None = None
    spent: int = field(default=0, init=False)
    _usage: Usage | None = field(default=None, init=False)
    _held: int = field(default=0, init=False)
    _ended: int = field(default=0, init=False, repr=False)
    _newest: int = field(default=0, init=False, repr=False)
    _most: Usage | None = field(default=None, init=False, repr=False)
    _untold: int = field(default=0, init=False, repr=False)
    _lock: RLock = field(default_factory=RLock, init=False, repr=False, compare=False)
    _thread: _Drawing = field(default_factory=_Drawing, init=False, repr=False, compare=False)

    def spend(self) -> Sent:
        """Count one request that is about to be sent; raises OrgError when it must not be.

        Whatever becomes of the request, `answered` wants to hear of it.
        """
        with self._lock:
            hold = self._thread.hold
            if hold is not None and hold.left > self._thread.kept:
                hold.left -= 1
                self._held -= 1
            elif refusal := self.refusal(1):
                raise refusal
            self.spent += 1
            if self._usage is not None:
                self._usage = Usage(self._usage.used + 1, self._usage.limit)
            return Sent(self.spent, self._ended)

    def answered(self, sent: Sent, limit_info: str | None = None) -> None:
        """Take note that a request has ended, and of what its answer tells of the org's usage.

        The org may have told it before it counted those of our requests that were under way with this one: they are
        added, rather counted twice than not at all. Of answers that overtook one another the newest request's counts.
        Once nothing is under way, the most that any of them told is the truth.
        """
        with self._lock:
            self._ended += 1
            told = Usage.told(limit_info)
            if told is None:
                self._untold += 1
            else:
                self._most = max(self._most or told, told, key=lambda usage: usage.used)
                if sent.number > self._newest:
                    self._newest = sent.number
                    self._usage = Usage(told.used + self.spent - 1 - sent.ended_before, told.limit)
            if self._ended == self.spent:
                self._settle()

    def _settle(self) -> None:
        """Nothing is under way; what was lost may be counted later."""
        if self._most is not None:
            self._usage = Usage(self._most.used + self._untold, self._most.limit)
        self._most, self._untold = None, 0

    def refusal(self, requests: int) -> OrgError | None:
        """Why so many more requests can't be sent; None when they can."""
        with self._lock:
            return self._too_many(requests) or self._too_close(requests)

    def hold(self, requests: int) -> "Hold":
        """Set so many requests aside; raises OrgError when they can't all be sent."""
        with self._lock:
            if refusal := self.refusal(requests):
                raise refusal
            self._held += requests
        return Hold(self, requests)

    @contextmanager
    def drawing(self, hold: "Hold", kept: int) -> Iterator[None]:
        """Meanwhile this thread takes its requests from what was set aside, until only `kept` are left of it."""
        before = self._thread.hold, self._thread.kept
        self._thread.hold, self._thread.kept = hold, kept
        try:
            yield
        finally:
            self._thread.hold, self._thread.kept = before

    def release(self, hold: "Hold") -> None:
        """Give back what is left of requests that were set aside."""
        with self._lock:
            self._held -= hold.left
            hold.left = 0

    def _too_many(self, requests: int) -> OrgError | None:
        """Whether the caller allows fewer."""
        if self.allowed is None or self.spent + self._held + requests <= self.allowed:
            return None
        left = max(0, self.allowed - self.spent - self._held)
        msg = (
            f"--max-requests (SFREC_MAX_REQUESTS) is {self.allowed}: {left} left, {requests} needed; "
            "allow more, or leave the option out"
        )
        return RequestBudgetExceeded(msg)

    def _too_close(self, requests: int) -> OrgError | None:
        """Whether they would reach into what others are left."""
        usage, reserve = self._usage, self._reserve()
        if usage is None or not reserve or usage.used + self._held + requests <= usage.limit - reserve:
            return None
        msg = (
            f"the org has used {usage.used} of its {usage.limit} daily requests and the last {reserve} "
            f"are kept for other integrations: {requests} needed; try again when older requests are more than "
            "24 hours ago, or set SFREC_RESERVE_REQUESTS lower"
        )
        return DailyReserveReached(msg)

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
