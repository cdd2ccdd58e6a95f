"""Names -> SQL: the object of one query, and the parents that its paths lead to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.simulator.errors import ApiError
from reconciler.simulator.org import Org
from reconciler.simulator.schema import Field, FieldType, SObject
from reconciler.simulator.soql.functions import FUNCTIONS, computed
from reconciler.simulator.soql.polymorphic import shared_object
from reconciler.simulator.soql.refusal import malformed, refused_at, unknown_name
from reconciler.simulator.soql.tree import Path
from reconciler.simulator.store import expression

_MOST_LEVELS = 5
_MOST_PARENTS = 55
"""Levels of one path, and parents of one query.

Source: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_relationships_query_limits.htm
"""

_BINARY = frozenset(
    {
        FieldType.ID,
        FieldType.REFERENCE,
        FieldType.BOOLEAN,
        FieldType.INT,
        FieldType.DOUBLE,
        FieldType.CURRENCY,
        FieldType.PERCENT,
        FieldType.DATE,
        FieldType.DATETIME,
    }
)
_SINCE = {("UserLicense", "UsedLicenses"): 64.0}
"""The API version from which on a field can't be filtered (F2.2)."""


def is_aggregate(path: Path) -> bool:
    """Whether a path stands in a function over groups."""
    return any(FUNCTIONS[name].is_aggregate for name in path.functions)


@dataclass(frozen=True, slots=True)
class Found:
    """A field that a path leads to.

    `names` is the path in the schema's spelling, without the query's own object; `sql` is the SQL for its value.
    """

    path: Path
    names: tuple[str, ...]
    owner: SObject
    field: Field
    sql: str

    @property
    def compared(self) -> str:
        """The SQL to compare by: text without case, unless the field has one."""
        has_case = self.field.type in _BINARY or self.field.case_sensitive
        return self.sql if has_case else f"{self.sql} COLLATE NOCASE"


@dataclass(frozen=True, slots=True)
class Parent:
    """A parent: its alias, its object, and the SQL of the reference to it; one of several objects is not joined."""

    alias: str
    sobject: SObject
    link: str
    is_joined: bool = True

    @property
    def id(self) -> str:
        """The SQL of its Id, null where there is no parent."""
        return f"{self.alias}.Id" if self.is_joined else self.link


@dataclass(frozen=True, slots=True)
class Request:
    """What holds for a query and for all queries inside it; `version` is the API's."""

    org: Org
    text: str
    version: float = 66.0
    all_rows: bool = False
    is_bound: bool = False

    def sobject(self, name: Path) -> SObject:
        """The object of that name; raises INVALID_TYPE."""
        found = self.org.schema.object(name.text)
        if found is None:
            message = unknown_name("object", f"sObject type '{name.text}' is not supported.")
            raise self.refused(name, "INVALID_TYPE", message)
        return found

    def fiscal_month(self) -> int:
        """The first month of the org's fiscal year."""
        return int(self.org.store.find("Organization")[0]["FiscalYearStartMonth"] or 1)

    def refused(self, path: Path, code: str, message: str) -> ApiError:
        """A refusal that points at a path."""
        return refused_at(self.text, path.at, code, message)


