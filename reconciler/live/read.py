"""One complete read of that part of an org which the files speak of.

A user comes with its profile, license, role and own contact in one query. Contacts are asked for only where a user has
none yet: those with the e-mail that its contact will have.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches

from reconciler.errors import InvalidFiles, RequestRefused
from reconciler.kinds import CONTACT, KINDS, USER
from reconciler.live import facts
from reconciler.live.accounts import account_keys, read_accounts, read_accounts_of
from reconciler.live.columns import contact_columns, declared, user_columns, user_fields
from reconciler.model import Address, Facts, Kind, Live, Problem, Resource, Severity, State, Value
from reconciler.salesforce import Reader
from reconciler.salesforce.reader import Row, Select


def read(reader: Reader, desired: State) -> Live:
    """Read what the files speak of; sends no write. Raises OrgError, and InvalidFiles for a field that no org has."""
    before = reader.requests
    try:
        resources, account_ids = _Read(reader, desired).resources()
        info = facts.org_info(reader)
        found = Facts(
            org=info,
            licenses=tuple(facts.licenses(reader)),
            profiles=tuple(facts.profiles(reader)),
            roles=tuple(facts.portal_roles(reader, account_ids)),
        )
    except RequestRefused as refused:
        if refused.code != "INVALID_FIELD":
            raise
        raise (_unknown_fields(reader, desired) or refused) from None
    return Live(State(resources), replace(found, requests=reader.requests - before))


@dataclass(slots=True)
class _Read:
    reader: Reader
    desired: State

    def resources(self) -> tuple[Mapping[Address, Resource], frozenset[str]]:
        """All live resources, and the ids of all their accounts."""
        wanted = self.desired.of(Kind.USER)
        user_names = declared(wanted, USER)
        contact_names = declared(self.desired.of(Kind.CONTACT), CONTACT)
        found: dict[Address, Resource] = {}
        for account in read_accounts(self.reader, account_keys(self.desired)):
            found[account.address] = account
        select = Select("User", user_columns(user_names, contact_names))
        rows = list(self.reader.query_by(select, "Username", [user.address.key for user in wanted]))
        candidates = list(self._candidates(rows, contact_names))
        known = {account.id for account in found.values()}
        others = {str(row["AccountId"]) for row in [*rows, *candidates] if row["AccountId"]} - known
        for account in read_accounts_of(self.reader, others):
            found[account.address] = account
        keys = _keys_by_id(found.values())
        for row in rows:
            found |= {resource.address: resource for resource in _user(row, user_names, contact_names, keys)}
        for resource in self._contacts(candidates, contact_names, keys, found):
            found[resource.address] = resource
        return found, frozenset(
            str(resource.id) for resource in found.values() if resource.address.kind is Kind.ACCOUNT
        )

    def _candidates(self, rows: Iterable[Row], names: tuple[str, ...]) -> Iterator[Row]:
        """Contacts with the e-mail of a declared contact whose user has none yet."""
        emails = {email for row in rows if row["ContactId"] is None and (email := self._email(row))}
        yield from self.reader.query_by(Select("Contact", contact_columns(names)), "Email", emails)

    def _email(self, row: Row) -> str | None:
        """The e-mail that the user's contact will have; None where no contact is declared."""
        key = str(row["Username"]).casefold()
        contact = self.desired.get(Address(Kind.CONTACT, key))
        if contact is None:
            return None
        user = self.desired.get(Address(Kind.USER, key))
        email = contact.fields.get("Email") or (user.fields.get("Email") if user else None) or row["Email"]
        return str(email) if email else None

    def _contacts(
        self,
        rows: list[Row],
        names: tuple[str, ...],
        keys: Mapping[str, Address],
        found: Mapping[Address, Resource],
    ) -> Iterator[Resource]:
        """Candidates that are not a declared user's own contact, and the users that hold one of them."""
        own = {resource.id for resource in found.values() if resource.address.kind is Kind.CONTACT}
        free = [row for row in rows if row["Id"] not in own]
        for row in free:
            fields = {name: row[name] for name in (*names, "FirstName", "LastName", "Email")}
            address = Address(Kind.CONTACT, f"id={row['Id']}")
            yield Resource(address, {**fields, "AccountId": keys.get(str(row["AccountId"]))}, str(row["Id"]))
        select = Select("User", ("Id", "Username", "IsActive", "ContactId"))
        for row in self.reader.query_by(select, "ContactId", [str(row["Id"]) for row in free]):
            held: dict[str, Value] = {"ContactId": Address(Kind.CONTACT, f"id={row['ContactId']}")}
            address = Address(Kind.USER, str(row["Username"]).casefold())
            if address not in found:
                yield Resource(address, {**held, "IsActive": row["IsActive"]}, str(row["Id"]))


def _keys_by_id(accounts: Iterable[Resource]) -> Mapping[str, Address]:
    """Account id -> the first of its addresses; a name goes before an id."""
    keys: dict[str, Address] = {}
    for account in sorted(accounts, key=lambda resource: ("=" in resource.address.key, resource.address)):
        keys.setdefault(str(account.id), account.address)
    return keys


def _user(
    row: Row, names: tuple[str, ...], contact_names: tuple[str, ...], keys: Mapping[str, Address]
) -> Iterator[Resource]:
    """A user, and its own contact if it has one."""
    key = str(row["Username"]).casefold()
    fields = user_fields(row, names)
    account = keys.get(str(row["AccountId"]))
    contact = Address(Kind.CONTACT, key) if row["ContactId"] else None
    fields |= {"ContactId": contact, "UserRoleId": _role(row, account)}
    yield Resource(Address(Kind.USER, key), fields, str(row["Id"]))
    if contact is not None:
        own: dict[str, Value] = {name: row[f"Contact.{name}"] for name in contact_names}
        yield Resource(contact, {**own, "AccountId": account}, str(row["ContactId"]))


def _role(row: Row, account: Address | None) -> Address | None:
    """A portal role is known by its account and level; its name ends in the level (F3.1)."""
    name = row["UserRole.Name"]
    if name is None:
        return None
    if account is None:
        return Address(Kind.ROLE, str(name))
    return Address(Kind.ROLE, f"{account.key}/{str(name).rpartition(' ')[2]}")


def _unknown_fields(reader: Reader, desired: State) -> InvalidFiles | None:
    """One problem for each place that declares a field which the org's object does not have."""
    problems: list[Problem] = []
    for kind in (Kind.CONTACT, Kind.USER):
        spec = KINDS[kind]
        names = {str(field["name"]) for field in reader.describe(spec.sobject)["fields"]}
        for resource in desired.of(kind):
            for name in declared([resource], spec):
                if name not in names:
                    close = get_close_matches(name, sorted(names), n=1, cutoff=0.6)
                    remedy = f"did you mean {close[0]}?" if close else "remove it, or give the login access to it"
                    message = f"{spec.sobject} has no field {name}, or the login can't read it"
                    place = resource.position(name)
                    problems.append(Problem("SF020", Severity.ERROR, message, remedy, resource.address, place))
    return InvalidFiles(sorted(problems, key=lambda p: p.source or ("", 0, 0))) if problems else None
