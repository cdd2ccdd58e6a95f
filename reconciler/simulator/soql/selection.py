"""The SELECT list: `FIELDS()` spelled out, nothing twice."""

from collections.abc import Iterator, Mapping

from reconciler.simulator.errors import ApiError
from reconciler.simulator.schema import Field, SObject
from reconciler.simulator.soql import tree
from reconciler.simulator.soql.parse import unexpected_token
from reconciler.simulator.soql.refusal import malformed
from reconciler.simulator.soql.scope import Scope

_MOST_FIELDS_ROWS = 200
_GROUPS: Mapping[str, tuple[bool, ...]] = {"STANDARD": (False,), "CUSTOM": (True,), "ALL": (False, True)}
"""Whether fields of a group are custom.

Source: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_fields.htm
"""


def expanded(scope: Scope, query: tree.Query) -> tuple[tree.Item, ...]:
    """The items without `FIELDS()`; raises INVALID_FIELD for a column that is selected twice."""
    items = tuple(_spelled_out(scope, query))
    seen: set[str] = set()
    for item in items:
        if isinstance(item, tree.ColumnItem) and item.alias is None and not item.path.functions:
            name = item.path.text.lower()
            if name in seen:
                raise ApiError(400, "INVALID_FIELD", f"duplicate field selected: {item.path.text}")
            seen.add(name)
    return items


def _spelled_out(scope: Scope, query: tree.Query) -> Iterator[tree.Item]:
    for item in query.items:
        if isinstance(item, tree.FieldsItem):
            for field in _fields(scope, query, item.name):
                yield tree.ColumnItem(tree.Path(field.name, item.name.at))
        else:
            yield item


def _fields(scope: Scope, query: tree.Query, name: tree.Path) -> list[Field]:
    group = name.text.upper()
    if group not in _GROUPS:
        raise unexpected_token(scope.request.text, name.text, name.at)
    if group != "STANDARD" and (query.limit is None or query.limit > _MOST_FIELDS_ROWS):
        raise malformed(f"The SOQL FIELDS function must have a LIMIT of at most {_MOST_FIELDS_ROWS}")
    return _of_group(scope.sobject, group)


def _of_group(sobject: SObject, group: str) -> list[Field]:
    return [field for field in sobject if field.custom in _GROUPS[group]]
