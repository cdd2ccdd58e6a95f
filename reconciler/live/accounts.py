"""The accounts that files refer to, under the keys by which they do."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from reconciler.live.columns import ACCOUNT_COLUMNS, Found, find_by
from reconciler.model import Address, Kind, Resource, State
from reconciler.salesforce import Reader


def account_keys(desired: State) -> tuple[str, ...]:
    """The keys of all accounts that contacts are declared in."""
    addresses = (contact.fields.get("AccountId") for contact in desired.of(Kind.CONTACT))
    return tuple(sorted({address.key for address in addresses if isinstance(address, Address)}))


def key_parts(key: str) -> tuple[str, str]:
    """Field and value: `Acme` is a Name; `Id=001...` and `ERP_Key__c=A-17` name their field."""
    field, separator, value = key.partition("=")
    return (field, value) if separator and field.isidentifier() else ("Name", key)


def read_accounts(reader: Reader, keys: Iterable[str]) -> Iterator[Resource]:
    """One resource for each key that one account answers to; one under `<key>#<id>` for each of several."""
    by_field: dict[str, list[str]] = {}
    for key in keys:
        by_field.setdefault(key_parts(key)[0], []).append(key)
    for field, wanted in sorted(by_field.items()):
        values = [key_parts(key)[1] for key in wanted]
        answers: dict[str, list[Found]] = {}
        for row in find_by(reader, "Account", [*ACCOUNT_COLUMNS, field], field, values):
            answers.setdefault(_same(field, row.text(field)), []).append(row)
        for key, value in zip(wanted, values, strict=True):
            yield from _under(key, answers.get(_same(field, value), ()))


def read_accounts_of(reader: Reader, ids: Iterable[str]) -> Iterator[Resource]:
    """Accounts that no file names, under `Id=<id>`."""
    for row in find_by(reader, "Account", ACCOUNT_COLUMNS, "Id", ids):
        yield _resource(f"Id={row.id}", row)


def addresses_by_id(accounts: Iterable[Resource]) -> Mapping[str, Address]:
    """Account id -> the first of its addresses; a name goes before a field and its value."""
    found: dict[str, Address] = {}
    for account in sorted(accounts, key=lambda resource: ("=" in resource.address.key, resource.address)):
        found.setdefault(str(account.id), account.address)
    return found


def _same(field: str, value: str) -> str:
    """What two spellings of one value share: the first 15 characters of an id, text without case."""
    return value[:15] if field == "Id" else value.casefold()


def _under(key: str, rows: Sequence[Found]) -> Iterator[Resource]:
    if len(rows) == 1:
        yield _resource(key, rows[0])
        return
    for row in rows:
        yield _resource(f"{key}#{row.id}", row)


def _resource(key: str, row: Found) -> Resource:
    names = ("Name", "Owner.Username", "Owner.UserRoleId", "Owner.IsActive")
    return Resource(Address(Kind.ACCOUNT, key), {name: row[name] for name in names}, row.id)
