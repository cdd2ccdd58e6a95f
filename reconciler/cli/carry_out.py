"""What `apply` and `undo` share: show the plan, ask, apply it under a journal, look again, report from the journal."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from reconciler.cli.options import Format
from reconciler.cli.output import say, write
from reconciler.cli.progress import waiting_line
from reconciler.cli.stopping import Stop, stopping
from reconciler.cli.watching import Stream, watching
from reconciler.errors import OrgError, PlanRefused, UsageError
from reconciler.model import RunRecord, Waiting

if TYPE_CHECKING:
    from reconciler.apply import Journal
    from reconciler.connect import Org
    from reconciler.model import Event, Plan, Result

INCOMPLETE = 5
"""Exit code when some changes failed, are unknown or were not sent, or when a fresh read does not show them."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Where the journal of an apply is kept, and how it is shown."""

    runs: Path
    format: Format
    out: Path | None
    events: Path | None
    asks: bool


def refuse_without_terminal(*, yes: bool) -> None:
    """Nobody can answer the question without a terminal; raises UsageError."""
    if not yes and not sys.stdin.isatty():
        msg = "apply asks before it changes anything, and there is no terminal to ask on; add --yes"
        raise UsageError(msg)


def clear_up(runs: Path, org: "Org") -> None:
    """Say what killed applies have left in the org, and end it."""
    from reconciler import pipeline

    control = pipeline.control(org, os.environ, _told_waits, lambda: False)
    for found in pipeline.recover(runs, org, control):
        jobs = f", {found.jobs} jobs ended" if found.jobs else ""
        say(f"run {found.run} was killed: of what it had sent, {found.done} done, {found.not_done} not{jobs}")


def _told_waits(event: "Event") -> None:
    if isinstance(event, Waiting):
        say(waiting_line(event.reason, event.seconds))


def carry_out(plan: "Plan", org: "Org", shown: Shown) -> int:
    """Show a plan, ask, apply it and report; the exit code."""
    from reconciler import pipeline, render

    text = render.plan_text(plan)
    if shown.format is Format.JSON:
        say(text)
    else:
        write(text, None)
    if plan.errors:
        return PlanRefused.exit_code
    pipeline.refuse_unaffordable(plan, org)
    if plan.is_empty:
        if shown.format is Format.JSON:
            write(render.results_json(RunRecord("", "", plan, (), verified=0)), shown.out)
        return 0
    if shown.asks:
        typer.confirm("Apply these changes?", abort=True, err=True)
    stream = Stream(shown.events)
    journal = pipeline.begin(shown.runs, plan)
    stream.begun(plan, journal.id)
    with stopping() as stop:
        unverified = _applied(plan, org, journal, stream, stop)
    journal.end()
    record = pipeline.read_run(shown.runs, journal.id)
    stream.ended(record)
    write(
        render.results_json(record) if shown.format is Format.JSON else render.report_text(record, unverified),
        shown.out,
    )
    return 0 if record.is_whole else INCOMPLETE


def _applied(plan: "Plan", org: "Org", journal: "Journal", stream: Stream, stop: Stop) -> str | None:
    """Apply and look again; why nobody could look, or None."""
    from reconciler import pipeline

    try:
        with watching(plan, journal, stream) as note:
            control = pipeline.control(org, os.environ, note, stop)
            results = list(pipeline.run(plan, org, control))
        if stop.is_forced:
            return "interrupted"
        verified = pipeline.verify(plan, org, _lasting(results))
    except OrgError as error:
        return f"{error}"
    except KeyboardInterrupt:
        return "interrupted"
    journal.verified(verified.count, verified.differences)
    return None


def _lasting(results: "Sequence[Result]") -> "Sequence[Result]":
    """The last word on each change."""
    return tuple({(result.step, result.change.address): result for result in results}.values())
