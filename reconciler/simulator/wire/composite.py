"""sObject Collections: up to 200 records in one request; the answer is 200 whatever became of each.

Source: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections.htm
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, TypeAlias

from werkzeug.wrappers import Response

from reconciler.simulator.dml import Call, Operation, RowResult
from reconciler.simulator.errors import ApiError, RowError
from reconciler.simulator.ids import to_18
from reconciler.simulator.messages import ROLLED_BACK
from reconciler.simulator.wire.context import Context, flag, json_response, parser_error, row_error, texts
from reconciler.simulator.wire.records import column, shown

_LARGEST_WRITE = 200
_LARGEST_READ = 2_000

_UNDONE = RowError("ALL_OR_NONE_OPERATION_ROLLED_BACK", ROLLED_BACK)


Typed: TypeAlias = tuple[str, Mapping[str, Any]]
"""The name of an object, and a row of it."""


class _RolledBack(Exception):
    """Leaves the transaction of a request that is all or none."""


def create(context: Context) -> Response:
    """`POST /composite/sobjects`."""
    return _write_typed(context, Operation.INSERT)


def update(context: Context) -> Response:
    """`PATCH /composite/sobjects`."""
    return _write_typed(context, Operation.UPDATE)


def delete(context: Context) -> Response:
    """`DELETE /composite/sobjects?ids=...`."""
    ids = [text.strip() for text in context.request.args.get("ids", "").split(",") if text.strip()]
    rows = [(type_of(context, record_id), {"Id": record_id}) for record_id in ids]
    is_all_or_none = context.request.args.get("allOrNone", "").lower() == "true"
    return _write(context, _calls(Operation.DELETE, rows, {"all_or_none": is_all_or_none}))


def upsert(context: Context, name: str, key: str) -> Response:
    """`PATCH /composite/sobjects/X/{field}`: records of one object by an external id."""
    sobject = context.sobject(name)
    body = context.json_object()
    rows = list(_typed(body))
    if any(kind.lower() != sobject.name.lower() for kind, _ in rows):
        raise ApiError(400, "INVALID_TYPE", f"all records must be of type {sobject.name}")
    records = [record for _, record in rows]
    call = Call(Operation.UPSERT, sobject.name, records, flag(body, "allOrNone"), key)
    return _write(context, [call])


def read(context: Context, name: str) -> Response:
    """`GET /composite/sobjects/X?ids=...&fields=...`."""
    ids = context.request.args.get("ids", "").split(",")
    return _read(context, name, ids, context.request.args.get("fields", "").split(","))


def read_many(context: Context, name: str) -> Response:
    """`POST /composite/sobjects/X`: as `read`, for more ids than a URI holds."""
    body = context.json_object()
    return _read(context, name, texts(body, "ids"), texts(body, "fields"))


def _read(context: Context, name: str, ids: Sequence[str], names: Sequence[str]) -> Response:
    """A record that isn't there is null in its place."""
    sobject = context.sobject(name)
    _limit(ids, _LARGEST_READ)
    for field in names:
        column(sobject, field)
    found = [context.org.store.get(sobject.name, to_18(record_id.strip()) or "") for record_id in ids]
    return json_response([shown(context, sobject, record, names) if record else None for record in found])


def _write_typed(context: Context, operation: Operation) -> Response:
    body = context.json_object()
    return _write(context, _calls(operation, list(_typed(body)), {"all_or_none": flag(body, "allOrNone")}))


def _typed(body: Mapping[str, Any]) -> Iterator[Typed]:
    records = body.get("records")
    if not isinstance(records, list):
        raise parser_error("records: a list of records is required")
    for record in records:
        attributes = record.get("attributes") if isinstance(record, dict) else None
        name = attributes.get("type") if isinstance(attributes, dict) else None
        if not isinstance(name, str):
            raise ApiError(400, "INVALID_TYPE", "each record needs attributes with its type")
        yield name, record


def type_of(context: Context, record_id: str) -> str:
    """The object that an id is of; raises ApiError MALFORMED_ID."""
    found = to_18(record_id)
    for sobject in context.org.schema:
        if found and found.startswith(sobject.key_prefix):
            return sobject.name
    raise ApiError(400, "MALFORMED_ID", f"malformed id {record_id}")


def _limit(rows: Sequence[object], most: int) -> None:
    if len(rows) > most:
        message = f"record limit reached. cannot submit more than {most} records into this call"
        raise ApiError(400, "EXCEEDED_ID_LIMIT", message)


def _calls(operation: Operation, rows: Sequence[Typed], options: Mapping[str, Any]) -> Sequence[Call]:
    """One call for each run of records of one type."""
    runs = groupby(rows, key=lambda pair: pair[0])
    return [Call(operation, name, [record for _, record in run], **options) for name, run in runs]


def run_typed(
    context: Context, operation: Operation, rows: Sequence[Typed], options: Mapping[str, Any]
) -> Sequence[RowResult]:
    """Write records of any objects in one transaction; one result a row; `options` are those of a Call."""
    return _results(context, _calls(operation, rows, options))


def _write(context: Context, calls: Sequence[Call]) -> Response:
    _limit([row for call in calls for row in call.rows], _LARGEST_WRITE)
    return json_response([_shown_result(result) for result in _results(context, calls)])


def _results(context: Context, calls: Sequence[Call]) -> Sequence[RowResult]:
    for call in calls:
        context.note(call)
    return _run(context, calls)


def _run(context: Context, calls: Sequence[Call]) -> Sequence[RowResult]:
    """All calls share one transaction: setup and other objects can't be mixed, and a refused request leaves nothing."""
    transaction = context.begin()
    results: list[RowResult] = []
    try:
        with context.org.store.transaction():
            for call in calls:
                results += transaction.execute(call)
            _keep_whole(calls, results)
    except _RolledBack:
        return [RowResult(None, success=False, errors=result.errors or (_UNDONE,)) for result in results]
    return results


def _keep_whole(calls: Sequence[Call], results: Sequence[RowResult]) -> None:
    """Raises _RolledBack when one record of a request that is all or none was refused, of whatever type it is."""
    if any(call.all_or_none for call in calls) and not all(result.success for result in results):
        raise _RolledBack


def _shown_result(result: RowResult) -> Mapping[str, Any]:
    created = {} if result.created is None else {"created": result.created}
    errors = [row_error(error) for error in result.errors]
    head = {"id": result.id} if result.id else {}
    return {**head, "success": result.success, "errors": errors, **created}
