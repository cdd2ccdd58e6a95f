"""Each kind of fault as a client meets it: what arrives, and what was done."""

import csv
import json
import re
from collections.abc import Sequence
from io import StringIO
from typing import Any

import pytest
import requests

from reconciler.simulator.faults import KINDS, Fault, Faults
from reconciler.simulator.wire import Options
from tests.simulator import soap_calls
from tests.simulator.wired import Api, accounts, refusal, served_api

FAULTY = "SELECT COUNT() FROM Account WHERE Name LIKE 'Faulty%'"
PAGE = "/__simulator__/faults"


def weather(spec: str, seed: int = 0, **options: Any) -> Any:
    """A served org that has that weather."""
    return served_api(Options(faults=Faults(spec, seed), **options))


def create(api: Api, name: str = "Faulty") -> requests.Response:
    return api.post("sobjects/Account", {"Name": name})


def count(api: Api) -> int:
    api.call("DELETE", PAGE)
    return api.count(FAULTY)


def collected(api: Api, number: int = 100) -> list[bool]:
    """Which rows of a collection were written."""
    rows = accounts([f"Faulty {at}" for at in range(number)])
    return [row["success"] for row in api.post("composite/sobjects", {"records": rows}).json()]


REFUSED = {
    "session-expired": (401, "INVALID_SESSION_ID"),
    "concurrent-limit": (403, "REQUEST_LIMIT_EXCEEDED"),
    "daily-limit": (403, "REQUEST_LIMIT_EXCEEDED"),
    "unavailable": (503, "SERVER_UNAVAILABLE"),
    "lost-response": (503, "SERVER_UNAVAILABLE"),
    "row-lock": (400, "UNABLE_TO_LOCK_ROW"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_refusal_is_salesforces_own_and_tells_truly_whether_the_request_was_done(kind: str) -> None:
    with weather(kind) as api:
        answer = create(api)

        assert refusal(answer) == REFUSED[kind]
        assert count(api) == (KINDS[Fault(kind)].executed == "yes")


@pytest.mark.parametrize(("kind", "status"), [("bad-gateway", 502), ("gateway-timeout", 504)])
def test_a_proxy_answers_in_html(kind: str, status: int) -> None:
    with weather(kind) as api:
        answer = create(api)

        assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (status, "text/html")
        assert f"<title>{status} " in answer.text
        assert count(api) == (kind == "gateway-timeout")


@pytest.mark.parametrize("kind", ["cut-before", "cut-after"])
def test_a_connection_is_cut_without_a_byte(kind: str) -> None:
    with weather(f"{kind}@POST sobjects") as api:
        with pytest.raises(requests.ConnectionError):
            create(api)

        assert count(api) == (kind == "cut-after")


def test_an_answer_breaks_off_in_the_middle_and_the_request_was_done() -> None:
    with weather("cut-midway@POST sobjects") as api:
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            create(api)

        assert count(api) == 1


def test_an_answer_without_a_body_can_not_break_off() -> None:
    with weather("cut-midway@PATCH sobjects") as api:
        acme = api.id_of("Account", "Acme")

        assert api.patch(f"sobjects/Account/{acme}", {"Phone": "1"}).status_code == 204


def test_a_truncated_body_has_a_right_length_and_is_no_json() -> None:
    with weather("truncated@GET sobjects") as api:
        answer = api.get("sobjects", headers={"Accept-Encoding": "identity"})

    assert answer.status_code == 200
    assert len(answer.content) == int(answer.headers["Content-Length"]) > 0
    with pytest.raises(ValueError, match="line 1"):
        json.loads(answer.content)


def test_a_slow_answer_comes_late_and_whole() -> None:
    with weather("slow/80ms@GET limits") as api:
        first, second = (api.get("limits") for _ in range(2))

    assert first.elapsed.total_seconds() >= 0.08
    assert list(first.json()) == list(second.json())


def test_a_query_runs_too_long_in_rest_and_in_soap() -> None:
    with weather("query-timeout:3") as api:
        create(api)
        asked = [refusal(api.get("query", params={"q": "SELECT Id FROM User"})) for _ in range(2)]
        token = str(api.http.headers["Authorization"]).removeprefix("Bearer ")
        body = "<query><queryString>SELECT Id FROM User</queryString></query>"
        told = soap_calls.post(api, soap_calls.envelope(body, token))

        assert asked == [(400, "QUERY_TIMEOUT")] * 2
        assert told.fault[:2] == (500, "sf:QUERY_TIMEOUT")
        assert api.count(FAULTY) == 1


@pytest.mark.parametrize("kind", ["session-expired", "daily-limit"])
def test_a_refused_soap_call_is_told_by_a_fault(kind: str) -> None:
    with weather(kind) as api:
        told = soap_calls.post(api, soap_calls.envelope("<getUserInfo/>", "none"))

    assert told.fault[:2] == (500, f"sf:{REFUSED[kind][1]}")


def test_a_refused_request_of_the_first_bulk_api_is_told_in_its_own_shape() -> None:
    with weather("concurrent-limit") as api:
        told = api.call("GET", "/services/async/64.0/job/x", headers={"Content-Type": "application/json"})

    assert (told.status_code, told.json()["exceptionCode"]) == (403, "ExceededQuota")


def test_a_batch_of_the_first_bulk_api_meets_locked_rows() -> None:
    with weather("row-lock") as api:
        token = str(api.http.headers["Authorization"]).removeprefix("Bearer ")
        headers = {"Content-Type": "application/json", "X-SFDC-Session": token}
        job = {"operation": "insert", "object": "Account", "contentType": "JSON"}
        path = "/services/async/64.0/job"
        opened = api.call("POST", path, json=job, headers=headers).json()["id"]
        batch = api.call("POST", f"{path}/{opened}/batch", json=[{"Name": "Faulty"}], headers=headers).json()["id"]
        [row] = api.call("GET", f"{path}/{opened}/batch/{batch}/result", headers=headers).json()

        assert row["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"
        assert count(api) == 0


def test_letters_come_in_latin_1_under_a_header_that_says_utf_8() -> None:
    with weather("wrong-charset:2@GET query,wrong-charset@GET jobs") as api:
        create(api, "Faulty Zürich")
        answer = api.get("query", params={"q": "SELECT Name FROM Account WHERE Name LIKE 'Faulty%'"})
        plain = api.get("query", params={"q": "SELECT Name FROM Account WHERE Name = 'Acme'"})
        job = api.post("jobs/query", {"operation": "query", "query": "SELECT Name FROM Account"}).json()["id"]
        results = api.get(f"jobs/query/{job}/results")

    assert (answer.headers["Content-Type"], results.headers["Content-Type"]) == (
        "application/json;charset=UTF-8",
        "text/csv",
    )
    assert all("Faulty Zürich".encode("latin-1") in content for content in (answer.content, results.content))
    assert plain.json()["records"][0]["Name"] == "Acme"


def names(api: Api, way: str) -> tuple[Sequence[str], int]:
    """The names of all accounts and how many were told, by a page or by a result file."""
    soql = "SELECT Name FROM Account ORDER BY Name"
    if way == "page":
        page = api.get("query", params={"q": soql}).json()
        return [row["Name"] for row in page["records"]], page["totalSize"]
    job = api.post("jobs/query", {"operation": "query", "query": soql}).json()["id"]
    answer = api.get(f"jobs/query/{job}/results")
    rows = csv.DictReader(StringIO(answer.content.decode(), newline=""))
    return [row["Name"] for row in rows], int(answer.headers["Sforce-NumberOfRecords"])


@pytest.mark.parametrize("way", ["page", "file"])
def test_rows_come_twice_while_the_number_that_is_told_stays(way: str) -> None:
    with weather("duplicated-rows/30%") as api:
        collected(api, 10)
        told, number = names(api, way)
        right, _ = names(api, way)

    assert (len(set(told)), number) == (len(right), len(right))
    assert len(told) == len(right) + -(-len(right) * 30 // 100)
    assert sorted(told) == told


@pytest.mark.parametrize("way", ["page", "file"])
@pytest.mark.parametrize("rows", [1, 2, 10])
def test_rows_come_in_another_order(way: str, rows: int) -> None:
    with weather("reordered-rows:1+1") as api:
        collected(api, rows)
        right, _ = names(api, way)
        told, _ = names(api, way)

    assert told != right
    assert sorted(told) == right


def test_two_rows_change_places_whatever_the_seed() -> None:
    soql = "SELECT Name FROM Account WHERE Name LIKE 'Faulty%' ORDER BY Name"
    for seed in range(6):
        with weather("reordered-rows", seed) as api:
            collected(api, 2)

            assert [row["Name"] for row in api.rows(soql)] == ["Faulty 1", "Faulty 0"]


def test_an_answer_of_one_row_can_not_be_reordered() -> None:
    with weather("reordered-rows") as api:
        api.rows("SELECT Id FROM Account WHERE Name = 'Acme'")

        assert api.get(PAGE).json()["met"] == []


def test_used_licenses_lag_behind_until_the_fault_is_gone() -> None:
    soql = "SELECT Id, UsedLicenses FROM UserLicense WHERE Name = 'External Identity'"
    with weather("") as api:
        api.post(PAGE, {"spec": "stale-licenses:99"})
        first = api.rows(soql)
        sonia = api.rows("SELECT Id FROM User WHERE Profile.UserLicense.Name = 'External Identity' AND IsActive = true")
        api.patch(f"sobjects/User/{sonia[0]['Id']}", {"IsActive": False})
        stale = api.rows(soql)
        request = {"method": "GET", "url": f"/services/data/v66.0/query?q={soql}", "referenceId": "a"}
        nested = api.post("composite", {"compositeRequest": [request]}).json()
        api.call("DELETE", PAGE)
        fresh = api.rows(soql)

    assert stale == first
    assert nested["compositeResponse"][0]["body"]["records"][0]["UsedLicenses"] == first[0]["UsedLicenses"]
    assert fresh[0]["UsedLicenses"] == first[0]["UsedLicenses"] - 1


def test_licenses_are_remembered_from_the_start_where_the_fault_is_armed_then() -> None:
    with weather("stale-licenses:99") as api:
        first = api.rows("SELECT UsedLicenses FROM UserLicense ORDER BY Name")
        users = api.rows("SELECT Id FROM User WHERE IsActive = true AND UserType = 'CspLitePortal'")
        for row in users:
            api.patch(f"sobjects/User/{row['Id']}", {"IsActive": False})

        assert users
        assert api.rows("SELECT UsedLicenses FROM UserLicense ORDER BY Name") == first


def loaded(api: Api, number: int = 10) -> dict[str, Any]:
    """An ingest job that has been closed."""
    job = api.post("jobs/ingest", {"operation": "insert", "object": "Account"}).json()["id"]
    text = "Name\n" + "".join(f"Faulty {at}\n" for at in range(number))
    api.call("PUT", f"jobs/ingest/{job}/batches", data=text.encode())
    told: dict[str, Any] = api.patch(f"jobs/ingest/{job}", {"state": "UploadComplete"}).json()
    return told


def test_a_slow_job_is_in_progress_for_some_polls() -> None:
    with weather("slow-job:2/2") as api:
        job = loaded(api)["id"]
        asked = api.post("jobs/query", {"operation": "query", "query": "SELECT Id FROM User"}).json()["id"]
        states = [
            [api.get(path).json()["state"] for _ in range(4)] for path in (f"jobs/ingest/{job}", f"jobs/query/{asked}")
        ]

    assert states == [["InProgress", "InProgress", "JobComplete", "JobComplete"]] * 2


@pytest.mark.parametrize(("kind", "state"), [("job-failed", "Failed"), ("job-aborted", "Aborted")])
def test_a_job_ends_midway_and_tells_what_it_has_not_processed(kind: str, state: str) -> None:
    with weather(f"{kind}/30%") as api:
        job = loaded(api)["id"]
        told = api.get(f"jobs/ingest/{job}").json()
        done, rest = (
            list(csv.DictReader(StringIO(api.get(f"jobs/ingest/{job}/{name}").text, newline="")))
            for name in ("successfulResults", "unprocessedrecords")
        )

        assert (told["state"], told["numberRecordsProcessed"]) == (state, 3)
        assert ("errorMessage" in told) == (state == "Failed")
        assert [row["Name"] for row in done + rest] == [f"Faulty {at}" for at in range(10)]
        assert len(done) == count(api) == 3


def test_a_query_job_that_fails_has_no_results() -> None:
    with weather("job-failed@POST jobs/query") as api:
        job = api.post("jobs/query", {"operation": "query", "query": "SELECT Id FROM User"}).json()["id"]

        assert api.get(f"jobs/query/{job}").json()["state"] == "Failed"
        assert refusal(api.get(f"jobs/query/{job}/results")) == (400, "INVALIDJOBSTATE")


def test_a_file_that_is_wrong_fails_for_its_own_reason() -> None:
    with weather("job-aborted") as api:
        job = api.post("jobs/ingest", {"operation": "insert", "object": "Account"}).json()["id"]
        api.call("PUT", f"jobs/ingest/{job}/batches", data=b"Nothing\nx\n")
        api.patch(f"jobs/ingest/{job}", {"state": "UploadComplete"})

        told = api.get(f"jobs/ingest/{job}").json()

    assert told["state"] == "Failed"
    assert "Nothing" in told["errorMessage"]


def test_a_part_of_the_rows_is_locked_and_the_same_part_each_time() -> None:
    seen = []
    for seed in (1, 1, 2):
        with weather("row-lock/30%", seed) as api:
            seen.append(collected(api))
            assert count(api) == sum(seen[-1])

    assert seen[0] == seen[1] != seen[2]
    assert 50 < sum(seen[0]) < 90


def test_one_locked_row_undoes_a_collection_that_is_all_or_none() -> None:
    with weather("row-lock/30%") as api:
        body = {"allOrNone": True, "records": accounts([f"Faulty {at}" for at in range(20)])}
        told = api.post("composite/sobjects", body).json()

        codes = {row["errors"][0]["statusCode"] for row in told}
        assert codes == {"UNABLE_TO_LOCK_ROW", "ALL_OR_NONE_OPERATION_ROLLED_BACK"}
        assert count(api) == 0


def test_a_tree_meets_locked_rows() -> None:
    record = {"attributes": {"type": "Account", "referenceId": "a"}, "Name": "Faulty"}
    with weather("row-lock") as api:
        answer = api.post("composite/tree/Account", {"records": [record]})

        assert answer.json()["results"][0]["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"
        assert count(api) == 0


def test_a_script_meets_locked_rows() -> None:
    with weather("row-lock:2") as api:
        code = "insert new Account(Name = 'Faulty');"
        told = api.get("tooling/executeAnonymous", params={"anonymousBody": code}).json()
        token = str(api.http.headers["Authorization"]).removeprefix("Bearer ")
        body = f"<executeAnonymous><String>{code}</String></executeAnonymous>"
        by_soap = soap_calls.post(
            api, soap_calls.envelope(body, token, namespace="http://soap.sforce.com/2006/08/apex"), "s/64.0"
        )

        assert not told["success"]
        assert "UNABLE_TO_LOCK_ROW" in told["exceptionMessage"]
        assert "UNABLE_TO_LOCK_ROW" in str(by_soap.one("exceptionMessage"))
        assert count(api) == 0


def test_a_group_lock_meets_users_alone_and_waits_for_them() -> None:
    with weather("group-lock") as api:
        sonia = api.rows("SELECT Id FROM User WHERE Username = 'sonia.james@acme.example'")[0]["Id"]
        others = create(api)
        first, second = (api.patch(f"sobjects/User/{sonia}", {"Title": "Dr"}) for _ in range(2))

    assert (others.status_code, second.status_code) == (201, 204)
    assert first.json()[0]["message"] == "group membership operation already in progress"


def test_a_fault_lets_some_requests_pass_first() -> None:
    with weather("unavailable:2+3@GET limits") as api:
        statuses = [api.get("limits").status_code for _ in range(7)]

    assert statuses == [200, 200, 503, 503, 503, 200, 200]


def test_a_rate_meets_the_same_requests_of_the_same_session() -> None:
    seen = []
    for seed in (7, 7, 8):
        with weather("unavailable:25%", seed) as api:
            seen.append([api.get("limits").status_code for _ in range(60)])

    assert seen[0] == seen[1] != seen[2]
    assert 5 <= seen[0].count(503) <= 27


def test_a_request_meets_one_fault_at_most() -> None:
    with weather("slow/1ms,row-lock") as api:
        assert create(api).status_code == 201
        assert refusal(create(api)) == (400, "UNABLE_TO_LOCK_ROW")


def test_the_page_tells_what_is_armed_and_what_was_met() -> None:
    with weather("unavailable:1+2@GET limits,slow:5%/1ms", 42) as api:
        for _ in range(2):
            api.get("limits")
        api.post(PAGE, {"spec": "session-expired@PATCH sobjects"})
        told = api.get(PAGE).json()
        gone = api.call("DELETE", PAGE).json()

    assert told["seed"] == 42
    assert [(item["kind"], item.get("left"), item.get("rate")) for item in told["armed"]] == [
        ("unavailable", 1, None),
        ("slow", None, 0.05),
        ("session-expired", 1, None),
    ]
    assert (told["armed"][0]["method"], told["armed"][0]["path"]) == ("GET", "limits")
    (met,) = [item for item in told["met"] if item["kind"] == "unavailable"]
    assert met == {"kind": "unavailable", "request": 2, "method": "GET", "path": "/services/data/v66.0/limits"}
    assert gone["armed"] == []
    assert gone["met"] == told["met"]


@pytest.mark.parametrize(
    ("method", "body", "expected"),
    [
        ("POST", b'{"spec": "nonsense"}', (400, "INVALID_INPUT")),
        ("POST", b"{", (400, "INVALID_INPUT")),
        ("POST", b"", (400, "JSON_PARSER_ERROR")),
        ("POST", b'{"spec": 1}', (400, "JSON_PARSER_ERROR")),
        ("PUT", b"", (405, "METHOD_NOT_ALLOWED")),
    ],
)
def test_the_page_refuses_what_it_does_not_understand(method: str, body: bytes, expected: tuple[int, str]) -> None:
    with weather("slow") as api:
        answer = api.call(method, PAGE, data=body)

        assert refusal(answer) == expected
        assert len(api.get(PAGE).json()["armed"]) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "rebound.example"},
        {"Host": "[::1"},
        {"Origin": "https://site.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1.site.example"},
    ],
)
def test_the_page_is_kept_from_other_sites(headers: dict[str, str]) -> None:
    with weather("slow") as api:
        assert api.call("DELETE", PAGE, headers=headers).status_code == 403
        assert len(api.get(PAGE, headers={"Host": "localhost", "Origin": "http://[::1]:80"}).json()["armed"]) == 1


@pytest.mark.parametrize(
    "spec",
    [
        "unavailable:101%",
        "unavailable:0%",
        "unavailable/5",
        "row-lock/101%",
        "row-lock/0%",
        "row-lock/5",
        "row-lock/5ms",
        "slow/5%",
        "slow-job/5ms",
        "slow:1+0",
        "slow:+1",
        "slow:1@GET@x",
    ],
)
def test_a_spec_that_means_nothing_is_refused(spec: str) -> None:
    with pytest.raises(ValueError, match=re.escape("SKIP+COUNT")):
        Faults(spec)


def test_every_kind_is_told_by_its_name_alone() -> None:
    armed = Faults(",".join(Fault)).shown()["armed"]

    assert [item["kind"] for item in armed] == [fault.value for fault in KINDS] == [fault.value for fault in Fault]


def test_latency_varies_between_two_bounds() -> None:
    with weather("", latency_ms=5, latency_spread_ms=40) as api:
        times = [api.get("limits").elapsed.total_seconds() for _ in range(12)]

    assert min(times) >= 0.005
    assert max(times) - min(times) > 0.01
