"""Bulk API 2.0 ingest: one job from its creation to the outcome of each row.

Source: https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/bulk_api_2_0_ingest.htm
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from typing import Any, TypeAlias

from reconciler.errors import OrgError, RequestRefused
from reconciler.model import Outcome
from reconciler.salesforce.job import wait_for
from reconciler.salesforce.outcome import Attempt, Record, RowOutcome, refused
from reconciler.salesforce.retry import Patience
from reconciler.salesforce.session import NoAnswer, Session

_NULL = "#N/A"

Cell: TypeAlias = str | bool | None
Cells: TypeAlias = tuple[str, ...]


def ingest(session: Session, sobject: str, records: Sequence[Record], *, is_update: bool) -> list[Attempt]:
    """Write all records by one job; one attempt each, in order. Records must differ from one another."""
    columns = sorted({name for record in records for name in record})
    rows = [tuple(_cell(record[name]) if name in record else "" for name in columns) for record in records]
    try:
        job = _upload(session, sobject, _csv(columns, rows), is_update=is_update)
    except OrgError as error:
        # Until it is closed a job writes nothing, so that whatever failed may be tried again with a new job.
        code = error.code if isinstance(error, RequestRefused) else None
        may_repeat = isinstance(error, NoAnswer)
        return [Attempt(RowOutcome(Outcome.FAILED, None, code, str(error)), may_repeat)] * len(records)
    try:
        done = _results(session, job, columns, key="Id" if is_update else None)
    except OrgError as error:
        message = f"job {job} was sent, but what became of it could not be read: {error}"
        return [Attempt(RowOutcome(Outcome.UNKNOWN, None, None, message))] * len(records)
    place = columns.index("Id") if is_update else None
    unknown = Attempt(RowOutcome(Outcome.UNKNOWN, None, None, f"job {job} says nothing of this record"))
    return [done.get((row[place],) if place is not None else row, unknown) for row in rows]


def _upload(session: Session, sobject: str, content: bytes, *, is_update: bool) -> str:
    """Create the job, send its rows, close it; the job's id."""
    body = {
        "object": sobject,
        "operation": "update" if is_update else "insert",
        "contentType": "CSV",
        "lineEnding": "LF",
    }
    job = str(session.json("POST", "jobs/ingest", json=body)["id"])
    session.send("PUT", f"jobs/ingest/{job}/batches", data=content, headers={"Content-Type": "text/csv; charset=UTF-8"})
    _close(session, job)
    return job


def _close(session: Session, job: str) -> None:
    """Close the job; when the answer is lost, its state tells whether the request arrived."""
    try:
        session.json("PATCH", f"jobs/ingest/{job}", json={"state": "UploadComplete"})
    except NoAnswer:
        if _read(session, job)["state"] == "Open":
            raise


def _read(session: Session, job: str) -> Mapping[str, Any]:
    """The job, read again as often as it takes within patience: reading is safe."""
    last: NoAnswer | None = None
    for _ in Patience().waits():
        try:
            found: Mapping[str, Any] = session.json("GET", f"jobs/ingest/{job}")
        except NoAnswer as lost:
            last = lost
        else:
            return found
    raise last or NoAnswer("no try was left")


def _results(session: Session, job: str, columns: Sequence[str], *, key: str | None) -> Mapping[Cells, Attempt]:
    """Row (or its Id) -> attempt; only those result files are asked for that have rows."""
    finished = wait_for(lambda: _read(session, job))
    processed, failed = int(finished["numberRecordsProcessed"]), int(finished["numberRecordsFailed"])
    by = (key,) if key else tuple(columns)
    found: dict[Cells, Attempt] = {}
    if processed > failed:
        for row in _file(session, job, "successfulResults"):
            found[_key(row, by)] = Attempt(RowOutcome(Outcome.DONE, row["sf__Id"]))
    if failed:
        for row in _file(session, job, "failedResults"):
            found[_key(row, by)] = refused(*_error(row["sf__Error"]))
    if finished["state"] != "JobComplete":
        reason = str(finished.get("errorMessage") or finished["state"])
        for row in _file(session, job, "unprocessedrecords"):
            found[_key(row, by)] = refused("BULK_JOB_FAILED", reason)
    return found


def _key(row: Mapping[str, str], by: Sequence[str]) -> Cells:
    return tuple(row.get(name) or "" for name in by)


def _file(session: Session, job: str, name: str) -> Iterator[Mapping[str, str]]:
    response = session.send("GET", f"jobs/ingest/{job}/{name}")
    # The API names no charset, and HTTP's default would be the wrong one: it is UTF-8.
    yield from csv.DictReader(StringIO(response.content.decode("utf-8"), newline=""))


def _error(text: str) -> tuple[str, str]:
    """`CODE:message:fields --` as code and message."""
    code, _, rest = text.partition(":")
    message, _, _ = rest.rpartition(":")
    return code, message or rest


def _csv(columns: Sequence[str], rows: Sequence[Cells]) -> bytes:
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()


def _cell(value: Cell) -> str:
    """A value as CSV has it: `#N/A` empties the field, because an empty cell leaves it as it is."""
    if value is None or value == "":
        return _NULL
    if isinstance(value, bool):
        return "true" if value else "false"
    return value
