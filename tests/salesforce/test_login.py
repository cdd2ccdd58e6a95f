"""Token requests: what is sent, what is taken for a grant, and what a refusal says and does not say."""

import logging
import socket
import time
from collections.abc import Callable

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from reconciler.errors import ConnectionFailed, LoginFailed, SfrecError, UsageError
from reconciler.salesforce.login import (
    PRODUCTION,
    SANDBOX,
    Assertion,
    Credentials,
    Grant,
    OAuth,
    audience_of,
    private_key,
)
from reconciler.salesforce.session import NotSent, Timeout
from reconciler.salesforce.wsgi import WsgiAdapter
from tests.salesforce.scripted_org import URL, Answer, Clock, scripted
from tests.salesforce.token_endpoint import KEY, PEM, SECRET, a_session, granted, token_endpoint

CREDENTIALS = Credentials("consumer-key", SECRET)
ASSERTION = Assertion("consumer-key", "admin@acme.example", PRODUCTION, private_key(PEM, "SFREC_PRIVATE_KEY"))
BUSY = Answer(503, b"<html>busy</html>")


def login(url: str, proof: Assertion | Credentials = CREDENTIALS, timeout: Timeout | None = None) -> OAuth:
    return OAuth(url, proof, a_session, timeout or Timeout(), Clock().patience())


def denied(error: str, description: str) -> Answer:
    return Answer(400, {"error": error, "error_description": description})


def test_a_token_that_came_over_tls_is_never_sent_without() -> None:
    org = scripted(Answer(body={"access_token": "x", "instance_url": "http://127.0.0.1:8080"}))

    def http() -> requests.Session:
        session = a_session()
        session.mount(URL, WsgiAdapter(org))
        return session

    with pytest.raises(LoginFailed, match="which has no TLS: the token is not sent there"):
        OAuth(URL, CREDENTIALS, http)()


def test_an_assertion_says_who_logs_in_where_for_a_short_time_and_is_signed() -> None:
    with token_endpoint(granted) as endpoint:
        before = int(time.time())
        grant = login(endpoint.url, ASSERTION)()

    (form,) = endpoint.forms
    claims = jwt.decode(form["assertion"], KEY.public_key(), algorithms=["RS256"], audience=PRODUCTION)
    assert form.keys() == {"grant_type", "assertion"}
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    assert (claims["iss"], claims["sub"]) == ("consumer-key", "admin@acme.example")
    assert before < claims["exp"] <= before + 300
    assert endpoint.paths == ["/services/oauth2/token"]
    assert "Authorization" not in endpoint.headers[0]
    assert grant == Grant("00D000000000001!AQ.planted-granted", endpoint.url)


def test_credentials_go_into_the_form_and_not_into_the_address() -> None:
    with token_endpoint(granted) as endpoint:
        login(endpoint.url)()

    assert endpoint.forms == [
        {"grant_type": "client_credentials", "client_id": "consumer-key", "client_secret": SECRET}
    ]
    assert endpoint.paths == ["/services/oauth2/token"]


def test_an_org_that_is_busy_is_asked_again_with_a_new_assertion() -> None:
    with token_endpoint(BUSY, BUSY, granted) as endpoint:
        grant = login(endpoint.url, ASSERTION)()

    assert grant.instance_url == endpoint.url
    assert len(endpoint.forms) == 3


def test_an_org_that_stays_busy_is_given_up_in_the_end() -> None:
    with token_endpoint(BUSY) as endpoint, pytest.raises(ConnectionFailed, match="with HTTP 503"):
        login(endpoint.url)()

    assert len(endpoint.forms) == Clock().patience().tries


def test_a_wrong_address_is_told_at_once_and_a_lost_connection_later_is_not() -> None:
    with token_endpoint(granted) as endpoint:
        again = login(endpoint.url)
        again()
        first = login(endpoint.url)
    clock = Clock()
    first.patience = again.patience = clock.patience()

    with pytest.raises(NotSent):
        first()
    assert clock.waited == []
    with pytest.raises(NotSent):
        again()
    assert len(clock.waited) == clock.patience().tries - 1


