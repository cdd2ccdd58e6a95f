"""Queries that count: `COUNT()`, and rows of groups."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reconciler.simulator.errors import ApiError
from reconciler.simulator.soql import tree
from reconciler.simulator.soql.condition import having_clause, where_clause
from reconciler.simulator.soql.functions import Clause
from reconciler.simulator.soql.grouping import Groups, groups_of
from reconciler.simulator.soql.refusal import malformed
from reconciler.simulator.soql.result import Column, QueryResult
from reconciler.simulator.soql.scope import Scope
from reconciler.simulator.soql.shape import json_value
from reconciler.simulator.soql.statement import key_of_order, rows_of, slice_of
from reconciler.simulator.store import Scalar


@dataclass(frozen=True, slots=True)
class _Selected:
    column: Column
    sql: str

    @property
    def name(self) -> str:
        return self.column.alias or self.column.path[-1]


@dataclass(frozen=True, slots=True)
class _Part:
    """The rows of one set of groups: their SQL without order, its parameters, what they select and are sorted by."""

    sql: str
    parameters: Sequence[Scalar]
    selected: tuple[_Selected, ...]
    order: tuple[str, ...]


def counted(scope: Scope, query: tree.Query) -> QueryResult:
    """The answer to `SELECT COUNT()`: how many rows there are."""
    if query.group or query.order:
        raise malformed("COUNT() takes neither GROUP BY nor ORDER BY")
    where, parameters = where_clause(scope, query.where, query.clauses)
    rows = f"SELECT 1 {scope.from_clause()} {where} {slice_of(query)}"
    [row] = rows_of(scope.request, f"SELECT count(*) FROM ({rows})", parameters)
    return QueryResult(scope.sobject.name, (), (), row[0], is_count=True)


def grouped(scope: Scope, query: tree.Query) -> QueryResult:
    """The answer to a query with GROUP BY or with aggregates: one AggregateResult for each group."""
    if not query.group and query.limit is not None:
        raise malformed("Non-grouped query that uses overall aggregate functions cannot also use LIMIT")
    parts = [_part(scope, query, groups) for groups in groups_of(scope, query)]
    rows = " UNION ALL ".join(part.sql for part in parts)
    order = f"ORDER BY {','.join(parts[0].order)}" if parts[0].order else ""
    parameters = [parameter for part in parts for parameter in part.parameters]
    selected = parts[0].selected
    records = [
        {"attributes": {"type": "AggregateResult"}}
        # A row has the cells that it is sorted by too.
        | {item.name: json_value(item.column.field, cell) for item, cell in zip(selected, row, strict=False)}
        for row in rows_of(scope.request, f"{rows} {order} {slice_of(query)}", parameters)
    ]
    columns = tuple(item.column for item in selected)
    return QueryResult(scope.sobject.name, columns, records, len(records), is_grouped=bool(query.group))


def _part(scope: Scope, query: tree.Query, groups: Groups) -> _Part:
    selected = tuple(_selected(query.items, groups))
    _refuse_same_names(selected)
    keys = [groups.find(ordering.key, Clause.ORDER_BY, "Ordered field") for ordering in query.order]
    sorted_by = [key.sql for key in keys]
    order = [
        key_of_order(f"o{number}{key.collation}", ordering)
        for number, (key, ordering) in enumerate(zip(keys, query.order, strict=True))
    ]
    if groups.has_totals:
        # Subtotals stand behind what they sum up, as the examples in the documentation show them.
        for group in groups.by:
            order.append(f"o{len(sorted_by)},o{len(sorted_by) + 1}{group.collation}")
            sorted_by += [str(int(groups.is_total(group))), "NULL" if groups.is_total(group) else group.sql]
    having, more = "", list[Scalar]()
    if query.having is not None:
        having, more = having_clause(scope, query.having, lambda operand: groups.find(operand, Clause.HAVING))
    where, parameters = where_clause(scope, query.where, query.clauses)
    cells = [item.sql for item in selected] + [f"{sql} AS o{number}" for number, sql in enumerate(sorted_by)]
    sql = f"SELECT {','.join(cells)} {scope.from_clause()} {where} {groups.clause()} {having}"
    return _Part(sql, [*parameters, *more], selected, tuple(order))


def _selected(items: Sequence[tree.Item], groups: Groups) -> Iterator[_Selected]:
    unnamed = 0
    for item in items:
        if not isinstance(item, tree.ColumnItem):
            raise malformed("a query with GROUP BY or aggregates selects neither COUNT() nor subqueries")
        found = groups.find(item.of, Clause.SELECT)
        if isinstance(item.of, tree.Path):
            # The rows are flat: a parent's field stands in them under its last name or its alias.
            name = item.alias or found.names[-1]
            yield _Selected(Column((name,), found.field, item.alias), found.sql)
        else:
            name = item.alias or f"expr{unnamed}"
            unnamed += item.alias is None
            written = f"{item.of.name.lower()}({', '.join(argument.text for argument in item.of.arguments)})"
            yield _Selected(Column((name,), found.field, name, is_aggregate=True, function=written), found.sql)


def _refuse_same_names(selected: Sequence[_Selected]) -> None:
    counts = Counter(item.name.lower() for item in selected)
    for item in selected:
        if counts[item.name.lower()] > 1:
            raise ApiError(400, "MALFORMED_QUERY", f"duplicate alias: {item.name}")
