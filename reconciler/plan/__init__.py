"""Desired and live in, Plan out: match, resolve, diff, preflight, seats, order. Pure: no I/O, clock or randomness."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from reconciler.kinds import LICENSE_FIELD
from reconciler.model import (
    Action,
    Address,
    Change,
    FieldChange,
    Kind,
    Live,
    Plan,
    Problem,
    Requests,
    State,
    Summary,
    Transport,
)
from reconciler.plan.diff import field_changes
from reconciler.plan.digest import digest_live, digest_state
from reconciler.plan.facts import index_facts
from reconciler.plan.match import Case, match
from reconciler.plan.order import action_of, phased, ranked, steps
from reconciler.plan.preflight import preflight, seat_problems
from reconciler.plan.requests import planned_write
from reconciler.plan.resolve import Resolved, resolve
from reconciler.plan.seats import Move, ledger, rounds
from reconciler.plan.transport import links, transport_problems
from reconciler.plan.undo import undo

__all__ = ["build", "undo"]


def build(desired: State, live: Live, via: Transport = Transport.AUTO, *, notify: bool = False) -> Plan:
    """The plan that makes live what desired declares; the same input gives the same plan.

    `via` carries the contact of users; `notify` lets the org send them mails of it.
    """
    facts = index_facts(live.facts)
    matched = match(desired, live)
    users = {case.user.address: resolve(case, facts) for case in matched.cases}
    moves = tuple(_move(user) for user in users.values())
    changed = tuple(chain.from_iterable(_changes(user) for user in users.values()))
    drafts = chain.from_iterable(phased(change, is_create=change.id is None) for change in changed)
    placed = rounds(live.facts.licenses, moves)
    seats = ledger(live.facts.licenses, moves)
    ordered = steps(ranked(drafts, users, facts, placed), links(live.facts, via, notify=notify))
    return Plan(
        org=live.facts.org,
        desired_digest=desired.digest or digest_state(desired),
        live_digest=digest_live(live.state, live.facts),
        steps=ordered,
        problems=_sorted(
            matched.problems,
            preflight(tuple(users.values()), live.state),
            seat_problems(seats, moves, placed, users),
            transport_problems(live.facts, via),
        ),
        seats=seats,
        requests=Requests(live.facts.requests, planned_write(ordered)),
        summary=_summary(changed, matched.cases, live.in_sync),
        ids=_ids(users.values()),
    )


def _move(user: Resolved) -> Move:
    """A user's seat before and after; an inactive user has none (F2.2)."""
    was_active = user.case.record.fields.get("IsActive") is True
    is_active = user.user.fields.get("IsActive", was_active) is True
    before = user.source.license if user.source and was_active else None
    after = user.target.license if user.target and is_active else None
    return Move(user.user.address, before, after)


def _changes(user: Resolved) -> Iterator[Change]:
    """The changes of one user's contact and of the user itself."""
    case = user.case
    account = case.account.address if case.account else None
    if case.contact is not None:
        fields = field_changes(case.contact.desired, case.contact.live)
        if fields or case.contact.live is None:
            record_id = case.contact.live.id if case.contact.live else None
            source = case.contact.desired.source
            reason = case.contact.reason
            yield Change(case.contact.desired.address, record_id, fields, reason, source=source, account=account)
    fields = tuple(_completed(item, user) for item in _user_fields(user))
    if fields:
        source = user.user.source
        yield Change(user.user.address, case.record.id, fields, _reason(user), source=source, account=account)


def _user_fields(user: Resolved) -> Iterator[FieldChange]:
    """The user's differing fields; its own contact under the address that the files give it is no difference."""
    for item in field_changes(user.user, user.case.record):
        if item.name != "ContactId" or user.case.gets_contact:
            yield item


def _completed(item: FieldChange, user: Resolved) -> FieldChange:
    """Fill in what the diff alone can't know: one-way moves, and ids that exist only after apply."""
    undo, is_late = item.undo, item.known_after_apply
    if item.name in {"ProfileId", LICENSE_FIELD}:
        undo = user.undo
    elif item.name == "ContactId":
        is_late = user.case.contact is not None and user.case.contact.live is None
    elif item.name == "UserRoleId" and item.after is not None:
        is_late = user.role is None
    return FieldChange(item.name, item.before, item.after, undo, is_late, item.derived)


def _reason(user: Resolved) -> str | None:
    if user.case.gets_contact and user.case.contact is not None and user.case.contact.live is not None:
        return f"takes {user.case.contact.reason}"
    return None


def _sorted(*sources: Iterable[Problem]) -> tuple[Problem, ...]:
    """Errors first, then by place."""
    return tuple(sorted(chain.from_iterable(sources), key=_problem_order))


def _problem_order(problem: Problem) -> tuple[str, tuple[str, int, int], str, str]:
    place = problem.source or ("", 0, 0)
    return (problem.severity.value, (place[0], place[1], place[2]), problem.code, problem.message)


def _summary(changed: Sequence[Change], cases: Sequence[Case], in_sync: int) -> Summary:
    """Count each record once: a created contact is a create, a user that is deactivated and updated is deactivated."""
    actions = Counter(Action.CREATE if change.id is None else action_of(change.fields) for change in changed)
    declared = len(cases) + sum(case.contact is not None for case in cases)
    return Summary(
        create=actions[Action.CREATE],
        update=actions[Action.UPDATE],
        deactivate=actions[Action.DEACTIVATE],
        delete=0,
        unchanged=in_sync + declared - len(changed),
    )


def _ids(users: Iterable[Resolved]) -> Mapping[Address, str]:
    """The ids of everything that exists already and that a step may name."""
    ids: dict[Address, str] = {}
    for user in users:
        for profile in (user.source, user.target):
            if profile is not None:
                ids[Address(Kind.PROFILE, profile.name)] = profile.id
        if user.case.account is not None and user.case.account.id is not None:
            ids[user.case.account.address] = user.case.account.id
        if user.role is not None and isinstance(address := user.user.fields.get("UserRoleId"), Address):
            ids[address] = user.role.id
        pair = user.case.contact
        if pair is not None and pair.live is not None and pair.live.id is not None:
            ids[pair.desired.address] = pair.live.id
    return dict(sorted(ids.items()))
