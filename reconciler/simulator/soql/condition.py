"""WHERE -> parameterised SQL, with Salesforce's notion of equality: no case, and null differs from every value."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from reconciler.simulator.errors import ApiError
from reconciler.simulator.ids import to_18
from reconciler.simulator.schema import Field, FieldType
from reconciler.simulator.soql import tree
from reconciler.simulator.soql.dates import literal_range, stored_date, stored_datetime
from reconciler.simulator.soql.parse import malformed
from reconciler.simulator.soql.scope import Found, Scope
from reconciler.simulator.store import Scalar

_NUMBERS = frozenset({FieldType.INT, FieldType.DOUBLE, FieldType.CURRENCY})
_DATES = frozenset({FieldType.DATE, FieldType.DATETIME})
_IDS = frozenset({FieldType.ID, FieldType.REFERENCE})
_NOT_FILTERABLE_SINCE = {("UserLicense", "UsedLicenses"): 64.0}
"""UserLicense.UsedLicenses can't stand in WHERE from API 64.0 on (F2.2)."""

Subquery = Callable[[tree.Query], tuple[str, list[Scalar]]]


@dataclass(slots=True)
class Where:
    """Compiles conditions over one scope; `parameters` collects the values in the order of their marks."""

    scope: Scope
    subquery: Subquery
    parameters: list[Scalar] = field(default_factory=list)

    def sql(self, condition: tree.Condition) -> str:
        """The SQL of a condition."""
        match condition:
            case tree.Junction(word, conditions):
                return f"({f' {word} '.join([self.sql(part) for part in conditions])})"
            case tree.Negation(inner):
                return f"(NOT coalesce({self.sql(inner)}, 0))"
            case tree.Comparison(path, operator, literal):
                return self._comparison(self._filterable(path), operator, literal)
            case tree.Membership(path, operator, values):
                return self._membership(self._filterable(path), operator, values)

    def _filterable(self, path: str) -> Found:
        found = self.scope.find(path)
        since = _NOT_FILTERABLE_SINCE.get((self.scope.sobject.name, found.field.name), 1000.0)
        if not found.field.filterable or self.scope.version >= since:
            raise ApiError(400, "INVALID_FIELD", f"field '{found.field.name}' can not be filtered in a query call")
        return found

    def _comparison(self, found: Found, operator: str, literal: tree.Literal) -> str:
        if isinstance(literal.value, tree.DateLiteral) and found.field.type in _DATES:
            return self._in_range(found, operator, literal.value)
        if operator == "LIKE":
            return self._like(found, literal)
        value = typed(found.field, literal)
        if value is None and operator not in {"=", "!="}:
            raise _bad_operator(found.field)
        if found.field.type in {FieldType.BOOLEAN, *_IDS} and operator not in {"=", "!="}:
            raise _bad_operator(found.field)
        self.parameters.append(value)
        return f"({found.compared} {({'=': 'IS', '!=': 'IS NOT'}).get(operator, operator)} ?)"

    def _like(self, found: Found, literal: tree.Literal) -> str:
        if found.field.type in {FieldType.BOOLEAN, *_NUMBERS, *_DATES, *_IDS} or literal.kind != "string":
            raise _bad_operator(found.field)
        self.parameters.append(str(literal.value))
        return f"({found.sql} LIKE ? ESCAPE '\\')"

    def _in_range(self, found: Found, operator: str, literal: tree.DateLiteral) -> str:
        first, after = literal_range(literal, self.scope.org.clock().date())
        suffix = "T00:00:00.000+0000" if found.field.type is FieldType.DATETIME else ""
        start, end = f"{first.isoformat()}{suffix}", f"{after.isoformat()}{suffix}"
        text, values = {
            "=": (f"({found.sql} >= ? AND {found.sql} < ?)", [start, end]),
            "!=": (f"({found.sql} IS NULL OR {found.sql} < ? OR {found.sql} >= ?)", [start, end]),
            "<": (f"({found.sql} < ?)", [start]),
            "<=": (f"({found.sql} < ?)", [end]),
            ">": (f"({found.sql} >= ?)", [end]),
            ">=": (f"({found.sql} >= ?)", [start]),
        }.get(operator, ("", []))
        if not text:
            raise _bad_operator(found.field)
        self.parameters.extend(values)
        return text

    def _membership(self, found: Found, operator: str, values: "tuple[tree.Literal, ...] | tree.Query") -> str:
        if operator in {"INCLUDES", "EXCLUDES"}:
            return self._includes(found, operator, values)
        if isinstance(values, tree.Query):
            return self._semi_join(found, operator, values)
        wanted = [typed(found.field, literal) for literal in values]
        self.parameters.append(json.dumps([value for value in wanted if value is not None]))
        inside = f"{found.compared} IN (SELECT value FROM json_each(?))"
        if operator == "IN":
            return f"({inside}{f' OR {found.sql} IS NULL' if None in wanted else ''})"
        return f"({found.sql} IS NOT NULL AND NOT {inside})" if None in wanted else f"(NOT coalesce({inside}, 0))"

    def _semi_join(self, found: Found, operator: str, query: tree.Query) -> str:
        if found.field.type not in _IDS:
            raise malformed("a semi join's left side must be an id or a reference")
        text, parameters = self.subquery(query)
        self.parameters.extend(parameters)
        return f"(coalesce({found.sql}, '') {operator} ({text}))"

    def _includes(self, found: Found, operator: str, values: "tuple[tree.Literal, ...] | tree.Query") -> str:
        if found.field.type is not FieldType.MULTIPICKLIST or isinstance(values, tree.Query):
            raise _bad_operator(found.field)
        any_of = " OR ".join(self._has_all(found, str(typed(found.field, literal))) for literal in values)
        return f"({any_of})" if operator == "INCLUDES" else f"(NOT coalesce({any_of}, 0))"

    def _has_all(self, found: Found, wanted: str) -> str:
        """`'a;b'` asks for both."""
        values = wanted.split(";")
        self.parameters.extend(f";{value};" for value in values)
        return "(" + " AND ".join([f"instr(';' || {found.sql} || ';', ?) > 0"] * len(values)) + ")"


