"""The HTTP face: shapes, statuses and limits of Salesforce's APIs, as unmodified clients need them."""

import gzip
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from reconciler.simulator import Org
from reconciler.simulator.access_log import AccessLog
from reconciler.simulator.faults import Faults
from reconciler.simulator.wire import Application, Options, issue_token
from tests.simulator.orgs import demo, id_of

V = "/services/data/v66.0"


class Api:
    """A client that holds a token."""

    def __init__(self, org: Org, options: Options | None = None) -> None:
        self.org = org
        self.client = Client(Application(org, options))
        self.headers = {"Authorization": f"Bearer {issue_token(org)}"}

    def __call__(self, method: str, path: str, **options: Any) -> TestResponse:
        headers = {**self.headers, **options.pop("headers", {})}
        url = path if path.startswith("/") else f"{V}/{path}"
        return self.client.open(url, method=method, headers=headers, **options)

    def query(self, soql: str, **options: Any) -> Any:
        return self("GET", "query", query_string={"q": soql}, **options).json


@pytest.fixture
def api() -> Iterator[Api]:
    org = demo()
    yield Api(org)
    org.close()


def error(response: TestResponse) -> tuple[int, str]:
    return response.status_code, response.json[0]["errorCode"]  # type: ignore[index]


def test_versions_ascend_and_need_no_login(api: Api) -> None:
    versions = api.client.get("/services/data").json

    numbers = [float(version["version"]) for version in versions]  # type: ignore[union-attr]
    assert numbers == sorted(numbers)
    assert (numbers[0], numbers[-1]) == (31.0, 67.0)
    assert {"label": "Spring '26", "url": V, "version": "66.0"} in versions  # type: ignore[operator]


def test_the_resources_of_a_version_name_the_identity(api: Api) -> None:
    found = api("GET", f"{V}/").json

    assert found["query"] == f"{V}/query"  # type: ignore[index]
    assert api.org.id in found["identity"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/services/data/v30.0/query", (410, "UNSUPPORTED_API_VERSION")),
        ("/services/data/v99.0/query", (404, "NOT_FOUND")),
        ("/services/data/vX/query", (404, "NOT_FOUND")),
        (f"{V}/nonsense", (404, "NOT_FOUND")),
        ("/nonsense", (404, "NOT_FOUND")),
        (f"{V}/query", (400, "MALFORMED_QUERY")),
        (f"{V}/sobjects/Nonsense/describe", (404, "NOT_FOUND")),
        (f"{V}/sobjects/User/005000000000999", (404, "NOT_FOUND")),
        (f"{V}/sobjects/User/Title/x", (404, "NOT_FOUND")),
        (f"{V}/sobjects/User/Username/nobody@x.example", (404, "NOT_FOUND")),
        (f"{V}/query/01gnonsense-2000", (400, "INVALID_QUERY_LOCATOR")),
        (f"{V}/jobs/ingest/750000000000999", (404, "NOT_FOUND")),
    ],
)
def test_what_is_not_there_is_refused_in_salesforces_shape(api: Api, path: str, expected: tuple[int, str]) -> None:
    assert error(api("GET", path)) == expected


@pytest.mark.parametrize("header", ["", "Bearer wrong", "Basic x"])
def test_a_wrong_token_is_401(api: Api, header: str) -> None:
    assert error(api("GET", "limits", headers={"Authorization": header})) == (401, "INVALID_SESSION_ID")


def test_every_answer_tells_usage_and_that_the_org_is_simulated(api: Api) -> None:
    first, second = api("GET", "limits"), api("GET", "limits")

    assert first.headers["X-Simulated-Org"] == "1"
    assert first.headers["Sforce-Limit-Info"] == "api-usage=1/15000"
    assert second.json["DailyApiRequests"] == {"Max": 15000, "Remaining": 14998}  # type: ignore[index]


