"""Waiting for Bulk API 2.0 jobs."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from reconciler.errors import ConnectionFailed
from reconciler.salesforce.session import NoAnswer, decoded

if TYPE_CHECKING:
    from requests import Response

FINISHED = frozenset({"JobComplete", "Failed", "Aborted"})

_FIRST_WAIT, _WAIT_PER_ROW, _LONGEST_WAIT = 0.05, 0.000_025, 120.0
_LIMIT_SECONDS = 3600.0


def job_of(response: "Response") -> Mapping[str, Any]:
    """The job that an answer shows; raises NoAnswer when it shows none."""
    job = decoded(response)
    if not isinstance(job, Mapping) or "id" not in job or "state" not in job:
        msg = "the org's answer shows no job"
        raise NoAnswer(msg)
    return job


def waits(rows: int = 0, limit_seconds: float = _LIMIT_SECONDS) -> Iterator[float]:
    """The seconds to wait before each poll of a job of so many rows; ends when they add up to the limit.

    Each wait is twice the one before: small jobs are quick, and a job of ten minutes takes about a dozen requests. How
    long jobs take is not published; the first wait of 50 ms and 25 ms per 1,000 rows is this project's judgement.
    """
    wait, waited = _FIRST_WAIT + rows * _WAIT_PER_ROW, 0.0
    while waited < limit_seconds:
        yield wait
        waited += wait
        wait = min(wait * 2, _LONGEST_WAIT)


def wait_for(
    read: Callable[[], Mapping[str, Any]],
    sleep: Callable[[float], None] = time.sleep,
    limit_seconds: float = _LIMIT_SECONDS,
) -> Mapping[str, Any]:
    """Read a job until it is finished; raises ConnectionFailed when it is not after the limit."""
    remaining = waits(limit_seconds=limit_seconds)
    while (job := read())["state"] not in FINISHED:
        wait = next(remaining, None)
        if wait is None:
            raise ConnectionFailed(still_running(job["id"]))
        sleep(wait)
    return job


def still_running(job_id: object) -> str:
    """What to say of a job that was waited for in vain."""
    return f"job {job_id} is still not finished after an hour; find it in Setup > Bulk Data Load Jobs"
