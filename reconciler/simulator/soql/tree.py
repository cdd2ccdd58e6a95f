"""A parsed query. An expression knows where it stands, so that a refusal can point at it."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Path:
    """A name or a dotted path as written, and its first character's index in the query."""

    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function and what it is given, as written: `CALENDAR_YEAR(convertTimezone(CreatedDate))`."""

    name: str
    arguments: "tuple[Expression, ...]"
    at: int

    @property
    def text(self) -> str:
        """The call as it would be written without spaces to spare."""
        return f"{self.name}({', '.join(argument.text for argument in self.arguments)})"


@dataclass(frozen=True, slots=True)
class DateLiteral:
    """`TODAY`, or `LAST_N_DAYS:7`, or `LAST_N_DAYS:days`: then `bind` is the expression that stands for the count."""

    name: str
    count: int | None
    bind: str | None = None


Value: TypeAlias = str | int | float | bool | DateLiteral | None


@dataclass(frozen=True, slots=True)
class Literal:
    """A value of a query.

    `kind` is string (still escaped), number, boolean, null, date, datetime, date_literal or currency; bind for an
    expression of Apex that has no value yet. A value that came from Apex is one of these, or text (a string as it is),
    bound_date or bound_datetime.
    """

    kind: str
    value: Value
    at: int


@dataclass(frozen=True, slots=True)
class ColumnItem:
    """A field, a parent path or a function of one, with its alias."""

    of: "Expression"
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class CountRows:
    """`COUNT()`."""


@dataclass(frozen=True, slots=True)
class FieldsItem:
    """`FIELDS(name)`."""

    name: Path


@dataclass(frozen=True, slots=True)
class ChildrenItem:
    """A subquery over a child relationship."""

    query: "Query"


@dataclass(frozen=True, slots=True)
class When:
    """`WHEN sobject THEN paths`."""

    sobject: Path
    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class TypeofItem:
    """`TYPEOF path WHEN ... ELSE otherwise END`."""

    path: Path
    whens: tuple[When, ...]
    otherwise: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`of operator literal`; operators are = != < > <= >= and LIKE."""

    of: "Expression"
    operator: str
    literal: Literal


@dataclass(frozen=True, slots=True)
class Membership:
    """`of operator (...)`; operators are IN, NOT IN, INCLUDES and EXCLUDES."""

    of: "Expression"
    operator: str
    values: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class SemiJoin:
    """`of IN (SELECT ...)`, or NOT IN."""

    of: "Expression"
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

    key: "Expression"
    is_descending: bool
    nulls_last: bool


@dataclass(frozen=True, slots=True)
class Alias:
    """`path name` in FROM: the name stands for the path."""

    name: Path
    path: Path


@dataclass(frozen=True, slots=True)
class Clause:
    """`FOR VIEW`, `UPDATE TRACKING`, `ALL ROWS`, `WITH USER_MODE`, `USING SCOPE mine`: a word and what follows it."""

    word: str
    what: Path


Expression: TypeAlias = Path | Call
Condition: TypeAlias = Comparison | Membership | SemiJoin | Negation | Junction
Item: TypeAlias = ColumnItem | CountRows | FieldsItem | ChildrenItem | TypeofItem


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query, or one inside another.

    `totals` is ROLLUP or CUBE where GROUP BY asks for subtotals; `unbound` are LIMIT and OFFSET as long as they are
    expressions of Apex, by their lower-cased words.
    """

    items: tuple[Item, ...]
    sobject: Path
    aliases: tuple[Alias, ...] = ()
    where: Condition | None = None
    group: tuple[Expression, ...] = ()
    totals: str | None = None
    having: Condition | None = None
    order: tuple[Ordering, ...] = ()
    limit: int | None = None
    offset: int | None = None
    clauses: tuple[Clause, ...] = ()
    unbound: tuple[tuple[str, Literal], ...] = ()
