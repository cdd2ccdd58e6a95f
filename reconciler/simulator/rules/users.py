"""Rules of the User object that are not about its license."""

import re

from reconciler.simulator import messages
from reconciler.simulator.errors import RowError
from reconciler.simulator.rules.rule import HELP, OBJECTS, Rule
from reconciler.simulator.write import INTERNAL, ROLE_BASED, Write

_USERNAME = re.compile(r"[^@\s<>()\[\],;:\\\"]+@[^@\s<>()\[\],;:\\\"]+\.[^@\s<>()\[\],;:\\\".]+\Z")


def _username_form(write: Write) -> None:
    if write.changes("Username") and not _USERNAME.match(str(write.after.get("Username"))):
        raise RowError("FIELD_INTEGRITY_EXCEPTION", messages.USERNAME_FORM, ("Username",))


def _unique(write: Write, field: str, error: RowError) -> None:
    value = write.after.get(field)
    if not write.changes(field) or value is None:
        return
    if any(other["Id"] != write.was("Id") for other in write.org.store.find("User", **{field: value})):
        raise error


def _username_unique(write: Write) -> None:
    _unique(write, "Username", RowError("DUPLICATE_USERNAME", messages.USERNAME_TAKEN, ("Username",)))


def _nickname_unique(write: Write) -> None:
    error = RowError("DUPLICATE_COMM_NICKNAME", messages.NICKNAME_TAKEN, ("CommunityNickname",))
    _unique(write, "CommunityNickname", error)


def _federation_unique(write: Write) -> None:
    value = write.after.get("FederationIdentifier")
    others = write.org.store.find("User", FederationIdentifier=value) if value else []
    for other in others:
        if write.changes("FederationIdentifier") and other["Id"] != write.was("Id"):
            message = messages.DUPLICATE_VALUE.format(field="FederationIdentifier", id=other["Id"])
            raise RowError("DUPLICATE_VALUE", message, ("FederationIdentifier",))


def _contact_set_once(write: Write) -> None:
    if write.was("ContactId") is not None and write.changes("ContactId") and not write.is_disabling:
        raise RowError("FIELD_INTEGRITY_EXCEPTION", messages.CONTACT_FIXED, ("ContactId",))


def _contact_has_account(write: Write) -> None:
    contact = write.contact()
    if write.changes("ContactId") and contact and contact.get("AccountId") is None:
        raise RowError("UNKNOWN_EXCEPTION", messages.OWNER_NEEDS_ROLE)


def _contact_is_free(write: Write) -> None:
    if not write.changes("ContactId") or write.after.get("ContactId") is None:
        return
    if any(
        other["Id"] != write.was("Id") for other in write.org.store.find("User", ContactId=write.after["ContactId"])
    ):
        raise RowError("PORTAL_USER_ALREADY_EXISTS_FOR_CONTACT", messages.CONTACT_TAKEN)


def _owner_has_role(write: Write) -> None:
    if not write.changes("ContactId", "ProfileId") or write.user_type() in INTERNAL:
        return
    settings = write.org.settings
    if write.license_name() == "External Identity" and not settings.contact_identity_needs_owner_role:
        return
    account = write.get("Account", write.contact().get("AccountId"))
    if account and write.get("User", account.get("OwnerId")).get("UserRoleId") is None:
        raise RowError("UNKNOWN_EXCEPTION", messages.OWNER_NEEDS_ROLE)


def _role_fits(write: Write) -> None:
    if not write.changes("UserRoleId") or write.after.get("UserRoleId") is None:
        return
    role = write.get("UserRole", write.after["UserRoleId"])
    portal = role.get("PortalType") if role.get("PortalType") != "None" else None
    if portal != ROLE_BASED.get(write.user_type()):
        raise RowError("FIELD_INTEGRITY_EXCEPTION", messages.ROLE_TYPE)
    if portal and role.get("PortalAccountId") != write.contact().get("AccountId"):
        raise RowError("INVALID_CROSS_REFERENCE_KEY", messages.BAD_REFERENCE, ("UserRoleId",))


_USER = f"{OBJECTS}sforce_api_objects_user.htm"

RULES: tuple[Rule, ...] = (
    Rule("username-form", "User", _username_form, "F4.2", "reported", _USER),
    Rule("username-unique", "User", _username_unique, "F4.2", "documented", f"{HELP}000381924"),
    Rule("nickname-unique", "User", _nickname_unique, "F4.3", "reported", _USER),
    Rule("federation-unique", "User", _federation_unique, "F4.6", "documented", _USER),
    Rule("contact-set-once", "User", _contact_set_once, "F1.7", "inferred", _USER),
    Rule("contact-has-account", "User", _contact_has_account, "F1.6", "documented", _USER),
    Rule("contact-is-free", "User", _contact_is_free, "F1.8", "reported", _USER),
    Rule(
        "owner-has-role",
        "User",
        _owner_has_role,
        "F3.7",
        "documented",
        f"{HELP}000385901",
        "contact_identity_needs_owner_role",
    ),
    Rule("role-fits", "User", _role_fits, "F3.5", "reported", f"{OBJECTS}sforce_api_objects_role.htm"),
)
