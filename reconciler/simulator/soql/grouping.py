"""What expressions mean in a query of groups, and which sets of fields ROLLUP and CUBE group by.

Sources: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_groupby.htm
https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_groupby_rollup.htm
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from reconciler.simulator.messages import OWN_WORDS
from reconciler.simulator.schema import Field, FieldType
from reconciler.simulator.soql import tree
from reconciler.simulator.soql.functions import Clause, look_up
from reconciler.simulator.soql.refusal import malformed
from reconciler.simulator.soql.scope import Found, Scope

_MOST_TOTALS = 3
_GROUPING = "GROUPING"


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of a query: what they are made by, and which of these a row has values of.

    `has_totals` tells that there are rows of fewer fields than all.
    """

    scope: Scope
    by: tuple[Found, ...]
    present: tuple[Found, ...]
    has_totals: bool = False

    def find(self, expression: tree.Expression, clause: Clause, what: str = "Field") -> Found:
        """What an expression means in a row; raises MALFORMED_QUERY for a field that is not grouped."""
        if isinstance(expression, tree.Call) and expression.name.upper() == _GROUPING:
            return self._grouping(expression)
        found = look_up(self.scope, expression, clause)
        if found.is_aggregate:
            return found
        grouped = found if found.inner is None else found.inner
        if not any(grouped.names == group.names for group in self.by):
            message = f"{what} must be grouped or aggregated: {expression.text}"
            raise self.scope.request.refused(expression, "MALFORMED_QUERY", message)
        is_present = any(grouped.names == group.names for group in self.present)
        return found if is_present else replace(found, sql="NULL")

    def clause(self) -> str:
        """GROUP BY, or nothing where all rows are one group."""
        # A total of all groups is of no group at all, and yet there is none where there are no rows.
        keys = [group.compared for group in self.present] or (["NULL"] if self.has_totals else [])
        return f"GROUP BY {','.join(keys)}" if keys else ""

    def is_total(self, group: Found) -> bool:
        """Whether rows sum up all values of a field."""
        return group not in self.present

    def _grouping(self, call: tree.Call) -> Found:
        """`GROUPING(field)`: 1 in a row that sums up all values of the field, else 0."""
        request = self.scope.request
        if not self.has_totals:
            raise request.refused_own(call, f"{call.name}() needs GROUP BY ROLLUP or GROUP BY CUBE")
        if len(call.arguments) != 1:
            raise request.refused_own(call, f"{call.name}() takes one field")
        wanted = look_up(self.scope, call.arguments[0], Clause.GROUP_BY)
        group = next((group for group in self.by if group.names == wanted.names), None)
        if group is None:
            raise request.refused_own(call, f"{call.name}() takes a field of GROUP BY")
        flag = Field(call.text, FieldType.INT, call.text)
        return Found(call, (call.text,), self.scope.sobject, flag, str(int(self.is_total(group))))


def groups_of(scope: Scope, query: tree.Query) -> Sequence[Groups]:
    """The sets of groups that a query asks for, the finest first; raises ApiError."""
    by = tuple(look_up(scope, expression, Clause.GROUP_BY) for expression in query.group)
    if query.totals is None:
        return [Groups(scope, by, by)]
    if len(by) > _MOST_TOTALS:
        raise malformed(f"GROUP BY {query.totals} takes {_MOST_TOTALS} fields at most" + OWN_WORDS)
    lengths = range(len(by), -1, -1)
    if query.totals == "ROLLUP":
        return [Groups(scope, by, by[:length], has_totals=True) for length in lengths]
    return [Groups(scope, by, present, has_totals=True) for length in lengths for present in combinations(by, length)]
