"""SOAP envelopes: what is put into one is escaped, what comes out of one is read by local names.

Sources: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_header_emailheader.htm
https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_concepts_core_data_objects.htm
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, ParseError, XMLParser
from xml.sax.saxutils import escape

from reconciler.errors import LoginFailed, OrgError, RequestRefused
from reconciler.salesforce.session import NoAnswer, Session

if TYPE_CHECKING:
    from requests import Response

_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_BEYOND_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HAS_TYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
JWT = "eyJ"
"""What a token that is a JWT begins with; SOAP takes none."""
_OK, _FAULT = 200, 500
_UNCLEAR = frozenset({"UNKNOWN_EXCEPTION", "SERVER_UNAVAILABLE", ""})
"""Faults after which the call may have been carried out; any other refuses it."""


def can_carry(text: str) -> bool:
    """Whether XML has room for every character of a text."""
    return not _BEYOND_XML.search(text)


def element(name: str, text: str) -> str:
    """An element that holds a text; a carriage return would otherwise come out as a line feed."""
    return f"<{name}>{escape(text, {chr(13): '&#13;'})}</{name}>"


def call(session: Session, service: str, namespace: str, headers: str, body: str) -> Element:
    """Make one call; the element of its response.

    Raises OrgError: RequestRefused for a fault, LoginFailed for a session that has ended, NoAnswer when none came.
    """
    if session.token.startswith(JWT):
        msg = "SOAP takes no token in the form of a JWT; choose --via bulk, or issue opaque tokens for this app"
        raise LoginFailed(msg)
    token = element("t:sessionId", session.token)
    envelope = (
        f'<?xml version="1.0" encoding="UTF-8"?><e:Envelope xmlns:e="{_SOAP}" xmlns:t="{namespace}">'
        f"<e:Header><t:SessionHeader>{token}</t:SessionHeader>{headers}</e:Header><e:Body>{body}</e:Body></e:Envelope>"
    )
    response = session.soap(service, envelope.encode())
    root = _parsed(response)
    fault = next(found(root, "Fault"), None)
    if fault is not None:
        raise _refusal(fault)
    if response.status_code != _OK:
        raise RequestRefused(response.status_code, f"HTTP_{response.status_code}", response.reason or "")
    return root


def found(root: Element, name: str) -> Iterator[Element]:
    """All elements of that local name."""
    return (item for item in root.iter() if local(item) == name)


def text_of(root: Element, name: str) -> str:
    """The text of the first element of that local name; empty when there is none."""
    return next((item.text or "" for item in found(root, name)), "")


def local(item: Element) -> str:
    """An element's name without its namespace."""
    return item.tag.rpartition("}")[2]


def _parsed(response: "Response") -> Element:
    """The answer; one with a document type is none of Salesforce's, and could blow up by its entities."""
    content = response.content
    root = None if _HAS_TYPE.search(content) else _root(content)
    if root is not None:
        return root
    if response.status_code in {_OK, _FAULT}:
        msg = "the org answered something that is not XML; is it a Salesforce org?"
        raise NoAnswer(msg)
    raise RequestRefused(response.status_code, f"HTTP_{response.status_code}", response.reason or "")


def _root(content: bytes) -> Element | None:
    parser = XMLParser()  # noqa: S314 - nothing with a document type gets this far
    try:
        parser.feed(content)
        root: Element = parser.close()
    except ParseError:
        return None
    return root


def _refusal(fault: Element) -> OrgError:
    code = (text_of(fault, "exceptionCode") or text_of(fault, "faultcode")).rpartition(":")[2]
    message = text_of(fault, "exceptionMessage") or text_of(fault, "faultstring").removeprefix(f"{code}: ")
    if code == "INVALID_SESSION_ID":
        return LoginFailed("the org does not accept the access token: it is wrong or has expired; log in again")
    # Every fault comes with status 500, whatever it means.
    return RequestRefused(_FAULT if code in _UNCLEAR else 400, code or "SOAP_FAULT", message)
