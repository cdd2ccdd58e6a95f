"""WHERE -> parameterised SQL, with Salesforce's notion of equality: no case, and null differs from every value."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import assert_never

from reconciler.simulator.errors import ApiError
from reconciler.simulator.schema import FieldType
from reconciler.simulator.soql import semi_join, tree
from reconciler.simulator.soql.dates import literal_range
from reconciler.simulator.soql.literal import stored_value, wrong_kind
from reconciler.simulator.soql.parse import unexpected_token
from reconciler.simulator.soql.quoted import like_pattern, plain
from reconciler.simulator.soql.refusal import malformed
from reconciler.simulator.soql.scope import Found, Scope
from reconciler.simulator.store import Scalar

_CALENDAR = frozenset({FieldType.DATE, FieldType.DATETIME})
_TEXTLESS = frozenset(
    {
        FieldType.ID,
        FieldType.REFERENCE,
        FieldType.BOOLEAN,
        FieldType.INT,
        FieldType.DOUBLE,
        FieldType.CURRENCY,
        FieldType.PERCENT,
        FieldType.ADDRESS,
        *_CALENDAR,
    }
)
_BRANCHES = 16
_EQUALITY: Mapping[str, str] = {"=": "IS", "!=": "IS NOT"}

_RANGES: Mapping[str, str] = {
    "=": "({0} >= ? AND {0} < ?)",
    "!=": "({0} IS NULL OR NOT ({0} >= ? AND {0} < ?))",
    "<": "({0} < ?1)",
    "<=": "({0} < ?2)",
    ">": "({0} >= ?2)",
    ">=": "({0} >= ?1)",
}
"""A comparison with a range, by operator; `?1` is the range's first moment, `?2` the first after it."""


def where_clause(scope: Scope, condition: tree.Condition | None) -> tuple[str, list[Scalar]]:
    """WHERE, or nothing, and its parameters; what lies in the recycle bin is left out unless it is asked for."""
    compiler = _Compiler(scope, scope.find_filterable)
    parts = []
    if condition is not None:
        semi_join.check_places(condition)
        parts.append(compiler.sql(condition))
    if scope.is_mine:
        parts.append(f"{scope.alias}.OwnerId = caller()")
    if scope.sobject.field("IsDeleted") and not scope.request.all_rows:
        parts.append(f"{scope.alias}.IsDeleted = 0")
    return f"WHERE {' AND '.join(parts)}" if parts else "", compiler.parameters


def having_clause(
    scope: Scope, condition: tree.Condition | None, find: Callable[[tree.Path], Found]
) -> tuple[str, list[Scalar]]:
    """HAVING, or nothing, and its parameters; `find` knows groups and aggregates."""
    if condition is None:
        return "", []
    if any(semi_join.joins(condition)):
        raise malformed("Semi join sub-selects are not allowed in HAVING")
    compiler = _Compiler(scope, find)
    return f"HAVING {compiler.sql(condition)}", compiler.parameters


