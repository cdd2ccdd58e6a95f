"""The library's front door: load -> read -> build -> run. Each is one call; nothing here decides or acts by itself.

desired = load(Path("."))
with open_org(Path("."), None, os.environ) as org:
    plan = build(desired, read(org, desired))
    for result in run(plan, org):
        ...
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.model import Event, Live, Plan, Result, RunRecord, State, Transport

if TYPE_CHECKING:
    from reconciler.apply import Control, Journal, Recovered, Verified
    from reconciler.connect import Org

_RUNS = Path(".sfrec") / "runs"


def runs_folder(project: Path, environ: Mapping[str, str]) -> Path:
    """Where the journals of a project's applies are kept: below it, or where SFREC_RUNS_DIR says."""
    named = environ.get("SFREC_RUNS_DIR")
    return Path(named) if named else project / _RUNS


def load(project: Path, cache: Path | None = None) -> State:
    """What the files of a project declare; raises InvalidFiles with every finding.

    `cache` is a folder outside the project in which what unchanged files declare is kept from run to run.
    """
    from reconciler.desired import load as load_files

    return load_files(project, cache)


def read(org: "Org", desired: State, via: Transport = Transport.AUTO) -> Live:
    """What the org says of that which the files declare, and of what `via` takes; sends no write. Raises OrgError."""
    from reconciler.live import read as read_org

    return read_org(org.reader, desired, via)


def build(desired: State, live: Live, via: Transport = Transport.AUTO, *, notify: bool = False) -> Plan:
    """The plan from one to the other, contacts of users by that way, with mails or without. Pure."""
    from reconciler.plan import build as build_plan

    return build_plan(desired, live, via, notify=notify)


def undo(run: RunRecord) -> Plan:
    """The plan that takes a run back, as far as that can be. Pure."""
    from reconciler.plan import undo as undo_run

    return undo_run(run)


def org_id(org: "Org") -> str:
    """The id of an org."""
    from reconciler.live import org_info

    return org_info(org.reader).id


def stale_reasons(saved: Mapping[str, object], plan: Plan) -> tuple[str, ...]:
    """Why a saved plan (its JSON) is not the plan that holds now; empty when it is."""
    from reconciler.plan.stale import stale_reasons as compare
    from reconciler.render import plan_document

    return compare(saved, plan_document(plan))


def refuse_unaffordable(plan: Plan, org: "Org") -> None:
    """Raises TooFewRequests when the requests that are left don't suffice for writing the plan and verifying it."""
    from reconciler.apply import refuse_unaffordable as refuse

    refuse(plan, org.writer.session.budget)


def control(
    org: "Org",
    environ: Mapping[str, str],
    note: "Callable[[Event], None]",
    is_stopping: Callable[[], bool],
) -> "Control":
    """How an apply to this org is watched, stopped and paced; raises UsageError for a setting that can't be used."""
    from reconciler.apply import Control, settings

    chosen = settings(environ)
    # In this process a request is over when its answer is lost, and threads would only wait for one another.
    return Control(note, is_stopping) if org.is_in_process else Control(note, is_stopping, *chosen)


def recover(runs: Path, org: "Org", control: "Control") -> "Iterator[Recovered]":
    """End what killed applies of this project have left in the org; raises OrgError when that can't be told."""
    from reconciler.apply import killed
    from reconciler.apply import recover as recover_runs

    if found := list(killed(runs)):
        here = org_id(org)
        yield from recover_runs(runs, [run for run in found if run.plan.org.id == here], org, control)


def begin(runs: Path, plan: Plan) -> "Journal":
    """Begin the journal of an apply; raises UsageError when it can't be written."""
    from reconciler.apply import Journal

    return Journal.begun(runs, plan)


def run(plan: Plan, org: "Org", control: "Control | None" = None) -> Iterator[Result]:
    """Apply the plan, yielding what became of each change as soon as that is known; a later word on a change holds."""
    from reconciler.apply import run as run_plan

    return run_plan(plan, org, control)


def verify(plan: Plan, org: "Org", results: Iterable[Result]) -> "Verified":
    """Read every record that was written once more; raises OrgError."""
    from reconciler.apply import verify as verify_results

    return verify_results(plan, org.reader, results)


def run_ids(runs: Path) -> Sequence[str]:
    """The ids of all applies that this project has a journal of, the first one first."""
    from reconciler.apply import run_ids as ids

    return ids(runs)


def read_run(runs: Path, run_id: str) -> RunRecord:
    """An apply as its journal tells it; raises UsageError."""
    from reconciler.apply import read_run as read_one

    return read_one(runs, run_id)
