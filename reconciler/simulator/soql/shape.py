"""Rows of SQL -> records as the REST API nests them."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from reconciler.simulator.schema import Field, FieldType, SObject
from reconciler.simulator.store import Scalar

Record: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value of a record: its path below the record, the cell that holds it; no cell for what is filled in later."""

    path: tuple[str, ...]
    cell: int | None
    field: Field | None = None


@dataclass(frozen=True, slots=True)
class Owner:
    """A record that a row holds, the query's own or a parent: its object, and the cell of its id."""

    sobject: SObject
    id_cell: int


@dataclass(frozen=True, slots=True)
class Node:
    """How one record is read off a row."""

    type: str
    url: str
    id_cell: int
    entries: "tuple[Entry, ...]"

    def record(self, row: sqlite3.Row) -> Record | None:
        """The record; None for a parent that does not exist."""
        record_id = row[self.id_cell]
        if record_id is None:
            return None
        record: Record = {"attributes": {"type": self.type, "url": f"{self.url}{record_id}"}}
        for name, cell, is_boolean, parent in self.entries:
            if parent is not None:
                record[name] = parent.record(row)
            elif cell is None:
                record[name] = None
            else:
                value = row[cell]
                record[name] = bool(value) if is_boolean and value is not None else value
        return record


Entry: TypeAlias = tuple[str, int | None, bool, Node | None]
"""A name in a record, and what it holds: the value of a cell, which may be a boolean, or a parent."""


def node(leaves: Sequence[Leaf], owners: Mapping[tuple[str, ...], Owner], version: float) -> Node:
    """The way to read records off rows; `owners` are by path, the query's own object at `()`."""
    return _node((), leaves, owners, version)


def json_value(field: Field | None, cell: Scalar) -> Scalar:
    """A cell as JSON shows it."""
    is_boolean = field is not None and field.type is FieldType.BOOLEAN
    return bool(cell) if is_boolean and cell is not None else cell


def _node(
    path: tuple[str, ...], leaves: Sequence[Leaf], owners: Mapping[tuple[str, ...], Owner], version: float
) -> Node:
    below: dict[str, list[Leaf]] = {}
    for leaf in leaves:
        below.setdefault(leaf.path[len(path)], []).append(leaf)
    entries: list[Entry] = []
    for name, group in below.items():
        first = group[0]
        if len(first.path) > len(path) + 1:
            entries.append((name, None, False, _node((*path, name), group, owners, version)))
        else:
            is_boolean = first.field is not None and first.field.type is FieldType.BOOLEAN
            entries.append((name, first.cell, is_boolean, None))
    owner = owners[path]
    url = f"/services/data/v{version:.1f}/sobjects/{owner.sobject.name}/"
    return Node(owner.sobject.name, url, owner.id_cell, tuple(entries))
