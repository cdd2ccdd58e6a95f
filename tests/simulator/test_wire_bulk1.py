"""Bulk API 1.0: jobs and batches in XML, JSON and CSV."""

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import requests

from reconciler.simulator.wire import Options
from tests.simulator.wired import Api, served_api

XML = "application/xml; charset=UTF-8"
NAMESPACE = "http://www.force.com/2009/06/asyncapi/dataload"


@pytest.fixture
def api() -> Iterator[Api]:
    with served_api() as served:
        yield served


def send(
    api: Api, method: str, path: str, body: str | bytes = b"", kind: str = XML, *, version: str = "66.0"
) -> requests.Response:
    """A request with a session as clients of this API send it."""
    session = str(api.http.headers["Authorization"]).removeprefix("Bearer ")
    headers = {"X-SFDC-Session": session} | ({"Content-Type": kind} if kind else {})
    content = body.encode() if isinstance(body, str) else body
    url = f"{api.url}/services/async/{version}/job{path}"
    return requests.request(method, url, data=content, headers=headers, timeout=30)


def job_info(**values: Any) -> str:
    """A jobInfo in XML."""
    inside = "".join(f"<{name}>{value}</{name}>" for name, value in values.items())
    return f'<?xml version="1.0" encoding="UTF-8"?><jobInfo xmlns="{NAMESPACE}">{inside}</jobInfo>'


def values(answer: requests.Response) -> Mapping[str, str | None]:
    """The elements of an answer in XML."""
    root = ET.fromstring(answer.text)  # noqa: S314 - the simulated org's own answer
    return {element.tag.removeprefix(f"{{{NAMESPACE}}}"): element.text for element in root}


def opened(api: Api, operation: str, kind: str, sobject: str = "Contact", **more: Any) -> str:
    """A new job's id."""
    answer = send(api, "POST", "", job_info(operation=operation, object=sobject, contentType=kind, **more))
    assert answer.status_code == 201, answer.text
    return str(values(answer)["id"])


def test_rows_of_csv_are_written_and_told_in_order(api: Api) -> None:
    job = opened(api, "insert", "CSV", concurrencyMode="Parallel")
    content = "LastName,FirstName,Title\nLovelace,Ada,#N/A\n,Nobody,\nHopper,Grace,Dr\n"

    batch = send(api, "POST", f"/{job}/batch", content, "text/csv; charset=UTF-8")
    closed = send(api, "POST", f"/{job}", job_info(state="Closed"))
    told = values(send(api, "GET", f"/{job}/batch/{values(batch)['id']}"))
    result = send(api, "GET", f"/{job}/batch/{values(batch)['id']}/result")

    lines = result.text.splitlines()
    assert batch.status_code == 201
    assert (told["state"], told["numberRecordsProcessed"], told["numberRecordsFailed"]) == ("Completed", "3", "1")
    assert values(closed)["state"] == "Closed"
    assert lines[0] == '"Id","Success","Created","Error"'
    assert re.fullmatch(r'"003\w{15}","true","true",""', lines[1])
    assert lines[2] == '"","false","false","REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --"'
    assert lines[3].endswith('"true","true",""')
    assert api.count("SELECT COUNT() FROM Contact WHERE Title = 'Dr'") == 1
    assert send(api, "GET", f"/{job}/batch/{values(batch)['id']}/request").text == content


def test_a_job_in_json_is_answered_in_json(api: Api) -> None:
    """simple-salesforce sends its concurrency as a number."""
    new = {
        "operation": "upsert",
        "object": "User",
        "concurrencyMode": 1,
        "contentType": "JSON",
        "externalIdFieldName": "Username",
    }
    job = send(api, "POST", "", json.dumps(new), "application/json").json()
    rows = [{"Username": "admin@acme.example", "Title": "Boss"}, {"Username": "x"}]
    batch = send(api, "POST", f"/{job['id']}/batch", json.dumps(rows), "application/json").json()
    result = send(api, "GET", f"/{job['id']}/batch/{batch['id']}/result", kind="application/json").json()
    listed = send(api, "GET", f"/{job['id']}/batch", kind="").json()

    assert (job["state"], job["concurrencyMode"], job["externalIdFieldName"]) == ("Open", "Serial", "Username")
    assert batch["state"] == "Completed"
    assert [(row["success"], row["created"]) for row in result] == [(True, False), (False, False)]
    assert set(result[1]["errors"][0]) == {"message", "fields", "statusCode", "extendedErrorDetails"}
    assert [entry["id"] for entry in listed["batchInfo"]] == [batch["id"]]
    assert send(api, "GET", f"/{job['id']}", kind="").json()["numberBatchesCompleted"] == 1


