"""The values of a running script.

null is None, Boolean bool, Integer and Long int, Double and Decimal Decimal, String and Id str, Date date, Datetime
datetime in UTC. Everything else is one of the classes here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from reconciler.simulator.apex.tree import Type

OBJECT = Type("Object")


@dataclass(slots=True, eq=False)
class ApexList:
    """A List; one that a query gave stands for its only record where a record is wanted."""

    items: "list[Value]"
    of: Type = OBJECT
    is_queried: bool = False


@dataclass(slots=True, eq=False)
class ApexSet:
    """A Set: its items by the key that they are told apart by."""

    items: "dict[object, Value]" = field(default_factory=dict)
    of: Type = OBJECT


@dataclass(slots=True, eq=False)
class ApexMap:
    """A Map: keys and values by what keys are told apart by."""

    items: "dict[object, tuple[Value, Value]]" = field(default_factory=dict)
    key: Type = OBJECT
    of: Type = OBJECT


@dataclass(slots=True, eq=False)
class Record:
    """An sObject in memory: values under the schema's names, parents and children under their relationships'.

    `queried` holds the names that a query asked for, and is None for a record that the script made; `changed` those
    that the script set.
    """

    sobject: str
    values: "dict[str, Value]" = field(default_factory=dict)
    queried: frozenset[str] | None = None
    changed: set[str] = field(default_factory=set)


@dataclass(slots=True, eq=False)
class Box:
    """An object of a class of Salesforce's own: an exception, a SaveResult, DMLOptions."""

    kind: str
    values: "dict[str, Value]" = field(default_factory=dict)

    def get(self, name: str) -> "Value":
        """A value, null when there is none."""
        return self.values.get(name)


Value: TypeAlias = bool | int | Decimal | str | datetime | date | ApexList | ApexSet | ApexMap | Record | Box | None

ByKind: TypeAlias = Sequence[tuple[type, Callable[[Any], Any]]]
"""What to do with a value of a class; the first that fits counts: bool stands before int, datetime before date."""


def of_kind(table: ByKind, value: Value, default: Callable[[Any], Any]) -> Any:
    """What the table makes of a value."""
    return next((make for kind, make in table if isinstance(value, kind)), default)(value)


def key_of(value: Value) -> object:
    """What tells keys and members of sets apart: equal values have equal keys, text by its case."""
    return of_kind(_KEYS, value, lambda item: item)


def are_equal(left: Value, right: Value) -> bool:
    """`==`: text without case, the rest by value."""
    if isinstance(left, str) and isinstance(right, str):
        return left.lower() == right.lower()
    return key_of(left) == key_of(right)


def text_of(value: Value) -> str:
    """A value as `System.debug` and `String.valueOf` show it."""
    return str(of_kind(_TEXTS, value, str))


def kind_of(value: Value) -> str:
    """The name of a value's type, as messages spell it."""
    return str(of_kind(_NAMES, value, lambda _: "null"))


def stored(value: Value) -> object:
    """A value as a row of DML takes it; a parent is named by its own fields."""
    return of_kind(_STORED, value, lambda item: item)


def utc(text: str) -> datetime:
    """A stored or written moment; raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _record_key(record: Record) -> object:
    return ("record", record.sobject, tuple((name, key_of(item)) for name, item in sorted(record.values.items())))


def _map_key(found: ApexMap) -> object:
    return ("map", frozenset((key, key_of(item)) for key, (_, item) in found.items.items()))


_KEYS: ByKind = (
    (bool, lambda value: ("boolean", value)),
    (Record, _record_key),
    (ApexList, lambda found: ("list", tuple(key_of(item) for item in found.items))),
    (ApexSet, lambda found: ("set", frozenset(found.items))),
    (ApexMap, _map_key),
    (Box, lambda box: ("box", id(box))),
)


def _pairs(values: Mapping[str, Value]) -> str:
    return ", ".join(f"{name}={text_of(value)}" for name, value in values.items())


def _map_text(found: ApexMap) -> str:
    return f"{{{', '.join(f'{text_of(key)}={text_of(item)}' for key, item in found.items.values())}}}"


def _box_text(box: Box) -> str:
    if "message" in box.values and box.kind.lower().endswith("exception"):
        return f"{box.kind}: {text_of(box.get('message'))}"
    return f"{box.kind}[{_pairs(box.values)}]"


_TEXTS: ByKind = (
    (type(None), lambda _: "null"),
    (bool, lambda value: str(value).lower()),
    (Decimal, lambda number: f"{number:f}"),
    (datetime, lambda moment: f"{moment:%Y-%m-%d %H:%M:%S}"),
    (date, lambda day: f"{day.isoformat()} 00:00:00"),
    (ApexList, lambda found: f"({', '.join(map(text_of, found.items))})"),
    (ApexSet, lambda found: f"{{{', '.join(map(text_of, found.items.values()))}}}"),
    (ApexMap, _map_text),
    (Record, lambda record: f"{record.sobject}:{{{_pairs(record.values)}}}"),
    (Box, _box_text),
)

_NAMES: ByKind = (
    (bool, lambda _: "Boolean"),
    (int, lambda _: "Integer"),
    (Decimal, lambda _: "Decimal"),
    (str, lambda _: "String"),
    (datetime, lambda _: "Datetime"),
    (date, lambda _: "Date"),
    (ApexList, lambda found: f"List<{found.of}>"),
    (ApexSet, lambda found: f"Set<{found.of}>"),
    (ApexMap, lambda found: f"Map<{found.key},{found.of}>"),
    (Record, lambda record: record.sobject),
    (Box, lambda box: box.kind),
)

_STORED: ByKind = (
    (Record, lambda record: {name: stored(item) for name, item in record.values.items()}),
    (datetime, lambda moment: f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"),
    (date, lambda day: day.isoformat()),
    (Decimal, float),
    (ApexList, text_of),
    (ApexSet, text_of),
    (ApexMap, text_of),
    (Box, text_of),
)
