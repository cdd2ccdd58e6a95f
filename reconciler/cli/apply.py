"""`sfrec apply`: make the planned changes, then read again whether the org is as declared."""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reconciler.cli.options import (
    Format,
    FormatOption,
    MaxRequestsOption,
    OrgOption,
    OutOption,
    ProjectOption,
    YesOption,
)
from reconciler.cli.output import findings_shown, say, write
from reconciler.errors import OrgError, PlanRefused, StalePlan, UsageError

if TYPE_CHECKING:
    from reconciler.connect import Org
    from reconciler.model import Plan, Result, State

INCOMPLETE = 5
"""Exit code when some changes failed or are unknown."""

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
    max_requests: MaxRequestsOption = None,
    yes: YesOption = False,
) -> int:
    """Make the planned changes, the Contact first, and check the result by a fresh read."""
    from reconciler import pipeline
    from reconciler.connect import open_org
    from reconciler.desired import cache_folder

    if not yes and not sys.stdin.isatty():
        msg = "apply asks before it changes anything, and there is no terminal to ask on; add --yes"
        raise UsageError(msg)
    saved = _saved(plan_file) if plan_file else None
    with findings_shown(format_, out):
        desired = pipeline.load(project, cache_folder(os.environ))
        with open_org(project, org, os.environ, max_requests) as opened:
            plan = pipeline.build(desired, pipeline.read(opened, desired))
            if saved is not None:
                _refuse_stale(saved, plan)
            return _apply(plan, opened, desired, _Shown(format_, out, asks=not yes))


@dataclass(frozen=True, slots=True)
class _Shown:
    """How one apply speaks."""

    format: Format
    out: Path | None
    asks: bool


def _apply(plan: "Plan", org: "Org", desired: "State", shown: _Shown) -> int:
    from reconciler import pipeline, render

    text = render.plan_text(plan)
    if shown.format is Format.JSON:
        say(text)
    else:
        write(text, None)
    if plan.errors:
        return PlanRefused.exit_code
    pipeline.refuse_unaffordable(plan, org)
    if plan.steps and shown.asks:
        typer.confirm("Apply these changes?", abort=True, err=True)
    results = _run(plan, org)
    verdict = _verify(plan, results, org, desired)
    if shown.format is Format.JSON:
        write(render.results_json(plan.org, results), shown.out)
    elif plan.steps:
        write(_report(results, verdict), shown.out)
    return 0 if verdict.is_verified else INCOMPLETE


@dataclass(frozen=True, slots=True)
class _Verdict:
    """Whether the org is as declared, and the sentence that says so."""

    is_verified: bool
    sentence: str | None = None


def _verify(plan: "Plan", results: "list[Result]", org: "Org", desired: "State") -> _Verdict:
    """Read the org again: what is reported done is what a fresh read shows."""
    from reconciler import pipeline, render

    if not plan.steps or not render.tally(results).is_whole:
        return _Verdict(is_verified=not plan.steps)
    if refusal := pipeline.verification_refusal(plan, org):
        return _Verdict(is_verified=False, sentence=f"Not verified: {refusal}")
    try:
        remaining = pipeline.build(desired, pipeline.read(org, desired))
    except OrgError as error:
        return _Verdict(is_verified=False, sentence=f"Not verified: the org could not be read again: {error}")
    if remaining.is_empty and not remaining.errors:
        return _Verdict(is_verified=True, sentence="Verified: a fresh read finds the org as declared.")
    left = f"{len(remaining.steps)} steps left"
    return _Verdict(is_verified=False, sentence=f"Not verified: a fresh read finds {left}; run sfrec plan to see them.")


def _run(plan: "Plan", org: "Org") -> "list[Result]":
    from reconciler import pipeline

    sizes = {step.number: len(step.changes) for step in plan.steps}
    results: list[Result] = []
    for result in pipeline.run(plan, org):
        results.append(result)
        sizes[result.step] -= 1
        if not sizes[result.step]:
            say(f"step {result.step} of {len(plan.steps)} finished")
    return results


def _report(results: "list[Result]", verdict: _Verdict) -> str:
    from reconciler import render
    from reconciler.model import Outcome

    lines = [render.result_line(result) for result in results if result.outcome is not Outcome.DONE]
    lines.append(render.tally_text(render.tally(results)))
    if verdict.sentence is not None:
        lines.append(verdict.sentence)
    return "\n".join(["", *lines]) + "\n"


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


def _refuse_stale(saved: Mapping[str, object], plan: "Plan") -> None:
    from reconciler import pipeline

    reasons = pipeline.stale_reasons(saved, plan)
    if reasons:
        msg = f"the saved plan no longer holds: {'; '.join(reasons)}. Plan again and review it"
        raise StalePlan(msg)
