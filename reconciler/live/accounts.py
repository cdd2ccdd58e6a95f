"""The accounts that files refer to, under the keys by which they do."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from reconciler.live.columns import ACCOUNT_COLUMNS
from reconciler.model import Address, Kind, Resource, State, Value
from reconciler.salesforce import Reader
from reconciler.salesforce.reader import Row, Select


def account_keys(desired: State) -> tuple[str, ...]:
    """The keys of all accounts that contacts are declared in."""
    addresses = (resource.fields.get("AccountId") for resource in desired.resources.values())
    return tuple(sorted({address.key for address in addresses if isinstance(address, Address)}))


def read_accounts(reader: Reader, keys: Iterable[str]) -> Iterator[Resource]:
    """One resource for each key that one account answers to; one under `<key>#<id>` for each of several."""
    by_field: dict[str, list[tuple[str, str]]] = {}
    for key in keys:
        field, value = _field_and_value(key)
        by_field.setdefault(field, []).append((value, key))
    for field, wanted in sorted(by_field.items()):
        columns = tuple(dict.fromkeys([*ACCOUNT_COLUMNS, field]))
        found: dict[str, list[Row]] = {}
        for row in reader.query_by(Select("Account", columns), field, [value for value, _ in wanted]):
            found.setdefault(_normal(field, str(row[field])), []).append(row)
        for value, key in wanted:
            yield from _under(key, found.get(_normal(field, value), ()))


def read_accounts_of(reader: Reader, ids: Iterable[str]) -> Iterator[Resource]:
    """Accounts that no file names, under `Id=<id>`."""
    for row in reader.query_by(Select("Account", ACCOUNT_COLUMNS), "Id", list(ids)):
        yield from _under(f"Id={row['Id']}", [row])


def _field_and_value(key: str) -> tuple[str, str]:
    """`Acme` is a Name; `Id=001...` and `ERP_Key__c=A-17` name their field."""
    field, separator, value = key.partition("=")
    return (field, value) if separator and field.isidentifier() else ("Name", key)


def _normal(field: str, value: str) -> str:
    """What equal values have in common: the first 15 characters of an id, text without case."""
    return value[:15] if field == "Id" else value.casefold()


def _under(key: str, rows: Iterable[Row]) -> Iterator[Resource]:
    resources = [_resource(key, row) for row in rows]
    if len(resources) == 1:
        yield resources[0]
        return
    for resource in resources:
        yield replace(resource, address=Address(Kind.ACCOUNT, f"{key}#{resource.id}"))


def _resource(key: str, row: Row) -> Resource:
    names = ("Name", "Owner.Username", "Owner.UserRoleId", "Owner.IsActive")
    fields: dict[str, Value] = {name: row[name] for name in names}
    return Resource(Address(Kind.ACCOUNT, key), fields, str(row["Id"]))
