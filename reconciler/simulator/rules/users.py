"""Rules on a user's names, which must be the user's alone."""

import re

from reconciler.simulator import messages
from reconciler.simulator.errors import RowError
from reconciler.simulator.rules.rule import HELP, OBJECTS, SAVE, Rule, Tag
from reconciler.simulator.write import Write

_USERNAME = re.compile(r"[^@\s<>()\[\],;:\\\"]+@[^@\s<>()\[\],;:\\\"]+\.[^@\s<>()\[\],;:\\\".]+\Z")


def _username_form(write: Write) -> None:
    if write.changes("Username") and not _USERNAME.match(str(write.after.get("Username"))):
        raise RowError("FIELD_INTEGRITY_EXCEPTION", messages.USERNAME_FORM, ("Username",))


def _other_with(write: Write, field: str) -> str | None:
    """Another user with the same new value."""
    value = write.after.get(field)
    if value is None or not write.changes(field):
        return None
    found = write.org.store.find("User", **{field: value})
    return next((str(other["Id"]) for other in found if other["Id"] != write.was("Id")), None)


def _username_unique(write: Write) -> None:
    if _other_with(write, "Username"):
        raise RowError("DUPLICATE_USERNAME", messages.USERNAME_TAKEN, ("Username",))


def _nickname_unique(write: Write) -> None:
    if _other_with(write, "CommunityNickname"):
        raise RowError("DUPLICATE_COMM_NICKNAME", messages.NICKNAME_TAKEN, ("CommunityNickname",))


def _federation_unique(write: Write) -> None:
    other = _other_with(write, "FederationIdentifier")
    if other:
        message = messages.DUPLICATE_VALUE.format(field="FederationIdentifier", id=other)
        raise RowError("DUPLICATE_VALUE", message, ("FederationIdentifier",))


_USER = f"{OBJECTS}sforce_api_objects_user.htm"

RULES: tuple[Rule, ...] = (
    Rule("username-form", "User", SAVE, _username_form, "F4.2", Tag.REPORTED, _USER),
    Rule("username-unique", "User", SAVE, _username_unique, "F4.2", Tag.DOCUMENTED, f"{HELP}000381924"),
    Rule("nickname-unique", "User", SAVE, _nickname_unique, "F4.3", Tag.REPORTED, _USER),
    Rule("federation-unique", "User", SAVE, _federation_unique, "F4.6", Tag.DOCUMENTED, _USER),
)