@dataclass(frozen=True, slots=True)
class _Compiler:
    """Compiles conditions over one scope; `parameters` collects the values in the order of their marks."""

    scope: Scope
    find: Callable[[tree.Path], Found]
    parameters: list[Scalar] = field(default_factory=list)

    def sql(self, condition: tree.Condition) -> str:
        match condition:
            case tree.Junction(word, conditions):
                return _joined(word, [self.sql(part) for part in conditions])
            case tree.Negation(inner):
                return f"(NOT coalesce({self.sql(inner)}, 0))"
            case tree.Comparison():
                return self._comparison(condition)
            case tree.Membership():
                return self._membership(condition)
            case tree.SemiJoin():
                return self._semi_join(condition)
            case _:
                assert_never(condition)

    def _comparison(self, asked: tree.Comparison) -> str:
        found = self.find(asked.path)
        literal, kind = asked.literal, found.field.type
        if asked.operator == "LIKE":
            return self._like(found, literal)
        if kind is FieldType.ADDRESS and literal.kind != "null":
            raise self._bad_operator(found)
        if isinstance(literal.value, tree.DateLiteral) and kind in _CALENDAR:
            return self._in_range(found, asked.operator, literal, literal.value)
        value = stored_value(self.scope.request, found, literal)
        if asked.operator in _EQUALITY:
            # Salesforce keeps no empty text: '' asks for null.
            self.parameters.append(None if value == "" else value)
            return f"({found.compared} {_EQUALITY[asked.operator]} ?)"
        if value is None or kind is FieldType.BOOLEAN:
            raise self._bad_operator(found)
        self.parameters.append(value)
        return f"({found.compared} {asked.operator} ?)"

    def _like(self, found: Found, literal: tree.Literal) -> str:
        if found.field.type in _TEXTLESS:
            raise self._bad_operator(found)
        if literal.kind != "string":
            raise wrong_kind(self.scope.request, found)
        self.parameters.append(like_pattern(str(literal.value)))
        return f"({found.sql} LIKE ? ESCAPE '\\')"

    def _in_range(self, found: Found, operator: str, literal: tree.Literal, value: tree.DateLiteral) -> str:
        days = literal_range(value, self.scope.request.org.clock().date())
        if days is None:
            raise unexpected_token(self.scope.request.text, value.name, literal.at)
        suffix = "T00:00:00.000+0000" if found.field.type is FieldType.DATETIME else ""
        first, after = (f"{day.isoformat()}{suffix}" for day in days)
        template = _RANGES[operator]
        self.parameters.extend([first] if "?1" in template else [after] if "?2" in template else [first, after])
        return template.format(found.sql).replace("?1", "?").replace("?2", "?")

    def _membership(self, asked: tree.Membership) -> str:
        found = self.find(asked.path)
        request = self.scope.request
        if not asked.values and not request.is_bound:
            # Only a variable's collection may be empty.
            raise unexpected_token(request.text, ")", request.text.index(")", asked.path.at))
        if asked.operator in {"INCLUDES", "EXCLUDES"}:
            return self._includes(found, asked)
        values = {stored_value(self.scope.request, found, literal) for literal in asked.values}
        return self._among(found, asked.operator, {None if value == "" else value for value in values})

    def _among(self, found: Found, operator: str, wanted: set[Scalar]) -> str:
        self.parameters.append(json.dumps(sorted((value for value in wanted if value is not None), key=str)))
        inside = f"{found.compared} IN (SELECT value FROM json_each(?))"
        if operator == "IN":
            return f"({inside} OR {found.sql} IS NULL)" if None in wanted else f"({inside})"
        return f"({found.sql} IS NOT NULL AND NOT {inside})" if None in wanted else f"(NOT coalesce({inside}, 0))"

    def _includes(self, found: Found, asked: tree.Membership) -> str:
        if found.field.type is not FieldType.MULTIPICKLIST:
            raise self._bad_operator(found)
        any_of = _joined("OR", [self._has_all(found, literal) for literal in asked.values])
        return any_of if asked.operator == "INCLUDES" else f"(NOT coalesce({any_of}, 0))"

    def _has_all(self, found: Found, literal: tree.Literal) -> str:
        """`'a;b'` asks for both."""
        if literal.kind != "string":
            raise wrong_kind(self.scope.request, found)
        values = plain(str(literal.value)).lower().split(";")
        self.parameters.extend(f";{value};" for value in values)
        return _joined("AND", [f"instr(';' || lower({found.sql}) || ';', ?) > 0"] * len(values))

    def _semi_join(self, asked: tree.SemiJoin) -> str:
        request = self.scope.request
        found = self.find(asked.path)
        inner = Scope(request, request.sobject(asked.query.sobject), alias=f"{self.scope.alias}s")
        selected = semi_join.check(self.scope, found, inner, asked.query)
        rest, parameters = where_clause(inner, asked.query.where)
        self.parameters.extend(parameters)
        # A null on either side is equal to nothing.
        where = f"{rest} AND" if rest else "WHERE"
        rows = f"SELECT {selected.sql} {inner.from_clause()} {where} {selected.sql} IS NOT NULL"
        if asked.operator == "IN":
            return f"({found.sql} IN ({rows}))"
        return f"({found.sql} IS NULL OR {found.sql} NOT IN ({rows}))"

    def _bad_operator(self, found: Found) -> ApiError:
        kind = FieldType.ID if found.field.type is FieldType.REFERENCE else found.field.type
        message = f"invalid operator on {kind.value} field"
        return self.scope.request.refused(found.path, "INVALID_QUERY_FILTER_OPERATOR", message)


def _joined(word: str, parts: list[str]) -> str:
    """The parts joined as a bushy tree: SQLite bounds the depth of an expression, and a chain is as deep as long."""
    while len(parts) > _BRANCHES:
        groups = [parts[first : first + _BRANCHES] for first in range(0, len(parts), _BRANCHES)]
        parts = [f"({f' {word} '.join(group)})" for group in groups]
    return f"({f' {word} '.join(parts)})"
