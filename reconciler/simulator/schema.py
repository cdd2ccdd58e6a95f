"""The types of the object tables in `objects/`: what a field and an sObject are.

Names follow Salesforce's describe result, snake-cased; only facts that differ from field to field are columns.
Source: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_describesobjects_describesobjectresult.htm
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum


class FieldType(StrEnum):
    """The `type` of a field in a describe result."""

    ID = "id"
    STRING = "string"
    TEXTAREA = "textarea"
    PICKLIST = "picklist"
    MULTIPICKLIST = "multipicklist"
    BOOLEAN = "boolean"
    INT = "int"
    DOUBLE = "double"
    CURRENCY = "currency"
    PERCENT = "percent"
    DATE = "date"
    DATETIME = "datetime"
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    REFERENCE = "reference"
    ADDRESS = "address"


class OnDelete(StrEnum):
    """What the deletion of a parent means to the records that refer to it."""

    NOTHING = "nothing"
    CASCADE = "cascade"
    RESTRICT = "restrict"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an sObject.

    `labels` are those of `picklist`, one each, where they differ from the values. `compound` is the field that shows
    this one among others, `extra` what describe calls `extraTypeInfo`. `permissionable` is None where the usual rule
    of the describe result holds. `default` is a literal; a default that depends on the record or the caller (OwnerId,
    CreatedDate) is an effect.
    `derived` is an SQL expression for a value that is never stored; `{row}` stands for the table's alias in it.
    """

    name: str
    type: FieldType
    label: str
    length: int = 0
    createable: bool = False
    updateable: bool = False
    nillable: bool = True
    defaulted_on_create: bool = False
    default: str | bool | int | None = None
    reference_to: tuple[str, ...] = ()
    relationship_name: str | None = None
    child_relationship: str | None = None
    on_delete: OnDelete = OnDelete.NOTHING
    picklist: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    restricted: bool = False
    unique: bool = False
    external_id: bool = False
    id_lookup: bool = False
    case_sensitive: bool = False
    name_field: bool = False
    filterable: bool = True
    sortable: bool = True
    groupable: bool = True
    custom: bool = False
    precision: int = 0
    scale: int = 0
    digits: int = 0
    compound: str | None = None
    extra: str | None = None
    permissionable: bool | None = None
    derived: str | None = None


@dataclass(frozen=True, slots=True)
class ChildRelationship:
    """A relationship seen from the parent: `(SELECT Id FROM Contacts)` on Account.

    `name` is empty where it can't be asked that way.
    """

    name: str
    child_object: str
    field: str
    on_delete: OnDelete = OnDelete.NOTHING


@dataclass(frozen=True, slots=True, eq=False)
class SObject:
    """One sObject: its fields by lower-cased name, in describe order.

    `undeletable` tells whether its deleted records lie in the recycle bin. `flags` are the flags of the describe result
    that are on besides those that every object has. No two records have the same values in the fields of `named_by`.
    """

    name: str
    label: str
    label_plural: str
    key_prefix: str
    fields: Mapping[str, Field]
    createable: bool = True
    updateable: bool = True
    deletable: bool = True
    undeletable: bool = False
    is_setup: bool = False
    flags: frozenset[str] = frozenset()
    named_by: tuple[str, ...] = ()
    children: tuple[ChildRelationship, ...] = ()

    def field(self, name: str) -> Field | None:
        """The field of that name, without regard to case."""
        return self.fields.get(name.lower())

    def relationship(self, name: str) -> Field | None:
        """The reference field behind a parent relationship (`Profile` -> `ProfileId`), without regard to case."""
        wanted = name.lower()
        return next((f for f in self if f.relationship_name and f.relationship_name.lower() == wanted), None)

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields.values())


@dataclass(frozen=True, slots=True)
class Schema:
    """All sObjects of an org by lower-cased name, parents before children."""

    objects: Mapping[str, SObject]

    def object(self, name: str) -> SObject | None:
        """The sObject of that name, without regard to case."""
        return self.objects.get(name.lower())

    def __iter__(self) -> Iterator[SObject]:
        return iter(self.objects.values())
