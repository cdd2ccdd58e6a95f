"""What happens to accounts, their roles and their contacts as portal users come and owners change."""

from collections.abc import Iterable, Mapping

from reconciler.simulator.effects.effect import SAVE, Effect
from reconciler.simulator.effects.portal_roles import LOWEST, lowest_role, open_roles, shared_role
from reconciler.simulator.effects.values import DISABLED
from reconciler.simulator.store import Scalar
from reconciler.simulator.write import ROLE_BASED, SHARED_LEVEL, Lookups, Operation, Write


def _raise_flag(lookups: Lookups, account: Mapping[str, Scalar], user_type: str) -> None:
    flag = "IsPartner" if ROLE_BASED.get(user_type) == "Partner" else "IsCustomerPortal"
    if account[flag] is not True:
        lookups.update("Account", account["Id"], {flag: True})


def _flag_account(write: Write) -> None:
    account = write.account()
    if account and write.is_external and write.changes("ContactId", "ProfileId"):
        _raise_flag(write.lookups, account, write.user_type())


def _give_role(write: Write) -> None:
    """The asked level, the role that fits, or the lowest; none without an account or for a license without roles."""
    if not write.is_external or not write.changes("ContactId", "ProfileId", "UserRoleId", "PortalRole"):
        return
    portal, account_id = ROLE_BASED.get(write.user_type()), write.contact().get("AccountId")
    if portal is None or account_id is None:
        write.after.update(UserRoleId=None, PortalRole=None)
        return
    role_id, level = _role(write, str(account_id), portal)
    write.after.update(UserRoleId=role_id, PortalRole=level)


def _wants_shared(write: Write) -> bool:
    """Whether the user asks for the role that its account's owner shares, or has it and stays."""
    if write.changes("UserRoleId"):
        return write.get("UserRole", write.after.get("UserRoleId")).get("PortalRole") == SHARED_LEVEL
    is_shared = write.after.get("PortalRole") == SHARED_LEVEL
    return is_shared and (write.changes("PortalRole") or not write.changes("ContactId"))


def _role(write: Write, account_id: str, portal: str) -> tuple[str, str]:
    if _wants_shared(write):
        return shared_role(write.org, write.account().get("OwnerId"), portal), SHARED_LEVEL
    role_id, level = write.after.get("UserRoleId"), write.after.get("PortalRole")
    is_asked = write.changes("PortalRole") and not write.changes("UserRoleId")
    is_left = level == SHARED_LEVEL and not write.changes("UserRoleId")
    if not is_asked and (role_id is None or is_left):
        return lowest_role(write.lookups, account_id, portal, write.was("Id"))
    roles = open_roles(write.lookups, account_id, portal)
    levels = {held: name for name, held in roles.items()}
    if is_asked:
        role_id = roles.get(str(level))
    level = levels.get(str(role_id), LOWEST)
    if role_id is None or (str(role_id) not in levels and not write.org.settings.roles_of_other_accounts):
        role_id = roles[level]
    return str(role_id), level


def _move_user(write: Write) -> None:
    """The user of a contact that gets another account gets the lowest role there."""
    account = write.get("Account", write.after.get("AccountId"))
    if not account or not write.changes("AccountId"):
        return
    for user in write.org.store.find("User", ContactId=write.was("Id")):
        user_type = str(user["UserType"])
        _raise_flag(write.lookups, account, user_type)
        if user_type in ROLE_BASED:
            role_id, level = lowest_role(write.lookups, str(account["Id"]), ROLE_BASED[user_type], user["Id"])
            write.lookups.update("User", user["Id"], {"UserRoleId": role_id, "PortalRole": level})


def _hang_roles(write: Write, roles: Iterable[Mapping[str, Scalar]], values: Mapping[str, Scalar]) -> None:
    """Put portal roles below another role; only the highest of an account's hangs below a role that is not its own."""
    by_id = {role["Id"]: role for role in roles}
    for role in by_id.values():
        above = {} if role["ParentRoleId"] in by_id else {"ParentRoleId": values["ParentRoleId"]}
        write.lookups.update("UserRole", role["Id"], {**values, "ParentRoleId": role["ParentRoleId"], **above})


def _follow_new_owner(write: Write) -> None:
    if write.changes("OwnerId"):
        owner = write.get("User", write.after["OwnerId"])
        values = {"ParentRoleId": owner.get("UserRoleId"), "PortalAccountOwnerId": owner.get("Id")}
        _hang_roles(write, write.org.store.find("UserRole", PortalAccountId=write.was("Id")), values)
        _share_with(write, owner.get("Id"))


