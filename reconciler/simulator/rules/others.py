"""Rules on accounts, permission sets and their assignments."""

from reconciler.simulator import messages
from reconciler.simulator.errors import RowError
from reconciler.simulator.rules.rule import HELP, OBJECTS, Rule, Tag
from reconciler.simulator.write import Operation, Write


def _portal_flags_stay(write: Write) -> None:
    """Clearing a flag disables the account's portal users, which is documented, but not simulated."""
    for name in ("IsPartner", "IsCustomerPortal"):
        if write.was(name) is True and write.after.get(name) is False:
            raise RowError("FIELD_INTEGRITY_EXCEPTION", messages.PORTAL_FLAG.format(field=name), (name,))


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
    Rule("portal-flags-stay", "Account", _UPDATE, _portal_flags_stay, "F5.2", Tag.INFERRED, _ACCOUNT),
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
