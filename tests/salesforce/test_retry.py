"""What an error says about the request that met it."""

import pytest

from reconciler.salesforce.outcome import refused
from reconciler.salesforce.retry import ENDING, NOT_DONE, PASSING, TABLE, Patience, Verdict, judge
from tests.salesforce.scripted_org import Clock


@pytest.mark.parametrize(
    ("code", "message", "status", "verdict"),
    [
        ("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record", 200, Verdict.LOCKED),
        ("UNABLE_TO_LOCK_ROW", "", 500, Verdict.LOCKED),
        ("UNKNOWN_EXCEPTION", "group membership operation already in progress", 200, Verdict.LOCKED),
        ("UNKNOWN_EXCEPTION", "Group membership operation already in progress.", 500, Verdict.LOCKED),
        ("UNKNOWN_EXCEPTION", "portal account owner must have a role", 200, Verdict.REFUSED),
        (
            "REQUEST_LIMIT_EXCEEDED",
            "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
            403,
            Verdict.NOT_EXECUTED,
        ),
        ("REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.", 403, Verdict.NOT_EXECUTED),
        ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 403, Verdict.STOP),
        ("INVALID_SESSION_ID", "Session expired or invalid", 401, Verdict.EXPIRED),
        ("INVALID_SESSION_ID", "", 500, Verdict.EXPIRED),
        ("HTTP_401", "", 401, Verdict.EXPIRED),
        ("SERVER_UNAVAILABLE", "", 503, Verdict.UNKNOWN),
        ("HTTP_502", "", 502, Verdict.UNKNOWN),
        ("UNKNOWN_EXCEPTION", "An unexpected error occurred.", 500, Verdict.UNKNOWN),
        ("INVALID_FIELD", "a SOAP fault", 500, Verdict.REFUSED),
        ("A_CODE_OF_TOMORROW", "", 500, Verdict.UNKNOWN),
        ("A_CODE_OF_TOMORROW", "", 400, Verdict.REFUSED),
        ("DUPLICATE_VALUE", "duplicate value found", 200, Verdict.ALREADY_DONE_ELSEWHERE),
        ("ALL_OR_NONE_OPERATION_ROLLED_BACK", "", 200, Verdict.CULPRIT_ELSEWHERE),
        ("LICENSE_LIMIT_EXCEEDED", "License Limit Exceeded", 200, Verdict.REFUSED),
        ("MALFORMED_QUERY", "", 400, Verdict.REFUSED),
        (None, None, 200, Verdict.REFUSED),
    ],
)
def test_an_error_is_judged_by_its_code_its_sentence_and_its_status(
    code: str | None, message: str | None, status: int, verdict: Verdict
) -> None:
    assert judge(code, message, status) is verdict


def test_waits_are_drawn_below_a_bound_that_doubles_up_to_the_longest() -> None:
    clock = Clock()
    luck = iter([0.0, 0.25, 0.5, 0.75, 1.0, 1.0])

    tries = list(clock.patience(tries=7, first_wait=1.0, longest_wait=12.0, dice=lambda: next(luck)).waits())

    assert len(tries) == 7
    assert clock.waited == [0.0, 0.5, 2.0, 6.0, 12.0, 12.0]


def test_two_that_failed_together_do_not_come_back_together() -> None:
    one, other = Clock(), Clock()

    for clock in (one, other):
        list(clock.patience().waits())

    assert one.waited != other.waited


def test_waits_end_when_the_budget_of_time_would_be_spent() -> None:
    clock = Clock()

    tries = list(clock.patience(tries=100, budget_seconds=1.0, first_wait=3.0, dice=lambda: 0.5).waits())

    assert len(tries) == 1
    assert clock.waited == []


def test_the_first_try_is_made_at_once_and_without_any_patience_it_is_the_only_one() -> None:
    clock = Clock()

    assert len(list(clock.patience(tries=1).waits())) == 1
    assert clock.waited == []


def test_default_patience_gives_up_within_its_minute() -> None:
    clock = Clock()

    list(clock.patience(dice=lambda: 1.0).waits())

    assert sum(clock.waited) < Patience().budget_seconds


@pytest.mark.parametrize("verdict", sorted(NOT_DONE | ENDING))
def test_what_was_surely_not_done_is_told_apart_from_what_ends_the_run(verdict: Verdict) -> None:
    row = next(row for row in TABLE if row.verdict is verdict)

    attempt = refused(row.code, row.part, row.status or 200)

    assert (attempt.may_repeat, attempt.ends_run) == (verdict in NOT_DONE, verdict in ENDING)
    assert verdict in PASSING or attempt.ends_run
