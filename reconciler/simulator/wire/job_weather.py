"""What a fault makes of a bulk job."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reconciler.simulator import messages
from reconciler.simulator.faults import Encounter, Fault, Moment

_HUNDRED = 100


@dataclass(frozen=True, slots=True)
class JobWeather:
    """How far a job gets; `told` are the values that the job is kept with.

    `share` is the part of its rows that is processed, between 0 and 1; `polls_left` in `told` is how many more times
    it says that it is in progress.
    """

    share: float
    told: Mapping[str, Any]


def job_weather(encounter: Encounter) -> JobWeather:
    """What the job that this request starts meets; without a fault it runs to its end."""
    met = encounter.at(Moment.JOB)
    if met is None:
        return JobWeather(1, {})
    share = met.amount / _HUNDRED
    match met.fault:
        case Fault.JOB_FAILED:
            return JobWeather(share, {"outcome": "Failed", "problem": messages.JOB_FAILED})
        case Fault.JOB_ABORTED:
            return JobWeather(share, {"outcome": "Aborted"})
        case _:
            return JobWeather(1, {"polls_left": met.amount})
