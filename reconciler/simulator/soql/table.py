"""Queries as tables of text, as Bulk writes them, and what Bulk does not answer.

Source: https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/query_create_job.htm
"""

from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.simulator.errors import ApiError
from reconciler.simulator.messages import OWN_WORDS
from reconciler.simulator.org import Org
from reconciler.simulator.schema import FieldType
from reconciler.simulator.soql import tree
from reconciler.simulator.soql.condition import where_clause
from reconciler.simulator.soql.parse import parse
from reconciler.simulator.soql.relationships import is_grouping, subqueries
from reconciler.simulator.soql.result import Column
from reconciler.simulator.soql.rows import order_key
from reconciler.simulator.soql.run import read_query
from reconciler.simulator.soql.selection import UNBOUNDED, selection_of
from reconciler.simulator.soql.statement import blocks_of, slice_of
from reconciler.simulator.store import Scalar


@dataclass(frozen=True, slots=True)
class Table:
    """The answer to a query of one object as a table of text: booleans are words, null is None.

    `blocks` gives the rows some at a time, as they are now.
    """

    entity: str
    columns: tuple[Column, ...]
    blocks: Iterator[list[tuple[Scalar, ...]]]


def check_bulk_query(text: str) -> None:
    """Refuse what no bulk job answers; raises ApiError."""
    query = parse(text)
    if is_grouping(query) or query.offset is not None or any(subqueries(query)):
        # Inferred code; Bulk API 1.0 answers so: "FeatureNotEnabled : Aggregate Relationships not supported ...".
        message = "Aggregate Relationships not supported in Bulk V2 Query with CSV content type"
        raise ApiError(400, "FEATURENOTENABLED", message)
    if any(isinstance(item, tree.TypeofItem) for item in query.items):
        raise ApiError(400, "FEATURENOTENABLED", "TYPEOF is not supported in Bulk Query" + OWN_WORDS)
    names = {item.name.text.upper() for item in query.items if isinstance(item, tree.FieldsItem)}
    if names & {"ALL", "CUSTOM"}:
        raise ApiError(400, "MALFORMED_QUERY", UNBOUNDED)


def run_as_table(org: Org, text: str, size: int, *, all_rows: bool = False, version: float = 66.0) -> Table:
    """Run one query that Bulk answers, `size` rows at a time; raises ApiError."""
    check_bulk_query(text)
    query, scope = read_query(org, text, all_rows=all_rows, version=version)
    selection = selection_of(scope, query.items)
    columns = tuple(selection.columns)
    if any(column.field is not None and column.field.type is FieldType.ADDRESS for column in columns):
        raise ApiError(400, "FUNCTIONALITY_NOT_ENABLED", "Selecting compound data not supported in Bulk Query")
    shown = [_as_text(column, sql) for column, sql in zip(columns, selection.cells, strict=True)]
    order = [order_key(scope, ordering) for ordering in query.order]
    where, parameters = where_clause(scope, query.where, query.clauses)
    sql = (
        f"SELECT {','.join(shown)} {scope.from_clause()} {where} "
        f"ORDER BY {','.join([*order, f'{scope.alias}.Id'])} {slice_of(query)}"
    )
    return Table(scope.sobject.name, columns, blocks_of(scope.request, sql, parameters, size))


def _as_text(column: Column, sql: str) -> str:
    is_boolean = column.field is not None and column.field.type is FieldType.BOOLEAN
    return f"CASE {sql} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END" if is_boolean else sql
