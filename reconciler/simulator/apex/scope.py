"""Variables: by name without regard to case, in nested blocks."""

from dataclasses import dataclass, field

from reconciler.simulator.apex.tree import Type
from reconciler.simulator.apex.values import Value


@dataclass(slots=True)
class Variable:
    """A variable: its declared type and its value."""

    type: Type
    value: Value


@dataclass(slots=True)
class Scope:
    """The variables of a block, and the block around it; a method's body has none around it."""

    outer: "Scope | None" = None
    variables: dict[str, Variable] = field(default_factory=dict)

    def find(self, name: str) -> Variable | None:
        """The variable of that name, here or further out."""
        key = name.lower()
        scope: Scope | None = self
        while scope is not None:
            if key in scope.variables:
                return scope.variables[key]
            scope = scope.outer
        return None

    def declare(self, name: str, kind: Type, value: Value) -> None:
        """A new variable."""
        self.variables[name.lower()] = Variable(kind, value)
