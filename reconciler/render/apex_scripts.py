"""A plan as anonymous Apex that an admin can read, check and run by hand, one script after the other.

Each script is one transaction, all or nothing, and may be run twice: it looks at the records before it writes. Contacts
and User.ContactId may share a transaction, as in Salesforce's own sample; what follows them may not (F6.2), and roles
come last, because Salesforce makes them with the first role-based user of an account (F3.1).
Source: https://developer.salesforce.com/docs/atlas.en-us.apexcode.meta/apexcode/apex_dml_non_mix_sobjects.htm
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from reconciler.apex_text import api_name, comment, id_literal, literal
from reconciler.kinds import ROLE_BASED_TYPES
from reconciler.model import Action, Address, Change, FieldChange, Phase, Plan, Step, Value

LONGEST_SCRIPT = 30_000
"""Characters; 32,000 are reported to be allowed."""

_ROWS = 200
"""Records of one script: far below the limits of a transaction."""

_ROLES = "SELECT Id, PortalAccountId, PortalType, PortalRole FROM UserRole WHERE PortalAccountId IN :accounts"

_LEVELS: Mapping[str, str] = {"User": "Worker", "Manager": "Manager", "Executive": "Executive"}
"""Levels of roles as UserRole.PortalRole has them (F3.3)."""


@dataclass(frozen=True, slots=True)
class _Script:
    """What one script does, in words, and its lines: `rows` has those of each record."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    tail: Sequence[str]


def apex_scripts(plan: Plan) -> str:
    """All scripts, parted by comments; raises NotApex for a plan with a name or an id that has no place in one."""
    scripts = [part for script in _scripts(plan) for part in _cut(script)]
    shown = [_text(number, len(scripts), script) for number, script in enumerate(scripts, start=1)]
    org = f"{plan.org.name} ({plan.org.id})"
    head = (
        f"// {comment(org)}: {len(scripts)} scripts. Run each alone, in this order, and go on when it has succeeded.\n"
    )
    return "\n".join([head, *shown])


def _scripts(plan: Plan) -> Iterator[_Script]:
    yield from _contacts(plan)
    for step in plan.steps:
        if step.phase is Phase.ROLE:
            yield _roles(plan, step)
        elif step.phase is not Phase.LINK and step.action is not Action.CREATE:
            rows = [[f"rows.add({_record(plan, step.object, change)});"] for change in step.changes]
            name = api_name(step.object)
            yield _Script(
                f"{step.action.value} {name}", [f"List<{name}> rows = new List<{name}>();"], rows, ["update rows;"]
            )


def _contacts(plan: Plan) -> Iterator[_Script]:
    """Contacts that are created and the links of their users; links to contacts that exist."""
    created = {c.address: c for s in plan.steps if s.action is Action.CREATE for c in s.changes}
    links = [change for step in plan.steps if step.phase is Phase.LINK for change in step.changes]
    if not links:
        return
    rows = [_linked(plan, change, created) for change in links]
    head = [
        "// A user who has a contact by now is left alone.",
        "List<Contact> contacts = new List<Contact>();",
        "List<User> users = new List<User>();",
    ]
    tail = [
        "List<Contact> fresh = new List<Contact>();",
        "List<User> links = new List<User>();",
        "Set<Id> ids = new Map<Id, User>(users).keySet();",
        "Map<Id, User> free = new Map<Id, User>([SELECT Id FROM User WHERE Id IN :ids AND ContactId = null]);",
        "for (Integer i = 0; i < users.size(); i++) {",
        "    if (free.containsKey(users[i].Id)) {",
        "        links.add(users[i]);",
        "        if (contacts[i].Id == null) {",
        "            fresh.add(contacts[i]);",
        "        }",
        "    }",
        "}",
        "insert fresh;",
        "for (Integer i = 0; i < users.size(); i++) {",
        "    users[i].ContactId = contacts[i].Id;",
        "}",
        "update links;",
    ]
    yield _Script("contacts, and the contact of each user", head, rows, tail)


