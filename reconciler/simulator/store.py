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
from reconciler.simulator.schema import Field, FieldType, Schema, SObject

Scalar: TypeAlias = str | int | float | bool | None
Values: TypeAlias = Mapping[str, Scalar]
_Named: TypeAlias = tuple[tuple[str, ...], tuple[Scalar, ...]]

FORMAT = "1"
"""Version of the file's layout; a file of another version is refused rather than read wrongly."""

_SQL_TYPES = {
    FieldType.BOOLEAN: "INTEGER",
    FieldType.INT: "INTEGER",
    FieldType.DOUBLE: "REAL",
    FieldType.CURRENCY: "REAL",
    FieldType.ID: "TEXT",
    FieldType.REFERENCE: "TEXT",
}
_INDEXED = (FieldType.REFERENCE, FieldType.EMAIL)


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
        for names, rows in _alike((tuple(record), tuple(record.values())) for record in records):
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
            for name, _ in _indexes(item):
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

    def delete(self, sobject: str, record_id: str) -> None:
        """Put a record into the recycle bin, or remove it where its object has none."""
        if self._object(sobject).field("IsDeleted"):
            self.update(sobject, record_id, {"IsDeleted": True})
            return
        with self._lock:
            self._connection.execute(f'DELETE FROM "{sobject}" WHERE Id=?', [record_id])

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
        query = f'SELECT {_columns(item)} FROM "{sobject}" r {condition} ORDER BY r.Id'
        return [_record(item, row) for row in self.select(query, list(equals.values()))]

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
            found = self.meta_get("format")
            if found not in {None, FORMAT}:
                msg = f"its layout is of version {found}, this program reads version {FORMAT}"
                raise sqlite3.DatabaseError(msg)
            if found is None:
                for item in self._schema:
                    self._create(item)
                self.meta_set("format", FORMAT)

    def _create(self, item: SObject) -> None:
        stored = [field for field in item if field.derived is None]
        self._connection.execute(f'CREATE TABLE "{item.name}" ({",".join(map(_column, stored))})')
        self._index(item)

    def _index(self, item: SObject) -> None:
        for name, column in _indexes(item):
            self._connection.execute(f'CREATE INDEX "{name}" ON "{item.name}" ("{column}")')


def _indexes(item: SObject) -> Iterator[tuple[str, str]]:
    """The indexes of an object's table: name and column."""
    for field in item:
        if field.derived is None and (field.type in _INDEXED or field.unique or field.name_field):
            yield f"{item.name}_{field.name}", field.name


def _alike(rows: Iterable[_Named]) -> Iterator[tuple[tuple[str, ...], list[tuple[Scalar, ...]]]]:
    """Rows that have the same names, together."""
    found: dict[tuple[str, ...], list[tuple[Scalar, ...]]] = {}
    for names, values in rows:
        found.setdefault(names, []).append(values)
    yield from found.items()


def _column(field: Field) -> str:
    if field.type is FieldType.ID:
        return '"Id" TEXT PRIMARY KEY'
    kind = _SQL_TYPES.get(field.type, "TEXT")
    nocase = "" if kind != "TEXT" or field.case_sensitive or field.type is FieldType.REFERENCE else " COLLATE NOCASE"
    default = f" DEFAULT {_literal(field.default)}" if field.default is not None else ""
    return f'"{field.name}" {kind}{nocase}{default}'


def _literal(value: Scalar) -> str:
    return str(int(value)) if isinstance(value, int) else f"'{value}'"


def _columns(item: SObject) -> str:
    return ",".join(f'{expression(field, "r")} AS "{field.name}"' for field in item)


def expression(field: Field, alias: str) -> str:
    """The SQL for a field of the row with that alias."""
    return field.derived.format(row=alias) if field.derived else f'{alias}."{field.name}"'


def _record(item: SObject, row: sqlite3.Row) -> dict[str, Scalar]:
    return {
        field.name: bool(value) if field.type is FieldType.BOOLEAN and value is not None else value
        for field, value in zip(item, row, strict=True)
    }
