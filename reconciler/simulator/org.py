"""One simulated org: its records, its objects, its settings, its clock."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from reconciler.simulator.declared import NOTHING, Declared
from reconciler.simulator.schema import Schema
from reconciler.simulator.settings import Settings
from reconciler.simulator.store import Store

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Org:
    """An open org; `id` has 18 characters."""

    store: Store
    schema: Schema
    settings: Settings
    clock: Clock
    id: str
    declared: Declared = NOTHING

    def now(self) -> str:
        """The present moment as a stored date-time."""
        return self.clock().strftime("%Y-%m-%dT%H:%M:%S.000+0000")

    def close(self) -> None:
        """Close the org's file."""
        self.store.close()


def is_open(path: Path) -> bool:
    """Whether any program holds the file of an org open: only the last one that does can leave its write-ahead log."""
    with closing(sqlite3.connect(path, timeout=0)) as connection:
        try:
            connection.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.DatabaseError as error:
            return "locked" in str(error)
    return False
