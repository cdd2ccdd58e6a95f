"""A simulated org inside this process, opened as any org is, with a log of its requests; and documents for it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

from reconciler import pipeline
from reconciler.connect import Org
from reconciler.model import Live, Plan, State, Transport
from reconciler.salesforce import Reader, Writer, open_session
from reconciler.salesforce.retry import Patience
from reconciler.salesforce.wsgi import WsgiAdapter
from reconciler.simulator import open_org
from reconciler.simulator.faults import Faults
from reconciler.simulator.seed import dump_seed
from reconciler.simulator.wire import Application, Options, issue_token

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

URL = "https://simulated.localhost"
Seed = dict[str, Any]


@dataclass(frozen=True)
class Simulated:
    """An open org, the requests that it was asked, and the folder in which its project's files are."""

    org: Org
    project: Path
    log: list[str]
    dump: Callable[[], Mapping[str, Any]]

    def declares(self, *documents: str) -> State:
        """The desired state of these documents, in place of any before."""
        users = self.project / "desired" / "users"
        users.mkdir(parents=True, exist_ok=True)
        (users / "team.yaml").write_text("\n---\n".join(documents), encoding="utf-8")
        return pipeline.load(self.project)

    def reads(self, *documents: str) -> Live:
        """What the org says of that which these documents declare."""
        return pipeline.read(self.org, self.declares(*documents))

    def plans(self, *documents: str) -> Plan:
        """The plan that these documents make, contacts of users by a job."""
        desired = self.declares(*documents)
        return pipeline.build(desired, pipeline.read(self.org, desired), Transport.BULK)

    def asked(self) -> list[str]:
        """The requests so far, as `METHOD path`."""
        return list(self.log)

    def writes(self) -> list[str]:
        """The requests so far that could change a record."""
        reads = {"POST composite", "POST jobs/query"}
        return [line for line in self.asked() if not line.startswith("GET") and line not in reads]

    def records(self, sobject: str, **fields: object) -> list[Mapping[str, Any]]:
        """The records of an object with these values, in the seed's format."""
        found = self.dump().get(sobject, [])
        return [record for record in found if all(record.get(name) == value for name, value in fields.items())]


@contextmanager
def simulated(folder: Path, seed: Seed, faults: str = "") -> Iterator[Simulated]:
    """Open a new org with that seed."""
    org = open_org(":memory:", seed)
    application = Application(org, Options(faults=Faults(faults)))
    log: list[str] = []

    def logged(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        log.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO'].partition('/data/')[2].partition('/')[2]}")
        return application(environ, start_response)

    http = requests.Session()
    http.mount(URL, WsgiAdapter(logged, org.close))
    session = open_session(URL, issue_token(org), http)
    patience = Patience(sleep=lambda _seconds: None)
    with Org("simulated", Reader(session, patience), Writer(session, patience)) as opened:
        yield Simulated(opened, folder, log, lambda: dump_seed(org))


def unscreened(desired: State) -> State:
    """The same resources without declarations: nobody is compared while reading, and every record is kept."""
    return State(dict(desired.resources))


def a_seed(**more: list[dict[str, Any]]) -> Seed:
    """Two accounts, an owner with a role, licenses and profiles; and what a test adds."""
    seed: Seed = {
        "UserLicense": [
            {"Name": "Salesforce", "TotalLicenses": 5},
            {"Name": "External Identity", "TotalLicenses": 1000},
            {"Name": "Customer Community", "TotalLicenses": 50},
            {"Name": "Customer Community Plus", "TotalLicenses": 50},
            {"Name": "Partner Community", "TotalLicenses": 50},
        ],
        "Profile": [
            {"Name": "System Administrator", "UserLicense": "Salesforce"},
            {"Name": "Acme Identity", "UserLicense": "External Identity"},
            {"Name": "Acme Customer", "UserLicense": "Customer Community"},
            {"Name": "Acme Plus", "UserLicense": "Customer Community Plus"},
            {"Name": "Acme Partner", "UserLicense": "Partner Community"},
        ],
        "UserRole": [{"Name": "CEO"}],
        "User": [
            {
                "Username": "owner@acme.example",
                "LastName": "Owner",
                "Email": "owner@acme.example",
                "Profile": "System Administrator",
                "UserRole": "CEO",
            }
        ],
        "Account": [account("Acme"), account("Globex")],
    }
    for sobject, records in more.items():
        seed[sobject] = [*seed.get(sobject, []), *records]
    return seed


def account(name: str, **more: object) -> dict[str, Any]:
    """An account whose owner has a role."""
    return {"Name": name, "Owner": "owner@acme.example", **more}


def user(name: str, profile: str = "Acme Identity", **more: object) -> dict[str, Any]:
    """A user `name@acme.example`, contactless unless a contact is given."""
    address = f"{name}@acme.example"
    person = {"FirstName": name.title(), "LastName": "James", "Email": address}
    return {"Username": address, **person, "Profile": profile, **more}


def contact(name: str, of: str | None = "Acme", **more: object) -> dict[str, Any]:
    """The contact of that user of `user`, or one that could be."""
    person = {"FirstName": name.title(), "LastName": "James", "Email": f"{name}@acme.example"}
    return {**person, "Owner": "owner@acme.example", **({"Account": of} if of else {}), **more}


def upgrade(name: str, account: str = "Acme", profile: str = "Acme Plus", contact: str = "{}", more: str = "") -> str:
    """The document that upgrades a user of `user`."""
    return f"user: {name}@acme.example\naccount: {account}\ncontact: {contact}\nprofile: {profile}\n{more}"
