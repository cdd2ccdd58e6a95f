"""Values that Salesforce fills in by itself before a record is judged."""

from collections.abc import Mapping
from zlib import crc32

from reconciler.simulator.effects.effect import ANY, SAVE, Effect
from reconciler.simulator.store import Scalar
from reconciler.simulator.write import Operation, Write

DISABLED: Mapping[str, Scalar] = {"IsActive": False, "ContactId": None, "UserRoleId": None, "PortalRole": None}
"""What becomes of a portal user that is disabled (F1.7, F1.9)."""


def _stamp(write: Write) -> None:
    now = write.org.now()
    stamp = {"LastModifiedDate": now, "SystemModstamp": now, "LastModifiedById": write.actor}
    if write.is_insert:
        stamp |= {"CreatedDate": now, "CreatedById": write.actor}
    write.after.update({name: value for name, value in stamp.items() if write.sobject.field(name)})


def _own(write: Write) -> None:
    if write.sobject.field("OwnerId") and write.after.get("OwnerId") is None:
        write.after["OwnerId"] = write.actor


def _lower_username(write: Write) -> None:
    write.after["Username"] = str(write.after["Username"]).lower()


def _nickname(write: Write) -> None:
    if write.after.get("CommunityNickname") is None:
        username = str(write.after["Username"]).encode()
        write.after["CommunityNickname"] = f"User{crc32(username):010d}{crc32(username[::-1]):010d}"


def _unverify_email(write: Write) -> None:
    if write.changes("Email"):
        write.after["HasUserVerifiedEmail"] = False


def _enable(write: Write) -> None:
    if write.after.get("ContactId") is not None and write.was("ContactId") is None:
        write.after["IsPortalEnabled"] = True


def _disable(write: Write) -> None:
    """Deactivate the user, rename it and free its contact; the underscore is what administrators report."""
    if write.is_disabling:
        write.after.update({**DISABLED, "Username": f"{write.after['Username']}_"})


_OBJECTS = "https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/"
_HELP = "https://help.salesforce.com/s/articleView?id="
_USER = f"{_OBJECTS}sforce_api_objects_user.htm"
_SYSTEM = "https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/system_fields.htm"
_DOWNGRADE = f"{_HELP}xcloud.external_identity_manage_downgrade_contactless_users.htm"
_INSERT, _UPDATE = (Operation.INSERT,), (Operation.UPDATE,)

EFFECTS: tuple[Effect, ...] = (
    Effect("audit-fields", ANY, SAVE, _stamp, "system fields", "documented", _SYSTEM),
    Effect("owner-is-creator", ANY, _INSERT, _own, "F3.7", "documented", f"{_HELP}000385901"),
    Effect("username-is-lower-case", "User", SAVE, _lower_username, "F4.2", "documented", _USER),
    Effect("nickname-is-made", "User", _INSERT, _nickname, "F4.1", "reported", _USER),
    Effect("email-is-unverified", "User", _UPDATE, _unverify_email, "F4.5", "documented", f"{_HELP}005103627"),
    Effect("contact-enables-portal", "User", SAVE, _enable, "F1.11", "inferred", _USER),
    Effect("disabling-frees-contact", "User", _UPDATE, _disable, "F1.9", "documented", _DOWNGRADE),
)
