"""Salesforce's sentences, word for word where they are known; the facts tell which (section 11 of docs/facts.md)."""

OWNER_NEEDS_ROLE = "portal account owner must have a role"
LICENSE_LIMIT = "License Limit Exceeded - {license}"
CONTACT_TAKEN = "portal user already exists for contact"
NO_CONTACT = "Cannot create a portal user without contact"
CONTACT_FIXED = "ContactId can't be changed or cleared once it is set (simulated org: the real sentence is not known)"
FORBIDDEN_MOVE = (
    "You can only assign profiles that are compatible with the user's license. For a list of compatible licenses and "
    "profiles, see the Salesforce Help."
)
STANDARD_PROFILE = (
    "To create or update users for this profile, go to Setup > Digital Experiences > Settings and select Allow using "
    "standard external profiles for self-registration, user creation, and login.: Profile ID"
)
ROLE_TYPE = "role type must match user type"
PORTAL_ROLE_FIELD = "Cannot specify system-maintained portal role field"
USERNAME_FORM = "Username must be in the form of an email address (for example, john@acme.com): Username"
USERNAME_TAKEN = (
    "Duplicate Username.<br>The username already exists in this or another Salesforce organization. Usernames must be unique "
    "across all Salesforce organizations. To resolve, use a different username (it doesn't need to match the user's email "
    "address). "
)
NICKNAME_TAKEN = "Duplicate Nickname.<br>Another user has already selected this nickname.<br>Please select another."
REQUIRED = "Required fields are missing: [{fields}]"
MIXED_DML = (
    "DML operation on setup object is not permitted after you have updated a non-setup object (or vice versa): {sobject}, "
    "original object: {original}"
)
PERMISSION_LICENSE = "The user license doesn't allow the permission: {label}"
DUPLICATE_VALUE = "duplicate value found: {field} duplicates value on record with id: {id}"
READ_ONLY = (
    "Unable to create/update fields: {fields}. Please check the security settings of this field and verify that it is "
    "read/write for your profile or permission set."
)
BAD_REFERENCE = "invalid cross reference id"
MALFORMED_ID = "{label}: id value of incorrect type: {value}"
TOO_LONG = "{label}: data value too large: {value} (max length={length})"
BAD_EMAIL = "Email: invalid email address: {value}"
BAD_PICKLIST = "{label}: bad value for restricted picklist field: {value}"
WRONG_TYPE = "{label}: value not of required type: {value}"
NO_SUCH_COLUMN = "No such column '{field}' on sobject of type {sobject}"
ROLLED_BACK = "Record rolled back because not all records were valid and the request was using AllOrNone header"
DELETED = "entity is deleted"
NOT_DELETABLE = "{sobject} records can't be deleted; a user is deactivated instead"
CONTACT_OF_USER = "the contact has a portal user (simulated org: the real sentence is not known)"
PORTAL_FLAG = "disabling an account's portal users is not simulated"
