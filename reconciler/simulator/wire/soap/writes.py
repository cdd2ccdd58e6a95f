"""create, update, upsert, delete and undelete.

Source: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_create.htm and its sisters
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from reconciler.simulator.dml import Operation, RowResult
from reconciler.simulator.errors import RowError
from reconciler.simulator.wire.composite import Typed, run_typed, type_of
from reconciler.simulator.wire.markup import leaf, tag
from reconciler.simulator.wire.soap.call import Answer, Reply, SoapCall, unexpected
from reconciler.simulator.wire.soap.sobjects import read_sobject

LARGEST = 200
_TOO_MANY = f"record limit reached. cannot submit more than {LARGEST} records into this call"


def _saved(operation: Operation) -> Answer:
    return lambda call: _written(call, operation, _records(call))


def _by_ids(operation: Operation) -> Answer:
    def answer(call: SoapCall) -> Reply:
        ids = [element.text.strip() for element in call.body.all("ids")]
        _limit(ids)
        return _written(call, operation, [(type_of(call.context, given), {"Id": given}) for given in ids])

    return answer


def _upsert(call: SoapCall) -> Reply:
    return _written(call, Operation.UPSERT, _records(call), call.body.value("externalIDFieldName") or "Id")


def _records(call: SoapCall) -> Sequence[Typed]:
    elements = list(call.body.all("sObjects"))
    _limit(elements)
    found = (read_sobject(call.context.org, element) for element in elements)
    return [(sobject.name, row) for sobject, row in found]


def _limit(given: Sequence[object]) -> None:
    if len(given) > LARGEST:
        raise unexpected("EXCEEDED_ID_LIMIT", _TOO_MANY)


def _written(call: SoapCall, operation: Operation, rows: Sequence[Typed], key: str | None = None) -> Reply:
    # Only SOAP and Apex can hold mails back: what a client chose is told by the access log.
    if call.header.child("EmailHeader"):
        call.context.noted["emails"] = call.is_set("EmailHeader", "triggerUserEmail")
    options: Mapping[str, Any] = {
        "all_or_none": call.is_set("AllOrNoneHeader", "allOrNone"),
        "external_id_field": key,
        "allow_duplicates": call.is_set("DuplicateRuleHeader", "allowSave"),
        "notify": call.is_set("EmailHeader", "triggerUserEmail"),
    }
    results = run_typed(call.context, operation, rows, options)
    return Reply("".join(_result(result, operation) for result in results))


def _result(result: RowResult, operation: Operation) -> str:
    """The elements in the order of the WSDL: `created` of an upsert, errors, id, success."""
    created = leaf("created", bool(result.created)) if operation is Operation.UPSERT else ""
    errors = "".join(_error(error) for error in result.errors)
    return tag("result", created + errors + leaf("id", result.id) + leaf("success", result.success))


def _error(error: RowError) -> str:
    fields = "".join(leaf("fields", name) for name in error.fields)
    return tag("errors", fields + leaf("message", error.message) + leaf("statusCode", error.code))


WRITES: Mapping[str, Callable[[SoapCall], Reply]] = {
    "create": _saved(Operation.INSERT),
    "update": _saved(Operation.UPDATE),
    "upsert": _upsert,
    "delete": _by_ids(Operation.DELETE),
    "undelete": _by_ids(Operation.UNDELETE),
}
"""Calls that write records."""
