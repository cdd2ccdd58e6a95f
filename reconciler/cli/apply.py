"""`sfrec apply`: make the planned changes, then read again whether the org is as declared."""

import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reconciler.cli.carry_out import Shown, carry_out, clear_up, refuse_without_terminal
from reconciler.cli.links import link_settings
from reconciler.cli.options import (
    EventsOption,
    Format,
    FormatOption,
    MaxRequestsOption,
    OrgOption,
    OutOption,
    ProjectOption,
    ViaOption,
    YesOption,
)
from reconciler.cli.output import findings_shown
from reconciler.errors import StalePlan, UsageError
from reconciler.model import AS_ASKED, Transport

if TYPE_CHECKING:
    from reconciler.model import Plan

PlanFile = Annotated[
    Path | None,
    typer.Argument(
        help="A plan saved by `sfrec plan --format json --out FILE`: apply only if it still holds.", exists=True
    ),
]


def apply(  # noqa: PLR0913 - a command line's parameters are its options
    plan_file: PlanFile = None,
    project: ProjectOption = Path(),
    org: OrgOption = None,
    format_: FormatOption = Format.TEXT,
    out: OutOption = None,
    *,
    via: ViaOption = None,
    events: EventsOption = None,
    max_requests: MaxRequestsOption = None,
    yes: YesOption = False,
) -> int:
    """Make the planned changes, the Contact first, and check the result by a fresh read."""
    from reconciler import pipeline
    from reconciler.connect import open_org
    from reconciler.desired import cache_folder

    refuse_without_terminal(yes=yes)
    saved = _saved(plan_file) if plan_file else None
    with findings_shown(format_, out):
        desired = pipeline.load(project, cache_folder(os.environ))
        way, notify = link_settings(project, via or _asked(saved), os.environ)
        with open_org(project, org, os.environ, max_requests) as opened:
            runs = pipeline.runs_folder(project, os.environ)
            clear_up(runs, opened)
            plan = pipeline.build(desired, pipeline.read(opened, desired, way), way, notify=notify)
            if saved is not None and plan_file is not None:
                _refuse_stale(saved, plan)
                _refuse_used(runs, plan_file, saved)
            return carry_out(plan, opened, Shown(runs, format_, out, events, asks=not yes))


def _saved(path: Path) -> Mapping[str, object]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        msg = f"{path} is not a saved plan: {error}"
        raise UsageError(msg) from error
    if not isinstance(document, dict):
        msg = f"{path} is not a saved plan; make one with sfrec plan --format json --out {path}"
        raise UsageError(msg)
    return document


def _asked(saved: Mapping[str, object] | None) -> Transport | None:
    """What a saved plan was asked to carry the contact of users by; None when it chose by itself."""
    steps = saved.get("steps") if saved else None
    for step in steps if isinstance(steps, list) else ():
        if isinstance(step, Mapping) and step.get("phase") == "link" and step.get("why") == AS_ASKED:
            return Transport(str(step.get("via")))
    return None


def _refuse_used(runs: Path, path: Path, saved: Mapping[str, object]) -> None:
    """A saved plan serves once: what it was reviewed for is done, or was tried. One saved anew is another."""
    from reconciler import pipeline

    for id_ in reversed(pipeline.run_ids(runs)):
        record = pipeline.read_run(runs, id_)
        kept = record.plan
        is_same = (kept.desired_digest, kept.live_digest) == (saved.get("desired_digest"), saved.get("live_digest"))
        started = datetime.fromisoformat(record.started or "1970-01-01T00:00:00Z").timestamp()
        # The journal tells whole seconds.
        if is_same and int(path.stat().st_mtime) <= started:
            msg = f"the saved plan was applied already, by run {id_}. Plan again and review it"
            raise StalePlan(msg)


def _refuse_stale(saved: Mapping[str, object], plan: "Plan") -> None:
    from reconciler import pipeline

    reasons = pipeline.stale_reasons(saved, plan)
    if reasons:
        msg = f"the saved plan no longer holds: {'; '.join(reasons)}. Plan again and review it"
        raise StalePlan(msg)
