"""The runs of a project, read back from their journals."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reconciler.apply.journal import JOURNAL, PLAN
from reconciler.apply.lock import is_held
from reconciler.apply.plan_file import read_plan
from reconciler.errors import UsageError
from reconciler.model import Change, Difference, Outcome, Pending, Plan, Result, RunRecord, Step


def run_ids(runs: Path) -> tuple[str, ...]:
    """The ids of all runs that are written down, the first one first."""
    if not runs.is_dir():
        return ()
    return tuple(sorted(folder.name for folder in runs.iterdir() if (folder / JOURNAL).is_file()))


def read_run(runs: Path, id_: str) -> RunRecord:
    """One run; raises UsageError when there is none of that id or its files can't be read."""
    if id_ not in run_ids(runs):
        known = ", ".join(run_ids(runs)[-3:]) or "none"
        msg = f'no run "{id_}" is written down here; sfrec history lists them, the last ones are: {known}'
        raise UsageError(msg)
    folder = runs / id_
    try:
        plan = read_plan((folder / PLAN).read_text(encoding="utf-8"))
        with (folder / JOURNAL).open(encoding="utf-8") as file:
            entries = list(_entries(file))
            return _Reading(plan).record(id_, entries, is_going_on=is_held(file))
    except (OSError, ValueError, KeyError, TypeError) as error:
        msg = f"{folder} can't be read: {type(error).__name__}; nothing can be told of that run"
        raise UsageError(msg) from error


def _entries(lines: Iterator[str]) -> Iterator[Mapping[str, Any]]:
    """The journal's entries, without one that a crash cut off."""
    for line in lines:
        if line.endswith("\n"):
            yield json.loads(line)


@dataclass(slots=True)
class _Reading:
    """What the entries so far say."""

    plan: Plan
    settled: dict[tuple[int, int], Result] = field(default_factory=dict)
    sent: dict[tuple[int, int], float] = field(default_factory=dict)
    jobs: dict[tuple[int, int], list[str]] = field(default_factory=dict)
    rows: dict[tuple[int, int], list[int]] = field(default_factory=dict)
    verified: int | None = None
    differing: list[tuple[int, str, str]] = field(default_factory=list)

    def record(self, id_: str, entries: list[Mapping[str, Any]], *, is_going_on: bool) -> RunRecord:
        started = ended = ended_by = None
        for entry in entries:
            match entry["kind"]:
                case "begun":
                    started = _time(entry["at"])
                case "sent":
                    self._sent(entry)
                case "job":
                    self.jobs.setdefault((entry["step"], entry["batch"]), []).append(entry["job"])
                case "settled":
                    self._settled(entry)
                case "verified":
                    self.verified = entry["count"]
                    self.differing = [(step, address, why) for step, address, why in entry["differing"]]
                case "ended":
                    ended, ended_by = _time(entry["at"]), entry.get("by")
                case _:
                    pass
        results = tuple(self._results())
        return RunRecord(
            id_,
            started or "",
            self.plan,
            results,
            tuple(self._pending()),
            tuple(self._open_jobs()),
            self.verified,
            tuple(self._differences(results)),
            ended,
            ended_by,
            is_going_on,
        )

    def _sent(self, entry: Mapping[str, Any]) -> None:
        self.rows[entry["step"], entry["batch"]] = entry["rows"]
        for row in entry["rows"]:
            self.sent[entry["step"], row] = entry["at"]
            self.settled.pop((entry["step"], row), None)

    def _settled(self, entry: Mapping[str, Any]) -> None:
        step = self._step(entry["step"])
        for row, outcome, id_, code, message in entry["rows"]:
            result = Result(step.number, step.changes[row], Outcome(outcome), id_, code, message)
            self.settled[step.number, row] = result

    def _step(self, number: int) -> Step:
        return next(step for step in self.plan.steps if step.number == number)

    def _results(self) -> Iterator[Result]:
        """What became of every change of the plan, in its order."""
        for step in self.plan.steps:
            for row, change in enumerate(step.changes):
                yield self.settled.get((step.number, row)) or self._unsettled(step, row, change)

    def _unsettled(self, step: Step, row: int, change: Change) -> Result:
        if (step.number, row) in self.sent:
            message = "the run ended before the org answered"
            return Result(step.number, change, Outcome.UNKNOWN, change.id, None, message)
        return Result(step.number, change, Outcome.NOT_SENT, change.id, None, "the run ended before")

    def _pending(self) -> Iterator[Pending]:
        for (number, row), sent in self.sent.items():
            if (number, row) not in self.settled:
                step = self._step(number)
                yield Pending(step, step.changes[row], sent)

    def _open_jobs(self) -> Iterator[str]:
        for (number, batch), jobs in self.jobs.items():
            if any((number, row) not in self.settled for row in self.rows[number, batch]):
                yield from jobs

    def _differences(self, results: tuple[Result, ...]) -> Iterator[Difference]:
        by_place = {(result.step, str(result.change.address)): result for result in results}
        for step, address, why in self.differing:
            yield Difference(by_place[step, address], why)


def _time(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
