"""Relationships that lead to records of several objects: the few fields that all of them share, and TYPEOF.

Source: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_relationships_and_polymorph_keys.htm
"""

from collections.abc import Sequence

from reconciler.simulator.schema import Field, FieldType, Schema, SObject
from reconciler.simulator.soql import tree
from reconciler.simulator.tables import expression

_SHARED = ("Name", "Username", "Email", "FirstName", "LastName", "Alias", "IsActive", "Title", "Phone", "ProfileId")
"""Fields of the object `Name` that records of our objects have.

Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_name.htm
"""

_SHARED_TYPE = Field("Type", FieldType.PICKLIST, "Type")


def targets_of(schema: Schema, link: Field) -> tuple[SObject, ...]:
    """The objects that a reference may lead to."""
    return tuple(target for name in link.reference_to if (target := schema.object(name)))


def shared_object(schema: Schema, link: Field, value: str) -> SObject:
    """The object `Name` behind a reference, whose fields are read from whatever record it leads to."""
    targets = targets_of(schema, link)
    fields = {"id": Field("Id", FieldType.ID, "Name ID", derived=value)}
    for name in _SHARED:
        owners = [target for target in targets if target.field(name)]
        if owners:
            own = owners[0].fields[name.lower()]
            derived = _by_object(value, [(target, _read(target, name, value)) for target in owners])
            fields[name.lower()] = Field(own.name, own.type, own.label, derived=derived)
    kinds = _by_object(value, [(target, f"'{target.name}'") for target in targets])
    fields["type"] = Field(_SHARED_TYPE.name, _SHARED_TYPE.type, _SHARED_TYPE.label, derived=kinds)
    return SObject("Name", "Name", "Names", "", fields)


def _by_object(value: str, choices: Sequence[tuple[SObject, str]]) -> str:
    whens = " ".join(f"WHEN '{target.key_prefix}' THEN {sql}" for target, sql in choices)
    return f"(CASE substr({value},1,3) {whens} END)"


def _read(target: SObject, name: str, value: str) -> str:
    return f'(SELECT {expression(target.fields[name.lower()], "p")} FROM "{target.name}" p WHERE p.Id = {value})'


def fields_for(item: tree.TypeofItem, target: SObject) -> Sequence[tree.Path] | None:
    """The fields that TYPEOF asks of records of an object; None when it asks none."""
    for name, paths in item.whens:
        if name.text.lower() == target.name.lower():
            return paths
    return item.otherwise
