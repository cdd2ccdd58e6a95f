"""The roles of accounts: made for their first role-based user, or shared by the accounts of one owner."""

from collections.abc import Mapping

from reconciler.simulator.org import Org
from reconciler.simulator.store import Scalar
from reconciler.simulator.write import SHARED_LEVEL, Lookups

LEVELS = ("Worker", "Manager", "Executive")
"""Levels from the lowest; an org's setting says how many an account gets (F3.1)."""

LOWEST = LEVELS[0]
_LEVEL_NAMES: Mapping[str, str] = {"Worker": "User", "Manager": "Manager", "Executive": "Executive"}
_TYPE_NAMES: Mapping[str, str] = {"CustomerPortal": "Customer", "Partner": "Partner"}
_USERS = (
    "SELECT u.Id FROM User u JOIN Contact c ON c.Id = u.ContactId JOIN Profile p ON p.Id = u.ProfileId "
    "WHERE c.AccountId = ? AND p.UserType IN {types} AND {condition}"
)
_USER_TYPES: Mapping[str, str] = {
    "CustomerPortal": "('PowerCustomerSuccess', 'CustomerSuccess')",
    "Partner": "('PowerPartner')",
}


def ensure_roles(org: Org, account_id: str, portal: str) -> Mapping[str, str]:
    """Level -> role id of an account; made now if this is its first role-based user of that kind (F3.1)."""
    found = roles_of(org, account_id, portal)
    if found:
        return found
    account = org.store.get("Account", account_id) or {}
    owner = org.store.get("User", str(account.get("OwnerId"))) or {}
    parent = owner.get("UserRoleId")
    made: dict[str, str] = {}
    for level in reversed(LEVELS[: org.settings.portal_role_levels]):
        name = role_name(account.get("Name"), portal, level)
        values = {"PortalRole": level, "PortalAccountId": account_id, "ParentRoleId": parent}
        parent = _insert(org, name, portal, account_id, {**values, "PortalAccountOwnerId": owner.get("Id")})
        made[level] = parent
    return made


def roles_of(org: Org, account_id: str, portal: str) -> Mapping[str, str]:
    """Level -> role id of an account, as far as it has roles."""
    found = org.store.find("UserRole", PortalAccountId=account_id, PortalType=portal)
    return {str(role["PortalRole"]): str(role["Id"]) for role in found}


def role_name(account: Scalar, portal: str, level: str) -> str:
    """The name of an account's role of that level."""
    return f"{account} {_TYPE_NAMES[portal]} {_LEVEL_NAMES[level]}"[:80]


def shared_role(org: Org, owner_id: Scalar, portal: str) -> str:
    """The role that the accounts of one owner share (F3.2), made when it is first needed."""
    found = org.store.find("UserRole", PortalAccountOwnerId=owner_id, PortalType=portal, PortalRole=SHARED_LEVEL)
    if found:
        return str(found[0]["Id"])
    owner = org.store.get("User", str(owner_id)) or {}
    name = f"{owner.get('Alias')} {_TYPE_NAMES[portal]} Person Account"[:80]
    values = {"PortalRole": SHARED_LEVEL, "ParentRoleId": owner.get("UserRoleId"), "PortalAccountOwnerId": owner_id}
    return _insert(org, name, portal, str(owner_id), values)


def _insert(org: Org, name: str, portal: str, owner_id: str, values: Mapping[str, Scalar]) -> str:
    letters = "".join(character for character in name if character.isascii() and character.isalnum())
    developer_name = f"{letters[:60]}{owner_id[9:15]}"
    given = {"Name": name, "PortalType": portal, "DeveloperName": developer_name, "SystemModstamp": org.now()}
    return org.store.insert("UserRole", {**given, **values})


def lowest_role(lookups: Lookups, account_id: str, portal: str, user_id: Scalar) -> tuple[str, str]:
    """Id and level of the role of a user that asks for none: the shared one for an account's only user."""
    if is_shared(lookups, account_id, portal, user_id):
        owner_id = (lookups.org.store.get("Account", account_id) or {}).get("OwnerId")
        return shared_role(lookups.org, owner_id, portal), SHARED_LEVEL
    return open_roles(lookups, account_id, portal)[LOWEST], LOWEST


def is_shared(lookups: Lookups, account_id: str, portal: str, user_id: Scalar) -> bool:
    """Whether an account needs no roles of its own yet, because it has no other active user of that kind (F3.2)."""
    org = lookups.org
    if not org.settings.account_role_optimization or roles_of(org, account_id, portal):
        return False
    others = _USERS.format(types=_USER_TYPES[portal], condition="u.IsActive = 1 AND u.Id IS NOT ?")
    return not org.store.select(others, [account_id, user_id])


def open_roles(lookups: Lookups, account_id: str, portal: str) -> Mapping[str, str]:
    """An account's own roles; where they are made now, users who had the shared role get the lowest (F3.2)."""
    is_new = not roles_of(lookups.org, account_id, portal)
    roles = ensure_roles(lookups.org, account_id, portal)
    if is_new and lookups.org.settings.account_role_optimization:
        sharing = _USERS.format(types=_USER_TYPES[portal], condition="u.PortalRole = ?")
        for row in lookups.org.store.select(sharing, [account_id, SHARED_LEVEL]):
            lookups.update("User", row["Id"], {"UserRoleId": roles[LOWEST], "PortalRole": LOWEST})
    return roles
