"""Rules on the link from a user to its contact, and on the account behind it."""

from reconciler.simulator import messages
from reconciler.simulator.errors import RowError
from reconciler.simulator.rules.licenses import IDENTITY
from reconciler.simulator.rules.rule import HELP, OBJECTS, SAVE, Rule, Tag
from reconciler.simulator.write import Operation, Write


def _contact_is_set_once(write: Write) -> None:
    if write.was("ContactId") is None or write.is_disabling or write.org.settings.contact_can_change:
        return
    if write.changes("ContactId"):
        raise RowError("FIELD_INTEGRITY_EXCEPTION", messages.CONTACT_FIXED, ("ContactId",))


def _contact_is_of_external(write: Write) -> None:
    if write.is_external or write.org.settings.internal_users_with_contact:
        return
    if write.changes("ContactId") and write.after.get("ContactId") is not None:
        raise RowError("FIELD_INTEGRITY_EXCEPTION", messages.CONTACT_OF_INTERNAL, ("ContactId",))


def _contact_has_account(write: Write) -> None:
    contact = write.contact()
    if write.changes("ContactId") and contact and contact.get("AccountId") is None:
        # Developers saw the sentence of the owner's role for contacts without an account (F1.6).
        raise RowError("UNKNOWN_EXCEPTION", messages.OWNER_NEEDS_ROLE)


def _contact_is_free(write: Write) -> None:
    is_taken = write.after.get("ContactId") is not None and write.changes("ContactId", "IsActive")
    if not is_taken or (write.org.settings.inactive_users_free_contact and write.after.get("IsActive") is False):
        return
    for other in write.org.store.find("User", ContactId=write.after["ContactId"]):
        blocks = other["IsActive"] or not write.org.settings.inactive_users_free_contact
        if other["Id"] != write.was("Id") and blocks:
            raise RowError("PORTAL_USER_ALREADY_EXISTS_FOR_CONTACT", messages.CONTACT_TAKEN)


def _links(write: Write) -> bool:
    """Whether a user becomes a user of an account, or of another license there."""
    return write.is_external and bool(write.account()) and write.changes("ContactId", "ProfileId")


def _owner_has_role(write: Write) -> None:
    is_excused = write.license_name() == IDENTITY and not write.org.settings.contact_identity_needs_owner_role
    if not _links(write) or is_excused:
        return
    if write.get("User", write.account().get("OwnerId")).get("UserRoleId") is None:
        raise RowError("UNKNOWN_EXCEPTION", messages.OWNER_NEEDS_ROLE)


def _partner_owns_nothing(write: Write) -> None:
    if not _links(write) or write.user_type() != "PowerPartner":
        return
    owners = (write.account().get("OwnerId"), write.contact().get("OwnerId"))
    if any(write.get("User", owner).get("UserType") == "PowerPartner" for owner in owners):
        raise RowError("UNKNOWN_EXCEPTION", messages.PARTNER_OWNER)


def _moved_contact_finds_role(write: Write) -> None:
    """A contact with a user moves only to an account whose owner has a role."""
    account_id = write.after.get("AccountId")
    if not write.changes("AccountId") or account_id is None or not write.org.settings.moved_contact_needs_owner_role:
        return
    owner = write.get("User", write.get("Account", account_id).get("OwnerId"))
    if owner.get("UserRoleId") is None and write.org.store.find("User", ContactId=write.was("Id")):
        raise RowError("UNKNOWN_EXCEPTION", messages.OWNER_NEEDS_ROLE)


def _moves_are_few(write: Write) -> None:
    if not write.changes("AccountId") or not write.org.store.find("User", ContactId=write.was("Id")):
        return
    write.lookups.moved_contacts += 1
    most = write.org.settings.moved_contacts
    if write.lookups.moved_contacts > most:
        raise RowError("LIMIT_EXCEEDED", messages.MOVED_CONTACTS.format(most=most), ("AccountId",))


def _contact_keeps_account(write: Write) -> None:
    if not write.org.settings.contacts_of_users_are_kept or write.was("AccountId") is None:
        return
    if write.after.get("AccountId") is None and write.org.store.find("User", ContactId=write.was("Id")):
        raise RowError("FIELD_INTEGRITY_EXCEPTION", messages.CONTACT_OF_USER, ("AccountId",))


def _contact_stays(write: Write) -> None:
    is_kept = write.org.settings.contacts_of_users_are_kept
    if is_kept and write.org.store.find("User", ContactId=write.was("Id")):
        raise RowError("DELETE_FAILED", messages.CONTACT_OF_USER)


_USER = f"{OBJECTS}sforce_api_objects_user.htm"
_CONTACT = f"{OBJECTS}sforce_api_objects_contact.htm"
_MOVE = f"{HELP}sales.contacts_details.htm"
_UPGRADE = f"{HELP}xcloud.external_identity_manage_upgrade_contactless_users.htm"
_KEPT = ("contacts_of_users_are_kept",)
_UPDATE, _DELETE = (Operation.UPDATE,), (Operation.DELETE,)

RULES: tuple[Rule, ...] = (
    Rule(
        "contact-is-set-once",
        "User",
        _UPDATE,
        _contact_is_set_once,
        "F1.7",
        Tag.INFERRED,
        "https://salesforce.stackexchange.com/questions/220561",
        ("contact_can_change",),
    ),
    Rule(
        "contact-is-of-external-user",
        "User",
        SAVE,
        _contact_is_of_external,
        "F2.12",
        Tag.INFERRED,
        _UPGRADE,
        ("internal_users_with_contact",),
    ),
    Rule("contact-has-account", "User", SAVE, _contact_has_account, "F1.6", Tag.DOCUMENTED, _USER),
    Rule(
        "contact-has-one-user",
        "User",
        SAVE,
        _contact_is_free,
        "F1.8",
        Tag.REPORTED,
        _USER,
        ("inactive_users_free_contact",),
    ),
    Rule(
        "account-owner-has-role",
        "User",
        SAVE,
        _owner_has_role,
        "F3.7",
        Tag.DOCUMENTED,
        f"{HELP}000385901",
        ("contact_identity_needs_owner_role",),
    ),
    Rule("partner-user-owns-no-partner-account", "User", SAVE, _partner_owns_nothing, "F3.8", Tag.REPORTED, _USER),
    Rule(
        "moved-contact-finds-owner-with-role",
        "Contact",
        _UPDATE,
        _moved_contact_finds_role,
        "F5.3",
        Tag.INFERRED,
        _MOVE,
        ("moved_contact_needs_owner_role",),
    ),
    Rule("contact-keeps-account", "Contact", _UPDATE, _contact_keeps_account, "F5.4", Tag.INFERRED, _CONTACT, _KEPT),
    Rule("contacts-move-few", "Contact", _UPDATE, _moves_are_few, "F5.3", Tag.INFERRED, _MOVE, ("moved_contacts",)),
    Rule("contact-of-user-stays", "Contact", _DELETE, _contact_stays, "F5.4", Tag.INFERRED, _CONTACT, _KEPT),
)
