"""The journal of an apply: every intent is on the disk before it is sent, every outcome as soon as it is known.

A run is a folder `.sfrec/runs/<id>/` with `plan.json` and `journal.jsonl`, for their owner only. Lines of the journal
are JSON objects with `kind` and `at` (seconds since 1970); one that a crash cut off counts for nothing.
"""

import json
import os
import secrets
import time
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import IO

from reconciler.apply.lock import hold
from reconciler.apply.plan_file import plan_text
from reconciler.errors import UsageError
from reconciler.model import Address, BatchSent, Difference, Event, JobCreated, Plan, Settled

PLAN, JOURNAL = "plan.json", "journal.jsonl"


class Journal:
    """Writes the journal of one run; several threads may write at once."""

    def __init__(self, folder: Path) -> None:
        """Go on with the journal of a run; raises BlockingIOError while another process writes it."""
        self.id = folder.name
        self._lock = Lock()
        self._file: IO[str] = open(folder / JOURNAL, "a", encoding="utf-8", opener=_private)  # noqa: SIM115
        hold(self._file)

    @classmethod
    def begun(cls, runs: Path, plan: Plan) -> "Journal":
        """Begin a run; raises UsageError when it can't be written down."""
        folder = runs / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
        try:
            runs.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.mkdir(mode=0o700)
            with open(folder / PLAN, "w", encoding="utf-8", opener=_private) as file:
                file.write(plan_text(plan))
                _flush(file)
            journal = cls(folder)
        except OSError as error:
            msg = f"{folder} can't be written, so that nothing was sent: {error.strerror}"
            raise UsageError(msg) from error
        journal._write("begun")
        return journal

    def note(self, event: Event) -> None:
        """Write down what happens."""
        match event:
            case BatchSent(step, batch, changes):
                places = {change.address: at for at, change in enumerate(step.changes)}
                self._write("sent", step=step.number, batch=batch, rows=[places[item.address] for item in changes])
            case JobCreated(step, batch, job):
                self._write("job", step=step.number, batch=batch, job=job)
            case Settled():
                self._settled(event)
            case _:
                pass

    def _settled(self, event: Settled) -> None:
        places: dict[Address, int] = {change.address: at for at, change in enumerate(event.step.changes)}
        rows = [
            [places[result.change.address], result.outcome.value, result.id, result.code, result.message]
            for result in event.results
        ]
        self._write("settled", step=event.step.number, rows=rows)

    def verified(self, count: int, differences: tuple[Difference, ...]) -> None:
        """Write down what a fresh read showed."""
        differing = [[item.result.step, str(item.result.change.address), item.why] for item in differences]
        self._write("verified", count=count, differing=differing)

    def end(self, by: str | None = None) -> None:
        """Write down that the run is over; `by` is the run that cleared up after it."""
        self._write("ended", **({"by": by} if by else {}))
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _write(self, kind: str, **told: object) -> None:
        with self._lock:
            self._file.write(json.dumps({"kind": kind, "at": time.time(), **told}) + "\n")
            _flush(self._file)


def _flush(file: IO[str]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
