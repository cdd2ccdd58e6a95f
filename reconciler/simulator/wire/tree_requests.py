"""Trees: records and their children, made together or not at all.

Source: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobject_tree.htm
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Response

from reconciler.simulator.dml import Call, Operation, RowResult
from reconciler.simulator.errors import ApiError
from reconciler.simulator.schema import SObject
from reconciler.simulator.wire.context import Context, json_response, parser_error, row_error

MOST_RECORDS, MOST_LEVELS = 200, 5
"""The page also bounds the objects of a tree to five; of those that this org has no six hang together."""


@dataclass(frozen=True, slots=True)
class _Record:
    """One record of a tree; `parent` and `link` tell the record above it and the field that refers to it."""

    reference: str
    sobject: SObject
    values: Mapping[str, Any]
    parent: str | None = None
    link: str | None = None


class _Refused(Exception):
    """Leaves the transaction; holds what is wrong with which record."""

    def __init__(self, reference: str, result: RowResult) -> None:
        super().__init__(reference)
        self.reference = reference
        self.result = result


def tree(context: Context, name: str) -> Response:
    """`POST /composite/tree/X`."""
    body = context.json_object()
    sobject = context.sobject(name)
    records = list(_records(context, sobject, body, None, level=1))
    _check(records)
    try:
        with context.org.store.transaction():
            made = _made(context, records)
    except _Refused as refused:
        errors = [row_error(error) for error in refused.result.errors]
        results = [{"referenceId": refused.reference, "errors": errors}]
        return json_response({"hasErrors": True, "results": results}, 400)
    results = [{"referenceId": reference, "id": record_id} for reference, record_id in made.items()]
    return json_response({"hasErrors": False, "results": results}, 201)


def _records(
    context: Context, sobject: SObject, listed: Any, parent: tuple[str, str] | None, *, level: int
) -> Iterator[_Record]:
    """The records of a list and all below them, each after its parent."""
    found = listed.get("records") if isinstance(listed, Mapping) else None
    if not isinstance(found, list) or not found:
        raise parser_error("records: a list of records is required")
    if level > MOST_LEVELS:
        raise ApiError(400, "INVALID_INPUT", f"a tree has {MOST_LEVELS} levels at most")
    for given in found:
        attributes = given.get("attributes") if isinstance(given, Mapping) else None
        reference = attributes.get("referenceId") if isinstance(attributes, Mapping) else None
        if not isinstance(attributes, Mapping) or not isinstance(reference, str) or not reference:
            raise ApiError(400, "INVALID_INPUT", "each record needs attributes with a type and a referenceId")
        if str(attributes.get("type")).lower() != sobject.name.lower():
            raise ApiError(400, "INVALID_INPUT", f"{reference} must be of type {sobject.name}")
        below = {child.name.lower(): child for child in sobject.children}
        values = {key: value for key, value in given.items() if key != "attributes" and key.lower() not in below}
        above, link = parent or (None, None)
        yield _Record(reference, sobject, values, above, link)
        for key, value in given.items():
            child = below.get(key.lower())
            if child is not None and value is not None:
                of = context.sobject(child.child_object)
                yield from _records(context, of, value, (reference, child.field), level=level + 1)


def _check(records: list[_Record]) -> None:
    if len(records) > MOST_RECORDS:
        raise ApiError(400, "LIMIT_EXCEEDED", f"a tree has {MOST_RECORDS} records at most")
    if len({record.reference for record in records}) < len(records):
        raise ApiError(400, "INVALID_INPUT", "each referenceId must be another")


def _made(context: Context, records: list[_Record]) -> dict[str, str]:
    """Make all records, in one transaction of the org; raises _Refused for the first that can't be made."""
    transaction = context.begin()
    made: dict[str, str] = {}
    for record in records:
        links = {} if record.link is None or record.parent is None else {record.link: made[record.parent]}
        call = Call(Operation.INSERT, record.sobject.name, [{**record.values, **links}])
        context.note(call)
        result = transaction.execute(call)[0]
        if not result.success:
            raise _Refused(record.reference, result)
        made[record.reference] = str(result.id)
    return made
