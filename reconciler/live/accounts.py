"""The accounts that files refer to, under the keys by which they do."""

from collections.abc import Iterable, Iterator, Mapping
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
    by_field: dict[str, dict[str, list[str]]] = {}
    for key in keys:
        field, value = _field_and_value(key)
        by_field.setdefault(field, {}).setdefault(value.casefold() if field != "Id" else value, []).append(key)
    for field, wanted in sorted(by_field.items()):
        columns = tuple(dict.fromkeys([*ACCOUNT_COLUMNS, field]))
        found: dict[str, list[Row]] = {}
        for row in reader.query_by(Select("Account", columns), field, list(wanted)):
            value = str(row[field])
            found.setdefault(_matching(wanted, field, value), []).append(row)
        for value, rows in sorted(found.items()):
            for key in wanted.get(value, ()):
                yield from _under(key, rows)


def read_accounts_of(reader: Reader, ids: Iterable[str]) -> Iterator[Resource]:
    """Accounts that no file names, under `Id=<id>`."""
    for row in reader.query_by(Select("Account", ACCOUNT_COLUMNS), "Id", list(ids)):
        yield from _under(f"Id={row['Id']}", [row])


def _field_and_value(key: str) -> tuple[str, str]:
    """`Acme` is a Name; `Id=001...` and `ERP_Key__c=A-17` name their field."""
    field, separator, value = key.partition("=")
    return (field, value) if separator and field.isidentifier() else ("Name", key)


def _matching(wanted: Mapping[str, object], field: str, value: str) -> str:
    """The wanted value that this one is: ids by their first 15 characters, text without case."""
    if field != "Id":
        return value.casefold()
    return next((want for want in wanted if want[:15] == value[:15]), value)


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
