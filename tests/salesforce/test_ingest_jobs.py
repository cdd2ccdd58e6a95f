"""A step that is too large for one job: its jobs run side by side, and every row keeps its place and its outcome."""

import csv
import gzip
import json
from collections.abc import Sequence
from io import StringIO

import pytest

from reconciler.model import Outcome, Via
from reconciler.salesforce import Budget
from reconciler.salesforce.outcome import Record
from reconciler.salesforce.table import JobSize
from tests.salesforce.scripted_org import (
    INTERRUPT,
    LOST,
    NO_CONNECTION,
    Answer,
    Asked,
    ScriptedOrg,
    refusal,
    scripted,
    writer_of,
)

UPLOADED = Answer(201, b"")
FOUR: list[Record] = [{"Id": f"005{letter}"} for letter in "abcd"]
TWO = JobSize(rows=2)
QUOTA = refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")


def job(number: int, state: str = "Open", processed: int = 0, failed: int = 0) -> Answer:
    counters = {"numberRecordsProcessed": processed, "numberRecordsFailed": failed}
    return Answer(body={"id": f"750{number}", "state": state, **counters})


def started(number: int) -> tuple[Answer, ...]:
    return (job(number), UPLOADED, job(number, "UploadComplete"))


def linked(*ids: str) -> Answer:
    return Answer(body="\n".join(["sf__Id,Id", *(f"{id_},{id_}" for id_ in ids)]).encode())


def content(asked: Asked) -> str:
    """The file of an upload."""
    is_zipped = asked.headers.get("CONTENT-ENCODING") == "gzip"
    return (gzip.decompress(asked.body) if is_zipped else asked.body).decode("utf-8")


def uploads(org: ScriptedOrg) -> list[list[list[str]]]:
    """The rows of each upload, without its header."""
    files = [content(asked) for asked in org.asked if asked.method == "PUT"]
    return [list(csv.reader(StringIO(text, newline="")))[1:] for text in files]


def outcomes(org: ScriptedOrg, records: Sequence[Record] = FOUR, budget: Budget | None = None) -> list[tuple[str, str]]:
    rows = writer_of(org, budget=budget, job_size=TWO).update("User", records, Via.BULK)
    return [(row.outcome.value, row.id or row.message or "") for row in rows]


def test_all_jobs_are_started_before_any_is_asked_for_and_outcomes_keep_their_order() -> None:
    org = scripted(
        *started(1),
        *started(2),
        job(1, "InProgress"),
        job(2, "JobComplete", 2),
        linked("005d", "005c"),
        job(1, "JobComplete", 2),
        linked("005b", "005a"),
    )

    assert outcomes(org) == [("done", f"005{letter}") for letter in "abcd"]
    assert org.lines() == [
        *("POST jobs/ingest", "PUT jobs/ingest/7501/batches", "PATCH jobs/ingest/7501"),
        *("POST jobs/ingest", "PUT jobs/ingest/7502/batches", "PATCH jobs/ingest/7502"),
        *("GET jobs/ingest/7501", "GET jobs/ingest/7502", "GET jobs/ingest/7502/successfulResults"),
        *("GET jobs/ingest/7501", "GET jobs/ingest/7501/successfulResults"),
    ]


def test_a_job_that_can_not_be_read_leaves_the_others_alone() -> None:
    org = scripted(
        *started(1), *started(2), refusal(404, "NOT_FOUND", "gone"), job(2, "JobComplete", 2), linked("005c", "005d")
    )

    (first, second, *others) = outcomes(org)

    assert first[0] == second[0] == "unknown"
    assert "job 7501 was sent" in first[1]
    assert others == [("done", "005c"), ("done", "005d")]


def test_a_job_that_fails_to_start_is_replaced_while_the_others_run() -> None:
    org = scripted(
        *(job(1), Answer(503, b""), job(1, "Aborted")),
        *started(2),
        job(2, "JobComplete", 2),
        linked("005c", "005d"),
        *started(3),
        job(3, "JobComplete", 2),
        linked("005a", "005b"),
    )

    assert outcomes(org) == [("done", f"005{letter}") for letter in "abcd"]
    assert uploads(org) == [[["005a"], ["005b"]], [["005c"], ["005d"]], [["005a"], ["005b"]]]


def test_when_the_org_takes_no_more_jobs_those_that_run_are_read_and_the_rest_is_not_sent() -> None:
    org = scripted(*started(1), QUOTA, job(1, "JobComplete", 2), linked("005a", "005b"))

    told = outcomes(org, [*FOUR, {"Id": "005e"}])

    assert [outcome for outcome, _ in told] == ["done", "done", "failed", "failed", "not_sent"]
    assert org.lines().count("POST jobs/ingest") == 2


