"""An application inside this process, asked as if it were a server."""

import gzip
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
import requests

from reconciler.salesforce.wsgi import WsgiAdapter

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

URL = "https://in-process.example"


def client(application: "WSGIApplication") -> requests.Session:
    session = requests.Session()
    session.mount(URL, WsgiAdapter(application))
    return session


@pytest.mark.parametrize(("body", "received"), [("Zoë", "Zoë".encode()), (b"\x00\xff", b"\x00\xff"), (None, b"")])
def test_a_request_arrives_whole(body: Any, received: bytes) -> None:
    seen: dict[str, Any] = {}

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        seen.update(environ, body=environ["wsgi.input"].read())
        environ["wsgi.errors"].write("noise")
        environ["wsgi.errors"].writelines(["noise"])
        environ["wsgi.errors"].flush()
        start_response("204 No Content", [])
        return []

    data = body.encode() if isinstance(body, str) else body
    answer = client(application).post(
        f"{URL}/a%20b/ä?q=x+y", data=data, headers={"Content-Type": "text/csv", "X-A": "1"}
    )

    assert answer.status_code == 204
    assert answer.reason == "No Content"
    assert seen["body"] == received
    assert int(seen["CONTENT_LENGTH"]) == len(received)
    assert seen["REQUEST_METHOD"] == "POST"
    assert seen["PATH_INFO"].encode("latin-1").decode() == "/a b/ä"
    assert seen["QUERY_STRING"] == "q=x+y"
    assert (seen["CONTENT_TYPE"], seen["HTTP_X_A"]) == ("text/csv", "1")


def test_an_answer_is_unpacked_and_decoded() -> None:
    def application(_: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        headers = [("Content-Type", "text/plain; charset=UTF-8"), ("Content-Encoding", "gzip"), ("X-B", "2")]
        start_response("200 OK", headers)
        return [gzip.compress("Zoë".encode())]

    answer = client(application).get(URL)

    assert answer.text == "Zoë"
    assert answer.headers["x-b"] == "2"


def test_an_application_is_told_when_its_answer_is_done_and_when_the_session_is() -> None:
    closed: list[str] = []

    class Parts:
        def __iter__(self) -> Iterator[bytes]:
            return iter([b"a", b"b"])

        def close(self) -> None:
            closed.append("answer")

    def application(_: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        start_response("200 OK", [])
        return Parts()

    session = requests.Session()
    session.mount(URL, WsgiAdapter(application, lambda: closed.append("session")))
    assert session.get(URL).content == b"ab"
    session.close()

    assert closed == ["answer", "session"]
