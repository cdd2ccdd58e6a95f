"""Rules about licenses: which moves are permitted, whether a seat is free, which profiles may be used."""

from collections.abc import Mapping
from enum import StrEnum

from reconciler.simulator import messages
from reconciler.simulator.errors import RowError
from reconciler.simulator.rules.rule import HELP, OBJECTS, Rule
from reconciler.simulator.write import INTERNAL, Write

IDENTITY = "External Identity"


class Family(StrEnum):
    """Licenses whose users move alike (F2.5)."""

    IDENTITY = "L-EI"
    LITE = "L"
    CUSTOMER = "P"
    PARTNER = "R"
    INTERNAL = "internal"


_FAMILIES: Mapping[str, Family] = {
    "CspLitePortal": Family.LITE,
    "PowerCustomerSuccess": Family.CUSTOMER,
    "PowerPartner": Family.PARTNER,
}

PERMITTED: frozenset[tuple[Family, Family]] = frozenset(
    {
        (Family.IDENTITY, Family.IDENTITY),
        (Family.IDENTITY, Family.LITE),
        (Family.IDENTITY, Family.CUSTOMER),
        (Family.IDENTITY, Family.PARTNER),
        (Family.LITE, Family.LITE),
        (Family.LITE, Family.CUSTOMER),
        (Family.LITE, Family.PARTNER),
        (Family.CUSTOMER, Family.CUSTOMER),
        (Family.PARTNER, Family.PARTNER),
        (Family.INTERNAL, Family.INTERNAL),
    }
)
"""The table of F2.12 for users with a contact; the way back to External Identity leads over disabling (F1.9)."""

STANDARD_PROFILES = frozenset(
    {
        "External Identity User",
        "Customer Community User",
        "Customer Community Login User",
        "Customer Community Plus User",
        "Customer Community Plus Login User",
        "Partner Community User",
        "Partner Community Login User",
        "External Apps Login User",
        "Gold Partner User",
        "Silver Partner User",
        "High Volume Customer Portal User",
        "Authenticated Website",
        "Customer Portal Manager Custom",
        "Customer Portal Manager Standard",
    }
)
"""Standard external profiles (F2.4)."""


def _family(write: Write, *, before: bool = False) -> Family:
    if write.license_name(before=before) == IDENTITY:
        return Family.IDENTITY
    return _FAMILIES.get(write.user_type(before=before), Family.INTERNAL)


def _contact_bound(write: Write) -> None:
    """A community license wants a contact: the one before the update, unless the setting says otherwise."""
    if not write.changes("ProfileId", "ContactId") or write.user_type() in INTERNAL or write.is_disabling:
        return
    combined = write.is_insert or write.org.settings.combined_contact_profile or not write.changes("ProfileId")
    contact = write.after.get("ContactId") if combined else write.was("ContactId")
    is_free = write.license_name() == IDENTITY and write.org.settings.contactless_users
    if contact is None and not is_free:
        raise RowError("INVALID_CROSS_REFERENCE_KEY", messages.NO_CONTACT, ("ContactId",))


def _permitted_move(write: Write) -> None:
    if write.is_insert or not write.changes("ProfileId") or write.license_name() == write.license_name(before=True):
        return
    move = (_family(write, before=True), _family(write))
    was_disabled = write.was("IsActive") is False and write.was("ContactId") is None
    if was_disabled and move[1] is Family.IDENTITY and move[0] is not Family.INTERNAL:
        return
    if move == (Family.CUSTOMER, Family.LITE) and write.org.settings.plus_to_lite:
        return
    if move not in PERMITTED:
        raise RowError("FIELD_INTEGRITY_EXCEPTION", messages.FORBIDDEN_MOVE, ("ProfileId",))


def _standard_profile_gate(write: Write) -> None:
    if write.org.settings.standard_external_profiles or write.user_type() in INTERNAL:
        return
    if str(write.profile().get("Name")) in STANDARD_PROFILES:
        raise RowError("FIELD_INTEGRITY_EXCEPTION", messages.STANDARD_PROFILE, ("ProfileId",))


def _seat_is_free(write: Write) -> None:
    if write.after.get("IsActive") is not True or not write.changes("ProfileId", "IsActive"):
        return
    license_id = write.profile().get("UserLicenseId")
    if write.was("IsActive") is True and write.profile(before=True).get("UserLicenseId") == license_id:
        return
    bought = write.get("UserLicense", license_id)
    if int(bought.get("UsedLicenses") or 0) >= int(bought.get("TotalLicenses") or 0):
        raise RowError("LICENSE_LIMIT_EXCEEDED", messages.LICENSE_LIMIT.format(license=bought.get("Name")))


def _permission_sets_fit(write: Write) -> None:
    if write.is_insert or not write.changes("ProfileId") or not write.org.settings.license_bound_permission_sets:
        return
    license_id = write.profile().get("UserLicenseId")
    for assignment in write.org.store.find("PermissionSetAssignment", AssigneeId=write.was("Id")):
        bound = write.get("PermissionSet", assignment["PermissionSetId"])
        if bound.get("LicenseId") not in {None, license_id}:
            message = messages.PERMISSION_LICENSE.format(label=bound.get("Label"))
            raise RowError("FIELD_INTEGRITY_EXCEPTION", message)


_UPGRADES = f"{HELP}platform.networks_license_upgrade_eligible.htm"
_USER = f"{OBJECTS}sforce_api_objects_user.htm"

RULES: tuple[Rule, ...] = (
    Rule(
        "contact-bound-license",
        "User",
        _contact_bound,
        "F1.1",
        "reported",
        f"{HELP}platform.users_contactless_users_manage_users.htm",
        "combined_contact_profile",
    ),
    Rule("permitted-license-move", "User", _permitted_move, "F2.12", "documented", _UPGRADES, "plus_to_lite"),
    Rule(
        "standard-profile-gate",
        "User",
        _standard_profile_gate,
        "F2.7",
        "documented",
        "https://developer.salesforce.com/docs/atlas.en-us.api_meta.meta/api_meta/meta_communitiessettings.htm",
        "standard_external_profiles",
    ),
    Rule("seat-is-free", "User", _seat_is_free, "F2.13", "documented", _USER),
    Rule(
        "permission-sets-fit-license",
        "User",
        _permission_sets_fit,
        "F7.5",
        "inferred",
        f"{OBJECTS}sforce_api_objects_permissionsetassignment.htm",
        "license_bound_permission_sets",
    ),
)