def _linked(plan: Plan, change: Change, created: Mapping[Address, Change]) -> Sequence[str]:
    """The lines of one user: a new contact, or the id of one that exists."""
    (item,) = (entry for entry in change.fields if not entry.derived)
    contact = item.after
    if isinstance(contact, Address) and contact in created:
        record = _record(plan, "Contact", created[contact])
    else:
        record = f"new Contact(Id = {_value(plan, item, contact)})"
    user = f"new User(Id = {id_literal(change.id or '')})"
    return [f"// {comment(change.address.key)}", f"contacts.add({record});", f"users.add({user});"]


def _roles(plan: Plan, step: Step) -> _Script:
    """Roles are looked up by account, kind of portal and level: their ids are not known before."""
    accounts = sorted({id_ for change in step.changes if change.account and (id_ := plan.ids.get(change.account))})
    kinds = ", ".join(f"{literal(user)} => {literal(portal)}" for user, portal in sorted(ROLE_BASED_TYPES.items()))
    head = [
        f"Map<String, String> portals = new Map<String, String>{{{kinds}}};",
        f"Set<Id> accounts = new Set<Id>{{{', '.join(map(id_literal, accounts))}}};",
        "Map<String, Id> roles = new Map<String, Id>();",
        f"for (UserRole r : [{_ROLES}]) {{",
        "    roles.put(r.PortalAccountId + '/' + r.PortalType + '/' + r.PortalRole, r.Id);",
        "}",
        "Map<Id, String> wanted = new Map<Id, String>();",
    ]
    tail = [
        "Set<Id> ids = wanted.keySet();",
        "List<User> rows = new List<User>();",
        "for (User u : [SELECT Id, UserType, AccountId, UserRoleId FROM User WHERE Id IN :ids]) {",
        "    Id role = roles.get(u.AccountId + '/' + portals.get(u.UserType) + '/' + wanted.get(u.Id));",
        "    if (role != null && u.UserRoleId != role) {",
        "        rows.add(new User(Id = u.Id, UserRoleId = role));",
        "    }",
        "}",
        "update rows;",
    ]
    return _Script("roles, which Salesforce has made by now", head, [_role(change) for change in step.changes], tail)


def _role(change: Change) -> Sequence[str]:
    (item,) = (entry for entry in change.fields if not entry.derived)
    level = item.after.key.rpartition("/")[2] if isinstance(item.after, Address) else ""
    wanted = literal(_LEVELS.get(level, level))
    return [f"wanted.put({id_literal(change.id or '')}, {wanted}); // {comment(change.address.key)}"]


def _record(plan: Plan, sobject: str, change: Change) -> str:
    """A record as an expression."""
    fields = [f"Id = {id_literal(change.id)}"] if change.id else []
    fields += [
        f"{api_name(item.name)} = {_value(plan, item, item.after)}" for item in change.fields if not item.derived
    ]
    return f"new {api_name(sobject)}({', '.join(fields)})"


def _value(plan: Plan, item: FieldChange, value: Value) -> str:
    """A value as its field's type takes it; a number is told by what the org shows."""
    if isinstance(value, Address):
        return id_literal(plan.ids[value])
    if isinstance(value, Decimal) or (isinstance(item.before, Decimal) and isinstance(value, str)):
        return str(Decimal(value))
    return literal(value)


def _cut(script: _Script) -> Iterator[_Script]:
    """Scripts that are small enough, each whole in itself; of no rows there is no script."""
    room = LONGEST_SCRIPT - sum(len(line) + 1 for line in (*script.head, *script.tail)) - 500
    part: list[Sequence[str]] = []
    used = 0
    for row in script.rows:
        size = sum(len(line) + 1 for line in row)
        if part and (used + size > room or len(part) == _ROWS):
            yield _Script(script.title, script.head, part, script.tail)
            part, used = [], 0
        part.append(row)
        used += size
    yield _Script(script.title, script.head, part, script.tail)


def _text(number: int, count: int, script: _Script) -> str:
    lines = [f"// ---- script {number} of {count}: {script.title}", *script.head]
    lines += [line for row in script.rows for line in row]
    return "\n".join([*lines, *script.tail]) + "\n"
