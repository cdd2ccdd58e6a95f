"""Rules on roles: those of users, which must fit, and those of accounts, which Salesforce alone keeps."""

from reconciler.simulator import messages
from reconciler.simulator.errors import RowError
from reconciler.simulator.rules.rule import HELP, OBJECTS, SAVE, Rule, Tag
from reconciler.simulator.write import ROLE_BASED, SHARED_LEVEL, Operation, Write

LEVELS = ("Worker", "Manager", "Executive")
"""Portal role levels from the lowest; an org's setting says how many an account gets (F3.1)."""

_PORTALS_OF_OWNER = (
    "SELECT 1 FROM Account a JOIN Contact c ON c.AccountId = a.Id JOIN User u ON u.ContactId = c.Id "
    "WHERE a.OwnerId = ? AND a.IsDeleted = 0 LIMIT 1"
)


def _portal_of(role: object) -> object:
    return None if role == "None" else role


def _role_fits_user(write: Write) -> None:
    """An internal user has an internal role, a role-based one a role of its portal, any other external user none."""
    role_id = write.after.get("UserRoleId")
    if role_id is None or not write.changes("UserRoleId"):
        return
    wanted = ROLE_BASED.get(write.user_type())
    held = _portal_of(write.get("UserRole", role_id).get("PortalType"))
    if held != wanted or (wanted is None and write.is_external):
        raise RowError("FIELD_INTEGRITY_EXCEPTION", messages.ROLE_TYPE)


def _role_is_of_account(write: Write) -> None:
    role = write.get("UserRole", write.after.get("UserRoleId"))
    if not write.changes("UserRoleId") or not role or write.org.settings.roles_of_other_accounts:
        return
    if role.get("PortalAccountId") not in {None, write.contact().get("AccountId")}:
        raise RowError("INVALID_CROSS_REFERENCE_KEY", messages.BAD_REFERENCE)


def _level_fits_user(write: Write) -> None:
    is_given = write.given.get("PortalRole") is not None
    if is_given and write.user_type() not in ROLE_BASED:
        raise RowError("FIELD_INTEGRITY_EXCEPTION", messages.ROLE_TYPE)


def _level_exists(write: Write) -> None:
    """The account has a role of that level; one that is yet to get its roles gets as many as the org sets."""
    level, account_id = write.given.get("PortalRole"), write.contact().get("AccountId")
    if level is None or account_id is None or write.org.settings.missing_role_level_falls_back:
        return
    if level == SHARED_LEVEL and write.org.settings.account_role_optimization:
        return
    portal = ROLE_BASED.get(write.user_type())
    roles = write.org.store.find("UserRole", PortalAccountId=account_id, PortalType=portal)
    levels = [role["PortalRole"] for role in roles] or LEVELS[: write.org.settings.portal_role_levels]
    if level not in levels:
        raise RowError("FIELD_INTEGRITY_EXCEPTION", messages.MISSING_LEVEL.format(level=level), ("PortalRole",))


def _owner_keeps_role(write: Write) -> None:
    """The owner of an account with portal users may not lose the role."""
    if write.was("UserRoleId") is None or write.after.get("UserRoleId") is not None:
        return
    is_kept = write.org.settings.portal_account_owner_keeps_role
    if is_kept and write.org.store.select(_PORTALS_OF_OWNER, [write.was("Id")]):
        raise RowError("UNKNOWN_EXCEPTION", messages.OWNER_NEEDS_ROLE)


def _is_portal_role(write: Write) -> bool:
    return _portal_of(write.was("PortalType")) is not None


def _portal_role_is_salesforces(write: Write) -> None:
    if _is_portal_role(write):
        raise RowError("FIELD_INTEGRITY_EXCEPTION", messages.PORTAL_ROLE_FIELD, ("Name",))


def _portal_role_stays(write: Write) -> None:
    """Only the lowest role of an account can be deleted, and only where another one takes its place (F3.4)."""
    if not _is_portal_role(write):
        return
    account = {"PortalAccountId": write.was("PortalAccountId"), "PortalType": write.was("PortalType")}
    others = {role["PortalRole"] for role in write.org.store.find("UserRole", **account)} - {write.was("PortalRole")}
    is_replaced = "Manager" in others or not others
    if write.was("PortalRole") != LEVELS[0] or not is_replaced:
        raise RowError("FIELD_INTEGRITY_EXCEPTION", messages.PORTAL_ROLE_FIELD, ("Name",))


def _role_in_use_stays(write: Write) -> None:
    if not write.org.settings.records_in_use_are_kept:
        return
    store, role_id = write.org.store, write.was("Id")
    if store.find("User", UserRoleId=role_id) or store.find("UserRole", ParentRoleId=role_id):
        raise RowError("DEPENDENCY_EXISTS", messages.IN_USE.format(label="role"))


_USER = f"{OBJECTS}sforce_api_objects_user.htm"
_ROLE = f"{OBJECTS}sforce_api_objects_role.htm"
_LEVELS = f"{HELP}005167124"
_UPDATE, _DELETE = (Operation.UPDATE,), (Operation.DELETE,)

RULES: tuple[Rule, ...] = (
    Rule("role-fits-user", "User", SAVE, _role_fits_user, "F3.5", Tag.REPORTED, _ROLE),
    Rule(
        "role-is-of-account",
        "User",
        SAVE,
        _role_is_of_account,
        "F3.5",
        Tag.INFERRED,
        _ROLE,
        ("roles_of_other_accounts",),
    ),
    Rule("role-level-fits-user", "User", SAVE, _level_fits_user, "F3.5", Tag.REPORTED, _USER),
    Rule(
        "role-level-exists",
        "User",
        SAVE,
        _level_exists,
        "F3.1",
        Tag.INFERRED,
        _LEVELS,
        ("portal_role_levels", "missing_role_level_falls_back"),
    ),
    Rule(
        "portal-account-owner-keeps-role",
        "User",
        _UPDATE,
        _owner_keeps_role,
        "F3.7",
        Tag.INFERRED,
        f"{HELP}000389462",
        ("portal_account_owner_keeps_role",),
    ),
    Rule("portal-role-is-salesforces", "UserRole", _UPDATE, _portal_role_is_salesforces, "F3.4", Tag.DOCUMENTED, _ROLE),
    Rule("portal-role-stays", "UserRole", _DELETE, _portal_role_stays, "F3.4", Tag.INFERRED, _ROLE),
    Rule(
        "role-in-use-stays",
        "UserRole",
        _DELETE,
        _role_in_use_stays,
        "F3.4",
        Tag.INFERRED,
        _ROLE,
        ("records_in_use_are_kept",),
    ),
)
