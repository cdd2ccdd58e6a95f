"""What to read of an object, and the rows that an answer holds."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import itemgetter
from typing import Any, TypeAlias

from reconciler.errors import IncompleteRead
from reconciler.salesforce import soql
from reconciler.salesforce.column_type import Cell

Json: TypeAlias = Any
"""A decoded JSON value; numbers are Decimal."""

Row: TypeAlias = Mapping[str, Cell]
"""Column path (`Profile.UserLicense.Name`) -> value; a missing parent makes all of its columns None."""

Cells: TypeAlias = list[Cell]
"""The values of one record in the order of the columns; what a million records are read as."""


@dataclass(frozen=True, slots=True)
class Select:
    """What to read: an sObject and its columns."""

    sobject: str
    columns: tuple[str, ...]

    def text(self) -> str:
        """The query without its condition."""
        return f"SELECT {','.join(map(soql.path, self.columns))} FROM {soql.path(self.sobject)}"

    def row(self, cells: Cells) -> Row:
        """The cells under the names of their columns."""
        return dict(zip(self.columns, cells, strict=True))

    def cells(self, records: Iterable[Mapping[str, Json]]) -> Iterator[Cells]:
        """The cells of each record of an answer."""
        getters = [_getter(column) for column in self.columns]
        for record in records:
            yield [get(record) for get in getters]


def _getter(column: str) -> Callable[[Mapping[str, Json]], Cell]:
    """Looks a column up; Salesforce spells a field in its own way, whatever the query's."""
    *parents, name = column.split(".")
    quick = itemgetter(name)

    def get(record: Mapping[str, Json]) -> Cell:
        found: Json = record
        for parent in parents:
            found = _spelled(found, parent)
            if found is None:
                return None
        try:
            value = quick(found)
        except KeyError:
            value = _spelled(found, name)
        return value if value is None or isinstance(value, (str, bool, Decimal)) else str(value)

    return get


def _spelled(record: Mapping[str, Json], name: str) -> Json:
    if name in record:
        return record[name]
    return {key.lower(): item for key, item in record.items()}[name.lower()]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a query; `next` is the locator of the following one."""

    total: int
    records: Sequence[Mapping[str, Json]]
    next: str | None

    @classmethod
    def of(cls, answer: Json) -> "Page":
        """The page that an answer is; raises IncompleteRead when it is none."""
        try:
            following = None if answer["done"] else str(answer["nextRecordsUrl"]).rpartition("/")[2]
            return cls(int(answer["totalSize"]), answer["records"], following)
        except (KeyError, TypeError, ValueError):
            msg = "the org's answer is no query result; nothing is planned from it"
            raise IncompleteRead(msg) from None


def prove_complete(select: Select, total: int, seen: int) -> None:
    """Raise IncompleteRead when other rows came than the org counted."""
    if total != seen:
        msg = (
            f"{select.sobject}: the org counts {total} records but sent {seen}; nothing is planned from a partial read"
        )
        raise IncompleteRead(msg)
