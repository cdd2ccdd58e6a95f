"""One connection: what is sent, what errors say, and what never gets out."""

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import requests

from reconciler.errors import ConnectionFailed, LoginFailed, RequestRefused, SfrecError, UsageError
from reconciler.salesforce import Session, open_session
from reconciler.salesforce.session import NoAnswer, NotSent, Timeout, checked_url
from tests.salesforce.scripted_org import LOST, NO_CONNECTION, TOKEN, URL, Answer, refusal, scripted

GET = ("GET", "limits")


def test_the_token_goes_to_the_org_as_a_bearer_and_the_version_into_the_path() -> None:
    org = scripted(Answer(body={"fine": True}))

    assert org.session().json(*GET) == {"fine": True}

    assert org.lines() == ["GET limits"]
    assert org.asked[0].headers["AUTHORIZATION"] == f"Bearer {TOKEN}"


def test_every_try_is_counted_as_a_request() -> None:
    session = scripted(Answer(body={}), LOST).session()

    session.send(*GET)
    with pytest.raises(NoAnswer):
        session.send(*GET)

    assert session.requests == 2


def test_an_org_says_itself_that_it_is_simulated() -> None:
    real = scripted(Answer(body={})).session()
    simulated = scripted(Answer(body={}, headers={"X-Simulated-Org": "1"}), Answer(body={})).session()

    real.send(*GET)
    simulated.send(*GET)
    simulated.send(*GET)

    assert not real.is_simulated
    assert simulated.is_simulated