@pytest.mark.parametrize(
    "form",
    [
        {"grant_type": "password", "username": "admin@acme.example", "password": "x"},
        {"grant_type": "client_credentials", "client_id": "x", "client_secret": "y"},
        {"grant_type": "refresh_token", "refresh_token": "x"},
        {
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "assertion": "e30.eyJzdWIiOiJhZG1pbkBhY21lLmV4YW1wbGUifQ.x",
        },
    ],
)
def test_each_grant_gives_a_token_that_works(api: Api, form: dict[str, str]) -> None:
    answer = api.client.post("/services/oauth2/token", data=form).json
    assert answer is not None

    headers = {"Authorization": f"Bearer {answer['access_token']}"}
    info = api.client.get("/services/oauth2/userinfo", headers=headers).json
    identity = api.client.get(answer["id"].removeprefix(answer["instance_url"]), headers=headers).json
    assert info["preferred_username"] == identity["username"] == "admin@acme.example"  # type: ignore[index]
    api.client.post("/services/oauth2/revoke", data={"token": answer["access_token"]})
    assert api.client.get("/services/oauth2/userinfo", headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"grant_type": "magic"}, "unsupported_grant_type"),
        ({"grant_type": "password", "username": "nobody@x.example"}, "invalid_grant"),
        ({"grant_type": "client_credentials"}, "invalid_client"),
        ({"grant_type": "refresh_token"}, "invalid_grant"),
        ({"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": "nonsense"}, "invalid_grant"),
    ],
)
def test_a_bad_grant_is_refused_as_oauth_does(api: Api, form: dict[str, str], code: str) -> None:
    answer = api.client.post("/services/oauth2/token", data=form)

    assert (answer.status_code, answer.json["error"]) == (400, code)  # type: ignore[index]


def test_pages_have_locators_that_can_be_followed(api: Api) -> None:
    rows = [{"attributes": {"type": "Account"}, "Name": f"Page {n:03}"} for n in range(200)]
    for _ in range(2):
        api("POST", "composite/sobjects", json={"records": rows})
    soql = "SELECT Name FROM Account WHERE Name LIKE 'Page%' ORDER BY Name"

    first = api.query(soql, headers={"Sforce-Query-Options": "batchSize=200"})
    second = api("GET", first["nextRecordsUrl"], headers={"Sforce-Query-Options": "batchSize=200"}).json

    assert (first["totalSize"], first["done"], len(first["records"])) == (400, False, 200)
    assert (second["done"], len(second["records"])) == (True, 200)  # type: ignore[index]
    assert api.query("SELECT COUNT() FROM Account") == {"totalSize": 403, "done": True, "records": []}


def test_query_all_sees_the_recycle_bin(api: Api) -> None:
    made = api("POST", "sobjects/Account", json={"Name": "Gone"}).json
    api("DELETE", f"sobjects/Account/{made['id']}")  # type: ignore[index]

    soql = {"q": "SELECT Id FROM Account WHERE Name = 'Gone'"}
    assert api("GET", "query", query_string=soql).json["totalSize"] == 0  # type: ignore[index]
    assert api("GET", "queryAll/", query_string=soql).json["totalSize"] == 1  # type: ignore[index]


def test_columns_are_described_on_request(api: Api) -> None:
    soql = "SELECT Id, IsActive, Profile.Name, Profile.UserLicense.Name FROM User"

    found = api("GET", "query", query_string={"q": soql, "columns": "true"}).json

    names = [column["columnName"] for column in found["columnMetadata"]]  # type: ignore[index]
    assert names == ["Id", "IsActive", "Profile"]
    joined = found["columnMetadata"][2]["joinColumns"]  # type: ignore[index]
    assert [column["columnName"] for column in joined] == ["Name", "UserLicense"]
    assert found["columnMetadata"][1]["booleanType"] is True  # type: ignore[index]


def test_long_uris_and_headers_are_refused(api: Api) -> None:
    assert api("GET", "query", query_string={"q": "x" * 17_000}).status_code == 414
    assert api("GET", "limits", headers={"X-Long": "x" * 17_000}).status_code == 431


