"""Writing many records by Bulk API 2.0: as few jobs as hold them, all started before any is waited for.

Salesforce runs jobs side by side, so that several take as long as the longest of them.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from reconciler.errors import OrgError
from reconciler.model import Outcome
from reconciler.salesforce.ingest_job import REQUESTS, IngestJob
from reconciler.salesforce.job import FINISHED, still_running, waits
from reconciler.salesforce.outcome import Attempt, Record, RowOutcome, unknown, unsent
from reconciler.salesforce.retry import Patience
from reconciler.salesforce.session import Session
from reconciler.salesforce.table import JobSize, Part, Table


def never() -> bool:
    """Nobody asks to stop."""
    return False


def _unheard(_: str) -> None:
    pass


@dataclass(frozen=True)
class Ingest:
    """Sends records by jobs; `note_job` hears of each before it can run, `is_stopping` tells when to run no longer."""

    session: Session
    patience: Patience
    size: JobSize
    note_job: Callable[[str], None] = _unheard
    is_stopping: Callable[[], bool] = never

    def send(
        self, sobject: str, records: Sequence[Record], parents: Sequence[str], *, is_update: bool
    ) -> list[Attempt]:
        """Write all records; one attempt each, in order. `parents` are their accounts, as far as known."""
        table = Table.of(records, key="Id" if is_update else None, parents=parents)
        run = _Run(self, table)
        try:
            run.start(sobject, "update" if is_update else "insert")
            run.settle()
        except KeyboardInterrupt:
            run.abort()
            raise
        return run.attempts()


@dataclass
class _Run:
    """The jobs of one table: those under way with their rows, and what is known of the rows so far."""

    by: Ingest
    table: Table
    under_way: dict[int, tuple[IngestJob, Sequence[int]]] = field(default_factory=dict)
    settled: dict[int, Attempt] = field(default_factory=dict)
    rest: Attempt = field(default_factory=lambda: unknown("its job says nothing of it"))

    def start(self, sobject: str, operation: str) -> None:
        """Start a job for each part; after an error that ends the run the remaining rows are not sent."""
        parts = self.table.parts(self.by.size, may_zip=self.by.session.unzips_files)
        for number, part in enumerate(parts):
            failed = self._started(number, sobject, operation, part)
            if failed is None:
                continue
            self._end(number, dict.fromkeys(part.rows, failed))
            if failed.ends_run:
                self.rest = replace(failed, row=RowOutcome(Outcome.NOT_SENT, message=failed.row.message))
                return

    def _started(self, number: int, sobject: str, operation: str, part: Part) -> Attempt | None:
        """Start one job, if the requests that it takes are left; the attempt of its rows when it does not run."""
        budget = self.by.session.budget
        try:
            hold = budget.hold(REQUESTS)
        except OrgError as error:
            # When the jobs before this one are settled, they give back what was set aside for them.
            return replace(unsent(error), may_repeat=bool(self.under_way))
        job = IngestJob(self.by.session, self.by.patience, hold, self.by.note_job)
        self.under_way[number] = job, part.rows
        return job.start(sobject, operation, part)

    def settle(self) -> None:
        """Wait for all jobs together and read their results."""
        rows = max((len(rows) for _, rows in self.under_way.values()), default=0)
        is_stopped = False
        for wait in waits(rows):
            if not self.under_way:
                return
            if self.by.is_stopping() and not is_stopped:
                self.abort(keep=True)
                is_stopped = True
            self.by.patience.sleep(wait)
            for number in tuple(self.under_way):
                self._poll(number)
        for number, (job, rows_) in tuple(self.under_way.items()):
            self._end(number, dict.fromkeys(rows_, unknown(still_running(job.id))))

    def _poll(self, number: int) -> None:
        job, rows = self.under_way[number]
        try:
            state: Mapping[str, Any] = job.read()
            if state["state"] not in FINISHED:
                return
            if job.is_not_unzipped(state):
                self.by.session.unzips_files = False
                failed = RowOutcome(Outcome.FAILED, None, "BULK_JOB_FAILED", str(state["errorMessage"]))
                self._end(number, dict.fromkeys(rows, Attempt(failed, may_repeat=True)))
            else:
                self._end(number, dict(self.table.attempts(rows, job.outcomes(state, len(rows)))))
        except OrgError as error:
            message = f"job {job.id} was sent, but what became of it could not be read: {error}"
            self._end(number, dict.fromkeys(rows, unknown(message)))

    def _end(self, number: int, attempts: Mapping[int, Attempt]) -> None:
        """One job less; what was set aside for it is free again."""
        self.settled |= attempts
        job, _ = self.under_way.pop(number, (None, ()))
        if job is not None:
            job.hold.release()

    def abort(self, *, keep: bool = False) -> None:
        """Stop what is under way; what the org had done by then can still be read if the jobs are kept."""
        for job, _ in self.under_way.values():
            with suppress(OrgError):
                job.abort()
            if not keep:
                job.hold.release()

    def attempts(self) -> list[Attempt]:
        """What is known of each row, in order."""
        return [self.settled.get(row, self.rest) for row in range(len(self.table.records))]