def test_a_connection_that_comes_back_lets_the_rest_be_sent() -> None:
    org = scripted(
        *started(1),
        *(job(2), NO_CONNECTION, job(2, "Aborted")),
        job(1, "JobComplete", 2),
        linked("005a", "005b"),
        *started(3),
        *started(4),
        job(3, "JobComplete", 2),
        linked("005c", "005d"),
        job(4, "JobComplete", 1),
        linked("005e"),
    )

    assert outcomes(org, [*FOUR, {"Id": "005e"}]) == [("done", f"005{letter}") for letter in "abcde"]


def test_jobs_that_the_budget_does_not_allow_side_by_side_run_one_after_the_other() -> None:
    one = (*started(1), job(1, "JobComplete", 2), linked("005a", "005b"))
    two = (*started(2), job(2, "JobComplete", 2), linked("005c", "005d"))

    enough = outcomes(scripted(*one, *two), budget=Budget(17))
    few = outcomes(scripted(*one, *two), budget=Budget(16))

    assert enough == [("done", f"005{letter}") for letter in "abcd"]
    assert [outcome for outcome, _ in few] == ["done", "done", "not_sent", "not_sent"]
    assert "11 left, 12 needed" in few[2][1]


@pytest.mark.parametrize("abort", [job(1, "Aborted"), LOST])
def test_an_interrupt_aborts_every_job_under_way(abort: Answer) -> None:
    org = scripted(*started(1), *started(2), INTERRUPT, abort)

    with pytest.raises(KeyboardInterrupt):
        outcomes(org)

    assert org.lines()[-2:] == ["PATCH jobs/ingest/7501", "PATCH jobs/ingest/7502"]
    assert [json.loads(asked.body) for asked in org.asked[-2:]] == [{"state": "Aborted"}] * 2


def test_an_interrupt_aborts_no_job_that_is_finished() -> None:
    org = scripted(
        *started(1), *started(2), job(1, "JobComplete", 2), linked("005a", "005b"), INTERRUPT, job(2, "Aborted")
    )

    with pytest.raises(KeyboardInterrupt):
        outcomes(org)

    assert org.lines()[-2:] == ["GET jobs/ingest/7502", "PATCH jobs/ingest/7502"]


def contact(name: str, account: str | None = None) -> Record:
    return {"LastName": name, "AccountId": account} if account else {"LastName": name}


def made(*names: str) -> Answer:
    return Answer(body="\n".join(["sf__Id,LastName,AccountId", *names]).encode())


def test_rows_of_one_account_go_into_one_job_and_keep_their_place_in_the_report() -> None:
    org = scripted(
        *started(1),
        *started(2),
        job(1, "JobComplete", 2),
        made("3,c,A", "1,a,A"),
        job(2, "JobComplete", 2),
        made("4,d,B", "2,b,B"),
    )
    records = [contact("a", "A"), contact("b", "B"), contact("c", "A"), contact("d", "B")]

    rows = list(writer_of(org, job_size=TWO).create("Contact", records, Via.BULK))

    assert [row.id for row in rows] == ["1", "2", "3", "4"]
    assert uploads(org) == [[["A", "a"], ["A", "c"]], [["B", "b"], ["B", "d"]]]


def test_an_account_that_does_not_fit_beside_another_gets_a_job_of_its_own() -> None:
    org = scripted(*started(1))
    records = [contact("a", "A"), contact("b", "B"), contact("c", "B"), contact("d"), contact("e", "B")]

    list(writer_of(org, job_size=JobSize(rows=3)).create("Contact", records, Via.BULK))

    assert uploads(org)[:2] == [[["", "d"], ["A", "a"]], [["B", "b"], ["B", "c"], ["B", "e"]]]


def test_an_account_that_is_larger_than_a_job_is_cut() -> None:
    org = scripted(*started(1))

    list(writer_of(org, job_size=TWO).create("Contact", [contact(name, "A") for name in "abcde"], Via.BULK))

    assert uploads(org)[:3] == [[["A", "a"], ["A", "b"]], [["A", "c"], ["A", "d"]], [["A", "e"]]]


