"""Child relationships: which there are, how many of them and how deep a query may ask for.

Source: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_relationships_query_limits.htm
"""

from collections.abc import Iterator

from reconciler.simulator.messages import OWN_WORDS
from reconciler.simulator.schema import ChildRelationship
from reconciler.simulator.soql import tree
from reconciler.simulator.soql.functions import is_aggregate
from reconciler.simulator.soql.refusal import malformed, unknown_name
from reconciler.simulator.soql.scope import Scope

_MOST_SUBQUERIES = 20
_MOST_LEVELS = 5
_LEVELS_SINCE = 58.0
"""The API version from which on children of children may be asked for."""

_ONE_LEVEL = "SOQL statements cannot query aggregate relationships more than 1 level away from the root entity object."


def relationship(scope: Scope, name: tree.Path) -> ChildRelationship:
    """The relationship of that name; raises INVALID_TYPE."""
    prefix, _, last = name.text.rpartition(".")
    is_own = not prefix or prefix.lower() == scope.sobject.name.lower() or scope.aliases.get(prefix.lower()) == ()
    for found in scope.sobject.children:
        if is_own and found.name.lower() == last.lower():
            return found
    message = f"Didn't understand relationship '{name.text}' in FROM part of query call."
    raise scope.request.refused(name, "INVALID_TYPE", unknown_name("relationship", message))


def is_grouping(query: tree.Query) -> bool:
    """Whether the query answers with groups rather than with records."""
    return bool(query.group) or any(
        isinstance(item, tree.CountRows) or (isinstance(item, tree.ColumnItem) and is_aggregate(item.of))
        for item in query.items
    )


def subqueries(query: tree.Query) -> Iterator[tree.Query]:
    """The queries in a SELECT list."""
    for item in query.items:
        if isinstance(item, tree.ChildrenItem):
            yield item.query


def check_subqueries(query: tree.Query, version: float) -> None:
    """Raises MALFORMED_QUERY for too many subqueries, or one that can't be answered."""
    found = list(_all(query, 2))
    if len(found) > _MOST_SUBQUERIES:
        raise malformed(f"No more than {_MOST_SUBQUERIES} parent-to-child relationships can be specified in a query")
    for _, level in found:
        if level > 2 and version < _LEVELS_SINCE:
            raise malformed(_ONE_LEVEL)
        if level > _MOST_LEVELS:
            raise malformed(f"a query has no more than {_MOST_LEVELS} levels of parents and children" + OWN_WORDS)
    for parent, _ in [(query, 1), *found]:
        for subquery in subqueries(parent):
            _check(parent, subquery)


def _check(parent: tree.Query, subquery: tree.Query) -> None:
    if is_grouping(subquery):
        raise malformed("only root queries support aggregate expressions")
    if subquery.offset is not None and parent.limit != 1:
        raise malformed("OFFSET in a subquery needs LIMIT 1 in the query around it")


def _all(query: tree.Query, level: int) -> Iterator[tuple[tree.Query, int]]:
    for subquery in subqueries(query):
        yield subquery, level
        yield from _all(subquery, level + 1)
