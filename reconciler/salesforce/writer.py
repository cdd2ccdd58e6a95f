"""Writing records: what is known not to have happened is tried again, what may have happened is never created twice."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from reconciler.errors import LoginFailed, RequestRefused
from reconciler.model import Outcome, Via
from reconciler.salesforce.ingest import ingest
from reconciler.salesforce.outcome import Attempt, Record, RowOutcome, refused
from reconciler.salesforce.retry import Patience, Verdict, judge
from reconciler.salesforce.session import NoAnswer, Session

COLLECTION_SIZE = 200
"""Records of one sObject Collections request.

Source: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections.htm
"""

JOB_SIZE = 100_000
"""Records of one job; keeps the upload well below its 100 MB."""

Records: TypeAlias = Sequence[Record]


class _Send(Protocol):
    """Sends records once; one attempt a record, in order."""

    def __call__(self, session: Session, sobject: str, records: Records, *, is_update: bool) -> list[Attempt]: ...


@dataclass
class Writer:
    """Creates and updates records of an org."""

    session: Session
    patience: Patience = field(default_factory=Patience)

    def create(self, sobject: str, records: Records, via: Via) -> Iterator[RowOutcome]:
        """Create records; one outcome each, in order. A create whose answer was lost is UNKNOWN and not repeated."""
        yield from self._write(sobject, records, via, is_update=False)

    def update(self, sobject: str, records: Records, via: Via) -> Iterator[RowOutcome]:
        """Update records by their `Id`; one outcome each, in order. Fixed values by Id may be sent again."""
        yield from self._write(sobject, records, via, is_update=True)

    def _write(self, sobject: str, records: Records, via: Via, *, is_update: bool) -> Iterator[RowOutcome]:
        send, size = (ingest, JOB_SIZE) if via is Via.BULK else (_collection, COLLECTION_SIZE)
        for start in range(0, len(records), size):
            yield from self._patiently(send, sobject, records[start : start + size], is_update=is_update)

    def _patiently(self, send: _Send, sobject: str, records: Records, *, is_update: bool) -> list[RowOutcome]:
        """Send, then send again those rows that may be repeated, until none is left or patience ends."""
        attempts: dict[int, Attempt] = {}
        waiting = list(range(len(records)))
        for _ in self.patience.waits():
            sent = send(self.session, sobject, [records[index] for index in waiting], is_update=is_update)
            attempts |= dict(zip(waiting, sent, strict=True))
            waiting = [index for index in waiting if attempts[index].may_repeat]
            if not waiting:
                break
        return [attempts[index].row for index in range(len(records))]


def _collection(session: Session, sobject: str, records: Records, *, is_update: bool) -> list[Attempt]:
    """One sObject Collections request."""
    body = {
        "allOrNone": False,
        "records": [{"attributes": {"type": sobject}, **_named(record)} for record in records],
    }
    try:
        rows = session.json("PATCH" if is_update else "POST", "composite/sobjects", json=body)
    except NoAnswer as lost:
        return [_lost(None, str(lost), is_update=is_update)] * len(records)
    except RequestRefused as error:
        if judge(error.code, error.message, error.status) is Verdict.UNKNOWN:
            return [_lost(error.code, error.message, is_update=is_update)] * len(records)
        return [refused(error.code, error.message, error.status)] * len(records)
    except LoginFailed as error:
        return [refused("INVALID_SESSION_ID", str(error), 401)] * len(records)
    return [_attempt(row) for row in rows]


def _named(record: Record) -> Mapping[str, Any]:
    """The record as Collections names its key: `id` in lower case."""
    return {("id" if name == "Id" else name): value for name, value in record.items()}


def _lost(code: str | None, message: str, *, is_update: bool) -> Attempt:
    return Attempt(RowOutcome(Outcome.UNKNOWN, None, code, message), may_repeat=is_update)


def _attempt(row: Mapping[str, Any]) -> Attempt:
    if row["success"]:
        return Attempt(RowOutcome(Outcome.DONE, str(row["id"])))
    first = row["errors"][0]
    return refused(str(first["statusCode"]), str(first["message"]))
