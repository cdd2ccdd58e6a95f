"""Licenses, profiles, roles, permission sets and what assigns them.

Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_userlicense.htm
and its sisters.
"""

from reconciler.simulator.objects.columns import (
    area,
    audit,
    deleted,
    flag,
    language,
    looked_at,
    picklist,
    read_only,
    record_id,
    reference,
    shown_flag,
    shown_reference,
    text,
    typed,
)
from reconciler.simulator.objects.people import USER_TYPES
from reconciler.simulator.schema import Field, FieldType, OnDelete

_USED = (
    "(SELECT count(*) FROM User u JOIN Profile p ON p.Id = u.ProfileId "
    "WHERE p.UserLicenseId = {row}.Id AND u.IsActive = 1)"
)
_ASSIGNED = "(SELECT count(*) FROM PermissionSetLicenseAssign a WHERE a.PermissionSetLicenseId = {row}.Id)"
_ACCESS_LEVELS = ("None", "Read", "Edit")

USER_LICENSE: tuple[Field, ...] = (
    record_id("User License ID"),
    read_only(FieldType.STRING, "LicenseDefinitionKey", "License Def. ID", 40),
    read_only(FieldType.INT, "TotalLicenses", "Total Licenses", nillable=False, default=0),
    read_only(
        FieldType.PICKLIST, "Status", "Status", 40, default="Active", picklist=("Active", "Disabled"), restricted=True
    ),
    read_only(FieldType.INT, "UsedLicenses", "Used Licenses", nillable=False, derived=_USED),
    read_only(FieldType.DATETIME, "UsedLicensesLastUpdated", "Licenses Last Updated", derived="{row}.SystemModstamp"),
    read_only(FieldType.STRING, "Name", "Name", 40, nillable=False, name_field=True, id_lookup=True),
    read_only(FieldType.STRING, "MasterLabel", "Master Label", 80, derived="{row}.Name"),
    read_only(FieldType.INT, "MonthlyLoginsUsed", "Monthly Logins Used"),
    read_only(FieldType.INT, "MonthlyLoginsEntitlement", "Monthly Logins Entitlement"),
    *audit(with_users=False),
)

PROFILE: tuple[Field, ...] = (
    record_id("Profile ID"),
    read_only(FieldType.STRING, "Name", "Name", 255, nillable=False, name_field=True),
    shown_reference("UserLicenseId", "User License ID", "UserLicense", "UserLicense", nillable=False,
                    child_relationship="Profiles"),
    read_only(FieldType.PICKLIST, "UserType", "User Type", 40, picklist=USER_TYPES, restricted=True),
    *audit(),
    read_only(FieldType.STRING, "Description", "Description", 255),
    *looked_at(),
)  # fmt: skip

USER_ROLE: tuple[Field, ...] = (
    record_id("Role ID"),
    text("Name", "Name", 80, nillable=False, name_field=True),
    reference("ParentRoleId", "Parent Role ID", "UserRole", "ParentRole"),
    text("RollupDescription", "Description", 80),
    picklist("OpportunityAccessForAccountOwner", "Opportunity Access Level for Account Owner", _ACCESS_LEVELS,
             restricted=True, nillable=False, defaulted_on_create=True, default="None"),
    picklist("CaseAccessForAccountOwner", "Case Access Level for Account Owner", _ACCESS_LEVELS, restricted=True),
    picklist("ContactAccessForAccountOwner", "Contact Access Level for Account Owner", _ACCESS_LEVELS, restricted=True),
    shown_reference("ForecastUserId", "User ID", "User", "ForecastUser"),
    shown_flag("MayForecastManagerShare", "May Forecast Manager Share"),
    shown_reference("PortalAccountId", "Account ID", "Account", "PortalAccount"),
    read_only(FieldType.PICKLIST, "PortalType", "Portal Type", 40, picklist=("None", "CustomerPortal", "Partner"),
              restricted=True, default="None"),
    picklist("PortalRole", "Portal Role", ("Executive", "Manager", "Worker", "PersonAccount"),
             labels=("Executive", "Manager", "User", "Person Account"), restricted=True, createable=False,
             updateable=False),
    shown_reference("PortalAccountOwnerId", "User ID", "User", "PortalAccountOwner"),
    text("DeveloperName", "Developer Name", 80),
    *(field for field in audit() if field.name not in {"CreatedById", "CreatedDate"}),
)  # fmt: skip

