"""A parsed query. A path knows where it stands, so that a refusal can point at it."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Path:
    """A name or a dotted path as written, and its first character's index in the query.

    `functions` are upper-cased names of those around it, the innermost first.
    """

    text: str
    at: int
    functions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DateLiteral:
    """`TODAY`, or `LAST_N_DAYS:7`."""

    name: str
    count: int | None


Value: TypeAlias = str | int | float | bool | DateLiteral | None


@dataclass(frozen=True, slots=True)
class Literal:
    """A value; `kind` is string (still escaped), number, boolean, null, date, datetime or date_literal."""

    kind: str
    value: Value
    at: int


@dataclass(frozen=True, slots=True)
class ColumnItem:
    """A field or parent path, with its alias."""

    path: Path
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class CountItem:
    """`COUNT()`, the number of rows."""


@dataclass(frozen=True, slots=True)
class GroupingItem:
    """`GROUPING(path)`: whether a row is a subtotal over that path."""

    path: Path
    alias: str | None


@dataclass(frozen=True, slots=True)
class FieldsItem:
    """`FIELDS(name)`."""

    name: Path


@dataclass(frozen=True, slots=True)
class TypeofItem:
    """`TYPEOF path WHEN object THEN paths ... ELSE paths END`; without ELSE `otherwise` is None."""

    path: Path
    whens: tuple[tuple[Path, tuple[Path, ...]], ...]
    otherwise: tuple[Path, ...] | None


@dataclass(frozen=True, slots=True)
class ChildrenItem:
    """A subquery over a child relationship."""

    query: "Query"


@dataclass(frozen=True, slots=True)
class Comparison:
    """`path operator literal`; operators are = != < > <= >= and LIKE."""

    path: Path
    operator: str
    literal: Literal


@dataclass(frozen=True, slots=True)
class Membership:
    """`path operator (...)`; operators are IN, NOT IN, INCLUDES and EXCLUDES."""

    path: Path
    operator: str
    values: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class SemiJoin:
    """`path IN (SELECT ...)`, or NOT IN."""

    path: Path
    operator: str
    query: "Query"


@dataclass(frozen=True, slots=True)
class Negation:
    """`NOT condition`, never of another negation."""

    condition: "Condition"


@dataclass(frozen=True, slots=True)
class Junction:
    """Conditions joined by AND or by OR."""

    word: str
    conditions: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Ordering:
    """One key of ORDER BY."""

    key: Path
    is_descending: bool
    nulls_last: bool


Condition: TypeAlias = Comparison | Membership | SemiJoin | Negation | Junction
Item: TypeAlias = ColumnItem | CountItem | GroupingItem | FieldsItem | TypeofItem | ChildrenItem


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query, or one inside another.

    `aliases` are names for parents (`FROM Contact c, c.Account a`); `totals` is ROLLUP or CUBE; `using` is the scope
    that is asked for; `options` are clauses such as FOR VIEW, upper-cased, their blanks single.
    """

    items: tuple[Item, ...]
    sobject: Path
    where: Condition | None
    group: tuple[Path, ...]
    order: tuple[Ordering, ...]
    limit: int | None
    offset: int | None
    alias: Path | None = None
    aliases: tuple[tuple[Path, Path], ...] = ()
    totals: str | None = None
    having: Condition | None = None
    using: str | None = None
    options: tuple[str, ...] = ()
