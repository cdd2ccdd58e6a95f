"""How far an apply is: a bar for each step on a terminal, else a plain line every few seconds."""

import math
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from reconciler.cli.output import say
from reconciler.model import Event, Plan, Settled, StepBegun, StepEnded, Waiting

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_SECONDS = 5.0
"""Between two plain lines of one step."""


class Shown(Protocol):
    """Shows events as they come."""

    def note(self, event: Event) -> None:
        """Show one event."""


@contextmanager
def progress(plan: Plan) -> Iterator[Shown]:
    """Show how far the plan is, on standard error."""
    if not sys.stderr.isatty():
        yield Lines(len(plan.steps))
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}", markup=False),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bars:
        yield Bars(len(plan.steps), bars)


class Count:
    """How many changes of a step are settled, and how fast."""

    def __init__(self, step: StepBegun) -> None:
        self.total = len(step.step.changes)
        self.done = 0
        self._began = time.monotonic()

    @property
    def rate(self) -> float:
        """Changes a second."""
        return self.done / max(time.monotonic() - self._began, 0.001)

    @property
    def left(self) -> float:
        """Seconds that the rest will take at this rate."""
        return (self.total - self.done) / self.rate if self.done else 0.0


class Lines:
    """Plain lines: one when a step ends, and one every few seconds on the way."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._count: Count | None = None
        self._said = time.monotonic()

    def note(self, event: Event) -> None:
        """Show one event."""
        match event:
            case StepBegun():
                self._count = Count(event)
                self._said = time.monotonic()
            case Settled(step, results) if self._count is not None:
                self._count.done += len(results)
                if time.monotonic() - self._said >= _SECONDS:
                    self._said = time.monotonic()
                    say(f"step {step.number} of {self._steps}: {_far(self._count)}")
            case StepEnded(step):
                say(f"step {step.number} of {self._steps} finished")
            case Waiting(reason, seconds):
                say(waiting_line(reason, seconds))
            case _:
                pass


class Bars:
    """A bar for each step."""

    def __init__(self, steps: int, bars: "Progress") -> None:
        self._steps = steps
        self._bars = bars
        self._task: TaskID | None = None
        self._count: Count | None = None

    def note(self, event: Event) -> None:
        """Show one event."""
        match event:
            case StepBegun(step):
                self._count = Count(event)
                words = f"step {step.number} of {self._steps}: {step.action.value} {step.object}"
                self._task = self._bars.add_task(words, total=self._count.total, rate="")
            case Settled(_, results) if self._count is not None and self._task is not None:
                self._count.done += len(results)
                rate = f"{self._count.rate:,.0f}/s"
                self._bars.update(self._task, completed=self._count.done, rate=rate)
            case Waiting(reason, seconds):
                self._bars.console.print(waiting_line(reason, seconds), markup=False)
            case _:
                pass


def waiting_line(reason: str, seconds: float) -> str:
    """What to say while nothing is sent."""
    return f"waiting {math.ceil(seconds)} s to see {reason}"


def _far(count: Count) -> str:
    return f"{count.done:,} of {count.total:,}, {count.rate:,.0f}/s, {count.left:,.0f} s left"