PERMISSION_SET: tuple[Field, ...] = (
    record_id("PermissionSet ID"),
    text("Name", "Permission Set Name", 80, nillable=False, name_field=True),
    text("Label", "Permission Set Label", 80, nillable=False),
    reference("LicenseId", "License ID", ("UserLicense", "PermissionSetLicense"), "License", updateable=False),
    shown_reference("ProfileId", "Profile ID", "Profile", "Profile"),
    shown_flag("IsOwnedByProfile", "Is Owned By Profile"),
    shown_flag("IsCustom", "Custom", default=True),
    text("Description", "Description", 255),
    *audit(),
    read_only(FieldType.STRING, "NamespacePrefix", "Namespace Prefix", 15),
    flag("HasActivationRequired", "Session Activation Required"),
    shown_reference("PermissionSetGroupId", "Permission Set Group ID", "PermissionSetGroup", "PermissionSetGroup"),
    read_only(FieldType.PICKLIST, "Type", "Permission Set Type", 40, default="Regular", restricted=True,
              picklist=("Regular", "Standard", "Session", "Group", "Profile")),
)  # fmt: skip

PERMISSION_SET_GROUP: tuple[Field, ...] = (
    record_id("Permission Set Group ID"),
    deleted(),
    text("DeveloperName", "API Name", 80, nillable=False, name_field=True),
    language(nillable=True, defaulted_on_create=True),
    text("MasterLabel", "Label", 80, nillable=False),
    read_only(FieldType.STRING, "NamespacePrefix", "Namespace Prefix", 15),
    *audit(),
    area("Description", "Description", 255),
    read_only(FieldType.PICKLIST, "Status", "Status", 40, default="Updated", restricted=True,
              picklist=("Updated", "Outdated", "Updating", "Failed")),
    flag("HasActivationRequired", "Session Activation Required"),
)  # fmt: skip

PERMISSION_SET_GROUP_COMPONENT: tuple[Field, ...] = (
    record_id("Permission Set Group Component ID"),
    deleted(),
    *audit(),
    reference("PermissionSetGroupId", "Permission Set Group ID", "PermissionSetGroup", "PermissionSetGroup",
              updateable=False, nillable=False, child_relationship="PermissionSetGroupComponents",
              on_delete=OnDelete.CASCADE),
    reference("PermissionSetId", "Permission Set ID", "PermissionSet", "PermissionSet", updateable=False,
              nillable=False, child_relationship="PermissionSetGroupComponents"),
)  # fmt: skip

PERMISSION_SET_ASSIGNMENT: tuple[Field, ...] = (
    record_id("PermissionSetAssignment ID"),
    reference("PermissionSetId", "PermissionSet ID", "PermissionSet", "PermissionSet", updateable=False,
              child_relationship="Assignments"),
    reference("PermissionSetGroupId", "Permission Set Group ID", "PermissionSetGroup", "PermissionSetGroup",
              updateable=False, child_relationship="Assignments"),
    reference("AssigneeId", "Assignee ID", "User", "Assignee", updateable=False, nillable=False,
              child_relationship="PermissionSetAssignments"),
    audit()[-1],
    typed(FieldType.DATETIME, "ExpirationDate", "Expiration Date"),
    shown_flag("IsActive", "Is Active", default=True),
    flag("IsRevoked", "Is Revoked", createable=False),
)  # fmt: skip

