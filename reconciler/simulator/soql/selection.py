"""The SELECT list: `FIELDS()` spelled out, nothing twice; which cells a row has, and how they make a record."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from reconciler.simulator.errors import ApiError
from reconciler.simulator.schema import Field, SObject
from reconciler.simulator.soql import tree
from reconciler.simulator.soql.functions import Clause, is_aggregate, look_up
from reconciler.simulator.soql.parse import unexpected_token
from reconciler.simulator.soql.refusal import malformed
from reconciler.simulator.soql.relationships import relationship
from reconciler.simulator.soql.result import Column
from reconciler.simulator.soql.scope import Names, Parent, Scope
from reconciler.simulator.soql.shape import PREFIX, Leaf, Node, Owner, Variants, node
from reconciler.simulator.store import expression

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
        if isinstance(item, tree.ColumnItem) and item.alias is None and not is_aggregate(item.of):
            name = _shown(item.of).lower()
            if name in seen:
                raise ApiError(400, "INVALID_FIELD", f"duplicate field selected: {_shown(item.of)}")
            seen.add(name)
    return items


def _shown(of: tree.Expression) -> str:
    """The field that a function shows, or the whole function where it shows none."""
    is_shown = isinstance(of, tree.Call) and of.name.upper() in {"TOLABEL", "FORMAT"} and of.arguments
    return of.arguments[0].text if isinstance(of, tree.Call) and is_shown else of.text


def _spelled_out(scope: Scope, query: tree.Query) -> Iterator[tree.Item]:
    for item in query.items:
        if isinstance(item, tree.FieldsItem):
            for found in _fields(scope, query, item.name):
                yield tree.ColumnItem(tree.Path(found.name, item.name.at))
        else:
            yield item


def _fields(scope: Scope, query: tree.Query, name: tree.Path) -> list[Field]:
    group = name.text.upper()
    if group not in _GROUPS:
        raise unexpected_token(scope.request.text, name.text, name.at)
    if group != "STANDARD" and scope.request.is_apex:
        raise malformed(UNBOUNDED)
    if group != "STANDARD" and (query.limit is None or query.limit > _MOST_FIELDS_ROWS):
        raise malformed(f"The SOQL FIELDS function must have a LIMIT of at most {_MOST_FIELDS_ROWS}")
    return _of_group(scope.sobject, group)


UNBOUNDED = "The SOQL FIELDS function is not supported with an unbounded set of fields in this API."
"""What `FIELDS(ALL)` and `FIELDS(CUSTOM)` are told by Apex and by Bulk."""


def _of_group(sobject: SObject, group: str) -> list[Field]:
    return [field for field in sobject if field.custom in _GROUPS[group]]


@dataclass(slots=True)
class Selection:
    """What is selected of the records of one scope; `cells` are the SQL of a row's, and those of other scopes too."""

    scope: Scope
    cells: list[str] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    leaves: list[Leaf] = field(default_factory=list)

    def add(self, item: tree.Item) -> None:
        """Select an item that is no aggregate; raises ApiError."""
        if isinstance(item, tree.ColumnItem):
            self._column(item)
        elif isinstance(item, tree.ChildrenItem):
            name = relationship(self.scope, item.query.sobject).name
            self.leaves.append(Leaf((name,), None))
            self.columns.append(Column((name,), None, is_aggregate=True))
        elif isinstance(item, tree.TypeofItem):
            self._typeof(item)

    def node(self) -> Node:
        """The way to read the records; the cells of their ids are added."""
        used = {leaf.path[:length] for leaf in self.leaves for length in range(1, len(leaf.path))}
        owners: dict[Names, Owner] = {(): Owner(self.scope.sobject, self._cell(f"{self.scope.alias}.Id"))}
        for names in self.scope.parents:
            if names in used:
                owners[names] = self._owner(self.scope.parents[names])
        return node(self.leaves, owners, self.scope.request.version)

    def _column(self, item: tree.ColumnItem) -> None:
        found = look_up(self.scope, item.of, Clause.SELECT)
        shown = found.inner
        if isinstance(item.of, tree.Call) and (shown is None or isinstance(shown.path, tree.Call)):
            raise self.scope.request.refused_own(item.of, f"{item.of.name}() needs GROUP BY")
        if item.alias is not None and shown is None:
            raise malformed("only aggregate expressions use field aliasing")
        path = (item.alias,) if item.alias is not None else (shown or found).names
        self.leaves.append(Leaf(path, self._cell(found.sql), found.field))
        self.columns.append(Column(path, found.field))

    def _cell(self, sql: str) -> int:
        self.cells.append(sql)
        return len(self.cells) - 1

    def _owner(self, parent: Parent) -> Owner:
        if not parent.is_polymorphic:
            return Owner(parent.sobject, self._cell(f"{parent.alias}.Id"))
        objects = {target.key_prefix: target.name for target in parent.targets}
        return Owner(parent.sobject, self._cell(_id(parent)), objects)

    def _typeof(self, item: tree.TypeofItem) -> None:
        """`TYPEOF`: a selection of its own for each object that it tells apart.

        Source: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_typeof.htm
        """
        names, parent = self.scope.parent(item.path)
        self._check_typeof(item, names, parent)
        parts = {}
        for when in item.whens:
            number = self._target(parent, when)
            part = Selection(self.scope.variant(names, parent, number), self.cells)
            parts[parent.targets[number].key_prefix[:PREFIX]] = part.added(when.paths)
        otherwise, columns = self._otherwise(parent, item.otherwise)
        nodes = {prefix: part.node() for prefix, part in parts.items()}
        reader = Variants(self._cell(_id(parent)), nodes, otherwise)
        for part in parts.values():
            columns += [column for column in part.columns if column not in columns]
        self.leaves.append(Leaf(names, None, parent=reader))
        self.columns.append(Column(names, None, children=tuple(columns)))

    def added(self, paths: Sequence[tree.Path]) -> "Selection":
        """The selection with these paths."""
        for path in paths:
            self.add(tree.ColumnItem(path))
        return self

    def _otherwise(self, parent: Parent, paths: Sequence[tree.Path]) -> tuple[Node | None, list[Column]]:
        """ELSE: the fields that all of the objects are asked for by the same names."""
        if not paths:
            return None, []
        scope = Scope(self.scope.request, parent.sobject, parent.alias)
        found = [scope.find(path) for path in paths]
        if any(len(item.names) > 1 for item in found):
            raise self.scope.request.refused_own(paths[0], "ELSE of TYPEOF takes fields, not paths")
        leaves = [Leaf(item.names, self._cell(item.sql), item.field) for item in found]
        made = node(leaves, {(): self._owner(parent)}, scope.request.version)
        return made, [Column(item.names, item.field) for item in found]

    def _check_typeof(self, item: tree.TypeofItem, names: Names, parent: Parent) -> None:
        text = item.path.text
        if not parent.is_polymorphic:
            raise self.scope.request.refused_own(item.path, f"TYPEOF: {text} leads to one object only")
        if any(leaf.path[: len(names)] == names for leaf in self.leaves):
            raise self.scope.request.refused_own(item.path, f"TYPEOF: {text} is selected twice")
        kinds = [when.sobject.text.lower() for when in item.whens]
        if len(set(kinds)) < len(kinds):
            raise self.scope.request.refused_own(item.path, "TYPEOF: an object stands in two WHEN clauses")

    def _target(self, parent: Parent, when: tree.When) -> int:
        sobject = self.scope.request.sobject(when.sobject)
        if sobject not in parent.targets:
            raise self.scope.request.refused_own(when.sobject, f"TYPEOF: no {sobject.name} is referred to")
        return parent.targets.index(sobject)


def _id(parent: Parent) -> str:
    return expression(parent.sobject.fields["id"], parent.alias)


def selection_of(scope: Scope, items: Sequence[tree.Item]) -> Selection:
    """What the items of a query select; raises ApiError."""
    selection = Selection(scope)
    has_functions = any(isinstance(item, tree.ColumnItem) and isinstance(item.of, tree.Call) for item in items)
    for item in items:
        selection.add(item)
        if isinstance(item, tree.TypeofItem) and has_functions:
            raise scope.request.refused_own(item.path, "TYPEOF can't be used beside functions")
    _refuse_same_path(selection)
    return selection


def _refuse_same_path(selection: Selection) -> None:
    """A parent that TYPEOF tells apart has no other columns."""
    typed = {leaf.path for leaf in selection.leaves if leaf.parent is not None}
    for leaf in selection.leaves:
        for length in range(1, len(leaf.path)):
            if leaf.path[:length] in typed:
                raise malformed(f"{'.'.join(leaf.path[:length])} stands in TYPEOF and in the list of fields")
