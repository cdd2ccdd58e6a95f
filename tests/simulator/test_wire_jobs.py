"""Bulk API 2.0: the life of a job, its CSV files, and what makes a job fail."""

import csv
import time
from collections.abc import Iterator
from io import StringIO
from threading import Thread
from typing import Any

import pytest

from reconciler.simulator.wire import Options
from tests.simulator.wired import Api, refusal, served_api

ABSENT = "000000000000ZZZAAA"


@pytest.fixture
def api() -> Iterator[Api]:
    with served_api() as served:
        yield served


def opened(api: Api, operation: str, sobject: str = "Account", **options: Any) -> str:
    answer = api.post("jobs/ingest", {"operation": operation, "object": sobject, **options})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def uploaded(api: Api, content: str | bytes, operation: str, sobject: str = "Account", **options: Any) -> str:
    job = opened(api, operation, sobject, **options)
    data = content.encode() if isinstance(content, str) else content
    answer = api.call("PUT", f"jobs/ingest/{job}/batches", data=data, headers={"Content-Type": "text/csv"})
    assert (answer.status_code, answer.content) == (201, b"")
    return job


def run(api: Api, content: str | bytes, operation: str, sobject: str = "Account", **options: Any) -> dict[str, Any]:
    job = uploaded(api, content, operation, sobject, **options)
    assert api.patch(f"jobs/ingest/{job}", {"state": "UploadComplete"}).status_code == 200
    finished: dict[str, Any] = api.get(f"jobs/ingest/{job}").json()
    return finished


def rows(api: Api, job: str, name: str, delimiter: str = ",") -> list[dict[str, str]]:
    answer = api.get(f"jobs/ingest/{job}/{name}")
    assert answer.headers["Content-Type"] == "text/csv"
    return list(csv.DictReader(StringIO(answer.content.decode(), newline=""), delimiter=delimiter))


def asked(api: Api, soql: str, operation: str = "query", **options: Any) -> str:
    answer = api.post("jobs/query", {"operation": operation, "query": soql, **options})
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "UploadComplete"
    return str(answer.json()["id"])


def test_a_new_job_tells_how_to_go_on(api: Api) -> None:
    job = api.post("jobs/ingest/", {"operation": "insert", "object": "account"}).json()

    assert job["id"].startswith("750")
    assert (job["object"], job["state"], job["apiVersion"]) == ("Account", "Open", 66.0)
    assert job["contentUrl"] == f"services/data/v66.0/jobs/ingest/{job['id']}/batches"
    assert (job["concurrencyMode"], job["contentType"]) == ("Parallel", "CSV")
    assert (job["lineEnding"], job["columnDelimiter"]) == ("LF", "COMMA")


def test_rows_are_inserted_and_each_result_keeps_its_row(api: Api) -> None:
    content = 'Name,Description\n"Comma, Inc","two\nlines"\n Spaces ,"a ""quote"""\nZürich 株式会社,x\n'

    job = run(api, content, "insert")

    done = rows(api, job["id"], "successfulResults")
    assert (job["state"], job["numberRecordsProcessed"], job["numberRecordsFailed"]) == ("JobComplete", 3, 0)
    assert [row["sf__Created"] for row in done] == ["true"] * 3
    assert [row["Description"] for row in done] == ["two\nlines", 'a "quote"', "x"]
    assert api.rows(f"SELECT Name FROM Account WHERE Id = '{done[2]['sf__Id']}'") == [{"Name": "Zürich 株式会社"}]
    assert rows(api, job["id"], "failedResults") == []
    assert rows(api, job["id"], "unprocessedrecords") == []


def test_an_empty_cell_leaves_its_field_and_not_available_empties_it(api: Api) -> None:
    acme = api.id_of("Account", "Acme")
    api.patch(f"sobjects/Account/{acme}", {"Phone": "1", "Website": "acme.example"})

    job = run(api, f"Id,Phone,Website\n{acme},,#N/A\n", "update")

    assert job["numberRecordsFailed"] == 0
    assert api.rows("SELECT Phone, Website FROM Account WHERE Name = 'Acme'") == [{"Phone": "1", "Website": None}]
    assert rows(api, job["id"], "successfulResults")[0]["sf__Created"] == "false"


