"""The permissions of profiles and permission sets, and what they amount to for the user who asks.

Source: https://developer.salesforce.com/docs/atlas.en-us.sfFieldRef.meta/sfFieldRef/salesforce_field_reference_Profile.htm
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from reconciler.simulator.objects.access import PERMISSIONS
from reconciler.simulator.objects.columns import flag, read_only
from reconciler.simulator.schema import Field, FieldType, Schema, SObject

ADMINISTRATOR = "System Administrator"
"""The profile that has every permission."""

LABELS: Mapping[str, str] = {
    "ApiEnabled": "API Enabled",
    "AssignPermissionSets": "Assign Permission Sets",
    "AuthorApex": "Author Apex",
    "ManageCssUsers": "Manage Customer Users",
    "ManageInternalUsers": "Manage Internal Users",
    "ManagePartners": "Manage External Users",
    "ManageMyExternalUsers": "Manage External Users (Limited)",
    "ManageProfilesPermissionsets": "Manage Profiles and Permission Sets",
    "ManageRoles": "Manage Roles",
    "ManageUsers": "Manage Users",
    "ModifyAllData": "Modify All Data",
    "ViewAllData": "View All Data",
    "ViewRoles": "View Roles and Role Hierarchy",
    "ViewSetup": "View Setup and Configuration",
}
"""A permission's API name without `Permissions` -> its name in Setup (F8.1)."""

_EFFECTIVE = (
    "(caller() = '' OR EXISTS (SELECT 1 FROM User u JOIN Profile p ON p.Id = u.ProfileId "
    f"WHERE u.Id = caller() AND (p.{{field}} OR p.Name = '{ADMINISTRATOR}')) "
    "OR EXISTS (SELECT 1 FROM PermissionSetAssignment a JOIN PermissionSet s ON s.Id = a.PermissionSetId "
    "WHERE a.AssigneeId = caller() AND s.{field}))"
)


def with_permissions(schema: Schema) -> Schema:
    """The schema with a checkbox for each permission on profiles and permission sets, and the caller's own."""
    access = [
        read_only(FieldType.BOOLEAN, name, label, nillable=False, sortable=False, derived=_EFFECTIVE.format(field=name))
        for name, label in _named()
    ]
    own = [read_only(FieldType.BOOLEAN, name, label, nillable=False, default=False) for name, label in _named()]
    sets = [flag(name, label) for name, label in _named()]
    added = {"userpermissionaccess": access, "profile": own, "permissionset": sets}
    return Schema({name: _with(item, added.get(name, [])) for name, item in schema.objects.items()})


def _named() -> Iterator[tuple[str, str]]:
    return ((f"Permissions{name}", LABELS[name]) for name in PERMISSIONS)


def _with(item: SObject, fields: list[Field]) -> SObject:
    return replace(item, fields={**item.fields, **{field.name.lower(): field for field in fields}})
