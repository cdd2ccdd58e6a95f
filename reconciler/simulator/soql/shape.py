"""Rows -> records as the REST API shows them: attributes, nested parents, null for a parent that is not there."""

import sqlite3
from dataclasses import dataclass
from typing import Any

from reconciler.simulator.schema import Field, FieldType, SObject
from reconciler.simulator.store import Scalar


@dataclass(frozen=True, slots=True)
class Column:
    """One selected column: its path as asked, its field; an aggregate has an alias and maybe no field."""

    path: tuple[str, ...]
    field: Field | None
    alias: str | None = None
    is_aggregate: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """Turns a row into a record: columns first, then the ids of the record and of its parents."""

    sobject: SObject
    columns: tuple[Column, ...]
    parents: tuple[tuple[tuple[str, ...], SObject], ...]
    version: float

    def record(self, row: sqlite3.Row) -> dict[str, Any]:
        """One row as a record."""
        width = len(self.columns)
        record = self._attributes(self.sobject, row[width])
        by_path: dict[tuple[str, ...], dict[str, Any] | None] = {(): record}
        for (path, parent), parent_id in zip(self.parents, row[width + 1 :], strict=True):
            by_path[path] = self._attributes(parent, parent_id) if parent_id is not None else None
        for column, cell in zip(self.columns, row, strict=False):
            self._place(by_path, column, cell)
        return record

    def _place(self, by_path: dict[tuple[str, ...], dict[str, Any] | None], column: Column, cell: Scalar) -> None:
        path: tuple[str, ...] = ()
        for name in column.path[:-1]:
            holder, path = by_path[path], (*path, name.lower())
            if holder is None:
                return
            holder.setdefault(name, by_path[path])
        holder = by_path[path]
        if holder is not None:
            holder[column.path[-1]] = json_value(column.field, cell)

    def _attributes(self, sobject: SObject, record_id: str) -> dict[str, Any]:
        url = f"/services/data/v{self.version:.1f}/sobjects/{sobject.name}/{record_id}"
        return {"attributes": {"type": sobject.name, "url": url}}


def json_value(field: Field | None, cell: Scalar) -> Scalar:
    """A stored value as JSON has it."""
    return bool(cell) if field and field.type is FieldType.BOOLEAN and cell is not None else cell