def typed(field: Field, literal: tree.Literal) -> Scalar:
    """The literal as the field's stored value; raises INVALID_FIELD where Salesforce wants another kind of literal."""
    if literal.kind == "null":
        return None
    special = _SPECIAL.get(field.type)
    return special(field, literal) if special else _plain(field, literal)


def _plain(field: Field, literal: tree.Literal) -> Scalar:
    wanted = "boolean" if field.type is FieldType.BOOLEAN else "number" if field.type in _NUMBERS else "string"
    if literal.kind != wanted or isinstance(literal.value, tree.DateLiteral):
        raise _wrong_kind(field, wanted)
    if isinstance(literal.value, str):
        return literal.value.replace("\\%", "%").replace("\\_", "_")
    return int(literal.value) if isinstance(literal.value, bool) else literal.value


def _id(field: Field, literal: tree.Literal) -> Scalar:
    if literal.kind != "string":
        raise _wrong_kind(field, "string")
    found = to_18(str(literal.value))
    if found is None:
        raise ApiError(400, "INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {literal.value}")
    return found


def _day_or_moment(field: Field, literal: tree.Literal, wanted: str, stored: Callable[[str], str | None]) -> Scalar:
    value = stored(str(literal.value)) if literal.kind == wanted else None
    if value is None:
        raise _wrong_kind(field, wanted)
    return value


def _date(field: Field, literal: tree.Literal) -> Scalar:
    return _day_or_moment(field, literal, "date", stored_date)


def _datetime(field: Field, literal: tree.Literal) -> Scalar:
    return _day_or_moment(field, literal, "datetime", stored_datetime)


_SPECIAL: Mapping[FieldType, Callable[[Field, tree.Literal], Scalar]] = {
    FieldType.ID: _id,
    FieldType.REFERENCE: _id,
    FieldType.DATE: _date,
    FieldType.DATETIME: _datetime,
}


def _wrong_kind(field: Field, wanted: str) -> ApiError:
    quoted = "should be enclosed in quotes" if wanted == "string" else "should not be enclosed in quotes"
    message = f"value of filter criterion for field '{field.name}' must be of type {wanted} and {quoted}"
    return ApiError(400, "INVALID_FIELD", message)


def _bad_operator(field: Field) -> ApiError:
    message = f"invalid operator on {field.type.value} field '{field.name}'"
    return ApiError(400, "INVALID_QUERY_FILTER_OPERATOR", message)
