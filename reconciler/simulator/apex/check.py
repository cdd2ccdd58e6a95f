"""What Apex refuses before it runs anything: unknown variables and types, variables declared twice, wrong values.

What a variable holds is known by its declaration only, so that the rest is found while the script runs; as a compile
problem undoes everything, the script's own user can't tell the difference.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from reconciler.simulator.apex import tree
from reconciler.simulator.apex.conversion import PRIMITIVES, is_known
from reconciler.simulator.apex.fields import AGGREGATE
from reconciler.simulator.apex.methods.statics import ENUMS, STATICS
from reconciler.simulator.apex.problem import CompileProblem
from reconciler.simulator.apex.scope import Scope
from reconciler.simulator.apex.tree import Place, Type
from reconciler.simulator.schema import Schema

_WIDER: Mapping[str, frozenset[str]] = {
    "integer": frozenset({"integer", "long", "double", "decimal", "object"}),
    "long": frozenset({"long", "double", "decimal", "object"}),
    "decimal": frozenset({"decimal", "double", "object"}),
    "double": frozenset({"decimal", "double", "object"}),
    "string": frozenset({"string", "id", "object"}),
    "boolean": frozenset({"boolean", "object"}),
}
"""The primitive types that a value of a primitive type may be assigned to."""


def check(schema: Schema, script: tree.Script) -> None:
    """Raises CompileProblem for the first thing that Apex would not compile."""
    checker = _Checker(schema, script)
    for method in script.methods.values():
        checker.method(method)
    for statement in script.statements:
        checker.visit(statement)


@dataclass(slots=True)
class _Checker:
    schema: Schema
    script: tree.Script
    scope: Scope

    def __init__(self, schema: Schema, script: tree.Script) -> None:
        self.schema, self.script, self.scope = schema, script, Scope()

    def method(self, method: tree.Method) -> None:
        self.scope = Scope()
        for kind, name in method.parameters:
            self._declare(name, kind, method.at)
        if method.returns is not None:
            self._known(method.returns, method.at)
        self.visit(method.body)
        self.scope = Scope()

    def visit(self, node: Any) -> None:
        """A statement, an expression, or what holds some."""
        match node:
            case tree.Declare():
                self._declaration(node)
            case tree.Block() | tree.Loop():
                self._inside(_parts(node))
            case tree.ForEach():
                self.visit(node.items)
                self._inside([node.body], (node.variable, node.type, node.at))
            case tree.Catch():
                self._inside([node.body], (node.variable, node.type, node.at))
            case tree.New():
                self._new(node)
            case _:
                self._expression(node)
                self._all(_parts(node))

    def _expression(self, node: Any) -> None:
        match node:
            case tree.Name(at, parts):
                self._name(parts, at)
            case tree.Call(at, parts):
                self._call(parts, at)
            case tree.Cast() | tree.NewFilled() | tree.NewArray() | tree.InstanceOf():
                self._known(node.type, node.at)
            case tree.Assign(at, "", tree.Name(_, (name,)), value):
                variable = self.scope.find(name)
                if variable is not None:
                    self._fits(variable.type, value, at)
            case _:
                pass

    def _all(self, nodes: Iterable[Any]) -> None:
        for node in nodes:
            self.visit(node)

    def _inside(self, nodes: Iterable[Any], variable: tuple[str, Type, Place] | None = None) -> None:
        before, self.scope = self.scope, Scope(self.scope)
        if variable is not None:
            self._declare(*variable)
        self._all(nodes)
        self.scope = before

    def _declaration(self, node: tree.Declare) -> None:
        for name, value, at in node.variables:
            if value is not None:
                self.visit(value)
                self._fits(node.type, value, at)
            self._declare(name, node.type, at)

    def _declare(self, name: str, kind: Type, at: Place) -> None:
        self._known(kind, at)
        if "." in name:
            raise CompileProblem(at, f"Unexpected token '{name}'.")
        if self.scope.find(name) is not None:
            raise CompileProblem(at, f"Duplicate variable: {name}")
        self.scope.declare(name, kind, None)

    def _known(self, kind: Type, at: Place) -> None:
        if not is_known(self.schema, kind):
            raise CompileProblem(at, f"Invalid type: {kind}")

    def _name(self, parts: tuple[str, ...], at: Place) -> None:
        variable = self.scope.find(parts[0])
        if variable is not None:
            self._member(variable.type, parts[1:], at)
        elif not self._is_static(parts):
            raise CompileProblem(at, f"Variable does not exist: {parts[0]}")

    def _is_static(self, parts: tuple[str, ...]) -> bool:
        first = parts[0].lower()
        known = first in STATICS or first in ENUMS or self.schema.object(first) is not None
        return len(parts) > 1 and (known or first == "schema")

    def _member(self, kind: Type, names: tuple[str, ...], at: Place) -> None:
        """The fields of a record along a path, as far as its object is known."""
        sobject = self.schema.object(kind.name) if not kind.arguments and kind.name != AGGREGATE else None
        for name in names:
            if sobject is None:
                return
            link = sobject.relationship(name)
            is_child = any(child.name.lower() == name.lower() for child in sobject.children)
            if sobject.field(name) is None and link is None and not is_child:
                raise CompileProblem(at, f"Variable does not exist: {name}")
            sobject = self.schema.object(link.reference_to[0]) if link and len(link.reference_to) == 1 else None

    def _call(self, parts: tuple[str, ...], at: Place) -> None:
        *owner, name = parts
        if not owner:
            if name.lower() not in self.script.methods:
                raise CompileProblem(at, f"Method does not exist or incorrect signature: void {name}()")
            return
        variable = self.scope.find(owner[0])
        if variable is not None:
            self._member(variable.type, tuple(owner[1:]), at)
            return
        names = owner[1:] if len(owner) > 1 and owner[0].lower() == "system" else owner
        table = STATICS.get(names[0].lower())
        if table is None or len(names) > 1:
            raise CompileProblem(at, f"Variable does not exist: {owner[0]}")
        if name.lower() not in table:
            raise CompileProblem(
                at, f"Method does not exist or incorrect signature: void {name}() from the type {names[0]}"
            )

    def _new(self, node: tree.New) -> None:
        self._known(node.type, node.at)
        sobject = self.schema.object(node.type.name) if not node.type.arguments else None
        for argument in node.arguments:
            if sobject is None or not isinstance(argument, tree.Assign) or not isinstance(argument.target, tree.Name):
                self.visit(argument)
                continue
            name = argument.target.parts[-1]
            if sobject.field(name) is None and sobject.relationship(name) is None:
                raise CompileProblem(argument.at, f"Field does not exist: {name} on {sobject.name}")
            self.visit(argument.value)

    def _fits(self, kind: Type, value: tree.Expression, at: Place) -> None:
        given = self._type_of(value)
        if given is None or given.key not in _WIDER:
            return
        is_primitive = kind.key in PRIMITIVES or kind.key == "object"
        if kind.key not in _WIDER[given.key] if is_primitive else not self._is_enum(kind):
            raise CompileProblem(at, f"Illegal assignment from {given} to {kind}")

    def _is_enum(self, kind: Type) -> bool:
        return kind.key in ENUMS

    def _type_of(self, node: tree.Expression) -> Type | None:
        """The type of an expression, where it is plain to see."""
        match node:
            case tree.Constant():
                return node.type
            case tree.Name(_, (name,)):
                variable = self.scope.find(name)
                return variable.type if variable else None
            case tree.Cast():
                return node.type
            case tree.Binary(_, "==" | "!=" | "<" | ">" | "<=" | ">=" | "&&" | "||" | "===" | "!==" | "<>"):
                return Type("Boolean")
            case _:
                return None


def _parts(node: Any) -> Iterable[Any]:
    """The nodes right below a node, in order."""
    for item in fields(node):
        yield from _nodes(getattr(node, item.name))


def _nodes(value: Any) -> Iterable[Any]:
    if isinstance(value, (Type, Place)):
        return
    if is_dataclass(value):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _nodes(item)
