"""What a query answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reconciler.simulator.schema import Field


@dataclass(frozen=True, slots=True)
class Column:
    """One selected column.

    `path` is in the schema's spelling; what a function gives has one name that is also its alias, and `function` is how
    it is written. `children` are the columns of a child relationship, whose path is its name, or of the records that
    TYPEOF tells apart.
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

    `COUNT()` has a size and no rows; `children` are the child relationships that were selected, `is_grouped` tells
    that the rows are groups of records.
    """

    entity: str
    columns: tuple[Column, ...]
    records: Sequence[Mapping[str, Any]]
    total_size: int
    is_count: bool = False
    is_grouped: bool = False
    children: tuple[str, ...] = ()
