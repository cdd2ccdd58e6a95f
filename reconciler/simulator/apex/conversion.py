"""Values -> the type that a variable, a cast or a collection wants."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal

from reconciler.simulator.apex.failure import thrown
from reconciler.simulator.apex.problem import CompileProblem
from reconciler.simulator.apex.tree import Place, Type
from reconciler.simulator.apex.values import ApexList, ApexMap, ApexSet, Box, Record, Value, kind_of
from reconciler.simulator.ids import to_18
from reconciler.simulator.schema import Schema

PRIMITIVES: Mapping[str, tuple[type, ...]] = {
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "double": (Decimal, int),
    "decimal": (Decimal, int),
    "string": (str,),
    "id": (str,),
    "date": (date,),
    "datetime": (datetime, date),
}
"""Primitive types by lower-cased name, and the values that they take."""

COLLECTIONS = frozenset({"list", "set", "map", "iterable"})
BOXES: Mapping[str, str] = {
    name.lower(): name
    for name in (
        "Database.SaveResult",
        "Database.UpsertResult",
        "Database.DeleteResult",
        "Database.UndeleteResult",
        "Database.Error",
        "Database.DMLOptions",
        "Database.DMLOptions.DuplicateRuleHeader",
        "Database.DMLOptions.EmailHeader",
        "AggregateResult",
        "Savepoint",
        "StatusCode",
        "AccessLevel",
        "LoggingLevel",
    )
}
"""Classes of Salesforce's own that a variable may be of."""


def is_exception(kind: Type) -> bool:
    """Whether a type is one of exceptions."""
    return kind.key.endswith("exception")


def is_known(schema: Schema, kind: Type) -> bool:
    """Whether there is such a type."""
    name = kind.key
    known = name in PRIMITIVES or name in BOXES or name in {"object", "sobject"} or is_exception(kind)
    if name in COLLECTIONS:
        wanted = 2 if name == "map" else 1
        return len(kind.arguments) == wanted and all(is_known(schema, argument) for argument in kind.arguments)
    return (known or schema.object(kind.name) is not None) and not kind.arguments


def converted(schema: Schema, kind: Type, value: Value, at: Place) -> Value:
    """The value as one of that type; raises CompileProblem or Thrown."""
    if value is None or kind.key == "object":
        return value
    if isinstance(value, ApexList) and value.is_queried and not _wants_list(kind):
        value = only(value, at)
    if kind.key in PRIMITIVES:
        return _primitive(kind, value, at)
    if not _fits(schema, kind, value):
        raise CompileProblem(at, f"Illegal assignment from {kind_of(value)} to {kind}")
    return value


def only(found: ApexList, at: Place) -> Value:
    """The one record of a query's answer; raises Thrown."""
    if len(found.items) != 1:
        how = "no rows" if not found.items else "more than 1 row"
        raise thrown(at, "System.QueryException", f"List has {how} for assignment to SObject")
    return found.items[0]


def _wants_list(kind: Type) -> bool:
    return kind.key in {"list", "iterable"}


def _primitive(kind: Type, value: Value, at: Place) -> Value:
    allowed = PRIMITIVES[kind.key]
    is_bool = isinstance(value, bool)
    if not isinstance(value, allowed) or is_bool is not (kind.key == "boolean"):
        raise CompileProblem(at, f"Illegal assignment from {kind_of(value)} to {kind}")
    match kind.key:
        case "id":
            return record_id(str(value), at)
        case "integer" | "long" if isinstance(value, int):
            return wrapped(value, 32 if kind.key == "integer" else 64)
        case "double" | "decimal" if isinstance(value, int):
            return Decimal(value)
        case "datetime" if not isinstance(value, datetime) and isinstance(value, date):
            return datetime.combine(value, time(), UTC)
        case "date" if isinstance(value, datetime):
            raise CompileProblem(at, "Illegal assignment from Datetime to Date")
    return value


def record_id(text: str, at: Place) -> str:
    """A text as an Id; raises Thrown."""
    found = to_18(text)
    if found is None:
        raise thrown(at, "System.StringException", f"Invalid id: {text}")
    return found


def wrapped(number: int, bits: int) -> int:
    """A whole number of so many bits: beyond the largest comes the smallest."""
    half = 1 << (bits - 1)
    return (number + half) % (1 << bits) - half


def _fits(schema: Schema, kind: Type, value: Value) -> bool:
    if isinstance(value, Record):
        sobject = schema.object(kind.name)
        return kind.key == "sobject" or (sobject is not None and sobject.name == value.sobject)
    if isinstance(value, Box):
        return _box_fits(kind, value)
    return kind.key in next((names for of, names in _TAKEN if isinstance(value, of)), frozenset())


_TAKEN: tuple[tuple[type, frozenset[str]], ...] = (
    (ApexList, frozenset({"list", "iterable"})),
    (ApexSet, frozenset({"set", "iterable"})),
    (ApexMap, frozenset({"map"})),
    # Constants of Salesforce's enums are their names.
    (str, frozenset({"statuscode", "accesslevel", "logginglevel"})),
)
"""The types that take a value of a class."""


def _box_fits(kind: Type, value: Box) -> bool:
    if is_exception(kind):
        return kind.key == "exception" or value.kind.lower().rpartition(".")[2] == kind.key.rpartition(".")[2]
    return value.kind.lower() == kind.key or (kind.key == "sobject" and value.kind == "AggregateResult")
