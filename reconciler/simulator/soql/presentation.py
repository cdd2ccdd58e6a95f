"""`toLabel()` and `FORMAT()` as SQL: values as a user reads them.

FORMAT writes as the locale en_US does, whatever the user's (inferred: one locale is simulated).
Source: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_format.htm
"""

from collections.abc import Callable, Mapping

from reconciler.simulator.schema import Field, FieldType

_MOST_DIGITS = 15


def quoted(text: str) -> str:
    """A text as SQL writes it."""
    escaped = text.replace("'", "''").replace("\0", "")
    return f"'{escaped}'"


def labelled(field: Field, sql: str) -> str:
    """The label of a picklist's value; any other value is its own."""
    pairs = list(zip(field.picklist, field.labels, strict=True)) if field.labels else []
    cases = " ".join(f"WHEN {quoted(value)} THEN {quoted(label)}" for value, label in pairs if value != label)
    return f"(CASE {sql} {cases} ELSE {sql} END)" if cases else sql


def in_order(field: Field, sql: str, aggregate: str) -> str:
    """The least or greatest value of a picklist, whose order is that of its values."""
    places = " ".join(f"WHEN {quoted(value)} THEN {place}" for place, value in enumerate(field.picklist))
    values = " ".join(f"WHEN {place} THEN {quoted(value)}" for place, value in enumerate(field.picklist))
    return f"(CASE {aggregate.format(f'CASE {sql} {places} END')} {values} END)"


def formatted(field: Field, sql: str, zone: str) -> str:
    """A number, a date or a date-time as en_US writes it, a moment in that time zone."""
    return f"(CASE WHEN {sql} IS NOT NULL THEN {_WRITTEN[field.type](field, sql, zone)} END)"


def _number(field: Field, sql: str, _: str) -> str:
    places = 0 if field.type is FieldType.INT else min(field.scale, _MOST_DIGITS)
    rounded = f"round(abs({sql}),{places})"
    fraction = f"||substr(printf('%.{places}f',{rounded}),-{places + 1})" if places else ""
    return f"CASE WHEN {sql}<0 AND {rounded}>0 THEN '-' ELSE '' END||printf('%,d',CAST({rounded} AS INTEGER)){fraction}"


def _currency(field: Field, sql: str, zone: str) -> str:
    return f"CASE WHEN {sql}<0 THEN '-$' ELSE '$' END||{_number(field, f'abs({sql})', zone)}"


def _percent(field: Field, sql: str, zone: str) -> str:
    return f"{_number(field, sql, zone)}||'%'"


def _date(_: Field, sql: str, __: str) -> str:
    parts = ((6, 2), (9, 2), (1, 4))
    return "||'/'||".join(f"CAST(substr({sql},{start},{length}) AS INTEGER)" for start, length in parts)


def _moment(field: Field, sql: str, zone: str) -> str:
    local = f"local_time({sql},{quoted(zone)})"
    hour = f"CAST(substr({local},12,2) AS INTEGER)"
    return (
        f"{_date(field, local, zone)}||', '||(({hour}+11)%12+1)||substr({local},14,3)"
        f"||CASE WHEN {hour}<12 THEN ' AM' ELSE ' PM' END"
    )


_WRITTEN: Mapping[FieldType, Callable[[Field, str, str], str]] = {
    FieldType.INT: _number,
    FieldType.DOUBLE: _number,
    FieldType.CURRENCY: _currency,
    FieldType.PERCENT: _percent,
    FieldType.DATE: _date,
    FieldType.DATETIME: _moment,
}
FORMATTED = frozenset(_WRITTEN)
"""The types of fields that FORMAT takes."""
