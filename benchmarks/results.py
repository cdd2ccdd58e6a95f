"""What was measured: a row a case and size, each with all of its runs."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from benchmarks.org import Traffic
from benchmarks.process import Run


@dataclass(frozen=True, slots=True)
class Floor:
    """The rows whose seconds are the least that a case can take, added up."""

    names: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As it stands in the table."""
        return " + ".join(self.names)


@dataclass(slots=True)
class Row:
    """One case at one size of the org. Of several runs the fastest counts, and the most memory."""

    case: str
    users: int
    documents: int = 0
    floor: Floor = Floor()
    records: int = 0
    is_sfrec: bool = True
    runs: list[Run] = field(default_factory=list)
    traffic: list[Traffic] = field(default_factory=list)

    @property
    def fastest(self) -> Run:
        """The run that counts."""
        return min(self.runs, key=lambda run: run.seconds)

    @property
    def seconds(self) -> float:
        """Of the fastest run."""
        return self.fastest.seconds

    @property
    def spread(self) -> float:
        """How much longer the slowest run took, as a share of the fastest."""
        return max(run.seconds for run in self.runs) / self.seconds - 1

    @property
    def us_per_user(self) -> float:
        """Microseconds a user that has a document."""
        return self.seconds / max(1, self.documents) * 1e6

    @property
    def peak_mb(self) -> float:
        """The most memory of any run."""
        return max(run.peak_mb for run in self.runs)

    @property
    def requests(self) -> int | None:
        """The most requests of any run; None for what speaks to no org."""
        return max((traffic.requests for traffic in self.traffic), default=None)

    @property
    def org_seconds(self) -> float | None:
        """The least time that the org took to answer."""
        return min((traffic.org_seconds for traffic in self.traffic), default=None)


class Results:
    """The rows by case and size, in the order in which they were first measured."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, int], Row] = {}

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows.values())

    def add(self, row: Row) -> Row:
        """Add the runs of a row to what is known of its case; the whole row."""
        known = self._rows.setdefault((row.case, row.users), row)
        if known is not row:
            known.runs += row.runs
            known.traffic += row.traffic
        return known

    def get(self, case: str, users: int) -> Row | None:
        """The row of a case, if it was measured."""
        return self._rows.get((case, users))

    def sizes(self) -> list[int]:
        """All sizes, the smallest first."""
        return sorted({row.users for row in self})

    def floor_seconds(self, row: Row) -> float | None:
        """The seconds of its floor; None when it has none or when a part was not measured."""
        parts = [self.get(name, row.users) for name in row.floor.names]
        known = [part.seconds for part in parts if part is not None]
        return sum(known) if known and len(known) == len(parts) else None

    def ratio(self, row: Row) -> float | None:
        """Its seconds as a multiple of its floor."""
        floor = self.floor_seconds(row)
        return row.seconds / floor if floor else None
