"""Roles and flags that an account gets with its portal users (F3.1 to F3.3, F5.2)."""

from collections.abc import Mapping

from reconciler.simulator.org import Org
from reconciler.simulator.write import INTERNAL, ROLE_BASED, Write

_LEVELS = ("Worker", "Manager", "Executive")
_LEVEL_NAMES: Mapping[str, str] = {"Worker": "User", "Manager": "Manager", "Executive": "Executive"}
_TYPE_NAMES: Mapping[str, str] = {"CustomerPortal": "Customer", "Partner": "Partner"}


def portal_effects(write: Write) -> None:
    """Make roles, give the user its level, and set the account's flags; runs after the user was judged."""
    portal = ROLE_BASED.get(write.user_type())
    account_id = write.contact().get("AccountId")
    if account_id is None:
        if write.user_type() not in INTERNAL:
            write.after["UserRoleId"] = None
        return
    if write.user_type() not in INTERNAL:
        flag = "IsPartner" if portal == "Partner" else "IsCustomerPortal"
        write.org.store.update("Account", str(account_id), {flag: True})
    if portal is None:
        write.after.update(UserRoleId=None, PortalRole=None)
        return
    _give_role(write, portal, str(account_id))


def _give_role(write: Write, portal: str, account_id: str) -> None:
    roles = ensure_roles(write.org, account_id, portal)
    levels = {role_id: level for level, role_id in roles.items()}
    held = str(write.after.get("UserRoleId") or "")
    asked = str(write.after.get("PortalRole") or "") if write.changes("PortalRole") else ""
    if asked in roles and not write.changes("UserRoleId"):
        held = roles[asked]
    # Without a level the user gets the lowest (F3.3).
    role_id = held if held in levels else roles["Worker"]
    write.after.update(UserRoleId=role_id, PortalRole=levels[role_id])


def ensure_roles(org: Org, account_id: str, portal: str) -> Mapping[str, str]:
    """Level -> role id of an account; made now if this is its first role-based user of that kind."""
    found = org.store.find("UserRole", PortalAccountId=account_id, PortalType=portal)
    if found:
        return {str(role["PortalRole"]): str(role["Id"]) for role in found}
    account = org.store.get("Account", account_id) or {}
    owner = org.store.get("User", str(account.get("OwnerId"))) or {}
    parent = owner.get("UserRoleId")
    made: dict[str, str] = {}
    for level in reversed(_LEVELS[: org.settings.portal_role_levels]):
        name = f"{account.get('Name')} {_TYPE_NAMES[portal]} {_LEVEL_NAMES[level]}"[:80]
        values = {"Name": name, "PortalType": portal, "PortalRole": level, "PortalAccountId": account_id}
        stamp = {"ParentRoleId": parent, "PortalAccountOwnerId": owner.get("Id"), "SystemModstamp": org.now()}
        letters = "".join(character for character in name if character.isascii() and character.isalnum())
        developer_name = f"{letters[:60]}{account_id[9:15]}"
        parent = org.store.insert("UserRole", {**values, **stamp, "DeveloperName": developer_name})
        made[level] = str(parent)
    return made
