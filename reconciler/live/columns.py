"""Which columns are asked for: those that every plan rests on, and those that the files declare."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from reconciler.kinds import KindSpec
from reconciler.model import Resource
from reconciler.salesforce import Reader
from reconciler.salesforce.reader import Cell, Row, Select

PERSON = ("FirstName", "LastName", "Email")
"""By which a contact is matched; read of every user and every contact."""

USER_COLUMNS = (
    "Id",
    "Username",
    *PERSON,
    "IsActive",
    "ContactId",
    "AccountId",
    "Profile.Name",
    "Profile.UserLicense.Name",
    "UserRoleId",
    "UserRole.Name",
    *(f"Contact.{name}" for name in PERSON),
)
"""Read of every declared user; the fields of its own contact come along as parent fields."""

HOLDER_COLUMNS = ("Id", "Username", "IsActive", "ContactId")
"""Read of the users that have one of the contacts."""

CONTACT_COLUMNS = ("Id", "AccountId", *PERSON)
"""Read of every contact that may be adopted."""

ACCOUNT_COLUMNS = ("Id", "Name", "Owner.Username", "Owner.UserRoleId", "Owner.IsActive")
"""Read of every account: its owner needs a role (F3.7)."""


def declared(resources: Iterable[Resource], spec: KindSpec) -> tuple[str, ...]:
    """The fields that any of the resources declares, but references and derived paths."""
    names = {name for resource in resources for name in resource.fields}
    return tuple(sorted(n for n in names if spec.field(n).references is None and not spec.field(n).derived))


@dataclass(frozen=True, slots=True)
class Found:
    """One row; a column is found in any spelling, as Salesforce tells no case apart."""

    cells: Mapping[str, Cell]

    def __getitem__(self, column: str) -> Cell:
        return self.cells[column.lower()]

    def text(self, column: str) -> str:
        """The cell as text, empty for null."""
        value = self[column]
        return "" if value is None else str(value)

    @property
    def id(self) -> str:
        """The record's id."""
        return self.text("Id")


def find_by(reader: Reader, sobject: str, columns: Iterable[str], by: str, values: Iterable[str]) -> Iterator[Found]:
    """All records whose column `by` is one of the values; two spellings of a column are asked for once."""
    spelled = {column.lower(): column for column in reversed(tuple(columns))}
    for row in reader.query_by(Select(sobject, tuple(reversed(spelled.values()))), by, tuple(values)):
        yield _found(row)


def _found(row: Row) -> Found:
    return Found({column.lower(): cell for column, cell in row.items()})
