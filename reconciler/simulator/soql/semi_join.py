"""Where `IN (SELECT ...)` may stand, and what it may select.

Source: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_comparisonoperators.htm
"""

from collections.abc import Iterator

from reconciler.simulator.schema import FieldType
from reconciler.simulator.soql import tree
from reconciler.simulator.soql.refusal import malformed
from reconciler.simulator.soql.scope import Found, Scope

_MOST = 2
_IDS = frozenset({FieldType.ID, FieldType.REFERENCE})


def check_places(condition: tree.Condition) -> None:
    """Semi joins stand alone or between the top ANDs of WHERE; raises MALFORMED_QUERY."""
    top = condition.conditions if isinstance(condition, tree.Junction) else (condition,)
    at_top = [part for part in top if isinstance(part, tree.SemiJoin)]
    if isinstance(condition, tree.Junction) and condition.word == "OR" and at_top:
        raise malformed("Semi join sub-selects are not allowed with the 'OR' operator")
    if len(list(joins(condition))) > len(at_top):
        raise malformed(
            "Semi join sub-selects are only allowed at the top level WHERE expressions "
            "and not in nested WHERE expressions."
        )
    if len(at_top) > _MOST:
        raise malformed(f"Maximum {_MOST} semi join sub-selects are allowed")


def check(outer: Scope, left: Found, inner: Scope, query: tree.Query) -> Found:
    """The selected field of a semi join over `left`; raises MALFORMED_QUERY unless both hold ids of the same object."""
    refused = _refusal(outer, left, inner, query)
    if refused:
        raise outer.request.refused(left.path, "MALFORMED_QUERY", refused)
    item = query.items[0]
    if len(query.items) > 1 or not isinstance(item, tree.ColumnItem) or item.alias:
        raise outer.request.refused(left.path, "MALFORMED_QUERY", "a semi join sub-select selects exactly one field")
    selected = inner.find(item.path)
    refused = _mismatch(left, selected)
    if refused:
        raise outer.request.refused(left.path, "MALFORMED_QUERY", refused)
    return selected


def _refusal(outer: Scope, left: Found, inner: Scope, query: tree.Query) -> str | None:
    if query.where is not None and any(joins(query.where)):
        return "Nesting of semi join sub-selects is not supported"
    if inner.sobject is outer.sobject:
        return "The inner and outer selects should not be on the same object type"
    if left.field.type not in _IDS or len(left.names) > 1:
        return (
            "The left operand field in the where expression for outer query should be an id field, "
            f"cannot use: '{left.path.text}'"
        )
    if query.group or query.order or query.limit is not None or query.offset is not None:
        return "a semi join sub-select takes neither GROUP BY nor ORDER BY, LIMIT or OFFSET"
    return None


def _mismatch(left: Found, selected: Found) -> str | None:
    if selected.field.type not in _IDS or len(selected.names) > 1:
        return f"Semi join sub-selects can only query id fields, cannot use: '{selected.path.text}'"
    if _targets(left).isdisjoint(_targets(selected)):
        return (
            f"The selected field '{selected.path.text}' in the subquery and the left operand field in the where "
            f"expression in the outer query '{left.path.text}' should point to the same object type"
        )
    return None


def _targets(found: Found) -> set[str]:
    return {found.owner.name} if found.field.type is FieldType.ID else set(found.field.reference_to)


def joins(condition: tree.Condition) -> Iterator[tree.SemiJoin]:
    """The semi joins of a condition, wherever they stand."""
    if isinstance(condition, tree.SemiJoin):
        yield condition
    elif isinstance(condition, tree.Negation):
        yield from joins(condition.condition)
    elif isinstance(condition, tree.Junction):
        for part in condition.conditions:
            yield from joins(part)
