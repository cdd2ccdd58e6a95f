"""How Salesforce refuses what has to do with external users: one row for each refusal that a client must understand.

A sentence that ends in `messages.OWN_WORDS` is not Salesforce's. `{words}` in a sentence stand for the record's own.
"""

from dataclasses import dataclass

from reconciler.simulator import messages
from reconciler.simulator.rules.rule import HELP, OBJECTS, Tag

_USER = f"{OBJECTS}sforce_api_objects_user.htm"
_ROLE = f"{OBJECTS}sforce_api_objects_role.htm"
_ASSIGNMENT = f"{OBJECTS}sforce_api_objects_permissionsetassignment.htm"
_CODES = (
    "https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_concepts_core_data_objects.htm"
)
_REST = "https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/"
_APEX = "https://developer.salesforce.com/docs/atlas.en-us.apexcode.meta/apexcode/"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One row; `number` is its place in the list of facts. `status` is that of a request for the one record (REST).

    `checked` tells the release of the real org in which it was seen, if any.
    """

    number: int
    when: str
    code: str
    message: str
    fields: tuple[str, ...]
    fact: str
    tag: Tag
    source: str
    status: int = 400
    checked: str = ""


_R, _D, _I = Tag.REPORTED, Tag.DOCUMENTED, Tag.INFERRED
_INTEGRITY = "FIELD_INTEGRITY_EXCEPTION"
_REFERENCE = "INVALID_CROSS_REFERENCE_KEY"

# fmt: off
REFUSALS: tuple[Refusal, ...] = (
    Refusal(1, "the account's owner has no role", "UNKNOWN_EXCEPTION", messages.OWNER_NEEDS_ROLE, (),
            "F3.7", _D, f"{HELP}000385901"),
    Refusal(2, "the license has no free seat", "LICENSE_LIMIT_EXCEEDED", messages.LICENSE_LIMIT, (),
            "F2.13", _R, _USER),
    Refusal(3, "the contact has a user", "PORTAL_USER_ALREADY_EXISTS_FOR_CONTACT", messages.CONTACT_TAKEN, (),
            "F1.8", _R, _CODES),
    Refusal(4, "the license needs a contact", _REFERENCE, messages.NO_CONTACT, ("ContactId",),
            "F1.1", _R, f"{HELP}platform.users_contactless_users_manage_users.htm"),
    Refusal(5, "the contact has no account", "UNKNOWN_EXCEPTION", messages.OWNER_NEEDS_ROLE, (),
            "F1.6", _I, _USER),
    Refusal(6, "ContactId is changed or cleared", _INTEGRITY, messages.CONTACT_FIXED, ("ContactId",),
            "F1.7", _I, "https://salesforce.stackexchange.com/questions/220561"),
    Refusal(7, "the license can't be moved to", _INTEGRITY, messages.FORBIDDEN_MOVE, ("ProfileId",),
            "F2.11", _R, f"{HELP}platform.networks_license_upgrade_eligible.htm"),
    Refusal(8, "the profile is a standard external one", _INTEGRITY, messages.STANDARD_PROFILE, ("ProfileId",),
            "F2.7", _R, "https://developer.salesforce.com/docs/atlas.en-us.api_meta.meta/api_meta/"
            "meta_communitiessettings.htm"),
    Refusal(9, "the role is of another kind than the user", _INTEGRITY, messages.ROLE_TYPE, (),
            "F3.5", _R, _ROLE),
    Refusal(10, "a portal role is changed", _INTEGRITY, messages.PORTAL_ROLE_FIELD, ("Name",),
            "F3.4", _R, _ROLE),
    Refusal(11, "the username is no e-mail address", _INTEGRITY, messages.USERNAME_FORM, ("Username",),
            "F4.2", _R, _USER),
    Refusal(12, "the username is taken", "DUPLICATE_USERNAME", messages.USERNAME_TAKEN, ("Username",),
            "F4.2", _D, f"{HELP}000381924"),
    Refusal(13, "the nickname is taken", "DUPLICATE_COMM_NICKNAME", messages.NICKNAME_TAKEN, ("CommunityNickname",),
            "F4.3", _R, _CODES),
    Refusal(14, "required fields are missing", "REQUIRED_FIELD_MISSING", messages.REQUIRED, (),
            "F4.1", _R, _USER),
    Refusal(15, "setup and other objects share a transaction", "MIXED_DML_OPERATION", messages.MIXED_DML, (),
            "F6.1", _D, f"{_APEX}apex_dml_non_mix_sobjects.htm"),
    Refusal(16, "groups are being recalculated", "UNKNOWN_EXCEPTION", messages.GROUP_LOCKED, (),
            "F9.1", _D, "https://developer.salesforce.com/docs/atlas.en-us.draes.meta/draes/"),
    Refusal(17, "another transaction holds the row", "UNABLE_TO_LOCK_ROW", messages.ROW_LOCKED, (),
            "F9.1", _R, _CODES),
    Refusal(18, "a duplicate rule finds a twin", "DUPLICATES_DETECTED", messages.DUPLICATES_DETECTED, (),
            "F5.5", _D, f"{_REST}headers_duplicaterules.htm"),
    Refusal(19, "the permission set is bound to another license", _INTEGRITY, messages.PERMISSION_LICENSE, (),
            "F7.1", _R, _ASSIGNMENT),
    Refusal(20, "the permission set is assigned already", "DUPLICATE_VALUE", messages.DUPLICATE_VALUE, (),
            "F7.3", _R, _ASSIGNMENT),
    Refusal(21, "a partner user owns the account of another", "UNKNOWN_EXCEPTION", messages.PARTNER_OWNER, (),
            "F3.8", _R, _USER),
    Refusal(22, "the field can't be written", "INVALID_FIELD_FOR_INSERT_UPDATE", messages.READ_ONLY, ("AccountId",),
            "F1.6", _R, _USER),
    Refusal(23, "the record referred to does not exist", _REFERENCE, messages.BAD_REFERENCE, (),
            "F4.7", _R, _CODES),
    Refusal(24, "a user is deleted", "INVALID_TYPE_FOR_OPERATION", messages.UNSUPPORTED, (),
            "F4.4", _D, _USER, 405),
    Refusal(25, "another record of an all-or-none request fails", "ALL_OR_NONE_OPERATION_ROLLED_BACK",
            messages.ROLLED_BACK, (), "F6.3", _D, f"{_REST}resources_composite_sobjects_collections.htm", 200),
)
# fmt: on
"""Every refusal, in the order of its number."""
