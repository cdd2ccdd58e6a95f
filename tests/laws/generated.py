"""Generated worlds: an org of a few users in any state, and files that want something of them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import strategies as st

from reconciler import pipeline
from reconciler.model import Plan, Transport
from tests.live.simulated import Seed, Simulated, a_seed, contact, simulated, upgrade, user

NAMES = ("ann", "bob", "cy")
ACCOUNTS = ("Acme", "Globex")
TITLES = ("Boss", "Dr", "")


@dataclass(frozen=True)
class Person:
    """A user as the org has it, and as the files want it; None for what they don't declare."""

    name: str
    has_twin: bool
    is_active: bool
    title: str
    account: str
    profile: str
    role: str | None
    wants_title: str | None
    wants_active: bool | None
    contact_title: str | None

    def record(self) -> dict[str, Any]:
        """The user in a seed."""
        told = {"Title": self.title} if self.title else {}
        return user(self.name, IsActive=self.is_active, **told)

    def document(self) -> str:
        """What the files want."""
        lines = [f"role: {self.role}"] if self.role and self.profile != "Acme Customer" else []
        if self.wants_title is not None:
            lines.append(f"fields: {{Title: {self.wants_title or 'null'}}}")
        if self.wants_active is not None:
            lines.append(f"active: {str(self.wants_active).lower()}")
        told = f"{{Title: {self.contact_title}}}" if self.contact_title else "{}"
        return upgrade(self.name, self.account, self.profile, told, "\n".join(lines))


@dataclass(frozen=True)
class World:
    """Some people, how many seats there are, and what carries their contacts."""

    people: tuple[Person, ...]
    seats: int
    via: Transport

    def seed(self) -> Seed:
        """The org; a bystander and a contact of nobody stand in it too."""
        twins = [contact(person.name, person.account) for person in self.people if person.has_twin]
        people = [person.record() for person in self.people]
        seed = a_seed(User=[*people, user("bystander", Title="Untouched")], Contact=[*twins, contact("nobody")])
        for license_ in seed["UserLicense"]:
            if license_["Name"] in {"Customer Community Plus", "Partner Community"}:
                license_["TotalLicenses"] = self.seats
        return seed

    def documents(self) -> Sequence[str]:
        """The files."""
        return [person.document() for person in self.people]


def people_of(name: str) -> st.SearchStrategy[Person]:
    """Anybody of that name."""
    return st.builds(
        Person,
        name=st.just(name),
        has_twin=st.booleans(),
        is_active=st.sampled_from([True, True, True, False]),
        title=st.sampled_from(TITLES),
        account=st.sampled_from(ACCOUNTS),
        profile=st.sampled_from(["Acme Plus", "Acme Plus", "Acme Partner", "Acme Customer"]),
        role=st.sampled_from([None, "User", "Manager", "Executive"]),
        wants_title=st.sampled_from([None, *TITLES]),
        wants_active=st.sampled_from([None, None, True, False]),
        contact_title=st.sampled_from([None, "Buyer"]),
    )


WORLDS = st.builds(
    World,
    people=st.integers(1, len(NAMES)).flatmap(lambda n: st.tuples(*(people_of(name) for name in NAMES[:n]))),
    seats=st.sampled_from([50, 50, 50, 1]),
    via=st.sampled_from([Transport.BULK, Transport.SOAP, Transport.APEX]),
)


@contextmanager
def opened(world: World, faults: str = "") -> Iterator[Simulated]:
    """The world's org, inside this process."""
    with TemporaryDirectory() as folder, simulated(Path(folder), world.seed(), faults) as org:
        yield org


def planned(org: Simulated, world: World) -> Plan:
    """The plan of the world's files against its org as it is now."""
    desired = org.declares(*world.documents())
    return pipeline.build(desired, pipeline.read(org.org, desired, world.via), world.via)


_OF_USER = ("Username", "Contact", "Profile", "UserRole", "IsActive", "Title")
_OF_CONTACT = ("Email", "FirstName", "LastName", "Account", "Title")


def essence(org: Simulated) -> Mapping[str, Sequence[tuple[str, ...]]]:
    """What the world is about, of everybody."""
    dump = org.dump()
    return {
        "User": sorted(tuple(str(record.get(name)) for name in _OF_USER) for record in dump["User"]),
        "Contact": sorted(tuple(str(record.get(name)) for name in _OF_CONTACT) for record in dump["Contact"]),
    }


def others(org: Simulated) -> Mapping[str, Any]:
    """Everything that no file of any world speaks of."""
    dump = dict(org.dump())
    dump["User"] = [r for r in dump["User"] if r["Username"].partition("@")[0] not in NAMES]
    dump["Contact"] = [r for r in dump["Contact"] if r["Email"].partition("@")[0] not in NAMES]
    # Salesforce makes roles for accounts that get their first role-based user (F3.1), and marks such accounts.
    dump["UserRole"] = [r for r in dump["UserRole"] if not r.get("PortalAccount")]
    dump["Account"] = [
        {k: v for k, v in r.items() if k not in {"IsPartner", "IsCustomerPortal"}} for r in dump["Account"]
    ]
    return dump
