"""Bulk API 2.0 query: one job from its creation to its last row.

Source: https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/queries.htm
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper

from reconciler.errors import IncompleteRead, RequestRefused
from reconciler.salesforce.column_type import typed
from reconciler.salesforce.insist import insist
from reconciler.salesforce.job import job_of, wait_for
from reconciler.salesforce.retry import Patience
from reconciler.salesforce.select import Cells, Select, prove_complete
from reconciler.salesforce.session import Session

_PAGE = 50_000
"""Rows of one page of a job's results: some tens of megabytes at the most."""


@dataclass(frozen=True, slots=True)
class QueryJob:
    """A query that the org answers by a job; `types` are those of the columns, as a job's CSV has text only."""

    session: Session
    patience: Patience
    select: Select
    types: Mapping[str, str]
    path: str

    @classmethod
    def create(
        cls, session: Session, patience: Patience, select: Select, where: str, types: Mapping[str, str]
    ) -> "QueryJob":
        """Create the job; creating it twice, after a lost answer, costs a job and changes nothing."""
        body = {"operation": "query", "query": f"{select.text()} {where}".strip()}
        created = job_of(insist(session, patience, "POST", "jobs/query", json=body))
        return cls(session, patience, select, types, f"jobs/query/{created['id']}")

    def cells(self) -> Iterator[Cells]:
        """Wait for the job, then give its rows; raises RequestRefused when it failed, IncompleteRead for other rows."""
        job = wait_for(lambda: job_of(insist(self.session, self.patience, "GET", self.path)), sleep=self.patience.sleep)
        if job["state"] != "JobComplete":
            raise RequestRefused(200, "QUERY_JOB_FAILED", str(job.get("errorMessage") or job["state"]))
        seen = 0
        for row in self._rows():
            seen += 1
            yield row
        prove_complete(self.select, int(job["numberRecordsProcessed"]), seen)

    def _rows(self) -> Iterator[Cells]:
        locator: str | None = None
        while locator != "null":
            params = {"maxRecords": str(_PAGE), **({"locator": locator} if locator else {})}
            response = insist(self.session, self.patience, "GET", f"{self.path}/results", params=params)
            yield from self._page(response.content)
            locator = response.headers.get("Sforce-Locator", "null")

    def _page(self, content: bytes) -> Iterator[Cells]:
        """The rows of one page, which begins with the names of the columns, in the order of the select."""
        rows = csv.reader(TextIOWrapper(BytesIO(content), encoding="utf-8", newline=""))
        order = self._order(next(rows, []))
        converted = [
            (at, kind) for at, column in enumerate(self.select.columns) if (kind := self.types[column]) in _ODD
        ]
        width = len(self.select.columns)
        for row in rows:
            if len(row) != width:
                raise self._other_columns()
            ordered = row if order is None else [row[at] for at in order]
            cells: Cells = [text or None for text in ordered]
            for at, kind in converted:
                cells[at] = typed(ordered[at], kind)
            yield cells

    def _order(self, header: Sequence[str]) -> list[int] | None:
        """The place of each column in the page's rows; None when they stand in the order of the select."""
        found = [name.lower() for name in header]
        asked = [column.lower() for column in self.select.columns]
        if sorted(found) != sorted(asked):
            raise self._other_columns()
        return None if found == asked else [found.index(column) for column in asked]

    def _other_columns(self) -> IncompleteRead:
        return IncompleteRead(f"{self.select.sobject}: the org's answer has other columns than were asked for")


_ODD = frozenset({"boolean", "datetime", "double", "int", "long", "currency", "percent"})
"""Types whose text is not what a query's JSON has for them."""
