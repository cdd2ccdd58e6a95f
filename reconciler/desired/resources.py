"""One document -> the resources that it declares."""

from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.desired.compose import Document
from reconciler.kinds import LICENSE_FIELD
from reconciler.model import Address, Kind, Position, Resource, Value


def resources(document: Document) -> Iterator[Resource]:
    """The user, and its contact when the document declares one."""
    declared: Mapping[str, Any] = document.value
    key = str(declared["user"]).casefold()
    contact = Address(Kind.CONTACT, key)
    source = document.place(("user",)).key
    if isinstance(declared.get("contact"), dict):
        yield _contact(document, contact, source)
    fields: dict[str, Value] = {}
    positions: dict[str, Position] = {"Username": document.place(("user",)).value}
    for word, name, value in _words(declared, contact):
        fields[name] = value
        positions[name] = document.place((word,)).value
    for name, value in (declared.get("fields") or {}).items():
        fields[name] = value or None if value == "" else value
        positions[name] = document.place(("fields", name)).value
    yield Resource(Address(Kind.USER, key), fields, source=source, positions=positions)


def _contact(document: Document, address: Address, source: Position) -> Resource:
    declared = document.value
    fields: dict[str, Value] = {"AccountId": Address(Kind.ACCOUNT, account_key(declared["account"]))}
    positions = {"AccountId": document.place(("account",)).value}
    for name, value in declared["contact"].items():
        fields[name] = None if value == "" else value
        positions[name] = document.place(("contact", name)).value
    return Resource(address, fields, source=source, positions=positions)


def _words(declared: Mapping[str, Any], contact: Address) -> Iterator[tuple[str, str, Value]]:
    """Each word that stands in the document, with the field that it declares."""
    if "contact" in declared:
        yield "contact", "ContactId", contact if declared["contact"] is not None else None
    if "license" in declared:
        yield "license", LICENSE_FIELD, Address(Kind.LICENSE, declared["license"])
    if "profile" in declared:
        yield "profile", "ProfileId", Address(Kind.PROFILE, declared["profile"])
    if "role" in declared:
        yield "role", "UserRoleId", _role(declared)
    if "active" in declared:
        yield "active", "IsActive", declared["active"]


def _role(declared: Mapping[str, Any]) -> Value:
    if declared["role"] is None:
        return None
    return Address(Kind.ROLE, f"{account_key(declared['account'])}/{declared['role']}")


def account_key(account: str | Mapping[str, str]) -> str:
    """An account's key: its name, or `FIELD=VALUE`; a name that could be read as one of those is spelled out."""
    if isinstance(account, str):
        return f"Name={account}" if "=" in account or "#" in account else account
    field, value = next(iter(account.items()))
    return f"{'Id' if field.lower() == 'id' else field}={value}"