def test_users_follow_the_accounts_of_their_contacts() -> None:
    contacts = Answer(body=[{"id": id_, "success": True} for id_ in ("003a", "003b", "003c")])
    links = (*started(1), *started(2), job(1, "JobComplete", 2), linked("005a", "005c"))
    org = scripted(contacts, *links, job(2, "JobComplete", 1), linked("005b"), *started(3))
    writer = writer_of(org, job_size=TWO)

    list(writer.create("Contact", [contact("a", "A"), contact("b", "B"), contact("c", "A")], Via.COLLECTIONS))
    users: list[Record] = [{"Id": f"005{letter}", "ContactId": f"003{letter}"} for letter in "abc"]
    list(writer.update("User", users, Via.BULK))
    list(writer.update("User", [{"Id": user["Id"], "Title": "Boss"} for user in users], Via.BULK))

    assert uploads(org)[0] == [["003a", "005a"], ["003c", "005c"]]
    assert uploads(org)[2] == [["005a", "Boss"], ["005c", "Boss"]]


def test_a_job_is_cut_by_its_bytes_before_it_is_too_large_to_upload() -> None:
    org = scripted(*started(1))
    records: list[Record] = [{"Id": f"005{n:02}", "Title": "x" * 95} for n in range(25)]

    list(writer_of(org, job_size=JobSize(bytes=1_010)).update("User", records, Via.BULK))

    files = [content(asked) for asked in org.asked if asked.method == "PUT"][:3]
    assert [len(file.encode()) for file in files] == [9 + 9 * 102, 9 + 9 * 102, 9 + 7 * 102]


def test_a_small_file_is_uploaded_as_it_is_and_a_larger_one_compressed() -> None:
    small, large = scripted(*started(1)), scripted(*started(1))
    title = 'Zoë, "the"\nboss' * 100

    list(writer_of(small).update("User", FOUR, Via.BULK))
    list(writer_of(large).update("User", [{"Id": "005a", "Title": title}], Via.BULK))

    assert "CONTENT-ENCODING" not in small.asked[1].headers
    assert large.asked[1].headers["CONTENT-ENCODING"] == "gzip"
    assert len(large.asked[1].body) < 200
    assert uploads(large)[0] == [["005a", title]]


def failed_at_its_file(number: int, message: str, processed: int = 0) -> Answer:
    return Answer(
        body={
            "id": f"750{number}",
            "state": "Failed",
            "numberRecordsProcessed": processed,
            "numberRecordsFailed": processed,
            "errorMessage": message,
        }
    )


def test_an_org_that_does_not_unzip_gets_the_rows_as_they_are_from_then_on() -> None:
    good = (*started(2), job(2, "JobComplete", 1), linked("005a"))
    org = scripted(*started(1), failed_at_its_file(1, "InvalidBatch : Field name not found : \x1f\x8b"), *good, *good)
    writer = writer_of(org)
    records: list[Record] = [{"Id": "005a", "Title": "x" * 2_000}]

    rows = [*writer.update("User", records, Via.BULK), *writer.update("User", records, Via.BULK)]

    assert [row.outcome for row in rows] == [Outcome.DONE] * 2
    encodings = [asked.headers.get("CONTENT-ENCODING") for asked in org.asked if asked.method == "PUT"]
    assert encodings == ["gzip", None, None]
    assert uploads(org) == [[["005a", "x" * 2_000]]] * 3


@pytest.mark.parametrize(
    ("finished", "title"),
    [
        (failed_at_its_file(1, "InvalidBatch : Field name not found : Title"), "short"),
        (failed_at_its_file(1, "InternalServerError : try again"), "x" * 2_000),
        (failed_at_its_file(1, "InvalidBatch : whatever", processed=1), "x" * 2_000),
    ],
)
def test_a_job_that_failed_for_another_reason_is_not_sent_again(finished: Answer, title: str) -> None:
    unwritten = Answer(body=b"sf__Id,sf__Error,Id\n,X:no:--,005a\n")
    org = scripted(*started(1), finished, unwritten)

    (row,) = writer_of(org).update("User", [{"Id": "005a", "Title": title}], Via.BULK)

    assert row.outcome is Outcome.FAILED
    assert org.lines().count("POST jobs/ingest") == 1


def test_a_large_collections_request_is_compressed_as_well() -> None:
    answer = Answer(body=[{"id": str(n), "success": True} for n in range(200)])
    org = scripted(answer)
    records: list[Record] = [{"LastName": f"Number {n}"} for n in range(200)]

    rows = list(writer_of(org).create("Contact", records, Via.COLLECTIONS))

    assert {row.outcome for row in rows} == {Outcome.DONE}
    assert org.asked[0].headers["CONTENT-ENCODING"] == "gzip"
    sent = json.loads(content(org.asked[0]))["records"]
    assert [record["LastName"] for record in sent] == [record["LastName"] for record in records]
