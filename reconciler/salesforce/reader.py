"""Reading an org. A Reader has no method that writes a record, and planning holds nothing else."""

import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from io import StringIO
from typing import Any, TypeAlias

from reconciler.errors import ConnectionFailed, IncompleteRead, RequestRefused
from reconciler.salesforce import soql
from reconciler.salesforce.job import wait_for
from reconciler.salesforce.retry import Patience, Verdict, judge
from reconciler.salesforce.session import NoAnswer, Session

Json: TypeAlias = Any
"""A decoded JSON value; numbers are Decimal."""

Cell: TypeAlias = str | bool | Decimal | None
Row: TypeAlias = Mapping[str, Cell]
"""Column path (`Profile.UserLicense.Name`) -> value; a missing parent makes all of its columns None."""

_URI_BUDGET = 14_000
"""Bytes of a query URI; URI and headers together may have 16,384 (414 and 431 above that)."""

_JOB_BUDGET = 95_000
"""Characters of a query job's SOQL; 100,000 are allowed."""

_REST_REQUESTS = 3
"""Up to so many query requests are cheaper than a job, which takes at least three."""

_TEXT = frozenset({"Id", "Name", "Username", "Email", "FirstName", "LastName", "Title", "Phone", "MobilePhone"})
_BOOLEAN = frozenset({"IsActive"})


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

    @property
    def requests(self) -> int:
        """API requests sent so far over this session."""
        return self.session.requests

    def query(self, select: Select, where: str = "") -> Iterator[Row]:
        """All rows of one query, page by page; raises IncompleteRead when fewer come than the org counted."""
        page = self._get("query", params={"q": f"{select.text()} {where}".strip()})
        total, seen = int(page["totalSize"]), 0
        while True:
            for record in page["records"]:
                seen += 1
                yield {column: _cell(record, column.split(".")) for column in select.columns}
            if page["done"]:
                break
            page = self._get(f"query/{str(page['nextRecordsUrl']).rpartition('/')[2]}")
        _prove(select, total, seen)

    def query_by(self, select: Select, by: str, values: Collection[str]) -> Iterator[Row]:
        """All rows whose column `by` is one of the values; by REST, or by query jobs when the list is long."""
        values = sorted(set(values))
        budget = _URI_BUDGET - soql.encoded_size(f"{select.text()} WHERE {by} IN ")
        lists = list(soql.in_lists(values, budget, encoded=True))
        if len(lists) <= _REST_REQUESTS:
            for listed in lists:
                yield from self.query(select, f"WHERE {soql.path(by)} IN {listed}")
            return
        for listed in soql.in_lists(values, _JOB_BUDGET - len(select.text()), encoded=False):
            yield from self._query_job(select, f"WHERE {soql.path(by)} IN {listed}")

    def describe(self, sobject: str) -> Json:
        """The describe result of an sObject."""
        return self._get(f"sobjects/{soql.path(sobject)}/describe")

    def _query_job(self, select: Select, where: str) -> Iterator[Row]:
        types = self._types(select)
        body = {"operation": "query", "query": f"{select.text()} {where}"}
        # Creating a query job twice costs a job and changes nothing, so it may be repeated.
        job = self._repeated("POST", "jobs/query", json=body)
        path = f"jobs/query/{job['id']}"
        finished = wait_for(lambda: self._get(path), self.patience.sleep)
        if finished["state"] != "JobComplete":
            raise RequestRefused(200, "QueryJobFailed", str(finished.get("errorMessage") or finished["state"]))
        seen, locator = 0, ""
        while locator != "null":
            params = {"maxRecords": "50000", **({"locator": locator} if locator else {})}
            response = self._response("GET", f"{path}/results", params=params)
            rows = csv.reader(StringIO(response.content.decode("utf-8"), newline=""))
            names = next(rows, [])
            for row in rows:
                seen += 1
                yield {name: _typed(cell, types[name]) for name, cell in zip(names, row, strict=True)}
            locator = response.headers.get("Sforce-Locator", "null")
        _prove(select, int(finished["numberRecordsProcessed"]), seen)

    def _types(self, select: Select) -> Mapping[str, str]:
        """Column -> field type: a job's CSV has text only. The org is asked only for fields that are not known here."""
        found: dict[str, str] = {}
        for column in select.columns:
            parents, _, name = column.rpartition(".")
            if name in _TEXT or name.endswith("Id"):
                found[column] = "string"
            elif name in _BOOLEAN:
                found[column] = "boolean"
            else:
                found[column] = self._described(parents.rpartition(".")[2] or select.sobject, name)
        return found

    def _described(self, sobject: str, name: str) -> str:
        fields = self.describe(sobject)["fields"]
        return next((str(f["type"]) for f in fields if str(f["name"]).lower() == name.lower()), "string")

    def _get(self, path: str, **options: Any) -> Json:
        return self._repeated("GET", path, **options)

    def _repeated(self, method: str, path: str, **options: Any) -> Json:
        return self._response(method, path, **options).json(parse_float=Decimal, parse_int=Decimal)

    def _response(self, method: str, path: str, **options: Any) -> Any:
        """A request that changes no record may be repeated whatever became of it."""
        last: ConnectionFailed | RequestRefused | None = None
        for _ in self.patience.waits():
            try:
                return self.session.send(method, path, **options)
            except NoAnswer as lost:
                last = lost
            except RequestRefused as refused:
                if judge(refused.code, refused.message, refused.status) is Verdict.REFUSED:
                    raise
                last = refused
        raise last or ConnectionFailed("no try was left")


def _prove(select: Select, total: int, seen: int) -> None:
    if total != seen:
        msg = (
            f"{select.sobject}: the org counts {total} records but sent {seen}; nothing is planned from a partial read"
        )
        raise IncompleteRead(msg)


def _cell(record: Mapping[str, Json] | None, path: Sequence[str]) -> Cell:
    value: Json = record
    for name in path:
        if value is None:
            return None
        value = value[name]
    return value  # type: ignore[no-any-return]


def _typed(cell: str, kind: str) -> Cell:
    """A CSV cell as the value that a query's JSON has for it; an empty cell is null."""
    if not cell:
        return None
    if kind == "boolean":
        return cell == "true"
    return Decimal(cell) if kind in {"double", "int", "currency", "percent"} else cell
