"""Bulk API 2.0 ingest: one job from its creation to the outcome of each row.

Source: https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/bulk_api_2_0_ingest.htm
"""

import csv
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from io import StringIO
from typing import Any, TypeAlias

from reconciler.errors import OrgError, RequestRefused
from reconciler.model import Outcome
from reconciler.salesforce.insist import insist
from reconciler.salesforce.job import job_of, wait_for
from reconciler.salesforce.outcome import Attempt, Record, RowOutcome, is_unclear, refused, unknown, unsent
from reconciler.salesforce.retry import Patience
from reconciler.salesforce.session import NotSent, Session

NULL = "#N/A"
"""What empties a field: an empty cell leaves it as it is."""

Cells: TypeAlias = tuple[str, ...]


def ingest(
    session: Session, sobject: str, records: Sequence[Record], *, is_update: bool, patience: Patience
) -> list[Attempt]:
    """Write all records by one job; one attempt each, in order."""
    table = _Table.of(records, key="Id" if is_update else None)
    job = _Job(session, patience)
    try:
        return _run(job, sobject, table, is_update=is_update)
    except KeyboardInterrupt:
        with suppress(OrgError):
            job.abort()
        raise


def _run(job: "_Job", sobject: str, table: "_Table", *, is_update: bool) -> list[Attempt]:
    try:
        job.create(sobject, "update" if is_update else "insert")
        job.upload(table.csv())
        job.close()
    except _Unclear as error:
        return [unknown(str(error))] * len(table.rows)
    except OrgError as error:
        with suppress(OrgError):
            job.abort()
        return [_not_run(error)] * len(table.rows)
    try:
        return table.attempts(job.outcomes(len(table.rows)))
    except OrgError as error:
        return [unknown(f"job {job.id} was sent, but what became of it could not be read: {error}")] * len(table.rows)


def _not_run(error: OrgError) -> Attempt:
    """Until it is closed a job writes nothing, so that whatever failed may be tried again with a new job."""
    if not is_unclear(error):
        return unsent(error)
    code = error.code if isinstance(error, RequestRefused) else None
    return Attempt(RowOutcome(Outcome.FAILED, None, code, f"the job was not started: {error}"), may_repeat=True)


class _Unclear(OrgError):
    """It can't be told whether the job runs."""


@dataclass
class _Job:
    """One ingest job; `id` is empty until it is created."""

    session: Session
    patience: Patience
    id: str = field(default="", init=False)

    def create(self, sobject: str, operation: str) -> None:
        """Create the job; a second one by a repeated request stays empty and harms nobody."""
        body = {"object": sobject, "operation": operation, "contentType": "CSV", "lineEnding": "LF"}
        self.id = str(job_of(insist(self.session, self.patience, "POST", "jobs/ingest", json=body))["id"])

    def upload(self, content: bytes) -> None:
        """Send the rows; a job takes them once."""
        headers = {"Content-Type": "text/csv; charset=UTF-8"}
        self.session.send("PUT", f"jobs/ingest/{self.id}/batches", data=content, headers=headers)

    def close(self) -> None:
        """Let the job run; raises _Unclear when it can't be told whether it does, else it does not."""
        try:
            self.session.send("PATCH", f"jobs/ingest/{self.id}", json={"state": "UploadComplete"})
        except NotSent:
            raise
        except OrgError as error:
            if self._is_open(error):
                raise

    def _is_open(self, error: OrgError) -> bool:
        """After a lost answer: whether the job was left open, in which case it is aborted, so that it can't run."""
        try:
            is_open = str(self.read()["state"]) == "Open"
            if is_open:
                self.abort()
        except OrgError:
            msg = f"it can't be told whether job {self.id} was started: {error}"
            raise _Unclear(msg) from None
        return is_open

    def abort(self) -> None:
        """Stop the job, if there is one; rows that are written stay written."""
        if self.id:
            self.session.send("PATCH", f"jobs/ingest/{self.id}", json={"state": "Aborted"})

    def read(self) -> Mapping[str, Any]:
        """The job's state and counters."""
        return job_of(insist(self.session, self.patience, "GET", f"jobs/ingest/{self.id}"))

    def outcomes(self, rows: int) -> Iterator[tuple[Mapping[str, str], Attempt]]:
        """Result rows and their attempts; only those files are asked for that the counters say have rows."""
        finished = wait_for(self.read, self.patience.sleep)
        processed, failed = int(finished["numberRecordsProcessed"]), int(finished["numberRecordsFailed"])
        if processed > failed:
            for row in self._file("successfulResults"):
                yield row, Attempt(RowOutcome(Outcome.DONE, row["sf__Id"]))
        if failed:
            for row in self._file("failedResults"):
                yield row, refused(*_error(row["sf__Error"]))
        if processed < rows:
            reason = str(finished.get("errorMessage") or f"the job ended as {finished['state']}")
            for row in self._file("unprocessedrecords"):
                yield row, refused("BULK_JOB_FAILED", reason)

    def _file(self, name: str) -> Iterator[Mapping[str, str]]:
        response = insist(self.session, self.patience, "GET", f"jobs/ingest/{self.id}/{name}")
        # The API names no charset, and HTTP's default would be the wrong one: it is UTF-8.
        yield from csv.DictReader(StringIO(response.content.decode("utf-8"), newline=""))


@dataclass(frozen=True, slots=True)
class _Table:
    """Records as rows of text; results come back in any order and are told apart by `key`."""

    columns: Cells
    rows: tuple[Cells, ...]
    key: Cells

    @classmethod
    def of(cls, records: Sequence[Record], *, key: str | None) -> "_Table":
        """All records under the columns that any of them has."""
        columns = tuple(sorted({name for record in records for name in record}))
        rows = tuple(tuple(_cell(record[name]) if name in record else "" for name in columns) for record in records)
        return cls(columns, rows, (key,) if key else columns)

    def csv(self) -> bytes:
        """The file to upload."""
        text = StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(self.rows)
        return text.getvalue().encode()

    def attempts(self, outcomes: Iterable[tuple[Mapping[str, str], Attempt]]) -> list[Attempt]:
        """One attempt for each row; among rows that are alike each takes one of their attempts."""
        found: dict[Cells, deque[Attempt]] = {}
        for row, attempt in outcomes:
            found.setdefault(tuple(row.get(name) or "" for name in self.key), deque()).append(attempt)
        places = [self.columns.index(name) for name in self.key]
        keys = [tuple(row[place] for place in places) for row in self.rows]
        return [found[key].popleft() if found.get(key) else unknown("its job says nothing of it") for key in keys]


def _error(text: str) -> tuple[str, str]:
    """`CODE:message:fields --` as code and message."""
    code, _, rest = text.partition(":")
    message, _, _ = rest.rpartition(":")
    return code, message or rest


def _cell(value: object) -> str:
    if value is None or value == "":
        return NULL
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
