"""Which columns answer for which declared fields; the one place that turns rows into values."""

from collections.abc import Iterable

from reconciler.kinds import LICENSE_FIELD, KindSpec
from reconciler.model import Address, Kind, Resource, Value
from reconciler.salesforce.reader import Row

USER_COLUMNS = (
    "Id",
    "Username",
    "FirstName",
    "LastName",
    "Email",
    "IsActive",
    "ContactId",
    "Profile.Name",
    "Profile.UserLicense.Name",
    "UserRoleId",
    "UserRole.Name",
    "AccountId",
)
"""Read of every user, whatever is declared: what matching and preflight rest on."""

CONTACT_COLUMNS = ("Id", "AccountId", "FirstName", "LastName", "Email")
"""Read of every contact that may be adopted."""

ACCOUNT_COLUMNS = ("Id", "Name", "OwnerId", "Owner.Username", "Owner.UserRoleId", "Owner.IsActive")


def declared(resources: Iterable[Resource], spec: KindSpec) -> tuple[str, ...]:
    """The plain fields that any of the resources declares: those that are no reference and no derived path."""
    names = {name for resource in resources for name in resource.fields}
    return tuple(sorted(n for n in names if spec.field(n).references is None and not spec.field(n).derived))


def user_fields(row: Row, names: Iterable[str]) -> dict[str, Value]:
    """A user's fields; references by name are addresses already, its contact and role are added by the reader."""
    fields: dict[str, Value] = {name: row[name] for name in ("FirstName", "LastName", "Email", "IsActive", *names)}
    fields["ProfileId"] = _named(Kind.PROFILE, row["Profile.Name"])
    fields[LICENSE_FIELD] = _named(Kind.LICENSE, row["Profile.UserLicense.Name"])
    return fields


def _named(kind: Kind, name: Value) -> Address | None:
    return Address(kind, name) if isinstance(name, str) else None


def user_columns(names: Iterable[str], contact_names: Iterable[str]) -> tuple[str, ...]:
    """All columns of the query for users; the own contact's fields come along as parent fields."""
    contact = [f"Contact.{name}" for name in ("AccountId", *contact_names)]
    return tuple(dict.fromkeys([*USER_COLUMNS, *names, *contact]))


def contact_columns(names: Iterable[str]) -> tuple[str, ...]:
    """All columns of the query for contacts that may be adopted."""
    return tuple(dict.fromkeys([*CONTACT_COLUMNS, *names]))
