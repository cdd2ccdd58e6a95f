"""Rules about licenses: which moves are permitted, whether a seat is free, which profiles may be used."""

from collections.abc import Mapping
from enum import StrEnum

from reconciler.simulator import messages
from reconciler.simulator.errors import RowError
from reconciler.simulator.rules.rule import HELP, OBJECTS, SAVE, Rule, Tag
from reconciler.simulator.write import INTERNAL, Operation, Write

IDENTITY = "External Identity"


class Family(StrEnum):
    """Licenses whose users move alike (F2.5); users of External Identity move by whether they have a contact."""

    CONTACTLESS = "External Identity without a contact"
    IDENTITY = "External Identity"
    LITE = "CspLitePortal"
    CUSTOMER = "PowerCustomerSuccess"
    PARTNER = "PowerPartner"
    INTERNAL = "Standard"
    OTHER = "any other user type"


class Verdict(StrEnum):
    """What becomes of a move from one license to another."""

    OK = "permitted"
    CONTACT_FIRST = "the user needs a contact first"
    DISABLE_FIRST = "only for a user that was disabled"
    PLUS_TO_LITE = "as the setting plus_to_lite says"
    PLUS_TO_PARTNER = "as the setting plus_to_partner says"
    REJECTED = "never"


def _row(*verdicts: Verdict) -> Mapping[Family, Verdict]:
    columns = (Family.IDENTITY, Family.LITE, Family.CUSTOMER, Family.PARTNER, Family.INTERNAL)
    return dict(zip(columns, verdicts, strict=True))


_OK, _NO, _CONTACT, _DISABLE = Verdict.OK, Verdict.REJECTED, Verdict.CONTACT_FIRST, Verdict.DISABLE_FIRST
_TO_LITE, _TO_PARTNER = Verdict.PLUS_TO_LITE, Verdict.PLUS_TO_PARTNER

# F2.12. The way back to External Identity leads over disabling (F1.9).
# fmt: off
MOVES: Mapping[Family, Mapping[Family, Verdict]] = {
    # from                  to: identity  lite      customer  partner      internal
    Family.CONTACTLESS: _row(_OK,      _CONTACT, _CONTACT, _CONTACT,    _NO),
    Family.IDENTITY:    _row(_OK,      _OK,      _OK,      _OK,         _NO),
    Family.LITE:        _row(_DISABLE, _OK,      _OK,      _OK,         _NO),
    Family.CUSTOMER:    _row(_DISABLE, _TO_LITE, _OK,      _TO_PARTNER, _NO),
    Family.PARTNER:     _row(_DISABLE, _NO,      _NO,      _OK,         _NO),
    Family.INTERNAL:    _row(_NO,      _NO,      _NO,      _NO,         _OK),
    Family.OTHER:       _row(_NO,      _NO,      _NO,      _NO,         _NO),
}
# fmt: on
"""Verdict by the license that a user has and the one that it gets; its own license is always OK."""

_FAMILIES: Mapping[str, Family] = {
    "CspLitePortal": Family.LITE,
    "PowerCustomerSuccess": Family.CUSTOMER,
    "PowerPartner": Family.PARTNER,
    **dict.fromkeys(INTERNAL, Family.INTERNAL),
}

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
    return _FAMILIES.get(write.user_type(before=before), Family.OTHER)


def _contact_that_counts(write: Write) -> object:
    """The contact by which a license is judged: the one before the update, unless a setting says otherwise (F1.10)."""
    is_combined = write.is_insert or write.org.settings.combined_contact_profile
    return write.after.get("ContactId") if is_combined else write.was("ContactId")


def _contact_for_license(write: Write) -> None:
    """Only users of External Identity may be without a contact; a user that was disabled stays inactive without one."""
    if not write.is_external or write.is_disabling or not write.changes("ProfileId", "ContactId", "IsActive"):
        return
    is_at_rest = write.after.get("IsActive") is False and not write.changes("ProfileId", "ContactId")
    if write.license_name() == IDENTITY:
        is_missing = write.after.get("ContactId") is None and not write.org.settings.contactless_users
    else:
        is_missing = write.after.get("ContactId") is None or _contact_that_counts(write) is None
    if is_missing and not is_at_rest:
        raise RowError("INVALID_CROSS_REFERENCE_KEY", messages.NO_CONTACT, ("ContactId",))


