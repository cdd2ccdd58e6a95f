"""Walks the steps in order. A change is sent only when everything that it stands on is done."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from reconciler.apply.roles import Roles, read_roles
from reconciler.errors import OrgError, PlanRefused
from reconciler.kinds import COLLECTION_SIZE
from reconciler.model import Action, Address, Change, Kind, Outcome, Phase, Plan, Result, Step, Value, Via
from reconciler.salesforce import Reader, RowOutcome, Writer

Record: TypeAlias = Mapping[str, str | bool | None]


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
    """Apply the plan; yields one result for each change of each step, as soon as it is known.

    A KeyboardInterrupt while the org is written to ends the run, not the report: what may be under way is UNKNOWN, what
    follows NOT_SENT. Raises PlanRefused for a plan with errors.
    """
    if plan.errors:
        raise PlanRefused(plan.errors)
    walk = _Walk(plan, org)
    for step in plan.steps:
        yield from walk.step(step)


class _NotSent(Exception):
    """A change must not be sent; the text says why."""


@dataclass(slots=True)
class _Walk:
    plan: Plan
    org: Org
    made: dict[Address, str] = field(default_factory=dict)
    broken: set[Address] = field(default_factory=set)
    is_interrupted: bool = False

    def step(self, step: Step) -> Iterator[Result]:
        """One step: first what is not sent, then what is, each in order."""
        ready: list[tuple[Change, Record]] = []
        try:
            roles = self._roles(step)
        except OrgError as error:
            yield from (
                self._not_sent(step, change, f"the roles could not be read: {error}") for change in step.changes
            )
            return
        for change in step.changes:
            try:
                record = self._record(change, roles)
            except _NotSent as reason:
                yield self._not_sent(step, change, str(reason))
                continue
            if roles.is_set(change):
                yield Result(step.number, change, Outcome.DONE, change.id)
            else:
                ready.append((change, record))
        yield from self._sent(step, ready)

    def _roles(self, step: Step) -> Roles:
        if step.phase is not Phase.ROLE or self.is_interrupted:
            return Roles()
        try:
            return read_roles(self.org.reader, self.plan, step)
        except KeyboardInterrupt:
            self.is_interrupted = True
            return Roles()

    def _sent(self, step: Step, ready: Sequence[tuple[Change, Record]]) -> Iterator[Result]:
        """Write the records; after an interrupt, what the request under way carries is unknown."""
        rows = self._written(step, [record for _, record in ready])
        done = 0
        while done < len(ready):
            try:
                row = next(rows)
            except KeyboardInterrupt:
                self.is_interrupted = True
                break
            yield self._settled(step, ready[done][0], row)
            done += 1
        in_flight = len(ready) if step.via is Via.BULK else done + COLLECTION_SIZE
        for number, (change, _) in enumerate(ready[done:], start=done):
            if number < in_flight:
                unknown = RowOutcome(Outcome.UNKNOWN, message="interrupted before the org answered")
                yield self._settled(step, change, unknown)
            else:
                yield self._not_sent(step, change, "interrupted")

    def _written(self, step: Step, records: Sequence[Record]) -> Iterator[RowOutcome]:
        write = self.org.writer.create if step.action is Action.CREATE else self.org.writer.update
        return write(step.object, records, step.via)

    def _settled(self, step: Step, change: Change, row: RowOutcome) -> Result:
        if row.outcome is Outcome.DONE and row.id is not None:
            self.made[change.address] = row.id
        else:
            self.broken.add(change.address)
        return Result(step.number, change, row.outcome, row.id or change.id, row.code, row.message)

    def _not_sent(self, step: Step, change: Change, reason: str) -> Result:
        return self._settled(step, change, RowOutcome(Outcome.NOT_SENT, message=reason))

    def _record(self, change: Change, roles: Roles) -> Record:
        """The record to send: references as ids, no derived field; raises _NotSent."""
        if self.is_interrupted:
            msg = "interrupted"
            raise _NotSent(msg)
        if change.address in self.broken:
            msg = "held back: an earlier change of this record did not succeed"
            raise _NotSent(msg)
        record: dict[str, str | bool | None] = {"Id": change.id} if change.id else {}
        return record | {
            item.name: self._value(item.after, change, roles) for item in change.fields if not item.derived
        }

    def _value(self, value: Value, change: Change, roles: Roles) -> str | bool | None:
        """A value as it is sent: an address by its id."""
        if not isinstance(value, Address):
            return value if value is None or isinstance(value, (str, bool)) else str(value)
        if value in self.broken:
            msg = f"held back: {value} was not written"
            raise _NotSent(msg)
        if value.kind is Kind.ROLE:
            found = roles.id_of(change, value)
        else:
            found = self.made.get(value) or self.plan.ids.get(value)
        if found is None:
            msg = f"held back: the org has no {value}"
            raise _NotSent(msg)
        return found
