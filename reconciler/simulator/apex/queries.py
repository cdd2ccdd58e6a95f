"""Inline and dynamic SOQL: rows as records, with the variables of the script as binds."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from reconciler.simulator.apex.failure import thrown
from reconciler.simulator.apex.fields import AGGREGATE
from reconciler.simulator.apex.parse import parse_expression
from reconciler.simulator.apex.problem import CompileProblem
from reconciler.simulator.apex.run import Run
from reconciler.simulator.apex.tree import Expression, Place, Type
from reconciler.simulator.apex.values import ApexList, ApexMap, ApexSet, Box, ByKind, Record, Value, of_kind, utc
from reconciler.simulator.errors import ApiError
from reconciler.simulator.schema import Field, FieldType, SObject
from reconciler.simulator.soql import run_query

_FRAME = re.compile(r"\A.*ERROR at Row:\d+:Column:\d+\n", re.DOTALL)
_CONVERTED: Mapping[FieldType, Callable[[Any], Value]] = {
    FieldType.DATETIME: utc,
    FieldType.DATE: date.fromisoformat,
    FieldType.DOUBLE: lambda value: Decimal(str(value)),
    FieldType.CURRENCY: lambda value: Decimal(str(value)),
}


def queried(run: Run, text: str, at: Place, *, is_dynamic: bool = False) -> ApexList | int:
    """The records of a query, or how many there are of `SELECT COUNT()`; raises CompileProblem and Thrown."""
    run.budget.take("SOQL queries")

    def bind(expression: str) -> object:
        return _plain(run.evaluate(run, parse_expression(expression, at)))

    try:
        result = run_query(run.org, text, version=run.version, binds=bind)
    except ApiError as error:
        message = _FRAME.sub("", error.message)
        if is_dynamic:
            raise thrown(at, "System.QueryException", message) from None
        raise CompileProblem(at, message) from None
    run.budget.take("query rows", result.total_size)
    if result.is_count:
        return result.total_size
    records = [record_of(run, row) for row in result.records]
    return ApexList(list(records), Type(result.entity), is_queried=True)


def record_of(run: Run, row: Mapping[str, Any]) -> Record | Box:
    """A row of a query's answer as a record; it has its Id whether that was asked for or not."""
    about = row["attributes"]
    if about["type"] == AGGREGATE:
        return Box(AGGREGATE, {name: _number(value) for name, value in row.items() if name != "attributes"})
    sobject = run.org.schema.object(about["type"])
    values: dict[str, Value] = {"Id": str(about["url"]).rpartition("/")[2]}
    values |= {name: _value(run, sobject, name, value) for name, value in row.items() if name != "attributes"}
    return Record(about["type"], values, frozenset(values))


def _value(run: Run, sobject: SObject | None, name: str, value: Any) -> Value:
    if isinstance(value, Mapping):
        if "records" in value:
            return ApexList([record_of(run, row) for row in value["records"]])
        return record_of(run, value)
    field: Field | None = sobject.field(name) if sobject else None
    link = sobject.relationship(name) if sobject and field is None else None
    children = sobject is not None and field is None and link is None
    if value is None:
        return ApexList([]) if children else None
    convert = _CONVERTED.get(field.type) if field else None
    found: Value = convert(value) if convert else value
    return found


def _number(value: Any) -> Value:
    return Decimal(str(value)) if isinstance(value, float) else value


def _plain(value: Value) -> object:
    """A bound value: records are their Ids, collections their members."""
    return of_kind(_BOUND, value, lambda item: item)


_BOUND: ByKind = (
    (Record, lambda record: record.values.get("Id")),
    (ApexList, lambda found: [_plain(item) for item in found.items]),
    (ApexSet, lambda found: [_plain(item) for item in found.items.values()]),
    (ApexMap, lambda found: [_plain(key) for key, _ in found.items.values()]),
)


def each_of(run: Run, items: Value, size: int) -> Sequence[Value]:
    """The records of a query in lists of that size, as a loop over lists sees them."""
    rows = items.items if isinstance(items, ApexList) else []
    kind = items.of if isinstance(items, ApexList) else Type("SObject")
    run.budget.step()
    return [ApexList(rows[start : start + size], kind) for start in range(0, len(rows), size)]


def is_query(expression: Expression) -> bool:
    """Whether an expression is an inline query."""
    return type(expression).__name__ == "Query"
