"""Methods of values, and static ones, by tables."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from reconciler.simulator.apex.conversion import only
from reconciler.simulator.apex.failure import null_reference
from reconciler.simulator.apex.methods.groups import LIST, MAP, SET
from reconciler.simulator.apex.methods.method import Method, Site, Table, applied
from reconciler.simulator.apex.methods.objects import BOXES, EXCEPTION, RECORD
from reconciler.simulator.apex.methods.scalars import DAY, DECIMAL, MOMENT, WHOLE
from reconciler.simulator.apex.methods.statics import ENUMS, PROPERTIES, STATICS
from reconciler.simulator.apex.methods.texts import TEXT
from reconciler.simulator.apex.problem import CompileProblem
from reconciler.simulator.apex.run import Run
from reconciler.simulator.apex.tree import Place
from reconciler.simulator.apex.values import ApexList, ApexMap, ApexSet, Box, Record, Value, text_of

__all__ = ["call_method", "call_static", "read_static"]

_TRUTH: Table = {"tostring": Method(lambda _, value: text_of(value))}

# A bool is an int, and a datetime a date: the narrower stands first.
_TABLES: tuple[tuple[type, Table], ...] = (
    (str, TEXT),
    (bool, _TRUTH),
    (int, WHOLE),
    (Decimal, DECIMAL),
    (datetime, MOMENT),
    (date, DAY),
    (ApexList, LIST),
    (ApexSet, SET),
    (ApexMap, MAP),
    (Record, RECORD),
)


def call_method(run: Run, target: Value, name: str, arguments: Sequence[Value], at: Place) -> Value:
    """`target.name(...)`; raises Thrown and CompileProblem."""
    if target is None:
        raise null_reference(at)
    table = _table(target)
    if isinstance(target, ApexList) and target.is_queried and name.lower() not in table:
        target = only(target, at)
        table = _table(target)
    return applied(Site(run, at), name, table.get(name.lower()), (target,), arguments)


def _table(target: Value) -> Table:
    if isinstance(target, Box):
        return EXCEPTION if target.kind.lower().endswith("exception") else BOXES.get(target.kind.lower(), {})
    return next((table for kind, table in _TABLES if isinstance(target, kind)), {})


def call_static(run: Run, parts: tuple[str, ...], arguments: Sequence[Value], at: Place) -> Value:
    """`Class.name(...)`; raises Thrown and CompileProblem."""
    *owner, name = _without_namespace(parts)
    if len(owner) != 1 or owner[0].lower() not in STATICS:
        raise CompileProblem(at, f"Variable does not exist: {parts[0]}")
    return applied(Site(run, at), name, STATICS[owner[0].lower()].get(name.lower()), (), arguments)


def read_static(run: Run, parts: tuple[str, ...], at: Place) -> Value:
    """`Class.name`: a constant, an enum's constant, or the name of an external id field; raises CompileProblem."""
    names = _without_namespace(parts)
    if len(names) == 2:
        owner, name = names[0].lower(), names[1]
        if (owner, name.lower()) in PROPERTIES:
            return PROPERTIES[owner, name.lower()]
        if owner in ENUMS:
            return name.upper()
        sobject = run.org.schema.object(owner)
        field = sobject.field(name) if sobject else None
        if field is not None:
            return field.name
    if len(names) == 3 and names[1].lower() == "fields":
        return read_static(run, (names[0], names[2]), at)
    raise CompileProblem(at, f"Variable does not exist: {parts[0]}")


def _without_namespace(parts: tuple[str, ...]) -> tuple[str, ...]:
    return parts[1:] if len(parts) > 2 and parts[0].lower() == "system" else parts
