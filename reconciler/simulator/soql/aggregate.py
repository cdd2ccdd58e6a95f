"""Queries that count: `COUNT()`, and rows of groups, their subtotals too."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from reconciler.simulator.errors import ApiError
from reconciler.simulator.schema import Field, FieldType
from reconciler.simulator.soql import tree
from reconciler.simulator.soql.condition import having_clause, where_clause
from reconciler.simulator.soql.refusal import malformed
from reconciler.simulator.soql.result import Column, QueryResult
from reconciler.simulator.soql.scope import Found, Scope, is_aggregate
from reconciler.simulator.soql.shape import json_value
from reconciler.simulator.soql.statement import key_of_order, rows_of, slice_of
from reconciler.simulator.store import Scalar

_MOST_TOTALS = 3
"""Fields of a ROLLUP or a CUBE.

Source: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_groupby_rollup.htm
"""

_COUNT = Field("GROUPING", FieldType.INT, "GROUPING")


@dataclass(frozen=True, slots=True)
class _Selected:
    """A column, and its SQL among the rows of certain groups: a group that a subtotal leaves out is null."""

    column: Column
    name: str
    field: Field
    sql: Callable[[Sequence[Found]], str]


def is_grouped(query: tree.Query) -> bool:
    """Whether the query answers with groups rather than with records."""
    return bool(query.group) or any(
        isinstance(item, tree.CountItem | tree.GroupingItem)
        or (isinstance(item, tree.ColumnItem) and is_aggregate(item.path))
        for item in query.items
    )


def counted(scope: Scope, query: tree.Query) -> QueryResult:
    """The answer to `SELECT COUNT()`: how many rows there are."""
    if query.group or query.order:
        raise malformed("COUNT() takes neither GROUP BY nor ORDER BY")
    where, parameters = where_clause(scope, query.where)
    rows = f"SELECT 1 {scope.from_clause()} {where} {slice_of(query)}"
    [row] = rows_of(scope.request, f"SELECT count(*) FROM ({rows})", parameters)
    return QueryResult(scope.sobject.name, (), (), row[0], is_count=True)


def grouped(scope: Scope, query: tree.Query) -> QueryResult:
    """The answer to a query with GROUP BY or with an aggregate: one AggregateResult for each group."""
    if not query.group and query.limit is not None:
        raise malformed("Non-grouped query that uses overall aggregate functions cannot also use LIMIT")
    groups = [scope.find_groupable(path) for path in query.group]
    selected = tuple(_selected(scope, query.items, groups))
    _refuse_same_names(selected)
    keys = [_key(scope, ordering.key, groups, "Ordered field") for ordering in query.order]
    parts = [_statement(scope, query, groups, chosen, (selected, keys)) for chosen in _chosen(query, groups)]
    first = len(selected) + 1
    order = [key_of_order(str(first + number), ordering) for number, ordering in enumerate(query.order)]
    if query.totals and not order:
        # Totals follow what they are of.
        order = [f"{first + len(keys) + number} NULLS LAST" for number in range(len(groups))]
    sql = " ".join([" UNION ALL ".join(part[0] for part in parts), f"ORDER BY {','.join(order)}" if order else ""])
    parameters = [value for part in parts for value in part[1]]
    records = [
        {"attributes": {"type": "AggregateResult"}}
        | {item.name: json_value(item.field, cell) for item, cell in zip(selected, row, strict=False)}
        for row in rows_of(scope.request, f"{sql} {slice_of(query)}", parameters)
    ]
    return QueryResult(scope.sobject.name, tuple(item.column for item in selected), records, len(records))


def _statement(
    scope: Scope,
    query: tree.Query,
    groups: Sequence[Found],
    chosen: Sequence[Found],
    wanted: tuple[Sequence[_Selected], Sequence[Callable[[Sequence[Found]], str]]],
) -> tuple[str, list[Scalar]]:
    """Rows of some of the groups: the columns, what they are sorted by, and the groups for totals."""
    selected, keys = wanted
    columns = [item.sql(chosen) for item in selected] + [key(chosen) for key in keys]
    if query.totals:
        columns += [_in(chosen, group) for group in groups]
    where, parameters = where_clause(scope, query.where)

    def find(path: tree.Path) -> Found:
        found = _grouped_or_aggregated(scope, path, groups, "Field")
        return (
            found
            if is_aggregate(path)
            else Found(found.path, found.names, found.owner, found.field, _in(chosen, found))
        )

    having, more = having_clause(scope, query.having, find)
    by = f"GROUP BY {','.join(group.compared for group in chosen)}" if chosen else ""
    return f"SELECT {','.join(columns)} {scope.from_clause()} {where} {by} {having}", [*parameters, *more]


def _chosen(query: tree.Query, groups: Sequence[Found]) -> list[Sequence[Found]]:
    """The groups of each statement: all of them, and with totals fewer and fewer."""
    if not query.totals:
        return [groups]
    if len(groups) > _MOST_TOTALS:
        raise malformed(f"{query.totals} takes {_MOST_TOTALS} fields at most")
    if query.totals == "ROLLUP":
        return [groups[:size] for size in range(len(groups), -1, -1)]
    return [chosen for size in range(len(groups), -1, -1) for chosen in combinations(groups, size)]


def _selected(scope: Scope, items: Sequence[tree.Item], groups: Sequence[Found]) -> Iterator[_Selected]:
    unnamed = 0
    for item in items:
        if not isinstance(item, tree.ColumnItem | tree.GroupingItem):
            raise malformed("a query with GROUP BY or aggregates selects neither COUNT() nor subqueries")
        is_named = item.alias is not None or not (isinstance(item, tree.GroupingItem) or item.path.functions)
        name = item.alias or (item.path.text.rpartition(".")[2] if is_named else f"expr{unnamed}")
        unnamed += not is_named
        if isinstance(item, tree.GroupingItem):
            yield _grouping(scope, item.path, groups, name)
            continue
        found = _grouped_or_aggregated(scope, item.path, groups, "Field")
        name = name if (is_named and item.alias) or not is_named else found.names[-1]
        written = _written(item.path) if item.path.functions else None
        column = Column((name,), found.field, item.alias, is_aggregate=bool(written), function=written)
        yield _Selected(column, name, found.field, _key(scope, item.path, groups, "Field"))


def _written(path: tree.Path) -> str:
    """A function as a header shows it: its name in lower case."""
    text = path.text
    for name in path.functions:
        text = f"{name.lower()}({text})"
    return text


def _grouping(scope: Scope, path: tree.Path, groups: Sequence[Found], name: str) -> _Selected:
    found = _grouped_or_aggregated(scope, path, groups, "Field")
    column = Column((name,), None, name, is_aggregate=True, function=f"grouping({path.text})")
    return _Selected(column, name, _COUNT, lambda chosen: "0" if _holds(chosen, found) else "1")


def _key(scope: Scope, path: tree.Path, groups: Sequence[Found], what: str) -> Callable[[Sequence[Found]], str]:
    """The SQL of a group or an aggregate among some groups."""
    found = _grouped_or_aggregated(scope, path, groups, what)
    if is_aggregate(path):
        return lambda _: found.sql
    sortable = what == "Ordered field"
    return lambda chosen: _in(chosen, found, is_compared=sortable)


def _holds(chosen: Sequence[Found], found: Found) -> bool:
    return any(found.names == group.names for group in chosen)


def _in(chosen: Sequence[Found], found: Found, *, is_compared: bool = False) -> str:
    if not _holds(chosen, found):
        return "NULL"
    return found.compared if is_compared else found.sql


def _grouped_or_aggregated(scope: Scope, path: tree.Path, groups: Sequence[Found], what: str) -> Found:
    found = scope.find_sortable(path) if what == "Ordered field" else scope.find(path)
    if not is_aggregate(path) and not _holds(groups, found):
        message = f"{what} must be grouped or aggregated: {path.text}"
        raise scope.request.refused(path, "MALFORMED_QUERY", message)
    return found


def _refuse_same_names(selected: Sequence[_Selected]) -> None:
    counts = Counter(item.name.lower() for item in selected)
    for item in selected:
        if counts[item.name.lower()] > 1:
            raise ApiError(400, "MALFORMED_QUERY", f"duplicate alias: {item.name}")
