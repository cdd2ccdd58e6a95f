"""Expressions -> values."""

from collections.abc import Callable, Mapping
from typing import Any

from reconciler.simulator.apex import tree
from reconciler.simulator.apex.conversion import converted, is_exception
from reconciler.simulator.apex.create import created, filled, sized
from reconciler.simulator.apex.failure import null_reference, out_of_bounds
from reconciler.simulator.apex.fields import read_member, set_member
from reconciler.simulator.apex.methods import call_method, call_static, read_static
from reconciler.simulator.apex.operators import changed_sign, combined
from reconciler.simulator.apex.problem import CompileProblem
from reconciler.simulator.apex.queries import queried
from reconciler.simulator.apex.run import Run
from reconciler.simulator.apex.statements import invoke
from reconciler.simulator.apex.tree import Expression, Place
from reconciler.simulator.apex.values import ApexList, Box, Record, Value, kind_of


def evaluate(run: Run, expression: Expression) -> Value:
    """The value of an expression; raises Thrown, CompileProblem and LimitExceeded."""
    run.budget.step()
    return _BY_NODE[type(expression)](run, expression)


def _constant(_: Run, node: tree.Constant) -> Value:
    value: Any = node.value
    found: Value = value
    return found


def _name(run: Run, node: tree.Name) -> Value:
    variable = run.scope.find(node.parts[0])
    if variable is None:
        return read_static(run, node.parts, node.at)
    return _path(run, variable.value, node.parts[1:], node.at)


def _path(run: Run, value: Value, names: tuple[str, ...], at: Place) -> Value:
    """Members of members; behind a parent that a query found to be null everything is null."""
    for number, name in enumerate(names):
        if value is None and number:
            return None
        value = read_member(run.org.schema, value, name, at)
    return value


def _call(run: Run, node: tree.Call) -> Value:
    *owner, name = node.parts
    if not owner:
        method = run.methods.get(name.lower())
        if method is None:
            raise CompileProblem(node.at, f"Method does not exist or incorrect signature: void {name}()")
        return invoke(run, method, [evaluate(run, argument) for argument in node.arguments], node.at)
    variable = run.scope.find(owner[0])
    if variable is None:
        arguments = [evaluate(run, argument) for argument in node.arguments]
        return call_static(run, node.parts, arguments, node.at)
    target = _path(run, variable.value, tuple(owner[1:]), node.at)
    return call_method(run, target, name, [evaluate(run, argument) for argument in node.arguments], node.at)


def _member(run: Run, node: tree.Member) -> Value:
    owner = evaluate(run, node.owner)
    if owner is None and node.is_safe:
        return None
    return _path(run, owner, node.parts, node.at)


def _member_call(run: Run, node: tree.MemberCall) -> Value:
    owner = evaluate(run, node.owner)
    if owner is None and node.is_safe:
        return None
    *members, name = node.parts
    target = _path(run, owner, tuple(members), node.at)
    return call_method(run, target, name, [evaluate(run, argument) for argument in node.arguments], node.at)


def _index(run: Run, node: tree.Index) -> Value:
    found, number = _item(run, node)
    return found.items[number]


def _item(run: Run, node: tree.Index) -> tuple[ApexList, int]:
    owner, number = evaluate(run, node.owner), evaluate(run, node.index)
    if owner is None or number is None:
        raise null_reference(node.at)
    if not isinstance(owner, ApexList) or not isinstance(number, int):
        raise CompileProblem(node.at, f"Expression must be a list type: {kind_of(owner)}")
    if not 0 <= number < len(owner.items):
        raise out_of_bounds(node.at, number)
    return owner, number


def _binary(run: Run, node: tree.Binary) -> Value:
    left = evaluate(run, node.left)
    match node.operator:
        case "??":
            return evaluate(run, node.right) if left is None else left
        case "&&" | "||":
            first = truth(left, node.at)
            return first if first is (node.operator == "||") else truth(evaluate(run, node.right), node.at)
        case _:
            return combined(node.operator, left, evaluate(run, node.right), node.at)


def truth(value: Value, at: Place) -> bool:
    """A condition's value; raises Thrown for null, CompileProblem for anything else that is no Boolean."""
    if value is None:
        raise null_reference(at)
    if not isinstance(value, bool):
        raise CompileProblem(at, f"Condition expression must be of type Boolean: {kind_of(value)}")
    return value


def _prefix(run: Run, node: tree.Prefix) -> Value:
    return changed_sign(node.operator, evaluate(run, node.operand), node.at)


def _step(run: Run, node: tree.StepBy) -> Value:
    before = evaluate(run, node.target)
    after = combined(node.operator[0], before, 1, node.at)
    _set(run, node.target, after)
    return after if node.is_before else before


def _assign(run: Run, node: tree.Assign) -> Value:
    value = evaluate(run, node.value)
    if node.operator:
        value = combined(node.operator, evaluate(run, node.target), value, node.at)
    return _set(run, node.target, value)


def _set(run: Run, target: Expression, value: Value) -> Value:
    match target:
        case tree.Name(at, (name,)):
            return _set_variable(run, name, value, at)
        case tree.Name(at, parts):
            owner = _name(run, tree.Name(at, parts[:-1]))
            set_member(run.org.schema, owner, parts[-1], value, at)
        case tree.Member(at, owner_node, parts):
            owner = _path(run, evaluate(run, owner_node), parts[:-1], at)
            set_member(run.org.schema, owner, parts[-1], value, at)
        case tree.Index():
            found, number = _item(run, target)
            found.items[number] = converted(run.org.schema, found.of, value, target.at)
        case _:
            raise CompileProblem(target.at, "Expression cannot be assigned")
    return value


def _set_variable(run: Run, name: str, value: Value, at: Place) -> Value:
    variable = run.scope.find(name)
    if variable is None:
        raise CompileProblem(at, f"Variable does not exist: {name}")
    variable.value = converted(run.org.schema, variable.type, value, at)
    return variable.value


def _ternary(run: Run, node: tree.Ternary) -> Value:
    return evaluate(run, node.if_true if truth(evaluate(run, node.test), node.at) else node.if_false)


def _instance_of(run: Run, node: tree.InstanceOf) -> Value:
    value = evaluate(run, node.operand)
    kind = node.type.key
    if value is None:
        return False
    is_object = isinstance(value, Record) and kind == "sobject"
    is_thrown = isinstance(value, Box) and is_exception(node.type) and kind == "exception"
    return kind == "object" or is_object or is_thrown or kind_of(value).partition("<")[0].lower() == kind


def _cast(run: Run, node: tree.Cast) -> Value:
    return converted(run.org.schema, node.type, evaluate(run, node.operand), node.at)


def _query(run: Run, node: tree.Query) -> Value:
    return queried(run, node.text, node.at)


_BY_NODE: Mapping[type, Callable[[Run, Any], Value]] = {
    tree.Constant: _constant,
    tree.Name: _name,
    tree.Call: _call,
    tree.Member: _member,
    tree.MemberCall: _member_call,
    tree.Index: _index,
    tree.Binary: _binary,
    tree.Prefix: _prefix,
    tree.StepBy: _step,
    tree.Assign: _assign,
    tree.Ternary: _ternary,
    tree.InstanceOf: _instance_of,
    tree.Cast: _cast,
    tree.Query: _query,
    tree.New: created,
    tree.NewFilled: filled,
    tree.NewArray: sized,
}
