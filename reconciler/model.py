"""The nouns of sfrec: what the files say, what the org says, and what lies between.

Everything here is frozen and free of I/O. Desired and live are the same type, `State`, so that their diff is
symmetrical; a field that refers to another record holds that record's `Address` on both sides, so that references,
order and "known after apply" need no special cases.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntEnum, StrEnum
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


@dataclass(frozen=True, slots=True)
class State:
    """Addresses and their resources; the same type for desired and live."""

    resources: Mapping[Address, Resource]

    def get(self, address: Address) -> Resource | None:
        """The resource at that address."""
        return self.resources.get(address)

    def of(self, kind: Kind) -> tuple[Resource, ...]:
        """All resources of a kind, by address."""
        return tuple(self.resources[a] for a in sorted(self.resources) if a.kind is kind)


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


@dataclass(frozen=True, slots=True)
class OrgInfo:
    """The org a command speaks to."""

    id: str
    instance_url: str
    name: str
    edition: str
    is_sandbox: bool
    is_simulated: bool


@dataclass(frozen=True, slots=True)
class License:
    """A UserLicense; `used` counts active users (F2.2)."""

    id: str
    name: str
    key: str | None
    total: int
    used: int


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile; every profile belongs to one license and decides its users' UserType (F2.1)."""

    id: str
    name: str
    user_type: str
    license: str


@dataclass(frozen=True, slots=True)
class PortalRole:
    """A role that Salesforce made for an account: `type` is CustomerPortal or Partner, `level` as in ROLE_LEVELS."""

    id: str
    name: str
    account_id: str
    type: str
    level: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the org offers: not managed, but decisive for what may be planned."""

    org: OrgInfo
    licenses: tuple[License, ...]
    profiles: tuple[Profile, ...]
    roles: tuple[PortalRole, ...]
    requests: int = 0


@dataclass(frozen=True, slots=True)
class Live:
    """One complete read of an org."""

    state: State
    facts: Facts


class Action(StrEnum):
    """A change's verb."""

    CREATE = "create"
    UPDATE = "update"
    DEACTIVATE = "deactivate"
    DELETE = "delete"


class Phase(IntEnum):
    """When a field is written; the platform's order (F6.2, F6.5): the Contact first, the license after the link."""

    ACCOUNT = 1
    CONTACT = 2
    LINK = 3
    PLAIN = 4
    LICENSE = 5
    ROLE = 6


class Undo(StrEnum):
    """Whether a change can be taken back."""

    YES = "yes"
    SIDE_EFFECTS = "side_effects"
    NEVER = "never"


class Via(StrEnum):
    """The API that carries a step."""

    COLLECTIONS = "collections"
    BULK = "bulk"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field's two sides; `derived` is shown but never sent, because another field decides it."""

    name: str
    before: Value
    after: Value
    undo: Undo = Undo.YES
    known_after_apply: bool = False
    derived: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One record's part of a step. `id` is None for a create."""

    address: Address
    id: str | None
    fields: tuple[FieldChange, ...]
    reason: str | None = None
    cause: str | None = None
    source: Position | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """Changes of one object, one action and one phase that are sent together."""

    number: int
    object: str
    action: Action
    phase: Phase
    via: Via
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Seats:
    """The seats of one license: owned, assigned now, assigned after the plan."""

    license: str
    total: int
    used: int
    after: int


@dataclass(frozen=True, slots=True)
class Requests:
    """API requests: spent on reading, and expected for writing."""

    read: int
    planned_write: int


@dataclass(frozen=True, slots=True)
class Summary:
    """Changed records by action (a record counts once, whatever its number of steps), and those already in sync."""

    create: int
    update: int
    deactivate: int
    delete: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Ordered steps with all that apply needs: apply sees neither the files nor the desired state.

    `ids` gives the record id behind each address that a step refers to and that already exists in the org.
    """

    org: OrgInfo
    desired_digest: str
    live_digest: str
    steps: tuple[Step, ...]
    problems: tuple[Problem, ...]
    seats: tuple[Seats, ...]
    requests: Requests
    summary: Summary
    ids: Mapping[Address, str]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.steps

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that refuse this plan."""
        return tuple(p for p in self.problems if p.severity is Severity.ERROR)


class Outcome(StrEnum):
    """What became of a change."""

    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NOT_SENT = "not_sent"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one change of a step; `code` and `message` are Salesforce's own, or ours when nothing was sent."""

    step: int
    change: Change
    outcome: Outcome
    id: str | None = None
    code: str | None = None
    message: str | None = None
