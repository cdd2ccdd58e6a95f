"""How a query would be answered: by an index or by reading all records.

The shape and the sentence are Salesforce's; what costs how much is inferred from its rule of selectivity: an index is
worth its while below 30 % of the first million records and 15 % of the others (10 % and 5 % for custom fields).
Sources: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_query_performance_feedback.htm
https://developer.salesforce.com/docs/atlas.en-us.apexcode.meta/apexcode/langCon_apex_SOQL_VLSQ.htm
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reconciler.simulator.org import Org
from reconciler.simulator.schema import Field, FieldType
from reconciler.simulator.soql import tree
from reconciler.simulator.soql.condition import where_clause
from reconciler.simulator.soql.run import read_query
from reconciler.simulator.soql.scope import Scope
from reconciler.simulator.soql.statement import rows_of

_MILLION = 1_000_000
_SHARES: Mapping[bool, tuple[float, float]] = {False: (0.3, 0.15), True: (0.1, 0.05)}
"""Selective shares of the first million records and of the others, by whether a field is custom."""

_INDEXED_TYPES = frozenset({FieldType.ID, FieldType.REFERENCE})
_INDEXED_NAMES = frozenset({"CreatedDate", "SystemModstamp", "LastModifiedDate"})
_UNINDEXED = "Not considering filter for optimization because unindexed"


def explained(org: Org, text: str, *, all_rows: bool = False, version: float = 66.0) -> Mapping[str, Any]:
    """The plans for a query, the best first; raises ApiError as the query itself would."""
    query, scope = read_query(org, text, all_rows=all_rows, version=version)
    where, parameters = where_clause(scope, query.where, query.clauses)
    [[found]] = rows_of(scope.request, f"SELECT count(*) {scope.from_clause()} {where}", parameters)
    [[total]] = rows_of(scope.request, f'SELECT count(*) FROM "{scope.sobject.name}"', ())
    fields = list(_filtered(scope, query.where))
    unindexed = [field.name for field in fields if not _is_indexed(field)]
    if scope.sobject.field("IsDeleted") and not scope.request.all_rows:
        unindexed.append("IsDeleted")
    about = {
        "cardinality": found,
        "notes": [
            {"description": _UNINDEXED, "fields": [name], "tableEnumOrId": scope.sobject.name} for name in unindexed
        ],
        "sobjectCardinality": total,
        "sobjectType": scope.sobject.name,
    }
    plans = [_plan(about, "Index", [field.name], _cost(field, found, total)) for field in fields if _is_indexed(field)]
    plans.append(_plan(about, "TableScan", [], 1.0))
    return {"plans": sorted(plans, key=lambda plan: float(plan["relativeCost"])), "sourceQuery": text}


def _plan(about: Mapping[str, Any], operation: str, fields: Sequence[str], cost: float) -> Mapping[str, Any]:
    return {**about, "fields": fields, "leadingOperationType": operation, "relativeCost": cost}


def _filtered(scope: Scope, condition: tree.Condition | None) -> Iterator[Field]:
    """The fields of the query's own object that all of its records are chosen by."""
    parts = condition.conditions if isinstance(condition, tree.Junction) and condition.word == "AND" else (condition,)
    for part in parts:
        if isinstance(part, tree.Comparison | tree.Membership) and isinstance(part.of, tree.Path):
            found = scope.find(part.of)
            if len(found.names) == 1:
                yield found.field


def _is_indexed(field: Field) -> bool:
    return (
        field.type in _INDEXED_TYPES
        or field.name in _INDEXED_NAMES
        or field.name_field
        or field.unique
        or field.external_id
    )


def _cost(field: Field, found: int, total: int) -> float:
    first, more = _SHARES[field.custom]
    threshold = first * min(total, _MILLION) + more * max(total - _MILLION, 0)
    return found / threshold if threshold else 0.0
