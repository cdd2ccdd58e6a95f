"""What a query answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reconciler.simulator.schema import Field


@dataclass(frozen=True, slots=True)
class Column:
    """One selected column.

    `path` is in the schema's spelling; a group's value has one name, that of its row. `function` is how one that stands
    in a function is written; `children` are the columns of a child relationship.
    """

    path: tuple[str, ...]
    field: Field | None
    alias: str | None = None
    is_aggregate: bool = False
    function: str | None = None
    children: "tuple[Column, ...]" = ()


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The rows of a query as the REST API shows them.

    `COUNT()` has a size and no rows; `children` are the child relationships that were selected.
    """

    entity: str
    columns: tuple[Column, ...]
    records: Sequence[Mapping[str, Any]]
    total_size: int
    is_count: bool = False
    children: tuple[str, ...] = ()
