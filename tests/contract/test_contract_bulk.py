"""Bulk API 2.0: jobs that load files, jobs that query."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.contract.sources import BULK_FILES, BULK_INGEST, BULK_QUERY, BULK_RESULTS, DOCUMENTED, INFERRED, REPORTED
from tests.contract.tenant import VERSION, Tenant, refusal

CSV = {"Content-Type": "text/csv"}


def table(text: str) -> list[list[str]]:
    """A CSV file's lines."""
    return list(csv.reader(io.StringIO(text)))


def opened(org: Tenant, operation: str, sobject: str = "Account", **extra: str) -> Mapping[str, Any]:
    """A new job."""
    answer = org.post("jobs/ingest", {"object": sobject, "operation": operation, **extra})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def loaded(
    org: Tenant, operation: str, header: Sequence[str], rows: Sequence[Sequence[str]], **extra: str
) -> Mapping[str, Any]:
    """The job that has loaded a file, finished."""
    job = str(opened(org, operation, **extra)["id"])
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    sent = org.call("PUT", f"jobs/ingest/{job}/batches", data=text.getvalue().encode(), headers=CSV)
    assert sent.status_code == 201, sent.text
    closed = org.patch(f"jobs/ingest/{job}", {"state": "UploadComplete"})
    assert closed.status_code == 200, closed.text
    return org.finished(job)


def results(org: Tenant, job: Mapping[str, Any], name: str) -> list[list[str]]:
    """The lines of a result file, but for its header in their order by what was sent."""
    answer = org.get(f"jobs/ingest/{job['id']}/{name}")
    assert answer.status_code == 200, answer.text
    answer.encoding = "utf-8"
    header, *rows = table(answer.text)
    return [header, *sorted(rows, key=lambda row: row[2:])]


@pytest.mark.fact(BULK_INGEST, DOCUMENTED)
def test_a_new_job_is_open(org: Tenant) -> None:
    job = opened(org, "insert")

    wanted = {
        "operation": "insert",
        "object": "Account",
        "state": "Open",
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": float(VERSION),
        "contentUrl": f"services/data/v{VERSION}/jobs/ingest/{job['id']}/batches",
        "lineEnding": "LF",
        "columnDelimiter": "COMMA",
    }
    org.expect("job", {key: job.get(key) for key in wanted}, wanted)
    assert job["id"].startswith("750")
    assert {"createdById", "createdDate", "systemModstamp"} <= set(job)
    org.patch(f"jobs/ingest/{job['id']}", {"state": "Aborted"})


@pytest.mark.fact(BULK_INGEST, DOCUMENTED)
def test_a_file_is_taken_once_and_without_an_answer(org: Tenant) -> None:
    job = opened(org, "insert")["id"]

    answers = [org.call("PUT", f"jobs/ingest/{job}/batches", data=b"Name\n", headers=CSV) for _ in range(2)]

    org.expect("answer", (answers[0].status_code, answers[0].content), (201, b""))
    org.expect("second time", answers[1].status_code, 400, is_known=False)
    org.patch(f"jobs/ingest/{job}", {"state": "Aborted"})


@pytest.mark.fact(BULK_INGEST, DOCUMENTED)
def test_a_job_tells_how_many_rows_it_wrote(org: Tenant) -> None:
    job = loaded(org, "insert", ["Name", "Site"], [[org.name(), "a"], ["", "b"], [org.name(), "c"]])

    told = {key: job[key] for key in ("state", "jobType", "numberRecordsProcessed", "numberRecordsFailed", "retries")}
    org.expect(
        "job",
        told,
        {
            "state": "JobComplete",
            "jobType": "V2Ingest",
            "numberRecordsProcessed": 3,
            "numberRecordsFailed": 1,
            "retries": 0,
        },
    )
    assert {"totalProcessingTime", "apiActiveProcessingTime", "apexProcessingTime"} <= set(job)


@pytest.mark.fact(BULK_INGEST, REPORTED)
def test_result_files_hold_what_became_of_each_row(org: Tenant) -> None:
    name = org.name()
    job = loaded(org, "insert", ["Name", "Site"], [[name, "a"], ["", "b"]])

    done, failed = results(org, job, "successfulResults"), results(org, job, "failedResults")

    org.expect("header", done[0], ["sf__Id", "sf__Created", "Name", "Site"])
    org.expect("written", [row[1:] for row in done[1:]], [["true", name, "a"]])
    assert org.row("Account", done[1][0], "Name") == {"Name": name}
    org.expect("header of failures", failed[0], ["sf__Id", "sf__Error", "Name", "Site"])
    error = "REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --"
    org.expect("refused", failed[1:], [["", error, "", "b"]])


