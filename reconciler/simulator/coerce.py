"""A row as a client sends it -> the fields that are stored; raises RowError as Salesforce would.

Clients send JSON values, CSV and XML only text: text that spells a value of the field's type is that value.
"""

import math
import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from reconciler.simulator import messages
from reconciler.simulator.errors import RowError
from reconciler.simulator.ids import to_18
from reconciler.simulator.org import Org
from reconciler.simulator.schema import Field, FieldType, SObject
from reconciler.simulator.soql.dates import stored_datetime
from reconciler.simulator.store import Scalar

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+\Z")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(T|\Z)")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_SYSTEM_FIELDS: Mapping[str, frozenset[str]] = {
    "UserRole": frozenset({"PortalType", "PortalRole", "PortalAccountId", "PortalAccountOwnerId"})
}
"""Fields of portal roles, which Salesforce alone makes; an attempt has an error of its own (F3.4, reported).

Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_role.htm
"""

_LARGEST_INT = 2**31 - 1


def read_row(org: Org, sobject: SObject, row: Mapping[str, object], *, is_insert: bool) -> dict[str, Scalar]:
    """The row under the schema's own names, as stored values; its Id and `attributes` are left out."""
    given: dict[str, Scalar] = {}
    forbidden: list[str] = []
    for name, sent in row.items():
        if name.lower() in {"attributes", "id"}:
            continue
        item, value = _resolved(org, sobject, name, sent)
        if item.name in _SYSTEM_FIELDS.get(sobject.name, ()):
            raise RowError("FIELD_INTEGRITY_EXCEPTION", messages.PORTAL_ROLE_FIELD, ("Name",))
        if item.createable if is_insert else item.updateable:
            given[item.name] = coerce(org, item, value)
        else:
            forbidden.append(item.name)
    if forbidden:
        message = messages.READ_ONLY.format(fields=", ".join(forbidden))
        raise RowError("INVALID_FIELD_FOR_INSERT_UPDATE", message, tuple(forbidden))
    return given


def _resolved(org: Org, sobject: SObject, name: str, value: object) -> tuple[Field, object]:
    """A field and its value; `{"Owner": {"Username": "x"}}` and `Owner.Username` name a parent by an external id.

    Where a reference may lead to several objects, the parent's own type says which: `Owner:User.Username`.
    """
    path, _, key = name.partition(".")
    relation, _, kind = path.partition(":")
    link = sobject.relationship(relation)
    if link is not None and (key or isinstance(value, Mapping)):
        given = {"attributes": {"type": kind}, key: value} if key else value
        return link, _parent_id(org, link, given)
    item = sobject.field(name)
    if item is None:
        raise RowError("INVALID_FIELD", messages.NO_SUCH_COLUMN.format(field=name, sobject=sobject.name), (name,))
    return item, value


def _parent_id(org: Org, link: Field, given: object) -> str | None:
    wanted = {key: value for key, value in given.items() if key != "attributes"} if isinstance(given, Mapping) else {}
    name, value = next(iter(wanted.items()), ("", None))
    target = _target(link, given)
    parent = org.schema.object(target)
    item = parent.field(name) if parent else None
    if parent is None or item is None or not (item.external_id or item.id_lookup) or len(wanted) != 1:
        message = messages.NOT_EXTERNAL_ID.format(field=name, sobject=target)
        raise RowError("INVALID_FIELD", message, (link.name,))
    if value is None or value == "":
        return None
    found = _records_with(org, parent, item, value)
    if len(found) != 1:
        message = messages.NO_PARENT.format(value=value, field=item.name, sobject=parent.name)
        raise RowError("INVALID_FIELD", message, (link.name,))
    return found[0]


def _target(link: Field, given: object) -> str:
    """The object that a parent is said to be of, or else the first that the field may refer to."""
    attributes = given.get("attributes") if isinstance(given, Mapping) else None
    kind = str(attributes.get("type") or "") if isinstance(attributes, Mapping) else ""
    return next((name for name in link.reference_to if name.lower() == kind.lower()), link.reference_to[0])


def _records_with(org: Org, sobject: SObject, item: Field, value: object) -> list[str]:
    """The Ids of the records with that key; a value that the key can't have is no record's."""
    if item.type is FieldType.ID:
        wanted: Scalar = to_18(str(value))
    else:
        try:
            wanted = coerce(org, item, value)
        except RowError:
            return []
    kept = " AND IsDeleted = 0" if sobject.undeletable else ""
    query = f'SELECT Id FROM "{sobject.name}" WHERE "{item.name}" = ?{kept} LIMIT 2'
    return [str(row[0]) for row in org.store.select(query, [wanted])]


def coerce(org: Org, field: Field, value: object) -> Scalar:
    """The stored form of one value; empty text is null."""
    if value is None or value == "":
        return None
    if isinstance(value, (Mapping, list)) or (isinstance(value, (bool, int, float)) and field.type not in _NOT_TEXT):
        raise _wrong_json(field, value)
    return _BY_TYPE.get(field.type, _text)(org, field, value)


def _wrong_json(field: Field, value: object) -> RowError:
    token = next((name for kind, name in _TOKENS.items() if isinstance(value, kind)), "VALUE_STRING")
    shown = str(value).lower() if isinstance(value, bool) else value
    message = messages.WRONG_JSON.format(type=field.type, token=token, value=shown)
    return RowError("JSON_PARSER_ERROR", message, (field.name,))


