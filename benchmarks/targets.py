"""The targets: what sfrec is to hold on any machine, as ratios to a floor or as counts. Time is never a gate."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from benchmarks import cases
from benchmarks.results import Results, Row

Measure: TypeAlias = Callable[[Results, int], float | None]


@dataclass(frozen=True, slots=True)
class Target:
    """One sentence, the figure that it limits, and the size at which it is meant."""

    sentence: str
    limit: float
    measure: Measure
    users: int
    is_scalable: bool = True
    is_at_least: bool = False
    unit: str = "x"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a target measured at which size; None where it was not measured."""

    target: Target
    users: int
    value: float | None

    @property
    def word(self) -> str:
        """holds, misses, not measured, or the size that it is meant for."""
        if self.value is None:
            return "not measured"
        if self.users != self.target.users:
            return f"meant for {self.target.users:,}"
        limit = self.target.limit
        return "holds" if (self.value >= limit if self.target.is_at_least else self.value <= limit) else "misses"

    @property
    def shown(self) -> str:
        """The figure with its unit."""
        if self.value is None:
            return "-"
        return f"{self.value:.{0 if self.target.unit in _WHOLE else 2}f} {self.target.unit}"


_SMALLEST = 10_000
"""Below this the start of the program is most of the time."""

_WHOLE = ("requests", "MB", "%")


def _row(case: str, figure: Callable[[Results, Row], float | None]) -> Measure:
    def measure(results: Results, users: int) -> float | None:
        row = results.get(case, users)
        return None if row is None else figure(results, row)

    return measure


def _ratio(case: str) -> Measure:
    return _row(case, Results.ratio)


def _requests(case: str) -> Measure:
    return _row(case, lambda _, row: row.requests)


def _peak(results: Results, users: int) -> float | None:
    return max((row.peak_mb for row in results if row.users == users and row.is_sfrec), default=None)


def _growth(results: Results, users: int) -> float | None:
    """The most that the time a user has grown since 10,000, of all commands that are measured at both sizes."""
    small = {row.case: row.us_per_user for row in results if row.users == cases.QUICK_SIZE and row.is_sfrec}
    grown = [
        100 * (row.us_per_user / small[row.case] - 1)
        for row in results
        if row.users == users and row.case in small and row.case != cases.PLAN_SAMPLE
    ]
    return max(grown, default=None)


def _peer(case: str) -> Measure:
    def measure(results: Results, users: int) -> float | None:
        ours, peer = results.get(case, users), results.get(cases.OCTODNS, users)
        if ours is None or peer is None:
            return None
        return (peer.seconds / peer.records) / (ours.seconds / ours.records)

    return measure


_PLAN = "plan of 100,000 in sync"
_BESIDE = "beside bare parse + bare fetch"
TARGETS = (
    Target(f"{_PLAN}, cold, {_BESIDE}", 1.0, _ratio(cases.PLAN_COLD), 100_000),
    Target(f"{_PLAN}, warm, {_BESIDE}", 0.35, _ratio(cases.PLAN_WARM), 100_000),
    Target("validate 100,000 one-user files, cold, beside bare parse", 0.8, _ratio(cases.VALIDATE_COLD), 100_000),
    Target("validate 100,000 one-user files, warm, beside bare parse", 0.15, _ratio(cases.VALIDATE_WARM), 100_000),
    Target("growth of the time a user from 10,000 to 1,000,000", 10, _growth, 1_000_000, is_scalable=False, unit="%"),
    Target("peak memory at 1,000,000", 2560, _peak, 1_000_000, is_scalable=False, unit="MB"),
    Target("peak memory at 100,000", 350, _peak, 100_000, is_scalable=False, unit="MB"),
    Target("records a second beside octoDNS, cold", 8, _peer(cases.PLAN_COLD), 100_000, is_at_least=True),
    Target("records a second beside octoDNS, warm", 8, _peer(cases.PLAN_WARM), 100_000, is_at_least=True),
    Target(f"requests of a {_PLAN}, by REST", 60, _requests(cases.PLAN_REST), 100_000, unit="requests"),
    Target(f"requests of a {_PLAN}, by Bulk", 15, _requests(cases.PLAN_BULK), 100_000, unit="requests"),
    Target(
        "requests of a plan of 100 in an org of 1,000,000",
        8,
        _requests(cases.PLAN_SAMPLE),
        1_000_000,
        unit="requests",
    ),
    Target("requests of an apply of 10,000 upgrades", 60, _requests(cases.APPLY), 10_000, unit="requests"),
    Target("sfrec --version beside a bare typer program", 1.3, _ratio(cases.VERSION), 0),
    Target("sfrec --help beside a bare typer program", 1.3, _ratio(cases.HELP), 0),
)


def verdicts(results: Results) -> list[Verdict]:
    """Every target at its own size, or where that was not measured at a smaller one that still tells."""
    return [_verdict(target, results) for target in TARGETS]


def _verdict(target: Target, results: Results) -> Verdict:
    sizes = [users for users in results.sizes() if target.is_scalable and _SMALLEST <= users < target.users]
    for users in (target.users, *reversed(sizes)):
        value = target.measure(results, users)
        if value is not None:
            return Verdict(target, users, value)
    return Verdict(target, target.users, None)
