"""One complete read of that part of an org which the files speak of.

A user comes with its profile, license, role, own contact and account in one query. Only of users that are not as
declared more is read: their accounts, the roles of these, and contacts where a user has none yet, those with the
e-mail that its contact will have.
"""

from collections.abc import Iterable, Mapping, Sequence

from reconciler.errors import InvalidFiles, RequestRefused
from reconciler.kinds import CONTACT, USER
from reconciler.live import facts
from reconciler.live.accounts import account_keys, addresses_by_id, read_accounts, read_accounts_of
from reconciler.live.columns import CONTACT_COLUMNS, HOLDER_COLUMNS, PERSON, Found, declared, find_by
from reconciler.live.people import People, by_address, holder, user_key
from reconciler.live.unknown_fields import unknown_fields
from reconciler.live.users import screened
from reconciler.model import Address, Facts, Kind, Live, PortalRole, Resource, State, Transport, Value
from reconciler.salesforce import Reader


def read(reader: Reader, desired: State, via: Transport = Transport.AUTO) -> Live:
    """Read what the files speak of; sends no write.

    Raises OrgError, and InvalidFiles for declared fields that the org does not have.
    """
    before = reader.requests
    try:
        org, licenses, profiles = facts.org_info(reader), tuple(facts.licenses(reader)), tuple(facts.profiles(reader))
        found = screened(reader, desired, _columns(desired), licenses)
        state, roles = _state(reader, _part(desired, found.keys), found.rows)
    except RequestRefused as refused:
        problems = unknown_fields(reader, desired) if refused.code == "INVALID_FIELD" else ()
        if not problems:
            raise
        raise InvalidFiles(problems) from None
    may_run_apex = facts.may_run_apex(reader) if via is Transport.APEX else None
    asked = reader.requests - before
    offered = Facts(org, licenses, profiles, roles, asked, facts.takes_soap(reader), may_run_apex)
    return Live(state, offered, unsettled=found.keys, in_sync=found.in_sync)


def _columns(desired: State) -> Sequence[str]:
    """The columns of users that any document declares."""
    if not desired.declarations:
        contacts = declared(desired.of(Kind.CONTACT), CONTACT)
        return [*declared(desired.of(Kind.USER), USER), *(f"Contact.{name}" for name in contacts)]
    # One tuple of columns serves many documents, and is told by its id more quickly than by its content.
    distinct = {id(columns): columns for columns, _, _, _ in desired.declarations.values()}
    return sorted({column for columns in distinct.values() for column in columns})


def _part(desired: State, keys: Iterable[str]) -> State:
    """What is declared of those users."""
    addresses = [Address(kind, key) for key in keys for kind in (Kind.CONTACT, Kind.USER)]
    found = ((address, desired.get(address)) for address in addresses)
    return State({address: resource for address, resource in found if resource is not None})


def _state(reader: Reader, desired: State, users: Sequence[Found]) -> tuple[State, tuple[PortalRole, ...]]:
    """All live resources that a plan for these users needs, and the roles of all their accounts."""
    user_names = declared(desired.of(Kind.USER), USER)
    contact_names = declared(desired.of(Kind.CONTACT), CONTACT)
    accounts = list(read_accounts(reader, account_keys(desired)))
    candidates = _candidates(reader, users, desired, contact_names)
    accounts += _accounts_of(reader, [*users, *candidates], accounts)
    roles = tuple(facts.portal_roles(reader, {str(account.id) for account in accounts}))
    people = People(user_names, contact_names, addresses_by_id(accounts))
    resources = dict(by_address([*accounts, *(resource for row in users for resource in people.user(row))]))
    # A contact of one of the users is there already, under its user's key.
    own = {user["ContactId"] for user in users}
    free = [row for row in candidates if row.id not in own]
    held = find_by(reader, "User", HOLDER_COLUMNS, "ContactId", [row.id for row in free])
    resources |= by_address([*map(people.candidate, free), *map(holder, held)])
    return State(resources), roles


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
