"""HTTP as few clients speak it, by bytes: what is right is understood, what is wrong ends alone."""

import gzip
import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.simulator.sockets import answer_of, connected, next_answer, request_text
from tests.simulator.wired import Api, refusal, served_api

LOGIN = b"grant_type=client_credentials&client_id=key"


@pytest.fixture
def api() -> Iterator[Api]:
    with served_api() as served:
        yield served


def test_requests_that_come_one_behind_another_are_answered_in_order(api: Api) -> None:
    body = b'{"Name": "Pipelined"}'
    create = request_text(api, "POST", "sobjects/Account", f"Content-Length: {len(body)}") + body
    with connected(api) as connection, connection.makefile("rb") as reader:
        connection.sendall(create + request_text(api, "GET", "nowhere") + create + request_text(api, "GET", "limits"))
        answers = [next_answer(reader) for _ in range(4)]

    assert [status for status, _, _ in answers] == [201, 404, 201, 200]
    assert api.count("SELECT COUNT() FROM Account WHERE Name = 'Pipelined'") == 2


def test_the_answer_to_a_head_request_is_not_taken_for_the_next_one(api: Api) -> None:
    with connected(api) as connection, connection.makefile("rb") as reader:
        connection.sendall(request_text(api, "HEAD", "sobjects") + request_text(api, "GET", "nowhere"))
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += reader.read(1)
        status, _, _ = next_answer(reader)

    assert head.startswith(b"HTTP/1.1 200")
    assert b"Content-Length: 0\r\n" not in head
    assert status == 404


def test_clients_that_never_end_their_requests_hold_up_nobody(api: Api) -> None:
    with ExitStack() as stack:
        for number in range(30):
            connection = stack.enter_context(connected(api))
            whole = request_text(api, "POST", "sobjects/Account", "Content-Length: 900") + b'{"Name"'
            connection.sendall(whole[: 10 + number * len(whole) // 30])

        assert api.get("limits").elapsed.total_seconds() < 2
        assert api.post("sobjects/Account", {"Name": "Quick"}).status_code == 201


@pytest.mark.parametrize(
    ("garbage", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 \r\n\r\n", 400),
        (b"\x00\xff\xfe \x01\x02 \x03 \x04\r\n\r\n", 400),
        (b"GET /services/data HTTP/9.x\r\n\r\n", 400),
        (b"GET / / / HTTP/1.1\r\n\r\n", 400),
        (b"GET http://[::1/services/data HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
        (b"GET /services/data HTTP/2.0\r\n\r\n", 505),
        (b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n", 431),
    ],
)
def test_garbage_is_refused_ends_its_connection_and_harms_nobody(api: Api, garbage: bytes, status: int) -> None:
    with connected(api) as connection:
        connection.sendall(garbage)
        answered, headers, _ = answer_of(connection)

    assert (answered, headers["connection"]) == (status, "close")
    assert api.get("limits").status_code == 200


def test_a_uri_may_name_its_server(api: Api) -> None:
    head = request_text(api, "GET", "sobjects/Account")
    with connected(api) as connection:
        connection.sendall(head.replace(b"GET /", f"GET {api.url}/".encode(), 1))
        status, _, body = answer_of(connection)

    assert status == 200
    assert json.loads(body)["objectDescribe"]["name"] == "Account"


def test_a_client_without_keep_alive_is_answered_and_left(api: Api) -> None:
    with connected(api) as connection:
        connection.sendall(request_text(api, "GET", "limits").replace(b"HTTP/1.1", b"HTTP/1.0", 1))
        status, _, body = answer_of(connection)
        rest = connection.recv(1)

    assert (status, rest) == (200, b"")
    assert "DailyApiRequests" in json.loads(body)


def test_a_chunked_and_zipped_body_is_read_after_it_was_asked_for(api: Api) -> None:
    content = gzip.compress(b'{"Name": "All At Once"}')
    chunks = b"".join(f"{len(part):x};x=y\r\n".encode() + part + b"\r\n" for part in (content[:7], content[7:]))
    headers = ("Transfer-Encoding: chunked", "Content-Encoding: gzip", "Expect: 100-continue", "Accept-Encoding: gzip")
    with connected(api) as connection, connection.makefile("rb") as reader:
        connection.sendall(request_text(api, "POST", "sobjects/Account", *headers))
        assert reader.readline() + reader.readline() == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(
            chunks + b"0\r\nX-Behind: it\r\n\r\n" + request_text(api, "GET", "sobjects", "Accept-Encoding: gzip")
        )
        (first, _, _), (second, told, body) = next_answer(reader), next_answer(reader)

    assert (first, second, told["content-encoding"]) == (201, 200, "gzip")
    assert json.loads(gzip.decompress(body))["sobjects"]


@pytest.mark.parametrize(
    ("chunks", "status"),
    [
        (b"5\r\nhello", 400),
        (b"5\r\nhelloXX0\r\n\r\n", 400),
        (b"5\r\nhel", 400),
        (b"-5\r\n", 400),
        (b"0x5\r\n", 400),
        (b"\r\n", 400),
        (b"fffffffff\r\n", 400),
        (b"ffffffff\r\n", 413),
    ],
)
def test_chunks_that_do_not_add_up_are_refused(api: Api, chunks: bytes, status: int) -> None:
    with connected(api) as connection:
        connection.sendall(request_text(api, "POST", "sobjects/Account", "Transfer-Encoding: chunked") + chunks)
        connection.shutdown(socket.SHUT_WR)
        answered, headers, _ = answer_of(connection)

    assert (answered, headers["connection"]) == (status, "close")


@pytest.mark.parametrize("word", ["PATCH", "patch"])
def test_a_post_may_stand_for_a_patch(api: Api, word: str) -> None:
    acme = api.id_of("Account", "Acme")

    answer = api.post(f"sobjects/Account/{acme}?_HttpMethod={word}", {"Phone": "5"})

    assert (answer.status_code, answer.content) == (204, b"")
    assert api.rows("SELECT Phone FROM Account WHERE Name = 'Acme'") == [{"Phone": "5"}]


def test_a_post_may_stand_for_a_deletion_and_a_get_for_nothing_else(api: Api) -> None:
    made = api.post("sobjects/Account", {"Name": "Gone"}).json()["id"]

    assert api.get(f"sobjects/Account/{made}?_HttpMethod=DELETE").status_code == 200
    assert refusal(api.post(f"sobjects/Account/{made}?_HttpMethod=BREW", {})) == (405, "METHOD_NOT_ALLOWED")
    assert api.call("POST", f"sobjects/Account/{made}?_HttpMethod=DELETE").status_code == 204
    assert api.get(f"sobjects/Account/{made}").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "sobjects/",
        "SObjects/account/",
        "sobjects/ACCOUNT/Describe/",
        "LIMITS",
        "queryall/?q=SELECT+Id+FROM+account",
        "Jobs/Ingest/",
        "tooling/Query/?q=SELECT+Id+FROM+ApexClass",
    ],
)
def test_trailing_slashes_and_the_case_of_names_do_not_matter(api: Api, path: str) -> None:
    assert api.get(path).status_code == 200


def test_paths_outside_the_data_api_have_no_case_and_may_end_in_a_slash(api: Api) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    assert api.call("POST", "/Services/OAuth2/Token/", data=LOGIN, headers=form).status_code == 200
    assert api.call("GET", "/services/data/").status_code == 200
