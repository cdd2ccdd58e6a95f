"""Names -> SQL: the object of one query, and the parents that its paths lead to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from reconciler.simulator.errors import ApiError
from reconciler.simulator.messages import OWN_WORDS
from reconciler.simulator.org import Org
from reconciler.simulator.schema import Field, FieldType, SObject
from reconciler.simulator.soql.date_functions import fiscal_year
from reconciler.simulator.soql.dates import Range, literal_range
from reconciler.simulator.soql.polymorphic import alias_of, name_object
from reconciler.simulator.soql.refusal import malformed, refused_at, unknown_name
from reconciler.simulator.soql.tree import Alias, DateLiteral, Expression, Path
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

_RESERVED = frozenset(
    {
        *("AND", "ASC", "DESC", "EXCLUDES", "FIRST", "FROM", "GROUP", "HAVING", "IN", "INCLUDES", "LAST", "LIKE"),
        *("LIMIT", "NOT", "NULL", "NULLS", "OR", "ORDER", "SELECT", "USING", "WHERE", "WITH"),
    }
)
"""Words that are no alias.

Source: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_reservedwords.htm
"""

Names: TypeAlias = tuple[str, ...]
"""A path in the schema's spelling, without the query's own object."""


@dataclass(frozen=True, slots=True)
class Found:
    """What an expression means: a field that a path leads to, or what a function gives.

    `field` has the type of the value, `sql` is the SQL for it; `names` tells it from others. `inner` is the field that
    a function only shows in another way.
    """

    path: Expression
    names: Names
    owner: SObject
    field: Field
    sql: str
    is_aggregate: bool = False
    inner: "Found | None" = None

    @property
    def collation(self) -> str:
        """What makes SQL compare the values as Salesforce does: text without case, unless the field has one."""
        has_case = self.field.type in _BINARY or self.field.case_sensitive
        return "" if has_case else " COLLATE NOCASE"

    @property
    def compared(self) -> str:
        """The SQL to compare by."""
        return self.sql + self.collation


@dataclass(frozen=True, slots=True)
class Parent:
    """A joined parent: its alias, its object, the SQL of the reference to it.

    `targets` are the objects that the reference leads to; where there are several, `sobject` is the object Name.
    """

    alias: str
    sobject: SObject
    link: str
    targets: tuple[SObject, ...]

    @property
    def joins(self) -> Iterator[str]:
        """The SQL that joins it."""
        for number, target in enumerate(self.targets):
            alias = alias_of(self.alias, number) if self.is_polymorphic else self.alias
            yield f' LEFT JOIN "{target.name}" {alias} ON {alias}.Id = {self.link}'

    @property
    def is_polymorphic(self) -> bool:
        """Whether its records are of several objects."""
        return len(self.targets) > 1


@dataclass(frozen=True, slots=True)
class Request:
    """What holds for a query and for all queries inside it; `version` is the API's, `is_apex` whether Apex asks."""

    org: Org
    text: str
    version: float = 66.0
    all_rows: bool = False
    is_apex: bool = False

    def sobject(self, name: Path) -> SObject:
        """The object of that name; raises INVALID_TYPE."""
        found = self.org.schema.object(name.text)
        if found is None:
            message = unknown_name("object", f"sObject type '{name.text}' is not supported.")
            raise self.refused(name, "INVALID_TYPE", message)
        return found

    def days(self, literal: DateLiteral) -> Range | None:
        """The days that a date literal means now; None for a word that is none."""
        month = fiscal_year(self.org).month if "FISCAL" in literal.name.upper() else 1
        return literal_range(literal, self.org.clock().date(), month)

    def refused(self, place: Expression, code: str, message: str) -> ApiError:
        """A refusal that points at an expression."""
        return refused_at(self.text, place.at, code, message)

    def refused_own(self, place: Expression, message: str) -> ApiError:
        """A MALFORMED_QUERY whose sentence at Salesforce is not known."""
        return self.refused(place, "MALFORMED_QUERY", message + OWN_WORDS)


