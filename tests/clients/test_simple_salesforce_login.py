"""Each way in which simple-salesforce logs in, over https, as it is published."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from requests.adapters import HTTPAdapter
from simple_salesforce import login
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceAuthenticationFailed

from tests.clients.asked import ADMIN, Asked


class LoginHosts(HTTPAdapter):
    """Finds Salesforce's login hosts on this machine: the client has no setting for where they are."""

    def __init__(self, org: str) -> None:
        self._host = urlsplit(org).netloc
        super().__init__()

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        url = urlsplit(str(request.url))
        request.url = urlunsplit((url.scheme, self._host, url.path, url.query, url.fragment))
        return super().send(request, *args, **options)


@pytest.fixture(name="session")
def _session(secure: Asked) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(secure.ca_file)
        for host in ("login", "test", "acme.my"):
            session.mount(f"https://{host}.salesforce.com", LoginHosts(secure.url))
        yield session


@pytest.fixture(name="key", scope="module")
def _key() -> str:
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def who_is(client: Any) -> str:
    """The user that a client is logged in as, as the org tells it."""
    return str(client.oauth2("userinfo")["preferred_username"])


def host(org: Asked) -> str:
    return urlsplit(org.url).netloc


def test_jwt_with_a_key_in_a_file(secure: Asked, session: requests.Session, key: str, tmp_path: Path) -> None:
    file = tmp_path / "jwt.key"
    file.write_text(key)

    client = Salesforce(username=ADMIN, consumer_key="app", privatekey_file=str(file), session=session)

    assert (client.sf_instance, client.auth_type) == (host(secure), "jwt-bearer")
    assert who_is(client) == ADMIN


def test_jwt_with_a_key_in_memory(session: requests.Session, key: str) -> None:
    client = Salesforce(
        username="owner@acme.example", consumer_key="app", privatekey=key, domain="test", session=session
    )

    assert who_is(client) == "owner@acme.example"


def test_client_credentials(session: requests.Session) -> None:
    client = Salesforce(consumer_key="app", consumer_secret="made up", domain="acme.my", session=session)

    assert who_is(client) == ADMIN


def test_username_and_password_of_an_app(session: requests.Session) -> None:
    client = Salesforce(
        username=ADMIN, password="made up", consumer_key="app", consumer_secret="made up", session=session
    )

    assert who_is(client) == ADMIN


@pytest.mark.parametrize("also", [{"security_token": "token"}, {"organizationId": "00D000000000001EAA"}])
def test_soap_login(secure: Asked, session: requests.Session, also: dict[str, Any]) -> None:
    client = Salesforce(username=ADMIN, password="made up", session=session, **also)

    assert (client.sf_version, client.sf_instance) == ("59.0", host(secure))
    assert who_is(client) == ADMIN


def test_soap_login_at_the_url_of_a_scratch_org(secure: Asked, session: requests.Session) -> None:
    token, instance = login.SalesforceLogin(
        username=ADMIN, password="made up", session=session, sf_version="64.0", scratch_url=secure.url
    )

    client = Salesforce(instance=instance, session_id=token, session=session)
    assert who_is(client) == ADMIN


def test_soap_login_is_gone_from_65(session: requests.Session) -> None:
    with pytest.raises(SalesforceAuthenticationFailed) as refused:
        Salesforce(username=ADMIN, password="made up", security_token="", version="65.0", session=session)

    assert re.fullmatch("[A-Z_]+", str(refused.value.code))
    assert refused.value.auth_message


def test_a_session_is_taken_as_it_is(secure: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(secure.ca_file))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    client = Salesforce(instance_url=secure.url, session_id=secure.org.token)

    assert who_is(client) == ADMIN
    client.session.close()


def test_an_expired_session_is_renewed_by_itself(secure: Asked, session: requests.Session, key: str) -> None:
    client: Any = Salesforce(username=ADMIN, consumer_key="app", privatekey=key, session=session)
    first = client.session_id
    secure.http.post(f"{secure.url}/services/oauth2/revoke", data={"token": first}, timeout=10).raise_for_status()

    found = client.query("SELECT Id FROM User LIMIT 1")

    assert found["totalSize"] == 1
    assert client.session_id != first


def test_an_unknown_user_is_refused(session: requests.Session, key: str) -> None:
    with pytest.raises(SalesforceAuthenticationFailed) as by_jwt:
        Salesforce(username="nobody@acme.example", consumer_key="app", privatekey=key, session=session)
    with pytest.raises(SalesforceAuthenticationFailed) as by_soap:
        Salesforce(username="nobody@acme.example", password="made up", security_token="", session=session)

    assert by_jwt.value.code == "invalid_grant"
    assert by_soap.value.code == "INVALID_LOGIN"
