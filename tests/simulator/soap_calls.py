"""SOAP envelopes as clients send them, and answers as they read them."""

import xml.etree.ElementTree as ET
from dataclasses import dataclass

import requests

from tests.simulator.wired import Api

PARTNER = "urn:partner.soap.sforce.com"


@dataclass(frozen=True)
class Answered:
    """An answer: its status, its text, and the elements below the call's response by local name."""

    status: int
    text: str

    @property
    def root(self) -> ET.Element:
        """The envelope."""
        return ET.fromstring(self.text)  # noqa: S314 - the simulated org's own answer

    def all(self, path: str) -> list[str | None]:
        """The texts of all elements at a path of local names below the results; None for nil."""
        steps = "/".join(f"{{*}}{name}" for name in path.split("/"))
        return [element.text for element in self.root.findall(f".//{steps}")]

    def one(self, path: str) -> str | None:
        """The only text at a path."""
        (text,) = self.all(path)
        return text

    @property
    def fault(self) -> tuple[int, str | None, str | None]:
        """Status, fault code and sentence of a refused call."""
        return self.status, self.one("faultcode"), self.one("exceptionMessage")


def envelope(body: str, session: str = "", headers: str = "", namespace: str = PARTNER) -> str:
    """An envelope around a call."""
    head = f"<SessionHeader><sessionId>{session}</sessionId></SessionHeader>{headers}"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<se:Envelope xmlns:se="http://schemas.xmlsoap.org/soap/envelope/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f'<se:Header xmlns="{namespace}">{head}</se:Header><se:Body>{body}</se:Body></se:Envelope>'
    )


def post(api: Api, content: str | bytes, path: str = "u/64.0", **headers: str) -> Answered:
    """Send an envelope as it is."""
    sent = content.encode() if isinstance(content, str) else content
    answer = requests.post(
        f"{api.url}/services/Soap/{path}",
        data=sent,
        headers={"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""', **headers},
        timeout=30,
    )
    return Answered(answer.status_code, answer.text)


def call(api: Api, name: str, content: str = "", path: str = "u/64.0", headers: str = "") -> Answered:
    """Make a call with the API's own session."""
    session = str(api.http.headers["Authorization"]).removeprefix("Bearer ")
    body = f'<{name} xmlns="{PARTNER}">{content}</{name}>'
    return post(api, envelope(body, session, headers), path)


def record(kind: str, *, nulls: tuple[str, ...] = (), **fields: str) -> str:
    """A generic sObject; values are markup."""
    empty = "".join(f"<fieldsToNull>{name}</fieldsToNull>" for name in nulls)
    values = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    return f"<sObjects><type>{kind}</type>{empty}{values}</sObjects>"


def option(header: str, **values: str) -> str:
    """A header with its values."""
    return f"<{header}>{''.join(f'<{name}>{value}</{name}>' for name, value in values.items())}</{header}>"