def test_a_record_lives_through_create_read_update_delete(api: Api) -> None:
    created = api("POST", "sobjects/Contact/", json={"LastName": "James", "Title": None})
    record = created.json["id"]  # type: ignore[index]
    updated = api("PATCH", f"sobjects/contact/{record}", json={"FirstName": "Sonia"})
    read = api("GET", f"sobjects/Contact/{record}?fields=name,Email").json
    whole = api("GET", f"sobjects/Contact/{record}").json
    deleted = api("DELETE", f"sobjects/Contact/{record}")

    assert (created.status_code, created.json) == (201, {"id": record, "success": True, "errors": []})
    assert created.headers["Location"].endswith(record)
    assert (updated.status_code, updated.data) == (204, b"")
    assert (read["Name"], read["Email"]) == ("Sonia James", None)  # type: ignore[index]
    assert whole["attributes"]["type"] == "Contact"  # type: ignore[index]
    assert deleted.status_code == 204
    assert error(api("DELETE", f"sobjects/Contact/{record}")) == (404, "ENTITY_IS_DELETED")
    assert error(api("GET", f"sobjects/Contact/{record}?fields=Nonsense")) == (404, "NOT_FOUND")


def test_errors_of_one_record_are_a_list_with_error_code_and_fields(api: Api) -> None:
    refused = api("POST", "sobjects/Contact", json={"FirstName": "x"})

    assert refused.status_code == 400
    assert refused.json == [
        {
            "message": "Required fields are missing: [LastName]",
            "errorCode": "REQUIRED_FIELD_MISSING",
            "fields": ["LastName"],
        }
    ]


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("POST", "sobjects/Contact", b"", (400, "JSON_PARSER_ERROR")),
        ("POST", "sobjects/Contact", b"{", (400, "JSON_PARSER_ERROR")),
        ("POST", "sobjects/Contact", b"[]", (400, "JSON_PARSER_ERROR")),
        ("DELETE", "sobjects/User/005000000000003", b"", (405, "METHOD_NOT_ALLOWED")),
        ("PUT", "sobjects/User/005000000000003", b"{}", (405, "METHOD_NOT_ALLOWED")),
        ("POST", "composite/sobjects", b"{}", (400, "JSON_PARSER_ERROR")),
        ("POST", "composite/sobjects", b'{"records": [{}]}', (400, "INVALID_TYPE")),
        ("DELETE", "composite/sobjects?ids=nonsense", b"", (400, "MALFORMED_ID")),
        ("GET", "composite/sobjects/User?ids=x&fields=Nonsense", b"", (400, "INVALID_FIELD")),
    ],
)
def test_bad_requests_are_refused(api: Api, method: str, path: str, body: bytes, expected: tuple[int, str]) -> None:
    assert error(api(method, path, data=body)) == expected


def test_upsert_answers_by_version(api: Api) -> None:
    new = api("PATCH", "sobjects/Contact/Email/x@y.example", json={"LastName": "X"})
    again = api("PATCH", "sobjects/Contact/Email/x@y.example", json={"LastName": "Y"})
    old = api("PATCH", "/services/data/v45.0/sobjects/Contact/Email/x@y.example", json={"LastName": "Z"})
    read = api("GET", "sobjects/Contact/Email/x@y.example").json
    api("POST", "sobjects/Contact", json={"LastName": "Twin", "Email": "x@y.example"})

    assert (new.status_code, new.json["created"]) == (201, True)  # type: ignore[index]
    assert (again.status_code, again.json["created"]) == (200, False)  # type: ignore[index]
    assert old.status_code == 204
    assert read["LastName"] == "Z"  # type: ignore[index]
    assert api("GET", "sobjects/Contact/Email/x@y.example").status_code == 300


