"""SOAP envelopes: what is put into one is escaped, what comes out of one is read by local names.

Source: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_concepts_core_data_objects.htm
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, ParseError, fromstring
from xml.sax.saxutils import escape

from reconciler.errors import LoginFailed, OrgError, RequestRefused
from reconciler.salesforce.session import NoAnswer, Session

if TYPE_CHECKING:
    from requests import Response

JWT = "eyJ"
"""What a token that is a JWT begins with; SOAP takes none."""

_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_BEYOND_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DECLARATION = re.compile(rb"<\0?!\0?(?:D|E)", re.IGNORECASE)
"""The beginning of a document type or an entity, in one byte a character or in two."""

_OK, _FAULT, _REFUSED = 200, 500, 400
_UNCLEAR = frozenset({"UNKNOWN_EXCEPTION", "SERVER_UNAVAILABLE", ""})
"""Faults after which the call may have been carried out: each comes with status 500, whatever it means."""


def can_carry(text: str) -> bool:
    """Whether XML has room for every character of a text."""
    return not _BEYOND_XML.search(text)


def element(name: str, text: str) -> str:
    """An element that holds a text; a carriage return would otherwise come out as a line feed."""
    return f"<{name}>{escape(text, {chr(13): '&#13;'})}</{name}>"


def call(session: Session, service: str, namespace: str, headers: str, body: str) -> Element:
    """Make one call; the element of its answer. `t` is the prefix of the namespace in headers and body.

    Raises OrgError: RequestRefused for a fault, LoginFailed for a session that has ended or a token that SOAP does not
    take, NoAnswer when none came or none that can be read.
    """
    if session.token.startswith(JWT):
        msg = "SOAP takes no token in the form of a JWT; choose --via bulk, or let the app issue opaque tokens"
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
        raise _unnamed(response)
    return root


def found(root: Element, name: str) -> Iterator[Element]:
    """All elements of that local name."""
    return (item for item in root.iter() if item.tag.rpartition("}")[2] == name)


def text_of(root: Element, name: str) -> str:
    """The text of the first element of that local name; empty when there is none."""
    return next((item.text or "" for item in found(root, name)), "")


def _parsed(response: "Response") -> Element:
    """The answer; one with a document type is none of Salesforce's, and could blow up by its entities."""
    try:
        if not _DECLARATION.search(response.content):
            return fromstring(response.content)  # noqa: S314 - nothing that declares an entity gets this far
    except (ParseError, ValueError, LookupError):
        pass
    if response.status_code in {_OK, _FAULT}:
        msg = "the org answered something that is not XML; is it a Salesforce org?"
        raise NoAnswer(msg)
    raise _unnamed(response)


def _unnamed(response: "Response") -> RequestRefused:
    return RequestRefused(response.status_code, f"HTTP_{response.status_code}", response.reason or "no reason given")


def _refusal(fault: Element) -> OrgError:
    code = (text_of(fault, "exceptionCode") or text_of(fault, "faultcode")).rpartition(":")[2]
    message = text_of(fault, "exceptionMessage") or text_of(fault, "faultstring").removeprefix(f"{code}: ")
    if code == "INVALID_SESSION_ID":
        return LoginFailed("the org does not accept the access token: it is wrong or has expired; log in again")
    return RequestRefused(_FAULT if code in _UNCLEAR else _REFUSED, code or "SOAP_FAULT", message)
