"""One Bulk API 2.0 ingest job: created, uploaded, closed, read.

Source: https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/bulk_api_2_0_ingest.htm
"""

import csv
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO, TextIOWrapper
from typing import TYPE_CHECKING, Any

from reconciler.errors import OrgError, RequestRefused
from reconciler.model import Outcome
from reconciler.salesforce.budget import Hold
from reconciler.salesforce.insist import insist
from reconciler.salesforce.job import job_of
from reconciler.salesforce.outcome import Attempt, RowOutcome, is_unclear, refused, unknown, unsent
from reconciler.salesforce.retry import Patience
from reconciler.salesforce.session import NotSent, Session
from reconciler.salesforce.table import Part

if TYPE_CHECKING:
    from requests import Response

_FILES = 3
"""Result files of a job, at most: successful, failed and unprocessed rows."""

REQUESTS = 3 + 6 + _FILES
"""What a job is sure to have before it is begun: create, upload, close, six polls, the result files."""


_NOT_READ = ("InvalidBatch", "LineEnding")
"""What the message of a job begins with whose file could not be read as CSV; none of its rows was written."""


class _Unclear(OrgError):
    """It can't be told whether the job runs."""


@dataclass
class IngestJob:
    """One ingest job and the requests that were set aside for it; `id` is empty until it is created."""

    session: Session
    patience: Patience
    hold: Hold
    note: Callable[[str], None]
    id: str = field(default="", init=False)
    _is_zipped: bool = field(default=False, init=False)

    def start(self, sobject: str, operation: str, part: Part) -> Attempt | None:
        """Create, upload and close; the attempt of every row when the job does not run, or may not."""
        self._is_zipped = part.body.is_zipped
        try:
            self._create(sobject, operation)
            self._send("PUT", "/batches", **part.body.options())
            self._close()
        except _Unclear as error:
            return unknown(str(error))
        except OrgError as error:
            with suppress(OrgError):
                self.abort()
            return _not_run(error)
        return None

    def abort(self) -> None:
        """Stop the job, if there is one; rows that are written stay written."""
        if self.id:
            self._send("PATCH", json={"state": "Aborted"})

    def read(self) -> Mapping[str, Any]:
        """The job's state and counters; what its result files take stays set aside."""
        return job_of(self._insist("GET", kept=_FILES))

    def outcomes(self, finished: Mapping[str, Any], rows: int) -> Iterator[tuple[Mapping[str, str], Attempt]]:
        """Result rows and their attempts; only those files are asked for that the counters say have rows."""
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

    def is_not_unzipped(self, finished: Mapping[str, Any]) -> bool:
        """Whether the job failed as a whole at its file, which was compressed: then it is worth a try without.

        That Salesforce unzips requests is documented for the REST API, but not for uploads in particular.
        """
        told = str(finished.get("errorMessage") or "")
        is_unread = finished["state"] == "Failed" and int(finished["numberRecordsProcessed"]) == 0
        return self._is_zipped and is_unread and told.startswith(_NOT_READ)

    def _create(self, sobject: str, operation: str) -> None:
        """Create the job; a second one by a repeated request stays empty and harms nobody."""
        body = {"object": sobject, "operation": operation, "contentType": "CSV", "lineEnding": "LF"}
        self.id = str(job_of(self._insist("POST", json=body))["id"])
        self.note(self.id)

    def _close(self) -> None:
        """Let the job run; raises _Unclear when it can't be told whether it does, else it does not."""
        try:
            self._send("PATCH", json={"state": "UploadComplete"})
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

    def _file(self, name: str) -> Iterator[Mapping[str, str]]:
        response = self._insist("GET", f"/{name}")
        # The API names no charset, and HTTP's default would be the wrong one: it is UTF-8.
        yield from csv.DictReader(TextIOWrapper(BytesIO(response.content), "utf-8", newline=""))

    def _send(self, method: str, below: str = "", **options: Any) -> "Response":
        with self.hold.drawn():
            return self.session.send(method, self._path(below), **options)

    def _insist(self, method: str, below: str = "", *, kept: int = 0, **options: Any) -> "Response":
        with self.hold.drawn(kept):
            return insist(self.session, self.patience, method, self._path(below), **options)

    def _path(self, below: str) -> str:
        return f"jobs/ingest/{self.id}{below}" if self.id else "jobs/ingest"


def _not_run(error: OrgError) -> Attempt:
    """Until it is closed a job writes nothing, so that whatever failed may be tried again with a new job."""
    if not is_unclear(error):
        return unsent(error)
    code = error.code if isinstance(error, RequestRefused) else None
    return Attempt(RowOutcome(Outcome.FAILED, None, code, f"the job was not started: {error}"), may_repeat=True)


def _error(text: str) -> tuple[str, str]:
    """`CODE:message:fields --` as code and message."""
    code, _, rest = text.partition(":")
    message, _, _ = rest.rpartition(":")
    return code, message or rest
