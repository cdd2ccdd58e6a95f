"""Rows of SQL -> records as the REST API nests them."""

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from reconciler.simulator.schema import Field, FieldType, SObject
from reconciler.simulator.store import Scalar

Record: TypeAlias = dict[str, Any]


class Readable(Protocol):
    """A way to read a record off a row."""

    def record(self, row: sqlite3.Row) -> Record | None:
        """The record; None for one that does not exist."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value of a record: its path below the record, the cell that holds it; no cell for what is filled in later.

    `parent` reads a record off the row where the value is one.
    """

    path: tuple[str, ...]
    cell: int | None
    field: Field | None = None
    parent: Readable | None = None


@dataclass(frozen=True, slots=True)
class Owner:
    """A record that a row holds, the query's own or a parent: its object, and the cell of its id.

    `objects` are the objects that it may be of instead, by the first characters of its id.
    """

    sobject: SObject
    id_cell: int
    objects: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """How one record is read off a row; `urls` are by the first characters of the id where they differ."""

    type: str
    url: str
    id_cell: int
    entries: "tuple[Entry, ...]"
    urls: Mapping[str, str] | None = None

    def record(self, row: sqlite3.Row) -> Record | None:
        """The record; None for a parent that does not exist."""
        record_id = row[self.id_cell]
        if record_id is None:
            return None
        url = self.url if self.urls is None else self.urls[record_id[:PREFIX]]
        record: Record = {"attributes": {"type": self.type, "url": f"{url}{record_id}"}}
        for name, cell, read, parent in self.entries:
            if parent is not None:
                record[name] = parent.record(row)
            elif cell is None:
                record[name] = None
            else:
                value = row[cell]
                record[name] = value if read is None or value is None else read(value)
        return record


@dataclass(frozen=True, slots=True)
class Variants:
    """How a record of one of several objects is read off a row: by the first characters of its id, or otherwise."""

    id_cell: int
    nodes: Mapping[str, Node]
    otherwise: Node | None

    def record(self, row: sqlite3.Row) -> Record | None:
        """The record; None for none, or for one of an object that was not asked for."""
        record_id = row[self.id_cell]
        node = None if record_id is None else self.nodes.get(record_id[:PREFIX], self.otherwise)
        return None if node is None else node.record(row)


PREFIX = 3
"""Characters of an id that tell its object."""

Entry: TypeAlias = tuple[str, int | None, Callable[[Any], Any] | None, Readable | None]
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
            entries.append((name, first.cell, read, first.parent))
    owner = owners[path]
    base = f"/services/data/v{version:.1f}/sobjects"
    urls = owner.objects and {prefix: f"{base}/{name}/" for prefix, name in owner.objects.items()}
    return Node(owner.sobject.name, f"{base}/{owner.sobject.name}/", owner.id_cell, tuple(entries), urls)
