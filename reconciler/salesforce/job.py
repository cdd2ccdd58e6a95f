"""Waiting for Bulk API 2.0 jobs."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from reconciler.errors import ConnectionFailed

FINISHED = frozenset({"JobComplete", "Failed", "Aborted"})

_LONGEST_WAIT = 5.0
_LIMIT_SECONDS = 3600.0


def wait_for(
    read: Callable[[], Mapping[str, Any]],
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Mapping[str, Any]:
    """Read a job until it is finished; waits grow from 50 ms: small jobs are quick, long ones cost few requests."""
    deadline = clock() + _LIMIT_SECONDS
    wait = 0.05
    while True:
        job = read()
        if job["state"] in FINISHED:
            return job
        if clock() > deadline:
            msg = f"job {job['id']} is still {job['state']} after an hour; find it in Setup > Bulk Data Load Jobs"
            raise ConnectionFailed(msg)
        sleep(wait)
        wait = min(wait * 1.5, _LONGEST_WAIT)
