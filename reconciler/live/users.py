"""Reads the declared users and keeps the rows of those that are not exactly as declared."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reconciler.kinds import PORTAL_ROLE_LEVELS, ROLE_COLUMN, USER
from reconciler.live.columns import USER_COLUMNS, Found, once, places_of
from reconciler.live.people import user_key
from reconciler.live.screen import Screen
from reconciler.model import License, State
from reconciler.salesforce import Reader
from reconciler.salesforce.reader import Cells, Select

_EXTERNAL = "WHERE UserType != 'Standard'"
"""What nearly all declared users are; one that is something else is asked for by name (F2.5)."""

_WASTE = 3
"""Up to so many times the declared users, all external users of the org are read rather than asked for by name."""


@dataclass(frozen=True, slots=True)
class Screened:
    """Users that a plan has to look at: their rows, and their keys, with those of users that the org does not have.

    `in_sync` counts the records of all others.
    """

    rows: Sequence[Found]
    keys: tuple[str, ...]
    in_sync: int


def screened(reader: Reader, desired: State, names: Iterable[str], licenses: Iterable[License]) -> Screened:
    """Read all declared users with the columns of every plan and the named ones."""
    select = Select(USER.sobject, once([*USER_COLUMNS, *names]))
    pile = _Pile(desired, select, Screen(select.columns, licenses))
    if reader.is_job_worth_it(len(pile.missing)) and _are_most(reader, len(pile.missing)):
        pile.add(reader.job(select, _EXTERNAL).cells())
    pile.add(reader.cells_by(select, USER.key_field, pile.missing))
    return Screened(pile.rows, tuple(sorted([*map(user_key, pile.rows), *pile.missing])), pile.in_sync)


def _are_most(reader: Reader, declared: int) -> bool:
    """Whether the declared users are so many of the org's external users that all of these may as well be read."""
    return reader.count(USER.sobject, _EXTERNAL) <= _WASTE * declared


class _Pile:
    """Declared users as their rows come in."""

    def __init__(self, desired: State, select: Select, screen: Screen) -> None:
        self.missing = set(desired.user_keys())
        self.rows: list[Found] = []
        self.in_sync = 0
        self._declarations = desired.declarations
        self._places = places_of(select)
        self._screen = screen
        self._username = select.columns.index(USER.key_field)
        self._role = select.columns.index(ROLE_COLUMN)

    def add(self, rows: Iterable[Cells]) -> None:
        """Take rows; those of users that nobody declares are dropped."""
        missing, declarations, settled = self.missing, self._declarations, self._screen.settled
        username, role = self._username, self._role
        for cells in rows:
            key = str(cells[username]).casefold()
            if key not in missing:
                continue
            missing.discard(key)
            cells[role] = PORTAL_ROLE_LEVELS.get(str(cells[role]))
            declaration = declarations.get(key)
            records = settled(cells, declaration) if declaration is not None else 0
            self.in_sync += records
            if not records:
                self.rows.append(Found(self._places, cells))