@pytest.mark.fact(BULK_INGEST, DOCUMENTED)
@pytest.mark.parametrize("name", ["unprocessedrecords", "unprocessedRecords"])
def test_what_was_not_processed_is_a_file_too(org: Tenant, name: str) -> None:
    job = loaded(org, "insert", ["Name"], [[org.name()]])

    answer = org.get(f"jobs/ingest/{job['id']}/{name}")

    org.expect("status", answer.status_code, 200)
    org.expect("rows", table(answer.text)[1:], [])


@pytest.mark.fact(BULK_FILES, DOCUMENTED)
def test_an_empty_cell_leaves_a_field_and_a_mark_empties_it(org: Tenant) -> None:
    kept, emptied = org.account(Site="Here"), org.account(Site="Here")

    job = loaded(org, "update", ["Id", "Site", "Phone"], [[kept, "", "1"], [emptied, "#N/A", "2"]])

    assert job["numberRecordsFailed"] == 0
    org.expect("empty", org.row("Account", kept, "Site", "Phone"), {"Site": "Here", "Phone": "1"})
    org.expect("#N/A", org.row("Account", emptied, "Site", "Phone"), {"Site": None, "Phone": "2"})


@pytest.mark.fact(BULK_FILES, DOCUMENTED)
def test_cells_may_hold_whatever_a_text_may(org: Tenant) -> None:
    text = 'He said "no", twice\nand left - Zoë'

    job = loaded(org, "insert", ["Name", "Description"], [[org.name(), text]])

    (_, done) = results(org, job, "successfulResults")
    org.expect("file", done[3], text)
    found = org.row("Account", done[0], "Description")["Description"]
    org.expect("record", str(found).replace("\r\n", "\n"), text)


@pytest.mark.fact(BULK_FILES, DOCUMENTED)
def test_a_file_may_have_another_delimiter_and_line_ending(org: Tenant) -> None:
    job, name = opened(org, "insert", columnDelimiter="SEMICOLON", lineEnding="CRLF")["id"], org.name()
    org.call("PUT", f"jobs/ingest/{job}/batches", data=f"Name;Site\r\n{name};a,b\r\n".encode(), headers=CSV)
    org.patch(f"jobs/ingest/{job}", {"state": "UploadComplete"})

    state = org.finished(job)

    org.expect("state", state["state"], "JobComplete")
    assert org.rows(f"SELECT Site FROM Account WHERE Name = '{name}'") == [{"Site": "a,b"}]


@pytest.mark.fact(BULK_INGEST, INFERRED)
def test_an_unknown_column_fails_the_whole_job(org: Tenant) -> None:
    name = org.name()

    job = loaded(org, "insert", ["Name", "Nonsense"], [[name, "a"]])

    org.expect("state", job["state"], "Failed")
    org.expect("message", job.get("errorMessage"), "InvalidBatch : Field name not found : Nonsense")
    assert org.rows(f"SELECT Id FROM Account WHERE Name = '{name}'") == []


@pytest.mark.fact(BULK_INGEST, DOCUMENTED)
def test_rows_are_deleted_by_id(org: Tenant) -> None:
    account = org.account()

    job = loaded(org, "delete", ["Id"], [[account]])

    assert job["numberRecordsFailed"] == 0
    assert org.rows(f"SELECT Id FROM Account WHERE Id = '{account}'") == []


@pytest.mark.fact(BULK_INGEST, DOCUMENTED)
def test_rows_are_upserted_by_an_external_id(org: Tenant) -> None:
    key, values = org.external_id("Account"), [org.name()[-15:], org.name()[-15:]]
    old = org.account(**{key: values[0]})

    job = loaded(org, "upsert", [key, "Name"], [[value, org.name()] for value in values], externalIdFieldName=key)

    done = {row[2]: row[:2] for row in results(org, job, "successfulResults")[1:]}
    org.expect("old", done[values[0]], [old, "false"])
    org.expect("new", done[values[1]][1], "true")


@pytest.mark.fact(BULK_INGEST, DOCUMENTED)
def test_a_job_is_aborted_and_then_deleted(org: Tenant) -> None:
    job = opened(org, "insert")["id"]

    too_early = org.call("DELETE", f"jobs/ingest/{job}")
    aborted = org.patch(f"jobs/ingest/{job}", {"state": "Aborted"})
    deleted = org.call("DELETE", f"jobs/ingest/{job}")

    org.expect("too early", too_early.status_code, 400, is_known=False)
    org.expect("aborted", (aborted.status_code, aborted.json()["state"]), (200, "Aborted"))
    org.expect("deleted", (deleted.status_code, deleted.content), (204, b""))
    assert org.get(f"jobs/ingest/{job}").status_code == 404


@pytest.mark.fact(BULK_INGEST, DOCUMENTED)
def test_jobs_are_listed(org: Tenant) -> None:
    opened_job = opened(org, "insert")["id"]

    body = org.get("jobs/ingest").json()

    assert {"done", "records"} <= set(body)
    assert all({"id", "object", "operation", "state"} <= set(job) for job in body["records"])
    org.patch(f"jobs/ingest/{opened_job}", {"state": "Aborted"})


