"""What happens to accounts, their roles and their contacts as portal users come and owners change."""

from collections.abc import Iterable, Mapping

from reconciler.simulator.effects.effect import SAVE, Effect
from reconciler.simulator.org import Org
from reconciler.simulator.store import Scalar
from reconciler.simulator.write import ROLE_BASED, Lookups, Operation, Write

_LEVELS = ("Worker", "Manager", "Executive")
_LEVEL_NAMES: Mapping[str, str] = {"Worker": "User", "Manager": "Manager", "Executive": "Executive"}
_TYPE_NAMES: Mapping[str, str] = {"CustomerPortal": "Customer", "Partner": "Partner"}


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
    roles = ensure_roles(write.org, str(account_id), portal)
    levels = {role_id: level for level, role_id in roles.items()}
    role_id = write.after.get("UserRoleId")
    if write.changes("PortalRole") and not write.changes("UserRoleId"):
        role_id = roles.get(str(write.after["PortalRole"]))
    level = levels.get(str(role_id), _LEVELS[0])
    if role_id is None or (str(role_id) not in levels and not write.org.settings.roles_of_other_accounts):
        role_id = roles[level]
    write.after.update(UserRoleId=role_id, PortalRole=level)


def ensure_roles(org: Org, account_id: str, portal: str) -> Mapping[str, str]:
    """Level -> role id of an account; made now if this is its first role-based user of that kind (F3.1)."""
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


def _move_user(write: Write) -> None:
    """The user of a contact that gets another account gets the lowest role there."""
    account = write.get("Account", write.after.get("AccountId"))
    if not account or not write.changes("AccountId"):
        return
    for user in write.org.store.find("User", ContactId=write.was("Id")):
        user_type = str(user["UserType"])
        _raise_flag(write.lookups, account, user_type)
        if user_type in ROLE_BASED:
            roles = ensure_roles(write.org, str(account["Id"]), ROLE_BASED[user_type])
            values = {"UserRoleId": roles[_LEVELS[0]], "PortalRole": _LEVELS[0]}
            write.lookups.update("User", user["Id"], values)


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
    Effect("contacts-go-with-account", "Account", _DELETE, _delete_contacts, "describe", "documented", _ACCOUNT),
)
