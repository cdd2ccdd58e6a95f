"""Faults on demand, and the access log that proves what was asked."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
import requests

from reconciler.simulator.access_log import AccessLog
from reconciler.simulator.faults import Faults, Moment
from reconciler.simulator.wire import Options
from tests.simulator.wired import Api, accounts, refusal, served_api

NAMED = "SELECT COUNT() FROM Account WHERE Name = 'Faulty'"


def statuses(api: Api, count: int) -> list[int]:
    return [api.get("limits").status_code for _ in range(count)]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("session-expired", [401, 200, 200]),
        ("concurrent-limit:2", [403, 403, 200]),
        ("unavailable:1", [503, 200, 200]),
        ("unavailable:1, session-expired:1", [503, 401, 200]),
        ("unavailable:1@POST limits", [200, 200, 200]),
        ("unavailable:1@get limits", [503, 200, 200]),
    ],
)
def test_a_fault_meets_as_many_requests_as_it_says(spec: str, expected: list[int]) -> None:
    with served_api(Options(faults=Faults(spec))) as api:
        assert statuses(api, 3) == expected


@pytest.mark.parametrize("kind", ["session-expired", "concurrent-limit", "unavailable"])
def test_a_request_that_was_refused_was_not_executed(kind: str) -> None:
    with served_api(Options(faults=Faults(f"{kind}:1@POST sobjects"))) as api:
        answer = api.post("sobjects/Account", {"Name": "Faulty"})
        count = api.count(NAMED)

    assert answer.status_code >= 400
    assert count == 0


def test_a_lost_response_was_executed() -> None:
    with served_api(Options(faults=Faults("lost-response:1@POST composite/sobjects"))) as api:
        answer = api.post("composite/sobjects", {"records": accounts(["Faulty"])})
        count = api.count(NAMED)

    assert refusal(answer) == (503, "SERVER_UNAVAILABLE")
    assert count == 1


def test_locked_rows_are_told_in_the_shape_of_each_api_and_nothing_is_written() -> None:
    with served_api(Options(faults=Faults("row-lock:4"))) as api:
        collection = api.post("composite/sobjects", {"records": accounts(["Faulty"] * 2)}).json()
        single = api.post("sobjects/Account", {"Name": "Faulty"})
        key = {"attributes": {"type": "User"}, "Username": "kim.lee@acme.example", "Title": "Faulty"}
        upserted = api.patch("composite/sobjects/User/Username", {"records": [key]}).json()
        job = api.post("jobs/ingest", {"operation": "insert", "object": "Account"}).json()["id"]
        api.call("PUT", f"jobs/ingest/{job}/batches", data=b"Name\nFaulty\n")
        api.patch(f"jobs/ingest/{job}", {"state": "UploadComplete"})
        failed = api.get(f"jobs/ingest/{job}/failedResults").text
        count = api.count(NAMED)

    assert [row["errors"][0]["statusCode"] for row in collection + upserted] == ["UNABLE_TO_LOCK_ROW"] * 3
    assert refusal(single) == (400, "UNABLE_TO_LOCK_ROW")
    assert "UNABLE_TO_LOCK_ROW" in failed
    assert count == 0


def test_a_row_lock_is_not_used_up_by_reads() -> None:
    with served_api(Options(faults=Faults("row-lock"))) as api:
        reads = [api.get("limits").status_code, api.get("sobjects").status_code]
        written = api.post("sobjects/Account", {"Name": "Faulty"})

    assert reads == [200, 200]
    assert refusal(written) == (400, "UNABLE_TO_LOCK_ROW")


def test_a_fault_without_a_place_spares_logins() -> None:
    faults = Faults("session-expired")
    with served_api(Options(faults=faults)) as api:
        form = {"grant_type": "client_credentials", "client_id": "key"}
        login = requests.post(f"{api.url}/services/oauth2/token", data=form, timeout=30)
        first = api.get("limits")

    assert login.status_code == 200
    assert first.status_code == 401


@pytest.mark.parametrize("spec", ["nonsense", "unavailable:x", "unavailable:0", "row-lock:-1", "unavailable:1:2"])
def test_a_fault_that_does_not_exist_is_told_with_those_that_do(spec: str) -> None:
    with pytest.raises(ValueError, match="row-lock") as raised:
        Faults(spec)

    assert spec in str(raised.value)


def test_no_spec_is_no_fault() -> None:
    faults = Faults(" , ")

    assert faults.encounter("GET", "/services/data").at(Moment.REQUEST) is None
    assert not faults.is_armed(*Moment)


def logged(path: Path) -> list[Mapping[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_access_log_has_a_line_for_each_request_and_tells_writes(tmp_path: Path) -> None:
    log = tmp_path / "access.jsonl"
    with served_api(Options(log=AccessLog(log))) as api:
        acme = api.id_of("Account", "Acme")
        api.post("composite/sobjects", {"records": accounts(["A", "B"])})
        api.patch(f"sobjects/account/{acme}", {"Phone": "1"})
        job = api.post("jobs/ingest", {"operation": "update", "object": "Account"}).json()["id"]
        api.call("PUT", f"jobs/ingest/{job}/batches", data=f"Id,Phone\n{acme},2\n".encode())
        api.patch(f"jobs/ingest/{job}", {"state": "UploadComplete"})
        api.get("/nowhere")

    lines = logged(log)
    told = [
        (line["method"], line["status"], line.get("object"), line.get("operation"), line.get("rows")) for line in lines
    ]
    assert told == [
        ("GET", 200, None, None, None),
        ("POST", 200, "Account", "insert", 2),
        ("PATCH", 204, "Account", "update", 1),
        ("POST", 200, None, None, None),
        ("PUT", 201, None, None, None),
        ("PATCH", 200, "Account", "update", 1),
        ("GET", 404, None, None, None),
    ]
    assert "q=SELECT" in str(lines[0]["path"])
    assert {"at", "bytes_in", "bytes_out", "ms"} <= set(lines[1])
    assert all(isinstance(line["bytes_in"], int) for line in lines)
    assert lines[1]["bytes_in"] != 0


def test_no_token_reaches_the_access_log(tmp_path: Path) -> None:
    log = tmp_path / "access.jsonl"
    with served_api(Options(log=AccessLog(log))) as api:
        token = str(api.http.headers["Authorization"]).removeprefix("Bearer ")
        identity = api.get("").json()["identity"]
        requests.get(identity, params={"oauth_token": token}, timeout=30)
        requests.post(f"{api.url}/services/oauth2/revoke", params={"token": token}, timeout=30)
        api.get("limits", params={"access_token": token})

    text = log.read_text(encoding="utf-8")
    assert len(logged(log)) == 4
    assert token not in text
    assert token.partition("!")[2] not in text


def test_latency_delays_every_answer() -> None:
    with served_api(Options(latency_ms=60)) as api:
        elapsed = api.get("limits").elapsed.total_seconds()

    assert elapsed >= 0.06
