"""The types of a query's columns: a job's CSV has text only, and null, true and 1 must come back as from a query."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from reconciler.errors import RequestRefused

Cell: TypeAlias = str | bool | Decimal | None

_KNOWN: Mapping[str, str] = {
    **dict.fromkeys(("Name", "Username", "Email", "FirstName", "LastName", "Title", "Phone", "MobilePhone"), "string"),
    **dict.fromkeys(("Alias", "CommunityNickname", "CompanyName", "Department", "EmployeeNumber"), "string"),
    **dict.fromkeys(("EmailEncodingKey", "LanguageLocaleKey", "LocaleSidKey", "TimeZoneSidKey"), "picklist"),
    "FederationIdentifier": "string",
    "PortalRole": "picklist",
    "IsActive": "boolean",
    "UserType": "picklist",
}
"""Fields of the same type wherever they stand; they cost no request."""

_NUMBERS = frozenset({"double", "int", "long", "currency", "percent"})


@dataclass(frozen=True, slots=True)
class ColumnTypes:
    """Looks types up, asking `describe` only for objects with a field that is not known here."""

    describe: Callable[[str], Mapping[str, Any]]

    def of(self, sobject: str, columns: Sequence[str]) -> Mapping[str, str]:
        """Column -> type; raises RequestRefused INVALID_FIELD for one that the org does not have."""
        return {column: self._of(sobject, column) for column in columns}

    def _of(self, sobject: str, column: str) -> str:
        name = column.rpartition(".")[2]
        known = "id" if name.endswith("Id") else _KNOWN.get(name)
        found = known or self._described(sobject, column.split("."))
        if found is None:
            raise RequestRefused(400, "INVALID_FIELD", f"No such column '{column}' on entity '{sobject}'")
        return found

    def _described(self, sobject: str, path: Sequence[str]) -> str | None:
        name, *rest = path
        fields = self.describe(sobject)["fields"]
        if not rest:
            return next((str(field["type"]) for field in fields if _is(field["name"], name)), None)
        parents = [
            target for field in fields if _is(field["relationshipName"], name) for target in field["referenceTo"]
        ]
        found = (self._described(str(parent), rest) for parent in parents)
        return next((kind for kind in found if kind is not None), None)


def typed(cell: str, kind: str) -> Cell:
    """A CSV cell as the value that a query's JSON has for it; an empty cell is null."""
    if not cell:
        return None
    if kind == "boolean":
        return cell == "true"
    if kind == "datetime":
        # Both spell UTC; a query's JSON writes the offset.
        return cell.removesuffix("Z") + "+0000" if cell.endswith("Z") else cell
    return Decimal(cell) if kind in _NUMBERS else cell


def _is(name: object, other: str) -> bool:
    return isinstance(name, str) and name.lower() == other.lower()
