"""An apply as its journal tells it."""

from dataclasses import dataclass

from reconciler.model.plan import Change, Outcome, Plan, Result, Step


@dataclass(frozen=True, slots=True)
class Pending:
    """A change that was sent and of which nothing more is known; `sent` is when, in seconds since 1970."""

    step: Step
    change: Change
    sent: float


@dataclass(frozen=True, slots=True)
class Difference:
    """A change that was done and that a later read does not show."""

    result: Result
    why: str


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One apply: its plan, what became of each change, and how it ended.

    `started` and `ended` are UTC in ISO 8601; `ended` is None for a run that still goes on or was killed. `verified` is
    how many changes a fresh read showed, None when nobody looked. `jobs` are those that nobody has seen the end of.
    `ended_by` is the run that settled what a killed one had left.
    """

    id: str
    started: str
    plan: Plan
    results: tuple[Result, ...]
    pending: tuple[Pending, ...] = ()
    jobs: tuple[str, ...] = ()
    verified: int | None = None
    differences: tuple[Difference, ...] = ()
    ended: str | None = None
    ended_by: str | None = None
    is_going_on: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether everything is done and was seen to be."""
        is_done = all(result.outcome is Outcome.DONE for result in self.results)
        return is_done and self.verified == len(self.results) and not self.differences
