"""A parsed query."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class DateLiteral:
    """`TODAY`, or `LAST_N_DAYS:7`."""

    name: str
    count: int | None


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as written; `kind` is string, number, boolean, null, date, datetime or date_literal."""

    kind: str
    value: str | int | float | bool | DateLiteral | None


@dataclass(frozen=True, slots=True)
class ColumnItem:
    """A field or parent path, with its alias."""

    path: str
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class CountItem:
    """`COUNT(path)`, or `COUNT()` without a path."""

    path: str | None
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class GroupItem:
    """`FIELDS(name)`."""

    name: str


@dataclass(frozen=True, slots=True)
class ChildrenItem:
    """A subquery over a child relationship."""

    query: "Query"


@dataclass(frozen=True, slots=True)
class Comparison:
    """`path operator literal`."""

    path: str
    operator: str
    literal: Literal


@dataclass(frozen=True, slots=True)
class Membership:
    """`path IN (...)`: of literals or of a subquery; `operator` is IN, NOT IN, INCLUDES or EXCLUDES."""

    path: str
    operator: str
    values: "tuple[Literal, ...] | Query"


@dataclass(frozen=True, slots=True)
class Negation:
    """`NOT condition`."""

    condition: "Condition"


@dataclass(frozen=True, slots=True)
class Junction:
    """Conditions joined by AND or by OR."""

    word: str
    conditions: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Ordering:
    """One key of ORDER BY."""

    path: str
    is_descending: bool
    nulls_last: bool


Condition: TypeAlias = Comparison | Membership | Negation | Junction
Item: TypeAlias = ColumnItem | CountItem | GroupItem | ChildrenItem


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query."""

    items: tuple[Item, ...]
    sobject: str
    where: Condition | None
    group: tuple[str, ...]
    order: tuple[Ordering, ...]
    limit: int | None
    offset: int | None
