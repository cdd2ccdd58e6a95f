"""Functions of fields: what each takes, gives and is in SQL, and in which clauses it may stand.

Source: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_functions.htm
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from reconciler.simulator.errors import ApiError
from reconciler.simulator.schema import Field, FieldType
from reconciler.simulator.soql.date_functions import DATE_FUNCTIONS, fiscal_year
from reconciler.simulator.soql.presentation import FORMATTED, formatted, in_order, labelled, quoted
from reconciler.simulator.soql.scope import Found, Scope
from reconciler.simulator.soql.tree import Call, Expression, Path


class Clause(StrEnum):
    """A part of a query that names fields."""

    SELECT = "SELECT"
    WHERE = "WHERE"
    GROUP_BY = "GROUP BY"
    HAVING = "HAVING"
    ORDER_BY = "ORDER BY"


_SUMMED = frozenset({FieldType.INT, FieldType.DOUBLE, FieldType.CURRENCY, FieldType.PERCENT})
_COUNTED = frozenset(FieldType) - {FieldType.BOOLEAN, FieldType.MULTIPICKLIST, FieldType.ADDRESS}
_WITH_GROUPS = frozenset({Clause.SELECT, Clause.HAVING, Clause.ORDER_BY})


@dataclass(frozen=True, slots=True)
class _Aggregate:
    """`gives` is the type of what is given, or None where that is the field's own."""

    sql: str
    takes: frozenset[FieldType]
    gives: FieldType | None


_AGGREGATES: Mapping[str, _Aggregate] = {
    "COUNT": _Aggregate("count({0})", _COUNTED, FieldType.INT),
    "COUNT_DISTINCT": _Aggregate("count(DISTINCT {0})", _COUNTED, FieldType.INT),
    "SUM": _Aggregate("sum({0})", _SUMMED, None),
    "AVG": _Aggregate("avg({0})", _SUMMED, FieldType.DOUBLE),
    "MIN": _Aggregate("min({0})", _COUNTED, None),
    "MAX": _Aggregate("max({0})", _COUNTED, None),
}
"""Source: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_agg_functions_field_types.htm"""


def is_aggregate(expression: Expression) -> bool:
    """Whether an expression sums up many rows."""
    if isinstance(expression, Path):
        return False
    return expression.name.upper() in _AGGREGATES or any(map(is_aggregate, expression.arguments))


def called(scope: Scope, call: Call, clause: Clause) -> Found:
    """What a function gives; raises MALFORMED_QUERY for one that there is not, or that can't stand there."""
    name = call.name.upper()
    kind = next((kind for kind in _KINDS if name in kind.names), None)
    if kind is None:
        raise _unknown(scope, call)
    if clause not in kind.clauses:
        raise scope.request.refused_own(call, f"{call.name}() can't be used in {clause.value}")
    if len(call.arguments) != 1:
        raise scope.request.refused_own(call, f"{call.name}() takes one field")
    return kind.make(scope, call, clause)


def look_up(scope: Scope, expression: Expression, clause: Clause) -> Found:
    """What an expression means in a clause; raises ApiError where it means nothing there."""
    if isinstance(expression, Call):
        return called(scope, expression, clause)
    return _LOOKED_UP.get(clause, Scope.find)(scope, expression)


_LOOKED_UP: Mapping[Clause, Callable[[Scope, Path], Found]] = {
    Clause.WHERE: Scope.find_filterable,
    Clause.GROUP_BY: Scope.find_groupable,
    Clause.ORDER_BY: Scope.find_sortable,
}


def _field(scope: Scope, call: Call) -> Found:
    """The field that a function is given."""
    given = call.arguments[0]
    if not isinstance(given, Path):
        raise scope.request.refused_own(call, f"{call.name}() takes a field")
    return scope.find(given)


def _aggregate(scope: Scope, call: Call, _: Clause) -> Found:
    aggregate = _AGGREGATES[call.name.upper()]
    found = _field(scope, call)
    is_long = found.field.type is FieldType.TEXTAREA and not found.field.filterable
    if found.field.type not in aggregate.takes or is_long:
        message = f"field {found.field.name} does not support aggregate operator {call.name.upper()}"
        raise scope.request.refused(call, "MALFORMED_QUERY", message)
    field = _given(found.field, call, aggregate.gives)
    is_ordered = field.type is FieldType.PICKLIST and found.field.restricted
    sql = in_order(found.field, found.sql, aggregate.sql) if is_ordered else aggregate.sql.format(found.compared)
    return _function(found, call, field, sql, is_aggregate=True)