def _wrong_type(field: Field, value: object) -> RowError:
    message = messages.WRONG_TYPE.format(label=field.label, value=value)
    return RowError("INVALID_TYPE_ON_FIELD_IN_RECORD", message, (field.name,))


def _text(_: Org, field: Field, value: object) -> Scalar:
    text = str(value).strip()
    if field.length and len(text) > field.length:
        message = messages.TOO_LONG.format(label=field.label, value=text, length=field.length)
        raise RowError("STRING_TOO_LONG", message, (field.name,))
    if _SURROGATE.search(text):
        message = messages.NOT_TEXT.format(label=field.label)
        raise RowError("JSON_PARSER_ERROR", message, (field.name,))
    return text or None


def _email(org: Org, field: Field, value: object) -> Scalar:
    text = _text(org, field, value)
    if text is not None and not _EMAIL.match(str(text)):
        message = messages.BAD_EMAIL.format(label=field.label, value=text)
        raise RowError("INVALID_EMAIL_ADDRESS", message, (field.name,))
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


def _multipicklist(org: Org, field: Field, value: object) -> Scalar:
    """Values parted by semicolons, in the order of the field's own, once each."""
    chosen = [part for part in str(value).split(";") if part]
    for part in chosen if field.restricted else ():
        _picklist(org, field, part)
    known = {part: place for place, part in enumerate(field.picklist)}
    ordered = sorted(dict.fromkeys(chosen), key=lambda part: known.get(part, len(known)))
    return _text(org, field, ";".join(ordered))


def _boolean(_: Org, field: Field, value: object) -> Scalar:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise _wrong_json(field, value)
    text = str(value).lower()
    if text not in {"true", "false", "1", "0"}:
        raise _wrong_type(field, value)
    return text in {"true", "1"}


def _number(_: Org, field: Field, value: object) -> Scalar:
    if isinstance(value, bool):
        raise _wrong_json(field, value)
    try:
        number = float(str(value))
    except ValueError:
        raise _wrong_type(field, value) from None
    is_whole = number.is_integer() and abs(number) <= _LARGEST_INT
    if not math.isfinite(number) or (field.type is FieldType.INT and not is_whole):
        raise _wrong_type(field, value)
    return int(number) if field.type is FieldType.INT else _rounded(field, number)


def _rounded(field: Field, number: float) -> Scalar:
    """A number of as many places as its field has; raises RowError for one with more digits before them."""
    if not field.custom:
        return number
    most = 10 ** (field.precision - field.scale)
    if abs(number) < most:
        rounded = Decimal(str(number)).quantize(Decimal(1).scaleb(-field.scale), ROUND_HALF_UP)
        if abs(rounded) < most:
            return float(rounded)
    message = messages.OUT_OF_RANGE.format(label=field.label, value=number)
    raise RowError("NUMBER_OUTSIDE_VALID_RANGE", message, (field.name,))


def _date(_: Org, field: Field, value: object) -> Scalar:
    text = str(value)
    try:
        if _DATE.match(text):
            return date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        pass
    raise _wrong_type(field, value)


def _datetime(_: Org, field: Field, value: object) -> Scalar:
    stored = stored_datetime(str(value))
    if stored is None:
        raise _wrong_type(field, value)
    return stored


def _reference(org: Org, field: Field, value: object) -> Scalar:
    found = to_18(str(value))
    if found is None:
        message = messages.MALFORMED_ID.format(label=field.label, value=value)
        raise RowError("MALFORMED_ID", message, (field.name,))
    targets = [target for name in field.reference_to if (target := org.schema.object(name))]
    target = next((item for item in targets if found.startswith(item.key_prefix)), None)
    if target is None:
        message = messages.MALFORMED_ID.format(label=field.label, value=value)
        raise RowError("FIELD_INTEGRITY_EXCEPTION", message, (field.name,))
    undeleted = " AND IsDeleted = 0" if target.undeletable else ""
    if not org.store.select(f'SELECT 1 FROM "{target.name}" WHERE Id = ?{undeleted}', [found]):
        raise RowError("INVALID_CROSS_REFERENCE_KEY", messages.BAD_REFERENCE)
    return found


_NOT_TEXT = frozenset({FieldType.BOOLEAN, FieldType.INT, FieldType.DOUBLE, FieldType.CURRENCY, FieldType.PERCENT})

_TOKENS: Mapping[type, str] = {
    bool: "VALUE_BOOLEAN",
    int: "VALUE_NUMBER_INT",
    float: "VALUE_NUMBER_FLOAT",
    list: "START_ARRAY",
    dict: "START_OBJECT",
}
"""The kinds of JSON value, as the parser's message names them."""

_BY_TYPE: Mapping[FieldType, Callable[[Org, Field, object], Scalar]] = {
    FieldType.EMAIL: _email,
    FieldType.PICKLIST: _picklist,
    FieldType.MULTIPICKLIST: _multipicklist,
    FieldType.BOOLEAN: _boolean,
    FieldType.INT: _number,
    FieldType.DOUBLE: _number,
    FieldType.CURRENCY: _number,
    FieldType.PERCENT: _number,
    FieldType.DATE: _date,
    FieldType.DATETIME: _datetime,
    FieldType.REFERENCE: _reference,
    FieldType.ID: _reference,
}