def test_a_bad_row_fails_alone_with_code_sentence_and_fields(api: Api) -> None:
    acme = api.id_of("Account", "Acme")

    job = run(api, f"Id,Name\n{acme},Acme Two\n001{ABSENT[3:]},x\n{acme},#N/A\n", "update")

    failed = rows(api, job["id"], "failedResults")
    assert (job["state"], job["numberRecordsProcessed"], job["numberRecordsFailed"]) == ("JobComplete", 3, 2)
    assert [row["sf__Id"] for row in failed] == [f"001{ABSENT[3:]}", acme]
    assert failed[1]["sf__Error"] == "REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --"
    assert api.count("SELECT COUNT() FROM Account WHERE Name = 'Acme Two'") == 1


def test_upsert_tells_which_records_are_new(api: Api) -> None:
    content = "Username,Title\nkim.lee@acme.example,Dr\nnobody@acme.example,Dr\n"

    job = run(api, content, "upsert", "User", externalIdFieldName="Username")

    assert rows(api, job["id"], "successfulResults")[0]["sf__Created"] == "false"
    assert rows(api, job["id"], "failedResults")[0]["sf__Error"].startswith("REQUIRED_FIELD_MISSING:")


@pytest.mark.parametrize("operation", ["delete", "hardDelete"])
def test_records_are_deleted_by_id(api: Api, operation: str) -> None:
    record_id = api.post("sobjects/Account", {"Name": "Gone"}).json()["id"]

    job = run(api, f"Id\n{record_id}\n", operation)

    assert job["numberRecordsFailed"] == 0
    assert api.count("SELECT COUNT() FROM Account WHERE Name = 'Gone'") == 0


def test_more_rows_than_a_chunk_are_all_processed(api: Api) -> None:
    names = [f"Bulk {number}" for number in range(501)]

    job = run(api, "Name\n" + "\n".join(names) + "\n", "insert")

    assert job["numberRecordsProcessed"] == 501
    assert [row["Name"] for row in rows(api, job["id"], "successfulresults")] == names
    assert api.count("SELECT COUNT() FROM Account WHERE Name LIKE 'Bulk %'") == 501


@pytest.mark.parametrize(
    ("delimiter", "character", "ending", "newline"),
    [("SEMICOLON", ";", "LF", "\n"), ("TAB", "\t", "CRLF", "\r\n"), ("BACKQUOTE", "`", "LF", "\n")],
)
def test_delimiter_and_line_ending_are_the_jobs_own(
    api: Api, delimiter: str, character: str, ending: str, newline: str
) -> None:
    content = newline.join([f"Name{character}Phone", f"Delimited, Ltd{character}1", ""])

    job = run(api, content, "insert", columnDelimiter=delimiter, lineEnding=ending)

    assert job["numberRecordsFailed"] == 0
    answer = api.get(f"jobs/ingest/{job['id']}/successfulResults").text
    assert answer.endswith(newline)
    assert rows(api, job["id"], "successfulResults", character)[0]["Name"] == "Delimited, Ltd"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("Nope\nx\n", "InvalidBatch : Field name not found : Nope"),
        ("Name,Nope__r.Key__c\nx,y\n", "InvalidBatch : Field name not found : Nope__r.Key__c"),
        ("", "InvalidBatch : Field name not found"),
        ("Name\r\nx\r\n", "LineEnding is invalid on user data"),
        ("Name,Phone\nx\n", "InvalidBatch"),
        (b"Name\n\xff\xfe\n", "InvalidBatch"),
        ('Name\n"' + "x" * 140_000 + '"\n', "InvalidBatch"),
    ],
    ids=["column", "relationship", "empty", "line ending", "cells", "not UTF-8", "huge cell"],
)
def test_a_bad_file_fails_the_job_and_writes_nothing(api: Api, content: str | bytes, message: str) -> None:
    before = api.count("SELECT COUNT() FROM Account")

    job = run(api, content, "insert")

    assert job["state"] == "Failed"
    assert message in job["errorMessage"]
    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (0, 0)
    assert api.count("SELECT COUNT() FROM Account") == before
    assert api.get(f"jobs/ingest/{job['id']}/unprocessedRecords").status_code == 200


def test_a_line_feed_file_in_a_job_of_carriage_returns_fails(api: Api) -> None:
    job = run(api, "Name\nx\n", "insert", lineEnding="CRLF")

    assert job["errorMessage"] == "LineEnding is invalid on user data. Current LineEnding setting is CRLF"


