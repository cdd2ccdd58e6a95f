"""The records of one org in one SQLite file. No rule of Salesforce lives here: it keeps what it is given.

Booleans are 0 and 1, dates `YYYY-MM-DD`, date-times `YYYY-MM-DDTHH:MM:SS.000+0000` in UTC, which sort as text.
"""

import sqlite3
import threading
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TypeAlias

from reconciler.simulator.ids import new_id
from reconciler.simulator.schema import Schema, SObject
from reconciler.simulator.tables import (
    Scalar,
    add_column,
    create_table,
    expression,
    indexes,
    local_time,
    record,
    selected,
    stored_fields,
)

__all__ = ["FORMAT", "Scalar", "Store", "StoreError", "Values", "expression"]

Values: TypeAlias = Mapping[str, Scalar]
_Named: TypeAlias = tuple[tuple[str, ...], tuple[Scalar, ...]]

FORMAT = "1"
"""Version of the file's layout; a file of another version is refused rather than read wrongly."""

_DELETED = "CREATE TABLE IF NOT EXISTS _deleted (id TEXT PRIMARY KEY, sobject TEXT, at TEXT, root TEXT)"
"""What was deleted when; `root` is the record whose deletion took this one along, or itself."""

_CALLER: ContextVar[str] = ContextVar("caller", default="")
"""The user on whose behalf records are read; nobody's is the org's own behalf."""


class StoreError(Exception):
    """The file is no simulated org that this version can read."""


