"""Writing by sObject Collections: the truth about each record, and no record made twice."""

import json

import pytest

from reconciler.model import Outcome, Via
from reconciler.salesforce import RowOutcome
from reconciler.salesforce.outcome import Record
from tests.salesforce.scripted_org import LOST, NO_CONNECTION, TOKEN, Answer, Clock, refusal, scripted, writer_of

CONTACTS: list[Record] = [{"LastName": "James", "Email": None}, {"LastName": "Lee", "Email": "lee@x"}]
UPDATES: list[Record] = [{"Id": "005a", "IsActive": False}, {"Id": "005b", "IsActive": True}]
BUSY = refusal(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.")
QUOTA = refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")


def done(id_: str) -> dict[str, object]:
    return {"id": id_, "success": True, "errors": []}


def failed(code: str, message: str = "no") -> dict[str, object]:
    return {"success": False, "errors": [{"statusCode": code, "message": message, "fields": []}]}


def rows(*records: object) -> Answer:
    return Answer(body=list(records))


def test_records_are_created_in_one_request_and_told_apart() -> None:
    org = scripted(rows(done("003a"), failed("DUPLICATE_VALUE", "duplicate value found")))

    outcomes = list(writer_of(org).create("Contact", CONTACTS, Via.COLLECTIONS))

    assert outcomes == [
        RowOutcome(Outcome.DONE, "003a"),
        RowOutcome(Outcome.FAILED, None, "DUPLICATE_VALUE", "duplicate value found"),
    ]
    assert org.lines() == ["POST composite/sobjects"]
    assert json.loads(org.asked[0].body) == {
        "allOrNone": False,
        "records": [{"attributes": {"type": "Contact"}, **record} for record in CONTACTS],
    }


def test_an_update_names_its_records_by_id() -> None:
    org = scripted(rows(done("005a"), done("005b")))

    outcomes = list(writer_of(org).update("User", UPDATES, Via.COLLECTIONS))

    assert [outcome.id for outcome in outcomes] == ["005a", "005b"]
    assert org.lines() == ["PATCH composite/sobjects"]
    assert json.loads(org.asked[0].body)["records"][0] == {
        "attributes": {"type": "User"},
        "id": "005a",
        "IsActive": False,
    }


def test_no_records_cost_no_request() -> None:
    org = scripted(rows())

    assert list(writer_of(org).create("Contact", [], Via.COLLECTIONS)) == []
    assert list(writer_of(org).update("User", [], Via.BULK)) == []
    assert org.asked == []


def test_two_hundred_records_go_in_one_request_and_outcomes_come_as_they_are_known() -> None:
    org = scripted(rows(*(done(str(n)) for n in range(200))), rows(done("200")))

    outcomes = writer_of(org).create("Contact", [{"LastName": str(n)} for n in range(201)], Via.COLLECTIONS)

    assert next(outcomes).id == "0"
    assert len(org.asked) == 1
    assert [outcome.id for outcome in outcomes] == [str(n) for n in range(1, 201)]
    assert len(org.asked) == 2


@pytest.mark.parametrize(
    "lock",
    [
        failed("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record"),
        failed("UNKNOWN_EXCEPTION", "group membership operation already in progress"),
    ],
)
def test_only_the_locked_rows_are_sent_again(lock: dict[str, object]) -> None:
    org = scripted(rows(done("003a"), lock), rows(lock), rows(done("003b")))

    outcomes = list(writer_of(org).create("Contact", CONTACTS, Via.COLLECTIONS))

    assert [outcome.id for outcome in outcomes] == ["003a", "003b"]
    assert [len(json.loads(asked.body)["records"]) for asked in org.asked] == [2, 1, 1]


def test_a_lock_that_stays_is_reported_as_what_it_is() -> None:
    lock = failed("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")
    org = scripted(rows(lock, done("003b")), rows(lock))

    first, second = writer_of(org).create("Contact", CONTACTS, Via.COLLECTIONS)

    assert first == RowOutcome(
        Outcome.FAILED, None, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record"
    )
    assert second.outcome is Outcome.DONE
    assert len(org.asked) == 8


def test_a_request_that_was_turned_away_is_sent_again() -> None:
    clock = Clock()
    org = scripted(BUSY, BUSY, rows(done("003a"), done("003b")))

    outcomes = list(writer_of(org, clock).create("Contact", CONTACTS, Via.COLLECTIONS))

    assert [outcome.outcome for outcome in outcomes] == [Outcome.DONE] * 2
    assert len(clock.waited) == 2


@pytest.mark.parametrize(
    "lost",
    [
        LOST,
        Answer(503, b""),
        Answer(502, b"<html>"),
        refusal(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred."),
        Answer(body=b"<html>"),
        rows(done("003a")),
        Answer(body={"a": 1}),
    ],
)
def test_a_create_whose_answer_is_lost_is_unknown_and_never_sent_again(lost: Answer) -> None:
    org = scripted(lost)

    outcomes = list(writer_of(org).create("Contact", CONTACTS, Via.COLLECTIONS))

    assert [outcome.outcome for outcome in outcomes] == [Outcome.UNKNOWN] * 2
    assert all(outcome.message is not None for outcome in outcomes)
    assert len(org.asked) == 1


@pytest.mark.parametrize("lost", [LOST, Answer(503, b""), Answer(body=b"<html>"), rows(done("005a"))])
def test_an_update_whose_answer_is_lost_is_sent_again_because_its_values_are_fixed(lost: Answer) -> None:
    org = scripted(lost, rows(done("005a"), done("005b")))

    outcomes = list(writer_of(org).update("User", UPDATES, Via.COLLECTIONS))

    assert [outcome.outcome for outcome in outcomes] == [Outcome.DONE] * 2
    assert len(org.asked) == 2
    assert org.asked[0].body == org.asked[1].body


def test_an_update_whose_answers_are_all_lost_is_unknown() -> None:
    org = scripted(LOST)

    assert {outcome.outcome for outcome in writer_of(org).update("User", UPDATES, Via.COLLECTIONS)} == {Outcome.UNKNOWN}
    assert len(org.asked) == 8


def test_after_an_unknown_batch_the_next_one_is_sent() -> None:
    org = scripted(LOST, rows(done("x")))

    outcomes = list(writer_of(org).create("Contact", [{"LastName": str(n)} for n in range(201)], Via.COLLECTIONS))

    assert [outcome.outcome for outcome in outcomes] == [Outcome.UNKNOWN] * 200 + [Outcome.DONE]


@pytest.mark.parametrize(
    ("end", "outcome"),
    [
        (QUOTA, Outcome.FAILED),
        (refusal(401, "INVALID_SESSION_ID"), Outcome.FAILED),
        (refusal(403, "API_DISABLED_FOR_ORG"), Outcome.FAILED),
        (NO_CONNECTION, Outcome.NOT_SENT),
    ],
)
@pytest.mark.parametrize("via", Via)
def test_when_the_org_takes_nothing_more_the_rest_is_not_sent(end: Answer, outcome: Outcome, via: Via) -> None:
    org = scripted(end)
    writer = writer_of(org)

    first = list(writer.create("Contact", [{"LastName": str(n)} for n in range(401)], Via.COLLECTIONS))
    asked = len(org.asked)
    later = list(writer.update("User", UPDATES, via))

    assert [row.outcome for row in first] == [outcome] * 200 + [Outcome.NOT_SENT] * 201
    assert [row.outcome for row in later] == [Outcome.NOT_SENT] * 2
    assert all((row.message or "").startswith("not sent: ") for row in later)
    assert len(org.asked) == asked
    assert TOKEN not in "".join(str(row) for row in first + later)


def test_a_create_that_could_not_connect_is_sent_when_the_connection_is_back() -> None:
    org = scripted(NO_CONNECTION, NO_CONNECTION, rows(done("003a"), done("003b")), rows(done("003c"), done("003d")))
    writer = writer_of(org)

    outcomes = [
        *writer.create("Contact", CONTACTS, Via.COLLECTIONS),
        *writer.create("Contact", CONTACTS, Via.COLLECTIONS),
    ]

    assert [outcome.outcome for outcome in outcomes] == [Outcome.DONE] * 4


def test_a_request_that_is_refused_as_a_whole_fails_each_record_with_the_orgs_words() -> None:
    org = scripted(refusal(400, "JSON_PARSER_ERROR", "Unexpected character"))

    outcomes = list(writer_of(org).create("Contact", CONTACTS, Via.COLLECTIONS))

    assert outcomes == [RowOutcome(Outcome.FAILED, None, "JSON_PARSER_ERROR", "Unexpected character")] * 2
    assert len(org.asked) == 1


def test_a_row_that_fails_without_a_reason_is_still_a_failure() -> None:
    org = scripted(rows({"success": False, "errors": []}, {}))

    outcomes = list(writer_of(org).create("Contact", CONTACTS, Via.COLLECTIONS))

    assert [outcome.outcome for outcome in outcomes] == [Outcome.FAILED] * 2
