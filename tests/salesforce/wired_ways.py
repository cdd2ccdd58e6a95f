"""A simulated org behind a real listener and a session of ours that speaks to it; answers that a proxy might give."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol
from xml.sax.saxutils import escape

import requests
from requests.adapters import HTTPAdapter

from reconciler.salesforce import Session, open_session
from reconciler.salesforce.apex import ApexWay
from reconciler.salesforce.outcome import Attempt, Record
from reconciler.salesforce.soap import SoapWay
from reconciler.simulator import Org
from reconciler.simulator.faults import Faults
from reconciler.simulator.server import running_server
from reconciler.simulator.wire import Options, issue_token
from tests.salesforce.scripted_org import Answer
from tests.simulator.orgs import demo, do, id_of

ORG_ID = "00D000000000001"


class Way(Protocol):
    """What sends records once."""

    def send(self, sobject: str, records: Sequence[Record], *, is_update: bool) -> list[Attempt]:
        """One attempt a record, in order."""
        ...


def soap(session: Session, *, notify: bool = False) -> Way:
    return SoapWay(session, notify=notify)


def apex(session: Session, *, notify: bool = False) -> Way:
    return ApexWay(session, ORG_ID, notify=notify)


class Kept(HTTPAdapter):
    """Sends over real HTTP and remembers the bodies that it sent."""

    def __init__(self) -> None:
        self.bodies: list[str] = []
        super().__init__()

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        body = request.body or b""
        self.bodies.append(body.decode() if isinstance(body, bytes) else body)
        return super().send(request, *args, **options)


@dataclass(frozen=True)
class Wired:
    """A running org and our session."""

    org: Org
    session: Session
    kept: Kept = field(repr=False)

    @property
    def envelopes(self) -> list[str]:
        """The bodies sent so far."""
        return self.kept.bodies

    def id(self, sobject: str, **equals: Any) -> str:
        """The id of the one record with these values."""
        return id_of(self.org, sobject, **equals)

    def contact(self, name: str = "James") -> str:
        """A new contact of Acme."""
        made = do(self.org, "insert", "Contact", {"LastName": name, "AccountId": self.id("Account", Name="Acme")})
        return str(made[0].id)

    def values(self, sobject: str, id_: str) -> Mapping[str, Any]:
        """A record as it is now."""
        found = self.org.store.get(sobject, id_)
        assert found is not None
        return found


@contextmanager
def wired(faults: str = "") -> Iterator[Wired]:
    """Serve the demo org, with faults; stop it at the end."""
    org, kept = demo(), Kept()
    with running_server(org, Options(faults=Faults(faults))) as server, requests.Session() as http:
        http.trust_env = False
        http.mount("http://", kept)
        yield Wired(org, open_session(server.url, issue_token(org), http), kept)
    org.close()


def markup(content: str, status: int = 200) -> Answer:
    """An answer in an envelope as Salesforce writes it."""
    envelope = "http://schemas.xmlsoap.org/soap/envelope/"
    text = f'<soapenv:Envelope xmlns:soapenv="{envelope}"><soapenv:Body>{content}</soapenv:Body></soapenv:Envelope>'
    return Answer(status, f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode())


def fault(code: str, message: str) -> Answer:
    """A refused call: always status 500, its code with a prefix."""
    told = f"<faultcode>sf:{code}</faultcode><faultstring>{code}: {escape(message)}</faultstring>"
    return markup(f"<soapenv:Fault>{told}</soapenv:Fault>", 500)
