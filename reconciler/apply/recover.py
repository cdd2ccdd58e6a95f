"""What applies that were killed have left behind: found again and ended, before anything new is planned.

A job that was created but not closed is aborted, and so never runs; one that runs is waited for. What became of the
changes that were under way is then read from the org and written into the journal of the run that was killed.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path

from reconciler.apply.control import Control
from reconciler.apply.journal import Journal
from reconciler.apply.look import Look
from reconciler.apply.record import Known
from reconciler.apply.run import Org
from reconciler.apply.runs import read_run, run_ids
from reconciler.apply.settle import Settling
from reconciler.errors import UsageError
from reconciler.model import Outcome, Result, RunRecord, Settled, Step, Waiting
from reconciler.salesforce import RowOutcome
from reconciler.salesforce.abandoned import end_job


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was found of one killed run: jobs that were ended, and what became of changes that were under way."""

    run: str
    jobs: int
    done: int
    not_done: int


def killed(runs: Path) -> Iterator[RunRecord]:
    """The runs that were killed and that nobody has cleared up after yet.

    A run that still goes on is left to its process; one whose files can't be read is left alone.
    """
    for id_ in run_ids(runs):
        try:
            record = read_run(runs, id_)
        except UsageError:
            continue
        if record.ended is None and not record.is_going_on:
            yield record


def recover(runs: Path, records: Iterable[RunRecord], org: Org, control: Control) -> Iterator[Recovered]:
    """End what killed runs on this org have left; raises OrgError if it can't be told whether a job of theirs runs."""
    for record in records:
        yield _recovered(Journal(runs / record.id), record, org, control)


def _recovered(journal: Journal, record: RunRecord, org: Org, control: Control) -> Recovered:
    for job in record.jobs:
        end_job(org.reader.session, org.reader.patience, job, partial(_wait, control, job))
    made = {
        result.change.address: result.id
        for result in record.results
        if result.outcome is Outcome.DONE and result.id is not None
    }
    settling = Settling(Look(org.reader, Known(record.plan, made)), control)
    counts = {True: 0, False: 0}
    for step, results in _settled(record, settling, control):
        journal.note(Settled(step, results))
        for result in results:
            counts[result.outcome is Outcome.DONE] += 1
    journal.end(by="a later apply")
    return Recovered(record.id, len(record.jobs), counts[True], counts[False])


def _wait(control: Control, job: str, seconds: float) -> None:
    control.note(Waiting(f"how job {job} ends", seconds))
    control.wait(seconds)


def _settled(record: RunRecord, settling: Settling, control: Control) -> Iterator[tuple[Step, tuple[Result, ...]]]:
    """What became of the changes that were under way, by step."""
    for step, group in groupby(record.pending, key=lambda item: item.step):
        pending = list(group)
        age = time.time() - max(item.sent for item in pending)
        left = min(max(control.settle_seconds - age, 0.0), control.settle_seconds)
        found = settling.found(step, [item.change for item in pending], left)
        absent = RowOutcome(Outcome.FAILED, message="the run was killed before this was done")
        unknown = RowOutcome(Outcome.UNKNOWN, message="the run was killed, and the org does not show this done")
        rows = [(item.change, found.get(item.change.address, unknown) or absent) for item in pending]
        yield (
            step,
            tuple(
                Result(step.number, change, row.outcome, row.id or change.id, row.code, row.message)
                for change, row in rows
            ),
        )
