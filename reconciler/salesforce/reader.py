"""Reading an org. A Reader has no method that writes a record, and planning holds nothing else."""

import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from io import StringIO
from typing import Any, TypeAlias

from reconciler.errors import IncompleteRead, RequestRefused
from reconciler.salesforce import soql
from reconciler.salesforce.column_type import Cell, ColumnTypes, typed
from reconciler.salesforce.insist import insist
from reconciler.salesforce.job import job_of, wait_for
from reconciler.salesforce.retry import Patience
from reconciler.salesforce.session import Session, decoded

__all__ = ["Cell", "Json", "Reader", "Row", "Select"]

Json: TypeAlias = Any
"""A decoded JSON value; numbers are Decimal."""

Row: TypeAlias = Mapping[str, Cell]
"""Column path (`Profile.UserLicense.Name`) -> value; a missing parent makes all of its columns None."""

_URI_BUDGET = 14_000
"""Bytes of a query URI; URI and headers together may have 16,384 (414 and 431 above that)."""

_JOB_BUDGET = 95_000
"""Characters of a query job's SOQL; 100,000 are allowed."""

_REST_REQUESTS = 3
"""Up to so many query requests are cheaper than a job, which takes at least three."""

_JOB_PAGE = 50_000
"""Rows of one page of a job's results."""


@dataclass(frozen=True, slots=True)
class Select:
    """What to read: an sObject and its columns."""

    sobject: str
    columns: tuple[str, ...]

    def text(self) -> str:
        """The query without its condition."""
        return f"SELECT {','.join(map(soql.path, self.columns))} FROM {soql.path(self.sobject)}"


@dataclass
class Reader:
    """Queries an org; repeats what failed on its way, and proves that all rows came."""

    session: Session
    patience: Patience = field(default_factory=Patience)
    _described: dict[str, Json] = field(default_factory=dict, init=False, repr=False)

    @property
    def requests(self) -> int:
        """API requests sent so far over this session."""
        return self.session.requests

    def query(self, select: Select, where: str = "") -> Iterator[Row]:
        """All rows of one query, page by page; raises IncompleteRead when others come than the org counted."""
        page = _Page.of(self._get("query", params={"q": f"{select.text()} {where}".strip()}))
        seen = 0
        while True:
            for record in page.records:
                seen += 1
                yield {column: _value(record, column.split(".")) for column in select.columns}
            if page.next is None:
                break
            page = _Page.of(self._get(f"query/{page.next}"))
        _prove(select, page.total, seen)

    def query_by(self, select: Select, by: str, values: Collection[str]) -> Iterator[Row]:
        """All rows whose column `by` is one of the values; by REST, or by query jobs when the list is long.

        Values that differ in case only may be one to the org: a row with an `Id` comes once all the same.
        """
        condition = f"WHERE {soql.path(by)} IN "
        values = sorted(set(values))
        budget = _URI_BUDGET - soql.encoded_size(f"{select.text()} {condition}")
        lists = list(soql.in_lists(values, budget, encoded=True))
        ask = self.query
        if len(lists) > _REST_REQUESTS:
            ask = self._query_job
            lists = list(soql.in_lists(values, _JOB_BUDGET - len(select.text()) - len(condition), encoded=False))
        seen: set[Cell] = set()
        for listed in lists:
            for row in ask(select, f"{condition}{listed}"):
                if (id_ := row.get("Id")) not in seen:
                    yield row
                if id_ is not None:
                    seen.add(id_)

    def describe(self, sobject: str) -> Json:
        """The describe result of an sObject; asked for once."""
        if sobject not in self._described:
            self._described[sobject] = self._get(f"sobjects/{soql.path(sobject)}/describe")
        return self._described[sobject]

    def _query_job(self, select: Select, where: str = "") -> Iterator[Row]:
        types = ColumnTypes(self.describe).of(select.sobject, select.columns)
        body = {"operation": "query", "query": f"{select.text()} {where}"}
        # Creating a query job twice costs a job and changes nothing, so it may be repeated.
        path = f"jobs/query/{job_of(insist(self.session, self.patience, 'POST', 'jobs/query', json=body))['id']}"
        job = wait_for(lambda: job_of(insist(self.session, self.patience, "GET", path)), self.patience.sleep)
        if job["state"] != "JobComplete":
            raise RequestRefused(200, "QUERY_JOB_FAILED", str(job.get("errorMessage") or job["state"]))
        seen = 0
        for cells in self._pages(path, select):
            seen += 1
            yield {column: typed(cell, types[column]) for column, cell in cells.items()}
        _prove(select, int(job["numberRecordsProcessed"]), seen)

    def _pages(self, path: str, select: Select) -> Iterator[Mapping[str, str]]:
        """The rows of a finished job; each page begins with the names of the columns."""
        names = {column.lower(): column for column in select.columns}
        locator: str | None = None
        while locator != "null":
            params = {"maxRecords": str(_JOB_PAGE), **({"locator": locator} if locator else {})}
            response = insist(self.session, self.patience, "GET", f"{path}/results", params=params)
            rows = csv.reader(StringIO(response.content.decode("utf-8"), newline=""))
            header = [names.get(name.lower(), name) for name in next(rows, [])]
            if sorted(header) != sorted(select.columns):
                msg = f"{select.sobject}: the org's answer has other columns than were asked for"
                raise IncompleteRead(msg)
            for row in rows:
                yield dict(zip(header, row, strict=True))
            locator = response.headers.get("Sforce-Locator", "null")

    def _get(self, path: str, **options: Any) -> Json:
        return decoded(insist(self.session, self.patience, "GET", path, **options))


@dataclass(frozen=True, slots=True)
class _Page:
    """One page of a query; `next` is the locator of the following one."""

    total: int
    records: Sequence[Mapping[str, Json]]
    next: str | None

    @classmethod
    def of(cls, answer: Json) -> "_Page":
        try:
            following = None if answer["done"] else str(answer["nextRecordsUrl"]).rpartition("/")[2]
            return cls(int(answer["totalSize"]), answer["records"], following)
        except (KeyError, TypeError, ValueError):
            msg = "the org's answer is no query result; nothing is planned from it"
            raise IncompleteRead(msg) from None


def _prove(select: Select, total: int, seen: int) -> None:
    if total != seen:
        msg = (
            f"{select.sobject}: the org counts {total} records but sent {seen}; nothing is planned from a partial read"
        )
        raise IncompleteRead(msg)


def _value(record: Mapping[str, Json] | None, path: Sequence[str]) -> Cell:
    found: Json = record
    for name in path:
        if found is None:
            return None
        # Salesforce spells a field in its own way, whatever the query's.
        found = found[name] if name in found else {key.lower(): item for key, item in found.items()}[name.lower()]
    return found if found is None or isinstance(found, (str, bool, Decimal)) else str(found)
