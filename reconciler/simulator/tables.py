"""The SQL of an org's tables: one for each object, a column for each field that is stored, and how rows are read."""

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from reconciler.simulator.schema import Field, FieldType, SObject

Scalar: TypeAlias = str | int | float | bool | None

_SQL_TYPES = {
    FieldType.BOOLEAN: "INTEGER",
    FieldType.INT: "INTEGER",
    FieldType.DOUBLE: "REAL",
    FieldType.CURRENCY: "REAL",
    FieldType.PERCENT: "REAL",
    FieldType.ID: "TEXT",
    FieldType.REFERENCE: "TEXT",
}
_INDEXED = (FieldType.REFERENCE, FieldType.EMAIL)
_BOOLEANS = {None: None, 0: False, 1: True}
_REMEMBERED = 512
"""Objects whose SQL is remembered: those of about twenty orgs with fields of their own."""


def create_table(item: SObject) -> str:
    """The statement that makes an object's table."""
    return f'CREATE TABLE "{item.name}" ({",".join(map(_column, stored_fields(item)))})'


def add_column(item: SObject, field: Field) -> str:
    """The statement that adds a field to an object's table."""
    return f'ALTER TABLE "{item.name}" ADD COLUMN {_column(field)}'


def indexes(item: SObject) -> Iterator[tuple[str, str]]:
    """The indexes of an object's table: name and column."""
    for field in stored_fields(item):
        if field.type in _INDEXED or field.unique or field.external_id or field.name_field:
            yield f"{item.name}_{field.name}", field.name


def stored_fields(item: SObject) -> tuple[Field, ...]:
    """The fields that have a column."""
    return tuple(field for field in item if field.derived is None)


def _column(field: Field) -> str:
    if field.type is FieldType.ID:
        return '"Id" TEXT PRIMARY KEY'
    kind = _SQL_TYPES.get(field.type, "TEXT")
    nocase = "" if kind != "TEXT" or field.case_sensitive or field.type is FieldType.REFERENCE else " COLLATE NOCASE"
    default = f" DEFAULT {_literal(field.default)}" if field.default is not None else ""
    return f'"{field.name}" {kind}{nocase}{default}'


def _literal(value: Scalar) -> str:
    if isinstance(value, str):
        escaped = value.replace("'", "''")
        return f"'{escaped}'"
    return str(int(value) if isinstance(value, bool) else value)


@lru_cache(_REMEMBERED)
def selected(item: SObject) -> str:
    """All fields of an object whose table has the alias `r`."""
    return ",".join(f'{expression(field, "r")} AS "{field.name}"' for field in item)


def expression(field: Field, alias: str) -> str:
    """The SQL for a field of the row with that alias."""
    return field.derived.format(row=alias) if field.derived else f'{alias}."{field.name}"'


@lru_cache(_REMEMBERED)
def _shape(item: SObject) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of all fields, and those of booleans."""
    return tuple(field.name for field in item), tuple(f.name for f in item if f.type is FieldType.BOOLEAN)


def record(item: SObject, row: sqlite3.Row) -> dict[str, Scalar]:
    """A row of all fields by their names."""
    names, booleans = _shape(item)
    found = dict(zip(names, row, strict=True))
    for name in booleans:
        found[name] = _BOOLEANS[found[name]]
    return found


def local_time(stored: str | None, zone: str | None) -> str | None:
    """A stored date-time as clocks of a zone show it; UTC where the zone, or its data on this machine, is missing."""
    if stored is None or zone is None:
        return stored
    try:
        moment = datetime.fromisoformat(stored).astimezone(ZoneInfo(zone))
    except (ValueError, OverflowError, ZoneInfoNotFoundError):
        return stored
    return f"{moment:%Y-%m-%dT%H:%M:%S}{stored[len('2026-01-01T00:00:00') :]}"
