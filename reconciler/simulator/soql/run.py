"""Runs a query: SQL for its own rows, one more query for each child relationship, JSON-ready records out."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from reconciler.simulator.errors import ApiError
from reconciler.simulator.org import Org
from reconciler.simulator.schema import ChildRelationship, Field, FieldType, SObject
from reconciler.simulator.soql import tree
from reconciler.simulator.soql.condition import Where
from reconciler.simulator.soql.parse import malformed, parse
from reconciler.simulator.soql.scope import Scope
from reconciler.simulator.soql.shape import Column, Shape, json_value
from reconciler.simulator.store import Scalar

LARGEST_OFFSET = 2_000
_FIELDS_LIMIT = 200


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The rows of a query as the REST API shows them; `COUNT()` has a size and no rows."""

    entity: str
    columns: tuple[Column, ...]
    records: Sequence[Mapping[str, Any]]
    total_size: int
    is_count: bool = False


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: over which API version, and whether the recycle bin is seen too."""

    version: float = 66.0
    all_rows: bool = False


def run_query(org: Org, text: str, *, all_rows: bool = False, version: float = 66.0) -> QueryResult:
    """Run one SOQL query; raises ApiError as Salesforce would."""
    return _Run(org, Asker(version, all_rows)).query(parse(text))


@dataclass(frozen=True, slots=True)
class _Run:
    org: Org
    asker: Asker

    def query(self, query: tree.Query) -> QueryResult:
        scope = Scope(self.org, self._sobject(query.sobject), self.asker.version)
        query = replace(query, items=tuple(_expanded(query, scope.sobject)))
        if query.items == (tree.CountItem(None),):
            return self._count(query, scope)
        if query.group or any(isinstance(item, tree.CountItem) for item in query.items):
            return self._grouped(query, scope)
        return self._plain(query, scope)

    def _sobject(self, name: str) -> SObject:
        found = self.org.schema.object(name)
        if found is None:
            raise ApiError(
                400,
                "INVALID_TYPE",
                f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to "
                "append the '__c' after the entity name. Please reference your WSDL or the describe call for the "
                "appropriate names.",
            )
        return found

    def _count(self, query: tree.Query, scope: Scope) -> QueryResult:
        if query.group or query.order:
            raise malformed("COUNT() takes neither GROUP BY nor ORDER BY")
        rest, parameters = self._rest(query, scope)
        rows = self._select(f"SELECT 1 {scope.from_clause()} {rest}", parameters)
        return QueryResult(scope.sobject.name, (), (), len(rows), is_count=True)

    def _plain(self, query: tree.Query, scope: Scope) -> QueryResult:
        items = [item for item in query.items if isinstance(item, tree.ColumnItem)]
        if any(item.alias for item in items):
            raise malformed("only queries with GROUP BY take aliases")
        columns = tuple(_column(scope, item) for item in items)
        selected = [scope.find(item.path).sql for item in items]
        rest, parameters = self._rest(query, scope)
        parents = [(path, alias, item) for path, (alias, item, _) in scope.joins.items()]
        hidden = [f"{scope.alias}.Id", *(f"{alias}.Id" for _, alias, _ in parents)]
        rows = self._select(f"SELECT {','.join([*selected, *hidden])} {scope.from_clause()} {rest}", parameters)
        shape = Shape(scope.sobject, columns, tuple((path, item) for path, _, item in parents), self.asker.version)
        records = [shape.record(row) for row in rows]
        for item in query.items:
            if isinstance(item, tree.ChildrenItem):
                self._add_children(scope.sobject, item.query, records, [row[len(columns)] for row in rows])
        return QueryResult(scope.sobject.name, columns, records, len(records))

    def _grouped(self, query: tree.Query, scope: Scope) -> QueryResult:
        grouped = [scope.find(path) for path in query.group]
        columns: list[Column] = []
        selected: list[str] = []
        for item in query.items:
            column, text = _grouped_column(scope, item, {found.sql for found in grouped}, len(columns))
            columns.append(column)
            selected.append(text)
        if any(not found.field.groupable for found in grouped):
            raise ApiError(400, "INVALID_FIELD", "a field of GROUP BY can not be grouped in a query call")
        keys = f"GROUP BY {','.join(found.compared for found in grouped)}" if grouped else ""
        rest, parameters = self._rest(query, scope, group=keys)
        rows = self._select(f"SELECT {','.join(selected)} {scope.from_clause()} {rest}", parameters)
        names = [column.alias or column.path[-1] for column in columns]
        records = [
            {
                "attributes": {"type": "AggregateResult"},
                **{
                    name: json_value(column.field, cell) for name, column, cell in zip(names, columns, row, strict=True)
                },
            }
            for row in rows
        ]
        return QueryResult(scope.sobject.name, tuple(columns), records, len(records))

    def _rest(self, query: tree.Query, scope: Scope, group: str = "") -> tuple[str, list[Scalar]]:
        """WHERE, GROUP BY, ORDER BY, LIMIT and OFFSET; must be made before FROM, because it adds parents."""
        where = Where(scope, self._subquery)
        conditions = [where.sql(query.where)] if query.where else []
        if scope.sobject.field("IsDeleted") and not self.asker.all_rows:
            conditions.append(f"{scope.alias}.IsDeleted = 0")
        if query.offset is not None and query.offset > LARGEST_OFFSET:
            raise ApiError(400, "NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {LARGEST_OFFSET}")
        order = [_order_key(scope, ordering) for ordering in query.order]
        if not group and not any(isinstance(item, tree.CountItem) for item in query.items):
            order.append(f"{scope.alias}.Id")
        parts = [
            f"WHERE {' AND '.join(conditions)}" if conditions else "",
            group,
            f"ORDER BY {','.join(order)}" if order else "",
            f"LIMIT {query.limit if query.limit is not None else -1} OFFSET {query.offset or 0}",
        ]
        return " ".join(part for part in parts if part), where.parameters

    def _subquery(self, query: tree.Query) -> tuple[str, list[Scalar]]:
        """A semi join's right side: one id or reference column."""
        scope = Scope(self.org, self._sobject(query.sobject), self.asker.version, alias="s0")
        item = query.items[0]
        if len(query.items) != 1 or not isinstance(item, tree.ColumnItem) or query.group or query.offset is not None:
            raise malformed("a semi join selects exactly one id or reference")
        found = scope.find(item.path)
        if found.field.type not in {FieldType.ID, FieldType.REFERENCE}:
            raise malformed("a semi join selects exactly one id or reference")
        rest, parameters = self._rest(query, scope)
        return f"SELECT coalesce({found.sql}, '') {scope.from_clause()} {rest}", parameters

    def _add_children(self, parent: SObject, query: tree.Query, records: list[dict[str, Any]], ids: list[str]) -> None:
        relationship = _child(parent, query.sobject)
        if any(isinstance(item, (tree.ChildrenItem, tree.CountItem)) for item in query.items) or query.group:
            raise malformed("a subquery selects columns only")
        links = tuple(tree.Literal("string", record_id) for record_id in ids)
        within = tree.Membership(relationship.field, "IN", links)
        where = tree.Junction("AND", (within, query.where)) if query.where else within
        asked = {item.path.lower() for item in query.items if isinstance(item, tree.ColumnItem)}
        is_asked = relationship.field.lower() in asked
        items = query.items if is_asked else (*query.items, tree.ColumnItem(relationship.field))
        whole = replace(query, items=items, sobject=relationship.child_object, where=where, limit=None, offset=None)
        found: dict[str, list[Mapping[str, Any]]] = {}
        for record in self.query(whole).records:
            link = record[relationship.field]
            kept = record if is_asked else {k: v for k, v in record.items() if k != relationship.field}
            found.setdefault(link, []).append(kept)
        for record, record_id in zip(records, ids, strict=True):
            start = query.offset or 0
            children = found.get(record_id, [])[start : None if query.limit is None else start + query.limit]
            value = {"totalSize": len(children), "done": True, "records": children} if children else None
            record[relationship.name] = value

    def _select(self, sql: str, parameters: list[Scalar]) -> list[sqlite3.Row]:
        return self.org.store.select(sql, parameters)


