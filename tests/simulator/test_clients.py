"""simple-salesforce, unmodified, over real HTTP on a loopback port."""

import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceMalformedRequest

from reconciler.simulator.server import RunningServer, running_server
from reconciler.simulator.wire import issue_token
from tests.simulator.orgs import demo


class Redirect(HTTPAdapter):
    """Sends everything to the simulated org: the library knows https only."""

    def __init__(self, url: str) -> None:
        self.base = urlsplit(url)
        super().__init__()

    def send(self, request: Any, **options: Any) -> Any:  # type: ignore[override]
        url = urlsplit(request.url)
        request.url = urlunsplit((self.base.scheme, self.base.netloc, url.path, url.query, url.fragment))
        return super().send(request, **options)


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with running_server(demo()) as running:
        yield running


def session(server: RunningServer) -> requests.Session:
    made = requests.Session()
    made.trust_env = False
    made.mount("https://", Redirect(server.url))
    return made


@pytest.fixture
def sf(server: RunningServer) -> Any:
    return Salesforce(consumer_key="K", consumer_secret="S", domain="team.my", session=session(server), version="66.0")


def test_the_password_and_credential_logins_work(server: RunningServer, sf: Any) -> None:
    by_password = Salesforce(
        username="admin@acme.example",
        password="x",
        consumer_key="K",
        consumer_secret="S",
        session=session(server),
        version="66.0",
    )

    assert by_password.query("SELECT Id FROM Organization")["totalSize"] == 1
    assert sf.limits()["DailyApiRequests"]["Max"] == 15_000


def test_a_wrong_user_is_told_in_the_librarys_own_error(server: RunningServer) -> None:
    with pytest.raises(SalesforceAuthenticationFailed):
        Salesforce(
            username="nobody@x.example", password="x", consumer_key="K", consumer_secret="S", session=session(server)
        )


def test_records_queries_and_describe_work(sf: Any) -> None:
    made = sf.Contact.create({"LastName": "Client"})
    sf.Contact.update(made["id"], {"Title": "Dr"})

    assert sf.Contact.get(made["id"])["Title"] == "Dr"
    assert sf.query_all("SELECT Id FROM User WHERE IsActive = true")["done"] is True
    assert sf.User.describe()["name"] == "User"
    assert sf.Contact.upsert("Email/c@x.example", {"LastName": "Upserted"}) == 201
    assert sf.Contact.delete(made["id"]) == 204
    with pytest.raises(SalesforceMalformedRequest):
        sf.query("SELECT Nonsense FROM User")


def test_collections_and_bulk_work(sf: Any) -> None:
    body = {"allOrNone": False, "records": [{"attributes": {"type": "Account"}, "Name": "Bulk"}]}
    account = sf.restful("composite/sobjects", method="POST", json=body)[0]["id"]
    jobs = sf.bulk2.Contact.insert(records=[{"LastName": "Bulk", "AccountId": account}], wait=1)
    pages = list(sf.bulk2.Contact.query("SELECT LastName FROM Contact WHERE LastName = 'Bulk'", wait=1))

    assert jobs[0]["numberRecordsFailed"] == 0
    assert "Bulk" in pages[0]


def test_a_kept_connection_answers_at_once(server: RunningServer) -> None:
    token = issue_token(server.server.app._org)  # type: ignore[attr-defined]  # noqa: SLF001 - the org behind the server
    kept = requests.Session()
    kept.trust_env = False
    kept.headers["Authorization"] = f"Bearer {token}"
    kept.get(f"{server.url}/services/data/v66.0/limits")

    started = time.perf_counter()
    for _ in range(50):
        assert kept.get(f"{server.url}/services/data/v66.0/limits").status_code == 200

    # Nagle's algorithm against delayed acknowledgement would cost 40 ms a request.
    assert time.perf_counter() - started < 1.5


def test_chunked_bodies_are_read(server: RunningServer) -> None:
    form = iter([b"grant_type=password&", b"username=admin@acme.example"])
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    answer = requests.post(f"{server.url}/services/oauth2/token", data=form, headers=headers, timeout=10)

    assert answer.json()["token_type"] == "Bearer"


def test_many_clients_at_once_lose_no_write(server: RunningServer) -> None:
    token = issue_token(server.server.app._org)  # type: ignore[attr-defined]  # noqa: SLF001 - as above
    headers = {"Authorization": f"Bearer {token}"}

    def create(number: int) -> None:
        for step in range(5):
            url = f"{server.url}/services/data/v66.0/sobjects/Account"
            requests.post(url, json={"Name": f"Parallel {number} {step}"}, headers=headers, timeout=30)

    threads = [threading.Thread(target=create, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    soql = "SELECT COUNT() FROM Account WHERE Name LIKE 'Parallel%'"
    url = f"{server.url}/services/data/v66.0/query"
    assert requests.get(url, params={"q": soql}, headers=headers, timeout=30).json()["totalSize"] == 40
