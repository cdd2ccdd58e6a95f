"""Who hears of what happens during an apply: the journal first, then the event stream, then the person."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from reconciler.cli.progress import progress
from reconciler.errors import UsageError
from reconciler.model import Event, Plan, RunRecord

if TYPE_CHECKING:
    from reconciler.apply import Journal


class Stream:
    """Writes JSON lines to a file, each as soon as it happens; to none when no file was asked for."""

    def __init__(self, path: Path | None) -> None:
        try:
            self._file = path.open("w", encoding="utf-8", buffering=1) if path else None
        except OSError as error:
            msg = f"{path} can't be written: {error.strerror}; nothing was sent"
            raise UsageError(msg) from error

    def begun(self, plan: Plan, run: str) -> None:
        """Tell that a run begins."""
        from reconciler.render import begun_line

        self._write(begun_line(plan.org, run, len(plan.steps), _now()))

    def note(self, event: Event) -> None:
        """Tell of an event."""
        from reconciler.render import event_line

        if self._file is not None:
            self._write(event_line(event, _now()))

    def ended(self, record: RunRecord) -> None:
        """Tell that the run is over."""
        from reconciler.render import ended_line

        self._write(ended_line(record, _now()))
        if self._file is not None:
            self._file.close()

    def _write(self, line: str) -> None:
        if self._file is not None:
            self._file.write(line)


@contextmanager
def watching(plan: Plan, journal: "Journal", stream: Stream) -> Iterator[Callable[[Event], None]]:
    """One listener for all, who may be told by several threads."""
    lock = Lock()
    with progress(plan) as shown:

        def note(event: Event) -> None:
            journal.note(event)
            with lock:
                stream.note(event)
                shown.note(event)

        yield note


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