def _share_with(write: Write, owner_id: Scalar) -> None:
    """Users on the role that the old owner's accounts share go to the new owner's (F3.2)."""
    for is_partner, portal in ((True, "Partner"), (False, "CustomerPortal")):
        for user_id in write.portal_users(write.was("Id"), is_partner=is_partner):
            if (write.org.store.get("User", user_id) or {}).get("PortalRole") == SHARED_LEVEL:
                write.lookups.update("User", user_id, {"UserRoleId": shared_role(write.org, owner_id, portal)})


def _disable_users(write: Write) -> None:
    """An account that loses a flag loses its users of that kind, and their roles for good."""
    for flag, is_partner, portal in (("IsPartner", True, "Partner"), ("IsCustomerPortal", False, "CustomerPortal")):
        if write.was(flag) is not True or write.after.get(flag) is not False:
            continue
        for user_id in write.portal_users(write.was("Id"), is_partner=is_partner):
            username = (write.org.store.get("User", user_id) or {}).get("Username")
            write.lookups.update("User", user_id, {**DISABLED, "IsPortalEnabled": False, "Username": f"{username}_"})
        for role in write.org.store.find("UserRole", PortalAccountId=write.was("Id"), PortalType=portal):
            write.org.store.delete("UserRole", str(role["Id"]))
            write.lookups.forget("UserRole", role["Id"])


def _lower_manager(write: Write) -> None:
    """Without its User role an account's Manager role becomes that (F3.4)."""
    account = {"PortalAccountId": write.was("PortalAccountId"), "PortalType": write.was("PortalType")}
    if write.was("PortalAccountId") is None:
        return
    for role in write.org.store.find("UserRole", **account, PortalRole="Manager"):
        write.lookups.update("UserRole", role["Id"], {"Name": write.was("Name"), "PortalRole": LOWEST})
        for user in write.org.store.find("User", UserRoleId=role["Id"]):
            write.lookups.update("User", user["Id"], {"PortalRole": LOWEST})


def _follow_owners_role(write: Write) -> None:
    if write.changes("UserRoleId") and not write.is_external:
        values = {"ParentRoleId": write.after["UserRoleId"]}
        _hang_roles(write, write.org.store.find("UserRole", PortalAccountOwnerId=write.was("Id")), values)


def _delete_contacts(write: Write) -> None:
    for contact in write.org.store.find("Contact", AccountId=write.was("Id")):
        write.org.store.delete("Contact", str(contact["Id"]), at=write.org.now(), along_with=str(write.was("Id")))
        write.lookups.forget("Contact", contact["Id"])


_OBJECTS = "https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/"
_HELP = "https://help.salesforce.com/s/articleView?id="
_ACCOUNT = f"{_OBJECTS}sforce_api_objects_account.htm"
_USER = f"{_OBJECTS}sforce_api_objects_user.htm"
_ROLES = f"{_HELP}005167124"
_MOVE = f"{_HELP}sales.contacts_details.htm"
_SHARING = "https://developer.salesforce.com/docs/atlas.en-us.draes.meta/draes/"
_UPDATE, _DELETE = (Operation.UPDATE,), (Operation.DELETE,)

EFFECTS: tuple[Effect, ...] = (
    Effect("account-is-flagged", "User", SAVE, _flag_account, "F5.2", "inferred", _ACCOUNT),
    Effect("portal-roles-are-made", "User", SAVE, _give_role, "F3.1", "documented", _ROLES),
    Effect("user-follows-contact", "Contact", _UPDATE, _move_user, "F5.3", "inferred", _MOVE),
    Effect("portal-roles-follow-new-owner", "Account", _UPDATE, _follow_new_owner, "F3.8", "documented", _SHARING),
    Effect("portal-roles-follow-owners-role", "User", _UPDATE, _follow_owners_role, "F3.8", "documented", _SHARING),
    Effect("clearing-a-flag-disables-users", "Account", _UPDATE, _disable_users, "F5.2", "documented", _ACCOUNT),
    Effect("manager-role-becomes-user-role", "UserRole", _DELETE, _lower_manager, "F3.4", "documented", _USER),
    Effect("contacts-go-with-account", "Account", _DELETE, _delete_contacts, "describe", "documented", _ACCOUNT),
)
