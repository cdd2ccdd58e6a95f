"""What an error says about the request that met it."""

import pytest

from reconciler.salesforce.retry import Patience, Verdict, judge
from tests.salesforce.scripted_org import Clock


@pytest.mark.parametrize(
    ("code", "message", "status", "verdict"),
    [
        ("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record", 200, Verdict.NOT_EXECUTED),
        ("UNABLE_TO_LOCK_ROW", "", 500, Verdict.NOT_EXECUTED),
        ("UNKNOWN_EXCEPTION", "group membership operation already in progress", 200, Verdict.NOT_EXECUTED),
        ("UNKNOWN_EXCEPTION", "Group membership operation already in progress.", 200, Verdict.NOT_EXECUTED),
        ("UNKNOWN_EXCEPTION", "portal account owner must have a role", 200, Verdict.REFUSED),
        (
            "REQUEST_LIMIT_EXCEEDED",
            "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
            403,
            Verdict.NOT_EXECUTED,
        ),
        ("REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.", 403, Verdict.NOT_EXECUTED),
        ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 403, Verdict.STOP),
        ("INVALID_SESSION_ID", "Session expired or invalid", 401, Verdict.STOP),
        ("HTTP_401", "", 401, Verdict.STOP),
        ("SERVER_UNAVAILABLE", "", 503, Verdict.UNKNOWN),
        ("HTTP_502", "", 502, Verdict.UNKNOWN),
        ("UNKNOWN_EXCEPTION", "An unexpected error occurred.", 500, Verdict.UNKNOWN),
        ("LICENSE_LIMIT_EXCEEDED", "License Limit Exceeded", 200, Verdict.REFUSED),
        ("MALFORMED_QUERY", "", 400, Verdict.REFUSED),
        (None, None, 200, Verdict.REFUSED),
    ],
)
def test_an_error_is_judged_by_message_then_code_then_status(
    code: str | None, message: str | None, status: int, verdict: Verdict
) -> None:
    assert judge(code, message, status) is verdict


def test_waits_double_with_jitter_and_end_with_the_tries() -> None:
    clock = Clock()

    tries = list(clock.patience(tries=6, first_wait=1.0).waits())

    assert len(tries) == 6
    assert len(clock.waited) == 5
    assert all(0.5 * 2**n <= wait <= 1.5 * 2**n for n, wait in enumerate(clock.waited))


def test_waits_end_when_the_budget_of_time_would_be_spent() -> None:
    clock = Clock()

    tries = list(clock.patience(tries=100, budget_seconds=1.0, first_wait=3.0).waits())

    assert len(tries) == 1
    assert clock.waited == []


def test_the_first_try_is_made_at_once_and_without_any_patience_it_is_the_only_one() -> None:
    clock = Clock()

    assert len(list(clock.patience(tries=1).waits())) == 1
    assert clock.waited == []


def test_default_patience_gives_up_within_its_minute() -> None:
    patience = Patience()

    longest = sum(patience.first_wait * 2**n * 1.5 for n in range(patience.tries - 1))

    assert longest < patience.budget_seconds
