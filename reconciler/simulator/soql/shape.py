"""Rows of SQL -> records as the REST API nests them."""

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
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
        for name, cell, read, parent in self.entries:
            if parent is not None:
                record[name] = parent.record(row)
            elif cell is None:
                record[name] = None
            else:
                value = row[cell]
                record[name] = value if read is None or value is None else read(value)
        return record


Entry: TypeAlias = tuple[str, int | None, Callable[[Any], Any] | None, Node | None]
"""A name in a record, and what it holds: the value of a cell and how it is read, or a parent."""

_READ: Mapping[FieldType, Callable[[Any], Any]] = {FieldType.BOOLEAN: bool, FieldType.ADDRESS: json.loads}
"""How JSON shows what a cell holds, where it is not the same."""


def node(leaves: Sequence[Leaf], owners: Mapping[tuple[str, ...], Owner], version: float) -> Node:
    """The way to read records off rows; `owners` are by path, the query's own object at `()`."""
    return _node((), leaves, owners, version)


def json_value(field: Field | None, cell: Scalar) -> Scalar:
    """A cell as JSON shows it."""
    read = _READ.get(field.type) if field is not None else None
    shown: Scalar = cell if read is None or cell is None else read(cell)
    return shown


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
            entries.append((name, None, None, _node((*path, name), group, owners, version)))
        else:
            read = _READ.get(first.field.type) if first.field is not None else None
            entries.append((name, first.cell, read, None))
    owner = owners[path]
    url = f"/services/data/v{version:.1f}/sobjects/{owner.sobject.name}/"
    return Node(owner.sobject.name, url, owner.id_cell, tuple(entries))
