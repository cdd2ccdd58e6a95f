"""`POST /services/Soap/{u,c,s}/{version}[/{org}]`: envelope in, envelope out; a refused call is a fault."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import NoReturn

from werkzeug.wrappers import Response

from reconciler.simulator import messages
from reconciler.simulator.errors import ApiError
from reconciler.simulator.wire.context import Context, not_found
from reconciler.simulator.wire.limits import take_request, used_requests
from reconciler.simulator.wire.markup import BadMarkup, Element, leaf, parsed, tag
from reconciler.simulator.wire.soap.apex import APEX
from reconciler.simulator.wire.soap.call import Answer, Dialect, Reply, SoapCall, unexpected
from reconciler.simulator.wire.soap.faults import fault
from reconciler.simulator.wire.soap.reads import READS
from reconciler.simulator.wire.soap.sessions import SESSIONS, login
from reconciler.simulator.wire.soap.writes import WRITES
from reconciler.simulator.wire.tokens import user_of
from reconciler.simulator.wire.versions import NEWEST, OLDEST

_PATH = re.compile(r"/services/soap/([a-z]+)/([0-9]{1,2})(?:\.0)?(?:/[^/]*)?", re.IGNORECASE)
_RECORDS: Mapping[str, Answer] = {**SESSIONS, **READS, **WRITES}
_CALLS: Mapping[Dialect, Mapping[str, Answer]] = {
    Dialect.PARTNER: _RECORDS,
    Dialect.ENTERPRISE: _RECORDS,
    Dialect.APEX: APEX,
}
_NAMESPACES: Mapping[Dialect, tuple[str, str]] = {
    Dialect.PARTNER: ("urn:partner.soap.sforce.com", "urn:sobject.partner.soap.sforce.com"),
    Dialect.ENTERPRISE: ("urn:enterprise.soap.sforce.com", "urn:sobject.enterprise.soap.sforce.com"),
    Dialect.APEX: ("http://soap.sforce.com/2006/08/apex", "http://soap.sforce.com/2006/08/apex"),
}
_FAULTS: Mapping[Dialect, str] = {
    Dialect.PARTNER: "urn:fault.partner.soap.sforce.com",
    Dialect.ENTERPRISE: "urn:fault.enterprise.soap.sforce.com",
    Dialect.APEX: "http://soap.sforce.com/2006/08/apex",
}


def answer(context: Context) -> Response:
    """Answer one call; raises ApiError NOT_FOUND for a path that is no endpoint."""
    match = _PATH.fullmatch(context.request.path.rstrip("/"))
    if match is None:
        raise not_found()
    try:
        dialect = _dialect(match[1].lower())
        call = _call(replace(context, version=f"{int(match[2])}.0"), dialect)
        reply = _answered(call)
    except ApiError as error:
        return refusal(context, error)
    name = f"{call.body.name}Response"
    return _envelope(_limits(context) + reply.header, tag(name, reply.content), dialect)


def refusal(context: Context, error: ApiError) -> Response:
    """A refusal as a fault of the API that is asked there."""
    match = _PATH.fullmatch(context.request.path.rstrip("/"))
    dialect = next((item for item in Dialect if match and item.value == match[1].lower()), Dialect.PARTNER)
    return _envelope("", fault(error), dialect, status=500)


def _dialect(letter: str) -> Dialect:
    try:
        return Dialect(letter)
    except ValueError:
        raise unexpected("UNKNOWN_EXCEPTION", messages.NO_SUCH_SOAP_API.format(letter=letter)) from None


def _call(context: Context, dialect: Dialect) -> SoapCall:
    """The call that an envelope holds; raises ApiError."""
    if context.request.method != "POST":
        raise unexpected("UNKNOWN_EXCEPTION", "Only POST is supported for SOAP requests")
    if not OLDEST <= float(context.version) <= NEWEST:
        raise unexpected("UNSUPPORTED_API_VERSION", "Invalid Api version specified on URL")
    if "SOAPAction" not in context.request.headers:
        raise unexpected("CLIENT_NOT_ACCESSIBLE_FOR_USER", messages.NO_SOAP_ACTION)
    try:
        envelope = parsed(context.request.get_data())
    except BadMarkup as error:
        raise unexpected("UNKNOWN_EXCEPTION", f"Error parsing the envelope: {error}") from None
    body = envelope.child("Body")
    if envelope.name != "Envelope" or body is None or not body.children:
        raise unexpected("UNKNOWN_EXCEPTION", "the envelope holds no call")
    return SoapCall(context, dialect, body.children[0], envelope.child("Header") or Element("Header"))


def _answered(call: SoapCall) -> Reply:
    if call.body.name == "login" and call.dialect is not Dialect.APEX:
        return login(call)
    org = call.context.org
    try:
        user_id = user_of(org, f"Bearer {call.option('SessionHeader', 'sessionId')}")
    except ApiError as error:
        raise unexpected(error.code, messages.NO_SUCH_SESSION) from None
    take_request(org)
    found = _CALLS[call.dialect].get(call.body.name) or _unknown
    with org.store.asked_by(user_id):
        return found(replace(call, context=replace(call.context, user_id=user_id)))


def _unknown(call: SoapCall) -> NoReturn:
    raise unexpected("UNKNOWN_EXCEPTION", messages.NO_SUCH_CALL.format(name=call.body.name))


def _limits(context: Context) -> str:
    used, most = used_requests(context.org), context.org.settings.daily_api_requests
    content = leaf("current", used) + leaf("limit", most) + leaf("type", "API REQUESTS")
    return tag("LimitInfoHeader", tag("limitInfo", content))


def _envelope(header: str, body: str, dialect: Dialect, status: int = 200) -> Response:
    """Prefixed `soapenv` and nothing else in front of a call's own elements: clients look them up as they stand."""
    own, records = _NAMESPACES[dialect]
    text = tag(
        "soapenv:Envelope",
        (tag("soapenv:Header", header) if header else "") + tag("soapenv:Body", body),
        xmlns_soapenv="http://schemas.xmlsoap.org/soap/envelope/",
        xmlns=own,
        xmlns_sf=records if status == 200 else _FAULTS[dialect],
        xmlns_xsi="http://www.w3.org/2001/XMLSchema-instance",
        xmlns_xsd="http://www.w3.org/2001/XMLSchema",
    )
    content = f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode()
    return Response(content, status, content_type="text/xml;charset=UTF-8")