def test_a_job_is_in_progress_for_its_delay_and_tells_no_counts_until_it_ends() -> None:
    with served_api(Options(job_delay_ms=400)) as api:
        job = uploaded(api, "Name\nDelayed\n", "insert")
        closed = api.patch(f"jobs/ingest/{job}", {"state": "UploadComplete"}).json()
        during = api.get(f"jobs/ingest/{job}").json()
        early = api.get(f"jobs/ingest/{job}/successfulResults")
        listed = api.get("jobs/ingest").json()["records"]
        time.sleep(0.5)
        after = api.get(f"jobs/ingest/{job}").json()

    assert (closed["state"], during["state"], after["state"]) == ("UploadComplete", "InProgress", "JobComplete")
    assert [item["state"] for item in listed] == ["InProgress"]
    assert (during["numberRecordsProcessed"], after["numberRecordsProcessed"]) == (0, 1)
    assert refusal(early) == (400, "INVALIDJOBSTATE")


def test_an_open_job_can_be_aborted_and_writes_nothing(api: Api) -> None:
    job = uploaded(api, "Name\nAborted\n", "insert")

    aborted = api.patch(f"jobs/ingest/{job}", {"state": "Aborted"})

    assert aborted.json()["state"] == "Aborted"
    assert refusal(api.patch(f"jobs/ingest/{job}", {"state": "UploadComplete"})) == (400, "INVALIDJOBSTATE")
    assert api.count("SELECT COUNT() FROM Account WHERE Name = 'Aborted'") == 0


def test_a_job_takes_data_once_and_only_while_it_is_open(api: Api) -> None:
    job = uploaded(api, "Name\nFirst\n", "insert")

    second = api.call("PUT", f"jobs/ingest/{job}/batches", data=b"Name\nSecond\n")

    assert refusal(second) == (400, "INVALIDJOBSTATE")
    api.patch(f"jobs/ingest/{job}", {"state": "UploadComplete"})
    assert refusal(api.call("PUT", f"jobs/ingest/{job}/batches", data=b"x")) == (400, "INVALIDJOBSTATE")
    assert api.count("SELECT COUNT() FROM Account WHERE Name IN ('First', 'Second')") == 1


def test_two_threads_that_close_one_job_write_its_rows_once(api: Api) -> None:
    job = uploaded(api, "Name\n" + "Once\n" * 300, "insert")
    states: list[int] = []

    def close() -> None:
        states.append(api.patch(f"jobs/ingest/{job}", {"state": "UploadComplete"}).status_code)

    threads = [Thread(target=close) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(states) == [200, 400, 400, 400]
    assert api.count("SELECT COUNT() FROM Account WHERE Name = 'Once'") == 300


def test_jobs_made_at_the_same_time_have_ids_of_their_own(api: Api) -> None:
    ids: list[str] = []

    def make() -> None:
        ids.extend(opened(api, "insert") for _ in range(10))

    threads = [Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(ids)) == 60
    assert {job["id"] for job in api.get("jobs/ingest").json()["records"]} == set(ids)


def test_a_finished_job_can_be_deleted_and_an_open_one_cannot(api: Api) -> None:
    finished, still_open = run(api, "Name\nx\n", "insert")["id"], opened(api, "insert")

    deleted = api.call("DELETE", f"jobs/ingest/{finished}")

    assert (deleted.status_code, deleted.content) == (204, b"")
    assert refusal(api.get(f"jobs/ingest/{finished}")) == (404, "NOT_FOUND")
    assert refusal(api.call("DELETE", f"jobs/ingest/{still_open}")) == (400, "INVALIDJOBSTATE")
    assert [job["id"] for job in api.get("jobs/ingest").json()["records"]] == [still_open]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"operation": "insert"},
        {"operation": "insert", "object": "Nope"},
        {"operation": "merge", "object": "Account"},
        {"operation": ["insert"], "object": "Account"},
        {"operation": "insert", "object": "Account", "columnDelimiter": "DOT"},
        {"operation": "insert", "object": "Account", "lineEnding": ["LF"]},
        {"operation": "upsert", "object": "Account"},
        {"operation": "upsert", "object": "Account", "externalIdFieldName": "Nope"},
    ],
)
def test_a_job_that_can_not_be_is_refused_when_it_is_made(api: Api, body: object) -> None:
    assert refusal(api.post("jobs/ingest", body)) == (400, "INVALIDJOB")


def test_a_job_is_known_by_its_kind_and_by_15_characters_too(api: Api) -> None:
    job = opened(api, "insert")

    assert api.get(f"jobs/ingest/{job[:15]}").json()["id"] == job
    assert refusal(api.get(f"jobs/query/{job}")) == (404, "NOT_FOUND")
    assert refusal(api.get(f"jobs/ingest/{job}/nonsense")) == (404, "NOT_FOUND")
    assert refusal(api.get("jobs/ingest/750nonsense")) == (404, "NOT_FOUND")
    assert refusal(api.get("jobs/nonsense")) == (404, "NOT_FOUND")


