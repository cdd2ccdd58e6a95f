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


def _email_domain(write: Write) -> None:
    if not write.org.settings.email_domains or not write.changes("Email"):
        return
    domains = [domain.strip() for domain in write.org.settings.email_domains.split(",") if domain.strip()]
    domain = str(write.after.get("Email")).rpartition("@")[2].lower()
    if domains and domain not in map(str.lower, domains):
        message = messages.EMAIL_DOMAIN.format(domains=",".join(domains))
        raise RowError("FIELD_INTEGRITY_EXCEPTION", message, ("Email",))


def _features_are_licensed(write: Write) -> None:
    """Each feature that is switched on for an active user takes one of the licenses of that feature."""
    if write.after.get("IsActive") is not True:
        return
    is_activated = write.changes("IsActive")
    for name, value in (write.after if is_activated else write.given).items():
        if value is True and name.startswith("UserPermissions") and (is_activated or write.was(name) is not True):
            others = write.org.store.select(f'SELECT count(*) FROM User WHERE IsActive = 1 AND "{name}" = 1')
            if int(others[0][0]) >= write.org.settings.feature_licenses:
                raise RowError("LICENSE_LIMIT_EXCEEDED", messages.FEATURE_LIMIT)


_USER = f"{OBJECTS}sforce_api_objects_user.htm"

RULES: tuple[Rule, ...] = (
    Rule("username-form", "User", SAVE, _username_form, "F4.2", Tag.REPORTED, _USER),
    Rule("username-unique", "User", SAVE, _username_unique, "F4.2", Tag.DOCUMENTED, f"{HELP}000381924"),
    Rule("nickname-unique", "User", SAVE, _nickname_unique, "F4.3", Tag.REPORTED, _USER),
    Rule("federation-unique", "User", SAVE, _federation_unique, "F4.6", Tag.DOCUMENTED, _USER),
    Rule("email-domain-is-allowed", "User", SAVE, _email_domain, "F4.7", Tag.REPORTED, _USER, ("email_domains",)),
    Rule(
        "features-are-licensed",
        "User",
        SAVE,
        _features_are_licensed,
        "F2.13",
        Tag.DOCUMENTED,
        f"{HELP}000384982",
        ("feature_licenses",),
    ),
)
