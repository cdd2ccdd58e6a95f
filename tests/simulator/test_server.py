"""The listener: one machine, one connection for many requests, no waiting."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from statistics import median
from typing import Any

import pytest
import requests
from werkzeug.test import Client

from reconciler.simulator import open_org
from reconciler.simulator.server import HOST, listen, running_server
from reconciler.simulator.wire import Application, Options, issue_token
from tests.simulator.sockets import answer_of, connected, request_text
from tests.simulator.wired import Api, served_api


@pytest.fixture
def api() -> Iterator[Api]:
    with served_api() as served:
        yield served


def test_fifty_requests_on_one_connection_never_wait_for_an_acknowledgement(api: Api) -> None:
    api.get("limits")

    times = [api.post("sobjects/Account", {"Name": f"Quick {n}"}).elapsed.total_seconds() for n in range(50)]

    assert median(times) < 0.02


def test_a_connection_is_kept_over_requests_of_every_kind(api: Api) -> None:
    with connected(api) as connection:
        statuses = []
        for method, path in [
            ("GET", "limits"),
            ("GET", "nowhere"),
            ("DELETE", "sobjects/Account/x"),
            ("GET", "limits"),
        ]:
            connection.sendall(request_text(api, method, path))
            status, headers, _ = answer_of(connection)
            statuses.append(status)
            assert headers.get("connection", "keep-alive") != "close"

    assert statuses == [200, 404, 404, 200]


def test_a_body_that_nobody_wanted_is_not_taken_for_the_next_request(api: Api) -> None:
    with connected(api) as connection:
        connection.sendall(request_text(api, "POST", "nowhere", "Content-Length: 5") + b"hello")
        first, _, _ = answer_of(connection)
        connection.sendall(request_text(api, "GET", "limits"))
        second, _, _ = answer_of(connection)

    assert (first, second) == (404, 200)


def test_a_chunked_body_is_put_together(api: Api) -> None:
    parts = (part for part in [b'{"Na', b'me": ', b'"Chunked"}'])

    created = api.call("POST", "sobjects/Account", data=parts, headers={"Content-Type": "application/json"})

    assert created.status_code == 201
    assert api.count("SELECT COUNT() FROM Account WHERE Name = 'Chunked'") == 1
    assert api.get("limits").status_code == 200


def test_a_chunked_login_and_a_chunked_upload_are_understood(api: Api) -> None:
    form = (part for part in [b"grant_type=client_", b"credentials&client_id=key"])
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    login = requests.post(f"{api.url}/services/oauth2/token", data=form, headers=headers, timeout=30)
    job = api.post("jobs/ingest", {"operation": "insert", "object": "Account"}).json()["id"]
    rows = (part for part in [b"Name\n", b"Chunked Row\n"])
    uploaded = api.call("PUT", f"jobs/ingest/{job}/batches", data=rows)
    api.patch(f"jobs/ingest/{job}", {"state": "UploadComplete"})

    assert (login.status_code, uploaded.status_code) == (200, 201)
    assert api.count("SELECT COUNT() FROM Account WHERE Name = 'Chunked Row'") == 1


def test_only_this_machine_is_listened_to(api: Api) -> None:
    assert api.url.startswith("http://127.0.0.1:")
    assert HOST == "127.0.0.1"


def test_a_taken_port_is_refused() -> None:
    org = open_org(":memory:")
    with running_server(org) as first:
        port = int(first.url.rpartition(":")[2])
        with pytest.raises((OSError, SystemExit)):
            listen(org, Options(), port)
    org.close()


def test_a_slow_answer_does_not_hold_up_the_others() -> None:
    with served_api(Options(latency_ms=300)) as api:
        started = time.monotonic()
        threads = [threading.Thread(target=api.get, args=("limits",)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        elapsed = time.monotonic() - started

    assert elapsed < 1.2


def test_a_stopped_server_lets_its_port_go() -> None:
    org = open_org(":memory:")
    with running_server(org) as first:
        port = int(first.url.rpartition(":")[2])

    again = listen(org, Options(), port)

    assert again.url == first.url
    again.server.server_close()
    org.close()


def test_a_stopped_server_answers_nothing_more_on_a_connection_that_is_kept() -> None:
    org = open_org(":memory:")
    with running_server(org) as server, requests.Session() as http:
        http.trust_env = False
        api = Api(org, server.url, http)
        http.headers["Authorization"] = f"Bearer {issue_token(org)}"
        with connected(api) as connection:
            connection.sendall(request_text(api, "GET", "limits"))
            status, _, _ = answer_of(connection)
            server.server.server_close()
            connection.sendall(request_text(api, "POST", "sobjects/Account", "Content-Length: 2") + b"{}")
            rest = connection.recv(1)
    org.close()

    assert (status, rest) == (200, b"")


def test_a_server_that_stops_finishes_what_it_answers() -> None:
    org, options = open_org(":memory:"), Options(latency_ms=400)
    with (
        running_server(org, options) as server,
        requests.Session() as http,
        ThreadPoolExecutor(1) as pool,
    ):
        http.trust_env = False
        http.headers["Authorization"] = f"Bearer {issue_token(org)}"
        asked = pool.submit(Api(org, server.url, http).get, "limits")
        while options.faults.shown()["requests"] == 0:
            time.sleep(0.01)
        server.server.server_close()
        org.close()
        status = asked.result(timeout=10).status_code

    assert status == 200


def called(application: Application, token: str, method: str, path: str, body: bytes = b"") -> tuple[str, Any]:
    """Call the application without a listener, as WSGI says."""
    statuses: list[str] = []

    def start_response(status: str, _headers: object, _error: object = None) -> Any:
        statuses.append(status)
        return None

    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": f"/services/data/v66.0/{path}",
        "SERVER_NAME": "simulated-org",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_AUTHORIZATION": f"Bearer {token}",
    }
    content = b"".join(application(environ, start_response))
    return statuses[0], json.loads(content) if content else None


def test_a_uri_is_too_long_without_a_listener_too() -> None:
    org = open_org(":memory:")
    client = Client(Application(org))

    answer = client.get("/services/data/v66.0/query", query_string={"q": "x" * 17_000})

    org.close()
    assert answer.status_code == 414


def test_the_application_answers_many_threads_without_a_listener() -> None:
    org = open_org(":memory:")
    application, token = Application(org), issue_token(org)
    ids: list[str] = []

    def create() -> None:
        for _ in range(20):
            status, content = called(application, token, "POST", "sobjects/Account", b'{"Name": "In Process"}')
            assert status == "201 CREATED"
            ids.append(content["id"])

    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    _, limits = called(application, token, "GET", "limits")
    org.close()
    assert len(set(ids)) == 160
    assert limits["DailyApiRequests"]["Max"] - limits["DailyApiRequests"]["Remaining"] == 161


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        (("Content-Length: nonsense",), b"", 400),
        (("Content-Length: -5",), b"", 400),
        (("Content-Length: 99999999999",), b"", 413),
        (("Transfer-Encoding: chunked",), b"zz\r\n", 400),
    ],
)
def test_a_body_without_an_end_is_refused_and_ends_the_connection(
    api: Api, headers: tuple[str, ...], body: bytes, status: int
) -> None:
    with connected(api) as connection:
        connection.sendall(request_text(api, "POST", "sobjects/Account", *headers) + body)
        answered, told, _ = answer_of(connection)

    assert answered == status
    assert told["connection"] == "close"


def test_a_client_that_goes_away_in_the_middle_of_its_body_writes_nothing(api: Api) -> None:
    with connected(api) as connection:
        connection.sendall(request_text(api, "POST", "sobjects/Account", "Content-Length: 500") + b'{"Name": "Half"}')
        connection.shutdown(socket.SHUT_WR)
        status, _, _ = answer_of(connection)

    assert status == 400
    assert api.count("SELECT COUNT() FROM Account WHERE Name = 'Half'") == 0


def test_a_client_may_ask_before_it_sends_its_body(api: Api) -> None:
    body = b'{"Name": "Asked First"}'
    with connected(api) as connection:
        length = f"Content-Length: {len(body)}"
        connection.sendall(request_text(api, "POST", "sobjects/Account", length, "Expect: 100-continue"))
        assert connection.recv(100).startswith(b"HTTP/1.1 100 Continue")
        connection.sendall(body)
        status, _, _ = answer_of(connection)

    assert status == 201


def test_a_client_that_asks_to_close_is_left_alone_after_its_answer(api: Api) -> None:
    with connected(api) as connection:
        connection.sendall(request_text(api, "GET", "limits", "Connection: close"))
        status, headers, _ = answer_of(connection)
        rest = connection.recv(1)

    assert (status, headers["connection"], rest) == (200, "close", b"")


def test_a_head_request_has_the_length_and_no_body(api: Api) -> None:
    answer = api.call("HEAD", "limits")

    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["Content-Length"]) > 0
    assert api.get("limits").status_code == 200


def test_a_large_answer_arrives_whole(api: Api) -> None:
    described = api.get("sobjects/User/describe", headers={"Accept-Encoding": "identity"})

    assert len(described.content) == int(described.headers["Content-Length"]) > 30_000
    assert described.json()["name"] == "User"


def told_within(seconds: float, capfd: pytest.CaptureFixture[str]) -> str:
    """Standard error, as soon as it holds a traceback: the server tells after it has answered."""
    told, deadline = "", time.monotonic() + seconds
    while "Traceback" not in told and time.monotonic() < deadline:
        time.sleep(0.01)
        told += capfd.readouterr().err
    return told


def test_a_defect_is_answered_500_told_on_standard_error_and_survived(capfd: pytest.CaptureFixture[str]) -> None:
    with served_api() as api:
        api.org.close()
        answers = [requests.get(f"{api.url}/services/data", timeout=30) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [500, 500]
    assert answers[0].json()[0]["errorCode"] == "UNKNOWN_EXCEPTION"
    assert "Traceback" in told_within(5.0, capfd)
