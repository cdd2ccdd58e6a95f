"""sObject rows by Id and by external id, describe."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from werkzeug.wrappers import Response

from reconciler.simulator.describe import describe_global, describe_object, describe_short, record_types_of
from reconciler.simulator.dml import Call, Operation, RowResult
from reconciler.simulator.errors import ApiError
from reconciler.simulator.ids import to_18
from reconciler.simulator.schema import Field, FieldType, SObject
from reconciler.simulator.store import Scalar, expression
from reconciler.simulator.wire.conditions import check_conditions, moment_of, unless_known, unless_since
from reconciler.simulator.wire.context import Context, as_api_error, json_response, not_found
from reconciler.simulator.wire.limits import org_limits
from reconciler.simulator.wire.related import follow, leads

_FIRST_VERSION_THAT_TELLS_OF_UPDATES = 46
"""Up to 45.0 an upsert that updates answers 204.

Source: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/dome_upsert.htm
"""


_MOST_RECENT = 5


def objects(context: Context) -> Response:
    """`GET /sobjects`."""
    listed = json_response(describe_global(context.org, context.version))
    return unless_since(context.request, _described_at(context, ()), listed)


def describe(context: Context, name: str) -> Response:
    """`GET /sobjects/X/describe`."""
    sobject = context.sobject(name)
    types = record_types_of(context.org, sobject)
    described = json_response(describe_object(sobject, context.version, types))
    return unless_since(context.request, _described_at(context, types), described)


def _described_at(context: Context, types: Sequence[Mapping[str, Scalar]]) -> datetime | None:
    """When a description changed last: fields never do in a simulated org, record types may."""
    [organization] = context.org.store.find("Organization")
    return moment_of(max(str(item["LastModifiedDate"]) for item in [organization, *types]))


def limits(context: Context) -> Response:
    """`GET /limits`."""
    return json_response(org_limits(context.org, float(context.version)))


def about(context: Context, name: str) -> Response:
    """`GET /sobjects/X`: the object in short, and what the user wrote last of it (inferred: Salesforce tells views)."""
    sobject = context.sobject(name)
    recent = _recent(context, sobject) if "mruEnabled" in sobject.flags else []
    return json_response({"objectDescribe": describe_short(sobject, context.version), "recentItems": recent})


def create(context: Context, name: str) -> Response:
    """`POST /sobjects/X`."""
    sobject = context.sobject(name)
    result = _single(context, Call(Operation.INSERT, sobject.name, [_body(context, "Id")]))
    response = json_response({"id": result.id, "success": True, "errors": []}, 201)
    response.headers["Location"] = _url(context, sobject, result.id)
    return response


def read(context: Context, name: str, record_id: str) -> Response:
    """`GET /sobjects/X/{id}`, with `?fields=`."""
    sobject = context.sobject(name)
    record = context.org.store.get(sobject.name, to_18(record_id) or "")
    if record is None:
        raise _no_record(record_id)
    names = context.request.args.get("fields")
    check_conditions(context.request, sobject, record)
    answer = json_response(shown(context, sobject, record, names.split(",") if names else None))
    return unless_known(context.request, sobject, record, answer)


def update(context: Context, name: str, record_id: str) -> Response:
    """`PATCH /sobjects/X/{id}`."""
    sobject = context.sobject(name)
    row = {**_body(context, "Id"), "Id": _known(context, sobject, record_id)}
    # What holds when it is checked must still hold when it is written.
    with context.org.store.transaction():
        check_conditions(context.request, sobject, context.org.store.get(sobject.name, row["Id"]) or {})
        _single(context, Call(Operation.UPDATE, sobject.name, [row]))
    return Response(status=204)


def delete(context: Context, name: str, record_id: str) -> Response:
    """`DELETE /sobjects/X/{id}`."""
    sobject = context.sobject(name)
    if not sobject.deletable:
        message = "HTTP Method 'DELETE' not allowed. Allowed are HEAD,GET,PATCH"
        raise ApiError(405, "METHOD_NOT_ALLOWED", message)
    row = {"Id": _known(context, sobject, record_id)}
    _single(context, Call(Operation.DELETE, sobject.name, [row]))
    return Response(status=204)


def read_external(context: Context, name: str, key: str, value: str) -> Response:
    """`GET /sobjects/X/{field}/{value}`."""
    sobject = context.sobject(name)
    if leads(sobject, key):
        return follow(context, sobject, key, value, read)
    found = _matches(context, sobject, _key_field(sobject, key), value)
    only = _only(found)
    return read(context, name, only) if only else _several(context, sobject, found)


def delete_external(context: Context, name: str, key: str, value: str) -> Response:
    """`DELETE /sobjects/X/{field}/{value}`."""
    sobject = context.sobject(name)
    if leads(sobject, key):
        return follow(context, sobject, key, value, delete)
    found = _matches(context, sobject, _key_field(sobject, key), value)
    only = _only(found)
    return delete(context, name, only) if only else _several(context, sobject, found)


def upsert(context: Context, name: str, key: str, value: str) -> Response:
    """`PATCH /sobjects/X/{field}/{value}`; `?updateOnly=true` never creates.

    Source: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/dome_upsert.htm
    """
    sobject = context.sobject(name)
    if leads(sobject, key):
        return follow(context, sobject, key, value, update)
    field = _key_field(sobject, key)
    is_update_only = context.request.args.get("updateOnly", "").lower() == "true"
    found = _matches(context, sobject, field, value)
    if (found or is_update_only) and not _only(found):
        return _several(context, sobject, found)
    row = {**_body(context, "Id", field.name), field.name: value}
    result = _single(context, Call(Operation.UPSERT, sobject.name, [row], external_id_field=field.name))
    if not result.created and float(context.version) < _FIRST_VERSION_THAT_TELLS_OF_UPDATES:
        return Response(status=204)
    body: Mapping[str, object] = {"id": result.id, "success": True, "errors": [], "created": result.created}
    return json_response(body, 201 if result.created else 200)


def shown(
    context: Context, sobject: SObject, record: Mapping[str, Scalar], names: Sequence[str] | None
) -> Mapping[str, Any]:
    """A record as JSON: all of its fields, or those and its Id; raises ApiError INVALID_FIELD."""
    wanted = list(sobject) if names is None else [column(sobject, name) for name in names]
    return {
        "attributes": {"type": sobject.name, "url": _url(context, sobject, record["Id"])},
        **{field.name: _json(field, record[field.name]) for field in wanted},
        "Id": record["Id"],
    }


def _json(field: Field, value: Scalar) -> Any:
    return json.loads(str(value)) if field.type is FieldType.ADDRESS and value is not None else value


def _recent(context: Context, sobject: SObject) -> Sequence[Mapping[str, Any]]:
    name = next(field for field in sobject if field.name_field)
    kept = " AND IsDeleted = 0" if sobject.undeletable else ""
    query = (
        f'SELECT r.Id, {expression(name, "r")} AS shown FROM "{sobject.name}" r '
        f"WHERE r.LastModifiedById = ?{kept} ORDER BY r.LastModifiedDate DESC, r.Id DESC LIMIT {_MOST_RECENT}"
    )
    return [
        {
            "attributes": {"type": sobject.name, "url": _url(context, sobject, row["Id"])},
            "Id": row["Id"],
            name.name: row["shown"],
        }
        for row in context.org.store.select(query, [context.user_id])
    ]


def column(sobject: SObject, name: str) -> Field:
    """The field that is asked for; raises ApiError INVALID_FIELD."""
    field = sobject.field(name.strip())
    if field is None:
        raise ApiError(400, "INVALID_FIELD", f"No such column '{name}' on entity '{sobject.name}'.")
    return field


def _url(context: Context, sobject: SObject, record_id: Scalar) -> str:
    return f"/services/data/v{context.version}/sobjects/{sobject.name}/{record_id}"


def _body(context: Context, *in_uri: str) -> Mapping[str, Any]:
    """The record in the body, which must not name again what the URI names: the two could differ."""
    body = context.json_object()
    for name in in_uri:
        if any(given.lower() == name.lower() for given in body):
            # Inferred: the documentation forbids it, the sentence is not documented.
            message = f"The {name} field should not be specified in the sobject data."
            raise ApiError(400, "INVALID_FIELD", message, (name,))
    return body


def _single(context: Context, call: Call) -> RowResult:
    context.note(call)
    result = context.begin().execute(call)[0]
    if not result.success:
        raise as_api_error(*result.errors)
    return result


def _no_record(record_id: str) -> ApiError:
    return not_found(f"Provided external ID field does not exist or is not accessible: {record_id}")


def _known(context: Context, sobject: SObject, record_id: str) -> str:
    """The full Id of a record that exists, be it in the recycle bin; raises ApiError NOT_FOUND."""
    found = to_18(record_id)
    if found is None or not context.org.store.select(f'SELECT 1 FROM "{sobject.name}" WHERE Id=?', [found]):
        raise _no_record(record_id)
    return found


def _key_field(sobject: SObject, key: str) -> Field:
    field = sobject.field(key)
    if field is None or not (field.external_id or field.id_lookup):
        raise _no_record(key)
    return field


def _matches(context: Context, sobject: SObject, field: Field, value: str) -> Sequence[str]:
    wanted = (to_18(value) or value) if field.name == "Id" else value
    return [str(record["Id"]) for record in context.org.store.find(sobject.name, **{field.name: wanted})]


def _only(found: Sequence[str]) -> str | None:
    """The one record that an external id names; None when it names several; raises ApiError NOT_FOUND."""
    if not found:
        raise not_found()
    return found[0] if len(found) == 1 else None


def _several(context: Context, sobject: SObject, found: Sequence[str]) -> Response:
    """The answer to an external id that names several records."""
    return json_response([_url(context, sobject, record_id) for record_id in found], 300)
