"""What a document declares -> the resources of plans, made when they are asked for: most users are in sync.

Where a value is written is looked up when somebody asks for that.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from reconciler.kinds import ACCOUNT_ID_COLUMN, LICENSE_COLUMN, LICENSE_FIELD, PROFILE_COLUMN, ROLE_COLUMN, USER
from reconciler.model import Address, Columns, Declaration, Kind, Position, Resource, Value, shared_address

Places: TypeAlias = Callable[[Declaration], Mapping[str, Position]]
"""Where the values of a document are written, by column."""

_CONTACT = "Contact."
_ACCOUNT = "Contact.Account."


class Resources(Mapping[Address, Resource]):
    """The users and contacts of declarations by address."""

    def __init__(self, declarations: Mapping[str, Declaration], places: Places) -> None:
        self._declarations = declarations
        self._places = places

    def __getitem__(self, address: Address) -> Resource:
        declaration = self._declarations[address.key]
        if address.kind is Kind.USER:
            return _user(address.key, declaration, _Positions(self._places, declaration, address.kind))
        if address.kind is Kind.CONTACT and account_of(declaration) is not None:
            return _contact(address.key, declaration, _Positions(self._places, declaration, address.kind))
        raise KeyError(address)

    def __iter__(self) -> Iterator[Address]:
        for key, declaration in self._declarations.items():
            yield Address(Kind.USER, key)
            if account_of(declaration) is not None:
                yield Address(Kind.CONTACT, key)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class _Positions(Mapping[str, Position]):
    """Field -> where it is written; the file is read for it at the first question."""

    __slots__ = ("_ask", "_declaration", "_found", "_kind")

    def __init__(self, places: Places, declaration: Declaration, kind: Kind) -> None:
        self._ask = places
        self._declaration = declaration
        self._kind = kind
        self._found: Mapping[str, Position] | None = None

    def _all(self) -> Mapping[str, Position]:
        if self._found is None:
            named = ((_field(self._kind, column), place) for column, place in self._ask(self._declaration).items())
            self._found = {name: place for name, place in named if name is not None}
        return self._found

    def __getitem__(self, name: str) -> Position:
        return self._all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the columns of a declaration stand for: the fields of the user and of the contact, each with its place.

    `account` is the place of the account's value, and the field that it is a value of; None without a contact.
    """

    user: tuple[tuple[str, int], ...]
    contact: tuple[tuple[str, int], ...]
    account: tuple[str, int] | None


@lru_cache(maxsize=4096)
def _shape(columns: Columns) -> _Shape:
    user: list[tuple[str, int]] = []
    contact: list[tuple[str, int]] = []
    account: tuple[str, int] | None = None
    for at, column in enumerate(columns):
        if column == ACCOUNT_ID_COLUMN or column.startswith(_ACCOUNT):
            account = ("Id" if column == ACCOUNT_ID_COLUMN else column.removeprefix(_ACCOUNT), at)
        elif column.startswith(_CONTACT):
            contact.append((column.removeprefix(_CONTACT), at))
        elif column != USER.key_field:
            # The Username is the user's key, and never written.
            user.append((_USER_FIELDS.get(column, column), at))
    return _Shape(tuple(user), tuple(contact), account)


def account_of(declaration: Declaration) -> str | None:
    """The key of the account that a declared contact belongs to: its name, or `FIELD=VALUE`; None without a contact.

    A name that could be read as one of those is spelled out.
    """
    account = _shape(declaration[0]).account
    if account is None:
        return None
    field, name = account[0], str(declaration[3][account[1]])
    return name if field == "Name" and "=" not in name and "#" not in name else f"{field}={name}"


def _user(key: str, declaration: Declaration, positions: Mapping[str, Position]) -> Resource:
    columns, file, line, values = declaration
    account = account_of(declaration)
    fields: dict[str, Value] = {} if account is None else {"ContactId": Address(Kind.CONTACT, key)}
    for name, at in _shape(columns).user:
        fields[name] = values[at]
    for name, kind in _REFERENCES.items():
        if (named := fields.get(name)) is not None:
            fields[name] = shared_address(kind, f"{account}/{named}" if kind is Kind.ROLE else str(named))
    return Resource(Address(Kind.USER, key), fields, source=Position(file, line, 1), positions=positions)


def _contact(key: str, declaration: Declaration, positions: Mapping[str, Position]) -> Resource:
    columns, file, line, values = declaration
    fields: dict[str, Value] = {"AccountId": shared_address(Kind.ACCOUNT, str(account_of(declaration)))}
    for name, at in _shape(columns).contact:
        fields[name] = values[at]
    return Resource(Address(Kind.CONTACT, key), fields, source=Position(file, line, 1), positions=positions)


_USER_FIELDS: Mapping[str, str] = {
    PROFILE_COLUMN: "ProfileId",
    LICENSE_COLUMN: LICENSE_FIELD,
    ROLE_COLUMN: "UserRoleId",
}

_REFERENCES: Mapping[str, Kind] = {
    "ProfileId": Kind.PROFILE,
    LICENSE_FIELD: Kind.LICENSE,
    "UserRoleId": Kind.ROLE,
}


def _field(kind: Kind, column: str) -> str | None:
    """The field of a kind that a column declares."""
    if kind is Kind.USER:
        return None if column.startswith(_CONTACT) else _USER_FIELDS.get(column, column)
    if column == ACCOUNT_ID_COLUMN or column.startswith(_ACCOUNT):
        return "AccountId"
    return column.removeprefix(_CONTACT) if column.startswith(_CONTACT) else None
