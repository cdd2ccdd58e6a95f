"""Salesforce's sentences, word for word where they are known.

A sentence that is not known says that it is the simulated org's own, so that nobody matches on it.
"""

OWN_WORDS = " (simulated org: Salesforce's own sentence is not known)"

# Users and their contacts
OWNER_NEEDS_ROLE = "portal account owner must have a role"
LICENSE_LIMIT = "License Limit Exceeded - {license}"
CONTACT_TAKEN = "portal user already exists for contact"
NO_CONTACT = "Cannot create a portal user without contact"
CONTACT_FIXED = "ContactId can't be changed or cleared once it is set" + OWN_WORDS
CONTACT_OF_INTERNAL = "a user of an internal license can't have a contact" + OWN_WORDS
FORBIDDEN_MOVE = "You can only assign profiles that are compatible with the user's license. For a list of compatible licenses and profiles, see the Salesforce Help."
STANDARD_PROFILE = "To create or update users for this profile, go to Setup > Digital Experiences > Settings and select Allow using standard external profiles for self-registration, user creation, and login.: Profile ID"
ROLE_TYPE = "role type must match user type"
MISSING_LEVEL = "the account has no {level} role" + OWN_WORDS
USERNAME_FORM = "Username must be in the form of an email address (for example, john@acme.com): Username"
USERNAME_TAKEN = "Duplicate Username.<br>The username already exists in this or another Salesforce organization. Usernames must be unique across all Salesforce organizations. To resolve, use a different username (it doesn't need to match the user's email address). "
NICKNAME_TAKEN = "Duplicate Nickname.<br>Another user has already selected this nickname.<br>Please select another."
PARTNER_OWNER = "portal users cannot own partner accounts"
GUEST = "Cannot insert a user of type guest."
MODIFY_ALL_DATA = (
    "Cannot grant or remove a profile with modify all data, without having the modify all data permission yourself."
)
EMAIL_DOMAIN = "Invalid Email Address: Must be in domain(s) {domains}: Email"
FEATURE_LIMIT = "License Limit Exceeded"

# Other objects
PORTAL_ROLE_FIELD = "Cannot specify system-maintained portal role field"
PERMISSION_LICENSE = "The user license doesn't allow the permission: {label}"
DUPLICATE_VALUE = "duplicate value found: {field} duplicates value on record with id: {id}"
DUPLICATES_DETECTED = "Use one of these records?"
CONTACT_OF_USER = "the contact has a portal user" + OWN_WORDS
ACCOUNT_OF_USERS = "the account has portal users" + OWN_WORDS
IN_USE = "the {label} is in use" + OWN_WORDS
PORTAL_FLAG = "{field} can't be cleared: it would disable more than {most} users" + OWN_WORDS
MOVED_CONTACTS = "a call gives no more than {most} contacts of users another account" + OWN_WORDS
NO_ACCESS = "insufficient access rights on object id"

# The org's own code
TRIGGER_FAILED = "{name}: execution of {event}\n\ncaused by: {exception}\n\nTrigger.{name}: line 1, column 1"
DML_EXCEPTION = (
    "System.DmlException: Update failed. First exception on row 0 with id {id}; first error: {code}, {message}: []"
)

# Any record
REQUIRED = "Required fields are missing: [{fields}]"
READ_ONLY = "Unable to create/update fields: {fields}. Please check the security settings of this field and verify that it is read/write for your profile or permission set."
ID_IN_INSERT = "cannot specify Id in an insert call"
NO_ID = "Id not specified in an update call"
NO_KEY = "{field} not specified"
NO_SUCH_COLUMN = "No such column '{field}' on sobject of type {sobject}"
NO_SUCH_OBJECT = "sObject type '{sobject}' is not supported."
UNSUPPORTED = "entity type {sobject} does not support {operation}"
NOT_EXTERNAL_ID = (
    "Field name provided, {field} does not match an External ID, Salesforce Id, or indexed field for {sobject}"
)
NO_PARENT = "Foreign key external ID: {value} not found for field {field} in entity {sobject}"
NAME_TAKEN = "This {label} already exists or has been previously used. Please choose a different name."
RECORD_TYPE = "Record Type ID: this ID value isn't valid for the user: {id}"
OUT_OF_RANGE = "{label}: value outside of valid range on numeric field: {value}"
MANY_FOUND = "{field}: more than one record found for external id field"
BAD_REFERENCE = "invalid cross reference id"
MALFORMED_ID = "{label}: id value of incorrect type: {value}"
DELETED = "entity is deleted"
NOT_IN_BIN = "entity is not in the recycle bin"
TOO_LONG = "{label}: data value too large: {value} (max length={length})"
BAD_EMAIL = "{label}: invalid email address: {value}"
BAD_PICKLIST = "{label}: bad value for restricted picklist field: {value}"
WRONG_TYPE = "{label}: value not of required type: {value}"
WRONG_JSON = (
    "Cannot deserialize instance of {type} from {token} value {value} or request may be missing a required field"
)
NOT_TEXT = "{label}: the text holds characters that are no text" + OWN_WORDS

# Whole calls
MIXED_DML = "DML operation on setup object is not permitted after you have updated a non-setup object (or vice versa): {sobject}, original object: {original}"
ROLLED_BACK = "Record rolled back because not all records were valid and the request was using AllOrNone header"
ROW_LOCKED = "unable to obtain exclusive access to this record or 1 records: {id}"
ROW_LOCKED_NAMELESS = "unable to obtain exclusive access to this record"
GROUP_LOCKED = "group membership operation already in progress"

QUERY_TIMEOUT = "Your query request was running for too long."
JOB_FAILED = "InternalServerError : the job was given up" + OWN_WORDS

# SOAP
NO_SUCH_SESSION = "Invalid Session ID found in SessionHeader: Illegal Session"
NO_SOAP_LOGIN = "SOAP API login() is not available in version 65.0 and later" + OWN_WORDS
NO_SOAP_ACTION = "SOAPAction HTTP header missing" + OWN_WORDS
NO_SUCH_SOAP_API = "there is no SOAP API at /services/Soap/{letter}" + OWN_WORDS
NO_SUCH_CALL = "the call {name} is not simulated" + OWN_WORDS
