"""The text that arms a fault."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.simulator.faults.kinds import KINDS, Fault, Kind

GRAMMAR = "KIND[:COUNT or SKIP+COUNT or RATE%][/AMOUNT][@METHOD PATH_PART]"

_SPEC = re.compile(
    r"(?P<kind>[a-z-]+)"
    r"(?::(?:(?:(?P<skip>\d{1,9})\+)?(?P<count>\d{1,9})|(?P<rate>\d{1,3}(?:\.\d+)?)%))?"
    r"(?:/(?P<amount>\d{1,9})(?P<unit>%|ms)?)?"
    r"(?:@(?P<method>[A-Za-z]*)(?: (?P<part>.*))?)?",
    re.ASCII,
)
_HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Spec:
    """One fault and the requests that it meets; a `rate` between 0 and 1 stands in place of `skip` and `count`."""

    text: str
    fault: Fault
    skip: int
    count: int
    rate: float | None
    amount: int
    method: str
    part: str

    @property
    def kind(self) -> Kind:
        """What the fault is."""
        return KINDS[self.fault]


def parsed(text: str) -> Iterator[Spec]:
    """The faults of a text; raises ValueError that names the one that is none, and all that there are."""
    for part in text.split(","):
        if part.strip():
            yield _one(part.strip())


def _one(text: str) -> Spec:
    try:
        return _checked(text)
    except ValueError:
        msg = f"{text!r} is no fault; write {GRAMMAR}, KIND being one of {', '.join(Fault)}"
        raise ValueError(msg) from None


def _checked(text: str) -> Spec:
    match = _SPEC.fullmatch(text)
    if match is None:
        raise ValueError(text)
    fault = Fault(match["kind"])
    kind = KINDS[fault]
    rate = None if match["rate"] is None else float(match["rate"]) / _HUNDRED
    count = int(match["count"] or "1")
    amount = kind.amount if match["amount"] is None else int(match["amount"])
    is_right = count > 0 and (rate is None or 0 < rate <= 1) and _fits(kind, match["amount"], match["unit"], amount)
    if not is_right:
        raise ValueError(text)
    method, part = (match["method"] or "").upper(), match["part"] or ""
    return Spec(text, fault, int(match["skip"] or "0"), count, rate, amount, method, part)


def _fits(kind: Kind, given: str | None, unit: str | None, amount: int) -> bool:
    """Whether the kind takes that amount."""
    if given is None:
        return True
    is_unit = unit == kind.unit if kind.unit == "%" else unit in {None, kind.unit}
    return bool(kind.unit) and is_unit and amount > 0 and (kind.unit != "%" or amount <= _HUNDRED)