def _expanded(query: tree.Query, sobject: SObject) -> Iterator[tree.Item]:
    """The items with FIELDS() spelled out, and no column twice."""
    seen: set[str] = set()
    for item in query.items:
        if isinstance(item, tree.GroupItem):
            for field in _group(query, sobject, item.name):
                if field.name.lower() not in seen:
                    seen.add(field.name.lower())
                    yield tree.ColumnItem(field.name)
        elif isinstance(item, tree.ColumnItem) and item.path.lower() in seen:
            raise ApiError(400, "INVALID_FIELD", f"duplicate field selected: {item.path}")
        else:
            if isinstance(item, tree.ColumnItem):
                seen.add(item.path.lower())
            yield item


def _group(query: tree.Query, sobject: SObject, name: str) -> list[Field]:
    if name not in {"STANDARD", "CUSTOM", "ALL"}:
        raise malformed(f"unexpected token: '{name}'")
    if name != "STANDARD" and (query.limit is None or query.limit > _FIELDS_LIMIT):
        raise malformed(f"The SOQL FIELDS function must have a LIMIT of at most {_FIELDS_LIMIT}")
    wanted = {"STANDARD": (False,), "CUSTOM": (True,), "ALL": (False, True)}[name]
    return [field for field in sobject if field.custom in wanted]