def _date_function(scope: Scope, call: Call, _: Clause) -> Found:
    function = DATE_FUNCTIONS[call.name.upper()]
    given = call.arguments[0]
    is_local = isinstance(given, Call) and given.name.upper() == "CONVERTTIMEZONE"
    found = _in_zone(scope, given) if is_local and isinstance(given, Call) else _field(scope, call)
    if found.field.type not in function.takes:
        kinds = " or ".join(sorted(kind.value for kind in function.takes))
        raise scope.request.refused_own(call, f"{call.name}() takes a field of type {kinds}")
    year = fiscal_year(scope.request.org)
    sql = function.sql.format(found.sql, month=year.month, later=year.later)
    return _function(found, call, _given(found.field, call, function.gives), f"({sql})")


def _in_zone(scope: Scope, call: Call) -> Found:
    """`convertTimezone(field)`: the moment in the user's time zone."""
    found = _field(scope, call) if len(call.arguments) == 1 else None
    if found is None or found.field.type is not FieldType.DATETIME:
        raise scope.request.refused_own(call, f"{call.name}() takes a field of type datetime")
    sql = f"local_time({found.sql},{quoted(user_zone(scope))})"
    return _function(found, call, found.field, sql)


def _shown(scope: Scope, call: Call, _: Clause) -> Found:
    """`toLabel(field)`."""
    found = _field(scope, call)
    field = _given(found.field, call, FieldType.STRING)
    return replace(_function(found, call, field, labelled(found.field, found.sql)), inner=found)


def _formatted(scope: Scope, call: Call, clause: Clause) -> Found:
    """`FORMAT(field)`, or FORMAT of what another function gives."""
    found = look_up(scope, call.arguments[0], clause)
    if found.field.type not in FORMATTED:
        raise scope.request.refused_own(call, f"{call.name}() takes a number, a date or a date-time")
    sql = formatted(found.field, found.sql, user_zone(scope))
    field = _given(found.field, call, FieldType.STRING)
    made = _function(found, call, field, sql, is_aggregate=found.is_aggregate)
    return replace(made, inner=found)


def _converted(scope: Scope, call: Call, _: Clause) -> Found:
    raise scope.request.refused_own(call, f"{call.name}() needs an org with several currencies")


def _zone_alone(scope: Scope, call: Call, _: Clause) -> Found:
    raise scope.request.refused_own(call, f"{call.name}() can be used in a date function only")


@dataclass(frozen=True, slots=True)
class _Kind:
    """Functions that are made alike, and the clauses that they may stand in."""

    names: frozenset[str]
    make: Callable[[Scope, Call, Clause], Found]
    clauses: frozenset[Clause] = frozenset(Clause)


_KINDS = (
    _Kind(frozenset(_AGGREGATES), _aggregate, _WITH_GROUPS),
    _Kind(frozenset(DATE_FUNCTIONS), _date_function),
    _Kind(frozenset({"TOLABEL"}), _shown, frozenset({Clause.SELECT, Clause.WHERE})),
    _Kind(frozenset({"FORMAT"}), _formatted, frozenset({Clause.SELECT})),
    _Kind(frozenset({"CONVERTCURRENCY"}), _converted),
    _Kind(frozenset({"CONVERTTIMEZONE"}), _zone_alone),
)


def user_zone(scope: Scope) -> str:
    """The time zone of the user who asks, else the organization's."""
    sql = (
        "SELECT coalesce((SELECT TimeZoneSidKey FROM User WHERE Id = caller()), "
        "(SELECT TimeZoneSidKey FROM Organization LIMIT 1), 'UTC')"
    )
    [[zone]] = scope.request.org.store.select(sql)
    return str(zone)


def _function(found: Found, call: Call, field: Field, sql: str, *, is_aggregate: bool = False) -> Found:
    spelled = f"{call.name.upper()}({'.'.join(found.names)})"
    return Found(call, (spelled,), found.owner, field, sql, is_aggregate)


def _given(field: Field, call: Call, kind: FieldType | None) -> Field:
    """A field for what a function gives: of the type that is given, without what holds for the field itself alone."""
    return Field(
        call.text,
        kind or field.type,
        call.text,
        case_sensitive=field.case_sensitive,
        scale=field.scale,
        nillable=True,
    )


def _unknown(scope: Scope, call: Call) -> ApiError:
    place = Path("(", scope.request.text.index("(", call.at))
    return scope.request.refused(place, "MALFORMED_QUERY", "unexpected token: '('")
