"""A change as a record to send: references as ids, fields that another field decides left out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from reconciler.apply.roles import Roles
from reconciler.model import Address, Change, FieldChange, Kind, Plan, Value

Sent: TypeAlias = str | bool | None
"""A field's value as it is sent."""

Record: TypeAlias = Mapping[str, Sent]
"""Field -> value; an update has its `Id`."""


class NotReady(Exception):
    """A change must not be sent; the text says why."""


@dataclass(slots=True)
class Known:
    """What a run knows of ids: those of the plan, those that it made, and which records it could not write."""

    plan: Plan
    made: dict[Address, str] = field(default_factory=dict)
    broken: set[Address] = field(default_factory=set)

    def id_of(self, address: Address) -> str | None:
        """The id behind an address; None when the org has no such record, as far as the run knows."""
        return self.made.get(address) or self.plan.ids.get(address)

    def record(self, change: Change, roles: Roles) -> Record:
        """The record to send; raises NotReady."""
        if change.address in self.broken:
            msg = "held back: an earlier change of this record did not succeed"
            raise NotReady(msg)
        record: dict[str, Sent] = {"Id": change.id} if change.id else {}
        return record | {item.name: self._value(item.after, change, roles) for item in written(change)}

    def _value(self, value: Value, change: Change, roles: Roles) -> Sent:
        if not isinstance(value, Address):
            return value if value is None or isinstance(value, (str, bool)) else str(value)
        if value in self.broken:
            msg = f"held back: {value} was not written"
            raise NotReady(msg)
        found = roles.id_of(change, value) if value.kind is Kind.ROLE else self.id_of(value)
        if found is None:
            msg = f"held back: the org has no {value}"
            raise NotReady(msg)
        return found


def written(change: Change) -> Iterator[FieldChange]:
    """The fields that are sent."""
    return (item for item in change.fields if not item.derived)
