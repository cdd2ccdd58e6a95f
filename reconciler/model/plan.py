"""What lies between desired and live: changes, steps, the plan, and what became of each change."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from reconciler.model.facts import OrgInfo
from reconciler.model.state import Address, Position, Problem, Severity, Value


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
    SOAP = "soap"
    APEX = "apex"


class Transport(StrEnum):
    """What carries the contact of users: one of the three documented ways (F1.5), or the best of them."""

    AUTO = "auto"
    BULK = "bulk"
    SOAP = "soap"
    APEX = "apex"


AS_ASKED = "as asked"
"""Why a step goes the way it goes when somebody has said so."""


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
    """One record's part of a step. `id` is None for a create; `account` is whose locks its writing takes, if known."""

    address: Address
    id: str | None
    fields: tuple[FieldChange, ...]
    reason: str | None = None
    cause: str | None = None
    source: Position | None = None
    account: Address | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """Changes of one object, one action and one phase that are sent together.

    `notify` lets the org send mails to the users; `why` is why it goes that way, when there was a choice.
    """

    number: int
    object: str
    action: Action
    phase: Phase
    via: Via
    changes: tuple[Change, ...]
    notify: bool = False
    why: str | None = None


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

    `ids` gives the record id behind each address that a step names, before or after, and that exists in the org.
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