def _column(scope: Scope, item: tree.ColumnItem) -> Column:
    found = scope.find(item.path)
    parts = item.path.split(".")
    if len(parts) > 1 and len(found.parents) < len(parts) - 1:
        parts = parts[1:]
    return Column((*_parents(scope, parts[:-1]), found.field.name), found.field)


def _parents(scope: Scope, parts: list[str]) -> Iterator[str]:
    """Relationship names in the schema's own spelling."""
    sobject = scope.sobject
    for part in parts:
        link = sobject.relationship(part)
        yield (link.relationship_name or part) if link else part
        sobject = (scope.org.schema.object(link.reference_to[0]) if link else None) or sobject


def _grouped_column(scope: Scope, item: tree.Item, grouped: set[str], number: int) -> tuple[Column, str]:
    if isinstance(item, tree.CountItem) and item.path is not None:
        found = scope.find(item.path)
        return Column((f"expr{number}",), None, item.alias or f"expr{number}", is_aggregate=True), f"count({found.sql})"
    if not isinstance(item, tree.ColumnItem):
        raise malformed("Grouped queries select columns of GROUP BY and aggregates only")
    found = scope.find(item.path)
    if found.sql not in grouped:
        raise malformed(f"Field must be grouped or aggregated: {item.path}")
    return Column((found.field.name,), found.field, item.alias), found.sql


def _order_key(scope: Scope, ordering: tree.Ordering) -> str:
    found = scope.find(ordering.path)
    if not found.field.sortable:
        raise ApiError(400, "INVALID_FIELD", f"field '{found.field.name}' can not be sorted in a query call")
    direction = "DESC" if ordering.is_descending else "ASC"
    return f"{found.compared} {direction} NULLS {'LAST' if ordering.nulls_last else 'FIRST'}"


def _child(parent: SObject, name: str) -> ChildRelationship:
    for relationship in parent.children:
        if relationship.name.lower() == name.lower():
            return relationship
    raise ApiError(
        400,
        "INVALID_TYPE",
        f"Didn't understand relationship '{name}' in FROM part of query call. If you are attempting to use a custom "
        "relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or "
        "the describe call for the appropriate names.",
    )
