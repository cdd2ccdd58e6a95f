"""`new`: records, collections, exceptions and the objects of Salesforce's own classes."""

from collections.abc import Callable, Mapping

from reconciler.simulator.apex import tree
from reconciler.simulator.apex.conversion import BOXES, converted, is_exception
from reconciler.simulator.apex.failure import exception, thrown
from reconciler.simulator.apex.fields import set_field
from reconciler.simulator.apex.problem import CompileProblem
from reconciler.simulator.apex.run import Run
from reconciler.simulator.apex.values import ApexList, ApexMap, ApexSet, Box, Record, Value, key_of, kind_of, text_of

_OWN = frozenset({"database.dmloptions"})


def created(run: Run, node: tree.New) -> Value:
    """`new T(...)`."""
    sobject = run.org.schema.object(node.type.name)
    if sobject is not None and not node.type.arguments:
        return _record(run, sobject.name, node)
    arguments = [run.evaluate(run, argument) for argument in node.arguments]
    if node.type.key in _COLLECTIONS:
        return _COLLECTIONS[node.type.key](run, node, arguments)
    if is_exception(node.type) and len(arguments) <= 1:
        message = text_of(arguments[0]) if arguments else "Script-thrown exception"
        return exception(node.type.name, message, node.at)
    if node.type.key in _OWN and not arguments:
        return Box(BOXES[node.type.key])
    raise CompileProblem(node.at, f"Invalid type: {node.type}")


def _record(run: Run, name: str, node: tree.New) -> Record:
    record = Record(name)
    for argument in node.arguments:
        if not isinstance(argument, tree.Assign) or not isinstance(argument.target, tree.Name):
            raise CompileProblem(argument.at, f"Invalid constructor syntax for SObject type: {name}")
        value = run.evaluate(run, argument.value)
        set_field(run.org.schema, record, argument.target.parts[-1], value, argument.at)
    return record


def _list(run: Run, node: tree.New, arguments: list[Value]) -> ApexList:
    found = ApexList([], node.type.arguments[0])
    for argument in arguments:
        found.items += [converted(run.org.schema, found.of, item, node.at) for item in members(argument, node)]
    return found


def _set(run: Run, node: tree.New, arguments: list[Value]) -> ApexSet:
    found = ApexSet(of=node.type.arguments[0])
    for argument in arguments:
        items = (converted(run.org.schema, found.of, item, node.at) for item in members(argument, node))
        found.items |= {key_of(item): item for item in items}
    return found


def _map(run: Run, node: tree.New, arguments: list[Value]) -> ApexMap:
    key, of = node.type.arguments
    found = ApexMap(key=key, of=of)
    for argument in arguments:
        if isinstance(argument, ApexMap):
            found.items |= argument.items
        else:
            found.items |= _by_id(run, node, argument)
    return found


def _by_id(run: Run, node: tree.New, argument: Value) -> dict[object, tuple[Value, Value]]:
    """Records by their Ids: `new Map<Id, User>([SELECT ...])`."""
    by_id: dict[object, tuple[Value, Value]] = {}
    for item in members(argument, node):
        record_id = item.values.get("Id") if isinstance(item, Record) else None
        if record_id is None:
            raise thrown(node.at, "System.ListException", "Row with null Id at index: 0")
        by_id[record_id] = (record_id, item)
    run.budget.step()
    return by_id


def members(value: Value, node: tree.New) -> list[Value]:
    """The members of a collection that a constructor is given."""
    match value:
        case ApexList():
            return value.items
        case ApexSet():
            return list(value.items.values())
        case _:
            pass
    raise CompileProblem(node.at, f"Constructor not defined: [{node.type}].<Constructor>({kind_of(value)})")


def filled(run: Run, node: tree.NewFilled) -> Value:
    """`new List<T>{a, b}`, `new Set<T>{a, b}`, `new Map<K, V>{k => v}`."""
    made = created(run, tree.New(node.at, node.type, ()))
    for first, second in node.elements:
        value = run.evaluate(run, first)
        if (second is not None) is not isinstance(made, ApexMap):
            raise CompileProblem(first.at, f"Invalid initializer for type {node.type}")
        _put(run, made, value, run.evaluate(run, second) if second is not None else None, node)
    return made


def _put(run: Run, made: Value, first: Value, second: Value, node: tree.NewFilled) -> None:
    schema = run.org.schema
    match made:
        case ApexList():
            made.items.append(converted(schema, made.of, first, node.at))
        case ApexSet():
            item = converted(schema, made.of, first, node.at)
            made.items[key_of(item)] = item
        case ApexMap():
            key = converted(schema, made.key, first, node.at)
            made.items[key_of(key)] = (key, converted(schema, made.of, second, node.at))
        case _:
            pass


def sized(run: Run, node: tree.NewArray) -> Value:
    """`new T[n]`: so many nulls."""
    size = run.evaluate(run, node.size)
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise CompileProblem(node.at, f"Illegal array size: {text_of(size)}")
    run.budget.hold(size)
    return ApexList([None] * size, node.type.arguments[0])


_COLLECTIONS: Mapping[str, Callable[[Run, tree.New, list[Value]], Value]] = {"list": _list, "set": _set, "map": _map}
