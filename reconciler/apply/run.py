"""Walks the steps in order. A change is sent only when everything that it stands on is done."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from reconciler.apply.roles import Roles, read_roles
from reconciler.model import Action, Address, Change, Kind, Outcome, Phase, Plan, Result, Step, Value
from reconciler.salesforce import Reader, RowOutcome, Writer


class Org(Protocol):
    """What a run needs of an org."""

    @property
    def reader(self) -> Reader:
        """Reads the roles that Salesforce made on the way."""
        ...

    @property
    def writer(self) -> Writer:
        """Writes the records."""
        ...


def run(plan: Plan, org: Org) -> Iterator[Result]:
    """Apply the plan; yields one result for each change of each step, as soon as it is known."""
    walk = _Walk(plan, org)
    for step in plan.steps:
        yield from walk.step(step)


@dataclass(slots=True)
class _Walk:
    plan: Plan
    org: Org
    made: dict[Address, str] = field(default_factory=dict)
    broken: set[Address] = field(default_factory=set)

    def step(self, step: Step) -> Iterator[Result]:
        """Send one step: first what is held back, then what is sent, in order."""
        roles = read_roles(self.org.reader, self.plan, step) if step.phase is Phase.ROLE else Roles()
        ready: list[tuple[Change, Mapping[str, str | bool | None]]] = []
        for change in step.changes:
            held = self._held_back(change)
            if held is None and roles.is_set(change):
                yield Result(step.number, change, Outcome.DONE, change.id)
                continue
            record = self._record(change, roles) if held is None else held
            if isinstance(record, str):
                self.broken.add(change.address)
                yield Result(step.number, change, Outcome.NOT_SENT, change.id, None, record)
            else:
                ready.append((change, record))
        yield from self._sent(step, ready)

    def _sent(self, step: Step, ready: Sequence[tuple[Change, Mapping[str, str | bool | None]]]) -> Iterator[Result]:
        if not ready:
            return
        records = [record for _, record in ready]
        write = self.org.writer.create if step.action is Action.CREATE else self.org.writer.update
        for (change, _), row in zip(ready, write(step.object, records, step.via), strict=True):
            yield self._settled(step, change, row)

    def _settled(self, step: Step, change: Change, row: RowOutcome) -> Result:
        if row.outcome is Outcome.DONE and row.id is not None:
            self.made[change.address] = row.id
        else:
            self.broken.add(change.address)
        return Result(step.number, change, row.outcome, row.id or change.id, row.code, row.message)

    def _held_back(self, change: Change) -> str | None:
        """Why a change must not be sent: an earlier change of the record, or of one that it refers to, is not done."""
        if change.address in self.broken:
            return "held back: an earlier change of this record did not succeed"
        for item in change.fields:
            if isinstance(item.after, Address) and item.after in self.broken:
                return f"held back: {item.after} was not written"
        return None

    def _record(self, change: Change, roles: Roles) -> Mapping[str, str | bool | None] | str:
        """The record to send, or why there is none."""
        record: dict[str, str | bool | None] = {"Id": change.id} if change.id else {}
        for item in change.fields:
            if item.derived:
                continue
            value = self._value(item.after, change, roles)
            if isinstance(value, Address):
                return f"held back: the org has no {value}"
            record[item.name] = value
        return record

    def _value(self, value: Value, change: Change, roles: Roles) -> str | bool | Address | None:
        """A value as it is sent: an address by its id; the address itself when no id is known."""
        if not isinstance(value, Address):
            return value if value is None or isinstance(value, (str, bool)) else str(value)
        if value.kind is Kind.ROLE:
            return roles.id_of(change, value) or self.plan.ids.get(value) or value
        return self.made.get(value) or self.plan.ids.get(value) or value