@pytest.mark.parametrize(
    ("answer", "code", "message"),
    [
        (refusal(400, "MALFORMED_QUERY", "unexpected token"), "MALFORMED_QUERY", "unexpected token"),
        (Answer(400, {"error": "invalid_grant", "error_description": "expired"}), "invalid_grant", "expired"),
        (Answer(414, b"<h1>Bad Message 414</h1>"), "HTTP_414", "Whatever"),
        (Answer(400, []), "HTTP_400", "Whatever"),
        (Answer(400, ["text"]), "HTTP_400", "Whatever"),
        (Answer(400, [{}]), "HTTP_400", ""),
    ],
)
def test_a_refusal_carries_the_orgs_own_code_and_sentence(answer: Answer, code: str, message: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        scripted(answer).session().send(*GET)

    assert (refused.value.status, refused.value.code, refused.value.message) == (answer.status, code, message)


@pytest.mark.parametrize(
    "answer",
    [refusal(401, "INVALID_SESSION_ID"), Answer(401, b"<html>"), Answer(401, {}), refusal(403, "INVALID_SESSION_ID")],
)
def test_a_dead_token_is_a_failed_login(answer: Answer) -> None:
    with pytest.raises(LoginFailed, match="log in again"):
        scripted(answer).session().send(*GET)


def test_a_redirect_is_refused_so_that_the_token_goes_nowhere_else() -> None:
    org = scripted(Answer(302, b"", {"Location": "https://elsewhere.example/"}))

    with pytest.raises(RequestRefused, match="HTTP_302"):
        org.session().send(*GET)

    assert len(org.asked) == 1


@pytest.mark.parametrize("body", [b"<html>log in here</html>", b"", b"\xff\xfe", b"{"])
def test_an_answer_that_is_not_json_is_no_answer(body: bytes) -> None:
    with pytest.raises(NoAnswer, match="is it a Salesforce org"):
        scripted(Answer(body=body)).session().json(*GET)


@pytest.mark.parametrize(
    "path", ["", "/etc", "../../x", "a/../b", "a//b", "a?q=1", "a#b", "a b", "é", "a/", "https://x"]
)
def test_a_path_that_could_lead_elsewhere_is_never_sent(path: str) -> None:
    org = scripted(Answer(body={}))

    with pytest.raises(ConnectionFailed, match="nothing was sent"):
        org.session().send("GET", path)

    assert org.asked == []


@pytest.mark.parametrize(
    ("url", "checked"),
    [
        ("https://acme.my.salesforce.com", "https://acme.my.salesforce.com"),
        ("https://acme.my.salesforce.com/", "https://acme.my.salesforce.com"),
        (" https://ACME.my.salesforce.com:443\n", "https://acme.my.salesforce.com:443"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost:1", "http://localhost:1"),
        ("http://[::1]:80", "http://[::1]:80"),
    ],
)
def test_a_good_address_is_reduced_to_scheme_and_host(url: str, checked: str) -> None:
    assert checked_url(url) == checked


@pytest.mark.parametrize(
    "url",
    [
        "",
        "acme.my.salesforce.com",
        "http://acme.my.salesforce.com",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://evil.localhost",
        "ftp://127.0.0.1",
        "https://",
        "https://[::1",
        "https://acme:70000",
        "https://acme/services",
        "https://acme?x=1",
        "https://acme#x",
        "https://me:hunter2@acme",
        "http://me:hunter2@acme",
        "https://:hunter2@acme",
        "https://127.0.0.1\\@hunter2",
    ],
)
def test_a_bad_address_is_refused_without_repeating_what_may_be_a_password(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        checked_url(url)

    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("token", ["", " ", "two words", "line\nbreak", "ümlaut-secret", "nul\0secret"])
def test_a_token_that_no_header_can_carry_is_refused_without_repeating_it(token: str) -> None:
    with pytest.raises(UsageError) as refused:
        open_session(URL, token, requests.Session())

    assert "secret" not in str(refused.value)
    assert not token.strip() or token not in str(refused.value)


def test_the_line_end_of_a_token_that_was_read_from_a_file_does_no_harm() -> None:
    assert open_session(URL, f"{TOKEN}\r\n", requests.Session()).token == TOKEN


@pytest.mark.parametrize(
    "answer",
    [
        LOST,
        NO_CONNECTION,
        refusal(401, "INVALID_SESSION_ID"),
        refusal(400, "X"),
        Answer(500, b"oops"),
        Answer(body=b"x"),
    ],
)
def test_the_token_is_in_no_repr_no_message_and_no_log(answer: Answer, caplog: pytest.LogCaptureFixture) -> None:
    session = scripted(answer).session()

    with caplog.at_level(logging.DEBUG), pytest.raises(SfrecError) as failed:
        session.json("POST", "composite/sobjects", json={"a": 1})

    for text in (repr(session), str(failed.value), repr(failed.value), caplog.text):
        assert "planted-secret" not in text


@contextmanager
def listener(answer: bytes) -> Iterator[str]:
    """A real socket that reads a request, writes these bytes and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with server.accept()[0] as connection:
                connection.recv(65536)
                connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        thread.join(timeout=5)


def test_a_connection_that_is_cut_after_the_request_leaves_open_what_became_of_it() -> None:
    with listener(b"") as url, requests.Session() as http, pytest.raises(NoAnswer, match="connection failed") as lost:
        open_session(url, TOKEN, http).send("POST", "composite/sobjects", json={})

    assert not isinstance(lost.value, NotSent)


def test_an_answer_that_is_cut_off_is_no_answer() -> None:
    cut = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[1,"

    with listener(cut) as url, requests.Session() as http, pytest.raises(NoAnswer, match="broke off") as lost:
        open_session(url, TOKEN, http).send(*GET)

    assert not isinstance(lost.value, NotSent)


def test_a_port_where_nobody_listens_is_a_request_that_was_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    with requests.Session() as http, pytest.raises(NotSent, match=rf"no answer from http://127.0.0.1:{port}"):
        open_session(f"http://127.0.0.1:{port}", TOKEN, http).send(*GET)


@pytest.fixture(name="silent")
def _silent() -> Iterator[str]:
    """Where somebody takes every connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize("call", [lambda it: it.send(*GET), lambda it: it.soap("u", b"<a/>")], ids=["rest", "soap"])
def test_an_org_that_never_answers_is_not_waited_for_for_ever(
    silent: str, call: Callable[[Session], requests.Response]
) -> None:
    with requests.Session() as http:
        session = open_session(silent, TOKEN, http)
        session.timeout = Timeout(read=0.25)

        with pytest.raises(NoAnswer, match=r"nothing came within 0\.25 seconds") as lost:
            call(session)

    assert not isinstance(lost.value, NotSent)
    assert session.requests == 1


def test_no_cookie_of_an_org_is_kept_or_sent_back() -> None:
    org = scripted(Answer(body={}, headers={"Set-Cookie": "BrowserId=abc; path=/"}), Answer(body={}))
    session = org.session()

    session.send(*GET)
    session.send(*GET)

    assert "COOKIE" not in org.asked[1].headers
    assert len(session.http.cookies) == 0
