"""Reading an org. A Reader has no method that writes a record, and planning holds nothing else.

The way of a query is chosen by its size: short lists go into URIs, long ones into Composite requests, and what would
take many of those is read whole by a Bulk API 2.0 job.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import Any

from reconciler.salesforce import soql
from reconciler.salesforce.column_type import Cell, ColumnTypes
from reconciler.salesforce.composite import QUERIES, first_pages
from reconciler.salesforce.insist import insist
from reconciler.salesforce.query_job import QueryJob
from reconciler.salesforce.retry import Patience
from reconciler.salesforce.select import Cells, Json, Page, Row, Select, prove_complete
from reconciler.salesforce.session import Session, decoded

__all__ = ["Cell", "Cells", "Json", "Reader", "Reads", "Row", "Select"]

_URI_BUDGET = 14_000
"""Bytes of a query URI; URI and headers together may have 16,384 (414 and 431 above that)."""

_QUERY_BUDGET = 95_000
"""Characters of a query's SOQL; 100,000 are allowed."""

_PAGE = 2_000
"""Rows of one page of a query: so many values of a list of keys need no second page."""

_URI_LISTS = 3
"""Up to so many short queries are sent one by one."""


class Reads(StrEnum):
    """By which APIs many records are read: `rest` never by a job, `bulk` by one as soon as that saves a page."""

    AUTO = "auto"
    REST = "rest"
    BULK = "bulk"


_JOB_FROM = {Reads.AUTO: 10_000, Reads.BULK: _PAGE}
"""Rows from which on a job is worth its requests, and its wait in the org's queue."""


@dataclass
class Reader:
    """Queries an org; repeats what failed on its way, and proves that all rows came."""

    session: Session
    patience: Patience = field(default_factory=Patience)
    reads: Reads = Reads.AUTO
    _described: dict[str, Json] = field(default_factory=dict, init=False, repr=False)

    @property
    def requests(self) -> int:
        """API requests sent so far over this session."""
        return self.session.requests

    def query(self, select: Select, where: str = "") -> Iterator[Row]:
        """All rows of one query, page by page; raises IncompleteRead when others come than the org counted."""
        return map(select.row, self._cells(select, where))

    def query_by(self, select: Select, by: str, values: Collection[str]) -> Iterator[Row]:
        """All rows whose column `by` is one of the values."""
        return map(select.row, self.cells_by(select, by, values))

    def cells_by(self, select: Select, by: str, values: Collection[str]) -> Iterator[Cells]:
        """All rows whose column `by` is one of the values; by few requests, however long the list is.

        Values that differ in case only may be one to the org: a row with an `Id` comes once all the same.
        """
        rows = self._listed(select, f"WHERE {soql.path(by)} IN ", sorted(set(values)))
        if "Id" not in select.columns:
            yield from rows
            return
        at, seen = select.columns.index("Id"), set[Cell]()
        for cells in rows:
            if (id_ := cells[at]) not in seen:
                seen.add(id_)
                yield cells

    def count(self, sobject: str, where: str) -> int:
        """How many records there are."""
        text = f"SELECT COUNT() FROM {soql.path(sobject)} {where}"
        return Page.of(self._get("query", params={"q": text})).total

    def is_job_worth_it(self, rows: int) -> bool:
        """Whether so many records are better read by a job than by queries."""
        return rows > _JOB_FROM.get(self.reads, rows)

    def job(self, select: Select, where: str) -> QueryJob:
        """Start a job that reads all records of a condition; its rows can be asked for later."""
        types = ColumnTypes(self.describe).of(select.sobject, select.columns)
        return QueryJob.create(self.session, self.patience, select, where, types)

    def describe(self, sobject: str) -> Json:
        """The describe result of an sObject; asked for once."""
        if sobject not in self._described:
            self._described[sobject] = self._get(f"sobjects/{soql.path(sobject)}/describe")
        return self._described[sobject]

    def _listed(self, select: Select, condition: str, values: Sequence[str]) -> Iterator[Cells]:
        budget = _URI_BUDGET - soql.encoded_size(f"{select.text()} {condition}")
        short = list(islice(soql.in_lists(values, budget, encoded=True), _URI_LISTS + 1))
        if len(short) <= _URI_LISTS:
            for listed in short:
                yield from self._cells(select, f"{condition}{listed}")
            return
        room = _QUERY_BUDGET - len(select.text()) - len(condition)
        lists = soql.in_lists(values, room, encoded=False, most=_PAGE)
        while queries := [f"{select.text()} {condition}{listed}" for listed in islice(lists, QUERIES)]:
            for page in first_pages(self.session, self.patience, queries):
                yield from self._paged(select, page)

    def _cells(self, select: Select, where: str) -> Iterator[Cells]:
        return self._paged(select, Page.of(self._get("query", params={"q": f"{select.text()} {where}".strip()})))

    def _paged(self, select: Select, page: Page) -> Iterator[Cells]:
        """The rows of a query from its first page on."""
        total, seen = page.total, 0
        while True:
            seen += len(page.records)
            yield from select.cells(page.records)
            if page.next is None:
                break
            page = Page.of(self._get(f"query/{page.next}"))
        prove_complete(select, total, seen)

    def _get(self, path: str, **options: Any) -> Json:
        return decoded(insist(self.session, self.patience, "GET", path, **options))