@dataclass(frozen=True, slots=True)
class Scope:
    """What names mean in one query; `parents` and `variants` grow as paths are looked up.

    `aliases` are the names that FROM gives to paths; `variants` are the scopes of TYPEOF, by path and object.
    """

    request: Request
    sobject: SObject
    alias: str = "t0"
    aliases: Mapping[str, Names] = field(default_factory=dict)
    parents: dict[Names, Parent] = field(default_factory=dict)
    variants: "dict[tuple[Names, str], Scope]" = field(default_factory=dict)

    def find(self, path: Path) -> Found:
        """Look a path up; raises INVALID_FIELD for a name that does not exist."""
        *relationships, name = self._parts(path)
        names, sobject, alias = self._followed(path, relationships)
        found = sobject.field(name)
        if found is None:
            message = unknown_name("field", f"No such column '{name}' on entity '{sobject.name}'.")
            raise self.request.refused(path, "INVALID_FIELD", message)
        return Found(path, (*names, found.name), sobject, found, expression(found, alias))

    def parent(self, path: Path) -> tuple[Names, Parent]:
        """Look a relationship up, and its path in the schema's spelling; raises INVALID_FIELD."""
        *relationships, last = self._parts(path)
        names, sobject, alias = self._followed(path, relationships)
        return self._join(path, last, names, sobject, alias)

    def variant(self, names: Names, parent: Parent, number: int) -> "Scope":
        """What names mean in the records of one of the objects of a polymorphic parent."""
        target = parent.targets[number]
        scope = Scope(self.request, target, alias_of(parent.alias, number))
        return self.variants.setdefault((names, target.name), scope)

    def find_filterable(self, path: Path) -> Found:
        """Look up a field of WHERE."""
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
        return f'FROM "{self.sobject.name}" {self.alias}{"".join(self.joins())}'

    def named(self, source: Path, aliases: tuple[Alias, ...]) -> "Scope":
        """The scope with the aliases of FROM; raises MALFORMED_QUERY for one that is a reserved word or taken."""
        known: dict[str, Names] = {}
        for alias in aliases:
            name = alias.name.text.lower()
            if name.upper() in _RESERVED or "." in name:
                raise self.request.refused(alias.name, "MALFORMED_QUERY", f"unexpected token: '{alias.name.text}'")
            if name in known:
                raise malformed(f"duplicate alias: {alias.name.text}")
            first = alias.path.text.partition(".")[0].lower()
            if alias.path is not source and first not in {*known, self.sobject.name.lower()}:
                raise malformed(f"the alias {alias.name.text} leads nowhere" + OWN_WORDS)
            known[name] = () if alias.path is source else tuple(self._parts(alias.path, known))
        return replace(self, aliases=known) if known else self

    def joins(self) -> Iterator[str]:
        """The SQL that joins them."""
        for parent in self.parents.values():
            yield from parent.joins
        for variant in self.variants.values():
            yield from variant.joins()

    def _parts(self, path: Path, aliases: Mapping[str, Names] | None = None) -> list[str]:
        """The path's names; `User.Name` in a query of User is `Name`."""
        parts = path.text.split(".")
        known = self.aliases if aliases is None else aliases
        if len(parts) == 1:
            return parts
        if parts[0].lower() in known:
            return [*known[parts[0].lower()], *parts[1:]]
        is_own = parts[0].lower() == self.sobject.name.lower()
        return parts[1:] if is_own and not self.sobject.relationship(parts[0]) else parts

    def _allowed(self, found: Found, verb: str, *, is_allowed: bool) -> Found:
        if not is_allowed:
            message = f"field '{found.field.name}' can not be {verb} in a query call"
            raise self.request.refused(found.path, "INVALID_FIELD", message)
        return found

    def _followed(self, path: Path, relationships: list[str]) -> tuple[Names, SObject, str]:
        if len(relationships) > _MOST_LEVELS:
            raise malformed(f"a path may lead over {_MOST_LEVELS} relationships at most: {path.text}")
        sobject, alias = self.sobject, self.alias
        names: Names = ()
        for relationship in relationships:
            names, parent = self._join(path, relationship, names, sobject, alias)
            sobject, alias = parent.sobject, parent.alias
        return names, sobject, alias

    def _join(self, path: Path, relationship: str, names: Names, sobject: SObject, alias: str) -> tuple[Names, Parent]:
        link = sobject.relationship(relationship)
        targets = tuple(filter(None, map(self.request.org.schema.object, link.reference_to))) if link else ()
        if link is None or not targets:
            message = unknown_name("relationship", f"Didn't understand relationship '{relationship}' in field path.")
            raise self.request.refused(path, "INVALID_FIELD", message)
        whole = (*names, link.relationship_name or relationship)
        if whole not in self.parents:
            if len(self.parents) == _MOST_PARENTS:
                raise malformed(
                    f"No more than {_MOST_PARENTS} child-to-parent relationships can be specified in a query"
                )
            parent = targets[0] if len(targets) == 1 else name_object(targets)
            number = len(self.parents) + 1
            self.parents[whole] = Parent(f"{self.alias}_{number}", parent, expression(link, alias), targets)
        return whole, self.parents[whole]
