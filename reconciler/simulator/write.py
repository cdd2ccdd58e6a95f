"""One record on its way into an org: what rules judge and effects complete."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from reconciler.simulator.errors import RowError
from reconciler.simulator.org import Org
from reconciler.simulator.schema import SObject
from reconciler.simulator.store import Scalar

ROLE_BASED: Mapping[str, str] = {
    "PowerCustomerSuccess": "CustomerPortal",
    "CustomerSuccess": "CustomerPortal",
    "PowerPartner": "Partner",
}
"""UserType -> PortalType of the roles that its users have (F2.5)."""

SHARED_LEVEL = "PersonAccount"
"""The PortalRole of a role that accounts of one owner share, which is no level (F3.2)."""

INTERNAL = frozenset({"Standard", "CsnOnly"})

_USERS_OF_ACCOUNT = "SELECT 1 FROM User u JOIN Contact c ON c.Id = u.ContactId WHERE c.AccountId = ? LIMIT 1"
_LINKED_USERS = (
    "SELECT u.Id FROM User u JOIN Contact c ON c.Id = u.ContactId JOIN Profile p ON p.Id = u.ProfileId "
    "WHERE c.AccountId = ? AND (p.UserType = 'PowerPartner') = ? ORDER BY u.Id"
)
_SEATS_TAKEN = (
    "SELECT count(*) FROM User WHERE IsActive = 1 AND ProfileId IN (SELECT Id FROM Profile WHERE UserLicenseId = ?)"
)


class Operation(StrEnum):
    """A kind of write."""

    INSERT = "insert"
    UPDATE = "update"
    UPSERT = "upsert"
    DELETE = "delete"
    UNDELETE = "undelete"


@dataclass(slots=True)
class Lookups:
    """What the rows of one call read of other records; each record is read once until the call itself changes it.

    `unhandled` is the exception that a trigger threw, which fails all rows that the trigger was given;
    `moved_contacts` counts the users' contacts that the call gave another account.
    """

    org: Org
    records: dict[tuple[str, str], Mapping[str, Scalar]] = field(default_factory=dict)
    free_seats: dict[str, int] = field(default_factory=dict)
    unhandled: RowError | None = None
    moved_contacts: int = 0
    permitted: dict[str, frozenset[str]] = field(default_factory=dict)

    def get(self, sobject: str, record_id: Scalar) -> Mapping[str, Scalar]:
        """A record by its Id; empty when there is none."""
        if not record_id:
            return {}
        key = (sobject, str(record_id))
        if key not in self.records:
            self.records[key] = self.org.store.get(sobject, str(record_id)) or {}
        return self.records[key]

    def forget(self, sobject: str, record_id: Scalar) -> None:
        """Read that record anew when it is asked for again."""
        self.records.pop((sobject, str(record_id)), None)

    def forget_all(self) -> None:
        """Read everything anew: what was read may be undone."""
        self.records.clear()
        self.free_seats.clear()

    def update(self, sobject: str, record_id: Scalar, values: Mapping[str, Scalar]) -> None:
        """Change another record than the call's own."""
        self.org.store.update(sobject, str(record_id), values)
        self.forget(sobject, record_id)

    def permissions(self, user_id: str) -> frozenset[str]:
        """The API names of what a user may do (F8.3), without `Permissions`."""
        if user_id not in self.permitted:
            with self.org.store.asked_by(user_id):
                (access,) = self.org.store.find("UserPermissionAccess")
            self.permitted[user_id] = frozenset(
                name.removeprefix("Permissions") for name, granted in access.items() if granted is True
            )
        return self.permitted[user_id]

    def take_seat(self, license_id: str) -> bool:
        """Whether a license has a seat for one more active user.

        Each row takes one seat at most, so the seats are counted again only when as many rows as there were seats have
        asked.
        """
        left = self.free_seats.get(license_id, 0)
        if left <= 0:
            total = int(self.get("UserLicense", license_id).get("TotalLicenses") or 0)
            left = total - int(self.org.store.select(_SEATS_TAKEN, [license_id])[0][0])
        self.free_seats[license_id] = left - 1
        return left > 0


@dataclass(slots=True)
class Write:
    """A record before and after; `before` is None for an insert. Effects may add to `after`.

    `written` holds the first object of either sort that the transaction wrote: setup (True) and other (False).
    `saved_id` is the record's Id once it is stored, for the rules that are asked after that.
    """

    org: Org
    actor: str
    operation: Operation
    sobject: SObject
    before: Mapping[str, Scalar] | None
    given: Mapping[str, Scalar]
    after: dict[str, Scalar]
    lookups: Lookups
    allow_duplicates: bool = False
    notify: bool = False
    written: dict[bool, str] = field(default_factory=dict)
    saved_id: str = ""

    @property
    def is_insert(self) -> bool:
        """Whether the record is new."""
        return self.before is None

    @property
    def is_disabling(self) -> bool:
        """Whether a portal user is being disabled (F1.9)."""
        return self.was("IsPortalEnabled") is True and self.after.get("IsPortalEnabled") is False

    @property
    def is_external(self) -> bool:
        """Whether the user's profile makes it an external user."""
        return self.user_type() not in INTERNAL

    def may(self, *permissions: str) -> bool:
        """Whether the caller has one of these permissions."""
        return not self.lookups.permissions(self.actor).isdisjoint(permissions)

    def changes(self, *names: str) -> bool:
        """Whether one of the fields gets another value, or any value at all in an insert."""
        after, before = self.after, self.before or {}
        for name in names:  # noqa: SIM110 - asked a dozen times for each record, and a generator is slower
            if after.get(name) != before.get(name):
                return True
        return False

    def was(self, name: str) -> Scalar:
        """A field's value before."""
        return self.before.get(name) if self.before else None

    def get(self, sobject: str, record_id: Scalar) -> Mapping[str, Scalar]:
        """A record that this one refers to; empty when there is none."""
        return self.lookups.get(sobject, record_id)

    def profile(self, *, before: bool = False) -> Mapping[str, Scalar]:
        """The user's profile."""
        return self.get("Profile", self.was("ProfileId") if before else self.after.get("ProfileId"))

    def license_name(self, *, before: bool = False) -> str:
        """The name of the user's license (F2.1)."""
        return str(self.get("UserLicense", self.profile(before=before).get("UserLicenseId")).get("Name") or "")

    def user_type(self, *, before: bool = False) -> str:
        """The user's UserType, which its profile decides."""
        return str(self.profile(before=before).get("UserType") or "")

    def contact(self) -> Mapping[str, Scalar]:
        """The user's contact."""
        return self.get("Contact", self.after.get("ContactId"))

    def account(self) -> Mapping[str, Scalar]:
        """The account of the user's contact."""
        return self.get("Account", self.contact().get("AccountId"))

    def has_portal_users(self, account_id: Scalar) -> bool:
        """Whether a user is linked to a contact of that account."""
        return bool(account_id) and bool(self.org.store.select(_USERS_OF_ACCOUNT, [account_id]))

    def portal_users(self, account_id: Scalar, *, is_partner: bool) -> Sequence[str]:
        """The ids of the users that are linked to a contact of that account: partners, or the others."""
        return [str(row["Id"]) for row in self.org.store.select(_LINKED_USERS, [account_id, is_partner])]
