"""Splits what must change into steps, in the order that the platform demands.

The phases are F6.5's. Inside the license phase: deactivations free their seats first; then each account that has no
roles yet gets its first role-based user alone, because making roles locks the account's groups (F9.2); then all others,
in rounds if seats must be freed by one move before another can take them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from reconciler.kinds import BULK_THRESHOLD, KINDS, ROLE_BASED_TYPES
from reconciler.model import Action, Address, Change, FieldChange, Phase, Step, Via
from reconciler.plan.facts import FactIndex
from reconciler.plan.resolve import Resolved
from reconciler.plan.transport import Links

SortKey = tuple[int, int, int]
"""Phase, round of seats, rank inside the round."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A change that has no step yet."""

    change: Change
    action: Action
    phase: Phase
    rank: int = 0
    round: int = 0


def phased(change: Change, *, is_create: bool) -> tuple[Draft, ...]:
    """One record's change, split by the phase of its fields; a create is never split."""
    spec = KINDS[change.address.kind]
    if is_create:
        return (Draft(change, Action.CREATE, spec.phase),)
    phases: dict[Phase, list[FieldChange]] = {}
    for item in change.fields:
        phases.setdefault(spec.field(item.name).phase, []).append(item)
    first = min(phases)
    return tuple(
        Draft(_part(change, items, change.reason if phase is first else None), action_of(items), phase)
        for phase, items in sorted(phases.items())
        if not all(item.derived for item in items)
    )


def _part(change: Change, items: Sequence[FieldChange], reason: str | None) -> Change:
    """Some fields of a change."""
    return replace(change, fields=tuple(items), reason=reason)


def action_of(items: Sequence[FieldChange]) -> Action:
    """The verb of a change of an existing record."""
    ends = any(item.name == "IsActive" and item.after is False for item in items)
    return Action.DEACTIVATE if ends else Action.UPDATE


def ranked(
    drafts: Iterable[Draft], users: Mapping[Address, Resolved], facts: FactIndex, seat_rounds: Mapping[Address, int]
) -> tuple[Draft, ...]:
    """The drafts of the license phase with their round and with the first role-based user of each account ahead."""
    opened: set[tuple[str, str]] = set()
    result: list[Draft] = []
    for draft in sorted(drafts, key=lambda d: d.change.address):
        if draft.phase is not Phase.LICENSE:
            result.append(draft)
            continue
        rank = _rank(draft, users.get(draft.change.address), facts, opened)
        round_ = seat_rounds.get(draft.change.address, 0)
        result.append(Draft(draft.change, draft.action, draft.phase, rank, round_))
    return tuple(result)


def _rank(draft: Draft, user: Resolved | None, facts: FactIndex, opened: set[tuple[str, str]]) -> int:
    if draft.action is Action.DEACTIVATE:
        return 0
    if user is None or user.target is None or user.case.account is None or user.case.account.id is None:
        return 2
    portal = ROLE_BASED_TYPES.get(user.target.user_type)
    account = (user.case.account.id, portal or "")
    if portal is None or account in opened or facts.roles_of(account[0], user.target):
        return 2
    opened.add(account)
    return 1


def steps(drafts: Iterable[Draft], links: Links) -> tuple[Step, ...]:
    """Number the steps: phase, round, rank, object, action; changes by address."""
    groups: dict[tuple[SortKey, str, Action], list[Change]] = {}
    for draft in drafts:
        key = ((int(draft.phase), draft.round, draft.rank), KINDS[draft.change.address.kind].sobject, draft.action)
        groups.setdefault(key, []).append(draft.change)
    ordered = enumerate(sorted(groups.items(), key=lambda g: g[0]), start=1)
    return tuple(_step(number, key, changes, links) for number, (key, changes) in ordered)


def _step(number: int, key: tuple[SortKey, str, Action], changes: Iterable[Change], links: Links) -> Step:
    (phase, _, _), sobject, action = key
    placed = tuple(sorted(changes, key=lambda change: change.address))
    if phase == Phase.LINK:
        via, why = links.way(len(placed))
        return Step(number, sobject, action, Phase(phase), via, placed, links.may_notify(via), why)
    via = Via.BULK if len(placed) > BULK_THRESHOLD else Via.COLLECTIONS
    return Step(number, sobject, action, Phase(phase), via, placed)
