"""Functions of SOQL: of dates, of groups, of text; each by the SQL that computes it.

Source: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_date_functions.htm
and sforce_api_calls_soql_select_agg_functions.htm beside it
"""

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.simulator.schema import Field, FieldType

_CALENDAR = frozenset({FieldType.DATE, FieldType.DATETIME})
_MOMENTS = frozenset({FieldType.DATETIME})
_NUMBERS = frozenset({FieldType.INT, FieldType.DOUBLE, FieldType.CURRENCY, FieldType.PERCENT})
_ORDERED = frozenset(FieldType) - {FieldType.BOOLEAN, FieldType.MULTIPICKLIST, FieldType.TEXTAREA, FieldType.ADDRESS}
_ANY = frozenset(FieldType) - {FieldType.ADDRESS}


@dataclass(frozen=True, slots=True)
class Function:
    """A function: the types that it takes, its SQL, the type that it gives (None for that of its argument).

    `{x}` stands for the argument, `{fiscal}` for the fiscal year's first month, `{label}` for the argument's label.
    A function that only shows a field otherwise keeps its name.
    """

    takes: frozenset[FieldType]
    sql: str
    gives: FieldType | None = None
    is_aggregate: bool = False
    keeps_name: bool = False


_DAY = "substr({x},1,10)"
_YEAR, _MONTH = "CAST(substr({x},1,4) AS INTEGER)", "CAST(substr({x},6,2) AS INTEGER)"
_FISCAL_MONTH = f"(({_MONTH} - {{fiscal}} + 12) % 12 + 1)"


def _of_date(sql: str, takes: frozenset[FieldType] = _CALENDAR, gives: FieldType = FieldType.INT) -> Function:
    return Function(takes, sql, gives)


def _of_group(sql: str, takes: frozenset[FieldType], gives: FieldType | None = None) -> Function:
    return Function(takes, sql, gives, is_aggregate=True)


FUNCTIONS: Mapping[str, Function] = {
    "CALENDAR_YEAR": _of_date(_YEAR),
    "CALENDAR_QUARTER": _of_date(f"(({_MONTH} + 2) / 3)"),
    "CALENDAR_MONTH": _of_date(_MONTH),
    "DAY_IN_MONTH": _of_date("CAST(substr({x},9,2) AS INTEGER)"),
    "DAY_IN_WEEK": _of_date(f"(CAST(strftime('%w',{_DAY}) AS INTEGER) + 1)"),
    "DAY_IN_YEAR": _of_date(f"CAST(strftime('%j',{_DAY}) AS INTEGER)"),
    "DAY_ONLY": _of_date(_DAY, _MOMENTS, FieldType.DATE),
    "FISCAL_MONTH": _of_date(_FISCAL_MONTH),
    "FISCAL_QUARTER": _of_date(f"(({_FISCAL_MONTH} + 2) / 3)"),
    # A fiscal year is named for the calendar year that it ends in.
    "FISCAL_YEAR": _of_date(f"({_YEAR} + ({{fiscal}} > 1 AND {_MONTH} >= {{fiscal}}))"),
    "HOUR_IN_DAY": _of_date("CAST(substr({x},12,2) AS INTEGER)", _MOMENTS),
    # Weeks of a month and of a year begin with its first day, whatever day of the week that is.
    "WEEK_IN_MONTH": _of_date("((CAST(substr({x},9,2) AS INTEGER) + 6) / 7)"),
    "WEEK_IN_YEAR": _of_date(f"((CAST(strftime('%j',{_DAY}) AS INTEGER) + 6) / 7)"),
    "CONVERTTIMEZONE": Function(_MOMENTS, "local_time({x},(SELECT TimeZoneSidKey FROM User WHERE Id = caller()))"),
    "COUNT": _of_group("count({x})", _ANY, FieldType.INT),
    "COUNT_DISTINCT": _of_group("count(DISTINCT {x} COLLATE NOCASE)", _ANY, FieldType.INT),
    "SUM": _of_group("sum({x})", _NUMBERS),
    "AVG": _of_group("avg({x})", _NUMBERS, FieldType.DOUBLE),
    "MIN": _of_group("min({x})", _ORDERED),
    "MAX": _of_group("max({x})", _ORDERED),
    "TOLABEL": Function(_ANY, "{label}", keeps_name=True),
    "FORMAT": Function(_ANY, "CAST({x} AS TEXT)", FieldType.STRING, keeps_name=True),
}
"""Functions by upper-cased name."""


def computed(function: Function, field: Field, sql: str, fiscal: int) -> str:
    """The SQL of a function of a field."""
    return function.sql.format(x=sql, fiscal=fiscal, label=_label(field, sql))


def _label(field: Field, sql: str) -> str:
    """The label of a picklist's value; any other value is its own."""
    if not field.labels:
        return sql
    whens = (
        f"WHEN {_quoted(value)} THEN {_quoted(label)}"
        for value, label in zip(field.picklist, field.labels, strict=True)
    )
    return f"(CASE {sql} {' '.join(whens)} ELSE {sql} END)"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