def test_a_query_job_pages_its_rows_with_a_header_on_every_page(api: Api) -> None:
    owner = api.rows("SELECT Owner.Username FROM Account LIMIT 1")[0]["Owner"]["Username"]
    job = asked(api, "SELECT Name, Owner.Username, IsDeleted, Phone FROM Account ORDER BY Name")
    told = api.get(f"jobs/query/{job}").json()

    pages = [api.get(f"jobs/query/{job}/results", params={"maxRecords": 2})]
    pages.append(api.get(f"jobs/query/{job}/results", params={"locator": pages[0].headers["Sforce-Locator"]}))

    assert (told["state"], told["numberRecordsProcessed"], told["jobType"]) == ("JobComplete", 3, "V2Query")
    assert pages[0].text.splitlines() == [
        '"Name","Owner.Username","IsDeleted","Phone"',
        f'"Acme","{owner}","false",""',
        f'"Globex","{owner}","false",""',
    ]
    assert pages[1].text.splitlines()[0] == pages[0].text.splitlines()[0]
    assert [page.headers["Sforce-NumberOfRecords"] for page in pages] == ["2", "1"]
    assert pages[1].headers["Sforce-Locator"] == "null"


def test_an_empty_query_job_answers_a_header_and_the_end(api: Api) -> None:
    job = asked(api, "SELECT Id FROM Account WHERE Name = 'x'")

    answer = api.get(f"jobs/query/{job}/results")

    assert answer.text == '"Id"\n'
    assert (answer.headers["Sforce-NumberOfRecords"], answer.headers["Sforce-Locator"]) == ("0", "null")


def test_a_query_job_keeps_to_its_version_and_its_numbers(api: Api) -> None:
    job = asked(api, "SELECT Id FROM Account")

    other = api.get(f"jobs/query/{job}/results", version="65.0")
    locator = api.get(f"jobs/query/{job}/results?locator=zz")
    size = api.get(f"jobs/query/{job}/results?maxRecords=-1")

    assert other.status_code == 409
    assert refusal(locator) == (400, "INVALID_QUERY_LOCATOR")
    assert size.status_code == 400


def test_only_a_query_all_job_sees_deleted_records(api: Api) -> None:
    record_id = api.post("sobjects/Account", {"Name": "Gone"}).json()["id"]
    api.call("DELETE", f"sobjects/Account/{record_id}")
    soql = f"SELECT Id FROM Account WHERE Id = '{record_id}'"

    counts = [
        api.get(f"jobs/query/{asked(api, soql, operation)}/results").headers["Sforce-NumberOfRecords"]
        for operation in ("query", "queryAll")
    ]

    assert counts == ["0", "1"]


def test_a_query_job_can_be_aborted_while_it_runs() -> None:
    with served_api(Options(job_delay_ms=60_000)) as api:
        job = asked(api, "SELECT Id FROM Account")
        aborted = api.patch(f"jobs/query/{job}", {"state": "Aborted"}).json()
        results = api.get(f"jobs/query/{job}/results")
        deleted = api.call("DELETE", f"jobs/query/{job}")

    assert aborted["state"] == "Aborted"
    assert refusal(results) == (400, "INVALIDJOBSTATE")
    assert deleted.status_code == 204


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT COUNT() FROM Account",
        "SELECT COUNT(Id) FROM Account",
        "SELECT Name FROM Account GROUP BY Name",
        "SELECT Id FROM Account LIMIT 1 OFFSET 1",
        "SELECT Id, (SELECT Id FROM Contacts) FROM Account",
    ],
)
def test_what_bulk_queries_can_not_do_is_refused_never_left_out(api: Api, soql: str) -> None:
    answer = api.post("jobs/query", {"operation": "query", "query": soql})

    assert refusal(answer) == (400, "FEATURENOTENABLED")


@pytest.mark.parametrize("body", [{"operation": "query"}, {"operation": "query", "query": 5}])
def test_a_query_job_without_a_query_is_malformed(api: Api, body: object) -> None:
    assert refusal(api.post("jobs/query", body)) == (400, "MALFORMED_QUERY")


def test_a_query_job_of_no_operation_is_refused(api: Api) -> None:
    assert refusal(api.post("jobs/query", {"query": "SELECT Id FROM User"})) == (400, "INVALIDJOB")