def test_collections_answer_200_with_a_row_each(api: Api) -> None:
    contact = {"attributes": {"type": "Contact"}}
    body = {"records": [{**contact, "LastName": "A", "Email": "a@x.example"}, contact]}

    made = api("POST", "composite/sobjects", json=body)
    rows = made.json
    assert rows is not None
    patched = api(
        "PATCH", "composite/sobjects", json={"records": [{**contact, "id": rows[0]["id"], "Title": "Dr"}]}
    ).json
    upserted = api(
        "PATCH", "composite/sobjects/Contact/Email", json={"records": [{**contact, "Email": "a@x.example"}]}
    ).json
    read = api("GET", f"composite/sobjects/Contact?ids={rows[0]['id']},003000000000999&fields=Title").json
    posted = api("POST", "composite/sobjects/Contact", json={"ids": [rows[0]["id"]], "fields": ["Title"]}).json
    gone = api("DELETE", f"composite/sobjects?ids={rows[0]['id']}&allOrNone=true").json

    assert made.status_code == 200
    assert rows[1] == {
        "success": False,
        "errors": [
            {
                "statusCode": "REQUIRED_FIELD_MISSING",
                "message": "Required fields are missing: [LastName]",
                "fields": ["LastName"],
            }
        ],
    }
    assert patched == [{"id": rows[0]["id"], "success": True, "errors": []}]
    assert upserted[0]["created"] is False  # type: ignore[index]
    assert (read[0]["Title"], read[1]) == ("Dr", None)  # type: ignore[index]
    assert posted[0]["Title"] == "Dr"  # type: ignore[index]
    assert gone[0]["success"] is True  # type: ignore[index]


def test_collections_have_a_limit_and_keep_setup_apart(api: Api) -> None:
    user = id_of(api.org, "User", Username="sonia.james@acme.example")
    many = {"records": [{"attributes": {"type": "Contact"}}] * 201}
    account, member = (
        {"attributes": {"type": "Account"}, "Name": "x"},
        {"attributes": {"type": "UserRole"}, "Name": "x"},
    )

    mixed = api("POST", "composite/sobjects", json={"records": [account, member]}).json

    assert error(api("POST", "composite/sobjects", json=many)) == (400, "EXCEEDED_ID_LIMIT")
    assert mixed[1]["errors"][0]["statusCode"] == "MIXED_DML_OPERATION"  # type: ignore[index]
    assert user


def test_describe_tells_generic_clients_what_they_need(api: Api) -> None:
    whole = api("GET", "sobjects").json
    user = api("GET", "sobjects/user/describe").json
    head = api("GET", "sobjects/User").json
    assert whole is not None
    assert user is not None

    fields = {field["name"]: field for field in user["fields"]}
    assert {"Account", "Contact", "User"} <= {item["name"] for item in whole["sobjects"]}
    assert fields["ContactId"]["referenceTo"] == ["Contact"]
    assert (fields["AccountId"]["createable"], fields["Username"]["idLookup"]) == (False, True)
    assert [value["value"] for value in fields["PortalRole"]["picklistValues"]][:1] == ["Executive"]
    assert "fields" not in head["objectDescribe"]  # type: ignore[index]


def job(api: Api, operation: str, sobject: str, csv: str, **options: Any) -> str:
    made = api("POST", "jobs/ingest", json={"operation": operation, "object": sobject, **options}).json
    assert made is not None
    assert made["state"] == "Open"
    assert api("PUT", made["contentUrl"].join(["/", ""]), data=csv.encode()).status_code == 201
    api("PATCH", f"jobs/ingest/{made['id']}", json={"state": "UploadComplete"})
    return str(made["id"])


def test_an_ingest_job_tells_each_row(api: Api) -> None:
    user = id_of(api.org, "User", Username="sonia.james@acme.example")
    rows = f'Id,Title,Department,IsActive\n{user},"Dr, Prof",#N/A,\n005000000000999,x,y,true\n'

    found = job(api, "update", "User", rows)
    state = api("GET", f"jobs/ingest/{found}").json
    done = api("GET", f"jobs/ingest/{found}/successfulResults").text
    failed = api("GET", f"jobs/ingest/{found}/failedResults").text
    rest = api("GET", f"jobs/ingest/{found}/unprocessedRecords/").text

    assert (state["state"], state["numberRecordsProcessed"], state["numberRecordsFailed"]) == ("JobComplete", 2, 1)  # type: ignore[index]
    assert done == f'sf__Id,sf__Created,Id,Title,Department,IsActive\n{user},false,{user},"Dr, Prof",#N/A,\n'
    assert "INVALID_CROSS_REFERENCE_KEY:invalid cross reference id: --" in failed
    assert rest == "Id,Title,Department,IsActive\n"
    stored = api.org.store.get("User", user) or {}
    assert (stored["Title"], stored["IsActive"]) == ("Dr, Prof", True)


