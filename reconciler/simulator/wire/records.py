"""sObject rows, sObject Collections, describe, limits."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from werkzeug.wrappers import Response

from reconciler.simulator.describe import describe_global, describe_object
from reconciler.simulator.dml import Call, Operation, RowResult, Transaction, execute
from reconciler.simulator.errors import ApiError, RowError
from reconciler.simulator.ids import to_18
from reconciler.simulator.schema import SObject
from reconciler.simulator.wire.context import Context, as_api_error, json_response, row_error

COLLECTION_SIZE = 200
DAILY_REQUESTS = 15_000
"""A Developer Edition's daily API requests."""

_LOCKED = RowError("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")


def objects(context: Context) -> Response:
    """`GET /sobjects`."""
    return json_response(describe_global(context.org, context.version))


def describe(context: Context, name: str) -> Response:
    """`GET /sobjects/X/describe`."""
    return json_response(describe_object(_object(context, name), context.version))


def basic(context: Context, name: str) -> Response:
    """`GET /sobjects/X`: the object without its fields; `POST`: a new record."""
    sobject = _object(context, name)
    if context.request.method == "GET":
        head = {key: value for key, value in describe_object(sobject, context.version).items() if key != "fields"}
        return json_response({"objectDescribe": head, "recentItems": []})
    result = _single(context, Call(Operation.INSERT, sobject.name, [context.json_object()]))
    response = json_response({"id": result.id, "success": True, "errors": []}, 201)
    response.headers["Location"] = f"/services/data/v{context.version}/sobjects/{sobject.name}/{result.id}"
    return response


def row(context: Context, name: str, record_id: str) -> Response:
    """Read, update or delete one record."""
    sobject = _object(context, name)
    match context.request.method:
        case "PATCH":
            _single(context, Call(Operation.UPDATE, sobject.name, [{**context.json_object(), "Id": record_id}]))
            return Response(status=204)
        case "DELETE":
            if not sobject.deletable:
                raise ApiError(
                    405, "METHOD_NOT_ALLOWED", "HTTP Method 'DELETE' not allowed. Allowed are HEAD,GET,PATCH"
                )
            _single(context, Call(Operation.DELETE, sobject.name, [{"Id": record_id}]))
            return Response(status=204)
        case _:
            names = context.request.args.get("fields")
            record = context.org.store.get(sobject.name, to_18(record_id) or "")
            if record is None:
                message = "Provided external ID field does not exist or is not accessible: " + record_id
                raise ApiError(404, "NOT_FOUND", message)
            return json_response(_shown(context, sobject, record, names.split(",") if names else None))


def external(context: Context, name: str, key: str, value: str) -> Response:
    """Read, upsert or delete by an external id."""
    sobject = _object(context, name)
    field = sobject.field(key)
    if field is None or not (field.external_id or field.id_lookup):
        message = f"Provided external ID field does not exist or is not accessible: {key}"
        raise ApiError(404, "NOT_FOUND", message)
    if context.request.method == "PATCH":
        call = Call(
            Operation.UPSERT, sobject.name, [{**context.json_object(), field.name: value}], external_id_field=field.name
        )
        result = _single(context, call)
        if not result.created and float(context.version) < 46:
            return Response(status=204)
        body: dict[str, Any] = {"id": result.id, "success": True, "errors": [], "created": result.created}
        return json_response(body, 201 if result.created else 200)
    found = context.org.store.find(sobject.name, **{field.name: value})
    if len(found) > 1:
        base = f"/services/data/v{context.version}/sobjects/{sobject.name}"
        return json_response([f"{base}/{record['Id']}" for record in found], 300)
    if not found:
        raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
    return row(context, name, str(found[0]["Id"]))


def collections(context: Context) -> Response:
    """Create, update or delete up to 200 records; the answer is 200 whatever became of them."""
    if context.request.method == "DELETE":
        ids = [text for text in context.request.args.get("ids", "").split(",") if text]
        all_or_none = context.request.args.get("allOrNone", "false").lower() == "true"
        rows = [(_type_of(context, record_id), {"Id": record_id}) for record_id in ids]
        return _answer(context, Operation.DELETE, rows, all_or_none=all_or_none)
    body = context.json_object()
    operation = Operation.INSERT if context.request.method == "POST" else Operation.UPDATE
    return _answer(context, operation, list(_typed(body)), all_or_none=bool(body.get("allOrNone", False)))