def test_a_login_that_is_never_answered_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        silent = login(f"http://127.0.0.1:{server.getsockname()[1]}", timeout=Timeout(read=0.05))
        with pytest.raises(ConnectionFailed, match=r"nothing came within 0\.05 seconds"):
            silent()


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            denied("invalid_grant", "user hasn't approved this consumer"),
            "refuses the login: invalid_grant: user hasn't approved this consumer; approve the app for this user",
        ),
        (denied("invalid_app_access", "user is not admin approved to access this app"), "approve the app"),
        (denied("invalid_grant", "audience is invalid"), "https://test.salesforce.com for a sandbox"),
        (denied("invalid_grant", "invalid assertion"), "clock is right"),
        (denied("invalid_grant", "request not supported on this domain"), "at the org's own address"),
        (denied("invalid_grant", "no client credentials user enabled"), "name the user to run as"),
        (denied("invalid_grant", "authentication failure"), "see username"),
        (denied("invalid_client_id", "client identifier invalid"), "see client_id"),
        (denied("invalid_client", "invalid client credentials"), "SFREC_CLIENT_SECRET"),
        (denied("inactive_user", "user is inactive"), "activate the user"),
        (denied("never_seen", "before"), "never_seen: before; the login history in Setup"),
        (Answer(302, b"", {"Location": "https://elsewhere.example/"}), "HTTP_302: .*; set login_url"),
        (Answer(404, b"<html>"), "HTTP_404"),
        (Answer(400, ["no object"]), "HTTP_400: Bad Request;"),
        (Answer(200, b"<html>log in here</html>"), "is it a Salesforce org"),
        (Answer(200, {"access_token": "x"}), "without a token and an address"),
        (Answer(200, {"access_token": 1, "instance_url": "https://acme.my.salesforce.com"}), "without a token"),
        (Answer(200, {"access_token": "x", "instance_url": "http://acme.example"}), "not sent to: .*https://"),
        (Answer(200, {"access_token": "x", "instance_url": "https://a.example/path"}), "not sent to"),
    ],
)
def test_what_is_no_grant_is_told_once_with_the_orgs_own_words_and_a_remedy(answer: Answer, told: str) -> None:
    with token_endpoint(answer) as endpoint, pytest.raises(LoginFailed, match=told):
        login(endpoint.url)()

    assert len(endpoint.forms) == 1


@pytest.mark.parametrize("proof", [CREDENTIALS, ASSERTION], ids=["credentials", "assertion"])
@pytest.mark.parametrize("echo", [lambda form: denied("invalid_request", f"what is {form}?"), lambda _: BUSY])
def test_no_secret_key_or_assertion_is_in_a_message_a_repr_or_a_log(
    proof: Assertion | Credentials, echo: Callable[[object], Answer], caplog: pytest.LogCaptureFixture
) -> None:
    with token_endpoint(BUSY) as endpoint, caplog.at_level(logging.DEBUG):
        way = login(endpoint.url, proof)
        endpoint.answers[:] = [echo(dict(proof.form()))]
        with pytest.raises(SfrecError) as failed:
            way()

    body = PEM.splitlines()[3]
    for text in (str(failed.value), repr(failed.value), repr(way), caplog.text):
        assert SECRET not in text
        assert "eyJ" not in text
        assert body not in text


def test_a_sentence_of_the_org_is_cut_and_holds_nothing_that_a_terminal_obeys() -> None:
    told = denied("invalid_grant", f"\x1b[2J\u202e{'x' * 10_000}")

    with token_endpoint(told) as endpoint, pytest.raises(LoginFailed) as failed:
        login(endpoint.url)()

    assert str(failed.value).isprintable()
    assert len(str(failed.value)) < 800


def test_a_grant_is_for_the_org_that_was_meant() -> None:
    grant = Grant("t", "https://acme.my.salesforce.com")

    assert grant.at(None) is grant.at("https://acme.my.salesforce.com:443") is grant
    for other in ("https://acme--uat.sandbox.my.salesforce.com", "https://acme.my.salesforce.com:8443"):
        with pytest.raises(LoginFailed, match=f"not to {other}: nothing is sent"):
            grant.at(other)
    assert "'t'" not in repr(grant)


@pytest.mark.parametrize(
    ("url", "audience"),
    [
        ("https://login.salesforce.com", PRODUCTION),
        ("https://acme.my.salesforce.com", PRODUCTION),
        ("https://acme-dev-ed.develop.my.salesforce.com", PRODUCTION),
        ("https://test.salesforce.com", SANDBOX),
        ("https://acme--uat.sandbox.my.salesforce.com", SANDBOX),
        ("https://acme.my.site.com", "https://acme.my.site.com"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("https://login.salesforce.com.evil.example", "https://login.salesforce.com.evil.example"),
    ],
)
def test_the_audience_of_an_assertion_is_that_of_the_kind_of_org(url: str, audience: str) -> None:
    assert audience_of(url) == audience


def pem_of(encryption: serialization.KeySerializationEncryption, *, is_rsa: bool = True) -> str:
    key = KEY if is_rsa else ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption).decode()


@pytest.mark.parametrize(
    "text", [PEM, PEM.replace("\n", "\\n"), PEM.replace("\n", "\r\n")], ids=["unix", "escaped", "windows"]
)
def test_a_key_may_have_any_line_ends_as_secret_stores_write_them(text: str) -> None:
    assert private_key(text, "NAME").private_numbers() == KEY.private_numbers()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (pem_of(serialization.BestAvailableEncryption(b"hunter2")), "passphrase"),
        (pem_of(serialization.NoEncryption(), is_rsa=False), "RSA keys only"),
        ("planted-secret", "holds no private key"),
        (PEM[:400], "holds no private key"),
        (PEM.replace("PRIVATE KEY", "CERTIFICATE"), "holds no private key"),
    ],
    # A key is another one in each process.
    ids=["encrypted", "elliptic", "no key", "half a key", "certificate"],
)
def test_a_key_that_can_not_sign_is_told_by_its_name_alone(text: str, told: str) -> None:
    with pytest.raises(UsageError, match=told) as refused:
        private_key(text, "SFREC_PRIVATE_KEY")

    assert "SFREC_PRIVATE_KEY" in str(refused.value)
    assert "planted" not in str(refused.value)
    assert not any(line in str(refused.value) for line in text.splitlines())
