"""Records inside records: children, and what TYPEOF asks of each object."""

import json
from dataclasses import replace

from reconciler.simulator.schema import ChildRelationship
from reconciler.simulator.soql import tree
from reconciler.simulator.soql.aggregate import is_grouped
from reconciler.simulator.soql.polymorphic import fields_for, targets_of
from reconciler.simulator.soql.refusal import malformed
from reconciler.simulator.soql.result import QueryResult
from reconciler.simulator.soql.rows import Link, Rows, relationship_of, rows_at, typed_link
from reconciler.simulator.soql.scope import Scope
from reconciler.simulator.soql.selection import expanded
from reconciler.simulator.soql.shape import Record  # noqa: TC001 - annotates a local variable
from reconciler.simulator.soql.statement import rows_of, slice_of
from reconciler.simulator.tables import expression

_MOST_SUBQUERIES = 20
"""Child relationships of one query.

Source: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_relationships_query_limits.htm
"""


def with_children(scope: Scope, query: tree.Query) -> QueryResult:
    """The answer to a query of records, those inside them filled in; raises ApiError."""
    subqueries = [item.query for item in query.items if isinstance(item, tree.ChildrenItem)]
    relationships = [relationship_of(scope, subquery.sobject) for subquery in subqueries]
    if len(subqueries) > _MOST_SUBQUERIES:
        raise malformed(f"No more than {_MOST_SUBQUERIES} parent-to-child relationships can be specified in a query")
    if len(set(relationships)) < len(relationships):
        raise malformed("a child relationship can be selected only once")
    rows = rows_at(scope, query, None)
    for subquery, relationship in zip(subqueries, relationships, strict=True):
        _add_children(scope, relationship, _checked(query, subquery), rows)
    for item in query.items:
        if isinstance(item, tree.TypeofItem):
            _add_typed(scope, item, rows)
    names = tuple(relationship.name for relationship in relationships)
    return QueryResult(scope.sobject.name, rows.columns, rows.records, len(rows.records), children=names)


def _add_typed(scope: Scope, item: tree.TypeofItem, rows: Rows) -> None:
    """Fill in one TYPEOF: what it asks of the object that each record's reference leads to."""
    link = typed_link(scope, item)
    request = scope.request
    own = Scope(request, scope.sobject)
    sql = f"SELECT t0.Id, {expression(link, 't0')} {own.from_clause()} WHERE t0.Id IN (SELECT value FROM json_each(?))"
    leads = {row[0]: row[1] for row in rows_of(request, sql, [json.dumps(rows.ids)])}
    found: dict[str, Record] = {}
    for target in targets_of(request.org.schema, link):
        paths = fields_for(item, target)
        wanted = [value for value in leads.values() if value and value.startswith(target.key_prefix)]
        if paths and wanted:
            columns = tuple(tree.ColumnItem(path) for path in paths)
            asked = tree.Query(columns, tree.Path(target.name, 0), None, (), (), None, None)
            typed = rows_at(Scope(request, target), asked, Link("Id", wanted))
            found |= dict(zip(typed.ids, typed.records, strict=True))
    for record, record_id in zip(rows.records, rows.ids, strict=True):
        record[str(link.relationship_name)] = found.get(str(leads.get(record_id)))


def _add_children(scope: Scope, relationship: ChildRelationship, query: tree.Query, parents: Rows) -> None:
    """Fill in one child relationship; LIMIT and OFFSET of its subquery hold for each parent."""
    request = scope.request
    child = request.org.schema.objects[relationship.child_object.lower()]
    inner = Scope(request, child)
    whole = replace(query, items=expanded(inner, query), limit=None, offset=None)
    found: dict[str, list[Record]] = {}
    rows = rows_at(inner, whole, Link(relationship.field, parents.ids))
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
