"""What happens while a plan is applied; the journal, the progress shown and the event stream all listen to these."""

from dataclasses import dataclass
from typing import TypeAlias

from reconciler.model.plan import Change, Result, Step


@dataclass(frozen=True, slots=True)
class StepBegun:
    """A step is about to be sent; `ready` of its changes are, the others are settled already."""

    step: Step
    ready: int


@dataclass(frozen=True, slots=True)
class BatchSent:
    """The changes of one request, or of one job, are about to be sent: from now on they may have been made."""

    step: Step
    batch: int
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class JobCreated:
    """A Bulk API 2.0 job carries changes of a batch; it writes nothing before it is closed."""

    step: Step
    batch: int
    job: str


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of some changes of a step; a later word about the same change holds."""

    step: Step
    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing is sent for a while; `reason` is a clause."""

    reason: str
    seconds: float


@dataclass(frozen=True, slots=True)
class StepEnded:
    """Every change of a step is settled."""

    step: Step


Event: TypeAlias = StepBegun | BatchSent | JobCreated | Settled | Waiting | StepEnded
