"""One record on its way into an org: what rules judge and effects complete."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.simulator.org import Org
from reconciler.simulator.schema import SObject
from reconciler.simulator.store import Scalar

ROLE_BASED: Mapping[str, str] = {
    "PowerCustomerSuccess": "CustomerPortal",
    "CustomerSuccess": "CustomerPortal",
    "PowerPartner": "Partner",
}
"""UserType -> PortalType of the roles that its users have (F2.5)."""

INTERNAL = frozenset({"Standard", "CsnOnly"})


@dataclass(slots=True)
class Write:
    """A record before and after; `before` is None for an insert. Effects may add to `after`."""

    org: Org
    actor: str
    sobject: SObject
    before: Mapping[str, Scalar] | None
    given: Mapping[str, Scalar]
    after: dict[str, Scalar] = field(default_factory=dict)

    def changes(self, *names: str) -> bool:
        """Whether one of the fields gets another value, or any value at all in an insert."""
        if self.before is None:
            return any(self.after.get(name) is not None for name in names)
        return any(self.after.get(name) != self.before.get(name) for name in names)

    def was(self, name: str) -> Scalar:
        """A field's value before."""
        return self.before.get(name) if self.before else None

    def get(self, sobject: str, record_id: Scalar) -> Mapping[str, Scalar]:
        """A record that this one refers to; empty when there is none."""
        return (self.org.store.get(sobject, str(record_id)) or {}) if record_id else {}

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

    @property
    def is_disabling(self) -> bool:
        """Whether the portal user is disabled by this write, which takes its contact away (F1.9)."""
        return self.was("IsPortalEnabled") is True and self.after.get("IsPortalEnabled") is False

    @property
    def is_insert(self) -> bool:
        """Whether the record is new."""
        return self.before is None
