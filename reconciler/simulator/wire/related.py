"""Records by the way that leads to them: `/sobjects/Contact/{id}/Account`, `/sobjects/Account/{id}/Contacts`.

Source: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_sobject_relationships.htm
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from werkzeug.wrappers import Request, Response

from reconciler.simulator.errors import ApiError
from reconciler.simulator.ids import to_18
from reconciler.simulator.schema import ChildRelationship, SObject
from reconciler.simulator.wire import query
from reconciler.simulator.wire.context import Context, not_found

_MOST_LEVELS = 5

Single = Callable[[Context, str, str], Response]
"""Answers a request for a record by its object and Id."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A record on the way."""

    sobject: SObject
    id: str


def leads(sobject: SObject, key: str) -> bool:
    """Whether the part of a URI behind the object is a record's Id, and not the name of a field."""
    return sobject.field(key) is None and to_18(key) is not None


def follow(context: Context, sobject: SObject, record_id: str, path: str, single: Single) -> Response:
    """What `single` answers for the record at the end of the path; children are read as a query is."""
    *links, last = path.split("/")
    if len(links) >= _MOST_LEVELS:
        raise ApiError(400, "INVALID_FIELD", f"a path may lead over {_MOST_LEVELS} relationships at most")
    place = _Place(sobject, to_18(record_id) or "")
    for link in links:
        place = _parent(context, place, link)
    children = _children(place.sobject, last)
    if children is not None:
        if context.request.method not in {"GET", "HEAD"}:
            raise ApiError(405, "METHOD_NOT_ALLOWED", "several records can only be read")
        return _listed(context, place, children)
    found = _parent(context, place, last)
    return single(context, found.sobject.name, found.id)


def _children(sobject: SObject, name: str) -> ChildRelationship | None:
    return next((child for child in sobject.children if child.name and child.name.lower() == name.lower()), None)


def _parent(context: Context, place: _Place, name: str) -> _Place:
    link = place.sobject.relationship(name)
    record = context.org.store.get(place.sobject.name, place.id)
    value = record[link.name] if record is not None and link is not None else None
    if value is None or link is None:
        raise not_found()
    targets = [target for kind in link.reference_to if (target := context.org.schema.object(kind))]
    return _Place(next(target for target in targets if str(value).startswith(target.key_prefix)), str(value))


def _listed(context: Context, place: _Place, children: ChildRelationship) -> Response:
    if context.org.store.get(place.sobject.name, place.id) is None:
        raise not_found()
    child = context.org.schema.objects[children.child_object.lower()]
    asked = context.request.args.get("fields")
    names = [_column(child, name.strip()) for name in asked.split(",")] if asked else [item.name for item in child]
    columns = ",".join(dict.fromkeys(["Id", *names]))
    soql = f"SELECT {columns} FROM {child.name} WHERE {children.field} = '{place.id}'"
    environ = {**context.request.environ, "QUERY_STRING": urlencode({"q": soql}), "REQUEST_METHOD": "GET"}
    return query.query(replace(context, request=Request(environ)))


def _column(sobject: SObject, name: str) -> str:
    found = sobject.field(name)
    if found is None:
        raise ApiError(400, "INVALID_FIELD", f"No such column '{name}' on entity '{sobject.name}'.")
    return found.name
