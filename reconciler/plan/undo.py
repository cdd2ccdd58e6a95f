"""The way back from a run: what it wrote is set to what was there before, as far as Salesforce lets anybody do that."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain

from reconciler.kinds import KINDS
from reconciler.model import (
    Action,
    Address,
    Change,
    FieldChange,
    Kind,
    Outcome,
    Plan,
    Problem,
    Requests,
    Result,
    RunRecord,
    Severity,
    Step,
    Summary,
    Transport,
    Undo,
)
from reconciler.plan.order import Draft, phased, steps
from reconciler.plan.requests import planned_write
from reconciler.plan.transport import Links

_STAYS = "SF140"
"""The code of what can't be taken back."""


@dataclass(slots=True)
class _Written:
    """What a run did to one record: each field's first before and last after."""

    change: Change
    fields: dict[str, FieldChange] = field(default_factory=dict)
    is_created: bool = False


def undo(record: RunRecord) -> Plan:
    """The plan that takes a run back; its problems tell what stays, and why.

    A change whose outcome is unknown is taken back as well: before it is sent, its record is looked at.
    """
    written = _written(record)
    problems: list[Problem] = []
    changes: list[Change] = []
    for address in sorted(written):
        item = written[address]
        if item.is_created:
            problems.append(_stays(item.change, "was created and stays", "delete it in Salesforce if nobody needs it"))
            continue
        back, left = _back(item)
        if left:
            problems.append(_stays(item.change, "; ".join(left), "sfrec history tells what it was before"))
        if any(not entry.derived for entry in back):
            changes.append(replace(item.change, fields=tuple(back), reason=f"takes back run {record.id}"))
    drafts = (_ranked(draft) for change in changes for draft in phased(change, is_create=False))
    ordered = steps(drafts, Links(Transport.AUTO, notify=False, takes_soap=True))
    return Plan(
        org=record.plan.org,
        desired_digest=f"undo:{record.id}",
        live_digest=record.plan.live_digest,
        steps=ordered,
        problems=tuple(problems),
        seats=(),
        requests=Requests(0, planned_write(ordered)),
        summary=_summary(ordered, len(written)),
        ids=_ids(record, written.values()),
    )


def _written(record: RunRecord) -> Mapping[Address, _Written]:
    by_step = {step.number: step for step in record.plan.steps}
    found: dict[Address, _Written] = {}
    for result in record.results:
        if result.outcome not in {Outcome.DONE, Outcome.UNKNOWN}:
            continue
        item = found.setdefault(result.change.address, _Written(_with_id(result)))
        item.is_created |= by_step[result.step].action is Action.CREATE
        for entry in result.change.fields:
            first = item.fields.get(entry.name, entry)
            item.fields[entry.name] = replace(entry, before=first.before)
    return found


def _with_id(result: Result) -> Change:
    return replace(result.change, id=result.id or result.change.id)


def _back(item: _Written) -> tuple[list[FieldChange], list[str]]:
    """The fields that can be set back, and why the others stay."""
    back: list[FieldChange] = []
    left: list[str] = []
    spec = KINDS[item.change.address.kind]
    for entry in item.fields.values():
        reason = _kept(entry, item.fields)
        if reason is None:
            undo = spec.field(entry.name).undo
            back.append(replace(entry, before=entry.after, after=entry.before, undo=undo, known_after_apply=False))
        elif not entry.derived:
            left.append(f"{spec.field(entry.name).word or entry.name} {reason}")
    return back, left


def _kept(entry: FieldChange, others: Mapping[str, FieldChange]) -> str | None:
    """Why a field stays as it is."""
    if entry.undo is Undo.NEVER:
        return "can't be taken back in Salesforce"
    if isinstance(entry.after, Address) and entry.after.kind is Kind.ROLE:
        if entry.before is None:
            return "stays, as users of its license have one"
        if "ProfileId" in others and others["ProfileId"].undo is Undo.NEVER:
            return "stays, as the license does"
    return None


def _stays(change: Change, message: str, remedy: str) -> Problem:
    return Problem(_STAYS, Severity.WARNING, f"{change.address} {message}", remedy, change.address, change.source)


def _ranked(draft: Draft) -> Draft:
    """Deactivations free their seats before others take them."""
    return replace(draft, rank=0 if draft.action is Action.DEACTIVATE else 1)


def _summary(ordered: Iterable[Step], records: int) -> Summary:
    actions: dict[Address, Action] = {}
    for step in ordered:
        for change in step.changes:
            is_last = step.action is Action.DEACTIVATE or change.address not in actions
            actions[change.address] = step.action if is_last else actions[change.address]
    counts = Counter(actions.values())
    return Summary(0, counts[Action.UPDATE], counts[Action.DEACTIVATE], 0, records - len(actions))


def _ids(record: RunRecord, written: Iterable[_Written]) -> Mapping[Address, str]:
    """What the run knew, and what it made."""
    made = ((item.change.address, item.change.id) for item in written if item.is_created and item.change.id)
    known: Iterator[tuple[Address, str]] = chain(record.plan.ids.items(), ((at, str(id_)) for at, id_ in made))
    return dict(sorted(dict(known).items()))
