"""Runs a query: SQL for its own rows, one more statement for each child relationship, JSON-ready records out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from reconciler.simulator.org import Org
from reconciler.simulator.soql import tree
from reconciler.simulator.soql.aggregate import counted, grouped
from reconciler.simulator.soql.binds import Binds, bound
from reconciler.simulator.soql.children import with_children
from reconciler.simulator.soql.condition import where_clause
from reconciler.simulator.soql.modes import check_clauses, sees_all_rows, touch
from reconciler.simulator.soql.parse import parse
from reconciler.simulator.soql.relationships import check_subqueries, is_grouping, relationship, subqueries
from reconciler.simulator.soql.result import QueryResult
from reconciler.simulator.soql.rows import Link, order_key, rows
from reconciler.simulator.soql.scope import Request, Scope
from reconciler.simulator.soql.selection import expanded
from reconciler.simulator.soql.shape import Record
from reconciler.simulator.soql.statement import rows_of, slice_of

ID_LENGTH = 18


def run_query(
    org: Org, text: str, *, all_rows: bool = False, version: float = 66.0, binds: Binds | None = None
) -> QueryResult:
    """Run one SOQL query; raises ApiError as Salesforce would.

    `binds` gives the values of the expressions behind colons, by their text; only Apex has them.
    """
    return _answer(*read_query(org, text, all_rows=all_rows, version=version, binds=binds))


@dataclass(frozen=True, slots=True)
class FirstPage:
    """The first records of a query, and the ids of all of them, one behind another, when there are more."""

    result: QueryResult
    ids: str | None = None


def run_first_page(org: Org, text: str, size: int, *, all_rows: bool = False, version: float = 66.0) -> FirstPage:
    """Run one query as far as its first page; one that selects children is run whole.

    Raises ApiError, as for groups that fill more than a page.
    """
    query, scope = read_query(org, text, all_rows=all_rows, version=version)
    if is_grouping(query) or any(subqueries(query)):
        return FirstPage(_answer(query, scope))
    most = size + 1 if query.limit is None else min(query.limit, size + 1)
    found = rows(scope, replace(query, limit=most), None)
    total, ids = len(found.records), ""
    if total > size:
        ids = _ids(scope, query)
        total = len(ids) // ID_LENGTH
    touch(scope, query.clauses, found.ids[:size])
    result = QueryResult(scope.sobject.name, found.columns, found.records[:size], total)
    return FirstPage(result, ids if total > size else None)


def run_for_ids(
    org: Org, text: str, ids: Sequence[str], *, all_rows: bool = False, version: float = 66.0
) -> Sequence[Record]:
    """The records of a query with these ids, as they are by now; whatever was deleted meanwhile is left out."""
    query, scope = read_query(org, text, all_rows=all_rows, version=version)
    touch(scope, query.clauses, ids)
    return rows(scope, replace(query, where=None, limit=None, offset=None), Link("Id", ids)).records


def read_query(
    org: Org, text: str, *, all_rows: bool = False, version: float = 66.0, binds: Binds | None = None
) -> tuple[tree.Query, Scope]:
    """A query whose columns are spelled out, and what its names mean; raises ApiError."""
    query = bound(parse(text), text, binds)
    request = Request(org, text, version, all_rows or sees_all_rows(query), is_apex=binds is not None)
    check_clauses(request, query)
    check_subqueries(query, version)
    scope = Scope(request, request.sobject(query.sobject)).named(query.sobject, query.aliases)
    return replace(query, items=expanded(scope, query)), scope


def _answer(query: tree.Query, scope: Scope) -> QueryResult:
    if query.items == (tree.CountRows(),):
        return counted(scope, query)
    if is_grouping(query):
        return grouped(scope, query)
    found = with_children(scope, query)
    touch(scope, query.clauses, found.ids)
    names = tuple(relationship(scope, subquery.sobject).name for subquery in subqueries(query))
    return QueryResult(scope.sobject.name, found.columns, found.records, len(found.records), children=names)


def _ids(asked: Scope, query: tree.Query) -> str:
    """The ids of all rows in their order, as one text: for very many that is several times faster than a row each."""
    # A scope of its own joins those parents only that choose or order the rows, so that an index alone may answer.
    scope = Scope(asked.request, asked.sobject, aliases=asked.aliases)
    order = [order_key(scope, ordering) for ordering in query.order]
    where, parameters = where_clause(scope, query.where, query.clauses)
    own = f"{scope.alias}.Id"
    found = f"SELECT {own} AS id {scope.from_clause()} {where} ORDER BY {','.join([*order, own])} {slice_of(query)}"
    [[ids]] = rows_of(scope.request, f"SELECT group_concat(id, '') FROM ({found})", parameters)
    return str(ids)
