"""Names -> SQL: the object of one query, and the parents that its paths lead to."""

from dataclasses import dataclass, field

from reconciler.simulator.errors import ApiError
from reconciler.simulator.org import Org
from reconciler.simulator.schema import Field, FieldType, SObject
from reconciler.simulator.store import expression

_MOST_PARENTS = 5
_WITHOUT_CASE = frozenset(
    {
        FieldType.ID,
        FieldType.REFERENCE,
        FieldType.BOOLEAN,
        FieldType.INT,
        FieldType.DOUBLE,
        FieldType.CURRENCY,
        FieldType.DATE,
        FieldType.DATETIME,
    }
)


@dataclass(frozen=True, slots=True)
class Found:
    """A field and the SQL for its value; `parents` are the aliases of the parents on the way."""

    field: Field
    sql: str
    parents: tuple[str, ...]

    @property
    def compared(self) -> str:
        """The SQL to compare by: text without case, unless the field has one."""
        plain_text = self.field.type.value not in {
            "id",
            "reference",
            "boolean",
            "int",
            "double",
            "currency",
            "date",
            "datetime",
        }
        return f"{self.sql} COLLATE NOCASE" if plain_text and not self.field.case_sensitive else self.sql


@dataclass(slots=True)
class Scope:
    """What names mean in one query; joins grow as paths are looked up."""

    org: Org
    sobject: SObject
    version: float
    alias: str = "t0"
    joins: dict[tuple[str, ...], tuple[str, SObject, str]] = field(default_factory=dict)

    def find(self, path: str) -> Found:
        """Look a path up; raises INVALID_FIELD for a name that does not exist."""
        parts = path.split(".")
        if len(parts) > 1 and parts[0].lower() == self.sobject.name.lower() and not self.sobject.relationship(parts[0]):
            parts = parts[1:]
        if len(parts) - 1 > _MOST_PARENTS:
            raise ApiError(400, "MALFORMED_QUERY", f"{path} leads over more than {_MOST_PARENTS} parents")
        sobject, alias, parents = self.sobject, self.alias, []
        for depth in range(1, len(parts)):
            alias, sobject = self._join(tuple(part.lower() for part in parts[:depth]), sobject, alias, parts[depth - 1])
            parents.append(alias)
        found = sobject.field(parts[-1])
        if found is None:
            raise no_such_column(parts[-1], sobject.name)
        return Found(found, expression(found, alias), tuple(parents))

    def from_clause(self) -> str:
        """FROM with all parents that were looked up."""
        joins = "".join(
            f' LEFT JOIN "{parent.name}" {alias} ON {alias}.Id = {link}' for alias, parent, link in self.joins.values()
        )
        return f'FROM "{self.sobject.name}" {self.alias}{joins}'

    def _join(self, path: tuple[str, ...], sobject: SObject, alias: str, name: str) -> tuple[str, SObject]:
        if path not in self.joins:
            link = sobject.relationship(name)
            parent = self.org.schema.object(link.reference_to[0]) if link else None
            if link is None or parent is None:
                raise ApiError(
                    400,
                    "INVALID_FIELD",
                    f"Didn't understand relationship '{name}' in field path. If you are attempting to use a custom "
                    "relationship, be sure to append the '__r' after the custom relationship name. Please reference "
                    "your WSDL or the describe call for the appropriate names.",
                )
            self.joins[path] = (f"{self.alias}_{len(self.joins) + 1}", parent, expression(link, alias))
        joined, parent, _ = self.joins[path]
        return joined, parent


def no_such_column(name: str, entity: str) -> ApiError:
    """The answer to a field that the object does not have."""
    return ApiError(
        400,
        "INVALID_FIELD",
        f"No such column '{name}' on entity '{entity}'. If you are attempting to use a custom field, be sure to append "
        "the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate "
        "names.",
    )
