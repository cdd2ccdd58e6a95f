"""Runs a query: SQL for its own rows, one more statement for each child relationship, JSON-ready records out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from reconciler.simulator.errors import ApiError
from reconciler.simulator.org import Org
from reconciler.simulator.schema import FieldType
from reconciler.simulator.soql import tree
from reconciler.simulator.soql.aggregate import counted, grouped, is_grouped
from reconciler.simulator.soql.binds import Binds, bound
from reconciler.simulator.soql.clauses import opened
from reconciler.simulator.soql.condition import where_clause
from reconciler.simulator.soql.nested import with_children
from reconciler.simulator.soql.parse import parse
from reconciler.simulator.soql.result import Column, QueryResult
from reconciler.simulator.soql.rows import Link, order_key, rows_at, selection_of
from reconciler.simulator.soql.scope import Request, Scope
from reconciler.simulator.soql.selection import expanded
from reconciler.simulator.soql.shape import Record
from reconciler.simulator.soql.statement import blocks_of, rows_of, slice_of
from reconciler.simulator.store import Scalar

ID_LENGTH = 18


def run_query(
    org: Org, text: str, *, all_rows: bool = False, version: float = 66.0, binds: Binds | None = None
) -> QueryResult:
    """Run one SOQL query; raises ApiError as Salesforce would. Only Apex has `binds`."""
    query, scope = _read(org, text, all_rows=all_rows, version=version, binds=binds)
    if query.items == (tree.CountItem(),):
        return counted(scope, query)
    if is_grouped(query):
        return grouped(scope, query)
    return with_children(scope, query)


@dataclass(frozen=True, slots=True)
class FirstPage:
    """The first records of a query, and the ids of all of them, one behind another, when there are more."""

    result: QueryResult
    ids: str | None = None


def run_first_page(org: Org, text: str, size: int, *, all_rows: bool = False, version: float = 66.0) -> FirstPage:
    """Run one query as far as its first page; one that groups or selects children is run whole. Raises ApiError."""
    query, scope = _read(org, text, all_rows=all_rows, version=version)
    if is_grouped(query) or any(isinstance(item, tree.ChildrenItem | tree.TypeofItem) for item in query.items):
        return FirstPage(run_query(org, text, all_rows=all_rows, version=version))
    most = size + 1 if query.limit is None else min(query.limit, size + 1)
    rows = rows_at(scope, replace(query, limit=most), None)
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
    return rows_at(scope, replace(query, where=None, limit=None, offset=None), Link("Id", ids)).records


def _ids(asked: Scope, query: tree.Query) -> str:
    """The ids of all rows in their order, as one text: for very many that is several times faster than a row each."""
    # A scope of its own joins those parents only that choose or order the rows, so that an index alone may answer.
    scope = Scope(asked.request, asked.sobject)
    order = [order_key(scope, ordering) for ordering in query.order]
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
    columns, _, selected = selection_of(scope, query)
    if any(column.field is not None and column.field.type is FieldType.ADDRESS for column in columns):
        raise ApiError(400, "FUNCTIONALITY_NOT_ENABLED", "Selecting compound data not supported in Bulk Query")
    shown = [_as_text(column, sql) for column, sql in zip(columns, selected, strict=True)]
    order = [order_key(scope, ordering) for ordering in query.order]
    where, parameters = where_clause(scope, query.where)
    sql = (
        f"SELECT {','.join(shown)} {scope.from_clause()} {where} "
        f"ORDER BY {','.join([*order, f'{scope.alias}.Id'])} {slice_of(query)}"
    )
    return Table(scope.sobject.name, columns, blocks_of(scope.request, sql, parameters, size))


def _as_text(column: Column, sql: str) -> str:
    is_boolean = column.field is not None and column.field.type is FieldType.BOOLEAN
    return f"CASE {sql} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END" if is_boolean else sql
