"""Statements: what a script does, one after another."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from reconciler.simulator.apex import tree
from reconciler.simulator.apex.conversion import converted
from reconciler.simulator.apex.failure import null_reference
from reconciler.simulator.apex.problem import CompileProblem, Thrown
from reconciler.simulator.apex.queries import each_of, is_query
from reconciler.simulator.apex.run import Run
from reconciler.simulator.apex.scope import Scope
from reconciler.simulator.apex.tree import Expression, Place, Statement
from reconciler.simulator.apex.values import ApexList, ApexSet, Box, Value, are_equal, kind_of
from reconciler.simulator.apex.writes import Write, records_of, write
from reconciler.simulator.dml import Operation

_CHUNK = 200
"""Records of a query that a loop over lists is given at a time.

Source: https://developer.salesforce.com/docs/atlas.en-us.apexcode.meta/apexcode/langCon_apex_loops_for_SOQL.htm
"""


class _Broken(Exception):
    """Leaves a loop."""


class _Continued(Exception):
    """Goes on with a loop's next turn."""


class _Returned(Exception):
    """Leaves a method, or the whole script."""

    def __init__(self, value: Value) -> None:
        super().__init__()
        self.value = value


def run_all(run: Run, statements: Sequence[Statement]) -> None:
    """The statements of a whole script."""
    try:
        for statement in statements:
            execute(run, statement)
    except _Returned:
        pass


def execute(run: Run, statement: Statement) -> None:
    """One statement; raises Thrown, CompileProblem and LimitExceeded."""
    run.budget.step()
    _BY_NODE[type(statement)](run, statement)


def invoke(run: Run, method: tree.Method, arguments: Sequence[Value], at: Place) -> Value:
    """Call a method of the script's own."""
    if len(arguments) != len(method.parameters):
        given = ", ".join(map(kind_of, arguments))
        raise CompileProblem(at, f"Method does not exist or incorrect signature: void {method.name}({given})")
    scope = Scope()
    for (kind, name), value in zip(method.parameters, arguments, strict=True):
        scope.declare(name, kind, converted(run.org.schema, kind, value, at))
    before, run.scope = run.scope, scope
    try:
        execute(run, method.body)
    except _Returned as returned:
        return converted(run.org.schema, method.returns, returned.value, at) if method.returns else None
    finally:
        run.scope = before
    return None


@contextmanager
def _inner_scope(run: Run) -> Iterator[None]:
    before, run.scope = run.scope, Scope(run.scope)
    try:
        yield
    finally:
        run.scope = before


def _declare(run: Run, node: tree.Declare) -> None:
    for name, expression, at in node.variables:
        value = run.evaluate(run, expression) if expression is not None else None
        run.scope.declare(name, node.type, converted(run.org.schema, node.type, value, at))


def _evaluate(run: Run, node: tree.Evaluate) -> None:
    for expression in node.expressions:
        run.evaluate(run, expression)


def _block(run: Run, node: tree.Block) -> None:
    with _inner_scope(run):
        for statement in node.statements:
            execute(run, statement)


def _is_true(run: Run, expression: Expression) -> bool:
    value = run.evaluate(run, expression)
    if value is None:
        raise null_reference(expression.at)
    if not isinstance(value, bool):
        raise CompileProblem(expression.at, f"Condition expression must be of type Boolean: {kind_of(value)}")
    return value


def _if(run: Run, node: tree.If) -> None:
    chosen = node.then if _is_true(run, node.test) else node.otherwise
    if chosen is not None:
        execute(run, chosen)


def _for_each(run: Run, node: tree.ForEach) -> None:
    found = run.evaluate(run, node.items)
    if found is None:
        raise null_reference(node.at)
    if is_query(node.items) and node.type.key == "list":
        items = each_of(run, found, _CHUNK)
    elif isinstance(found, ApexList):
        items = tuple(found.items)
    elif isinstance(found, ApexSet):
        items = tuple(found.items.values())
    else:
        raise CompileProblem(node.at, f"Loop must iterate over a collection: {kind_of(found)}")
    for item in items:
        with _inner_scope(run):
            run.scope.declare(node.variable, node.type, converted(run.org.schema, node.type, item, node.at))
            if not _turn(run, node.body):
                break


def _turn(run: Run, body: Statement) -> bool:
    """One turn of a loop; whether there may be another."""
    try:
        execute(run, body)
    except _Broken:
        return False
    except _Continued:
        pass
    return True


def _loop(run: Run, node: tree.Loop) -> None:
    with _inner_scope(run):
        if node.start is not None:
            execute(run, node.start)
        is_first = node.tests_last
        while is_first or node.test is None or _is_true(run, node.test):
            is_first = False
            run.budget.step()
            if not _turn(run, node.body):
                break
            for expression in node.step:
                run.evaluate(run, expression)


def _try(run: Run, node: tree.Try) -> None:
    try:
        execute(run, node.body)
    except Thrown as error:
        caught = next((catch for catch in node.catches if _catches(catch, error.value)), None)
        if caught is None:
            raise
        with _inner_scope(run):
            run.scope.declare(caught.variable, caught.type, error.value)
            execute(run, caught.body)
    finally:
        if node.finally_ is not None:
            execute(run, node.finally_)


def _catches(catch: tree.Catch, value: Box) -> bool:
    name = catch.type.key.rpartition(".")[2]
    return name == "exception" or value.kind.lower().rpartition(".")[2] == name


def _throw(run: Run, node: tree.Throw) -> None:
    value = run.evaluate(run, node.value)
    if not isinstance(value, Box) or not value.kind.lower().endswith("exception"):
        raise CompileProblem(node.at, f"Throw expression must be of type exception: {kind_of(value)}")
    raise Thrown(node.at, value)


def _return(run: Run, node: tree.Return) -> None:
    raise _Returned(run.evaluate(run, node.value) if node.value is not None else None)


def _break(_: Run, __: tree.Break) -> None:
    raise _Broken


def _continue(_: Run, __: tree.Continue) -> None:
    raise _Continued


def _switch(run: Run, node: tree.Switch) -> None:
    value = run.evaluate(run, node.value)
    for when in node.whens:
        if not when.values or any(_meets(run, value, expression) for expression in when.values):
            execute(run, when.body)
            return


def _meets(run: Run, value: Value, expression: Expression) -> bool:
    return are_equal(value, run.evaluate(run, expression))


def _dml(run: Run, node: tree.Dml) -> None:
    if node.operation == "merge":
        raise CompileProblem(node.at, "merge is not simulated")
    records = records_of(run.evaluate(run, node.value), node.at)
    if records:
        write(run, Write(Operation(node.operation), records, node.key), node.at)


_BY_NODE: Mapping[type, Callable[[Run, Any], None]] = {
    tree.Declare: _declare,
    tree.Evaluate: _evaluate,
    tree.Block: _block,
    tree.If: _if,
    tree.ForEach: _for_each,
    tree.Loop: _loop,
    tree.Try: _try,
    tree.Throw: _throw,
    tree.Return: _return,
    tree.Break: _break,
    tree.Continue: _continue,
    tree.Switch: _switch,
    tree.Dml: _dml,
}
