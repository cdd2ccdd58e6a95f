"""References that lead to records of several objects: what can be asked of them without knowing which.

Salesforce shows such a parent as a record of the object Name, which has the fields that people, groups and things have.
Which of them a parent of ours has is inferred: those of its objects that go by these names.
Source: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_relationships_and_polymorph_keys.htm
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from reconciler.simulator.schema import Field, FieldType, SObject
from reconciler.simulator.store import expression

NAME = "Name"

_FIELDS = (
    *("Id", "Name", "FirstName", "MiddleName", "LastName", "Suffix", "Alias", "Username", "Email", "Phone", "Title"),
    *("IsActive", "ProfileId", "UserRoleId"),
)
_QUEUE = "Queue"


def alias_of(parent: str, number: int) -> str:
    """The alias of a parent's row in the table of one of its objects."""
    return f"{parent}p{number}"


@lru_cache(maxsize=256)
def name_object(targets: tuple[SObject, ...]) -> SObject:
    """The object Name over records of these objects; `{row}` in its fields' SQL is the parent's alias."""
    fields = {field.name.lower(): field for field in _fields(targets)}
    return SObject(NAME, NAME, "Names", "", fields, createable=False, updateable=False, deletable=False)


def _fields(targets: Sequence[SObject]) -> Iterator[Field]:
    for name in _FIELDS:
        rows = [(number, target.field(name) or _named(target, name)) for number, target in enumerate(targets)]
        found = [(number, field) for number, field in rows if field is not None]
        if found:
            cells = [expression(field, alias_of("{row}", number)) for number, field in found]
            merged = f"coalesce({','.join(cells)},NULL)"
            yield replace(found[0][1], name=name, derived=merged, child_relationship=None)
    yield Field("Type", FieldType.PICKLIST, "Type", derived=_type(targets))


def _named(target: SObject, name: str) -> Field | None:
    """The field that an object without a Name is called by."""
    return next((field for field in target if field.name_field), None) if name == NAME else None


def _type(targets: Sequence[SObject]) -> str:
    cases = " ".join(
        f"WHEN {alias_of('{row}', number)}.Id IS NOT NULL THEN {_type_name(target, alias_of('{row}', number))}"
        for number, target in enumerate(targets)
    )
    return f"CASE {cases} END"


def _type_name(target: SObject, alias: str) -> str:
    """A queue is a Group whose type is another."""
    if target.name != "Group":
        return f"'{target.name}'"
    return f"CASE {alias}.Type WHEN '{_QUEUE}' THEN '{_QUEUE}' ELSE 'Group' END"
