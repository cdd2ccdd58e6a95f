"""The records of one level of a query: its own, or the children of some parents."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from reconciler.simulator.soql import tree
from reconciler.simulator.soql.condition import where_clause
from reconciler.simulator.soql.functions import Clause, look_up
from reconciler.simulator.soql.refusal import malformed
from reconciler.simulator.soql.result import Column
from reconciler.simulator.soql.scope import Scope
from reconciler.simulator.soql.selection import selection_of
from reconciler.simulator.soql.shape import Record
from reconciler.simulator.soql.statement import key_of_order, rows_of, slice_of
from reconciler.simulator.store import Scalar


@dataclass(frozen=True, slots=True)
class Link:
    """The reference of children to the parents that are asked for."""

    field: str
    parent_ids: Sequence[str]


@dataclass(frozen=True, slots=True)
class Rows:
    """Records, and beside each its own id and that of the parent it was asked through."""

    columns: tuple[Column, ...]
    records: list[Record]
    ids: list[str]
    parent_ids: list[str]


def rows(scope: Scope, query: tree.Query, link: Link | None) -> Rows:
    """The records of one level; with a link, only children of its parents. Raises ApiError."""
    selection = selection_of(scope, query.items)
    node = selection.node()
    order = [order_key(scope, ordering) for ordering in query.order]
    where, parameters = where_clause(scope, query.where, query.clauses)
    parent = scope.find(tree.Path(link.field, 0)).sql if link else "NULL"
    if link:
        where, parameters = _within(parent, link, where, parameters)
    sql = (
        f"SELECT {','.join([*selection.cells, parent])} {scope.from_clause()} {where} "
        f"ORDER BY {','.join([*order, f'{scope.alias}.Id'])} {slice_of(query)}"
    )
    found = rows_of(scope.request, sql, parameters)
    records = [record for row in found if (record := node.record(row)) is not None]
    columns = tuple(selection.columns)
    return Rows(columns, records, [row[node.id_cell] for row in found], [row[-1] for row in found])


def order_key(scope: Scope, ordering: tree.Ordering) -> str:
    """A key of ORDER BY in a query of records."""
    if isinstance(ordering.key, tree.Call):
        raise malformed("only a query with GROUP BY can be sorted by an aggregate")
    return key_of_order(look_up(scope, ordering.key, Clause.ORDER_BY).compared, ordering)


def _within(parent: str, link: Link, where: str, parameters: list[Scalar]) -> tuple[str, list[Scalar]]:
    inside = f"{parent} IN (SELECT value FROM json_each(?))"
    return f"{where} AND {inside}" if where else f"WHERE {inside}", [*parameters, json.dumps(link.parent_ids)]
