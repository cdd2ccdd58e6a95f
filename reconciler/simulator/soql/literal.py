"""Literals -> stored values, as the type of the field that they are compared with wants them."""

from collections.abc import Callable, Mapping

from reconciler.simulator.errors import ApiError
from reconciler.simulator.ids import to_18
from reconciler.simulator.messages import OWN_WORDS
from reconciler.simulator.schema import FieldType
from reconciler.simulator.soql.binds import bind_refused
from reconciler.simulator.soql.dates import compared_datetime, stored_date
from reconciler.simulator.soql.parse import unexpected_token
from reconciler.simulator.soql.quoted import TEXTS
from reconciler.simulator.soql.scope import Found, Request
from reconciler.simulator.soql.tree import DateLiteral, Literal, Path
from reconciler.simulator.store import Scalar

_STRING = ("string", "string", "should be")
_NUMBER = ("number", "double", "should not be")
_WANTED: Mapping[FieldType, tuple[str, str, str]] = {
    FieldType.ID: ("string", "ID", "should be"),
    FieldType.REFERENCE: ("string", "ID", "should be"),
    FieldType.BOOLEAN: ("boolean", "boolean", "should not be"),
    FieldType.INT: ("number", "int", "should not be"),
    FieldType.DOUBLE: _NUMBER,
    FieldType.CURRENCY: _NUMBER,
    FieldType.PERCENT: _NUMBER,
    FieldType.DATE: ("date", "date", "should not be"),
    FieldType.DATETIME: ("datetime", "dateTime", "should not be"),
}
"""Per type: the kind of literal, Salesforce's word for it, whether it is quoted."""

_CALENDAR: Mapping[FieldType, Callable[[str], str | None]] = {
    FieldType.DATE: stored_date,
    FieldType.DATETIME: compared_datetime,
}
_MADE: Mapping[str, Callable[[str, FieldType], str]] = {
    "bound_date": lambda text, kind: f"{text}T00:00:00Z" if kind is FieldType.DATETIME else text,
    "bound_datetime": lambda text, kind: text[: len("2026-01-01")] if kind is FieldType.DATE else text,
}
"""A variable's Date and Datetime are made into what the field wants; a query's own literals are not."""

_IDS = frozenset({FieldType.ID, FieldType.REFERENCE})


def stored_value(request: Request, found: Found, literal: Literal) -> Scalar:
    """The literal as the field's stored value; raises INVALID_FIELD where Salesforce wants another kind of literal.

    Source for booleans: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_null.htm
    """
    kind = found.field.type
    if literal.kind == "null":
        return 0 if kind is FieldType.BOOLEAN else None
    if isinstance(literal.value, DateLiteral):
        raise _date_literal_refused(request, found, literal, literal.value)
    if kind in _CALENDAR and literal.kind in _MADE:
        return _on_calendar(request, found, _MADE[literal.kind](str(literal.value), kind))
    wanted = _WANTED.get(kind, _STRING)[0]
    if literal.kind not in _SAME.get(wanted, (wanted,)):
        raise _refused(request, found, literal)
    if wanted == "string":
        text = TEXTS[literal.kind](str(literal.value))
        return _id(request, found, text) if kind in _IDS else text
    return _on_calendar(request, found, str(literal.value)) if kind in _CALENDAR else literal.value


_SAME: Mapping[str, tuple[str, ...]] = {"string": ("string", "text")}
"""Kinds of literals that stand for one another."""


def _refused(request: Request, found: Found, literal: Literal) -> ApiError:
    if literal.kind == "unquoted":
        return bind_refused(request.text, literal.at)
    if literal.kind == "currency":
        message = f"{literal.value}: currency codes need an org with several currencies" + OWN_WORDS
        return request.refused(Path(str(literal.value), literal.at), "MALFORMED_QUERY", message)
    return wrong_kind(request, found)


def wrong_kind(request: Request, found: Found) -> ApiError:
    """The answer to a literal of another type than the field's."""
    _, word, quoting = _WANTED.get(found.field.type, _STRING)
    message = (
        f"value of filter criterion for field '{found.field.name}' must be of type {word} "
        f"and {quoting} enclosed in quotes"
    )
    return request.refused(found.path, "INVALID_FIELD", message)


def _date_literal_refused(request: Request, found: Found, literal: Literal, value: DateLiteral) -> ApiError:
    """A date literal where it can't stand, or a word that is none."""
    if request.days(value) is None:
        return unexpected_token(request.text, value.name, literal.at)
    return wrong_kind(request, found)


def _id(request: Request, found: Found, text: str) -> str | None:
    if not text:
        return None
    full = to_18(text)
    if full is None:
        raise request.refused(found.path, "INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {text}")
    return full


def _on_calendar(request: Request, found: Found, text: str) -> str:
    value = _CALENDAR[found.field.type](text)
    if value is None:
        raise wrong_kind(request, found)
    return value
