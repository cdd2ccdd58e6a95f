"""Short ways to write the rows of the object tables; each gives a Field with the flags that its kind of field has."""

from typing import Any

from reconciler.simulator.schema import Field, FieldType

_WRITABLE = {"createable": True, "updateable": True}


def text(name: str, label: str, length: int, **flags: Any) -> Field:
    """A writable text field."""
    return Field(name, FieldType.STRING, label, length, **{**_WRITABLE, **flags})


def typed(type_: FieldType, name: str, label: str, length: int = 0, **flags: Any) -> Field:
    """A writable field of another type."""
    return Field(name, type_, label, length, **{**_WRITABLE, **flags})


def flag(name: str, label: str, *, default: bool = False, **flags: Any) -> Field:
    """A writable checkbox."""
    given = {**_WRITABLE, "nillable": False, "defaulted_on_create": True, "default": default, **flags}
    return Field(name, FieldType.BOOLEAN, label, **given)


def picklist(name: str, label: str, values: tuple[str, ...], length: int = 40, **flags: Any) -> Field:
    """A writable picklist."""
    return Field(name, FieldType.PICKLIST, label, length, picklist=values, **{**_WRITABLE, **flags})


def reference(name: str, label: str, to: str, relationship: str, **flags: Any) -> Field:
    """A writable reference; `relationship` is the parent's name in SOQL."""
    given = {**_WRITABLE, "reference_to": (to,), "relationship_name": relationship, **flags}
    return Field(name, FieldType.REFERENCE, label, 18, **given)


def read_only(type_: FieldType, name: str, label: str, length: int = 0, **flags: Any) -> Field:
    """A field that Salesforce alone sets."""
    return Field(name, type_, label, length, **flags)


def record_id(label: str) -> Field:
    """The Id field."""
    return Field("Id", FieldType.ID, label, 18, nillable=False, defaulted_on_create=True, id_lookup=True)


def audit(*, with_users: bool = True) -> tuple[Field, ...]:
    """CreatedDate and its sisters."""
    given: dict[str, Any] = {"nillable": False, "defaulted_on_create": True}
    date = FieldType.DATETIME
    dates = (
        read_only(date, "CreatedDate", "Created Date", **given),
        read_only(date, "LastModifiedDate", "Last Modified Date", **given),
        read_only(date, "SystemModstamp", "System Modstamp", **given),
    )
    user: dict[str, Any] = {**given, "reference_to": ("User",)}
    by = FieldType.REFERENCE
    users = (
        read_only(by, "CreatedById", "Created By ID", 18, relationship_name="CreatedBy", **user),
        read_only(by, "LastModifiedById", "Last Modified By ID", 18, relationship_name="LastModifiedBy", **user),
    )
    return (*(users if with_users else ()), *dates)


def deleted() -> Field:
    """IsDeleted, of objects with a recycle bin."""
    return read_only(FieldType.BOOLEAN, "IsDeleted", "Deleted", nillable=False, defaulted_on_create=True, default=False)


def address(prefix: str, label: str) -> tuple[Field, ...]:
    """The parts of an address; lengths as in a recorded describe."""
    return (
        typed(FieldType.TEXTAREA, f"{prefix}Street", f"{label}Street", 255),
        text(f"{prefix}City", f"{label}City", 40),
        text(f"{prefix}State", f"{label}State/Province", 80),
        text(f"{prefix}PostalCode", f"{label}Zip/Postal Code", 20),
        text(f"{prefix}Country", f"{label}Country", 80),
        typed(FieldType.DOUBLE, f"{prefix}Latitude", f"{label}Latitude", precision=18, scale=15),
        typed(FieldType.DOUBLE, f"{prefix}Longitude", f"{label}Longitude", precision=18, scale=15),
    )
