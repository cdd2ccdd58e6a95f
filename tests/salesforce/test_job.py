"""Waiting for a job."""

import pytest

from reconciler.errors import ConnectionFailed
from reconciler.salesforce.job import wait_for


def test_a_job_that_never_ends_is_given_up_with_its_id() -> None:
    with pytest.raises(ConnectionFailed, match="job 750x is still InProgress"):
        wait_for(lambda: {"id": "750x", "state": "InProgress"}, lambda _: None, limit_seconds=-1.0)


def test_a_job_that_has_ended_is_not_waited_for() -> None:
    waited: list[float] = []

    assert wait_for(lambda: {"id": "750x", "state": "Failed"}, waited.append)["state"] == "Failed"
    assert waited == []
