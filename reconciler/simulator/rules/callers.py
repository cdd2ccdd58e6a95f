"""Rules on what the caller may do: the permissions of its profile and permission sets."""

from reconciler.simulator import messages
from reconciler.simulator.errors import RowError
from reconciler.simulator.rules.rule import EVERY, HELP, OBJECTS, SAVE, Rule, Tag
from reconciler.simulator.write import Operation, Write

_INTERNAL = ("ManageInternalUsers", "ManageUsers")
_LINKING = ("ManageUsers", "ManagePartners", "ManageCssUsers")
_OF_OTHERS = frozenset(
    {"Username", "ProfileId", "UserRoleId", "IsActive", "IsPortalEnabled", "ContactId", "PortalRole"}
)
"""Fields of their own record that users may not change by themselves."""


def _refuse_unless(write: Write, *, is_permitted: bool) -> None:
    if not is_permitted and write.org.settings.callers_need_permissions:
        raise RowError("INSUFFICIENT_ACCESS_OR_READONLY", messages.NO_ACCESS)


def _may_write_user(write: Write) -> None:
    is_own = write.was("Id") == write.actor and _OF_OTHERS.isdisjoint(write.given)
    _refuse_unless(write, is_permitted=is_own or _is_manager(write))


def _is_manager(write: Write) -> bool:
    """Whether the caller manages users of that kind; a contact may be given by any of three managers (F1.4)."""
    if not write.is_insert and write.given.keys() == {"ContactId"}:
        return write.may(*_LINKING)
    if not write.may(*_INTERNAL):
        return False
    if not write.is_external or write.may("ManagePartners"):
        return True
    is_customer = write.user_type() != "PowerPartner"
    return is_customer and write.org.settings.customer_users_by_own_permission and write.may("ManageCssUsers")


def _may_write_role(write: Write) -> None:
    _refuse_unless(write, is_permitted=write.may("ManageRoles"))


def _may_write_permission_set(write: Write) -> None:
    _refuse_unless(write, is_permitted=write.may("ManageProfilesPermissionsets"))


def _may_assign(write: Write) -> None:
    _refuse_unless(write, is_permitted=write.may("AssignPermissionSets"))


def _may_open_account(write: Write) -> None:
    """A user's contact moves to an account that had no users of sites yet only by who manages such users."""
    account = write.get("Account", write.after.get("AccountId"))
    is_new = bool(account) and account.get("IsPartner") is False and account.get("IsCustomerPortal") is False
    if write.changes("AccountId") and is_new and write.org.store.find("User", ContactId=write.was("Id")):
        _refuse_unless(write, is_permitted=write.may("ManageUsers", "ManagePartners"))


def _may_touch_all_data(write: Write) -> None:
    """A profile that modifies all data is given and taken only by who may do so."""
    if not write.changes("ProfileId"):
        return
    profiles = (write.profile(before=True), write.profile())
    if any(profile.get("PermissionsModifyAllData") is True for profile in profiles) and not write.may("ModifyAllData"):
        raise RowError("FIELD_INTEGRITY_EXCEPTION", messages.MODIFY_ALL_DATA, ("ProfileId",))


def _is_no_guest(write: Write) -> None:
    if write.user_type() == "Guest":
        raise RowError("INSUFFICIENT_ACCESS_OR_READONLY", messages.GUEST)


_INSERT, _UPDATE = (Operation.INSERT,), (Operation.UPDATE,)
_USER = f"{OBJECTS}sforce_api_objects_user.htm"
_ROLE = f"{OBJECTS}sforce_api_objects_role.htm"
_SET = f"{OBJECTS}sforce_api_objects_permissionset.htm"
_ASSIGNMENT = f"{OBJECTS}sforce_api_objects_permissionsetassignment.htm"
_MOVE = f"{HELP}sales.contacts_details.htm"
_CALLER = ("callers_need_permissions",)
_CUSTOMER = (*_CALLER, "customer_users_by_own_permission")

RULES: tuple[Rule, ...] = (
    Rule("user-is-no-guest", "User", _INSERT, _is_no_guest, "F4.8", Tag.REPORTED, _USER),
    Rule("caller-manages-users", "User", SAVE, _may_write_user, "F8.2", Tag.DOCUMENTED, _USER, _CUSTOMER),
    Rule("caller-modifies-all-data", "User", SAVE, _may_touch_all_data, "F4.8", Tag.REPORTED, _USER),
    Rule("caller-manages-roles", "UserRole", EVERY, _may_write_role, "F3.4", Tag.DOCUMENTED, _ROLE, _CALLER),
    Rule(
        "caller-manages-permission-sets",
        "PermissionSet",
        EVERY,
        _may_write_permission_set,
        "F8.1",
        Tag.INFERRED,
        _SET,
        _CALLER,
    ),
    Rule(
        "caller-assigns-permission-sets",
        "PermissionSetAssignment",
        EVERY,
        _may_assign,
        "F8.1",
        Tag.INFERRED,
        _ASSIGNMENT,
        _CALLER,
    ),
    Rule("caller-opens-account", "Contact", _UPDATE, _may_open_account, "F5.3", Tag.DOCUMENTED, _MOVE, _CALLER),
)
"""Asked before all others: who may not write is told nothing else."""
