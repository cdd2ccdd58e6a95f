"""Account, Contact and User.

Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_user.htm
and its sisters; lengths and flags of Account and Contact agree with a recorded describe result of a Developer Edition.
"""

from collections.abc import Mapping
from typing import Any

from reconciler.simulator.objects.columns import (
    address,
    audit,
    deleted,
    flag,
    picklist,
    read_only,
    record_id,
    reference,
    text,
    typed,
)
from reconciler.simulator.schema import Field, FieldType

_LONG: Mapping[str, Any] = {"filterable": False, "sortable": False, "groupable": False}
"""A long text area can be selected only."""

_PERSON_NAME = "trim(coalesce({row}.FirstName || ' ', '') || {row}.LastName)"

SALUTATIONS = ("Mr.", "Ms.", "Mrs.", "Dr.", "Prof.")
CLEAN_STATUSES = ("Matched", "Different", "Acknowledged", "NotFound", "Inactive", "Pending", "SelectMatch", "Skipped")
USER_TYPES = (
    "Standard", "PowerPartner", "PowerCustomerSuccess", "CustomerSuccess", "CspLitePortal", "CsnOnly", "Guest",
)  # fmt: skip
FREQUENCIES = ("P", "D", "W", "N")
ENCODINGS = (
    "UTF-8",
    "ISO-8859-1",
    "Shift_JIS",
    "ISO-2022-JP",
    "EUC-JP",
    "ks_c_5601-1987",
    "Big5",
    "GB2312",
    "Big5-HKSCS",
)
LANGUAGES = (
    "en_US", "de", "es", "fr", "it", "ja", "sv", "ko", "zh_TW", "zh_CN", "pt_BR", "nl_NL", "da", "th", "fi", "ru",
    "es_MX", "no",
)  # fmt: skip

ACCOUNT: tuple[Field, ...] = (
    record_id("Account ID"),
    deleted(),
    text("Name", "Account Name", 255, nillable=False, name_field=True),
    picklist("Type", "Account Type", ()),
    reference("ParentId", "Parent Account ID", "Account", "Parent", child_relationship="ChildAccounts"),
    *address("Billing", "Billing "),
    *address("Shipping", "Shipping "),
    typed(FieldType.PHONE, "Phone", "Account Phone", 40),
    typed(FieldType.PHONE, "Fax", "Account Fax", 40),
    text("AccountNumber", "Account Number", 40),
    typed(FieldType.URL, "Website", "Website", 255),
    text("Sic", "SIC Code", 20),
    picklist("Industry", "Industry", ()),
    typed(FieldType.CURRENCY, "AnnualRevenue", "Annual Revenue", precision=18),
    typed(FieldType.INT, "NumberOfEmployees", "Employees"),
    picklist("Ownership", "Ownership", ()),
    text("TickerSymbol", "Ticker Symbol", 20),
    typed(
        FieldType.TEXTAREA,
        "Description",
        "Account Description",
        32000,
        filterable=False,
        sortable=False,
        groupable=False,
    ),
    picklist("Rating", "Account Rating", ()),
    text("Site", "Account Site", 80),
    reference("OwnerId", "Owner ID", "User", "Owner", nillable=False, defaulted_on_create=True),
    *audit(),
    flag("IsPartner", "Partner Account", createable=False),
    flag("IsCustomerPortal", "Customer Portal Account", createable=False),
    text("Jigsaw", "Data.com Key", 20),
    picklist("CleanStatus", "Clean Status", CLEAN_STATUSES, restricted=True),
    picklist("AccountSource", "Account Source", ()),
)

CONTACT: tuple[Field, ...] = (
    record_id("Contact ID"),
    deleted(),
    reference("AccountId", "Account ID", "Account", "Account", child_relationship="Contacts"),
    text("LastName", "Last Name", 80, nillable=False),
    text("FirstName", "First Name", 40),
    picklist("Salutation", "Salutation", SALUTATIONS),
    read_only(FieldType.STRING, "Name", "Full Name", 121, nillable=False, name_field=True, derived=_PERSON_NAME),
    *address("Other", "Other "),
    *address("Mailing", "Mailing "),
    typed(FieldType.PHONE, "Phone", "Business Phone", 40),
    typed(FieldType.PHONE, "Fax", "Business Fax", 40),
    typed(FieldType.PHONE, "MobilePhone", "Mobile Phone", 40),
    typed(FieldType.PHONE, "HomePhone", "Home Phone", 40),
    typed(FieldType.PHONE, "OtherPhone", "Other Phone", 40),
    typed(FieldType.PHONE, "AssistantPhone", "Asst. Phone", 40),
    reference("ReportsToId", "Reports To ID", "Contact", "ReportsTo"),
    typed(FieldType.EMAIL, "Email", "Email", 80, id_lookup=True),
    text("Title", "Title", 128),
    text("Department", "Department", 80),
    text("AssistantName", "Assistant's Name", 40),
    picklist("LeadSource", "Lead Source", (), 255),
    typed(FieldType.DATE, "Birthdate", "Birthdate"),
    typed(
        FieldType.TEXTAREA,
        "Description",
        "Contact Description",
        32000,
        filterable=False,
        sortable=False,
        groupable=False,
    ),
    reference("OwnerId", "Owner ID", "User", "Owner", nillable=False, defaulted_on_create=True),
    *audit(),
    text("EmailBouncedReason", "Email Bounced Reason", 255),
    typed(FieldType.DATETIME, "EmailBouncedDate", "Email Bounced Date"),
    text("Jigsaw", "Data.com Key", 20),
    picklist("CleanStatus", "Clean Status", CLEAN_STATUSES, restricted=True),
)

