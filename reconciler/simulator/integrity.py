"""What any record is held to, whatever its object: defaults, required fields, parents, values that are its alone."""

from collections.abc import Mapping
from functools import lru_cache

from reconciler.simulator import messages
from reconciler.simulator.errors import RowError
from reconciler.simulator.schema import Field, SObject
from reconciler.simulator.store import Scalar
from reconciler.simulator.write import Operation, Write

_SCHEMAS = 512
"""Objects that are remembered: those of about twenty orgs with fields of their own."""


def with_defaults(sobject: SObject, given: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """A new record; a field that is null has its default."""
    defaults = _defaults(sobject)
    return {**defaults, **{name: value for name, value in given.items() if value is not None or name not in defaults}}


@lru_cache(_SCHEMAS)
def _defaults(sobject: SObject) -> Mapping[str, Scalar]:
    return {item.name: item.default for item in sobject if not item.derived and item.default is not None}


def require(write: Write) -> None:
    """Required fields: all of them in an insert, in an update those that it sets (F4.1, F5.1)."""
    missing = tuple(
        item.name
        for item in _required(write.sobject)
        if (not _is_filled_in(item) if write.is_insert else item.name in write.given)
        and write.after.get(item.name) is None
    )
    if missing:
        raise RowError("REQUIRED_FIELD_MISSING", messages.REQUIRED.format(fields=", ".join(missing)), missing)


@lru_cache(_SCHEMAS)
def _required(sobject: SObject) -> tuple[Field, ...]:
    return tuple(item for item in sobject if not item.nillable and (item.createable or item.updateable))


def _is_filled_in(item: Field) -> bool:
    """Whether Salesforce itself fills in a required field of a new record (F4.1)."""
    return item.defaulted_on_create or item.name == "CommunityNickname"


def keep_parents(write: Write) -> None:
    """A restored record's references lead to records that are there (inferred: it waits for its parents)."""
    for item in write.sobject:
        value = write.after.get(item.name)
        if value is None or item.derived or not item.reference_to:
            continue
        parents = [parent for name in item.reference_to if (parent := write.org.schema.object(name))]
        parent = next(parent for parent in parents if str(value).startswith(parent.key_prefix))
        if parent.undeletable and not write.get(parent.name, value):
            raise RowError("INVALID_CROSS_REFERENCE_KEY", messages.BAD_REFERENCE)


def keep_record_type(write: Write) -> None:
    """A record has a record type of its own object."""
    if write.sobject.field("RecordTypeId") is None or not write.changes("RecordTypeId"):
        return
    chosen = write.after.get("RecordTypeId")
    if chosen is not None and write.get("RecordType", chosen).get("SobjectType") != write.sobject.name:
        message = messages.RECORD_TYPE.format(id=chosen)
        raise RowError("INVALID_CROSS_REFERENCE_KEY", message, ("RecordTypeId",))


def keep_unique(write: Write) -> None:
    """A value of a unique custom field, and what names a record of the org's setup, is the record's alone.

    Users' own names have rules. What lies in the recycle bin takes no value.
    """
    for item in _unique(write.sobject):
        other = _other_with(write, (item.name,))
        if other is not None:
            message = messages.DUPLICATE_VALUE.format(field=item.name, id=other)
            raise RowError("DUPLICATE_VALUE", message)
    names = write.sobject.named_by
    if names and _other_with(write, names) is not None:
        item = write.sobject.fields[names[-1].lower()]
        raise RowError("DUPLICATE_DEVELOPER_NAME", messages.NAME_TAKEN.format(label=item.label), (item.name,))


@lru_cache(_SCHEMAS)
def _unique(sobject: SObject) -> tuple[Field, ...]:
    return tuple(item for item in sobject if item.unique and item.custom)


def _other_with(write: Write, names: tuple[str, ...]) -> str | None:
    """The Id of another record with the same new values."""
    values = [write.after.get(name) for name in names]
    is_back = write.operation is Operation.UNDELETE
    if None in values or not (is_back or write.changes(*names)):
        return None
    kept = " AND IsDeleted = 0" if write.sobject.undeletable else ""
    where = " AND ".join(f'"{name}" = ?' for name in names)
    query = f'SELECT Id FROM "{write.sobject.name}" WHERE {where} AND Id IS NOT ?{kept} LIMIT 1'
    found = write.org.store.select(query, [*values, write.was("Id")])
    return str(found[0][0]) if found else None


def stored(sobject: SObject, values: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """The values that are kept; the others are worked out when they are read."""
    return {name: value for name, value in values.items() if sobject.fields[name.lower()].derived is None}