def test_inserts_upserts_and_deletes_go_by_job(api: Api) -> None:
    made = job(
        api, "insert", "Contact", "LastName;Email\r\nX;x@y.example\r\n", columnDelimiter="SEMICOLON", lineEnding="CRLF"
    )
    upserted = job(api, "upsert", "Contact", "LastName,Email\nY,x@y.example\n", externalIdFieldName="Email")
    contact = id_of(api.org, "Contact", LastName="Y")
    deleted = job(api, "delete", "Contact", f"Id\n{contact}\n")

    for found in (made, upserted, deleted):
        assert api("GET", f"jobs/ingest/{found}").json["numberRecordsFailed"] == 0  # type: ignore[index]
    assert api.org.store.get("Contact", contact) is None


@pytest.mark.parametrize(
    ("csv", "message"),
    [
        ("Nonsense\nx\n", "Field name not found : Nonsense"),
        ("Boss.Name\nx\n", "Field name not found : Boss.Name"),
        ("LastName,Title\nx\n", "number of columns"),
        ("", "the file is empty"),
        ("LastName\r\nx\r\n", "LineEnding is invalid"),
    ],
)
def test_a_file_that_does_not_fit_fails_the_whole_job(api: Api, csv: str, message: str) -> None:
    found = job(api, "insert", "Contact", csv)

    state = api("GET", f"jobs/ingest/{found}").json
    assert state["state"] == "Failed"  # type: ignore[index]
    assert message in state["errorMessage"]  # type: ignore[index]
    assert len(api.org.store.find("Contact")) == 3


def test_jobs_keep_to_their_states(api: Api) -> None:
    made = api("POST", "jobs/ingest", json={"operation": "insert", "object": "Contact"}).json["id"]  # type: ignore[index]

    assert error(api("DELETE", f"jobs/ingest/{made}")) == (400, "INVALIDJOBSTATE")
    assert error(api("GET", f"jobs/ingest/{made}/nonsense")) == (404, "NOT_FOUND")
    assert api("PATCH", f"jobs/ingest/{made}", json={"state": "Aborted"}).json["state"] == "Aborted"  # type: ignore[index]
    assert error(api("PUT", f"jobs/ingest/{made}/batches", data=b"x")) == (400, "INVALIDJOBSTATE")
    assert error(api("PATCH", f"jobs/ingest/{made}", json={"state": "UploadComplete"})) == (400, "INVALIDJOBSTATE")
    assert [entry["id"] for entry in api("GET", "jobs/ingest").json["records"]] == [made]  # type: ignore[index]
    assert api("DELETE", f"jobs/ingest/{made}").status_code == 204
    assert error(api("GET", f"jobs/ingest/{made}")) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    "body",
    [
        {"operation": "magic", "object": "Contact"},
        {"operation": "insert", "object": "Nonsense"},
        {"operation": "insert", "object": "Contact", "columnDelimiter": "DASH"},
    ],
)
def test_a_job_that_makes_no_sense_is_refused(api: Api, body: dict[str, str]) -> None:
    assert error(api("POST", "jobs/ingest", json=body)) == (400, "INVALIDJOB")


def test_a_query_job_gives_pages_of_quoted_csv(api: Api) -> None:
    soql = "SELECT Username, IsActive, Contact.LastName FROM User WHERE Username LIKE '%initech%' ORDER BY Username"
    made = api("POST", "jobs/query", json={"operation": "query", "query": soql}).json
    state = api("GET", f"jobs/query/{made['id']}").json  # type: ignore[index]
    first = api("GET", f"jobs/query/{made['id']}/results?maxRecords=3")  # type: ignore[index]
    second = api("GET", f"jobs/query/{made['id']}/results?maxRecords=3&locator=3")  # type: ignore[index]

    assert (made["state"], state["state"], state["numberRecordsProcessed"]) == ("UploadComplete", "JobComplete", 4)  # type: ignore[index]
    assert first.text.splitlines()[:2] == [
        '"Username","IsActive","Contact.LastName"',
        '"jonas.weber@initech.example","true","Weber"',
    ]
    assert (first.headers["Sforce-NumberOfRecords"], first.headers["Sforce-Locator"]) == ("3", "3")
    assert (second.text.count("\n"), second.headers["Sforce-Locator"]) == (2, "null")
    aggregate = {"operation": "query", "query": "SELECT COUNT(Id) FROM User"}
    assert api("POST", "jobs/query", json=aggregate).status_code == 400


