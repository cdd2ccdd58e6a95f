"""The faults that are armed, and those that requests have met."""

import hashlib
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reconciler.simulator.faults.kinds import KINDS, Fault, Moment
from reconciler.simulator.faults.spec import Spec, parsed

_LOGIN = ("/services/oauth2/", "/id/")
_REMEMBERED = 1000
"""Faults that were met which are still told of."""

_SPAN = 2**64


@dataclass(frozen=True, slots=True)
class Met:
    """A fault that a request has met; `dice` begins whatever is decided by chance about it."""

    fault: Fault
    amount: int
    dice: tuple[object, ...]

    def chance(self, *about: object) -> float:
        """A number from 0 up to 1, always the same for the same request of the same session."""
        return chance(*self.dice, *about)


def chance(*about: object) -> float:
    """A number from 0 up to 1 that depends on nothing but what it is about."""
    digest = hashlib.blake2b(repr(about).encode(), digest_size=8).digest()
    return int.from_bytes(digest) / _SPAN


@dataclass(slots=True)
class _Armed:
    """A spec; `number` is its place among all that were ever armed, `seen` counts requests that it could have met."""

    spec: Spec
    number: int
    seen: int = 0

    def is_for(self, method: str, path: str) -> bool:
        if not self.spec.part and path.startswith(_LOGIN):
            return False
        return self.spec.method in {"", method} and self.spec.part in path

    def strikes(self, seed: int) -> Met | None:
        """Whether it meets this request, which is one that it could meet."""
        ordinal, spec = self.seen, self.spec
        dice = (seed, self.number, ordinal)
        self.seen += 1
        is_due = spec.skip <= ordinal < spec.skip + spec.count if spec.rate is None else chance(*dice) < spec.rate
        return Met(spec.fault, spec.amount, dice) if is_due else None

    def shown(self) -> Mapping[str, Any]:
        spec = self.spec
        left = min(spec.count, max(0, spec.skip + spec.count - self.seen))
        often = {"left": left} if spec.rate is None else {"rate": spec.rate}
        return {"kind": spec.fault.value, "spec": spec.text, "method": spec.method, "path": spec.part, **often}


class Faults:
    """The faults that are still to come; safe for many threads."""

    def __init__(self, spec: str = "", seed: int = 0) -> None:
        self._lock = threading.Lock()
        self._armed: list[_Armed] = []
        self._met: deque[Mapping[str, Any]] = deque(maxlen=_REMEMBERED)
        self._requests = self._ever_armed = 0
        self.seed = seed
        self.remembered: Mapping[str, Any] = {}
        self.arm(spec)

    def remember(self, licenses: Mapping[str, Any]) -> None:
        """Keep UsedLicenses by the Ids of licenses."""
        self.remembered = licenses

    def arm(self, spec: str) -> frozenset[Moment]:
        """Add faults to those that are armed, and tell when they are met; raises ValueError, and then adds none."""
        specs = list(parsed(spec))
        with self._lock:
            self._armed += [_Armed(item, self._ever_armed + at) for at, item in enumerate(specs)]
            self._ever_armed += len(specs)
        return frozenset(item.kind.meets for item in specs)

    def disarm(self) -> None:
        """No fault is armed any more; those that were met are remembered."""
        with self._lock:
            self._armed.clear()

    def encounter(self, method: str, path: str) -> "Encounter":
        """What a request that has just come is going to meet."""
        with self._lock:
            self._requests += 1
            return Encounter(self, self._requests, method, path)

    def meet(self, encounter: "Encounter", moment: Moment) -> Met | None:
        """The fault that a request meets at that moment; using it up."""
        if not self._armed:
            return None
        with self._lock:
            for armed in self._armed:
                if armed.spec.kind.meets is moment and armed.is_for(encounter.method, encounter.path):
                    met = armed.strikes(self.seed)
                    if met is not None:
                        self._remember(met, encounter)
                        return met
        return None

    def _remember(self, met: Met, encounter: "Encounter") -> None:
        self._met.append(
            {
                "kind": met.fault.value,
                "request": encounter.ordinal,
                "method": encounter.method,
                "path": encounter.path,
            }
        )

    def is_armed(self, *moments: Moment) -> bool:
        """Whether a request can meet a fault at one of these moments."""
        with self._lock:
            return any(armed.spec.kind.meets in moments for armed in self._armed)

    def shown(self) -> Mapping[str, Any]:
        """What is armed and what was met, as JSON; the ordinal of a request counts all requests of this server."""
        with self._lock:
            return {
                "seed": self.seed,
                "requests": self._requests,
                "armed": [armed.shown() for armed in self._armed],
                "met": list(self._met),
            }


@dataclass(slots=True)
class Encounter:
    """One request and the one fault that it meets, if any."""

    faults: Faults
    ordinal: int
    method: str
    path: str
    met: Met | None = None
    rows: int = 0
    _asked: set[Moment] = field(default_factory=set)

    def at(self, moment: Moment) -> Met | None:
        """The fault that the request meets at that moment, however often it is asked; one that met another has none."""
        if moment not in self._asked:
            self._asked.add(moment)
            if self.met is None:
                self.met = self.faults.meet(self, moment)
                return self.met
        return self.met if self.met is not None and KINDS[self.met.fault].meets is moment else None