@pytest.mark.fact(BULK_INGEST, INFERRED)
@pytest.mark.parametrize(
    "change",
    [{"object": "Nonsense"}, {"operation": "nonsense"}, {"columnDelimiter": "NONSENSE"}, {"operation": "upsert"}],
)
def test_a_job_that_means_nothing_is_refused(org: Tenant, change: Mapping[str, str]) -> None:
    answer = org.post("jobs/ingest", {"object": "Account", "operation": "insert", **change})

    org.expect("refusal", refusal(answer), (400, "INVALIDJOB"))


def asked(org: Tenant, soql: str, operation: str = "query") -> str:
    """The id of a finished query job."""
    answer = org.post("jobs/query", {"operation": operation, "query": soql})
    assert answer.status_code == 200, answer.text
    job = answer.json()
    assert job["state"] in {"UploadComplete", "InProgress", "JobComplete"}
    finished = org.finished(job["id"], "query")
    assert finished["state"] == "JobComplete", finished
    return str(job["id"])


@pytest.mark.fact(BULK_RESULTS, DOCUMENTED)
def test_the_last_page_has_a_locator_of_null(org: Tenant) -> None:
    """Clients ask for pages until they read this word."""
    site = org.account(Site="Here")
    job = asked(org, f"SELECT Id, Site, Phone FROM Account WHERE Id = '{site}'")

    answer = org.get(f"jobs/query/{job}/results")

    org.expect("locator", answer.headers["Sforce-Locator"], "null")
    org.expect("rows", answer.headers["Sforce-NumberOfRecords"], "1")
    org.expect("file", table(answer.text), [["Id", "Site", "Phone"], [site, "Here", ""]])
    assert answer.headers["Content-Type"].startswith("text/csv")


@pytest.mark.fact(BULK_RESULTS, DOCUMENTED)
def test_every_page_begins_with_the_header(org: Tenant) -> None:
    name = org.name()
    for _ in range(3):
        org.account(Name=name)
    job = asked(org, f"SELECT Id FROM Account WHERE Name = '{name}'")

    pages, locator = [], ""
    while locator != "null":
        parameters = {"maxRecords": "2", **({"locator": locator} if locator else {})}
        answer = org.get(f"jobs/query/{job}/results", params=parameters)
        pages.append(table(answer.text))
        locator = answer.headers["Sforce-Locator"]

    assert all(page[0] == ["Id"] for page in pages)
    assert len({row[0] for page in pages for row in page[1:]}) == 3
    org.expect("pages", [len(page) - 1 for page in pages], [2, 1])


@pytest.mark.fact(BULK_RESULTS, INFERRED)
def test_a_query_that_finds_nothing_has_a_header(org: Tenant) -> None:
    job = asked(org, f"SELECT Id, Name FROM Account WHERE Name = '{org.name()}'")

    answer = org.get(f"jobs/query/{job}/results")

    org.expect("file", table(answer.text), [["Id", "Name"]])
    org.expect("rows", answer.headers.get("Sforce-NumberOfRecords"), "0")


@pytest.mark.fact(BULK_QUERY, DOCUMENTED)
def test_a_query_job_may_see_the_recycle_bin(org: Tenant) -> None:
    account = org.account()
    org.call("DELETE", f"sobjects/Account/{account}")
    soql = f"SELECT Id, IsDeleted FROM Account WHERE Id = '{account}'"

    files = [table(org.get(f"jobs/query/{asked(org, soql, o)}/results").text)[1:] for o in ("query", "queryAll")]

    org.expect("rows", files, [[], [[account, "true"]]])


@pytest.mark.fact(BULK_QUERY, DOCUMENTED)
def test_results_are_read_with_the_version_of_the_job(org: Tenant) -> None:
    job = asked(org, "SELECT Id FROM Organization")

    org.expect("status", org.get(f"jobs/query/{job}/results", version="60.0").status_code, 409)


@pytest.mark.fact(BULK_QUERY, REPORTED)
@pytest.mark.parametrize(
    "soql", ["SELECT COUNT(Id) FROM Account", "SELECT Id, (SELECT Id FROM Contacts) FROM Account", "SELECT nonsense"]
)
def test_a_query_that_no_job_takes_is_refused(org: Tenant, soql: str) -> None:
    answer = org.post("jobs/query", {"operation": "query", "query": soql})

    state = answer.json()
    if answer.status_code == 200:
        state = org.finished(state["id"], "query")["state"]
    org.expect("refused", answer.status_code if answer.status_code >= 400 else state, 400, is_known=False)
    assert answer.status_code == 400 or state == "Failed"
