"""Values that Salesforce fills in by itself before a record is written."""

from collections.abc import Callable, Mapping

from reconciler.simulator.write import Write


def complete(write: Write) -> None:
    """Fill in defaults, normal forms and audit fields."""
    _audit(write)
    effect = _EFFECTS.get(write.sobject.name)
    if effect is not None:
        effect(write)


def _audit(write: Write) -> None:
    now = write.org.now()
    stamp = {"LastModifiedDate": now, "SystemModstamp": now, "LastModifiedById": write.actor}
    if write.is_insert:
        stamp |= {"CreatedDate": now, "CreatedById": write.actor}
        if write.sobject.field("OwnerId") and write.after.get("OwnerId") is None:
            stamp["OwnerId"] = write.actor
    write.after.update({name: value for name, value in stamp.items() if write.sobject.field(name)})


def _user(write: Write) -> None:
    after = write.after
    # Usernames are lower case (F4.2).
    after["Username"] = str(after["Username"]).lower()
    if write.is_insert and after.get("CommunityNickname") is None:
        # F4.1 reports a generated nickname of this form.
        after["CommunityNickname"] = f"User{abs(hash_of(str(after['Username']))):020d}"[:40]
    # An admin's change of the address silently unverifies it (F4.5).
    if not write.is_insert and write.changes("Email"):
        after["HasUserVerifiedEmail"] = False
    if write.was("ContactId") is None and after.get("ContactId") is not None:
        after["IsPortalEnabled"] = True
    if write.is_disabling:
        _disable(write)


def _disable(write: Write) -> None:
    """Disabling a portal user deactivates it, renames it and frees its contact (F1.9, F1.7)."""
    username = f"{write.after['Username']}_"
    write.after.update(IsActive=False, Username=username, ContactId=None, UserRoleId=None, PortalRole=None)


def hash_of(text: str) -> int:
    """A number that is the same in every process."""
    number = 0
    for character in text:
        number = (number * 131 + ord(character)) % 10**20
    return number


def _permission_set(write: Write) -> None:
    if write.after.get("Label") is None:
        write.after["Label"] = write.after.get("Name")


_EFFECTS: Mapping[str, Callable[[Write], None]] = {"User": _user, "PermissionSet": _permission_set}