def test_rows_of_xml_may_be_nil_and_name_parents(api: Api) -> None:
    job = opened(api, "insert", "XML")
    parent = "<Account><sObject><Name>x</Name></sObject></Account>"
    owner = "<Owner><sObject><type>User</type><Username>admin@acme.example</Username></sObject></Owner>"
    rows = (
        f"<sObject><LastName>Nil</LastName><Title xsi:nil='true'/>{owner}</sObject>"
        f"<sObject><LastName>No parent</LastName>{parent}</sObject>"
    )
    content = f'<sObjects xmlns="{NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{rows}</sObjects>'

    batch = str(values(send(api, "POST", f"/{job}/batch", content))["id"])
    result = send(api, "GET", f"/{job}/batch/{batch}/result")

    assert result.headers["Content-Type"] == "application/xml"
    assert "<success>true</success><created>true</created></result>" in result.text
    assert "<statusCode>INVALID_FIELD</statusCode></errors><success>false</success>" in result.text
    assert (
        api.rows("SELECT Owner.Username FROM Contact WHERE LastName = 'Nil'")[0]["Owner"]["Username"]
        == "admin@acme.example"
    )


@pytest.mark.parametrize("operation", ["delete", "hardDelete"])
def test_rows_are_deleted_by_their_ids(api: Api, operation: str) -> None:
    record = api.post("sobjects/Contact", {"LastName": "Gone"}).json()["id"]
    job = opened(api, operation, "CSV")

    send(api, "POST", f"/{job}/batch", f"Id\n{record}\n", "text/csv")

    assert api.get(f"sobjects/Contact/{record}").status_code == 404


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("CSV", '"Name","Owner.Username"\n"Acme","owner@acme.example"\n'),
        (
            "XML",
            '<Owner xsi:type="sObject"><type>User</type><Username>owner@acme.example</Username></Owner>',
        ),
        ("JSON", '"Name": "Acme"'),
    ],
)
def test_a_query_is_answered_in_files(api: Api, kind: str, found: str) -> None:
    job = opened(api, "query", kind, "Account")
    soql = "SELECT Name, Owner.Username FROM Account WHERE Name = 'Acme'"

    batch = send(api, "POST", f"/{job}/batch", soql, "text/csv")
    batch_id = str(values(batch)["id"])
    listed = send(api, "GET", f"/{job}/batch/{batch_id}/result", kind=XML)
    [result] = values(listed).values()
    answer = send(api, "GET", f"/{job}/batch/{batch_id}/result/{result}")

    assert found in answer.text
    assert values(send(api, "GET", f"/{job}/batch/{batch_id}"))["numberRecordsProcessed"] == "1"


def test_ids_of_answers_are_a_list_in_json(api: Api) -> None:
    new = {"operation": "queryAll", "object": "Account", "contentType": "JSON"}
    job = send(api, "POST", "", json.dumps(new), "application/json").json()["id"]
    batch = send(api, "POST", f"/{job}/batch", "SELECT Id FROM Account", "application/json").json()["id"]

    results = send(api, "GET", f"/{job}/batch/{batch}/result", kind="application/json").json()

    assert len(send(api, "GET", f"/{job}/batch/{batch}/result/{results[0]}").json()) == api.count(
        "SELECT COUNT() FROM Account"
    )


@pytest.mark.parametrize(
    ("operation", "kind", "content", "problem"),
    [
        ("insert", "CSV", "Nothing\nx\n", "InvalidBatch : Field name not found : Nothing"),
        ("insert", "CSV", "", "InvalidBatch : Field name not found : the file is empty"),
        (
            "insert",
            "CSV",
            "LastName,Title\nx\n",
            "InvalidBatch : The number of columns in a row differs from the header",
        ),
        ("insert", "CSV", b"LastName\n\xff\n", "InvalidBatch : Failed to parse"),
        ("insert", "JSON", "{}", "InvalidBatch : Failed to parse: a list of records is required"),
        ("insert", "JSON", "[" * 100_000, "InvalidBatch : Failed to parse"),
        ("insert", "XML", "<a/>", "InvalidBatch : Failed to parse: sObjects are required"),
        (
            "insert",
            "XML",
            "<!DOCTYPE a><sObjects/>",
            "InvalidBatch : Failed to parse: a document type is not permitted",
        ),
        (
            "insert",
            "CSV",
            "LastName\n" + "x\n" * 10_001,
            "InvalidBatch : Batch has 10001 records, the maximum is 10000",
        ),
        ("query", "CSV", "SELECT Nothing FROM Contact", "InvalidBatch : Failed to process query: INVALID_FIELD"),
        ("query", "CSV", "SELECT COUNT() FROM Contact", "InvalidBatch : Failed to process query: FEATURENOTENABLED"),
    ],
)
def test_a_batch_that_can_not_be_read_fails_as_a_whole(
    api: Api, operation: str, kind: str, content: str | bytes, problem: str
) -> None:
    before = api.count("SELECT COUNT() FROM Contact")
    job = opened(api, operation, kind)

    batch = values(send(api, "POST", f"/{job}/batch", content))
    told = values(send(api, "GET", f"/{job}/batch/{batch['id']}"))

    assert told["state"] == "Failed"
    assert str(told["stateMessage"]).startswith(problem)
    assert values(send(api, "GET", f"/{job}"))["numberBatchesFailed"] == "1"
    assert send(api, "GET", f"/{job}/batch/{batch['id']}/result").status_code == 400
    assert api.count("SELECT COUNT() FROM Contact") == before


