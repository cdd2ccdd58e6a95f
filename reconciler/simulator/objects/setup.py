"""The org itself, its record types, and who logged in to it.

Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_organization.htm
and its sisters.
"""

from reconciler.simulator.objects.columns import (
    address,
    area,
    audit,
    flag,
    picklist,
    read_only,
    record_id,
    shown_flag,
    shown_reference,
    text,
    typed,
)
from reconciler.simulator.schema import Field, FieldType

_READ_WRITE = ("None", "Read", "Edit", "ControlledByParent")

ORGANIZATION: tuple[Field, ...] = (
    record_id("Organization ID"),
    text("Name", "Name", 80, nillable=False, name_field=True, createable=False),
    text("Division", "Division", 80, createable=False),
    *address("", "", createable=False),
    typed(FieldType.PHONE, "Phone", "Phone", 40, createable=False),
    typed(FieldType.PHONE, "Fax", "Fax", 40, createable=False),
    text("PrimaryContact", "Primary Contact", 80, createable=False),
    read_only(FieldType.STRING, "DefaultLocaleSidKey", "Locale", 40, default="en_US"),
    read_only(FieldType.STRING, "TimeZoneSidKey", "Time Zone", 40, default="America/Los_Angeles"),
    read_only(FieldType.STRING, "LanguageLocaleKey", "Language", 40, default="en_US"),
    flag("ReceivesInfoEmails", "Info Emails", createable=False),
    flag("ReceivesAdminInfoEmails", "Info Emails Admin", createable=False),
    *(
        shown_flag(f"Preferences{name}", name)
        for name in (
            "RequireOpportunityProducts",
            "TransactionSecurityPolicy",
            "TerminateOldestSession",
            "ConsentManagementEnabled",
            "AutoSelectIndividualOnMerge",
            "LightningLoginEnabled",
            "OnlyLLPermUserAllowed",
        )
    ),
    read_only(FieldType.INT, "FiscalYearStartMonth", "Fiscal Year Starts In", default=1),
    shown_flag("UsesStartDateAsFiscalYearName", "Fiscal Year Name by Start"),
    picklist("DefaultAccountAccess", "Default Account Access", _READ_WRITE, createable=False, updateable=False,
             default="Edit"),
    picklist("DefaultContactAccess", "Default Contact Access", _READ_WRITE, createable=False, updateable=False,
             default="ControlledByParent"),
    typed(FieldType.EMAIL, "ComplianceBccEmail", "Compliance BCC Email", 80, createable=False, updateable=False),
    read_only(FieldType.PICKLIST, "UiSkin", "UI Skin", 40, default="Theme3"),
    read_only(FieldType.STRING, "SignupCountryIsoCode", "Signup Country", 2),
    read_only(FieldType.DATETIME, "TrialExpirationDate", "Trial Expiration Date"),
    read_only(FieldType.PICKLIST, "OrganizationType", "Edition", 40, default="Developer Edition"),
    read_only(FieldType.STRING, "NamespacePrefix", "Namespace Prefix", 15),
    read_only(FieldType.STRING, "InstanceName", "Instance Name", 5, default="SIM1"),
    read_only(FieldType.BOOLEAN, "IsSandbox", "Is Sandbox", nillable=False, default=False),
    read_only(FieldType.PICKLIST, "WebToCaseDefaultOrigin", "Web to Cases Default Origin", 40),
    read_only(FieldType.INT, "MonthlyPageViewsUsed", "Monthly Page Views Used"),
    read_only(FieldType.INT, "MonthlyPageViewsEntitlement", "Monthly Page Views Allowed"),
    read_only(FieldType.BOOLEAN, "IsReadOnly", "Is Read Only", nillable=False, default=False),
    *audit(),
)  # fmt: skip

RECORD_TYPE: tuple[Field, ...] = (
    record_id("Record Type ID"),
    text("Name", "Name", 80, nillable=False, name_field=True),
    text("DeveloperName", "Record Type Name", 80, nillable=False),
    read_only(FieldType.STRING, "NamespacePrefix", "Namespace Prefix", 15),
    area("Description", "Description", 255),
    picklist("SobjectType", "SObject Type Name", (), nillable=False, updateable=False),
    flag("IsActive", "Active", default=True),
    *audit(),
)

_UNFILTERED = {"filterable": False}

LOGIN_HISTORY: tuple[Field, ...] = (
    record_id("Login History ID"),
    shown_reference("UserId", "User ID", "User", None, nillable=False),
    read_only(FieldType.DATETIME, "LoginTime", "Login Time", nillable=False),
    read_only(FieldType.PICKLIST, "LoginType", "Login Type", 1, nillable=False, default="Application"),
    read_only(FieldType.STRING, "SourceIp", "Source IP", 39, **_UNFILTERED),
    read_only(FieldType.STRING, "LoginUrl", "Login URL", 128, **_UNFILTERED),
    read_only(FieldType.STRING, "Browser", "Browser", 64, **_UNFILTERED),
    read_only(FieldType.STRING, "Platform", "Platform", 64, **_UNFILTERED),
    read_only(FieldType.STRING, "Status", "Status", 128, **_UNFILTERED, default="Success"),
    read_only(FieldType.STRING, "Application", "Application", 64, **_UNFILTERED),
    read_only(FieldType.STRING, "ClientVersion", "Client Version", 64, **_UNFILTERED),
    read_only(FieldType.STRING, "ApiType", "API Type", 64, **_UNFILTERED),
    read_only(FieldType.STRING, "ApiVersion", "API Version", 32, **_UNFILTERED),
    read_only(FieldType.STRING, "CountryIso", "Country Code", 80, **_UNFILTERED),
    read_only(FieldType.STRING, "AuthMethodReference", "Authentication Method Reference", 255),
)
