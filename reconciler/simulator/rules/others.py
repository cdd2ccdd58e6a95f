"""Rules on accounts, permission sets and their assignments."""

from collections.abc import Mapping

from reconciler.simulator import messages
from reconciler.simulator.errors import RowError
from reconciler.simulator.objects.permissions import LABELS
from reconciler.simulator.rules.rule import HELP, OBJECTS, Rule, Tag
from reconciler.simulator.write import INTERNAL, Operation, Write

MOST_DISABLED: Mapping[str, int] = {"IsPartner": 15, "IsCustomerPortal": 100}
"""A flag of an account -> the users that clearing it disables at most (F5.2)."""


def _clearing_disables_few(write: Write) -> None:
    for name, most in MOST_DISABLED.items():
        is_cleared = write.was(name) is True and write.after.get(name) is False
        if is_cleared and write.org.settings.portal_flag_limits:
            users = write.portal_users(write.was("Id"), is_partner=name == "IsPartner")
            if len(users) > most:
                message = messages.PORTAL_FLAG.format(field=name, most=most)
                raise RowError("FIELD_INTEGRITY_EXCEPTION", message, (name,))


def _new_owner_has_role(write: Write) -> None:
    if not write.changes("OwnerId") or not write.org.settings.portal_account_owner_keeps_role:
        return
    has_role = write.get("User", write.after["OwnerId"]).get("UserRoleId") is not None
    if not has_role and write.has_portal_users(write.was("Id")):
        raise RowError("UNKNOWN_EXCEPTION", messages.OWNER_NEEDS_ROLE)


def _new_owner_is_no_partner(write: Write) -> None:
    owner = write.get("User", write.after["OwnerId"])
    if write.changes("OwnerId") and write.after.get("IsPartner") is True and owner.get("UserType") == "PowerPartner":
        raise RowError("UNKNOWN_EXCEPTION", messages.PARTNER_OWNER)


def _account_stays(write: Write) -> None:
    is_kept = write.org.settings.contacts_of_users_are_kept
    if is_kept and write.has_portal_users(write.was("Id")):
        raise RowError("DELETE_FAILED", messages.ACCOUNT_OF_USERS)


def _assignment_fits_license(write: Write) -> None:
    assigned = write.get("PermissionSet", write.after.get("PermissionSetId"))
    user = write.get("User", write.after.get("AssigneeId"))
    license_id = write.get("Profile", user.get("ProfileId")).get("UserLicenseId")
    if assigned.get("LicenseId") not in {None, license_id}:
        message = messages.PERMISSION_LICENSE.format(label=assigned.get("Label"))
        raise RowError("FIELD_INTEGRITY_EXCEPTION", message)


def _permissions_fit_license(write: Write) -> None:
    """An external user's license allows of an administrator's permissions only the use of the API."""
    assigned = write.get("PermissionSet", write.after.get("PermissionSetId"))
    user = write.get("User", write.after.get("AssigneeId"))
    if user.get("UserType") in INTERNAL or not write.org.settings.external_users_have_no_admin_permissions:
        return
    for name, label in LABELS.items():
        if assigned.get(f"Permissions{name}") is True and name != "ApiEnabled":
            message = messages.PERMISSION_LICENSE.format(label=label)
            raise RowError("FIELD_INTEGRITY_EXCEPTION", message)


def _assignment_is_new(write: Write) -> None:
    pair = {name: write.after.get(name) for name in ("AssigneeId", "PermissionSetId", "PermissionSetGroupId")}
    if write.org.store.find("PermissionSetAssignment", **pair):
        message = messages.DUPLICATE_VALUE.format(field="<unknown>", id="<unknown>")
        raise RowError("DUPLICATE_VALUE", message)


def _permission_set_in_use_stays(write: Write) -> None:
    is_kept = write.org.settings.records_in_use_are_kept
    if is_kept and write.org.store.find("PermissionSetAssignment", PermissionSetId=write.was("Id")):
        raise RowError("DEPENDENCY_EXISTS", messages.IN_USE.format(label="permission set"))


_INSERT, _UPDATE, _DELETE = (Operation.INSERT,), (Operation.UPDATE,), (Operation.DELETE,)
_ACCOUNT = f"{OBJECTS}sforce_api_objects_account.htm"
_ASSIGNMENT = f"{OBJECTS}sforce_api_objects_permissionsetassignment.htm"
_SET = f"{OBJECTS}sforce_api_objects_permissionset.htm"
_OWNER = f"{HELP}000385901"
_KEPT = ("contacts_of_users_are_kept",)
_IN_USE = ("records_in_use_are_kept",)
_ROLE = ("portal_account_owner_keeps_role",)

RULES: tuple[Rule, ...] = (
    Rule(
        "clearing-a-flag-disables-few",
        "Account",
        _UPDATE,
        _clearing_disables_few,
        "F5.2",
        Tag.INFERRED,
        _ACCOUNT,
        ("portal_flag_limits",),
    ),
    Rule("new-owner-has-role", "Account", _UPDATE, _new_owner_has_role, "F3.7", Tag.INFERRED, _OWNER, _ROLE),
    Rule("new-owner-is-no-partner", "Account", _UPDATE, _new_owner_is_no_partner, "F3.8", Tag.REPORTED, _ACCOUNT),
    Rule("account-of-users-stays", "Account", _DELETE, _account_stays, "F5.4", Tag.INFERRED, _ACCOUNT, _KEPT),
    Rule(
        "assignment-fits-license",
        "PermissionSetAssignment",
        _INSERT,
        _assignment_fits_license,
        "F7.1",
        Tag.DOCUMENTED,
        _ASSIGNMENT,
    ),
    Rule(
        "permissions-fit-license",
        "PermissionSetAssignment",
        _INSERT,
        _permissions_fit_license,
        "F7.2",
        Tag.REPORTED,
        _ASSIGNMENT,
        ("external_users_have_no_admin_permissions",),
    ),
    Rule(
        "assignment-is-new", "PermissionSetAssignment", _INSERT, _assignment_is_new, "F7.3", Tag.REPORTED, _ASSIGNMENT
    ),
    Rule(
        "assigned-permission-set-stays",
        "PermissionSet",
        _DELETE,
        _permission_set_in_use_stays,
        "F7.1",
        Tag.INFERRED,
        _SET,
        _IN_USE,
    ),
)
