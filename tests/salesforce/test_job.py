"""Waiting for a job."""

import pytest

from reconciler.errors import ConnectionFailed
from reconciler.salesforce.job import wait_for, waits


def test_a_job_that_never_ends_is_given_up_with_its_id() -> None:
    with pytest.raises(ConnectionFailed, match="job 750x is still not finished after an hour"):
        wait_for(lambda: {"id": "750x", "state": "InProgress"}, lambda _: None, limit_seconds=-1.0)


def test_a_job_that_has_ended_is_not_waited_for() -> None:
    waited: list[float] = []

    assert wait_for(lambda: {"id": "750x", "state": "Failed"}, waited.append)["state"] == "Failed"
    assert waited == []


def test_waits_double_up_to_two_minutes_so_that_a_job_of_an_hour_takes_forty_requests() -> None:
    seconds = list(waits())

    assert seconds[:4] == [0.05, 0.1, 0.2, 0.4]
    assert seconds[-1] == 120
    assert 3600 <= sum(seconds) < 3600 + 120
    assert len(seconds) <= 41


def test_a_job_of_many_rows_is_first_asked_for_later() -> None:
    assert [round(next(waits(rows)), 2) for rows in (10, 10_000, 100_000)] == [0.05, 0.3, 2.55]


def test_a_job_of_ten_minutes_takes_about_a_dozen_polls() -> None:
    assert sum(1 for _ in waits(10_000, limit_seconds=600)) == 13
