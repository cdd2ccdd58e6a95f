"""Natural keys: how a seed refers to a record without its id."""

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches

from reconciler.simulator.schema import Field
from reconciler.simulator.store import Scalar

OTHERS = ("organization", "settings", "fields")
"""The keys of a seed that are no objects."""

ORDER = (
    "UserLicense",
    "PermissionSetLicense",
    "Profile",
    "UserRole",
    "RecordType",
    "User",
    "Account",
    "Contact",
    "CustomPermission",
    "PermissionSetGroup",
    "PermissionSet",
    "PermissionSetGroupComponent",
    "PermissionSetAssignment",
    "PermissionSetLicenseAssign",
    "SetupEntityAccess",
    "Group",
    "GroupMember",
    "QueueSobject",
    "Network",
    "NetworkMemberGroup",
    "NetworkMember",
    "LoginHistory",
)
"""The objects of a seed, in the order in which they are loaded and dumped."""

AUDIT = frozenset({"CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp", "IsDeleted"})
"""Fields that no seed sets."""

_NAMES = ("Name", "DeveloperName", "MasterLabel")
_MANY = 500


def keys_of(name: str, record: Mapping[str, Scalar]) -> Iterator[str]:
    """The keys by which a record is known, the best one first; `#n`, its place in the list, always is another."""
    if name == "User":
        yield str(record.get("Username"))
    elif name == "Contact":
        if record.get("Email"):
            yield str(record["Email"])
        yield " ".join(str(record[part]) for part in ("FirstName", "LastName") if record.get(part))
    else:
        yield from (str(record[field]) for field in _NAMES if record.get(field))


def reference_name(item: Field) -> str | None:
    """The name of a reference in a seed: its relationship's, or else the field's without Id; None for other fields."""
    return (item.relationship_name or item.name.removesuffix("Id")) if item.reference_to else None


def hint(name: str, known: Collection[str]) -> str:
    """The closest known name, as the end of a sentence; of very many only those that begin alike are looked at."""
    near = [item for item in known if item[:2] == name[:2].casefold()] if len(known) > _MANY else known
    close = get_close_matches(name, sorted(near)[:_MANY], n=1, cutoff=0.6)
    return f'; did you mean "{close[0]}"?' if close else ""
