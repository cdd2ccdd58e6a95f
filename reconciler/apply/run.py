"""Walks the steps in order. A change is sent only when everything that it stands on is done."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol

from reconciler.apply.batches import Chain, Ready, chains, side_by_side
from reconciler.apply.control import Control
from reconciler.apply.gate import Gate
from reconciler.apply.look import Look
from reconciler.apply.record import Known
from reconciler.apply.settle import Settling
from reconciler.apply.surplus import WITHDRAWN, Surplus
from reconciler.errors import OrgError, PlanRefused
from reconciler.model import (
    Action,
    Address,
    BatchSent,
    Change,
    JobCreated,
    Outcome,
    Phase,
    Plan,
    Result,
    Settled,
    Step,
    StepBegun,
    StepEnded,
)
from reconciler.salesforce import Batch, Reader, RowOutcome, Writer

_TRIES = 3
"""How often a contact may be sent that a look, each time, found not to be made."""


class Org(Protocol):
    """What a run needs of an org."""

    @property
    def reader(self) -> Reader:
        """Looks at records before they are written, and after an answer was lost."""
        ...

    @property
    def writer(self) -> Writer:
        """Writes the records."""
        ...


def run(plan: Plan, org: Org, control: Control | None = None) -> Iterator[Result]:
    """Apply the plan; yields one result for each change of each step, as soon as it is known.

    A second result for the same change and step takes the place of the first. A KeyboardInterrupt while the org is
    written to ends the run, not the report: what may be under way is UNKNOWN, what follows NOT_SENT. Raises PlanRefused
    for a plan with errors.
    """
    if plan.errors:
        raise PlanRefused(plan.errors)
    walk = _Walk.of(plan, org, control or Control())
    for step in plan.steps:
        yield from walk.step(step)


@dataclass(slots=True)
class _Walk:
    org: Org
    control: Control
    known: Known
    gate: Gate
    settling: Settling
    contacts: dict[Address, tuple[Step, Change]] = field(default_factory=dict)
    is_interrupted: bool = False

    @classmethod
    def of(cls, plan: Plan, org: Org, control: Control) -> "_Walk":
        look = Look(org.reader, Known(plan))
        return cls(org, control, look.known, Gate(org.reader, look), Settling(look, control))

    def step(self, step: Step) -> Iterator[Result]:
        """One step: first what is not sent, then what is."""
        settled, ready = self._opened(step)
        self.control.note(StepBegun(step, len(ready)))
        yield from self._told(step, settled)
        links = list[Change]()
        for result in self._sent(step, ready):
            yield result
            if result.outcome is not Outcome.DONE:
                links.append(result.change)
        if step.phase is Phase.LINK:
            yield from self._withdrawn(
                [*links, *(change for change, row in settled if row.outcome is not Outcome.DONE)]
            )
        self.control.note(StepEnded(step))

    def _opened(self, step: Step) -> tuple[Sequence[tuple[Change, RowOutcome]], Sequence[Ready]]:
        """What is known of changes that are not sent, and the others."""
        reason = self._ending()
        if reason is None:
            try:
                passed = self.gate.passed(step)
            except OrgError as error:
                reason = f"the records could not be read before they were written: {error}"
            except KeyboardInterrupt:
                self.is_interrupted = True
                reason = self._ending()
            else:
                return passed.settled, passed.ready
        row = RowOutcome(Outcome.NOT_SENT, message=reason)
        return [(change, row) for change in step.changes], ()

    def _ending(self) -> str | None:
        """Why nothing more is sent."""
        return "interrupted" if self.is_interrupted or self.control.is_stopping() else None

    def _sent(self, step: Step, ready: Sequence[Ready]) -> Iterator[Result]:
        """Write the records; after an interrupt, what the requests under way carry is unknown."""
        numbers = count(1)
        pending = {change.address: change for change, _ in ready}
        started = set[Address]()
        size = self.org.writer.size(step.via, [record for _, record in ready])
        tasks = [self._task(step, chain, numbers, started) for chain in chains(ready, size)]
        try:
            for settled in side_by_side(tasks, self.control.workers):
                for change, _ in settled:
                    del pending[change.address]
                yield from self._told(step, settled)
        except KeyboardInterrupt:
            self.is_interrupted = True
        unknown = RowOutcome(Outcome.UNKNOWN, message="interrupted before the org answered")
        unsent = RowOutcome(Outcome.NOT_SENT, message="interrupted")
        yield from self._told(
            step, [(change, unknown if change.address in started else unsent) for change in pending.values()]
        )

    def _task(
        self, step: Step, chain: Chain, numbers: Iterator[int], started: set[Address]
    ) -> Callable[[], Iterator[Sequence[tuple[Change, RowOutcome]]]]:
        def work() -> Iterator[Sequence[tuple[Change, RowOutcome]]]:
            for batch in chain:
                if self._ending() is not None:
                    return
                started.update(change.address for change, _ in batch)
                yield self._batch(step, batch, numbers)

        return work

    def _batch(self, step: Step, batch: Sequence[Ready], numbers: Iterator[int]) -> Sequence[tuple[Change, RowOutcome]]:
        """Send one batch, and settle what is unknown of it; what turns out not to have been made is sent again."""
        settled: dict[Address, tuple[Change, RowOutcome]] = {}
        for _ in range(_TRIES):
            rows = self._written(step, batch, next(numbers))
            settled |= {change.address: (change, row) for (change, _), row in zip(batch, rows, strict=True)}
            unknown = [change for change, row in settled.values() if row.outcome is Outcome.UNKNOWN]
            if not unknown:
                break
            found = self.settling.found(step, unknown)
            settled |= {change.address: (change, row) for change in unknown if (row := found.get(change.address))}
            absent = {address for address, row in found.items() if row is None}
            batch = [(change, record) for change, record in batch if change.address in absent]
            if not batch or self._ending() is not None:
                break
        return list(settled.values())

    def _written(self, step: Step, batch: Sequence[Ready], number: int) -> Sequence[RowOutcome]:
        self.control.note(BatchSent(step, number, tuple(change for change, _ in batch)))
        return self.org.writer.send(
            Batch(
                step.object,
                [record for _, record in batch],
                step.via,
                is_update=step.action is not Action.CREATE,
                notify=step.notify,
                org_id=self.known.plan.org.id,
                note_job=lambda job: self.control.note(JobCreated(step, number, job)),
                is_stopping=self.control.is_stopping,
            )
        )

    def _told(self, step: Step, settled: Sequence[tuple[Change, RowOutcome]]) -> Iterator[Result]:
        """Results of changes whose outcome is known: noted before anybody else hears of them."""
        results = tuple(self._result(step, change, row) for change, row in settled)
        if results:
            self.control.note(Settled(step, results))
        yield from results

    def _result(self, step: Step, change: Change, row: RowOutcome) -> Result:
        if row.outcome is Outcome.DONE:
            if step.action is Action.CREATE and row.id is not None:
                self.known.made[change.address] = row.id
                self.contacts[change.address] = step, change
        else:
            self.known.broken.add(change.address)
        return Result(step.number, change, row.outcome, row.id or change.id, row.code, row.message)

    def _withdrawn(self, links: Sequence[Change]) -> Iterator[Result]:
        """Contacts that this run made and that their users can't have any more."""
        surplus = Surplus(self.org.reader, self.org.writer, self.settling.look)
        for address in surplus.withdrawn(links):
            step, change = self.contacts[address]
            yield from self._told(step, [(change, WITHDRAWN)])