def collection(context: Context, name: str) -> Response:
    """Read many records of one object: by `ids` and `fields`, in the URI or in a body."""
    sobject = _object(context, name)
    if context.request.method == "POST":
        body = context.json_object()
        ids, names = list(body.get("ids", ())), list(body.get("fields", ()))
    else:
        ids = context.request.args.get("ids", "").split(",")
        names = context.request.args.get("fields", "").split(",")
    for field in names:
        if sobject.field(field) is None:
            message = f"No such column '{field}' on entity '{sobject.name}'."
            raise ApiError(400, "INVALID_FIELD", message)
    found = [context.org.store.get(sobject.name, to_18(record_id) or "") for record_id in ids]
    return json_response([_shown(context, sobject, record, names) if record else None for record in found])


def upsert_collection(context: Context, name: str, key: str) -> Response:
    """Upsert up to 200 records of one object by an external id."""
    sobject = _object(context, name)
    body = context.json_object()
    rows = [record for _, record in _typed(body)]
    _limit(rows)
    call = Call(Operation.UPSERT, sobject.name, rows, bool(body.get("allOrNone", False)), key)
    return json_response([_row(result) for result in execute(context.org, context.user_id, call)])


def limits(context: Context) -> Response:
    """`GET /limits`."""
    used = int(context.org.store.meta_get("requests") or 0)
    fixed = {
        "DailyBulkApiBatches": 15_000,
        "DailyBulkV2QueryJobs": 10_000,
        "DailyBulkV2QueryFileStorageMB": 976_562,
        "DailyAsyncApexExecutions": 250_000,
        "DataStorageMB": 5,
        "FileStorageMB": 20,
    }
    answer = {name: {"Max": size, "Remaining": size} for name, size in fixed.items()}
    answer["DailyApiRequests"] = {"Max": DAILY_REQUESTS, "Remaining": max(0, DAILY_REQUESTS - used)}
    return json_response(answer)


def _object(context: Context, name: str) -> SObject:
    found = context.org.schema.object(name)
    if found is None:
        raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
    return found


def _single(context: Context, call: Call) -> RowResult:
    if context.is_row_locked:
        raise as_api_error(_LOCKED)
    result = execute(context.org, context.user_id, call)[0]
    if not result.success:
        raise as_api_error(result.errors[0])
    return result


def _typed(body: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    records = body.get("records")
    if not isinstance(records, list):
        raise ApiError(400, "JSON_PARSER_ERROR", "records: a list of records is required")
    for record in records:
        attributes = record.get("attributes") if isinstance(record, dict) else None
        name = attributes.get("type") if isinstance(attributes, dict) else None
        if not isinstance(name, str):
            raise ApiError(400, "INVALID_TYPE", "each record needs attributes with its type")
        yield name, record


def _type_of(context: Context, record_id: str) -> str:
    found = to_18(record_id)
    for sobject in context.org.schema:
        if found and found.startswith(sobject.key_prefix):
            return sobject.name
    raise ApiError(400, "MALFORMED_ID", f"malformed id {record_id}")


def _limit(rows: Sequence[object]) -> None:
    if len(rows) > COLLECTION_SIZE:
        message = f"record limit reached. cannot submit more than {COLLECTION_SIZE} records into this call"
        raise ApiError(400, "EXCEEDED_ID_LIMIT", message)


def _answer(
    context: Context, operation: Operation, rows: Sequence[tuple[str, Mapping[str, Any]]], *, all_or_none: bool
) -> Response:
    """Runs of one type are one call each; all share one transaction, so that setup and other objects can't be mixed."""
    _limit(rows)
    if context.is_row_locked:
        return json_response([{"success": False, "errors": [row_error(_LOCKED)]} for _ in rows])
    transaction = Transaction(context.org, context.user_id)
    results: list[RowResult] = []
    for name, run in groupby(rows, key=lambda pair: pair[0]):
        results += transaction.execute(Call(operation, name, [record for _, record in run], all_or_none))
    return json_response([_row(result) for result in results])


def _row(result: RowResult) -> Mapping[str, Any]:
    created = {} if result.created is None else {"created": result.created}
    errors = [row_error(error) for error in result.errors]
    head = {"id": result.id} if result.id else {}
    return {**head, "success": result.success, "errors": errors, **created}


def _shown(
    context: Context, sobject: SObject, record: Mapping[str, Any], names: Sequence[str] | None
) -> Mapping[str, Any]:
    url = f"/services/data/v{context.version}/sobjects/{sobject.name}/{record['Id']}"
    wanted = [field.name for field in sobject] if names is None else [_name(sobject, name) for name in names]
    return {
        "attributes": {"type": sobject.name, "url": url},
        **{name: record[name] for name in dict.fromkeys([*wanted, "Id"])},
    }


def _name(sobject: SObject, name: str) -> str:
    field = sobject.field(name)
    if field is None:
        raise ApiError(400, "INVALID_FIELD", f"No such column '{name}' on entity '{sobject.name}'.")
    return field.name
