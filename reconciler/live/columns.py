"""Which columns are asked for: those that every plan rests on, and those that the files declare."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from reconciler.kinds import LICENSE_COLUMN, PROFILE_COLUMN, ROLE_COLUMN, KindSpec
from reconciler.model import Resource
from reconciler.salesforce import Reader
from reconciler.salesforce.reader import Cell, Cells, Select

PERSON = ("FirstName", "LastName", "Email")
"""By which a contact is matched; read of every user and every contact."""

ROLE_ACCOUNT_COLUMN = "UserRole.PortalAccountId"
OWN_ACCOUNT_COLUMN = "AccountId"

USER_COLUMNS = (
    "Id",
    "Username",
    *PERSON,
    "IsActive",
    "ContactId",
    OWN_ACCOUNT_COLUMN,
    PROFILE_COLUMN,
    LICENSE_COLUMN,
    "UserRoleId",
    "UserRole.Name",
    ROLE_COLUMN,
    ROLE_ACCOUNT_COLUMN,
    *(f"Contact.{name}" for name in PERSON),
)
"""Read of every declared user: its contact, account, profile, license and role come along as parent fields."""

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
    """One row; a column is found in any spelling, as Salesforce tells no case apart.

    `places` gives the place of each column, in lower case; all rows of a query share it.
    """

    places: Mapping[str, int]
    cells: Cells

    def __getitem__(self, column: str) -> Cell:
        return self.cells[self.places[column.lower()]]

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
    select = Select(sobject, once(columns))
    places = places_of(select)
    for cells in reader.cells_by(select, by, tuple(values)):
        yield Found(places, cells)


def once(columns: Iterable[str]) -> tuple[str, ...]:
    """The columns without second spellings, in order."""
    spelled = {column.lower(): column for column in reversed(tuple(columns))}
    return tuple(reversed(spelled.values()))


def places_of(select: Select) -> Mapping[str, int]:
    """Column in lower case -> its place in a row."""
    return {column.lower(): at for at, column in enumerate(select.columns)}
