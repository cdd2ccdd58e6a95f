"""Variables of Apex in a query: `:expression`. Their values take their places in the tree; none becomes text again.

Source: https://developer.salesforce.com/docs/atlas.en-us.apexcode.meta/apexcode/langCon_apex_SOQL_variables.htm
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, assert_never

from reconciler.simulator.errors import ApiError
from reconciler.simulator.soql import tree
from reconciler.simulator.soql.refusal import malformed, refused_at

Binds = Callable[[str], object]
"""The value of the expression behind a colon: None, a bool, a number, a text, a date or a datetime (one that names no
zone is UTC), or a collection of these."""

_LARGEST_INT = 2**63 - 1


def bound(query: tree.Query, text: str, binds: Binds | None) -> tree.Query:
    """The query with values in the place of its expressions, which are evaluated in their order.

    Raises MALFORMED_QUERY for a value that a query can't take, and for any expression where there are no binds.
    """
    return _Binding(text, binds).query(query) if ":" in text else query


@dataclass(frozen=True, slots=True)
class _Binding:
    text: str
    binds: Binds | None

    def query(self, query: tree.Query) -> tree.Query:
        """The query with values, and those inside it."""
        items = tuple(self._item(item) for item in query.items)
        where = self._condition(query.where)
        having = self._condition(query.having)
        counts = {word: self._count(str(literal.value), literal) for word, literal in query.unbound}
        limit, offset = counts.get("limit", query.limit), counts.get("offset", query.offset)
        return replace(query, items=items, where=where, having=having, limit=limit, offset=offset, unbound=())

    def _item(self, item: tree.Item) -> tree.Item:
        return tree.ChildrenItem(self.query(item.query)) if isinstance(item, tree.ChildrenItem) else item

    def _condition(self, condition: tree.Condition | None) -> tree.Condition | None:
        return None if condition is None else self._bound(condition)

    def _bound(self, condition: tree.Condition) -> tree.Condition:
        match condition:
            case tree.Junction(word, conditions):
                return tree.Junction(word, tuple(map(self._bound, conditions)))
            case tree.Negation(inner):
                return tree.Negation(self._bound(inner))
            case tree.Comparison():
                return replace(condition, literal=self._single(condition.literal))
            case tree.Membership():
                values = tuple(value for literal in condition.values for value in self._values(literal))
                return replace(condition, values=values)
            case tree.SemiJoin():
                return replace(condition, query=self.query(condition.query))
            case _:
                assert_never(condition)

    def _single(self, literal: tree.Literal) -> tree.Literal:
        return next(self._values(literal, is_alone=True))

    def _values(self, literal: tree.Literal, *, is_alone: bool = False) -> Iterator[tree.Literal]:
        """What a literal stands for: itself, a value, or the members of a collection."""
        if literal.kind == "bind":
            value = self._evaluated(str(literal.value), literal)
            if isinstance(value, Collection) and not isinstance(value, str) and not is_alone:
                yield from (_literal(item, literal.at) for item in value)
            else:
                yield _literal(value, literal.at)
        elif isinstance(literal.value, tree.DateLiteral) and literal.value.bind is not None:
            count = self._count(literal.value.bind, literal)
            yield replace(literal, value=tree.DateLiteral(literal.value.name, count))
        else:
            yield literal

    def _count(self, expression: str, literal: tree.Literal) -> int:
        value = self._evaluated(expression, literal)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LARGEST_INT:
            raise malformed("Invalid bind expression type")
        return value

    def _evaluated(self, expression: str, literal: tree.Literal) -> object:
        if self.binds is None:
            raise bind_refused(self.text, literal.at)
        return self.binds(expression)


def bind_refused(text: str, position: int) -> ApiError:
    """The answer to a variable where there are none."""
    return refused_at(text, position, "MALFORMED_QUERY", "Bind variables only allowed in Apex code")


def _literal(value: object, at: int) -> tree.Literal:
    for kind, make in _LITERALS:
        if isinstance(value, kind):
            name, stored = make(value)
            return tree.Literal(name, stored, at)
    raise malformed("Invalid bind expression type")


def _number(value: Decimal | float) -> int | float:
    """A number that the store can compare with."""
    return int(value) if -_LARGEST_INT <= value <= _LARGEST_INT and value == int(value) else float(value)


def _moment(value: datetime) -> str:
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()


_LITERALS: Sequence[tuple[type, Callable[[Any], tuple[str, tree.Value]]]] = (
    (type(None), lambda _: ("null", None)),
    (bool, lambda value: ("boolean", value)),
    (int, lambda value: ("number", _number(value))),
    (float, lambda value: ("number", _number(value))),
    (Decimal, lambda value: ("number", _number(value))),
    (str, lambda value: ("text", value)),
    (datetime, lambda value: ("bound_datetime", _moment(value))),
    (date, lambda value: ("bound_date", value.isoformat())),
)
"""What a value is in a query; the first class that fits counts."""
