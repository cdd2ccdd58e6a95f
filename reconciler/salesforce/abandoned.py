"""Bulk API 2.0 jobs that nobody waits for any more: found by their ids, and ended."""

from collections.abc import Callable
from typing import Any

from reconciler.errors import ConnectionFailed, RequestRefused
from reconciler.salesforce.insist import insist
from reconciler.salesforce.job import FINISHED, job_of, still_running, waits
from reconciler.salesforce.retry import Patience
from reconciler.salesforce.session import Session


def end_job(session: Session, patience: Patience, job: str, wait: Callable[[float], None]) -> str:
    """Abort a job that was never closed, wait for one that runs; its last state, `Deleted` when it is no more.

    Raises ConnectionFailed when it can't be told, or when it runs on for too long.
    """
    path = f"jobs/ingest/{job}"

    def read() -> Any:
        return job_of(insist(session, patience, "GET", path))

    try:
        state = read()
        if state["state"] == "Open":
            state = job_of(insist(session, patience, "PATCH", path, json={"state": "Aborted"}))
        for seconds in waits(int(state.get("numberRecordsProcessed") or 0)):
            if state["state"] in FINISHED:
                return str(state["state"])
            wait(seconds)
            state = read()
    except RequestRefused as refused:
        if refused.status == 404:
            return "Deleted"
        raise
    raise ConnectionFailed(still_running(job))