# User.Username to User.FederationIdentifier: lengths and flags of the Object Reference.
USER: tuple[Field, ...] = (
    record_id("User ID"),
    text("Username", "Username", 80, nillable=False, unique=True, id_lookup=True),
    text("LastName", "Last Name", 80, nillable=False),
    text("FirstName", "First Name", 40),
    read_only(FieldType.STRING, "Name", "Full Name", 121, nillable=False, name_field=True, derived=_PERSON_NAME),
    text("CompanyName", "Company Name", 80),
    text("Division", "Division", 80),
    text("Department", "Department", 80),
    text("Title", "Title", 80),
    *address("", ""),
    typed(FieldType.EMAIL, "Email", "Email", 128, nillable=False, id_lookup=True),
    text("SenderEmail", "Email Sender Address", 80),
    text("SenderName", "Email Sender Name", 80),
    typed(FieldType.PHONE, "Phone", "Phone", 40),
    typed(FieldType.PHONE, "Fax", "Fax", 40),
    typed(FieldType.PHONE, "MobilePhone", "Mobile", 40),
    typed(FieldType.PHONE, "Extension", "Extension", 40),
    text("Alias", "Alias", 8, nillable=False),
    text("CommunityNickname", "Nickname", 40, nillable=False, unique=True),
    flag("IsActive", "Active", default=True),
    text("TimeZoneSidKey", "Time Zone", 40, nillable=False),
    reference("UserRoleId", "Role ID", "UserRole", "UserRole", child_relationship="Users"),
    text("LocaleSidKey", "Locale", 40, nillable=False),
    flag("ReceivesInfoEmails", "Info Emails"),
    flag("ReceivesAdminInfoEmails", "Admin Info Emails"),
    picklist("EmailEncodingKey", "Email Encoding", ENCODINGS, restricted=True, nillable=False),
    reference("ProfileId", "Profile ID", "Profile", "Profile", nillable=False, child_relationship="Users"),
    read_only(
        FieldType.PICKLIST, "UserType", "User Type", 40,
        picklist=USER_TYPES,
        restricted=True, derived="(SELECT p.UserType FROM Profile p WHERE p.Id = {row}.ProfileId)",
    ),
    picklist("LanguageLocaleKey", "Language", LANGUAGES, restricted=True, nillable=False),
    text("EmployeeNumber", "Employee Number", 20),
    read_only(FieldType.DATETIME, "LastLoginDate", "Last Login"),
    read_only(FieldType.DATETIME, "LastPasswordChangeDate", "Last Password Change or Reset"),
    *audit(),
    reference("DelegatedApproverId", "Delegated Approver ID", "User", "DelegatedApprover"),
    reference("ManagerId", "Manager ID", "User", "Manager", child_relationship="ManagedUsers"),
    reference("ContactId", "Contact ID", "Contact", "Contact", child_relationship="Users"),
    read_only(
        FieldType.REFERENCE, "AccountId", "Account ID", 18, reference_to=("Account",), relationship_name="Account",
        child_relationship="Users", derived="(SELECT c.AccountId FROM Contact c WHERE c.Id = {row}.ContactId)",
    ),
    picklist("PortalRole", "Portal Role Level", ("Executive", "Manager", "Worker", "PersonAccount"), restricted=True),
    flag("IsPortalEnabled", "Portal Enabled", createable=False),
    read_only(FieldType.BOOLEAN, "IsPortalSelfRegistered", "Self-Registered", nillable=False, default=False),
    text("FederationIdentifier", "SAML Federation ID", 512, unique=True, id_lookup=True, case_sensitive=True),
    typed(FieldType.TEXTAREA, "AboutMe", "About Me", 1000, **_LONG),
    picklist("DigestFrequency", "Chatter Email Highlights Frequency", ("D", "W", "N"), restricted=True, nillable=False,
             defaulted_on_create=True, default="D"),
    picklist("DefaultGroupNotificationFrequency", "Default Notification Frequency when Joining Groups", FREQUENCIES,
             restricted=True, nillable=False, defaulted_on_create=True, default="N"),
    flag("ForecastEnabled", "Allow Forecasting"),
    flag("UserPermissionsMarketingUser", "Marketing User"),
    flag("UserPermissionsOfflineUser", "Offline User"),
    flag("UserPermissionsKnowledgeUser", "Knowledge User"),
    flag("UserPermissionsInteractionUser", "Flow User"),
    flag("UserPermissionsSupportUser", "Service Cloud User"),
    flag("UserPreferencesShowEmailToExternalUsers", "ShowEmailToExternalUsers"),
    flag("UserPreferencesShowTitleToExternalUsers", "ShowTitleToExternalUsers", default=True),
    flag("UserPreferencesDisableAllFeedsEmail", "DisableAllFeedsEmail"),
    read_only(FieldType.BOOLEAN, "HasUserVerifiedEmail", "Has User Verified their Email", nillable=False, default=True),
)  # fmt: skip
