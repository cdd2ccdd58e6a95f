"""Conditional requests: answered only when a record or a description has changed, or has not.

Dates hold for every object, entity tags for Account alone; a deletion knows no conditions.
Source: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/intro_rest_conditional_requests.htm
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha1

from werkzeug.http import http_date, parse_date, parse_etags
from werkzeug.wrappers import Request, Response

from reconciler.simulator.errors import ApiError
from reconciler.simulator.messages import OWN_WORDS
from reconciler.simulator.schema import SObject
from reconciler.simulator.store import Scalar

_TAGGED = "Account"
_READING = frozenset({"GET", "HEAD"})


def check_conditions(request: Request, sobject: SObject, record: Mapping[str, Scalar]) -> None:
    """Refuse a request for a record whose headers do not hold for it; raises ApiError with status 412, or 400."""
    changed = moment_of(record.get("LastModifiedDate"))
    limit = _date(request, "If-Unmodified-Since")
    is_too_new = limit is not None and changed is not None and changed > limit
    tags = parse_etags(request.headers.get("If-Match")) if sobject.name == _TAGGED else None
    if is_too_new or (tags and not tags.contains(_tag(record))):
        raise ApiError(412, "PRECONDITION_FAILED", f"the record has changed{OWN_WORDS}")


def unless_known(request: Request, sobject: SObject, record: Mapping[str, Scalar], response: Response) -> Response:
    """The answer to a read of a record, or 304 where the client has it already."""
    changed = moment_of(record.get("LastModifiedDate"))
    if sobject.name == _TAGGED:
        tag = _tag(record)
        response.set_etag(tag)
        if parse_etags(request.headers.get("If-None-Match")).contains(tag):
            return _known(changed)
    return unless_since(request, changed, response)


def unless_since(request: Request, changed: datetime | None, response: Response) -> Response:
    """The answer to a read, or 304 where nothing has changed since the date that the client tells."""
    if changed is None:
        return response
    response.headers["Last-Modified"] = http_date(changed)
    since = parse_date(request.headers.get("If-Modified-Since"))
    return _known(changed) if since is not None and changed <= since else response


def _known(changed: datetime | None) -> Response:
    return Response(status=304, headers={"Last-Modified": http_date(changed)} if changed else {})


def _date(request: Request, name: str) -> datetime | None:
    """The date of a header; one that is none is ignored in a read and refused in a write."""
    text = request.headers.get(name)
    found = parse_date(text)
    if text is not None and found is None and request.method not in _READING:
        raise ApiError(400, "INVALID_ARGUMENT", f"{name} is no date{OWN_WORDS}")
    return found


def moment_of(stored: Scalar) -> datetime | None:
    """A stored date-time; None for none."""
    return datetime.fromisoformat(str(stored)).astimezone(UTC) if stored else None


def _tag(record: Mapping[str, Scalar]) -> str:
    content = "\0".join(f"{name}={value}" for name, value in sorted(record.items()))
    return sha1(content.encode(), usedforsecurity=False).hexdigest()