@dataclass(frozen=True, slots=True)
class Scope:
    """What names mean in one query; `parents` grows as paths are looked up.

    `aliases` are the names that FROM gives, and where each leads; `is_mine` asks for the caller's own records only.
    """

    request: Request
    sobject: SObject
    alias: str = "t0"
    parents: dict[tuple[str, ...], Parent] = field(default_factory=dict)
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_mine: bool = False

    def find(self, path: Path) -> Found:
        """Look a path up, its functions applied; raises INVALID_FIELD for a name that does not exist."""
        found = self._plain(path)
        for name in path.functions:
            found = self._applied(name, found)
        return found

    def _applied(self, name: str, found: Found) -> Found:
        """What a function makes of a field; its own field is of the type that it gives."""
        function = FUNCTIONS[name]
        if found.field.type not in function.takes:
            message = f"field {found.field.name} does not support aggregate operator {name}"
            if not function.is_aggregate:
                message = f"{name} does not take the field {found.field.name}"
            raise self.request.refused(found.path, "MALFORMED_QUERY", message)
        fiscal = self.request.fiscal_month() if "{fiscal}" in function.sql else 1
        sql = computed(function, found.field, found.sql, fiscal)
        field = found.field
        if function.gives or not function.keeps_name:
            field = Field(field.name, function.gives or field.type, field.label)
        names = found.names if function.keeps_name else (*found.names[:-1], f"{name}({found.names[-1]})")
        return Found(found.path, names, found.owner, field, sql)

    def _plain(self, path: Path) -> Found:
        *relationships, name = self._parts(path)
        if len(relationships) > _MOST_LEVELS:
            raise malformed(f"a path may lead over {_MOST_LEVELS} relationships at most: {path.text}")
        sobject, alias = self.sobject, self.alias
        names: tuple[str, ...] = ()
        for relationship in relationships:
            names, parent = self._join(path, relationship, names, sobject, alias)
            sobject, alias = parent.sobject, parent.alias
        found = sobject.field(name)
        if found is None:
            message = unknown_name("field", f"No such column '{name}' on entity '{sobject.name}'.")
            raise self.request.refused(path, "INVALID_FIELD", message)
        return Found(path, (*names, found.name), sobject, found, expression(found, alias))

    def find_filterable(self, path: Path) -> Found:
        """Look up a field of WHERE."""
        if is_aggregate(path):
            raise self.request.refused(path, "MALFORMED_QUERY", "Aggregate expressions are compared in HAVING only")
        found = self.find(path)
        is_too_new = self.request.version >= _SINCE.get((found.owner.name, found.field.name), float("inf"))
        return self._allowed(found, "filtered", is_allowed=found.field.filterable and not is_too_new)

    def find_sortable(self, path: Path) -> Found:
        """Look up a field of ORDER BY."""
        found = self.find(path)
        return self._allowed(found, "sorted", is_allowed=found.field.sortable)

    def find_groupable(self, path: Path) -> Found:
        """Look up a field of GROUP BY."""
        found = self.find(path)
        return self._allowed(found, "grouped", is_allowed=found.field.groupable)

    def from_clause(self) -> str:
        """FROM with all parents that were looked up so far."""
        joins = "".join(
            f' LEFT JOIN "{parent.sobject.name}" {parent.alias} ON {parent.alias}.Id = {parent.link}'
            for parent in self.parents.values()
            if parent.is_joined
        )
        return f'FROM "{self.sobject.name}" {self.alias}{joins}'

    def _parts(self, path: Path) -> list[str]:
        """The path's names; `User.Name` in a query of User is `Name`."""
        parts = path.text.split(".")
        known = self.aliases.get(parts[0].lower()) if len(parts) > 1 else None
        if known is not None:
            return [*known, *parts[1:]]
        is_own = len(parts) > 1 and parts[0].lower() == self.sobject.name.lower()
        return parts[1:] if is_own and not self.sobject.relationship(parts[0]) else parts

    def _allowed(self, found: Found, verb: str, *, is_allowed: bool) -> Found:
        if not is_allowed:
            message = f"field '{found.field.name}' can not be {verb} in a query call"
            raise self.request.refused(found.path, "INVALID_FIELD", message)
        return found

    def _join(
        self, path: Path, relationship: str, names: tuple[str, ...], sobject: SObject, alias: str
    ) -> tuple[tuple[str, ...], Parent]:
        link = sobject.relationship(relationship)
        target = self.request.org.schema.object(link.reference_to[0]) if link else None
        if link is None or target is None:
            message = unknown_name("relationship", f"Didn't understand relationship '{relationship}' in field path.")
            raise self.request.refused(path, "INVALID_FIELD", message)
        whole = (*names, link.relationship_name or relationship)
        if whole not in self.parents:
            if len(self.parents) == _MOST_PARENTS:
                raise malformed(
                    f"No more than {_MOST_PARENTS} child-to-parent relationships can be specified in a query"
                )
            self.parents[whole] = self._parent(link, target, expression(link, alias))
        return whole, self.parents[whole]

    def _parent(self, link: Field, target: SObject, value: str) -> Parent:
        alias = f"{self.alias}_{len(self.parents) + 1}"
        if len(link.reference_to) > 1:
            return Parent(alias, shared_object(self.request.org.schema, link, value), value, is_joined=False)
        return Parent(alias, target, value)
