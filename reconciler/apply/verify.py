"""After the last step every record that was written is read once more, and compared."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from reconciler.apply.look import Look
from reconciler.apply.record import Known, written
from reconciler.apply.roles import read_roles
from reconciler.apply.seen import Standing
from reconciler.model import Action, Address, Difference, FieldChange, Outcome, Phase, Plan, Result, Step
from reconciler.salesforce import Reader


@dataclass(frozen=True, slots=True)
class Verified:
    """How many of the changes that were done a fresh read shows, and those that it does not show."""

    count: int
    differences: tuple[Difference, ...]


def verify(plan: Plan, reader: Reader, results: Iterable[Result]) -> Verified:
    """Read the records of all changes that were done; raises OrgError when they can't be read.

    Of a field that several steps set the last one counts.
    """
    done = [result for result in results if result.outcome is Outcome.DONE]
    known = Known(plan, {result.change.address: result.id for result in done if result.id})
    look = Look(reader, known)
    last = {(result.change.address, item.name): result.step for result in done for item in written(result.change)}
    differences = list[Difference]()
    for step in plan.steps:
        mine = [_lasting(result, last) for result in done if result.step == step.number]
        differences += _differing(step, mine, look)
    return Verified(len(done) - len(differences), tuple(differences))


def _lasting(result: Result, last: Mapping[tuple[Address, str], int]) -> Result:
    """A result with those of its fields only that no later step sets; with the id of a record that was created."""
    fields = [item for item in result.change.fields if last.get((result.change.address, item.name)) == result.step]
    return replace(result, change=replace(result.change, id=result.id, fields=tuple(map(_from_nothing, fields))))


def _from_nothing(item: FieldChange) -> FieldChange:
    """A field whose value before does not count any more."""
    return replace(item, before=item.after)


def _differing(step: Step, results: Sequence[Result], look: Look) -> Iterator[Difference]:
    """Those results of a step that a fresh read does not show."""
    if not results:
        return
    changes = tuple(result.change for result in results)
    if step.phase is Phase.ROLE:
        roles = read_roles(look.reader, look.known.plan, replace(step, changes=changes))
        seen = {change.address: roles.seen(change) for change in changes if any(written(change))}
    else:
        seen = dict(look.at(replace(step, action=Action.UPDATE), changes))
    for result in results:
        standing = seen.get(result.change.address)
        if standing is not None and standing.standing is not Standing.AFTER:
            yield Difference(result, standing.why or "it is not as it was written")
