"""A token that expires: the session logs in again, once, and repeats what was not executed."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
import requests

from reconciler.errors import ConnectionFailed, LoginFailed, SfrecError, UsageError
from reconciler.model import Outcome, Via
from reconciler.salesforce import Budget, Session, Writer, open_session
from reconciler.salesforce.retry import Patience
from reconciler.salesforce.wsgi import WsgiAdapter
from reconciler.simulator.faults import Faults
from reconciler.simulator.wire import Options, issue_token
from reconciler.simulator.wire.tokens import revoke_token
from tests.salesforce.scripted_org import TOKEN, URL, Answer, Clock, ScriptedOrg, refusal, scripted
from tests.simulator.wired import Api, served_api

GET = ("GET", "limits")
FRESH = "00D000000000001!AQ.planted-renewed"
EXPIRED = refusal(401, "INVALID_SESSION_ID", "Session expired or invalid")
FAULT = Answer(
    500,
    b"<soapenv:Fault><faultcode>sf:INVALID_SESSION_ID</faultcode><detail><sf:exceptionCode>INVALID_SESSION_ID"
    b"</sf:exceptionCode></detail></soapenv:Fault>",
)
CALL = (
    b"<e:Envelope><e:Header><p:SessionHeader><p:sessionId>%s</p:sessionId></p:SessionHeader></e:Header>"
    b"<e:Body><p:code>sessionId&gt;</p:code></e:Body></e:Envelope>"
)


@dataclass
class Logins:
    """Logs in as it is told to, and counts."""

    give: Callable[[], str] = lambda: FRESH
    times: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self) -> str:
        with self._lock:
            self.times += 1
        return self.give()


def failing(error: SfrecError) -> Logins:
    def give() -> str:
        raise error

    return Logins(give)


def session_of(org: ScriptedOrg, renew: Logins | None, budget: Budget | None = None) -> Session:
    http = requests.Session()
    http.mount(URL, WsgiAdapter(org))
    return open_session(URL, TOKEN, http, budget, renew)


def test_a_request_whose_token_has_expired_is_repeated_with_a_new_one() -> None:
    org, logins = scripted(EXPIRED, Answer(body={"fine": True})), Logins()
    session = session_of(org, logins)

    answer = session.send("POST", "composite/sobjects", json={"a": 1}, headers={"X-Mark": "7"}).json()

    assert answer == {"fine": True}
    assert [asked.headers["AUTHORIZATION"] for asked in org.asked] == [f"Bearer {TOKEN}", f"Bearer {FRESH}"]
    assert {(asked.body, asked.headers["X-MARK"]) for asked in org.asked} == {(b'{"a": 1}', "7")}
    assert (logins.times, session.requests, session.token) == (1, 2, FRESH)


def test_the_new_token_serves_all_that_follows() -> None:
    org, logins = scripted(EXPIRED, Answer(body={})), Logins()
    session = session_of(org, logins)

    for _ in range(3):
        session.send(*GET)

    assert logins.times == 1
    assert len(org.asked) == 4


@pytest.mark.parametrize("named", [TOKEN, "some-older-token", ""])
def test_a_soap_call_is_repeated_with_the_new_token_in_its_header_and_nothing_else_changed(named: str) -> None:
    org, logins = scripted(FAULT, Answer(body=b"<ok/>")), Logins()

    answer = session_of(org, logins).soap("u", CALL % named.encode())

    assert answer.content == b"<ok/>"
    assert [asked.body for asked in org.asked] == [CALL % TOKEN.encode(), CALL % FRESH.encode()]
    assert logins.times == 1


def test_another_fault_is_an_answer_and_no_reason_to_log_in() -> None:
    logins = Logins()
    fault = Answer(500, b"<faultcode>sf:UNKNOWN_EXCEPTION</faultcode> INVALID_SESSION_ID, says a value")

    assert session_of(scripted(fault), logins).soap("u", CALL % b"x").status_code == 500
    assert logins.times == 0


@pytest.mark.parametrize("answer", [EXPIRED, FAULT])
def test_a_token_that_is_refused_fresh_is_a_failed_login(answer: Answer) -> None:
    org, logins = scripted(answer), Logins()
    session = session_of(org, logins)

    with pytest.raises(LoginFailed, match="of a fresh login either"):
        session.soap("u", CALL % b"x") if answer is FAULT else session.send(*GET)

    assert (logins.times, len(org.asked)) == (1, 2)


def test_what_the_org_says_of_a_fresh_token_is_told_without_the_token() -> None:
    told = refusal(403, "INVALID_SESSION_ID", f"This session is not valid for use with the REST API: {FRESH}")

    with pytest.raises(LoginFailed, match=r"not valid for use with the REST API: \*\*\*;"):
        session_of(scripted(told), Logins()).send(*GET)


def test_a_plain_token_can_not_be_renewed_and_the_sentence_says_what_to_do() -> None:
    org = scripted(EXPIRED)

    with pytest.raises(LoginFailed, match="set SFREC_ACCESS_TOKEN anew, or choose a login that can be: jwt"):
        session_of(org, None).send(*GET)

    assert len(org.asked) == 1


@pytest.mark.parametrize(
    ("logins", "told"),
    [
        (failing(ConnectionFailed("no answer from https://login")), "logging in again failed: no answer"),
        (failing(UsageError("sf is not installed")), "logging in again failed: sf is not installed"),
        (Logins(lambda: "two words"), "logging in again failed: the access token holds spaces"),
        (Logins(lambda: TOKEN), "gave the same one"),
    ],
)
def test_a_login_that_fails_is_not_tried_again_and_its_reason_is_told_to_all(logins: Logins, told: str) -> None:
    org = scripted(EXPIRED)
    session = session_of(org, logins)

    for _ in range(3):
        with pytest.raises(LoginFailed, match=told) as failed:
            session.send(*GET)
        assert "planted" not in str(failed.value)

    assert logins.times == 1


def test_records_whose_request_met_no_login_are_not_sent_and_nothing_is_unknown() -> None:
    writer = Writer(session_of(scripted(EXPIRED), failing(ConnectionFailed("no answer"))), Clock().patience())

    outcomes = list(writer.create("Contact", [{"LastName": str(n)} for n in range(201)], Via.COLLECTIONS))

    assert {row.outcome for row in outcomes} == {Outcome.FAILED, Outcome.NOT_SENT}


def test_neither_token_is_in_a_repr() -> None:
    session = session_of(scripted(EXPIRED, Answer(body={})), Logins())
    session.send(*GET)

    assert "planted" not in f"{session!r} {session.access!r}"


@contextmanager
def shared(api: Api, logins: Logins, budget: Budget | None = None) -> Iterator[Session]:
    """A session over real HTTP that many threads share."""
    with requests.Session() as http:
        http.trust_env = False
        yield open_session(api.url, issue_token(api.org), http, budget, logins)


def test_threads_that_meet_an_expired_token_at_once_log_in_once() -> None:
    threads = 12
    with served_api(Options(latency_ms=20)) as api:
        logins = Logins(lambda: issue_token(api.org))
        with shared(api, logins) as session, ThreadPoolExecutor(threads) as pool:
            for expiry in range(1, 4):
                revoke_token(api.org, session.token)
                start = threading.Barrier(threads)

                def ask(_: int, start: threading.Barrier = start) -> int:
                    start.wait()
                    return session.send(*GET).status_code

                assert set(pool.map(ask, range(threads))) == {200}
                assert logins.times == expiry


def test_threads_write_every_record_once_while_sessions_keep_expiring() -> None:
    faults = Options(faults=Faults("session-expired:20%", 7))
    with served_api(faults) as api:
        logins = Logins(lambda: issue_token(api.org))
        with shared(api, logins) as session, ThreadPoolExecutor(8) as pool:

            def write(number: int) -> str:
                # By chance a fresh token is refused as well, which ends a run: nothing was executed then.
                while True:
                    (row,) = Writer(session, Patience(first_wait=0.001)).create(
                        "Contact", [{"LastName": f"Thread {number}"}], Via.COLLECTIONS
                    )
                    if row.code != "INVALID_SESSION_ID":
                        return row.outcome

            assert set(pool.map(write, range(60))) == {Outcome.DONE}

        stored = [str(row["LastName"]) for row in api.org.store.find("Contact")]
        assert sorted(name for name in stored if name.startswith("Thread")) == sorted(f"Thread {n}" for n in range(60))
        assert logins.times > 1


def test_soap_calls_of_threads_log_in_again_as_well() -> None:
    call = (
        b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:p="urn:partner.soap.sforce.com">'
        b"<e:Header><p:SessionHeader><p:sessionId>x</p:sessionId></p:SessionHeader></e:Header>"
        b"<e:Body><p:getUserInfo/></e:Body></e:Envelope>"
    )
    with served_api(Options(latency_ms=5)) as api:
        logins = Logins(lambda: issue_token(api.org))
        with shared(api, logins) as session, ThreadPoolExecutor(8) as pool:
            revoke_token(api.org, session.token)

            answers = list(pool.map(lambda _: session.soap("u", call), range(16)))

        assert {answer.status_code for answer in answers} == {200}
        assert all(b"<userName>admin@acme.example</userName>" in answer.content for answer in answers)
        assert logins.times == 1
