"""Licenses, profiles, roles, permission sets, sites and the org itself.

Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_userlicense.htm
and its sisters.
"""

from reconciler.simulator.objects.columns import audit, flag, picklist, read_only, record_id, reference, text, typed
from reconciler.simulator.objects.people import USER_TYPES
from reconciler.simulator.schema import Field, FieldType

_USED = (
    "(SELECT count(*) FROM User u JOIN Profile p ON p.Id = u.ProfileId "
    "WHERE p.UserLicenseId = {row}.Id AND u.IsActive = 1)"
)

ORGANIZATION: tuple[Field, ...] = (
    record_id("Organization ID"),
    read_only(FieldType.STRING, "Name", "Name", 80, nillable=False, name_field=True),
    read_only(FieldType.STRING, "Division", "Division", 80),
    read_only(FieldType.STRING, "Country", "Country", 80),
    read_only(FieldType.STRING, "PrimaryContact", "Primary Contact", 80),
    read_only(FieldType.STRING, "DefaultLocaleSidKey", "Locale", 40, default="en_US"),
    read_only(FieldType.STRING, "TimeZoneSidKey", "Time Zone", 40, default="America/Los_Angeles"),
    read_only(FieldType.STRING, "LanguageLocaleKey", "Language", 40, default="en_US"),
    read_only(FieldType.PICKLIST, "OrganizationType", "Edition", 40, default="Developer Edition"),
    read_only(FieldType.STRING, "InstanceName", "Instance Name", 5, default="SIM1"),
    read_only(FieldType.STRING, "NamespacePrefix", "Namespace Prefix", 15),
    read_only(FieldType.BOOLEAN, "IsSandbox", "Is Sandbox", nillable=False, default=False),
    read_only(FieldType.BOOLEAN, "IsReadOnly", "Is Read Only", nillable=False, default=False),
    read_only(FieldType.DATETIME, "TrialExpirationDate", "Trial Expiration Date"),
    read_only(FieldType.INT, "FiscalYearStartMonth", "Fiscal Year Starts In", default=1),
    *audit(),
)

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
    read_only(FieldType.REFERENCE, "UserLicenseId", "User License ID", 18, nillable=False,
              reference_to=("UserLicense",),
              relationship_name="UserLicense", child_relationship="Profiles"),
    read_only(FieldType.PICKLIST, "UserType", "User Type", 40, picklist=USER_TYPES, restricted=True),
    read_only(FieldType.STRING, "Description", "Description", 255),
    *audit(),
)  # fmt: skip

USER_ROLE: tuple[Field, ...] = (
    record_id("Role ID"),
    text("Name", "Name", 80, nillable=False, name_field=True),
    reference("ParentRoleId", "Parent Role ID", "UserRole", "ParentRole"),
    text("RollupDescription", "Description", 80),
    picklist("OpportunityAccessForAccountOwner", "Opportunity Access Level for Account Owner", ("None", "Read", "Edit"),
             restricted=True, nillable=False, defaulted_on_create=True, default="None"),
    picklist("CaseAccessForAccountOwner", "Case Access Level for Account Owner", ("None", "Read", "Edit"),
             restricted=True),
    picklist("ContactAccessForAccountOwner", "Contact Access Level for Account Owner", ("None", "Read", "Edit"),
             restricted=True),
    text("DeveloperName", "Developer Name", 80),
    read_only(FieldType.REFERENCE, "PortalAccountId", "Account ID", 18, reference_to=("Account",),
              relationship_name="PortalAccount"),
    read_only(FieldType.PICKLIST, "PortalType", "Portal Type", 40, picklist=("None", "CustomerPortal", "Partner"),
              restricted=True, default="None"),
    picklist("PortalRole", "Portal Role", ("Executive", "Manager", "Worker", "PersonAccount"), restricted=True,
             createable=False, updateable=False),
    read_only(FieldType.REFERENCE, "PortalAccountOwnerId", "User ID", 18, reference_to=("User",),
              relationship_name="PortalAccountOwner"),
    *audit(with_users=False)[1:],
)  # fmt: skip

PERMISSION_SET: tuple[Field, ...] = (
    record_id("PermissionSet ID"),
    text("Name", "Permission Set Name", 80, nillable=False, name_field=True, unique=True),
    text("Label", "Permission Set Label", 80, nillable=False),
    reference("LicenseId", "License ID", "UserLicense", "License", updateable=False),
    reference("ProfileId", "Profile ID", "Profile", "Profile", createable=False, updateable=False),
    read_only(FieldType.BOOLEAN, "IsOwnedByProfile", "Is Owned By Profile", nillable=False, default=False),
    read_only(FieldType.BOOLEAN, "IsCustom", "Custom", nillable=False, default=True),
    text("Description", "Description", 255),
    *audit(),
)

PERMISSION_SET_ASSIGNMENT: tuple[Field, ...] = (
    record_id("PermissionSetAssignment ID"),
    reference("PermissionSetId", "PermissionSet ID", "PermissionSet", "PermissionSet", updateable=False, nillable=False,
              child_relationship="Assignments"),
    reference("AssigneeId", "Assignee ID", "User", "Assignee", updateable=False, nillable=False,
              child_relationship="PermissionSetAssignments"),
    typed(FieldType.DATETIME, "ExpirationDate", "Expiration Date"),
    read_only(FieldType.BOOLEAN, "IsActive", "Is Active", nillable=False, default=True),
    audit()[-1],
)  # fmt: skip

PERMISSIONS = (
    "ApiEnabled",
    "AssignPermissionSets",
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
    *(
        read_only(FieldType.BOOLEAN, f"Permissions{name}", name, nillable=False, default=True, sortable=False)
        for name in PERMISSIONS
    ),
)

NETWORK: tuple[Field, ...] = (
    record_id("Network ID"),
    text("Name", "Name", 765, nillable=False, name_field=True, createable=False),
    picklist(
        "Status", "Status", ("UnderConstruction", "Live", "DownForMaintenance"), restricted=True, createable=False
    ),
    text("UrlPathPrefix", "URL Path Prefix", 100, createable=False),
    flag("OptionsSendWelcomeEmail", "Send welcome email", default=True, createable=False),
    flag("OptionsSelfRegistrationEnabled", "Self-registration", createable=False),
    typed(FieldType.EMAIL, "EmailSenderAddress", "Email Sender Address", 80, createable=False),
    text("EmailSenderName", "Email Sender Name", 255, createable=False),
    *audit(),
)

NETWORK_MEMBER_GROUP: tuple[Field, ...] = (
    record_id("Network Member Group ID"),
    reference("NetworkId", "Network ID", "Network", "Network", createable=False, updateable=False, nillable=False,
              child_relationship="NetworkMemberGroups"),
    Field("ParentId", FieldType.REFERENCE, "Parent ID", 18, nillable=False, reference_to=("Profile", "PermissionSet")),
    *audit(),
)  # fmt: skip
