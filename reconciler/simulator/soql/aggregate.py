"""Queries that count: `COUNT()`, and rows of groups."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reconciler.simulator.errors import ApiError
from reconciler.simulator.soql import tree
from reconciler.simulator.soql.condition import where_clause
from reconciler.simulator.soql.refusal import malformed
from reconciler.simulator.soql.result import Column, QueryResult
from reconciler.simulator.soql.scope import Found, Scope
from reconciler.simulator.soql.shape import json_value
from reconciler.simulator.soql.statement import key_of_order, rows_of, slice_of


@dataclass(frozen=True, slots=True)
class _Selected:
    column: Column
    sql: str

    @property
    def name(self) -> str:
        return self.column.alias or self.column.path[-1]


def is_aggregate(query: tree.Query) -> bool:
    """Whether the query answers with groups rather than with records."""
    return bool(query.group) or any(isinstance(item, tree.CountItem) for item in query.items)


def counted(scope: Scope, query: tree.Query) -> QueryResult:
    """The answer to `SELECT COUNT()`: how many rows there are."""
    if query.group or query.order:
        raise malformed("COUNT() takes neither GROUP BY nor ORDER BY")
    where, parameters = where_clause(scope, query.where)
    rows = f"SELECT 1 {scope.from_clause()} {where} {slice_of(query)}"
    [row] = rows_of(scope.request, f"SELECT count(*) FROM ({rows})", parameters)
    return QueryResult(scope.sobject.name, (), (), row[0], is_count=True)


def grouped(scope: Scope, query: tree.Query) -> QueryResult:
    """The answer to a query with GROUP BY or with `COUNT(field)`: one AggregateResult for each group."""
    if not query.group and query.limit is not None:
        raise malformed("Non-grouped query that uses overall aggregate functions cannot also use LIMIT")
    groups = [scope.find_groupable(path) for path in query.group]
    selected = tuple(_selected(scope, query.items, groups))
    _refuse_same_names(selected)
    order = [key_of_order(_order_key(scope, ordering, groups), ordering) for ordering in query.order]
    where, parameters = where_clause(scope, query.where)
    sql = " ".join(
        [
            f"SELECT {','.join(item.sql for item in selected)} {scope.from_clause()} {where}",
            f"GROUP BY {','.join(group.compared for group in groups)}" if groups else "",
            f"ORDER BY {','.join(order)}" if order else "",
            slice_of(query),
        ]
    )
    records = [
        {"attributes": {"type": "AggregateResult"}}
        | {item.name: json_value(item.column.field, cell) for item, cell in zip(selected, row, strict=True)}
        for row in rows_of(scope.request, sql, parameters)
    ]
    return QueryResult(scope.sobject.name, tuple(item.column for item in selected), records, len(records))


def _selected(scope: Scope, items: Sequence[tree.Item], groups: Sequence[Found]) -> Iterator[_Selected]:
    unnamed = 0
    for item in items:
        if isinstance(item, tree.CountItem) and item.path is not None:
            name = item.alias or f"expr{unnamed}"
            unnamed += item.alias is None
            yield _Selected(Column((name,), None, name, is_aggregate=True), f"count({scope.find(item.path).sql})")
        elif isinstance(item, tree.ColumnItem):
            found = scope.find(item.path)
            _refuse_ungrouped(scope, found, groups, "Field")
            yield _Selected(Column(found.names, found.field, item.alias), found.sql)
        else:
            raise malformed("a query with GROUP BY or aggregates selects neither COUNT() nor subqueries")


def _order_key(scope: Scope, ordering: tree.Ordering, groups: Sequence[Found]) -> str:
    if isinstance(ordering.key, tree.CountKey):
        return f"count({scope.find(ordering.key.path).sql})"
    found = scope.find_sortable(ordering.key)
    _refuse_ungrouped(scope, found, groups, "Ordered field")
    return found.compared


def _refuse_ungrouped(scope: Scope, found: Found, groups: Sequence[Found], what: str) -> None:
    if not any(found.names == group.names for group in groups):
        message = f"{what} must be grouped or aggregated: {found.path.text}"
        raise scope.request.refused(found.path, "MALFORMED_QUERY", message)


def _refuse_same_names(selected: Sequence[_Selected]) -> None:
    counts = Counter(item.name.lower() for item in selected)
    for item in selected:
        if counts[item.name.lower()] > 1:
            raise ApiError(400, "MALFORMED_QUERY", f"duplicate alias: {item.name}")
