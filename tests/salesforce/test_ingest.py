"""Writing by Bulk API 2.0: few requests, every row accounted for, and nothing written twice."""

import csv
import json
from collections.abc import Sequence
from io import StringIO

import pytest

from reconciler.model import Outcome, Via
from reconciler.salesforce import RowOutcome
from reconciler.salesforce.outcome import Record
from tests.salesforce.scripted_org import (
    INTERRUPT,
    LOST,
    NO_CONNECTION,
    Answer,
    Clock,
    ScriptedOrg,
    refusal,
    scripted,
    writer_of,
)

JOB = "jobs/ingest/750000000000001AAA"
LINKS: list[Record] = [{"Id": "005a", "ContactId": "003a"}, {"Id": "005b", "ContactId": "003b"}]
TWINS: list[Record] = [{"LastName": "Lee"}, {"LastName": "Lee"}]
LAST_ENDED = "sf__Id,sf__Created,ContactId,Id\n"
BUSY = refusal(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.")


def job(state: str = "Open", processed: int = 0, failed: int = 0, **more: object) -> Answer:
    counters = {"numberRecordsProcessed": processed, "numberRecordsFailed": failed}
    return Answer(body={"id": JOB.rpartition("/")[2], "state": state, **counters, **more})


def file(text: str) -> Answer:
    return Answer(body=text.encode(), headers={"Content-Type": "text/csv"})


UPLOADED = Answer(201, b"")
SENT = (job(), UPLOADED, job("UploadComplete"))
LINKED = file(f"{LAST_ENDED}005b,false,003b,005b\n005a,false,003a,005a\n")


def update(org: ScriptedOrg, records: Sequence[Record] = LINKS, clock: Clock | None = None) -> list[RowOutcome]:
    return list(writer_of(org, clock).update("User", records, Via.BULK))


def create(org: ScriptedOrg, records: Sequence[Record]) -> list[RowOutcome]:
    return list(writer_of(org).create("Contact", records, Via.BULK))


def uploaded(org: ScriptedOrg) -> list[list[str]]:
    return list(csv.reader(StringIO(org.asked[1].body.decode("utf-8"), newline="")))


def test_a_job_costs_create_upload_close_polls_and_the_one_file_that_has_rows() -> None:
    clock = Clock()
    org = scripted(*SENT, job("InProgress"), job("JobComplete", 2), LINKED)

    outcomes = update(org, clock=clock)

    assert outcomes == [RowOutcome(Outcome.DONE, "005a"), RowOutcome(Outcome.DONE, "005b")]
    assert org.lines() == [
        "POST jobs/ingest",
        f"PUT {JOB}/batches",
        f"PATCH {JOB}",
        f"GET {JOB}",
        f"GET {JOB}",
        f"GET {JOB}/successfulResults",
    ]
    assert json.loads(org.asked[0].body) == {
        "object": "User",
        "operation": "update",
        "contentType": "CSV",
        "lineEnding": "LF",
    }
    assert clock.waited == pytest.approx([0.05, 0.1], rel=0.01)


def test_polls_grow_apart_up_to_two_minutes() -> None:
    clock = Clock()
    org = scripted(*SENT, *[job("InProgress")] * 20, job("JobComplete", 2), LINKED)

    update(org, clock=clock)

    assert clock.waited == sorted(clock.waited)
    assert clock.waited[-1] == 120.0


def test_a_job_that_does_not_end_within_an_hour_is_unknown_and_named() -> None:
    org = scripted(*SENT, job("InProgress"))

    outcomes = update(org)

    assert [row.outcome for row in outcomes] == [Outcome.UNKNOWN] * 2
    assert "750000000000001AAA is still not finished after an hour" in str(outcomes[0].message)
    assert org.lines().count("POST jobs/ingest") == 1


def test_null_is_written_as_na_an_absent_field_as_nothing_and_text_stays_text() -> None:
    records: list[Record] = [
        {"Id": "1", "Title": None, "IsActive": True},
        {"Id": "2", "Title": 'Zoë, "the"\nboss', "IsActive": False},
        {"Id": "3", "Title": ""},
    ]
    org = scripted(*SENT, job("JobComplete", 3), file("sf__Id,Id\n1,1\n2,2\n3,3\n"))

    update(org, records)

    assert uploaded(org) == [
        ["Id", "IsActive", "Title"],
        ["1", "true", "#N/A"],
        ["2", "false", 'Zoë, "the"\nboss'],
        ["3", "", "#N/A"],
    ]
    assert b"\r" not in org.asked[1].body


def test_a_text_that_a_job_would_take_for_null_goes_by_collections() -> None:
    org = scripted(Answer(body=[{"id": "1", "success": True, "errors": []}]))

    assert [row.outcome for row in update(org, [{"Id": "1", "Title": "#N/A"}])] == [Outcome.DONE]
    assert org.lines() == ["PATCH composite/sobjects"]


def test_failed_rows_carry_the_orgs_code_and_sentence() -> None:
    org = scripted(
        *SENT,
        job("JobComplete", 2, 1),
        file(f"{LAST_ENDED}005b,false,003b,005b\n"),
        file('sf__Id,sf__Error,ContactId,Id\n005a,"FIELD_INTEGRITY_EXCEPTION:a: b:ContactId --",003a,005a\n'),
    )

    assert update(org) == [
        RowOutcome(Outcome.FAILED, None, "FIELD_INTEGRITY_EXCEPTION", "a: b"),
        RowOutcome(Outcome.DONE, "005b"),
    ]


def test_a_job_of_failures_only_asks_for_no_successes() -> None:
    org = scripted(*SENT, job("JobComplete", 2, 2), file("sf__Id,sf__Error,Id\n,X:no:--,005a\n,X:no:--,005b\n"))

    assert [row.code for row in update(org)] == ["X", "X"]
    assert not any("successfulResults" in line or "unprocessed" in line for line in org.lines())


def test_a_locked_row_goes_into_another_job() -> None:
    lock = "UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record:--"
    org = scripted(
        *SENT,
        job("JobComplete", 2, 1),
        file(f"{LAST_ENDED}005a,false,003a,005a\n"),
        file(f"sf__Id,sf__Error,ContactId,Id\n005b,{lock},003b,005b\n"),
        *SENT,
        job("JobComplete", 1),
        file(f"{LAST_ENDED}005b,false,003b,005b\n"),
    )

    assert [row.outcome for row in update(org)] == [Outcome.DONE] * 2
    assert org.lines().count("POST jobs/ingest") == 2


def test_a_failed_job_fails_what_it_did_not_process() -> None:
    org = scripted(
        *SENT,
        job("Failed", 1, 0, errorMessage="InvalidBatch : Field name not found : Foo"),
        file(f"{LAST_ENDED}005a,false,003a,005a\n"),
        file("ContactId,Id\n003b,005b\n"),
    )

    assert update(org) == [
        RowOutcome(Outcome.DONE, "005a"),
        RowOutcome(Outcome.FAILED, None, "BULK_JOB_FAILED", "InvalidBatch : Field name not found : Foo"),
    ]


def test_a_job_that_somebody_aborted_says_so() -> None:
    org = scripted(*SENT, job("Aborted"), file("ContactId,Id\n003a,005a\n003b,005b\n"))

    assert [row.message for row in update(org)] == ["the job ended as Aborted"] * 2


def test_a_row_of_which_no_file_speaks_is_unknown() -> None:
    org = scripted(*SENT, job("JobComplete", 2), file(f"{LAST_ENDED}005a,false,003a,005a\n"))

    assert [row.outcome for row in update(org)] == [Outcome.DONE, Outcome.UNKNOWN]


def test_created_rows_are_told_apart_by_their_values() -> None:
    records: list[Record] = [{"LastName": "Lee", "Email": None}, {"LastName": "James", "Email": "j@x"}]
    org = scripted(
        *SENT,
        job("JobComplete", 2, 1),
        file('"sf__Id","sf__Created","Email","LastName"\n"003j","true","j@x","James"\n'),
        file('"sf__Id","sf__Error","Email","LastName"\n"","DUPLICATE_VALUE:twice:Email --","#N/A","Lee"\n'),
    )

    assert create(org, records) == [
        RowOutcome(Outcome.FAILED, None, "DUPLICATE_VALUE", "twice"),
        RowOutcome(Outcome.DONE, "003j"),
    ]


def test_two_records_that_are_alike_get_an_outcome_each() -> None:
    org = scripted(*SENT, job("JobComplete", 2), file("sf__Id,sf__Created,LastName\n1,true,Lee\n2,true,Lee\n"))

    assert sorted(str(row.id) for row in create(org, TWINS)) == ["1", "2"]


def test_of_two_records_that_are_alike_one_may_fail() -> None:
    org = scripted(
        *SENT,
        job("JobComplete", 2, 1),
        file("sf__Id,sf__Created,LastName\n1,true,Lee\n"),
        file("sf__Id,sf__Error,LastName\n,DUPLICATES_DETECTED:Use one of these:--,Lee\n"),
    )

    assert sorted(row.outcome.value for row in create(org, TWINS)) == ["done", "failed"]


@pytest.mark.parametrize("hiccup", [LOST, BUSY, Answer(503, b""), NO_CONNECTION])
def test_a_job_whose_upload_fails_is_replaced_because_an_open_job_writes_nothing(hiccup: Answer) -> None:
    org = scripted(job(), hiccup, job("Aborted"), *SENT, job("JobComplete", 2), LINKED)

    assert [row.outcome for row in update(org)] == [Outcome.DONE] * 2
    assert org.lines().count("POST jobs/ingest") == 2


def test_a_job_that_could_not_be_closed_for_want_of_a_connection_is_replaced() -> None:
    found = file("sf__Id,sf__Created,LastName\n1,true,Lee\n2,true,Lee\n")
    org = scripted(job(), UPLOADED, NO_CONNECTION, NO_CONNECTION, *SENT, job("JobComplete", 2), found)

    assert [row.outcome for row in create(org, TWINS)] == [Outcome.DONE] * 2


def test_an_upload_that_never_succeeds_fails_and_leaves_no_open_job() -> None:
    org = scripted(*[job(), Answer(503, b""), job("Aborted")] * 8)

    outcomes = create(org, TWINS)

    assert [row.outcome for row in outcomes] == [Outcome.FAILED] * 2
    assert all("was not started" in str(row.message) for row in outcomes)
    assert org.lines().count(f"PATCH {JOB}") == 8


@pytest.mark.parametrize("state", ["UploadComplete", "InProgress", "JobComplete"])
@pytest.mark.parametrize("lost", [LOST, Answer(503, b""), refusal(500, "UNKNOWN_EXCEPTION")])
def test_a_job_that_was_closed_though_the_answer_was_lost_is_not_sent_again(lost: Answer, state: str) -> None:
    found = file("sf__Id,sf__Created,LastName\n1,true,Lee\n2,true,Lee\n")
    org = scripted(job(), UPLOADED, lost, job(state, 2), job("JobComplete", 2), found)

    assert [row.outcome for row in create(org, TWINS)] == [Outcome.DONE] * 2
    assert org.lines().count("POST jobs/ingest") == 1


def test_a_job_that_was_left_open_is_aborted_before_another_is_made() -> None:
    found = file("sf__Id,sf__Created,LastName\n1,true,Lee\n2,true,Lee\n")
    org = scripted(
        job(), UPLOADED, LOST, job("Open"), job("Aborted"), job("Aborted"), *SENT, job("JobComplete", 2), found
    )

    assert [row.outcome for row in create(org, TWINS)] == [Outcome.DONE] * 2
    aborted = [json.loads(asked.body)["state"] for asked in org.asked if asked.method == "PATCH"]
    assert aborted[:2] == ["UploadComplete", "Aborted"]
    assert org.lines().count("POST jobs/ingest") == 2


@pytest.mark.parametrize(
    "afterwards",
    [[LOST], [Answer(503, b"")], [job("Open"), LOST], [job("Open"), refusal(400, "INVALIDJOBSTATE")]],
)
def test_when_it_can_not_be_told_whether_a_job_runs_its_rows_are_unknown_and_not_sent_again(
    afterwards: list[Answer],
) -> None:
    org = scripted(job(), UPLOADED, LOST, *afterwards)

    outcomes = create(org, TWINS)

    assert [row.outcome for row in outcomes] == [Outcome.UNKNOWN] * 2
    assert all("750000000000001AAA" in str(row.message) for row in outcomes)
    assert org.lines().count("POST jobs/ingest") == 1


def test_a_job_that_was_refused_fails_with_the_orgs_words() -> None:
    org = scripted(refusal(400, "INVALIDJOB", "Unable to find object: Userx"))

    assert update(org) == [RowOutcome(Outcome.FAILED, None, "INVALIDJOB", "Unable to find object: Userx")] * 2
    assert org.lines() == ["POST jobs/ingest"]


def test_results_are_asked_for_again_after_a_hiccup() -> None:
    org = scripted(*SENT, Answer(503, b""), job("JobComplete", 2), LOST, Answer(502, b""), LINKED)

    assert [row.outcome for row in update(org)] == [Outcome.DONE] * 2


@pytest.mark.parametrize("end", [[LOST], [job("JobComplete", 2), LOST], [refusal(401, "INVALID_SESSION_ID")]])
def test_a_job_whose_results_can_not_be_read_is_unknown_and_not_sent_again(end: list[Answer]) -> None:
    org = scripted(*SENT, *end)

    outcomes = create(org, TWINS)

    assert [row.outcome for row in outcomes] == [Outcome.UNKNOWN] * 2
    assert org.lines().count("POST jobs/ingest") == 1


@pytest.mark.parametrize("before", [[job()], [job(), UPLOADED], [*SENT], [*SENT, job("InProgress")]])
@pytest.mark.parametrize("abort", [job("Aborted"), LOST])
def test_an_interrupt_aborts_the_job(before: list[Answer], abort: Answer) -> None:
    org = scripted(*before, INTERRUPT, abort)

    with pytest.raises(KeyboardInterrupt):
        update(org)

    assert str(org.asked[-1]) == f"PATCH {JOB}"
    assert json.loads(org.asked[-1].body) == {"state": "Aborted"}


def test_an_interrupt_before_there_is_a_job_aborts_nothing() -> None:
    org = scripted(INTERRUPT)

    with pytest.raises(KeyboardInterrupt):
        update(org)

    assert org.lines() == ["POST jobs/ingest"]
