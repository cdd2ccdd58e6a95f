"""A benchmark of wrong answers is worthless: every run's result is checked, and a wrong one ends the suite."""

import json
from collections.abc import Callable, Collection
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TypeAlias

from benchmarks.fleet import Fleet, changed_users
from benchmarks.process import Run

RECORDS_OF_A_USER = 2
"""The User and its Contact."""

_ACTIONS = ("create", "update", "deactivate", "delete")
_TAIL = 4096


class WrongResult(Exception):
    """A program that was measured did not do what it was measured for."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that has ended: what it was given and what it left."""

    fleet: Fleet
    run: Run
    output: Path
    saved: Path

    @property
    def tail(self) -> str:
        """The end of what it printed."""
        with self.output.open("rb") as stream:
            stream.seek(max(0, self.output.stat().st_size - _TAIL))
            return stream.read().decode(errors="replace")

    @property
    def log(self) -> str:
        """What it wrote to standard error."""
        return self.output.with_suffix(".err").read_text(encoding="utf-8", errors="replace")


Check: TypeAlias = Callable[[Finished], None]


def must_have_ended_well(finished: Finished) -> None:
    """Exit code 0."""
    if finished.run.exit_code:
        msg = f"exit code {finished.run.exit_code}: {finished.tail[-500:]}{finished.log[-500:]}"
        raise WrongResult(msg)


def must_be_valid(finished: Finished) -> None:
    """`validate` has seen every document in every file."""
    users = len(finished.fleet.numbers)
    _must_say(finished, f"Valid: {users} users in {-(-users // finished.fleet.per_file)} files.")


def must_be_in_sync(finished: Finished) -> None:
    """`plan` has compared every record and found nothing to do."""
    _must_say(finished, f"In sync: {len(finished.fleet.numbers) * RECORDS_OF_A_USER} records as declared")


def must_be_applied(finished: Finished) -> None:
    """`apply` has sent everything and has seen it by a fresh read."""
    _must_say(finished, " changes done, 0 failed, 0 unknown, 0 not sent.")
    _must_say(finished, "Verified: a fresh read shows all")


def must_have_one_percent(finished: Finished) -> None:
    """The saved plan changes the titles that differ, and nothing else."""
    plan = _saved(finished)
    expected = {(f"contact/{user}", "Title") for user in changed_users(finished.fleet.users)}
    _must_be_equal("changes", plan.changes, expected)
    _must_be_equal("create, update, deactivate, delete", plan.counts, (0, len(expected), 0, 0))


def must_upgrade_everyone(finished: Finished) -> None:
    """The saved plan makes a contact for every user and changes every user."""
    plan, users = _saved(finished), finished.fleet.users
    _must_be_equal("create, update, deactivate, delete", plan.counts, (users, users, 0, 0))


def must_have_found_no_dns_changes(finished: Finished) -> None:
    """octoDNS has compared every record and found nothing to do."""
    log = finished.log
    _must_be_equal("sides read whole", [log.count(f"found {finished.fleet.users} records")], [2])
    _must_be_equal("plans without changes", [log.count("No changes were planned")], [1])


def must_have_counted(finished: Finished) -> None:
    """A floor has done as much work as the case that it stands beside."""
    _must_be_equal("count", [json.loads(finished.tail)["count"]], [len(finished.fleet.numbers)])


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """What a saved plan says: how many records each action has, and the fields of what is updated."""

    counts: tuple[int, ...]
    changes: frozenset[tuple[str, ...]]


def saved_plan(path: Path) -> SavedPlan:
    """Read a saved plan."""
    plan = json.loads(path.read_bytes())
    changes = frozenset(
        (change["address"], *(item["name"] for item in change["fields"]))
        for step in plan["steps"]
        if step["action"] == "update"
        for change in step["changes"]
    )
    return SavedPlan(tuple(plan["summary"][action] for action in _ACTIONS), changes)


def _saved(finished: Finished) -> SavedPlan:
    """Read in another process: what this one has ever held would be counted as memory of what it starts next."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
        return pool.submit(saved_plan, finished.saved).result()


def _must_say(finished: Finished, sentence: str) -> None:
    if sentence not in finished.tail:
        msg = f"it should say {sentence!r}, but ends with: {finished.tail[-500:]}"
        raise WrongResult(msg)


def _must_be_equal(what: str, found: Collection[object], expected: Collection[object]) -> None:
    if found != expected:
        msg = f"{what}: {_short(found)} instead of {_short(expected)}"
        raise WrongResult(msg)


def _short(items: Collection[object]) -> str:
    return f"{sorted(map(str, items))[:5]}... ({len(items)})" if len(items) > 5 else str(items)
