"""Fields of records and of other objects, read and set."""

from collections.abc import Mapping

from reconciler.simulator.apex.conversion import only
from reconciler.simulator.apex.failure import null_reference, thrown
from reconciler.simulator.apex.problem import CompileProblem, Thrown
from reconciler.simulator.apex.tree import Place
from reconciler.simulator.apex.values import ApexList, Box, Record, Value
from reconciler.simulator.schema import Schema, SObject

AGGREGATE = "AggregateResult"
_SETTABLE: Mapping[str, Mapping[str, str]] = {
    "database.dmloptions": {
        "optallornone": "optAllOrNone",
        "allowfieldtruncation": "allowFieldTruncation",
        "localeoptions": "localeOptions",
    },
    "database.dmloptions.duplicateruleheader": {
        "allowsave": "allowSave",
        "runascurrentuser": "runAsCurrentUser",
        "includerecorddetails": "includeRecordDetails",
    },
    "database.dmloptions.emailheader": {
        "triggeruseremail": "triggerUserEmail",
        "triggerautoresponseemail": "triggerAutoResponseEmail",
        "triggerotheremail": "triggerOtherEmail",
    },
}
"""Properties that a script may set.

Source: https://developer.salesforce.com/docs/atlas.en-us.apexref.meta/apexref/apex_methods_system_database_dmloptions.htm
"""

_INSIDE: Mapping[str, str] = {"duplicateruleheader": "DuplicateRuleHeader", "emailheader": "EmailHeader"}


def read_member(schema: Schema, owner: Value, name: str, at: Place) -> Value:
    """`owner.name`; raises Thrown and CompileProblem."""
    if isinstance(owner, ApexList) and owner.is_queried:
        owner = only(owner, at)
    match owner:
        case None:
            raise null_reference(at)
        case Record():
            return _read_field(schema, owner, name, at)
        case Box():
            return _read_box(owner, name, at)
        case _:
            raise CompileProblem(at, f"Variable does not exist: {name}")


def set_member(schema: Schema, owner: Value, name: str, value: Value, at: Place) -> None:
    """`owner.name = value`; raises Thrown and CompileProblem."""
    match owner:
        case None:
            raise null_reference(at)
        case Record():
            set_field(schema, owner, name, value, at)
        case Box() if name.lower() in _SETTABLE.get(owner.kind.lower(), {}):
            owner.values[_SETTABLE[owner.kind.lower()][name.lower()]] = value
        case _:
            raise CompileProblem(at, f"Variable does not exist: {name}")


def set_field(schema: Schema, record: Record, name: str, value: Value, at: Place) -> None:
    """Set a field of a record, or a parent that is named by an external id."""
    sobject = _sobject(schema, record)
    field = sobject.field(name)
    link = sobject.relationship(name)
    if field is None and (link is None or not isinstance(value, Record | None)):
        raise CompileProblem(at, f"Field does not exist: {name} on {record.sobject}")
    own = field.name if field else str(link and link.relationship_name)
    record.values[own] = value
    if own != "Id":
        record.changed.add(own)


def _read_field(schema: Schema, record: Record, name: str, at: Place) -> Value:
    sobject = _sobject(schema, record)
    field = sobject.field(name)
    if field is None:
        return _read_relationship(sobject, record, name, at)
    if field.name in record.values:
        return record.values[field.name]
    if record.queried is not None:
        raise _not_queried(record, field.name, at)
    return bool(field.default) if field.type == "boolean" and name.lower() != "id" else None


def _read_relationship(sobject: SObject, record: Record, name: str, at: Place) -> Value:
    link = sobject.relationship(name)
    children = next((child for child in sobject.children if child.name.lower() == name.lower()), None)
    if link is None and children is None:
        raise CompileProblem(at, f"Variable does not exist: {name}")
    own = str(link.relationship_name) if link else str(children and children.name)
    if own in record.values:
        return record.values[own]
    if record.queried is None:
        return None if link else ApexList([])
    raise _not_queried(record, own, at)


def _not_queried(record: Record, name: str, at: Place) -> Thrown:
    message = f"SObject row was retrieved via SOQL without querying the requested field: {record.sobject}.{name}"
    return thrown(at, "System.SObjectException", message)


def _read_box(box: Box, name: str, at: Place) -> Value:
    inside = _INSIDE.get(name.lower())
    if box.kind.lower() == "database.dmloptions" and inside:
        return box.values.setdefault(inside, Box(f"Database.DMLOptions.{inside}"))
    settable = _SETTABLE.get(box.kind.lower(), {})
    if name.lower() in settable:
        return box.get(settable[name.lower()])
    raise CompileProblem(at, f"Variable does not exist: {name}")


def _sobject(schema: Schema, record: Record) -> SObject:
    found = schema.object(record.sobject)
    if found is None:
        raise CompileProblem(Place(1, 1), f"Invalid type: {record.sobject}")
    return found
