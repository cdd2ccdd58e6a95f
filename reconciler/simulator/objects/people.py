"""Account, Contact and User.

Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_user.htm
and its sisters, and https://developer.salesforce.com/docs/atlas.en-us.sfFieldRef.meta/sfFieldRef/salesforce_field_reference_User.htm
for lengths; Account and Contact agree with a recorded describe result of a Developer Edition. References to objects
that a simulated org does not hold (call centers, individuals, D&B companies) are left out.
"""

from typing import Any

from reconciler.simulator.objects.columns import (
    LANGUAGES,
    address,
    area,
    audit,
    deleted,
    flag,
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
from reconciler.simulator.schema import Field, FieldType, OnDelete

_PERSON_NAME = "trim(coalesce({row}.FirstName || ' ', '') || {row}.LastName)"
_PART: dict[str, Any] = {"compound": "Name", "extra": "personname"}
_UNNAMED: dict[str, Any] = {"permissionable": False}
"""Of a field whose visibility no permission decides, though it may be empty and be set."""

SALUTATIONS = ("Mr.", "Ms.", "Mrs.", "Dr.", "Prof.")
CLEAN_STATUSES = ("Matched", "Different", "Acknowledged", "NotFound", "Inactive", "Pending", "SelectMatch", "Skipped")
_CLEAN_LABELS = (
    "In Sync", "Different", "Reviewed", "Not Found", "Inactive", "Not Compared", "Select Match", "Skipped",
)  # fmt: skip
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

# Values that every new org has and an administrator may change.
ACCOUNT_TYPES = (
    "Prospect", "Customer - Direct", "Customer - Channel", "Channel Partner / Reseller", "Installation Partner",
    "Technology Partner", "Other",
)  # fmt: skip
INDUSTRIES = (
    "Agriculture", "Apparel", "Banking", "Biotechnology", "Chemicals", "Communications", "Construction", "Consulting",
    "Education", "Electronics", "Energy", "Engineering", "Entertainment", "Environmental", "Finance",
    "Food & Beverage", "Government", "Healthcare", "Hospitality", "Insurance", "Machinery", "Manufacturing", "Media",
    "Not For Profit", "Recreation", "Retail", "Shipping", "Technology", "Telecommunications", "Transportation",
    "Utilities", "Other",
)  # fmt: skip
SOURCES = ("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other")

_CLEAN_STATUS = picklist("CleanStatus", "Clean Status", CLEAN_STATUSES, labels=_CLEAN_LABELS, restricted=True)
_PHOTO = read_only(
    FieldType.URL, "PhotoUrl", "Photo URL", 255, extra="imageurl", derived="'/services/images/photo/' || {row}.Id"
)
_RECORD_TYPE = reference("RecordTypeId", "Record Type ID", "RecordType", "RecordType", **_UNNAMED)

ACCOUNT: tuple[Field, ...] = (
    record_id("Account ID"),
    deleted(),
    shown_reference("MasterRecordId", "Master Record ID", "Account", "MasterRecord"),
    text("Name", "Account Name", 255, nillable=False, name_field=True),
    picklist("Type", "Account Type", ACCOUNT_TYPES),
    _RECORD_TYPE,
    reference("ParentId", "Parent Account ID", "Account", "Parent", child_relationship="ChildAccounts"),
    *address("Billing", "Billing "),
    *address("Shipping", "Shipping "),
    typed(FieldType.PHONE, "Phone", "Account Phone", 40),
    typed(FieldType.PHONE, "Fax", "Account Fax", 40),
    text("AccountNumber", "Account Number", 40),
    typed(FieldType.URL, "Website", "Website", 255),
    _PHOTO,
    text("Sic", "SIC Code", 20),
    picklist("Industry", "Industry", INDUSTRIES),
    typed(FieldType.CURRENCY, "AnnualRevenue", "Annual Revenue", precision=18),
    typed(FieldType.INT, "NumberOfEmployees", "Employees", digits=8),
    picklist("Ownership", "Ownership", ("Public", "Private", "Subsidiary", "Other")),
    text("TickerSymbol", "Ticker Symbol", 20),
    area("Description", "Account Description", 32000),
    picklist("Rating", "Account Rating", ("Hot", "Warm", "Cold")),
    text("Site", "Account Site", 80),
    reference("OwnerId", "Owner ID", "User", "Owner", nillable=False, defaulted_on_create=True),
    *audit(),
    read_only(FieldType.DATE, "LastActivityDate", "Last Activity"),
    *looked_at(),
    flag("IsPartner", "Partner Account", createable=False),
    flag("IsCustomerPortal", "Customer Portal Account", createable=False),
    read_only(FieldType.STRING, "ChannelProgramName", "Channel Program Name", 255, filterable=False, sortable=False),
    read_only(FieldType.STRING, "ChannelProgramLevelName", "Channel Program Level Name", 255, filterable=False,
              sortable=False),
    text("Jigsaw", "Data.com Key", 20),
    read_only(FieldType.STRING, "JigsawCompanyId", "Jigsaw Company ID", 20),
    _CLEAN_STATUS,
    picklist("AccountSource", "Account Source", SOURCES),
    text("DunsNumber", "D-U-N-S Number", 9),
    text("Tradestyle", "Tradestyle", 255),
    text("NaicsCode", "NAICS Code", 8),
    text("NaicsDesc", "NAICS Description", 120),
    text("YearStarted", "Year Started", 4),
    text("SicDesc", "SIC Description", 80),
)  # fmt: skip

CONTACT: tuple[Field, ...] = (
    record_id("Contact ID"),
    deleted(),
    shown_reference("MasterRecordId", "Master Record ID", "Contact", "MasterRecord"),
    reference("AccountId", "Account ID", "Account", "Account", child_relationship="Contacts",
              on_delete=OnDelete.CASCADE),
    text("LastName", "Last Name", 80, nillable=False, **_PART),
    text("FirstName", "First Name", 40, **_PART),
    picklist("Salutation", "Salutation", SALUTATIONS, **_PART),
    read_only(FieldType.STRING, "Name", "Full Name", 121, nillable=False, name_field=True, extra="personname",
              derived=_PERSON_NAME),
    _RECORD_TYPE,
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
    picklist("LeadSource", "Lead Source", SOURCES, 255),
    typed(FieldType.DATE, "Birthdate", "Birthdate"),
    area("Description", "Contact Description", 32000),
    reference("OwnerId", "Owner ID", "User", "Owner", nillable=False, defaulted_on_create=True),
    *audit(),
    read_only(FieldType.DATE, "LastActivityDate", "Last Activity"),
    read_only(FieldType.DATETIME, "LastCURequestDate", "Last Stay-in-Touch Request Date"),
    read_only(FieldType.DATETIME, "LastCUUpdateDate", "Last Stay-in-Touch Save Date"),
    *looked_at(),
    text("EmailBouncedReason", "Email Bounced Reason", 255, **_UNNAMED),
    typed(FieldType.DATETIME, "EmailBouncedDate", "Email Bounced Date", **_UNNAMED),
    shown_flag("IsEmailBounced", "Is Email Bounced", derived="({row}.EmailBouncedReason IS NOT NULL)"),
    _PHOTO,
    text("Jigsaw", "Data.com Key", 20),
    read_only(FieldType.STRING, "JigsawContactId", "Jigsaw Contact ID", 20),
    _CLEAN_STATUS,
)  # fmt: skip

PREFERENCES = (
    "ActivityRemindersPopup", "ApexPagesDeveloperMode", "CacheDiagnostics", "ContentEmailAsAndWhen", "ContentNoEmail",
    "CreateLEXAppsWTShown", "DisCommentAfterLikeEmail", "DisMentionsCommentEmail", "DisProfPostCommentEmail",
    "DisableAllFeedsEmail", "DisableBookmarkEmail", "DisableChangeCommentEmail", "DisableEndorsementEmail",
    "DisableFileShareNotificationsForApi", "DisableFollowersEmail", "DisableLaterCommentEmail", "DisableLikeEmail",
    "DisableMentionsPostEmail", "DisableMessageEmail", "DisableProfilePostEmail", "DisableSharePostEmail",
    "EnableAutoSubForFeeds", "EventRemindersCheckboxDefault", "ExcludeMailAppAttachments",
    "FavoritesShowTopFavorites", "FavoritesWTShown", "GlobalNavBarWTShown", "GlobalNavGridMenuWTShown",
    "HasCelebrationBadge", "HideBiggerPhotoCallout", "HideCSNDesktopTask", "HideCSNGetChatterMobileTask",
    "HideChatterOnboardingSplash", "HideEndUserOnboardingAssistantModal", "HideLightningMigrationModal",
    "HideS1BrowserUI", "HideSecondChatterOnboardingSplash", "HideSfxWelcomeMat", "LightningExperiencePreferred",
    "NewLightningReportRunPageEnabled", "PathAssistantCollapsed", "PreviewCustomTheme", "PreviewLightning",
    "RecordHomeReservedWTShown", "RecordHomeSectionCollapseWTShown", "ReminderSoundOff", "ShowCityToExternalUsers",
    "ShowCityToGuestUsers", "ShowCountryToExternalUsers", "ShowCountryToGuestUsers", "ShowEmailToExternalUsers",
    "ShowEmailToGuestUsers", "ShowFaxToExternalUsers", "ShowFaxToGuestUsers", "ShowManagerToExternalUsers",
    "ShowManagerToGuestUsers", "ShowMobilePhoneToExternalUsers", "ShowMobilePhoneToGuestUsers",
    "ShowPostalCodeToExternalUsers", "ShowPostalCodeToGuestUsers", "ShowProfilePicToGuestUsers",
    "ShowStateToExternalUsers", "ShowStateToGuestUsers", "ShowStreetAddressToExternalUsers",
    "ShowStreetAddressToGuestUsers", "ShowTitleToExternalUsers", "ShowTitleToGuestUsers",
    "ShowWorkPhoneToExternalUsers", "ShowWorkPhoneToGuestUsers", "SortFeedByComment", "SuppressEventSFXReminders",
    "SuppressTaskSFXReminders", "TaskRemindersCheckboxDefault", "UserDebugModePref",
)  # fmt: skip
"""A user's preferences, without `UserPreferences`, which are off in a new user but for `_ON`."""

_ON = frozenset({"ShowTitleToExternalUsers"})

FEATURES = (
    "CallCenterAutoLogin", "InteractionUser", "KnowledgeUser", "MarketingUser", "OfflineUser", "SFContentUser",
    "SupportUser",
)  # fmt: skip
"""A user's feature licenses, without `UserPermissions`."""

_FEATURE_LABELS = (
    "Auto-login To Call Center", "Flow User", "Knowledge User", "Marketing User", "Offline User",
    "Salesforce CRM Content User", "Service Cloud User",
)  # fmt: skip

# User.Username to User.FederationIdentifier: lengths and flags of the Object Reference.
USER: tuple[Field, ...] = (
    record_id("User ID"),
    text("Username", "Username", 80, nillable=False, unique=True, id_lookup=True),
    text("LastName", "Last Name", 80, nillable=False, **_PART),
    text("FirstName", "First Name", 40, **_PART),
    read_only(FieldType.STRING, "Name", "Full Name", 121, nillable=False, name_field=True, extra="personname",
              derived=_PERSON_NAME),
    text("CompanyName", "Company Name", 80),
    text("Division", "Division", 80),
    text("Department", "Department", 80),
    text("Title", "Title", 80),
    *address("", ""),
    typed(FieldType.EMAIL, "Email", "Email", 128, nillable=False, id_lookup=True),
    *(flag(f"EmailPreferences{name}", name) for name in ("AutoBcc", "AutoBccStayInTouch", "StayInTouchReminder")),
    text("SenderEmail", "Email Sender Address", 80),
    text("SenderName", "Email Sender Name", 80),
    text("Signature", "Email Signature", 1333, groupable=False),
    text("StayInTouchSubject", "Stay-in-Touch Email Subject", 80),
    text("StayInTouchSignature", "Stay-in-Touch Email Signature", 512, groupable=False),
    text("StayInTouchNote", "Stay-in-Touch Email Note", 512, groupable=False),
    typed(FieldType.PHONE, "Phone", "Phone", 40),
    typed(FieldType.PHONE, "Fax", "Fax", 40),
    typed(FieldType.PHONE, "MobilePhone", "Mobile", 40),
    text("Alias", "Alias", 8, nillable=False),
    text("CommunityNickname", "Nickname", 40, nillable=False, unique=True),
    read_only(FieldType.STRING, "BadgeText", "User Photo badge text overlay", 80),
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
    reference("DelegatedApproverId", "Delegated Approver ID", ("User", "Group"), "DelegatedApprover",
              child_relationship="DelegatedUsers"),
    reference("ManagerId", "Manager ID", "User", "Manager", child_relationship="ManagedUsers"),
    read_only(FieldType.DATETIME, "LastLoginDate", "Last Login"),
    read_only(FieldType.DATETIME, "LastPasswordChangeDate", "Last Password Change or Reset"),
    *audit(),
    read_only(FieldType.INT, "NumberOfFailedLogins", "Failed Login Attempts"),
    read_only(FieldType.DATETIME, "OfflineTrialExpirationDate", "Offline Edition Trial Expiration Date"),
    read_only(FieldType.DATETIME, "OfflinePdaTrialExpirationDate", "Sales Anywhere Trial Expiration Date"),
    *(flag(f"UserPermissions{name}", label) for name, label in zip(FEATURES, _FEATURE_LABELS, strict=True)),
    flag("ForecastEnabled", "Allow Forecasting"),
    *(flag(f"UserPreferences{name}", name, default=name in _ON) for name in PREFERENCES),
    reference("ContactId", "Contact ID", "Contact", "Contact", child_relationship="Users",
              on_delete=OnDelete.RESTRICT),
    read_only(
        FieldType.REFERENCE, "AccountId", "Account ID", 18, reference_to=("Account",), relationship_name="Account",
        child_relationship="Users", derived="(SELECT c.AccountId FROM Contact c WHERE c.Id = {row}.ContactId)",
    ),
    picklist("PortalRole", "Portal Role Level", ("Executive", "Manager", "Worker", "PersonAccount"),
             labels=("Executive", "Manager", "User", "Person Account"), restricted=True),
    flag("IsPortalEnabled", "Portal Enabled", createable=False),
    shown_flag("IsPortalSelfRegistered", "Self-Registered"),
    typed(FieldType.PHONE, "Extension", "Extension", 40),
    text("FederationIdentifier", "SAML Federation ID", 512, unique=True, id_lookup=True, case_sensitive=True),
    area("AboutMe", "About Me", 1000, filterable=True, sortable=True),
    read_only(FieldType.URL, "FullPhotoUrl", "Url for full-sized Photo", 1024, groupable=False),
    read_only(FieldType.URL, "SmallPhotoUrl", "Photo", 1024, groupable=False),
    shown_flag("IsExtIndicatorVisible", "Show external indicator"),
    text("OutOfOfficeMessage", "Out of office message", 40),
    read_only(FieldType.URL, "MediumPhotoUrl", "Url for medium profile photo", 1024, groupable=False),
    picklist("DigestFrequency", "Chatter Email Highlights Frequency", ("D", "W", "N"),
             labels=("Daily", "Weekly", "Never"), restricted=True, nillable=False, defaulted_on_create=True,
             default="D"),
    picklist("DefaultGroupNotificationFrequency", "Default Notification Frequency when Joining Groups", FREQUENCIES,
             labels=("Email on Each Post", "Daily Digests", "Weekly Digests", "Never"), restricted=True,
             nillable=False, defaulted_on_create=True, default="N"),
    *looked_at(),
    read_only(FieldType.URL, "BannerPhotoUrl", "URL for banner photo", 1024, groupable=False),
    read_only(FieldType.URL, "SmallBannerPhotoUrl", "URL for IOS banner photo", 1024, groupable=False),
    read_only(FieldType.URL, "MediumBannerPhotoUrl", "URL for Android banner photo", 1024, groupable=False),
    shown_flag("IsProfilePhotoActive", "Has Profile Photo"),
    read_only(FieldType.BOOLEAN, "HasUserVerifiedEmail", "User Verified Email", nillable=False, default=True),
    shown_flag("HasUserVerifiedPhone", "User Verified Mobile Number"),
)  # fmt: skip
