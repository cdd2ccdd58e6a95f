"""Records as the CSV files of Bulk API 2.0 jobs, and the way back from a job's result files to the records.

Source: https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/datafiles.htm
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TypeAlias

from reconciler.salesforce.body import Body
from reconciler.salesforce.outcome import Attempt, Record, unknown

NULL = "#N/A"
"""What empties a field: an empty cell leaves it as it is."""

Cells: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JobSize:
    """The largest file that one job is given, in rows and in bytes.

    Salesforce takes 150 MB when they are counted in base64, which are 100 MB of CSV; some room is left below that.
    Source: https://developer.salesforce.com/docs/atlas.en-us.salesforce_app_limits_cheatsheet.meta/salesforce_app_limits_cheatsheet/salesforce_app_limits_platform_bulkapi.htm
    """

    rows: int = 100_000
    bytes: int = 90_000_000


@dataclass(slots=True)
class Part:
    """The file of one job and the places of its rows in the table."""

    body: Body
    rows: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Table:
    """Records under the columns that any of them has.

    Results come back in any order and are told apart by `key`. `parents` names the account of each record, "" where it
    is not known. The records are never copied as text: rows are made when they are asked for.
    """

    records: Sequence[Record]
    columns: Cells
    key: Cells
    parents: Sequence[str]

    @classmethod
    def of(cls, records: Sequence[Record], *, key: str | None, parents: Sequence[str]) -> "Table":
        """All records; `key` is the column that tells them apart, None when only all together do."""
        columns = tuple(sorted({name for record in records for name in record}))
        return cls(records, columns, (key,) if key else columns, parents)

    def parts(self, size: JobSize, *, may_zip: bool) -> Iterator[Part]:
        """Cut into files, compressed where that is worth it, each made when the one before is used up.

        Rows of one parent stand in one file while they fit, because jobs run side by side and would lock it (F9.4).
        """
        line = csv.writer(_Lines(), lineterminator="\n").writerow
        header: bytes = line(self.columns)
        part = _begun(header, may_zip=may_zip)
        for group in self._groups():
            lines: list[bytes] = [line(self._cells(row)) for row in group]
            if part.rows and not _fits(part, len(lines), sum(map(len, lines)), size):
                yield part
                part = _begun(header, may_zip=may_zip)
            for row, text in zip(group, lines, strict=True):
                if part.rows and not _fits(part, 1, len(text), size):
                    yield part
                    part = _begun(header, may_zip=may_zip)
                part.body.add(text)
                part.rows.append(row)
        yield part

    def attempts(
        self, rows: Sequence[int], outcomes: Iterable[tuple[Mapping[str, str], Attempt]]
    ) -> Iterator[tuple[int, Attempt]]:
        """The attempt of each of these rows; among rows that are alike each takes one of their attempts."""
        found: dict[Cells, list[Attempt]] = {}
        for cells, attempt in outcomes:
            found.setdefault(tuple(cells.get(name) or "" for name in self.key), []).append(attempt)
        silent = unknown("its job says nothing of it")
        for row in rows:
            told = found.get(tuple(_cell(self.records[row], name) for name in self.key))
            yield row, told.pop() if told else silent

    def _groups(self) -> Iterator[Sequence[int]]:
        """The rows of each parent; a row whose parent is not known stands alone, in the order given."""
        order = sorted(range(len(self.records)), key=self.parents.__getitem__)
        for parent, rows in groupby(order, key=self.parents.__getitem__):
            if parent:
                yield tuple(rows)
            else:
                yield from ((row,) for row in rows)

    def _cells(self, row: int) -> Cells:
        return tuple(_cell(self.records[row], name) for name in self.columns)


class _Lines:
    """What a csv.writer writes to: each line is given back as bytes, and kept nowhere."""

    def write(self, text: str) -> bytes:
        return text.encode()


def _begun(header: bytes, *, may_zip: bool) -> Part:
    body = Body("text/csv; charset=UTF-8", may_zip=may_zip)
    body.add(header)
    return Part(body)


def _fits(part: Part, rows: int, more: int, size: JobSize) -> bool:
    """Whether so many more rows, of `more` bytes together, fit into the file."""
    return len(part.rows) + rows <= size.rows and part.body.size + more <= size.bytes


def _cell(record: Record, name: str) -> str:
    if name not in record:
        return ""
    value = record[name]
    if value is None or value == "":
        return NULL
    if isinstance(value, bool):
        return "true" if value else "false"
    return value
