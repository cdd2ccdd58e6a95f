"""One complete read of that part of an org which the files speak of.

A user comes with its profile, license, role and own contact in one query. Contacts are asked for only where a user has
none yet: those with the e-mail that its contact will have.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from reconciler.errors import InvalidFiles, RequestRefused
from reconciler.kinds import CONTACT, USER
from reconciler.live import facts
from reconciler.live.accounts import account_keys, addresses_by_id, read_accounts, read_accounts_of
from reconciler.live.columns import CONTACT_COLUMNS, HOLDER_COLUMNS, PERSON, USER_COLUMNS, Found, declared, find_by
from reconciler.live.people import People, by_address, holder, user_key
from reconciler.live.unknown_fields import unknown_fields
from reconciler.model import Address, Facts, Kind, Live, PortalRole, Resource, State, Value
from reconciler.salesforce import Reader


def read(reader: Reader, desired: State) -> Live:
    """Read what the files speak of; sends no write.

    Raises OrgError, and InvalidFiles for declared fields that the org does not have.
    """
    before = reader.requests
    try:
        state, roles = _state(reader, desired)
        found = Facts(facts.org_info(reader), tuple(facts.licenses(reader)), tuple(facts.profiles(reader)), roles)
    except RequestRefused as refused:
        problems = unknown_fields(reader, desired) if refused.code == "INVALID_FIELD" else ()
        if not problems:
            raise
        raise InvalidFiles(problems) from None
    return Live(state, replace(found, requests=reader.requests - before))


def _state(reader: Reader, desired: State) -> tuple[State, tuple[PortalRole, ...]]:
    """All live resources, and the roles of all their accounts."""
    user_names = declared(desired.of(Kind.USER), USER)
    contact_names = declared(desired.of(Kind.CONTACT), CONTACT)
    accounts = list(read_accounts(reader, account_keys(desired)))
    users = _users(reader, desired, (*user_names, *(f"Contact.{name}" for name in contact_names)))
    candidates = _candidates(reader, users, desired, contact_names)
    accounts += _accounts_of(reader, [*users, *candidates], accounts)
    roles = tuple(facts.portal_roles(reader, {str(account.id) for account in accounts}))
    people = People(user_names, contact_names, addresses_by_id(accounts), {role.id: role for role in roles})
    resources = dict(by_address([*accounts, *(resource for row in users for resource in people.user(row))]))
    # A contact of a declared user is there already, under its user's key.
    free = [row for row in candidates if row.id not in {user["ContactId"] for user in users}]
    held = find_by(reader, "User", HOLDER_COLUMNS, "ContactId", [row.id for row in free])
    resources |= by_address([*map(people.candidate, free), *map(holder, held)])
    return State(resources), roles


def _users(reader: Reader, desired: State, names: Iterable[str]) -> Sequence[Found]:
    usernames = [user.address.key for user in desired.of(Kind.USER)]
    return list(find_by(reader, "User", [*USER_COLUMNS, *names], "Username", usernames))


def _candidates(reader: Reader, users: Iterable[Found], desired: State, names: Iterable[str]) -> Sequence[Found]:
    """Contacts that a declared contact whose user has none yet may turn out to be.

    They have its e-mail; where it is declared to have none, they have its last name and no e-mail either.
    """
    columns = [*CONTACT_COLUMNS, *names]
    emails: set[str] = set()
    last_names: set[str] = set()
    for row in users:
        contact = desired.get(Address(Kind.CONTACT, user_key(row)))
        if contact is None or row["ContactId"] is not None:
            continue
        fields = {**_after(row, desired), **contact.fields}
        if fields["Email"]:
            emails.add(str(fields["Email"]))
        elif fields["LastName"]:
            last_names.add(str(fields["LastName"]))
    namesakes = find_by(reader, "Contact", columns, "LastName", last_names)
    return [*find_by(reader, "Contact", columns, "Email", emails), *(row for row in namesakes if row["Email"] is None)]


def _after(row: Found, desired: State) -> Mapping[str, Value]:
    """What a contact takes from its user: the declared fields, else the present ones."""
    user = desired.get(Address(Kind.USER, user_key(row)))
    return {**{name: row[name] for name in PERSON}, **(user.fields if user else {})}


def _accounts_of(reader: Reader, rows: Iterable[Found], known: Iterable[Resource]) -> Sequence[Resource]:
    """The accounts of users and contacts that no file names."""
    ids = {row.text("AccountId") for row in rows} - {str(account.id) for account in known} - {""}
    return list(read_accounts_of(reader, ids))
