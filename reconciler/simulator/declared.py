"""What an org's own admins and developers made, as a seed declares it: validation rules, duplicate rules, triggers."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Action(StrEnum):
    """What a duplicate rule does; `alert` can be overruled by the caller (F5.5)."""

    BLOCK = "block"
    ALERT = "alert"


@dataclass(frozen=True, slots=True)
class ValidationRule:
    """A record of `object` that meets `when`, a condition of SOQL, is refused with `message` on `field`.

    Source: https://developer.salesforce.com/docs/atlas.en-us.api_meta.meta/api_meta/meta_validationformulas.htm
    """

    object: str
    name: str
    when: str
    message: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class DuplicateRule:
    """A record of `object` with the same values in all fields of `match` as another one is a duplicate."""

    object: str
    name: str
    match: tuple[str, ...]
    action: str = Action.ALERT.value
    message: str = "Use one of these records?"


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger that fails records of `object` which meet `when`, or all of them.

    `on` names its events (`before insert`). It does one of three things: `error` is what it says in addError, on
    `field` or on the record; `exception` is what it throws and does not catch; `updates` is the object of another
    record that it updates.
    """

    object: str
    name: str
    on: tuple[str, ...]
    when: str | None = None
    error: str | None = None
    field: str | None = None
    exception: str | None = None
    updates: str | None = None


@dataclass(frozen=True, slots=True)
class Declared:
    """All that a seed declares."""

    validation_rules: tuple[ValidationRule, ...] = ()
    duplicate_rules: tuple[DuplicateRule, ...] = ()
    triggers: tuple[Trigger, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.validation_rules or self.duplicate_rules or self.triggers)

    def seed(self) -> Mapping[str, Any]:
        """The declarations in the format of a seed; what is left out there is left out here."""
        lists = {name: [_written(item) for item in getattr(self, name)] for name in KINDS}
        return {name: items for name, items in lists.items() if items}

    def text(self) -> str:
        """The declarations as they are kept."""
        return json.dumps(self.seed())

    @classmethod
    def kept(cls, text: str) -> "Declared":
        """The declarations that `text` has kept."""
        lists = json.loads(text)
        return cls(**{name: tuple(made(kind, item) for item in lists.get(name, ())) for name, kind in KINDS.items()})


KINDS: Mapping[str, type[Any]] = {
    "validation_rules": ValidationRule,
    "duplicate_rules": DuplicateRule,
    "triggers": Trigger,
}
"""The keys of a seed -> what each of their items is."""

EVENTS = tuple(
    f"{time} {operation}"
    for operation in ("insert", "update", "delete", "undelete")
    for time in ("before", "after")
    if f"{time} {operation}" != "before undelete"
)
"""When a trigger may run.

Source: https://developer.salesforce.com/docs/atlas.en-us.apexcode.meta/apexcode/apex_triggers_syntax.htm
"""


NOTHING = Declared()


def made(kind: type[Any], item: Mapping[str, Any]) -> Any:
    """One declaration from its item of a seed, which must be right."""
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in item.items()})


def _written(item: Any) -> dict[str, Any]:
    shown = ((name, list(value) if isinstance(value, tuple) else value) for name, value in asdict(item).items())
    return {name: value for name, value in shown if value is not None}
