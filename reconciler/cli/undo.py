"""`sfrec undo`: plan the way back from a run, and go it."""

import os
from pathlib import Path
from typing import Annotated

import typer

from reconciler.cli.carry_out import Shown, carry_out, clear_up, refuse_without_terminal
from reconciler.cli.options import (
    EventsOption,
    Format,
    FormatOption,
    MaxRequestsOption,
    OrgOption,
    OutOption,
    ProjectOption,
    YesOption,
)
from reconciler.errors import UsageError


def undo(  # noqa: PLR0913 - a command line's parameters are its options
    run: Annotated[str, typer.Argument(help="The id of the run to take back; sfrec history lists them.")],
    project: ProjectOption = Path(),
    org: OrgOption = None,
    format_: FormatOption = Format.TEXT,
    out: OutOption = None,
    *,
    events: EventsOption = None,
    max_requests: MaxRequestsOption = None,
    yes: YesOption = False,
) -> int:
    """Take a run back: set what it wrote to what was there before, and say what stays and why.

    The files are not looked at: they still declare what the run did, and the next apply would do it again.
    """
    from reconciler import pipeline
    from reconciler.connect import open_org

    refuse_without_terminal(yes=yes)
    runs = pipeline.runs_folder(project, os.environ)
    if pipeline.read_run(runs, run).is_going_on:
        msg = f"run {run} still goes on; wait for its end, or stop it"
        raise UsageError(msg)
    with open_org(project, org, os.environ, max_requests) as opened:
        clear_up(runs, opened)
        record = pipeline.read_run(runs, run)
        if pipeline.org_id(opened) != record.plan.org.id:
            msg = f"run {run} was applied to another org, {record.plan.org.name} ({record.plan.org.id})"
            raise UsageError(msg)
        return carry_out(pipeline.undo(record), opened, Shown(runs, format_, out, events, asks=not yes))
