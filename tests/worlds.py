"""Builders of small desired and live worlds; what a test does not say has a plain default."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reconciler.model import (
    Address,
    Facts,
    Kind,
    License,
    Live,
    OrgInfo,
    PortalRole,
    Position,
    Profile,
    Resource,
    State,
    Value,
)

ORG = OrgInfo(
    "00D000000000001EAA", "http://127.0.0.1:1", "Acme", "Developer Edition", is_sandbox=False, is_simulated=True
)

IDENTITY = Profile("00e1", "Acme Identity", "CspLitePortal", "External Identity")
LITE = Profile("00e2", "Acme Customer", "CspLitePortal", "Customer Community")
PLUS = Profile("00e3", "Acme Customer Plus", "PowerCustomerSuccess", "Customer Community Plus")
PARTNER = Profile("00e4", "Acme Partner", "PowerPartner", "Partner Community")
ADMIN = Profile("00e5", "System Administrator", "Standard", "Salesforce")
PROFILES = (IDENTITY, LITE, PLUS, PARTNER, ADMIN)


def address(text: str) -> Address:
    """`user/sonia@acme.example` as an Address."""
    kind, _, key = text.partition("/")
    return Address(Kind(kind), key)


@dataclass
class World:
    """A desired and a live state that grow by a call for each record."""

    seats: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    profiles: tuple[Profile, ...] = PROFILES
    desired: dict[Address, Resource] = field(default_factory=dict)
    live: dict[Address, Resource] = field(default_factory=dict)
    roles: list[PortalRole] = field(default_factory=list)

    def account(
        self, key: str, id_: str, *, role: str | None = "00E1", active: bool = True, name: str | None = None
    ) -> None:
        """An account of the org, under the key by which files name it."""
        fields: dict[str, Value] = {
            "Name": name or key,
            "Owner.UserRoleId": role,
            "Owner.IsActive": active,
            "Owner.Username": "owner@acme.example",
        }
        self._have(address(f"account/{key}"), id_, fields)

    def user(self, name: str, profile: Profile = IDENTITY, *, contact: str | None = None, **fields: Any) -> None:
        """A user of the org; `contact` is the address of its contact."""
        defaults: dict[str, Any] = {
            "FirstName": "Sonia",
            "LastName": "James",
            "Email": name,
            "IsActive": True,
            "ContactId": address(contact) if contact else None,
            "ProfileId": Address(Kind.PROFILE, profile.name),
            "Profile.UserLicenseId": Address(Kind.LICENSE, profile.license),
            "UserRoleId": None,
        }
        self._have(address(f"user/{name}"), f"005-{name}", {**defaults, **fields})

    def contact(self, key: str, account: str | None, **fields: Any) -> None:
        """A contact of the org at `contact/<key>`."""
        id_ = key.removeprefix("id=") if key.startswith("id=") else f"003-{key}"
        account_id = address(f"account/{account}") if account else None
        self._have(address(f"contact/{key}"), id_, {"AccountId": account_id, **fields})

    def wants(
        self, name: str, contact: Mapping[str, Value] | None = None, account: str = "Acme", **fields: Any
    ) -> None:
        """A document: the user's fields, and its contact's when it declares one."""
        line = len(self.desired) + 1
        source = Position("desired/users/team.yaml", line, 1)
        positions = {key: Position(source.file, line, 5) for key in fields}
        if contact is not None:
            contact_address = address(f"contact/{name}")
            fields = {"ContactId": contact_address, **fields}
            self.desired[contact_address] = Resource(
                contact_address,
                {"AccountId": address(f"account/{account}"), **contact},
                source=source,
                positions={"AccountId": Position(source.file, line, 10)},
            )
        user_address = address(f"user/{name}")
        self.desired[user_address] = Resource(user_address, fields, source=source, positions=positions)

    def upgrade(
        self, name: str, contact: Mapping[str, Value] | None = None, account: str = "Acme", **fields: Any
    ) -> None:
        """A document that upgrades a contactless user to Customer Community Plus."""
        self.wants(name, contact or {}, account, **{**to_profile(PLUS), **fields})

    def role(self, id_: str, account_id: str, level: str, kind: str = "CustomerPortal") -> None:
        """A role that the org made for an account."""
        self.roles.append(PortalRole(id_, f"{account_id} {level}", account_id, kind, level))

    def states(self) -> tuple[State, Live]:
        """The finished world."""
        licenses = tuple(
            License(
                f"100-{profile.license}",
                profile.license,
                f"PID_{profile.license}",
                *self.seats.get(profile.license, (100, 1)),
            )
            for profile in self.profiles
        )
        facts = Facts(ORG, licenses, self.profiles, tuple(self.roles), requests=9)
        return State(dict(self.desired)), Live(State(dict(self.live)), facts)

    def _have(self, at: Address, id_: str, fields: Mapping[str, Value]) -> None:
        self.live[at] = Resource(at, fields, id_)


def to_profile(profile: Profile) -> dict[str, Any]:
    """The declared fields of a document that names that profile."""
    return {"ProfileId": Address(Kind.PROFILE, profile.name)}


def to_license(name: str) -> dict[str, Any]:
    """The declared fields of a document that names a license only."""
    return {"Profile.UserLicenseId": Address(Kind.LICENSE, name)}
