"""Queries that select children: one more statement for each child relationship, at each level."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from reconciler.simulator.schema import ChildRelationship
from reconciler.simulator.soql import tree
from reconciler.simulator.soql.modes import check_clauses
from reconciler.simulator.soql.refusal import malformed
from reconciler.simulator.soql.relationships import relationship, subqueries
from reconciler.simulator.soql.result import Column
from reconciler.simulator.soql.rows import Link, Rows, rows
from reconciler.simulator.soql.scope import Scope
from reconciler.simulator.soql.selection import expanded
from reconciler.simulator.soql.shape import Record
from reconciler.simulator.soql.statement import slice_of


def with_children(scope: Scope, query: tree.Query) -> Rows:
    """The records of a query with those of its subqueries inside; raises ApiError."""
    return _filled(scope, query, rows(scope, query, None))


def _filled(scope: Scope, query: tree.Query, parents: Rows) -> Rows:
    """The same records with children filled in."""
    found = [(relationship(scope, subquery.sobject), subquery) for subquery in subqueries(query)]
    if len({item.name for item, _ in found}) < len(found):
        raise malformed("a child relationship can be selected only once")
    columns = {item.name: _add(scope, item, subquery, parents) for item, subquery in found}
    return replace(parents, columns=tuple(_with_columns(column, columns) for column in parents.columns))


def _with_columns(column: Column, below: Mapping[str, tuple[Column, ...]]) -> Column:
    is_relationship = len(column.path) == 1 and column.is_aggregate
    return replace(column, children=below[column.path[0]]) if is_relationship else column


def _add(scope: Scope, item: ChildRelationship, query: tree.Query, parents: Rows) -> tuple[Column, ...]:
    """Fill in one child relationship, and tell its columns; LIMIT and OFFSET of its subquery hold for each parent."""
    request = scope.request
    slice_of(query)
    check_clauses(request, query, is_root=False)
    child = request.org.schema.objects[item.child_object.lower()]
    inner = Scope(request, child).named(query.sobject, query.aliases)
    whole = replace(query, items=expanded(inner, query), limit=None, offset=None)
    children = _cut(rows(inner, whole, Link(item.field, parents.ids)), query)
    children = _filled(inner, whole, children)
    found = defaultdict[str, list[Record]](list)
    for record, parent_id in zip(children.records, children.parent_ids, strict=True):
        found[parent_id].append(record)
    for record, record_id in zip(parents.records, parents.ids, strict=True):
        below = found[record_id]
        record[item.name] = {"totalSize": len(below), "done": True, "records": below} if below else None
    return children.columns


def _cut(children: Rows, query: tree.Query) -> Rows:
    """The children that LIMIT and OFFSET leave to each parent."""
    if query.limit is None and query.offset is None:
        return children
    first = query.offset or 0
    places: dict[str, int] = {}
    kept = []
    for index, parent_id in enumerate(children.parent_ids):
        place = places[parent_id] = places.get(parent_id, -1) + 1
        if place >= first and (query.limit is None or place < first + query.limit):
            kept.append(index)
    chosen = [[part[index] for index in kept] for part in (children.ids, children.parent_ids)]
    return Rows(children.columns, [children.records[index] for index in kept], chosen[0], chosen[1])
