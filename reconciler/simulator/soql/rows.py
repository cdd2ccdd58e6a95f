"""Records of one level of a query: what is selected of them, and the statement that reads them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from reconciler.simulator.schema import ChildRelationship, Field
from reconciler.simulator.soql import tree
from reconciler.simulator.soql.clauses import SHOWN
from reconciler.simulator.soql.condition import where_clause
from reconciler.simulator.soql.refusal import malformed, unknown_name
from reconciler.simulator.soql.result import Column
from reconciler.simulator.soql.scope import Found, Scope, is_aggregate
from reconciler.simulator.soql.selection import expanded
from reconciler.simulator.soql.shape import Leaf, Node, Owner, Record, node
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


def rows_at(scope: Scope, query: tree.Query, link: Link | None) -> Rows:
    """The records of one level; with a link, only children of its parents."""
    columns, leaves, selected = selection_of(scope, query)
    order = [order_key(scope, ordering) for ordering in query.order]
    where, parameters = where_clause(scope, query.where)
    parent = scope.find(tree.Path(link.field, 0)).sql if link else "NULL"
    if link:
        where, parameters = _within(parent, link, where, parameters)
    owners, ids = _owners(scope, len(selected))
    sql = (
        f"SELECT {','.join([*selected, *ids, parent])} {scope.from_clause()} {where} "
        f"ORDER BY {','.join([*order, f'{scope.alias}.Id'])} {slice_of(query)}"
    )
    rows = rows_of(scope.request, sql, parameters)
    shape: Node = node(leaves, owners, scope.request.version)
    records = [record for row in rows if (record := shape.record(row)) is not None]
    return Rows(columns, records, [row[len(selected)] for row in rows], [row[-1] for row in rows])


def selection_of(scope: Scope, query: tree.Query) -> tuple[tuple[Column, ...], list[Leaf], list[str]]:
    """The columns, where their values stand in a record, and their SQL; raises ApiError."""
    columns: list[Column] = []
    leaves: list[Leaf] = []
    selected: list[str] = []
    for item in query.items:
        if isinstance(item, tree.ColumnItem):
            found = _unaliased(scope, item)
            leaves.append(Leaf(found.names, len(selected), found.field))
            columns.append(Column(found.names, found.field))
            selected.append(found.sql)
        elif isinstance(item, tree.TypeofItem):
            name = str(typed_link(scope, item).relationship_name)
            leaves.append(Leaf((name,), None))
            columns.append(Column((name,), None))
        elif isinstance(item, tree.ChildrenItem):
            relationship = relationship_of(scope, item.query.sobject)
            leaves.append(Leaf((relationship.name,), None))
            columns.append(Column((relationship.name,), None, children=_child_columns(scope, relationship, item.query)))
    return tuple(columns), leaves, selected


def typed_link(scope: Scope, item: tree.TypeofItem) -> Field:
    """The reference that TYPEOF asks about; raises INVALID_FIELD."""
    link = scope.sobject.relationship(item.path.text)
    if link is None or len(link.reference_to) < 2:
        message = "Field 'TYPEOF' must be a polymorphic relationship field"
        raise scope.request.refused(item.path, "INVALID_FIELD", message)
    known = {name.lower() for name in link.reference_to}
    for name, _ in item.whens:
        if name.text.lower() not in known:
            message = f"{item.path.text} does not lead to {name.text}"
            raise scope.request.refused(name, "INVALID_FIELD", message)
    return link


def _child_columns(scope: Scope, relationship: ChildRelationship, query: tree.Query) -> tuple[Column, ...]:
    inner = Scope(scope.request, scope.request.org.schema.objects[relationship.child_object.lower()])
    return selection_of(inner, replace(query, items=expanded(inner, query)))[0]


def _unaliased(scope: Scope, item: tree.ColumnItem) -> Found:
    """A field of a record, under its own name or, formatted or translated, under an alias."""
    shown = set(item.path.functions)
    if shown - SHOWN:
        raise malformed(f"the function {min(shown - SHOWN)} needs GROUP BY")
    if item.alias is not None and not shown:
        raise malformed("only aggregate expressions use field aliasing")
    found = scope.find(item.path)
    return replace(found, names=(*found.names[:-1], item.alias)) if item.alias else found


def _owners(scope: Scope, first_cell: int) -> tuple[dict[tuple[str, ...], Owner], list[str]]:
    """The records in a row by their paths, and the SQL of their ids, which follow the selected cells."""
    owners: dict[tuple[str, ...], Owner] = {(): Owner(scope.sobject, first_cell)}
    ids = [f"{scope.alias}.Id"]
    for path, parent in scope.parents.items():
        owners[path] = Owner(parent.sobject, first_cell + len(ids))
        ids.append(parent.id)
    return owners, ids


def order_key(scope: Scope, ordering: tree.Ordering) -> str:
    """One key of ORDER BY among records; raises ApiError."""
    if is_aggregate(ordering.key):
        raise malformed("only a query with GROUP BY can be sorted by an aggregate")
    return key_of_order(scope.find_sortable(ordering.key).compared, ordering)


def _within(parent: str, link: Link, where: str, parameters: list[Scalar]) -> tuple[str, list[Scalar]]:
    inside = f"{parent} IN (SELECT value FROM json_each(?))"
    return f"{where} AND {inside}" if where else f"WHERE {inside}", [*parameters, json.dumps(link.parent_ids)]


def relationship_of(scope: Scope, name: tree.Path) -> ChildRelationship:
    """The child relationship of that name; raises INVALID_TYPE."""
    prefix, _, last = name.text.rpartition(".")
    is_own = not prefix or prefix.lower() == scope.sobject.name.lower()
    for relationship in scope.sobject.children:
        if is_own and relationship.name.lower() == last.lower():
            return relationship
    message = f"Didn't understand relationship '{name.text}' in FROM part of query call."
    raise scope.request.refused(name, "INVALID_TYPE", unknown_name("relationship", message))
