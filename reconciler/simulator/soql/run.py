"""Runs a query: SQL for its own rows, one more statement for each child relationship, JSON-ready records out."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from reconciler.simulator.errors import ApiError
from reconciler.simulator.org import Org
from reconciler.simulator.schema import ChildRelationship, FieldType
from reconciler.simulator.soql import tree
from reconciler.simulator.soql.aggregate import counted, grouped, is_grouped
from reconciler.simulator.soql.binds import Binds, bound
from reconciler.simulator.soql.clauses import SHOWN, opened
from reconciler.simulator.soql.condition import where_clause
from reconciler.simulator.soql.parse import parse
from reconciler.simulator.soql.refusal import malformed, unknown_name
from reconciler.simulator.soql.result import Column, QueryResult
from reconciler.simulator.soql.scope import Found, Request, Scope, is_aggregate
from reconciler.simulator.soql.selection import expanded
from reconciler.simulator.soql.shape import Leaf, Node, Owner, Record, node
from reconciler.simulator.soql.statement import blocks_of, key_of_order, rows_of, slice_of
from reconciler.simulator.store import Scalar

ID_LENGTH = 18

_MOST_SUBQUERIES = 20
"""Child relationships of one query.

Source: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_relationships_query_limits.htm
"""


@dataclass(frozen=True, slots=True)
class _Link:
    """The reference of children to the parents that are asked for."""

    field: str
    parent_ids: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Rows:
    """Records, and beside each its own id and that of the parent it was asked through."""

    columns: tuple[Column, ...]
    records: list[Record]
    ids: list[str]
    parent_ids: list[str]


def run_query(
    org: Org, text: str, *, all_rows: bool = False, version: float = 66.0, binds: Binds | None = None
) -> QueryResult:
    """Run one SOQL query; raises ApiError as Salesforce would. Only Apex has `binds`."""
    query, scope = _read(org, text, all_rows=all_rows, version=version, binds=binds)
    if query.items == (tree.CountItem(),):
        return counted(scope, query)
    if is_grouped(query):
        return grouped(scope, query)
    return _with_children(scope, query)


@dataclass(frozen=True, slots=True)
class FirstPage:
    """The first records of a query, and the ids of all of them, one behind another, when there are more."""

    result: QueryResult
    ids: str | None = None


def run_first_page(org: Org, text: str, size: int, *, all_rows: bool = False, version: float = 66.0) -> FirstPage:
    """Run one query as far as its first page; one that groups or selects children is run whole. Raises ApiError."""
    query, scope = _read(org, text, all_rows=all_rows, version=version)
    if is_grouped(query) or any(isinstance(item, tree.ChildrenItem) for item in query.items):
        return FirstPage(run_query(org, text, all_rows=all_rows, version=version))
    most = size + 1 if query.limit is None else min(query.limit, size + 1)
    rows = _rows(scope, replace(query, limit=most), None)
    total, ids = len(rows.records), ""
    if total > size:
        ids = _ids(scope, query)
        total = len(ids) // ID_LENGTH
    result = QueryResult(scope.sobject.name, rows.columns, rows.records[:size], total)
    return FirstPage(result, ids if total > size else None)


def run_for_ids(
    org: Org, text: str, ids: Sequence[str], *, all_rows: bool = False, version: float = 66.0
) -> Sequence[Record]:
    """The records of a query with these ids, as they are by now; whatever was deleted meanwhile is left out."""
    query, scope = _read(org, text, all_rows=all_rows, version=version)
    return _rows(scope, replace(query, where=None, limit=None, offset=None), _Link("Id", ids)).records


def _ids(asked: Scope, query: tree.Query) -> str:
    """The ids of all rows in their order, as one text: for very many that is several times faster than a row each."""
    # A scope of its own joins those parents only that choose or order the rows, so that an index alone may answer.
    scope = Scope(asked.request, asked.sobject)
    order = [_order_key(scope, ordering) for ordering in query.order]
    where, parameters = where_clause(scope, query.where)
    own = f"{scope.alias}.Id"
    rows = f"SELECT {own} AS id {scope.from_clause()} {where} ORDER BY {','.join([*order, own])} {slice_of(query)}"
    [[found]] = rows_of(scope.request, f"SELECT group_concat(id, '') FROM ({rows})", parameters)
    return str(found)


def _read(
    org: Org, text: str, *, all_rows: bool, version: float, binds: Binds | None = None
) -> tuple[tree.Query, Scope]:
    """A query whose columns are spelled out, and what its names mean."""
    text = bound(text, binds) if binds else text
    query = parse(text)
    is_script = binds is not None
    sees_all = all_rows or (is_script and "ALL ROWS" in query.options)
    request = Request(org, text, version, sees_all, is_bound=is_script)
    scope = opened(request, query)
    return replace(query, items=expanded(scope, query)), scope


@dataclass(frozen=True, slots=True)
class Table:
    """The answer to a query of one object as a table of text: booleans are words, null is None.

    `blocks` gives the rows some at a time, as they are now.
    """

    entity: str
    columns: tuple[Column, ...]
    blocks: Iterator[list[tuple[Scalar, ...]]]


def run_as_table(org: Org, text: str, size: int, *, all_rows: bool = False, version: float = 66.0) -> Table:
    """Run one query that neither counts nor selects children, `size` rows at a time; raises ApiError."""
    query, scope = _read(org, text, all_rows=all_rows, version=version)
    columns, _, selected = _selection(scope, query)
    if any(column.field is not None and column.field.type is FieldType.ADDRESS for column in columns):
        raise ApiError(400, "FUNCTIONALITY_NOT_ENABLED", "Selecting compound data not supported in Bulk Query")
    shown = [_as_text(column, sql) for column, sql in zip(columns, selected, strict=True)]
    order = [_order_key(scope, ordering) for ordering in query.order]
    where, parameters = where_clause(scope, query.where)
    sql = (
        f"SELECT {','.join(shown)} {scope.from_clause()} {where} "
        f"ORDER BY {','.join([*order, f'{scope.alias}.Id'])} {slice_of(query)}"
    )
    return Table(scope.sobject.name, columns, blocks_of(scope.request, sql, parameters, size))


def _as_text(column: Column, sql: str) -> str:
    is_boolean = column.field is not None and column.field.type is FieldType.BOOLEAN
    return f"CASE {sql} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END" if is_boolean else sql


def _with_children(scope: Scope, query: tree.Query) -> QueryResult:
    subqueries = [item.query for item in query.items if isinstance(item, tree.ChildrenItem)]
    relationships = [_relationship(scope, subquery.sobject) for subquery in subqueries]
    if len(subqueries) > _MOST_SUBQUERIES:
        raise malformed(f"No more than {_MOST_SUBQUERIES} parent-to-child relationships can be specified in a query")
    if len(set(relationships)) < len(relationships):
        raise malformed("a child relationship can be selected only once")
    rows = _rows(scope, query, None)
    for subquery, relationship in zip(subqueries, relationships, strict=True):
        _add_children(scope, relationship, _checked(query, subquery), rows)
    names = tuple(relationship.name for relationship in relationships)
    return QueryResult(scope.sobject.name, rows.columns, rows.records, len(rows.records), children=names)


def _rows(scope: Scope, query: tree.Query, link: _Link | None) -> _Rows:
    """The records of one level; with a link, only children of its parents."""
    columns, leaves, selected = _selection(scope, query)
    order = [_order_key(scope, ordering) for ordering in query.order]
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
    return _Rows(columns, records, [row[len(selected)] for row in rows], [row[-1] for row in rows])


def _selection(scope: Scope, query: tree.Query) -> tuple[tuple[Column, ...], list[Leaf], list[str]]:
    columns: list[Column] = []
    leaves: list[Leaf] = []
    selected: list[str] = []
    for item in query.items:
        if isinstance(item, tree.ColumnItem):
            found = _unaliased(scope, item)
            leaves.append(Leaf(found.names, len(selected), found.field))
            columns.append(Column(found.names, found.field))
            selected.append(found.sql)
        elif isinstance(item, tree.ChildrenItem):
            relationship = _relationship(scope, item.query.sobject)
            leaves.append(Leaf((relationship.name,), None))
            columns.append(Column((relationship.name,), None, children=_child_columns(scope, relationship, item.query)))
    return tuple(columns), leaves, selected


def _child_columns(scope: Scope, relationship: ChildRelationship, query: tree.Query) -> tuple[Column, ...]:
    inner = Scope(scope.request, scope.request.org.schema.objects[relationship.child_object.lower()])
    return _selection(inner, replace(query, items=expanded(inner, query)))[0]


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
        ids.append(f"{parent.alias}.Id")
    return owners, ids


def _order_key(scope: Scope, ordering: tree.Ordering) -> str:
    if is_aggregate(ordering.key):
        raise malformed("only a query with GROUP BY can be sorted by an aggregate")
    return key_of_order(scope.find_sortable(ordering.key).compared, ordering)


def _within(parent: str, link: _Link, where: str, parameters: list[Scalar]) -> tuple[str, list[Scalar]]:
    inside = f"{parent} IN (SELECT value FROM json_each(?))"
    return f"{where} AND {inside}" if where else f"WHERE {inside}", [*parameters, json.dumps(link.parent_ids)]


def _add_children(scope: Scope, relationship: ChildRelationship, query: tree.Query, parents: _Rows) -> None:
    """Fill in one child relationship; LIMIT and OFFSET of its subquery hold for each parent."""
    request = scope.request
    child = request.org.schema.objects[relationship.child_object.lower()]
    inner = Scope(request, child)
    whole = replace(query, items=expanded(inner, query), limit=None, offset=None)
    found: dict[str, list[Record]] = {}
    rows = _rows(inner, whole, _Link(relationship.field, parents.ids))
    for record, parent_id in zip(rows.records, rows.parent_ids, strict=True):
        found.setdefault(parent_id, []).append(record)
    first = query.offset or 0
    last = None if query.limit is None else first + query.limit
    for record, record_id in zip(parents.records, parents.ids, strict=True):
        children = found.get(record_id, [])[first:last]
        answer = {"totalSize": len(children), "done": True, "records": children}
        record[relationship.name] = answer if children else None


def _checked(parent: tree.Query, subquery: tree.Query) -> tree.Query:
    """A subquery that this org can answer."""
    if is_grouped(subquery):
        raise malformed("only root queries support aggregate expressions")
    if any(isinstance(item, tree.ChildrenItem) for item in subquery.items):
        raise malformed("a subquery inside a subquery is not supported")
    if subquery.offset is not None and parent.limit != 1:
        raise malformed("OFFSET in a subquery needs LIMIT 1 in the query around it")
    slice_of(subquery)
    return subquery


def _relationship(scope: Scope, name: tree.Path) -> ChildRelationship:
    prefix, _, last = name.text.rpartition(".")
    is_own = not prefix or prefix.lower() == scope.sobject.name.lower()
    for relationship in scope.sobject.children:
        if is_own and relationship.name.lower() == last.lower():
            return relationship
    message = f"Didn't understand relationship '{name.text}' in FROM part of query call."
    raise scope.request.refused(name, "INVALID_TYPE", unknown_name("relationship", message))
