"""Writing records: what is known not to have happened is tried again, what may have happened is never created twice."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from reconciler.errors import OrgError
from reconciler.model import Outcome, Via
from reconciler.salesforce.apex import ApexWay
from reconciler.salesforce.body import json_body
from reconciler.salesforce.ingest import Ingest, never
from reconciler.salesforce.outcome import Attempt, Record, RowOutcome, lost, refused, unknown
from reconciler.salesforce.parents import Parents
from reconciler.salesforce.retry import Patience
from reconciler.salesforce.session import Session
from reconciler.salesforce.soap import SoapWay
from reconciler.salesforce.table import NULL, JobSize

COLLECTION_SIZE = 200
"""Records of one sObject Collections request.

Source: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections.htm
"""

Records: TypeAlias = Sequence[Record]

_Send: TypeAlias = Callable[[Records], list[Attempt]]
"""Sends records once; one attempt a record, in order."""

_MOST_PARTS = 8
"""Into so many requests, at most, rows are spread that were locked when they were sent together."""


def _unheard(_: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Batch:
    """Records that are sent together; `note_job` hears the id of each job before the job can run.

    `notify` lets mails go out, where the way knows of mails; `org_id` is needed by Apex only.
    """

    sobject: str
    records: Records
    via: Via
    is_update: bool
    notify: bool = False
    org_id: str = ""
    note_job: Callable[[str], None] = _unheard
    is_stopping: Callable[[], bool] = never


@dataclass
class Writer:
    """Creates and updates records of an org; several threads may write different records at once.

    When the org takes nothing more (daily limit, dead login, no connection), or no request is left, what follows is
    NOT_SENT.
    """

    session: Session
    patience: Patience = field(default_factory=Patience)
    job_size: JobSize = field(default_factory=JobSize)
    _ended: str | None = field(default=None, init=False, repr=False)
    _parents: Parents = field(default_factory=Parents, init=False, repr=False)

    def create(self, sobject: str, records: Records, via: Via) -> Iterator[RowOutcome]:
        """Create records; one outcome each, in order. A create whose answer was lost is UNKNOWN and not repeated."""
        yield from self._write(Batch(sobject, records, via, is_update=False))

    def update(self, sobject: str, records: Records, via: Via) -> Iterator[RowOutcome]:
        """Update records by their `Id`; one outcome each, in order. Fixed values by Id may be sent again."""
        yield from self._write(Batch(sobject, records, via, is_update=True))

    def _write(self, whole: Batch) -> Iterator[RowOutcome]:
        size = self.size(whole.via, whole.records)
        for start in range(0, len(whole.records), size):
            yield from self.send(replace(whole, records=whole.records[start : start + size]))

    def size(self, via: Via, records: Records) -> int:
        """How many records one batch may have."""
        return max(len(records), 1) if _carrier(via, records) is Via.BULK else COLLECTION_SIZE

    def send(self, batch: Batch) -> list[RowOutcome]:
        """Write one batch; one outcome a record, in order."""
        if self._ended is not None:
            return [RowOutcome(Outcome.NOT_SENT, None, None, self._ended)] * len(batch.records)
        rows = self._patiently(self._way(batch), batch.records)
        self._parents.learn((record, row.id) for record, row in zip(batch.records, rows, strict=True))
        return rows

    def delete(self, ids: Sequence[str]) -> list[RowOutcome]:
        """Delete records by id; one outcome each, in order. One that is gone already is an error of its own."""
        rows: list[RowOutcome] = []
        for start in range(0, len(ids), COLLECTION_SIZE):
            part = ids[start : start + COLLECTION_SIZE]
            rows += self._patiently(
                lambda records: _deleted(self.session, [str(record["Id"]) for record in records]),
                [{"Id": id_} for id_ in part],
            )
        return rows

    def _way(self, batch: Batch) -> _Send:
        """How the records of a batch are sent."""
        match _carrier(batch.via, batch.records):
            case Via.BULK:
                ingest = Ingest(self.session, self.patience, self.job_size, batch.note_job, batch.is_stopping)
                parents = self._parents
                return lambda part: ingest.send(
                    batch.sobject, part, [parents.of(record) for record in part], is_update=batch.is_update
                )
            case Via.SOAP:
                soap = SoapWay(self.session, notify=batch.notify)
                return lambda part: soap.send(batch.sobject, part, is_update=batch.is_update)
            case Via.APEX:
                apex = ApexWay(self.session, batch.org_id, notify=batch.notify)
                return lambda part: apex.send(batch.sobject, part, is_update=batch.is_update)
            case Via.COLLECTIONS:
                return lambda part: _collection(self.session, batch.sobject, part, is_update=batch.is_update)

    def _patiently(self, send: _Send, records: Records) -> list[RowOutcome]:
        """Send, then send again those rows that may be repeated, until none is left or patience ends.

        Rows that were locked go out in smaller and smaller requests, one after the other.
        """
        attempts: dict[int, Attempt] = {}
        waiting = list(range(len(records)))
        parts = 1
        ended: Attempt | None = None
        for _ in self.patience.waits():
            for part in _cut(waiting, parts):
                sent = send([records[index] for index in part])
                attempts |= {
                    index: attempt.after(attempts.get(index)) for index, attempt in zip(part, sent, strict=True)
                }
                ended = next((attempt for attempt in sent if attempt.ends_run), None)
                if ended is not None:
                    break
            waiting = [index for index in waiting if index not in attempts or attempts[index].may_repeat]
            if not waiting or (ended is not None and not ended.may_repeat):
                break
            parts = min(parts * 2, _MOST_PARTS) if any(attempts[index].is_locked for index in waiting) else parts
        if ended is not None:
            self._ended = f"not sent: {ended.row.message}"
        missing = RowOutcome(Outcome.NOT_SENT, None, None, self._ended)
        return [attempts[index].row if index in attempts else missing for index in range(len(records))]


def _carrier(via: Via, records: Records) -> Via:
    """The API that carries them: Bulk API has no word for the text `#N/A`, which there means null."""
    if via is Via.BULK and any(NULL in record.values() for record in records):
        return Via.COLLECTIONS
    return via


def _cut(rows: Sequence[int], parts: int) -> Iterator[Sequence[int]]:
    """The rows in so many parts, or one a row."""
    size = max(1, -(-len(rows) // parts))
    yield from (rows[start : start + size] for start in range(0, len(rows), size))


def _collection(session: Session, sobject: str, records: Records, *, is_update: bool) -> list[Attempt]:
    """One sObject Collections request that creates or updates."""
    body = {
        "allOrNone": False,
        "records": [{"attributes": {"type": sobject}, **_named(record)} for record in records],
    }
    method = "PATCH" if is_update else "POST"
    return _rows(session, method, len(records), may_repeat=is_update, **json_body(body))


def _deleted(session: Session, ids: Sequence[str]) -> list[Attempt]:
    """One sObject Collections request that deletes; it may be repeated, because what is gone can't go again."""
    params = {"ids": ",".join(ids), "allOrNone": "false"}
    return _rows(session, "DELETE", len(ids), may_repeat=True, params=params)


def _rows(session: Session, method: str, count: int, *, may_repeat: bool, **options: Any) -> list[Attempt]:
    """Send one sObject Collections request, and tell what became of each of its records."""
    try:
        rows = session.json(method, "composite/sobjects", **options)
    except OrgError as error:
        return [lost(error, may_repeat=may_repeat)] * count
    if not isinstance(rows, list) or len(rows) != count:
        message = "the answer does not tell what became of each record"
        return [unknown(message, may_repeat=may_repeat)] * count
    return [_attempt(row) for row in rows]


def _named(record: Record) -> Mapping[str, Any]:
    """The record as Collections names its key: `id` in lower case."""
    return {("id" if name == "Id" else name): value for name, value in record.items()}


def _attempt(row: Mapping[str, Any]) -> Attempt:
    if row.get("success") is True:
        return Attempt(RowOutcome(Outcome.DONE, str(row["id"])))
    first: Mapping[str, Any] = next(iter(row.get("errors") or ()), {})
    return refused(str(first.get("statusCode") or "UNKNOWN_EXCEPTION"), str(first.get("message") or ""))
