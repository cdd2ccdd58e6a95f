"""Short ways to write the rows of the object tables; each gives a Field with the flags that its kind of field has."""

from typing import Any

from reconciler.simulator.schema import Field, FieldType

_WRITABLE = {"createable": True, "updateable": True}

_UNGROUPABLE = frozenset(
    {
        FieldType.DATETIME,
        FieldType.DOUBLE,
        FieldType.CURRENCY,
        FieldType.PERCENT,
        FieldType.MULTIPICKLIST,
        FieldType.ADDRESS,
    }
)
"""Types by which rows can't be grouped.

Source: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_group_by_considerations.htm
"""

_PLAIN_AREA = "plaintextarea"

LANGUAGES = (
    "en_US", "de", "es", "fr", "it", "ja", "sv", "ko", "zh_TW", "zh_CN", "pt_BR", "nl_NL", "da", "th", "fi", "ru",
    "es_MX", "no",
)  # fmt: skip

GEOCODE_ACCURACIES = (
    "Address", "NearAddress", "Block", "Street", "ExtendedZip", "Zip", "Neighborhood", "City", "County", "State",
    "Unknown",
)  # fmt: skip


def read_only(type_: FieldType, name: str, label: str, length: int = 0, **flags: Any) -> Field:
    """A field that Salesforce alone sets."""
    return Field(name, type_, label, length, **{"groupable": type_ not in _UNGROUPABLE, **flags})


def typed(type_: FieldType, name: str, label: str, length: int = 0, **flags: Any) -> Field:
    """A writable field of any type."""
    return read_only(type_, name, label, length, **{**_WRITABLE, **flags})


def text(name: str, label: str, length: int, **flags: Any) -> Field:
    """A writable text field."""
    return typed(FieldType.STRING, name, label, length, **flags)


def area(name: str, label: str, length: int, **flags: Any) -> Field:
    """A writable text of several lines; one of more than 255 characters can be selected only."""
    can_be_asked = length <= 255
    given = {"filterable": can_be_asked, "sortable": can_be_asked, "groupable": can_be_asked, "extra": _PLAIN_AREA}
    return typed(FieldType.TEXTAREA, name, label, length, **{**given, **flags})


def flag(name: str, label: str, *, default: bool = False, **flags: Any) -> Field:
    """A writable checkbox."""
    given = {"nillable": False, "defaulted_on_create": True, "default": default, **flags}
    return typed(FieldType.BOOLEAN, name, label, **given)


def shown_flag(name: str, label: str, *, default: bool = False, **flags: Any) -> Field:
    """A checkbox that Salesforce alone sets."""
    return flag(name, label, default=default, createable=False, updateable=False, **flags)


def picklist(name: str, label: str, values: tuple[str, ...], length: int = 40, **flags: Any) -> Field:
    """A writable picklist."""
    return typed(FieldType.PICKLIST, name, label, length, picklist=values, **flags)


def language(**flags: Any) -> Field:
    """The language of the labels of a record that is part of the org's setup."""
    return picklist("Language", "Master Language", LANGUAGES, restricted=True, default="en_US", **flags)


def reference(name: str, label: str, to: str | tuple[str, ...], relationship: str | None, **flags: Any) -> Field:
    """A writable reference; `relationship` is the parent's name in SOQL."""
    targets = to if isinstance(to, tuple) else (to,)
    return typed(FieldType.REFERENCE, name, label, 18, reference_to=targets, relationship_name=relationship, **flags)


def shown_reference(name: str, label: str, to: str | tuple[str, ...], relationship: str | None, **flags: Any) -> Field:
    """A reference that Salesforce alone sets."""
    return reference(name, label, to, relationship, createable=False, updateable=False, **flags)


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
    users = (
        shown_reference("CreatedById", "Created By ID", "User", "CreatedBy", **given),
        shown_reference("LastModifiedById", "Last Modified By ID", "User", "LastModifiedBy", **given),
    )
    return (*(users if with_users else ()), *dates)


def deleted() -> Field:
    """IsDeleted."""
    return shown_flag("IsDeleted", "Deleted")


def looked_at() -> tuple[Field, ...]:
    """When the running user last saw a record, or one related to it."""
    return (
        read_only(FieldType.DATETIME, "LastViewedDate", "Last Viewed Date"),
        read_only(FieldType.DATETIME, "LastReferencedDate", "Last Referenced Date"),
    )


def address(prefix: str, label: str, **flags: Any) -> tuple[Field, ...]:
    """The parts of an address and the address itself; lengths as in a recorded describe."""
    whole = f"{prefix}Address"
    given = {"compound": whole, **flags}
    return (
        area(f"{prefix}Street", f"{label}Street", 255, **given),
        text(f"{prefix}City", f"{label}City", 40, **given),
        text(f"{prefix}State", f"{label}State/Province", 80, **given),
        text(f"{prefix}PostalCode", f"{label}Zip/Postal Code", 20, **given),
        text(f"{prefix}Country", f"{label}Country", 80, **given),
        typed(FieldType.DOUBLE, f"{prefix}Latitude", f"{label}Latitude", precision=18, scale=15, **given),
        typed(FieldType.DOUBLE, f"{prefix}Longitude", f"{label}Longitude", precision=18, scale=15, **given),
        picklist(f"{prefix}GeocodeAccuracy", f"{label}Geocode Accuracy", GEOCODE_ACCURACIES, restricted=True, **given),
        read_only(
            FieldType.ADDRESS, whole, f"{label}Address", sortable=False, permissionable=True, derived=_whole(prefix)
        ),
    )


_ADDRESS_PARTS = (
    "city", "country", "geocodeAccuracy", "latitude", "longitude", "postalCode", "state", "street",
)  # fmt: skip


def _whole(prefix: str) -> str:
    """The SQL of an address as JSON: null when nothing of it is known."""
    columns = {part: f"{{row}}.{prefix}{part[0].upper()}{part[1:]}" for part in _ADDRESS_PARTS}
    pairs = ",".join(f"'{part}',{column}" for part, column in columns.items())
    return f"CASE WHEN coalesce({','.join(columns.values())}) IS NOT NULL THEN json_object({pairs}) END"
