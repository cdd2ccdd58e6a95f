"""A plan as text for a person: verdict, problems, seats, steps, then one block a user."""

from collections.abc import Iterable, Iterator, Mapping

from reconciler.model import Action, Change, Kind, OrgInfo, Phase, Plan, Seats, Severity, Step, Undo, Via
from reconciler.render.problem_text import problem_lines
from reconciler.render.safe_text import shown
from reconciler.render.value_text import change_text, field_word, value_text

_SYMBOLS: Mapping[Action, str] = {
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.DEACTIVATE: "-",
    Action.DELETE: "x",
}

_VIA: Mapping[Via, str] = {
    Via.COLLECTIONS: "sObject Collections",
    Via.BULK: "Bulk API 2.0",
    Via.SOAP: "the SOAP API",
    Via.APEX: "anonymous Apex",
}

_PHASES: Mapping[Phase, str] = {
    Phase.ACCOUNT: "accounts",
    Phase.CONTACT: "contacts",
    Phase.LINK: "contact of the user",
    Phase.PLAIN: "fields",
    Phase.LICENSE: "license, profile, active",
    Phase.ROLE: "role",
}

Numbered = tuple[Step, Change]


def plan_text(plan: Plan) -> str:
    """The whole plan; the first line names the org."""
    return "\n".join([org_line(plan.org), "", *_body(plan)]) + "\n"


def org_line(org: OrgInfo) -> str:
    """Which org is spoken to, and whether it is the simulated one."""
    simulated = "simulated org, nothing real is touched" if org.is_simulated else _real(org)
    return f"Org: {shown(org.name)} ({simulated}) at {shown(org.instance_url)}"


def _real(org: OrgInfo) -> str:
    return f"sandbox, {shown(org.edition)}" if org.is_sandbox else shown(org.edition)


def _body(plan: Plan) -> Iterator[str]:
    yield from _verdict(plan)
    yield from _problems(plan)
    if plan.is_empty:
        return
    yield from _one_way(plan)
    yield from _seats(plan.seats)
    yield from _steps(plan)
    yield from _users(plan)
    yield from _legend(plan)


def _verdict(plan: Plan) -> Iterator[str]:
    summary = plan.summary
    if plan.errors:
        yield f"Refused: {_count(len(plan.errors), 'error')}. Nothing can be applied until the files or the org change."
    elif plan.is_empty:
        yield f"In sync: {_count(summary.unchanged, 'record')} as declared, nothing to do."
        return
    yield (
        f"Plan: {summary.create} to create, {summary.update} to update, {summary.deactivate} to deactivate, "
        f"{summary.unchanged} unchanged; {_count(plan.requests.read, 'request')} read, "
        f"about {plan.requests.planned_write} to write."
    )


def _problems(plan: Plan) -> Iterator[str]:
    for severity, title in ((Severity.ERROR, "Errors"), (Severity.WARNING, "Warnings")):
        found = [problem for problem in plan.problems if problem.severity is severity]
        if found:
            yield ""
            yield title
            yield from (f"  {line}" for line in problem_lines(found))


def _one_way(plan: Plan) -> Iterator[str]:
    """The users with a change that nothing takes back, counted by what it is."""
    counts: dict[str, int] = {}
    for step in plan.steps:
        for change in step.changes:
            for word in {_one_way_word(change, item.name) for item in change.fields if item.undo is Undo.NEVER}:
                counts[word] = counts.get(word, 0) + 1
    if counts:
        yield ""
        yield "Cannot be undone"
        yield from (f"  {word}: {_count(number, 'user')}" for word, number in sorted(counts.items()))


def _one_way_word(change: Change, name: str) -> str:
    word = field_word(change.address.kind, name)
    return "license" if word == "profile" else word


def _seats(seats: Iterable[Seats]) -> Iterator[str]:
    rows = [(shown(row.license), row.total, row.used, row.after) for row in seats]
    if not rows:
        return
    width = max(len(row[0]) for row in rows)
    yield ""
    yield f"Seats{'':{width - 3}}  owned    now  after"
    yield from (f"  {name:<{width}}  {total:>5}  {used:>5}  {after:>5}" for name, total, used, after in rows)


def _steps(plan: Plan) -> Iterator[str]:
    yield ""
    yield "Steps, in this order"
    width = len(str(len(plan.steps)))
    for step in plan.steps:
        what = f"{step.action.value} {step.object} ({_PHASES[step.phase]})"
        why = f": {step.why}" if step.why else ""
        yield f"  {step.number:>{width}}  {what:<45} {len(step.changes):>6}  by {_VIA[step.via]}{why}"
        if step.notify:
            yield f"  {'':>{width}}  Salesforce may send mails to these users"


def _users(plan: Plan) -> Iterator[str]:
    """The contact's and the user's changes under one heading: both have the user's name as their key."""
    by_user: dict[str, list[Numbered]] = {}
    for step in plan.steps:
        for change in step.changes:
            by_user.setdefault(change.address.key, []).append((step, change))
    for key in sorted(by_user):
        source = next((change.source for _, change in by_user[key] if change.source), None)
        yield ""
        yield f"{shown(key)}{f'  ({shown(source.file)}:{source.line})' if source else ''}"
        for step, change in by_user[key]:
            yield from _change_lines(step, change)


def _change_lines(step: Step, change: Change) -> Iterator[str]:
    symbol = _SYMBOLS[step.action]
    reason = f": {shown(change.reason)}" if change.reason else ""
    yield f"  {symbol} step {step.number}  {step.action.value} {step.object}{reason}"
    width = max(len(field_word(change.address.kind, item.name)) for item in change.fields)
    for item in change.fields:
        word = field_word(change.address.kind, item.name)
        text = value_text(item.after) if step.action is Action.CREATE else change_text(item)
        never = "  cannot be undone" if item.undo is Undo.NEVER and change.address.kind is Kind.USER else ""
        yield f"      {word:<{width}}  {text}{never}"


def _legend(plan: Plan) -> Iterator[str]:
    used = sorted({step.action for step in plan.steps}, key=list(Action).index)
    yield ""
    yield "Legend: " + ", ".join(f"{_SYMBOLS[action]} {action.value}" for action in used)
    yield "Next: correct the errors above" if plan.errors else "Next: sfrec apply"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
