"""What the files say and what the org says, in one type; and what is wrong with either."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple, TypeAlias


class Kind(StrEnum):
    """What an address points at."""

    ACCOUNT = "account"
    CONTACT = "contact"
    USER = "user"
    LICENSE = "license"
    PROFILE = "profile"
    ROLE = "role"


class Address(NamedTuple):
    """A kind and its natural key: `user/sonia@acme.example`.

    Keys: user and contact: the user's Username, casefolded; account: its Name, or `FIELD=VALUE` for an id or external
    id; license, profile: the name; role: `<account key>/<level>`, a level being User, Manager or Executive.
    """

    kind: Kind
    key: str

    def __str__(self) -> str:
        return f"{self.kind.value}/{self.key}"


@lru_cache(maxsize=16_384)
def shared_address(kind: Kind, key: str) -> Address:
    """The address, one object for all that refer to the same few profiles, licenses, roles and accounts."""
    return Address(kind, key)


class Position(NamedTuple):
    """A place in a file; line and column count from 1, `file` is relative to the project."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


Value: TypeAlias = str | bool | Decimal | Address | None
"""A field's value. Numbers stay the text that was written on the desired side and are Decimal on the live side."""


_NO_POSITIONS: Mapping[str, Position] = MappingProxyType({})


def _no_positions() -> Mapping[str, Position]:
    return _NO_POSITIONS


@dataclass(frozen=True, slots=True)
class Resource:
    """One record: only the fields that are declared (desired) or were asked for (live).

    `id` is the Salesforce id, known on the live side only; `source` and `positions` are known on the desired side only.
    """

    address: Address
    fields: Mapping[str, Value]
    id: str | None = None
    source: Position | None = None
    positions: Mapping[str, Position] = field(default_factory=_no_positions, compare=False)

    def position(self, name: str) -> Position | None:
        """Where the field is written, or else where the document begins."""
        return self.positions.get(name, self.source)


Columns: TypeAlias = tuple[str, ...]
"""Fields of a user and, by path, of its parents: `IsActive`, `Contact.Email`, `Profile.UserLicense.Name`; sorted."""

Declaration: TypeAlias = tuple[Columns, str, int, tuple[Value, ...]]
"""What one document declares of a user and its contact, flat: columns, file, line from 1, the columns' values.

A plain tuple: there may be a million of them, and nearly all are only compared. Names stand for what they name: a
profile, a license, an account by its name, a role by its level.
"""

_NO_DECLARATIONS: Mapping[str, Declaration] = MappingProxyType({})


def _no_declarations() -> Mapping[str, Declaration]:
    return _NO_DECLARATIONS


@dataclass(frozen=True, slots=True)
class State:
    """Addresses and their resources; the same type for desired and live.

    The desired side also has each user's declaration by the user's key, and a digest: equal digests mean equal content,
    whatever the order of files and keys.
    """

    resources: Mapping[Address, Resource]
    declarations: Mapping[str, Declaration] = field(default_factory=_no_declarations, repr=False, compare=False)
    digest: str | None = None

    def get(self, address: Address) -> Resource | None:
        """The resource at that address."""
        return self.resources.get(address)

    def user_keys(self) -> Iterable[str]:
        """The keys of all users."""
        return self.declarations.keys() or (address.key for address in self.resources if address.kind is Kind.USER)

    def of(self, kind: Kind) -> tuple[Resource, ...]:
        """All resources of a kind, by address."""
        return tuple(self.resources[at] for at in sorted(a for a in self.resources if a.kind is kind))


class Severity(StrEnum):
    """How much a problem weighs: an error refuses the plan, a warning is shown."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding: what is wrong, where, and what to do about it."""

    code: str
    severity: Severity
    message: str
    remedy: str
    address: Address | None = None
    source: Position | None = None