def test_a_slow_job_is_in_progress_first() -> None:
    api = Api(demo(), Options(job_delay_ms=60))
    made = job(api, "insert", "Contact", "LastName\nx\n")
    query = api("POST", "jobs/query", json={"operation": "query", "query": "SELECT Id FROM User"}).json["id"]  # type: ignore[index]

    before = api("GET", f"jobs/ingest/{made}").json["state"]  # type: ignore[index]
    early = api("GET", f"jobs/query/{query}/results")
    time.sleep(0.08)
    after = api("GET", f"jobs/ingest/{made}").json["state"]  # type: ignore[index]

    assert (before, after) == ("InProgress", "JobComplete")
    assert error(early) == (400, "INVALIDJOBSTATE")


def test_bodies_travel_compressed_both_ways(api: Api) -> None:
    body = gzip.compress(json.dumps({"LastName": "Zip"}).encode())
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}

    made = api("POST", "sobjects/Contact", data=body, headers=headers)
    large = api("GET", "sobjects/User/describe", headers={"Accept-Encoding": "gzip"})

    assert made.status_code == 201
    assert large.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(large.data))["name"] == "User"


def faulty(spec: str) -> Api:
    return Api(demo(), Options(faults=Faults(spec)))


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("session-expired:1", (401, "INVALID_SESSION_ID")),
        ("concurrent-limit:1@GET limits", (403, "REQUEST_LIMIT_EXCEEDED")),
        ("unavailable@GET", (503, "SERVER_UNAVAILABLE")),
    ],
)
def test_a_fault_happens_as_often_as_it_is_asked_for(spec: str, expected: tuple[int, str]) -> None:
    api = faulty(spec)

    assert error(api("GET", "limits")) == expected
    assert api("GET", "limits").status_code == 200


def test_a_lost_response_was_executed() -> None:
    api = faulty("lost-response:1@POST composite/sobjects")
    body = {"records": [{"attributes": {"type": "Account"}, "Name": "Lost"}]}

    assert api("POST", "composite/sobjects", json=body).status_code == 503
    assert len(api.org.store.find("Account", Name="Lost")) == 1


def test_a_row_lock_writes_nothing() -> None:
    api = faulty("row-lock:3")
    body = {"records": [{"attributes": {"type": "Account"}, "Name": "Locked"}]}

    row = api("POST", "composite/sobjects", json=body).json[0]  # type: ignore[index]
    single = api("POST", "sobjects/Account", json={"Name": "Locked"})

    assert row["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"
    assert error(single) == (400, "UNABLE_TO_LOCK_ROW")
    assert api.org.store.find("Account", Name="Locked") == []


def test_a_row_lock_fails_the_rows_of_a_job() -> None:
    api = faulty("row-lock:1@PATCH jobs/ingest")
    made = job(api, "insert", "Contact", "LastName\nx\n")

    assert api("GET", f"jobs/ingest/{made}").json["numberRecordsFailed"] == 1  # type: ignore[index]


@pytest.mark.parametrize("spec", ["nonsense", "row-lock:many"])
def test_a_fault_that_is_none_is_refused(spec: str) -> None:
    with pytest.raises(ValueError, match="is no fault"):
        Faults(spec)


def test_the_access_log_holds_requests_and_no_token(tmp_path: Path) -> None:
    log = tmp_path / "access.jsonl"
    access_log = AccessLog(log)
    api = Api(demo(), Options(log=access_log, latency_ms=1))
    token = api.headers["Authorization"].split()[1]

    api("GET", "query", query_string={"q": "SELECT Id FROM User"})
    api.client.get(f"/id/{api.org.id}/005000000000001?oauth_token={token}")

    access_log.close()
    text = log.read_text()
    first, second = (json.loads(line) for line in text.splitlines())
    assert (first["method"], first["status"]) == ("GET", 200)
    assert "SELECT" in first["path"]
    assert second["path"].startswith("/id/")
    assert token not in text
