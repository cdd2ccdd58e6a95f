"""JSON.serialize and JSON.deserializeUntyped.

Source: https://developer.salesforce.com/docs/atlas.en-us.apexref.meta/apexref/apex_class_System_Json.htm
"""

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from reconciler.simulator.apex.failure import thrown
from reconciler.simulator.apex.run import Run
from reconciler.simulator.apex.tree import Place, Type
from reconciler.simulator.apex.values import (
    ApexList,
    ApexMap,
    ApexSet,
    Box,
    ByKind,
    Record,
    Value,
    of_kind,
    text_of,
)


def written_json(run: Run, value: Value, at: Place, indent: int | None = None) -> str:
    """A value as JSON text."""
    separators = (", ", " : ") if indent else (",", ":")
    try:
        text = json.dumps(_plain(value, run.version), indent=indent, separators=separators, ensure_ascii=False)
    except RecursionError:
        raise thrown(at, "System.JSONException", "(was java.lang.StackOverflowError)") from None
    run.budget.hold(len(text))
    return text


def _plain(value: Value, version: float) -> Any:
    return of_kind(_table(version), value, lambda item: item)


def _table(version: float) -> ByKind:
    def plain(value: Value) -> Any:
        return _plain(value, version)

    return (
        (Record, lambda record: _record(record, version)),
        (ApexList, lambda found: [plain(item) for item in found.items]),
        (ApexSet, lambda found: [plain(item) for item in found.items.values()]),
        (ApexMap, lambda found: {text_of(key): plain(item) for key, item in found.items.values()}),
        (Box, lambda box: {name: plain(item) for name, item in box.values.items()}),
        (Decimal, lambda number: int(number) if number == number.to_integral_value() else float(number)),
        (datetime, lambda moment: f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"),
        (date, lambda day: day.isoformat()),
    )


def _record(record: Record, version: float) -> Any:
    about: dict[str, str] = {"type": record.sobject}
    if record.values.get("Id"):
        about["url"] = f"/services/data/v{version:.1f}/sobjects/{record.sobject}/{record.values['Id']}"
    return {"attributes": about} | {name: _plain(item, version) for name, item in record.values.items()}


def parsed_json(text: str, at: Place) -> Value:
    """A JSON text as maps, lists and primitives; raises Thrown."""
    try:
        return _value(json.loads(text, parse_float=Decimal))
    except (ValueError, RecursionError) as error:
        raise thrown(at, "System.JSONException", f"Unexpected character: {error}") from None


def _value(given: Any) -> Value:
    if isinstance(given, dict):
        pairs: dict[object, tuple[Value, Value]] = {key: (key, _value(item)) for key, item in given.items()}
        return ApexMap(pairs, Type("String"))
    if isinstance(given, list):
        return ApexList([_value(item) for item in given])
    found: Value = given
    return found
