"""Tells the users that are exactly as declared from the others, a comparison each: nearly all of a million are.

It only ever says of a user that nothing is to be done when a plan would find nothing to do; what it is not sure of is
left to the plan.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from operator import itemgetter

from reconciler.kinds import ACCOUNT_ID_COLUMN, CONTACT, LICENSE_COLUMN, ROLE_COLUMN, USER, same
from reconciler.live.columns import OWN_ACCOUNT_COLUMN, ROLE_ACCOUNT_COLUMN
from reconciler.model import Columns, Declaration, License, Value
from reconciler.salesforce.reader import Cell, Cells

_CONTACT = "Contact."
_ACCOUNT = "Contact.Account."


@dataclass(frozen=True, slots=True)
class _Check:
    """How rows are compared with the declarations of the same columns."""

    select: Callable[[Cells], tuple[Cell, ...]]
    has_role: bool
    records: int


@dataclass
class Screen:
    """Compares rows of users, whose cells stand in the order of `columns`, with what is declared of them."""

    columns: Sequence[str]
    licenses: Iterable[License]
    _checks: dict[Columns, _Check] = field(default_factory=dict, init=False)
    _keys: Mapping[str, str | None] = field(init=False)
    _at: Mapping[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self._at = {column.lower(): at for at, column in enumerate(self.columns)}
        self._keys = {item.name: item.key for item in self.licenses}
        self._role_account, self._account = (
            self._at[column.lower()] for column in (ROLE_ACCOUNT_COLUMN, OWN_ACCOUNT_COLUMN)
        )

    def settled(self, cells: Cells, declaration: Declaration) -> int:
        """The number of records that are as declared, user and contact, or 0 when a plan has to look at them."""
        columns, _, _, values = declaration
        check = self._checks.get(columns) or self._check(columns)
        if check.has_role and cells[self._role_account] != cells[self._account]:
            return 0
        found = check.select(cells)
        # True equals the number 1, but nobody means it to.
        if found == values and Decimal not in map(type, found):
            return check.records
        return check.records if all(map(self._is_same, columns, values, found)) else 0

    def _check(self, columns: Columns) -> _Check:
        places = [self._at[column.lower()] for column in columns]
        # Of one place itemgetter gives the cell itself.
        select = itemgetter(*places) if len(places) > 1 else _only(places[0])
        has_contact = any(column == ACCOUNT_ID_COLUMN or column.startswith(_ACCOUNT) for column in columns)
        check = self._checks[columns] = _Check(select, ROLE_COLUMN in columns, 1 + has_contact)
        return check

    def _is_same(self, column: str, declared: Value, present: Cell) -> bool:
        """Whether two spellings mean the same, as a plan would find."""
        if declared is None or present is None:
            return declared is present
        if column in {LICENSE_COLUMN, ACCOUNT_ID_COLUMN} or column.startswith(_ACCOUNT):
            return self._is_same_name(column, str(declared), str(present))
        spec = CONTACT if column.startswith(_CONTACT) else USER
        return same(spec, column.removeprefix(_CONTACT), declared, present)

    def _is_same_name(self, column: str, declared: str, present: str) -> bool:
        """Licenses also have a key, an id has 15 or 18 characters, accounts are found in any case."""
        if column == LICENSE_COLUMN:
            return declared in {present, self._keys.get(present)}
        if column == ACCOUNT_ID_COLUMN:
            return declared[:15] == present[:15]
        return declared.casefold() == present.casefold()


def _only(place: int) -> Callable[[Cells], tuple[Cell, ...]]:
    return lambda cells: (cells[place],)
