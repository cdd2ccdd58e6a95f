"""Rows of users and contacts -> resources; pure.

Salesforce's ids become addresses: a contact is at its user's key or, when no declared user has it, at `id=<id>`; a
portal role is its account and level.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from reconciler.kinds import LICENSE_COLUMN, LICENSE_FIELD, PROFILE_COLUMN, ROLE_COLUMN
from reconciler.live.columns import PERSON, ROLE_ACCOUNT_COLUMN, Found
from reconciler.model import Address, Kind, Resource, Value, shared_address


@dataclass(frozen=True, slots=True)
class People:
    """Turns rows into resources: the declared fields, and what the ids of accounts mean."""

    user_names: tuple[str, ...]
    contact_names: tuple[str, ...]
    accounts: Mapping[str, Address]

    def user(self, row: Found) -> Iterator[Resource]:
        """A declared user, and its own contact if it has one."""
        key = user_key(row)
        contact = Address(Kind.CONTACT, key) if row["ContactId"] else None
        fields: dict[str, Value] = {name: row[name] for name in (*self.user_names, *PERSON, "IsActive")}
        fields |= {
            "ContactId": contact,
            "ProfileId": _named(Kind.PROFILE, row[PROFILE_COLUMN]),
            LICENSE_FIELD: _named(Kind.LICENSE, row[LICENSE_COLUMN]),
            "UserRoleId": self._role(row),
        }
        yield Resource(Address(Kind.USER, key), fields, row.id)
        if contact is not None:
            own: dict[str, Value] = {name: row[f"Contact.{name}"] for name in (*self.contact_names, *PERSON)}
            account = self.accounts.get(row.text("AccountId"))
            yield Resource(contact, {**own, "AccountId": account}, row.text("ContactId"))

    def candidate(self, row: Found) -> Resource:
        """A contact that no declared user has."""
        fields: dict[str, Value] = {name: row[name] for name in (*self.contact_names, *PERSON)}
        account = self.accounts.get(row.text("AccountId"))
        return Resource(_candidate(row.id), {**fields, "AccountId": account}, row.id)

    def _role(self, row: Found) -> Address | None:
        level, account = row[ROLE_COLUMN], self.accounts.get(row.text(ROLE_ACCOUNT_COLUMN))
        if level is None or account is None:
            return _named(Kind.ROLE, row["UserRole.Name"])
        return shared_address(Kind.ROLE, f"{account.key}/{level}")


def holder(row: Found) -> Resource:
    """A user that no file declares and that has a candidate contact."""
    fields: dict[str, Value] = {"ContactId": _candidate(row.text("ContactId")), "IsActive": row["IsActive"]}
    return Resource(Address(Kind.USER, user_key(row)), fields, row.id)


def user_key(row: Found) -> str:
    """The key under which files declare the user."""
    return row.text("Username").casefold()


def by_address(resources: Iterable[Resource]) -> Mapping[Address, Resource]:
    """Resources under their addresses."""
    return {resource.address: resource for resource in resources}


def _candidate(contact_id: str) -> Address:
    return Address(Kind.CONTACT, f"id={contact_id}")


def _named(kind: Kind, name: Value) -> Address | None:
    return shared_address(kind, name) if isinstance(name, str) else None