def code(answer: requests.Response) -> tuple[int, str | None]:
    """Status and code of a refused request."""
    return answer.status_code, values(answer)["exceptionCode"]


def test_a_request_that_makes_no_sense_is_refused_in_the_apis_own_shape(api: Api) -> None:
    job = opened(api, "insert", "CSV")

    assert code(send(api, "POST", "", job_info(operation="insert", object="Nothing"))) == (400, "InvalidJob")
    assert code(send(api, "POST", "", job_info(operation="stir", object="Contact"))) == (400, "InvalidJob")
    assert code(send(api, "POST", "", job_info(operation="insert", object="Contact", contentType="ZIP_CSV"))) == (
        400,
        "InvalidJob",
    )
    assert code(send(api, "POST", "", job_info(operation="upsert", object="Contact"))) == (400, "InvalidJob")
    assert code(send(api, "POST", "", "no markup")) == (400, "InvalidJob")
    assert code(send(api, "GET", "/750000000000009AAA")) == (400, "InvalidJob")
    assert code(send(api, "GET", f"/{job}/batch/751000000000009AAA")) == (400, "InvalidBatch")
    assert code(send(api, "POST", f"/{job}", job_info(state="Sleeping"))) == (400, "InvalidJobState")
    assert code(send(api, "DELETE", f"/{job}")) == (400, "InvalidUrl")
    assert code(send(api, "GET", "s")) == (400, "InvalidUrl")
    assert code(send(api, "GET", f"/{job}", version="30.0")) == (400, "InvalidVersion")
    assert code(requests.get(f"{api.url}/services/async/66.0/job/{job}", timeout=30)) == (400, "InvalidSessionId")
    told = send(api, "POST", "", "[]", "application/json").json()
    assert told == {"exceptionCode": "InvalidJob", "exceptionMessage": "Unable to find object: None"}


def test_a_closed_job_takes_no_batch(api: Api) -> None:
    job = opened(api, "insert", "CSV")
    send(api, "POST", f"/{job}", job_info(state="Aborted"))

    assert code(send(api, "POST", f"/{job}/batch", "LastName\nx\n", "text/csv")) == (400, "InvalidJobState")
    assert code(send(api, "POST", f"/{job}", job_info(state="Closed"))) == (400, "InvalidJobState")


def test_an_answer_of_a_query_is_there_under_its_own_id_only(api: Api) -> None:
    job = opened(api, "query", "CSV", "Account")
    batch = str(values(send(api, "POST", f"/{job}/batch", "SELECT Id FROM Account"))["id"])

    assert code(send(api, "GET", f"/{job}/batch/{batch}/result/752000000000009AAA")) == (400, "InvalidBatch")


def test_a_slow_org_is_in_progress_for_a_while() -> None:
    with served_api(Options(job_delay_ms=60_000)) as api:
        job = opened(api, "insert", "CSV")
        batch = values(send(api, "POST", f"/{job}/batch", "LastName\nx\n", "text/csv"))

        assert batch["state"] == "InProgress"
        assert values(send(api, "GET", f"/{job}"))["numberBatchesInProgress"] == "1"
        assert code(send(api, "GET", f"/{job}/batch/{batch['id']}/result")) == (400, "InvalidBatch")


def test_jobs_of_the_two_bulk_apis_do_not_know_one_another(api: Api) -> None:
    job = opened(api, "insert", "CSV")

    assert api.get(f"jobs/ingest/{job}").status_code == 404
    assert api.get("jobs/ingest").json()["records"] == []
