"""Waiting for Bulk API 2.0 jobs."""

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from reconciler.errors import ConnectionFailed
from reconciler.salesforce.session import NoAnswer, decoded

if TYPE_CHECKING:
    from requests import Response

FINISHED = frozenset({"JobComplete", "Failed", "Aborted"})

_FIRST_WAIT, _LONGEST_WAIT = 0.05, 5.0
_LIMIT_SECONDS = 3600.0


def job_of(response: "Response") -> Mapping[str, Any]:
    """The job that an answer shows; raises NoAnswer when it shows none."""
    job = decoded(response)
    if not isinstance(job, Mapping) or "id" not in job or "state" not in job:
        msg = "the org's answer shows no job"
        raise NoAnswer(msg)
    return job


def wait_for(
    read: Callable[[], Mapping[str, Any]],
    sleep: Callable[[float], None] = time.sleep,
    limit_seconds: float = _LIMIT_SECONDS,
) -> Mapping[str, Any]:
    """Read a job until it is finished; waits grow from 50 ms: small jobs are quick, long ones cost few requests."""
    deadline = time.monotonic() + limit_seconds
    wait = _FIRST_WAIT
    while True:
        job = read()
        if job["state"] in FINISHED:
            return job
        if time.monotonic() > deadline:
            msg = f"job {job['id']} is still {job['state']} after an hour; find it in Setup > Bulk Data Load Jobs"
            raise ConnectionFailed(msg)
        sleep(wait)
        wait = min(wait * 1.5, _LONGEST_WAIT)
