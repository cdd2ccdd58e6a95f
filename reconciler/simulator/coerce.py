"""A value as a client sends it -> the value that is stored; raises RowError as Salesforce would.

Clients send JSON values, CSV and XML only text: text that spells a value of the field's type is that value.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date

from reconciler.simulator import messages
from reconciler.simulator.errors import RowError
from reconciler.simulator.ids import to_18
from reconciler.simulator.org import Org
from reconciler.simulator.schema import Field, FieldType
from reconciler.simulator.soql.dates import stored_datetime
from reconciler.simulator.store import Scalar

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+\Z")


def coerce(org: Org, field: Field, value: object) -> Scalar:
    """The stored form of one value; empty text is null."""
    if value is None or value == "":
        return None
    if isinstance(value, (dict, list)) or (isinstance(value, (bool, int, float)) and field.type not in _NOT_TEXT):
        raise _wrong_type(field, value)
    return _BY_TYPE.get(field.type, _text)(org, field, value)


def _wrong_type(field: Field, value: object) -> RowError:
    message = messages.WRONG_TYPE.format(label=field.label, value=value)
    return RowError("INVALID_TYPE_ON_FIELD_IN_RECORD", message, (field.name,))


def _text(_: Org, field: Field, value: object) -> Scalar:
    text = str(value).strip()
    if field.length and len(text) > field.length:
        message = messages.TOO_LONG.format(label=field.label, value=text, length=field.length)
        raise RowError("STRING_TOO_LONG", message, (field.name,))
    return text or None


def _email(org: Org, field: Field, value: object) -> Scalar:
    text = _text(org, field, value)
    if text is not None and not _EMAIL.match(str(text)):
        raise RowError("INVALID_EMAIL_ADDRESS", messages.BAD_EMAIL.format(value=text), (field.name,))
    return text


def _picklist(org: Org, field: Field, value: object) -> Scalar:
    if not field.restricted:
        return _text(org, field, value)
    # "User" is the label of the level that the API calls Worker (F3.3): both are taken.
    wanted = "Worker" if field.name == "PortalRole" and value == "User" else value
    if wanted not in field.picklist:
        message = messages.BAD_PICKLIST.format(label=field.label, value=value)
        raise RowError("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, (field.name,))
    return str(wanted)


def _boolean(_: Org, field: Field, value: object) -> Scalar:
    text = str(value).lower()
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise _wrong_type(field, value)
    if text not in {"true", "false", "1", "0"}:
        raise _wrong_type(field, value)
    return text in {"true", "1"}


def _number(_: Org, field: Field, value: object) -> Scalar:
    if isinstance(value, bool):
        raise _wrong_type(field, value)
    try:
        number = float(str(value))
    except ValueError:
        raise _wrong_type(field, value) from None
    return int(number) if field.type is FieldType.INT and number.is_integer() else number


def _date(_: Org, field: Field, value: object) -> Scalar:
    try:
        return date.fromisoformat(str(value)[:10]).isoformat()
    except ValueError:
        raise _wrong_type(field, value) from None


def _datetime(_: Org, field: Field, value: object) -> Scalar:
    stored = stored_datetime(str(value))
    if stored is None:
        raise _wrong_type(field, value)
    return stored


def _reference(org: Org, field: Field, value: object) -> Scalar:
    found = to_18(str(value))
    targets = [target for name in field.reference_to if (target := org.schema.object(name))]
    if found is None or not any(found.startswith(target.key_prefix) for target in targets):
        message = messages.MALFORMED_ID.format(label=field.label, value=value)
        raise RowError("MALFORMED_ID" if found is None else "FIELD_INTEGRITY_EXCEPTION", message, (field.name,))
    target = next(item for item in targets if found.startswith(item.key_prefix))
    if not org.store.select(f'SELECT 1 FROM "{target.name}" WHERE Id=?', [found]):
        raise RowError("INVALID_CROSS_REFERENCE_KEY", messages.BAD_REFERENCE, (field.name,))
    return found


_NOT_TEXT = frozenset({FieldType.BOOLEAN, FieldType.INT, FieldType.DOUBLE, FieldType.CURRENCY})

_BY_TYPE: Mapping[FieldType, Callable[[Org, Field, object], Scalar]] = {
    FieldType.EMAIL: _email,
    FieldType.PICKLIST: _picklist,
    FieldType.BOOLEAN: _boolean,
    FieldType.INT: _number,
    FieldType.DOUBLE: _number,
    FieldType.CURRENCY: _number,
    FieldType.DATE: _date,
    FieldType.DATETIME: _datetime,
    FieldType.REFERENCE: _reference,
    FieldType.ID: _reference,
}
