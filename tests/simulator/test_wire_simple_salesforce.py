"""simple-salesforce as it is published, against the simulated org over HTTP."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceResourceNotFound,
)

from tests.simulator.wired import Api, accounts, served_api

ADMIN = "admin@acme.example"


class Loopback(HTTPAdapter):
    """Sends what is meant for https://somewhere to the simulated org: the client knows no plain HTTP."""

    def __init__(self, base: str) -> None:
        self._base = urlsplit(base)
        super().__init__()

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        url = urlsplit(str(request.url))
        request.url = urlunsplit((self._base.scheme, self._base.netloc, url.path, url.query, url.fragment))
        return super().send(request, *args, **options)


@pytest.fixture
def api() -> Iterator[Api]:
    with served_api() as served:
        yield served


@pytest.fixture
def session(api: Api) -> Iterator[requests.Session]:
    with requests.Session() as http:
        http.trust_env = False
        http.mount("https://", Loopback(api.url))
        yield http


@pytest.fixture
def client(api: Api, session: requests.Session) -> Any:
    token = str(api.http.headers["Authorization"]).removeprefix("Bearer ")
    return Salesforce(instance_url=api.url, session_id=token, version="66.0", session=session)


def count(client: Any) -> int:
    return int(client.query("SELECT COUNT() FROM User")["totalSize"])


def test_login_by_jwt(session: requests.Session, tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    file = tmp_path / "jwt.key"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))

    client = Salesforce(username=ADMIN, consumer_key="key", privatekey_file=str(file), session=session)

    assert count(client) > 10


def test_login_by_client_credentials(session: requests.Session) -> None:
    client = Salesforce(consumer_key="key", consumer_secret="made up", domain="mydom.my", session=session)

    assert count(client) > 10


def test_login_by_password(session: requests.Session) -> None:
    client = Salesforce(
        username=ADMIN, password="made up", consumer_key="key", consumer_secret="made up", session=session
    )

    assert count(client) > 10


def test_a_failed_login_is_understood(session: requests.Session) -> None:
    with pytest.raises(SalesforceAuthenticationFailed, match="authentication failure"):
        Salesforce(
            username="nobody@acme.example",
            password="x",
            consumer_key="key",
            consumer_secret="made up",
            session=session,
        )


def test_query_all_follows_the_locators(api: Api, client: Any) -> None:
    for start in range(0, 2_400, 200):
        api.post("composite/sobjects", {"records": accounts([f"Many {start + n}" for n in range(200)])})

    first = client.query("SELECT Id FROM Account")
    everything = client.query_all("SELECT Id FROM Account")
    lazily = list(client.query_all_iter("SELECT Id, Name FROM Account"))

    assert (len(first["records"]), first["done"]) == (2_000, False)
    assert len({row["Id"] for row in everything["records"]}) == 2_403
    assert len(lazily) == 2_403


def test_an_object_is_created_read_updated_upserted_and_deleted(client: Any) -> None:
    created = client.Account.create({"Name": "Simple"})
    record_id = created["id"]

    assert created["success"] is True
    assert client.Account.update(record_id, {"Phone": "1"}) == 204
    assert client.Account.get(record_id)["Phone"] == "1"
    assert client.User.get_by_custom_id("Username", ADMIN)["Username"] == ADMIN
    assert client.User.upsert(f"Username/{ADMIN}", {"Title": "Dr"}) == 200
    assert client.Account.delete(record_id) == 204
    with pytest.raises(SalesforceResourceNotFound):
        client.Account.get(record_id)


def test_describe_and_limits_are_read(client: Any) -> None:
    described = client.User.describe()
    everything = client.describe()

    assert described is not None
    assert described["name"] == "User"
    assert everything is not None
    assert "User" in [item["name"] for item in everything["sobjects"]]
    assert client.limits()["DailyApiRequests"]["Max"] == 15_000
    assert client.User.metadata()["objectDescribe"]["name"] == "User"


def test_collections_go_by_restful(client: Any) -> None:
    body = {"allOrNone": False, "records": accounts(["Rest One", "Rest Two"])}

    created = client.restful("composite/sobjects", method="POST", json=body)
    ids = ",".join(row["id"] for row in created)
    deleted = client.restful("composite/sobjects", params={"ids": ids}, method="DELETE")

    assert [row["success"] for row in created] == [True, True]
    assert [row["success"] for row in deleted] == [True, True]


def test_bulk2_inserts_and_updates(client: Any) -> None:
    inserted = client.bulk2.Account.insert(records=[{"Name": f"Bulk {n}", "Phone": "1"} for n in range(3)], wait=0)
    names = client.query("SELECT Id, Name FROM Account WHERE Name LIKE 'Bulk %'")["records"]

    rows = [{"Id": row["Id"], "Phone": "2"} for row in names]
    updated = client.bulk2.Account.update(records=rows, wait=0)
    done = client.bulk2.Account.get_successful_records(updated[0]["job_id"])

    assert (inserted[0]["numberRecordsProcessed"], inserted[0]["numberRecordsFailed"]) == (3, 0)
    assert (updated[0]["numberRecordsProcessed"], updated[0]["numberRecordsFailed"]) == (3, 0)
    assert {row["Id"] for row in rows} <= {
        cell for line in done.splitlines() for cell in line.replace('"', "").split(",")
    }
    assert client.query("SELECT COUNT() FROM Account WHERE Phone = '2'")["totalSize"] == 3
    assert len(client.bulk2.Account.get_failed_records(updated[0]["job_id"]).splitlines()) == 1
    assert client.bulk2.Account.get_unprocessed_records(updated[0]["job_id"]).startswith('"')


def test_bulk2_queries_page_by_page(client: Any) -> None:
    pages = list(client.bulk2.Account.query("SELECT Name FROM Account ORDER BY Name", max_records=2, wait=0))

    assert [page.splitlines() for page in pages] == [['"Name"', '"Acme"', '"Globex"'], ['"Name"', '"Initech"']]


def test_errors_become_its_exceptions(api: Api, client: Any, session: requests.Session) -> None:
    with pytest.raises(SalesforceMalformedRequest) as refused:
        client.query("SELECT Nope FROM User")
    stranger = Salesforce(instance_url=api.url, session_id="wrong", version="66.0", session=session)
    with pytest.raises(SalesforceExpiredSession):
        stranger.query("SELECT Id FROM User")

    content: Any = refused.value.content
    assert content[0]["errorCode"] == "INVALID_FIELD"


def test_the_daily_usage_is_told(client: Any) -> None:
    client.query("SELECT Id FROM Account")

    usage: Any = client.api_usage["api-usage"]

    assert (usage.used, usage.total) == (1, 15_000)