PERMISSION_SET_LICENSE: tuple[Field, ...] = (
    record_id("Permission Set License ID"),
    deleted(),
    read_only(FieldType.STRING, "DeveloperName", "Developer Name", 80, nillable=False, name_field=True),
    language(nillable=False, createable=False, updateable=False),
    read_only(FieldType.STRING, "MasterLabel", "Permission Set License Label", 80, nillable=False),
    *audit(),
    read_only(FieldType.STRING, "PermissionSetLicenseKey", "Permission Set License Key", 81, nillable=False,
              id_lookup=True),
    read_only(FieldType.INT, "TotalLicenses", "Total Licenses", nillable=False, default=0),
    read_only(FieldType.PICKLIST, "Status", "Status", 255, nillable=False, default="Active",
              picklist=("Active", "Disabled"), restricted=True),
    read_only(FieldType.DATE, "ExpirationDate", "Expiration Date"),
    read_only(FieldType.INT, "UsedLicenses", "Used Licenses", nillable=False, derived=_ASSIGNED),
    shown_flag("IsAvailableForIntegrations", "Is Available For Integrations"),
)  # fmt: skip

PERMISSION_SET_LICENSE_ASSIGN: tuple[Field, ...] = (
    record_id("Permission Set License Assignment ID"),
    deleted(),
    *audit(),
    reference("PermissionSetLicenseId", "Permission Set License ID", "PermissionSetLicense", "PermissionSetLicense",
              updateable=False, nillable=False, child_relationship="PermissionSetLicenseAssignments"),
    reference("AssigneeId", "Assignee ID", "User", "Assignee", updateable=False, nillable=False,
              child_relationship="PermissionSetLicenseAssignments"),
)  # fmt: skip

CUSTOM_PERMISSION: tuple[Field, ...] = (
    record_id("Custom Permission ID"),
    deleted(),
    read_only(FieldType.STRING, "DeveloperName", "Name", 80, nillable=False, name_field=True),
    language(nillable=False, createable=False, updateable=False),
    read_only(FieldType.STRING, "MasterLabel", "Label", 80, nillable=False),
    read_only(FieldType.STRING, "NamespacePrefix", "Namespace Prefix", 15),
    *audit(),
    area("Description", "Description", 255, createable=False, updateable=False),
    shown_flag("IsProtected", "Protected Component"),
    shown_flag("IsLicensed", "License Required"),
)

SETUP_ENTITY_ACCESS: tuple[Field, ...] = (
    record_id("Setup Entity Access ID"),
    reference("ParentId", "Parent ID", "PermissionSet", "Parent", updateable=False, nillable=False,
              child_relationship="SetupEntityAccessItems", on_delete=OnDelete.CASCADE),
    reference("SetupEntityId", "Setup Entity ID", "CustomPermission", "SetupEntity", updateable=False, nillable=False,
              child_relationship="SetupEntityAccessItems"),
    read_only(FieldType.PICKLIST, "SetupEntityType", "Type", 255, picklist=("CustomPermission",), restricted=True,
              derived="'CustomPermission'"),
    audit()[-1],
)  # fmt: skip

PERMISSIONS = (
    "ApiEnabled",
    "AssignPermissionSets",
    "AuthorApex",
    "ManageCssUsers",
    "ManageInternalUsers",
    "ManagePartners",
    "ManageMyExternalUsers",
    "ManageProfilesPermissionsets",
    "ManageRoles",
    "ManageUsers",
    "ModifyAllData",
    "ViewAllData",
    "ViewRoles",
    "ViewSetup",
)
"""API names of the permissions that matter to writing external users, without `Permissions` (F8.1)."""

USER_PERMISSION_ACCESS: tuple[Field, ...] = (
    record_id("User Permission Access ID"),
    read_only(FieldType.DATETIME, "LastCacheUpdate", "Last Cache Update"),
    *(
        read_only(FieldType.BOOLEAN, f"Permissions{name}", name, nillable=False, default=True, sortable=False)
        for name in PERMISSIONS
    ),
)
