"""Writing records: what is known not to have happened is tried again, what may have happened is never created twice."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from reconciler.errors import OrgError, RequestRefused
from reconciler.model import Outcome, Via
from reconciler.salesforce.body import json_body
from reconciler.salesforce.ingest import Ingest
from reconciler.salesforce.outcome import Attempt, Record, RowOutcome, is_unclear, refused, unknown, unsent
from reconciler.salesforce.parents import Parents
from reconciler.salesforce.retry import Patience
from reconciler.salesforce.session import Session
from reconciler.salesforce.table import NULL, JobSize

COLLECTION_SIZE = 200
"""Records of one sObject Collections request.

Source: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections.htm
"""

Records: TypeAlias = Sequence[Record]

_Send: TypeAlias = Callable[[Records], list[Attempt]]
"""Sends records once; one attempt a record, in order."""


@dataclass
class Writer:
    """Creates and updates records of an org.

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
        yield from self._write(sobject, records, via, is_update=False)

    def update(self, sobject: str, records: Records, via: Via) -> Iterator[RowOutcome]:
        """Update records by their `Id`; one outcome each, in order. Fixed values by Id may be sent again."""
        yield from self._write(sobject, records, via, is_update=True)

    def _write(self, sobject: str, records: Records, via: Via, *, is_update: bool) -> Iterator[RowOutcome]:
        send, size = self._way(sobject, records, via, is_update=is_update)
        for start in range(0, len(records), size):
            part = records[start : start + size]
            if self._ended is not None:
                yield from [RowOutcome(Outcome.NOT_SENT, None, None, self._ended)] * len(part)
                continue
            rows = self._patiently(send, part)
            self._parents.learn((record, row.id) for record, row in zip(part, rows, strict=True))
            yield from rows

    def _way(self, sobject: str, records: Records, via: Via, *, is_update: bool) -> tuple[_Send, int]:
        """How to send, and how much at once; Bulk API has no word for the text `#N/A`, which there means null."""
        if via is Via.BULK and not any(NULL in record.values() for record in records):
            ingest = Ingest(self.session, self.patience, self.job_size)
            parents = self._parents
            return (
                lambda part: ingest.send(sobject, part, [parents.of(record) for record in part], is_update=is_update),
                len(records) or 1,
            )
        return lambda part: _collection(self.session, sobject, part, is_update=is_update), COLLECTION_SIZE

    def _patiently(self, send: _Send, records: Records) -> list[RowOutcome]:
        """Send, then send again those rows that may be repeated, until none is left or patience ends."""
        attempts: dict[int, Attempt] = {}
        waiting = list(range(len(records)))
        ended: Attempt | None = None
        for _ in self.patience.waits():
            sent = send([records[index] for index in waiting])
            attempts |= {
                index: attempt.after(attempts.get(index)) for index, attempt in zip(waiting, sent, strict=True)
            }
            ended = next((attempt for attempt in sent if attempt.ends_run), None)
            waiting = [index for index in waiting if attempts[index].may_repeat]
            if not waiting or (ended is not None and not ended.may_repeat):
                break
        if ended is not None:
            self._ended = f"not sent: {ended.row.message}"
        return [attempts[index].row for index in range(len(records))]


def _collection(session: Session, sobject: str, records: Records, *, is_update: bool) -> list[Attempt]:
    """One sObject Collections request."""
    body = {
        "allOrNone": False,
        "records": [{"attributes": {"type": sobject}, **_named(record)} for record in records],
    }
    try:
        rows = session.json("PATCH" if is_update else "POST", "composite/sobjects", **json_body(body))
    except OrgError as error:
        if not is_unclear(error):
            return [unsent(error)] * len(records)
        code, message = (error.code, error.message) if isinstance(error, RequestRefused) else (None, str(error))
        return [unknown(message, code, may_repeat=is_update)] * len(records)
    if not isinstance(rows, list) or len(rows) != len(records):
        message = "the answer does not tell what became of each record"
        return [unknown(message, may_repeat=is_update)] * len(records)
    return [_attempt(row) for row in rows]


def _named(record: Record) -> Mapping[str, Any]:
    """The record as Collections names its key: `id` in lower case."""
    return {("id" if name == "Id" else name): value for name, value in record.items()}


def _attempt(row: Mapping[str, Any]) -> Attempt:
    if row.get("success") is True:
        return Attempt(RowOutcome(Outcome.DONE, str(row["id"])))
    first: Mapping[str, Any] = next(iter(row.get("errors") or ()), {})
    return refused(str(first.get("statusCode") or "UNKNOWN_EXCEPTION"), str(first.get("message") or ""))
