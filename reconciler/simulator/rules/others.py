"""Rules of the other objects."""

from reconciler.simulator import messages
from reconciler.simulator.errors import RowError
from reconciler.simulator.rules.rule import OBJECTS, Rule
from reconciler.simulator.write import Write


def _contact_keeps_account(write: Write) -> None:
    if write.was("AccountId") is None or write.after.get("AccountId") is not None:
        return
    if write.org.store.find("User", ContactId=write.was("Id")):
        raise RowError("FIELD_INTEGRITY_EXCEPTION", messages.CONTACT_OF_USER, ("AccountId",))


def _portal_flags_stay(write: Write) -> None:
    for name in ("IsPartner", "IsCustomerPortal"):
        if write.was(name) is True and write.after.get(name) is False:
            raise RowError("FIELD_INTEGRITY_EXCEPTION", messages.PORTAL_FLAG, (name,))


def _portal_role_is_kept(write: Write) -> None:
    if write.was("PortalType") not in {None, "None"}:
        raise RowError("FIELD_INTEGRITY_EXCEPTION", messages.PORTAL_ROLE_FIELD, ("Name",))


def _assignment_fits_license(write: Write) -> None:
    assigned = write.get("PermissionSet", write.after.get("PermissionSetId"))
    user = write.get("User", write.after.get("AssigneeId"))
    license_id = write.get("Profile", user.get("ProfileId")).get("UserLicenseId")
    if assigned.get("LicenseId") not in {None, license_id}:
        message = messages.PERMISSION_LICENSE.format(label=assigned.get("Label"))
        raise RowError("FIELD_INTEGRITY_EXCEPTION", message)


def _assignment_is_new(write: Write) -> None:
    pair = {name: write.after.get(name) for name in ("AssigneeId", "PermissionSetId")}
    if write.is_insert and write.org.store.find("PermissionSetAssignment", **pair):
        message = messages.DUPLICATE_VALUE.format(field="<unknown>", id="<unknown>")
        raise RowError("DUPLICATE_VALUE", message)


_ASSIGNMENT = f"{OBJECTS}sforce_api_objects_permissionsetassignment.htm"

RULES: tuple[Rule, ...] = (
    Rule(
        "contact-keeps-account",
        "Contact",
        _contact_keeps_account,
        "F5.4",
        "inferred",
        f"{OBJECTS}sforce_api_objects_contact.htm",
    ),
    Rule(
        "portal-flags-stay",
        "Account",
        _portal_flags_stay,
        "F5.2",
        "inferred",
        f"{OBJECTS}sforce_api_objects_account.htm",
    ),
    Rule(
        "portal-role-is-kept",
        "UserRole",
        _portal_role_is_kept,
        "F3.4",
        "documented",
        f"{OBJECTS}sforce_api_objects_role.htm",
    ),
    Rule(
        "assignment-fits-license",
        "PermissionSetAssignment",
        _assignment_fits_license,
        "F7.1",
        "documented",
        _ASSIGNMENT,
    ),
    Rule("assignment-is-new", "PermissionSetAssignment", _assignment_is_new, "F7.3", "reported", _ASSIGNMENT),
)