class Store:
    """Records by sObject and Id; safe for many threads, whole after a kill."""

    def __init__(self, connection: sqlite3.Connection, schema: Schema) -> None:
        self._connection = connection
        # A store that nobody closes is closed when nobody holds it any more.
        self._close = weakref.finalize(self, connection.close)
        self._schema = schema
        self._lock = threading.RLock()
        self._depth = 0

    @classmethod
    def open(cls, path: str | Path, schema: Schema) -> "Store":
        """Open the file, or make it; raises StoreError for a file that is something else."""
        connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=30)
        connection.row_factory = sqlite3.Row
        connection.create_function("caller", 0, _CALLER.get)
        connection.create_function("local_time", 2, local_time, deterministic=True)
        store = cls(connection, schema)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            store._prepare()
        except sqlite3.DatabaseError as error:
            connection.close()
            msg = f"{path} is not a simulated org: {error}"
            raise StoreError(msg) from error
        return store

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, alone; inside another transaction, a savepoint of it."""
        with self._lock:
            name = f"s{self._depth}"
            self._connection.execute(f"SAVEPOINT {name}" if self._depth else "BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth:
                    self._connection.execute(f"ROLLBACK TO {name}")
                    self._connection.execute(f"RELEASE {name}")
                else:
                    self._connection.execute("ROLLBACK")
                raise
            self._depth -= 1
            self._connection.execute(f"RELEASE {name}" if self._depth else "COMMIT")

    def savepoint(self, name: str) -> None:
        """A point of the transaction under way that it can go back to."""
        with self._lock:
            self._connection.execute(f'SAVEPOINT "{name}"')

    def rollback_to(self, name: str) -> None:
        """Undo what was done since a savepoint, which stays; raises sqlite3.OperationalError when it is gone."""
        with self._lock:
            self._connection.execute(f'ROLLBACK TO "{name}"')

    @contextmanager
    def asked_by(self, user_id: str) -> Iterator[None]:
        """Read on behalf of a user: what depends on who asks is that user's."""
        token = _CALLER.set(user_id)
        try:
            yield
        finally:
            _CALLER.reset(token)

    def insert(self, sobject: str, values: Values) -> str:
        """Add a record and return its Id."""
        with self.transaction():
            record_id = str(values.get("Id") or self._next_id(sobject))
            given = {**values, "Id": record_id}
            names = ",".join(f'"{name}"' for name in given)
            marks = ",".join("?" * len(given))
            self._connection.execute(f'INSERT INTO "{sobject}" ({names}) VALUES ({marks})', list(given.values()))
        return record_id

    def new_ids(self, sobject: str, number: int) -> Iterator[str]:
        """The ids of so many new records."""
        prefix = self._object(sobject).key_prefix
        with self.transaction():
            first = int(self.meta_get(f"next {sobject}") or 1)
            self.meta_set(f"next {sobject}", str(first + number))
        return (new_id(prefix, first + offset) for offset in range(number))

    def insert_many(self, sobject: str, records: Iterable[Values]) -> None:
        """Add records, which have their Ids."""
        for names, rows in _alike((tuple(values), tuple(values.values())) for values in records):
            columns, marks = ",".join(f'"{name}"' for name in names), ",".join("?" * len(names))
            with self._lock:
                self._connection.executemany(f'INSERT INTO "{sobject}" ({columns}) VALUES ({marks})', rows)

    def update_many(self, sobject: str, changes: Iterable[tuple[str, Values]]) -> None:
        """Change fields of many records, by their Ids."""
        rows = ((tuple(values), (*values.values(), record_id)) for record_id, values in changes)
        for names, parameters in _alike(rows):
            sets = ",".join(f'"{name}"=?' for name in names)
            with self._lock:
                self._connection.executemany(f'UPDATE "{sobject}" SET {sets} WHERE Id=?', parameters)

    @contextmanager
    def indexed_later(self) -> Iterator[None]:
        """Build the indexes when all records are there: for very many that is much faster."""
        for item in self._schema:
            for name, _ in indexes(item):
                self._connection.execute(f'DROP INDEX IF EXISTS "{name}"')
        yield
        for item in self._schema:
            self._index(item)

    def update(self, sobject: str, record_id: str, values: Values) -> None:
        """Change fields of a record."""
        if not values:
            return
        sets = ",".join(f'"{name}"=?' for name in values)
        with self._lock:
            self._connection.execute(f'UPDATE "{sobject}" SET {sets} WHERE Id=?', [*values.values(), record_id])

    def delete(self, sobject: str, record_id: str, *, at: str = "", along_with: str | None = None) -> None:
        """Put a record into the recycle bin, at that moment, or remove it where its object has none.

        `along_with` is the record whose deletion took this one with it, and whose return brings it back.
        """
        with self.transaction():
            if self._object(sobject).undeletable:
                self.update(sobject, record_id, {"IsDeleted": True, **({"SystemModstamp": at} if at else {})})
            else:
                self._connection.execute(f'DELETE FROM "{sobject}" WHERE Id=?', [record_id])
            kept = (record_id, sobject, at, along_with or record_id)
            self._connection.execute("INSERT OR REPLACE INTO _deleted VALUES (?,?,?,?)", kept)

    def undelete(self, record_id: str, *, at: str) -> Sequence[tuple[str, str]]:
        """Take a record and what went with it out of the recycle bin; the object and the Id of each."""
        found = [
            (str(row["sobject"]), str(row["id"]))
            for row in self.select("SELECT sobject, id FROM _deleted WHERE root=? ORDER BY id", [record_id])
        ]
        with self.transaction():
            for sobject, restored in found:
                self.update(sobject, restored, {"IsDeleted": False, "SystemModstamp": at})
            self._connection.execute("DELETE FROM _deleted WHERE root=?", [record_id])
        return found

    def binned(self, sobject: str, record_id: str) -> dict[str, Scalar] | None:
        """A record that lies in the recycle bin by itself; None for any other."""
        item = self._object(sobject)
        query = (
            f'SELECT {selected(item)} FROM "{sobject}" r JOIN _deleted b ON b.id = r.Id '
            "WHERE r.Id = ? AND b.root = b.id AND b.sobject = ?"
        )
        return next((record(item, row) for row in self.select(query, [record_id, sobject])), None)

    def get(self, sobject: str, record_id: str) -> dict[str, Scalar] | None:
        """A record with all of its fields, derived ones too; None when there is none, or only in the recycle bin."""
        return next(iter(self.find(sobject, Id=record_id)), None)

    def find(self, sobject: str, **equals: Scalar) -> list[dict[str, Scalar]]:
        """The records whose fields have these values, by Id; text has no case unless its field says so."""
        item = self._object(sobject)
        where = [f'r."{name}" IS ?' for name in equals]
        if item.field("IsDeleted"):
            where.append("r.IsDeleted = 0")
        condition = f"WHERE {' AND '.join(where)}" if where else ""
        query = f'SELECT {selected(item)} FROM "{sobject}" r {condition} ORDER BY r.Id'
        return [record(item, row) for row in self.select(query, list(equals.values()))]

    def select(self, sql: str, parameters: Sequence[Scalar] = ()) -> list[sqlite3.Row]:
        """The rows of a query."""
        with self._lock:
            return self._connection.execute(sql, parameters).fetchall()

    def blocks(self, sql: str, parameters: Sequence[Scalar], size: int) -> Iterator[list[tuple[Scalar, ...]]]:
        """The rows of a query, some at a time; nobody else writes until the last is read."""
        with self._lock:
            cursor = self._connection.cursor()
            cursor.row_factory = None
            cursor.execute(sql, parameters)
            while rows := cursor.fetchmany(size):
                yield rows

    def meta_get(self, key: str) -> str | None:
        """A value that belongs to the org as a whole."""
        rows = self.select("SELECT value FROM _meta WHERE key=?", [key])
        return str(rows[0]["value"]) if rows else None

    def meta_set(self, key: str, value: str) -> None:
        """Keep a value that belongs to the org as a whole."""
        with self._lock:
            self._connection.execute("INSERT OR REPLACE INTO _meta VALUES (?,?)", [key, value])

    def _object(self, sobject: str) -> SObject:
        item = self._schema.object(sobject)
        if item is None:
            msg = f"no object {sobject}"
            raise LookupError(msg)
        return item

    def _next_id(self, sobject: str) -> str:
        number = int(self.meta_get(f"next {sobject}") or 1)
        self.meta_set(f"next {sobject}", str(number + 1))
        return new_id(self._object(sobject).key_prefix, number)

    def _prepare(self) -> None:
        with self.transaction():
            self._connection.execute("CREATE TABLE IF NOT EXISTS _meta (key TEXT PRIMARY KEY, value TEXT)")
            self._connection.execute(_DELETED)
            found = self.meta_get("format")
            if found not in {None, FORMAT}:
                msg = f"its layout is of version {found}, this program reads version {FORMAT}"
                raise sqlite3.DatabaseError(msg)
            self.meta_set("format", FORMAT)
            self.adopt(self._schema)

    def adopt(self, schema: Schema) -> None:
        """Hold the objects and fields of a schema; those that the file lacks are added, with their defaults."""
        with self.transaction():
            for item in schema:
                known = {row["name"] for row in self.select(f'PRAGMA table_info("{item.name}")')}
                missing = [field for field in stored_fields(item) if known and field.name not in known]
                for statement in [add_column(item, field) for field in missing] if known else [create_table(item)]:
                    self._connection.execute(statement)
                if missing or not known:
                    self._index(item)
        self._schema = schema

    def _index(self, item: SObject) -> None:
        for name, column in indexes(item):
            self._connection.execute(f'CREATE INDEX IF NOT EXISTS "{name}" ON "{item.name}" ("{column}")')


def _alike(rows: Iterable[_Named]) -> Iterator[tuple[tuple[str, ...], list[tuple[Scalar, ...]]]]:
    """Rows that have the same names, together."""
    found: dict[tuple[str, ...], list[tuple[Scalar, ...]]] = {}
    for names, values in rows:
        found.setdefault(names, []).append(values)
    yield from found.items()