def _verdict(write: Write) -> Verdict:
    held, wanted = _family(write, before=True), _family(write)
    if held is Family.IDENTITY and _contact_that_counts(write) is None:
        held = Family.CONTACTLESS
    return MOVES[held].get(wanted, Verdict.REJECTED)


def _is_permitted(write: Write, verdict: Verdict) -> bool:
    match verdict:
        case Verdict.PLUS_TO_LITE:
            return write.org.settings.plus_to_lite
        case Verdict.PLUS_TO_PARTNER:
            return write.org.settings.plus_to_partner
        case Verdict.DISABLE_FIRST:
            return write.was("IsActive") is False and write.was("ContactId") is None
        case _:
            return verdict is Verdict.OK


def _permitted_move(write: Write) -> None:
    if not write.changes("ProfileId") or write.license_name() == write.license_name(before=True):
        return
    verdict = _verdict(write)
    if verdict is Verdict.CONTACT_FIRST:
        raise RowError("INVALID_CROSS_REFERENCE_KEY", messages.NO_CONTACT, ("ContactId",))
    if not _is_permitted(write, verdict):
        raise RowError("FIELD_INTEGRITY_EXCEPTION", messages.FORBIDDEN_MOVE, ("ProfileId",))


def _standard_profile_gate(write: Write) -> None:
    if not write.org.settings.standard_external_profiles and write.profile().get("Name") in STANDARD_PROFILES:
        raise RowError("FIELD_INTEGRITY_EXCEPTION", messages.STANDARD_PROFILE, ("ProfileId",))


def _permission_sets_fit(write: Write) -> None:
    if not write.changes("ProfileId") or not write.org.settings.license_bound_permission_sets:
        return
    license_id = write.profile().get("UserLicenseId")
    for assignment in write.org.store.find("PermissionSetAssignment", AssigneeId=write.was("Id")):
        bound = write.get("PermissionSet", assignment["PermissionSetId"])
        if bound.get("LicenseId") not in {None, license_id}:
            message = messages.PERMISSION_LICENSE.format(label=bound.get("Label"))
            raise RowError("FIELD_INTEGRITY_EXCEPTION", message)


def _seat_is_free(write: Write) -> None:
    """An active user takes a seat when it becomes active and when its license becomes another (F2.13)."""
    if write.after.get("IsActive") is not True or not write.changes("ProfileId", "IsActive"):
        return
    license_id = str(write.profile().get("UserLicenseId"))
    has_seat = write.was("IsActive") is True and write.profile(before=True).get("UserLicenseId") == license_id
    if not has_seat and not write.lookups.take_seat(license_id):
        message = messages.LICENSE_LIMIT.format(license=write.license_name())
        raise RowError("LICENSE_LIMIT_EXCEEDED", message)


_UPDATE = (Operation.UPDATE,)
_CONTACTLESS = f"{HELP}platform.users_contactless_users_manage_users.htm"
_UPGRADES = f"{HELP}platform.networks_license_upgrade_eligible.htm"
_GATE = "https://developer.salesforce.com/docs/atlas.en-us.api_meta.meta/api_meta/meta_communitiessettings.htm"
_ASSIGNMENT = f"{OBJECTS}sforce_api_objects_permissionsetassignment.htm"

RULES: tuple[Rule, ...] = (
    Rule(
        "license-move-is-permitted",
        "User",
        _UPDATE,
        _permitted_move,
        "F2.12",
        Tag.INFERRED,
        _UPGRADES,
        ("plus_to_lite", "plus_to_partner", "combined_contact_profile"),
    ),
    Rule(
        "license-has-its-contact",
        "User",
        SAVE,
        _contact_for_license,
        "F1.1",
        Tag.REPORTED,
        _CONTACTLESS,
        ("contactless_users", "combined_contact_profile"),
    ),
    Rule(
        "standard-profile-is-allowed",
        "User",
        SAVE,
        _standard_profile_gate,
        "F2.7",
        Tag.DOCUMENTED,
        _GATE,
        ("standard_external_profiles",),
    ),
    Rule(
        "assigned-permission-sets-fit-license",
        "User",
        _UPDATE,
        _permission_sets_fit,
        "F7.5",
        Tag.INFERRED,
        _ASSIGNMENT,
        ("license_bound_permission_sets",),
    ),
)

SEATS = Rule(
    "seat-is-free",
    "User",
    SAVE,
    _seat_is_free,
    "F2.13",
    Tag.DOCUMENTED,
    f"{OBJECTS}sforce_api_objects_user.htm",
)
"""Asked last, so that only a row that is right otherwise is told of seats."""
