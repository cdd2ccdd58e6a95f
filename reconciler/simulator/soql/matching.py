"""Whether one record meets a condition: a query's WHERE without the query."""

from functools import lru_cache

from reconciler.simulator.org import Org
from reconciler.simulator.soql import tree
from reconciler.simulator.soql.binds import bound
from reconciler.simulator.soql.condition import where_clause
from reconciler.simulator.soql.parse import parse
from reconciler.simulator.soql.refusal import malformed
from reconciler.simulator.soql.scope import Request, Scope
from reconciler.simulator.soql.statement import rows_of
from reconciler.simulator.store import Scalar


def check_condition(org: Org, sobject: str, condition: str) -> None:
    """Raises ApiError for text that is no condition over records of that object."""
    _compiled(org, sobject, condition)


def meets(org: Org, sobject: str, condition: str, record_id: str) -> bool:
    """Whether that record, as it is stored now, meets the condition."""
    scope, where, parameters = _compiled(org, sobject, condition)
    sql = f"SELECT 1 {scope.from_clause()} {where} AND {scope.alias}.Id = ?"
    return bool(rows_of(scope.request, sql, [*parameters, record_id]))


def _compiled(org: Org, sobject: str, condition: str) -> tuple[Scope, str, list[Scalar]]:
    query = _parsed(sobject, condition)
    request = Request(org, _text(sobject, condition))
    scope = Scope(request, request.sobject(query.sobject))
    return scope, *where_clause(scope, query.where)


@lru_cache(maxsize=256)
def _parsed(sobject: str, condition: str) -> tree.Query:
    text = _text(sobject, condition)
    query = parse(text)
    if query != tree.Query(query.items, query.sobject, where=query.where):
        raise malformed("a condition was expected, without GROUP BY, ORDER BY, LIMIT or OFFSET")
    return bound(query, text, None)


def _text(sobject: str, condition: str) -> str:
    return f"SELECT Id FROM {sobject} WHERE {condition}"
