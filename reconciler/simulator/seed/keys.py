"""Natural keys: how a seed refers to a record without its id."""

from collections.abc import Iterator, Mapping

from reconciler.simulator.store import Scalar

ORDER = (
    "UserLicense",
    "Profile",
    "UserRole",
    "User",
    "Account",
    "Contact",
    "PermissionSet",
    "PermissionSetAssignment",
    "Network",
    "NetworkMemberGroup",
)
"""The objects of a seed, in the order in which they are loaded and dumped."""

AUDIT = frozenset({"CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp", "IsDeleted"})
"""Fields that no seed sets."""


def keys_of(name: str, record: Mapping[str, Scalar]) -> Iterator[str]:
    """The keys by which a record is known, the best one first; `#n`, its place in the list, always is another."""
    if name == "User":
        yield str(record.get("Username"))
    elif name == "Contact":
        if record.get("Email"):
            yield str(record["Email"])
        yield " ".join(str(record[part]) for part in ("FirstName", "LastName") if record.get(part))
    elif record.get("Name"):
        yield str(record["Name"])
