"""`sfrec plan`: show what would change."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reconciler.apex_text import NotApex
from reconciler.cli.links import link_settings
from reconciler.cli.options import (
    Format,
    MaxRequestsOption,
    OrgOption,
    OutOption,
    PlanFormat,
    PlanFormatOption,
    ProjectOption,
    ViaOption,
)
from reconciler.cli.output import findings_shown, say, write
from reconciler.errors import PlanRefused, UsageError

if TYPE_CHECKING:
    from reconciler.model import Plan

_CHANGES_FOUND = 2


def plan(  # noqa: PLR0913 - a command line's parameters are its options
    project: ProjectOption = Path(),
    org: OrgOption = None,
    format_: PlanFormatOption = PlanFormat.TEXT,
    out: OutOption = None,
    *,
    via: ViaOption = None,
    max_requests: MaxRequestsOption = None,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit with 2 when there are changes, with 0 when in sync.")
    ] = False,
) -> int:
    """Show what would change; nothing is written to the org."""
    from reconciler import pipeline, render
    from reconciler.connect import open_org
    from reconciler.desired import cache_folder

    with findings_shown(Format.JSON if format_ is PlanFormat.JSON else Format.TEXT, out):
        desired = pipeline.load(project, cache_folder(os.environ))
        way, notify = link_settings(project, via, os.environ)
        with open_org(project, org, os.environ, max_requests) as opened:
            made = pipeline.build(desired, pipeline.read(opened, desired, way), way, notify=notify)
    if made.errors and format_ is PlanFormat.APEX:
        for line in render.problem_lines(made.errors):
            say(line)
        return PlanRefused.exit_code
    write(_written(made, format_), out)
    if made.errors:
        return PlanRefused.exit_code
    return _CHANGES_FOUND if detailed_exitcode and made.steps else 0


def _written(made: "Plan", format_: PlanFormat) -> str:
    from reconciler import render

    match format_:
        case PlanFormat.TEXT:
            return render.plan_text(made)
        case PlanFormat.JSON:
            return render.plan_json(made)
        case PlanFormat.APEX:
            try:
                return render.apex_scripts(made)
            except NotApex as refusal:
                msg = f"this plan can't be written as scripts: {refusal}"
                raise UsageError(msg) from None
