"""Text -> Script; raises CompileProblem."""

from collections.abc import Callable
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedInput, UnexpectedToken, v_args
from lark.exceptions import VisitError

from reconciler.simulator.apex import tree
from reconciler.simulator.apex.lexeme import (
    LARGEST_INT,
    LARGEST_LONG,
    names_in,
    place_of,
    plain_text,
    type_of,
    whole_number,
)
from reconciler.simulator.apex.problem import CompileProblem
from reconciler.simulator.apex.tree import Place

LONGEST_SCRIPT = 32_000
"""Characters of an anonymous block (reported; the developer console says so)."""


def parse_script(code: str) -> tree.Script:
    """Parse an anonymous block."""
    if len(code) > LONGEST_SCRIPT:
        message = f"Script too large: {len(code)} characters, the maximum is {LONGEST_SCRIPT}"
        raise CompileProblem(Place(1, 1), message)
    script: tree.Script = _parsed(code, "start")
    return script


def parse_expression(text: str, at: Place) -> tree.Expression:
    """Parse one expression, as a bind of a query is."""
    try:
        expression: tree.Expression = _parsed(text, "expression")
    except CompileProblem as problem:
        raise CompileProblem(at, problem.message) from None
    return expression


def _parsed(text: str, start: str) -> Any:
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise CompileProblem(Place(1, 1), "the script is no valid Unicode text")
    try:
        # The transformer is given to Lark itself, so that no tree of Lark's is ever walked recursively.
        return _grammar().parse(text, start=start)
    except UnexpectedInput as error:
        raise _unexpected(text, error) from None
    except VisitError as error:
        if isinstance(error.orig_exc, CompileProblem):
            raise error.orig_exc from None
        raise


def _unexpected(text: str, error: UnexpectedInput) -> CompileProblem:
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        line = text.count("\n") + 1
        return CompileProblem(Place(line, len(text) - text.rfind("\n")), "Unexpected token '<EOF>'.")
    position: Any = error.pos_in_stream
    word = str(error.token) if isinstance(error, UnexpectedToken) else text[position]
    return CompileProblem(Place(error.line, error.column), f"Unexpected token '{word}'.")


@cache
def _grammar() -> Lark:
    grammar = files(__package__).joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, start=["start", "expression"], parser="lalr", maybe_placeholders=True, transformer=_Build())


def _empty(word: Token) -> tree.Block:
    return tree.Block(place_of(word), ())


def _operation(make: Callable[[Place, str, Any, Any], Any]) -> Callable[..., Any]:
    return lambda _, left, token, right: make(place_of(token), str(token), left, right)


@v_args(inline=True)
class _Build(Transformer[Token, Any]):
    """What Lark matches, as our tree; each method is named for its rule."""

    def start(self, *items: Any) -> tree.Script:
        methods: dict[str, tree.Method] = {}
        for item in items:
            if isinstance(item, tree.Method) and methods.setdefault(item.name.lower(), item) is not item:
                raise CompileProblem(item.at, f"Method already defined: {item.name}")
        return tree.Script(methods, tuple(item for item in items if item and not isinstance(item, tree.Method)))

    def modifier(self, _: Token) -> None:
        return None

    def method(self, *parts: Any) -> tree.Method:
        returns, name, parameters, body = parts[-4:]
        kind = returns if isinstance(returns, tree.Type) else None
        return tree.Method(place_of(name), str(name), kind, parameters or (), body)

    def parameters(self, *parts: Any) -> tuple[Any, ...]:
        return parts

    def parameter(self, *parts: Any) -> tuple[tree.Type, str]:
        return parts[-2], str(parts[-1])

    def nothing(self) -> None:
        return None

    def evaluation(self, expression: Any) -> tree.Evaluate:
        return tree.Evaluate(expression.at, (expression,))

    def evaluations(self, expressions: Any) -> tree.Evaluate:
        return tree.Evaluate(expressions[0].at, expressions)

    def condition(self, word: Token, test: Any, then: Any, *rest: Any) -> tree.If:
        return tree.If(place_of(word), test, then or _empty(word), rest[-1] if rest else None)

    def for_each(self, word: Token, *parts: Any) -> tree.ForEach:
        kind, name, items, body = parts[-4:]
        return tree.ForEach(place_of(word), kind, str(name), items, body or _empty(word))

    def for_loop(self, word: Token, start: Any, test: Any, step: Any, body: Any) -> tree.Loop:
        return tree.Loop(place_of(word), start, test, step or (), body or _empty(word))

    def while_loop(self, word: Token, test: Any, body: Any) -> tree.Loop:
        return tree.Loop(place_of(word), None, test, (), body or _empty(word))

    def do_loop(self, word: Token, body: Any, _: Token, test: Any) -> tree.Loop:
        return tree.Loop(place_of(word), None, test, (), body or _empty(word), tests_last=True)

    def attempt(self, word: Token, body: Any, *rest: Any) -> tree.Try:
        *catches, last = rest
        if not catches and last is None:
            raise CompileProblem(place_of(word), "Try must have a catch or finally block")
        return tree.Try(place_of(word), body, tuple(catches), last)

    def catch(self, word: Token, kind: Any, name: Token, body: Any) -> tree.Catch:
        return tree.Catch(place_of(word), kind, str(name), body)

    def last_block(self, _: Token, body: Any) -> Any:
        return body

    def throw(self, word: Token, value: Any) -> tree.Throw:
        return tree.Throw(place_of(word), value)

    def return_value(self, word: Token, value: Any) -> tree.Return:
        return tree.Return(place_of(word), value)

    def break_loop(self, word: Token) -> tree.Break:
        return tree.Break(place_of(word))

    def continue_loop(self, word: Token) -> tree.Continue:
        return tree.Continue(place_of(word))

    def switch(self, word: Token, _: Token, value: Any, *whens: Any) -> tree.Switch:
        return tree.Switch(place_of(word), value, whens)

    def when(self, word: Token, values: Any, body: Any) -> tree.When:
        return tree.When(place_of(word), () if isinstance(values, Token) else values, body)

    def dml(self, word: Token, *parts: Any) -> tree.Dml:
        value, key = parts[-2:]
        return tree.Dml(place_of(word), str(word).lower(), value, names_in(key)[-1] if key else None)

    def block(self, *statements: Any) -> tree.Block:
        found = tuple(statement for statement in statements if statement)
        return tree.Block(found[0].at if found else Place(1, 1), found)

    def declaration(self, *parts: Any) -> tree.Declare:
        known = [part for part in parts if part is not None and not isinstance(part, Token)]
        kind, *variables = known
        return tree.Declare(variables[0][2], kind, tuple(variables))

    def declarator(self, name: Token, value: Any) -> tuple[str, Any, Place]:
        return str(name), value, place_of(name)

    def expressions(self, *parts: Any) -> tuple[Any, ...]:
        return parts

    def type(self, *parts: Token) -> tree.Type:
        return type_of("".join(parts))

    def assignment(self, target: Any, operator: Token, value: Any) -> tree.Assign:
        return tree.Assign(target.at, str(operator)[:-1], target, value)

    def plain_assignment(self, target: Any, value: Any) -> tree.Assign:
        return tree.Assign(target.at, "", target, value)

    def ternary(self, test: Any, if_true: Any, if_false: Any) -> tree.Ternary:
        return tree.Ternary(test.at, test, if_true, if_false)

    binary = _operation(tree.Binary)

    def instance_of(self, operand: Any, word: Token, kind: Any) -> tree.InstanceOf:
        return tree.InstanceOf(place_of(word), operand, kind)

    def prefix(self, operator: Token, operand: Any) -> tree.Prefix:
        return tree.Prefix(place_of(operator), str(operator), operand)

    def step_before(self, operator: Token, target: Any) -> tree.StepBy:
        return tree.StepBy(place_of(operator), str(operator), target, is_before=True)

    def step_after(self, target: Any, operator: Token) -> tree.StepBy:
        return tree.StepBy(place_of(operator), str(operator), target, is_before=False)

    def cast(self, kind: Token, operand: Any) -> tree.Cast:
        return tree.Cast(place_of(kind), type_of(str(kind)[1:-1]), operand)

    def index(self, owner: Any, index: Any) -> tree.Index:
        return tree.Index(owner.at, owner, index)

    def member(self, owner: Any, dot: Token, name: Token) -> tree.Member:
        return tree.Member(place_of(name), owner, names_in(name), is_safe=dot == "?.")

    def member_call(self, owner: Any, dot: Token, name: Token, arguments: Any) -> tree.MemberCall:
        return tree.MemberCall(place_of(name), owner, names_in(name), arguments, is_safe=dot == "?.")

    def integer(self, token: Token) -> tree.Constant:
        return whole_number(token, str(token), LARGEST_INT, "Integer")

    def long(self, token: Token) -> tree.Constant:
        return whole_number(token, str(token)[:-1], LARGEST_LONG, "Long")

    def decimal(self, token: Token) -> tree.Constant:
        return tree.Constant(place_of(token), Decimal(str(token).rstrip("dD")), tree.Type("Decimal"))

    def string(self, token: Token) -> tree.Constant:
        return tree.Constant(place_of(token), plain_text(str(token)[1:-1], place_of(token)), tree.Type("String"))

    def true(self, token: Token) -> tree.Constant:
        return tree.Constant(place_of(token), value=True, type=tree.Type("Boolean"))

    def false(self, token: Token) -> tree.Constant:
        return tree.Constant(place_of(token), value=False, type=tree.Type("Boolean"))

    def null(self, token: Token) -> tree.Constant:
        return tree.Constant(place_of(token), None, None)

    def query(self, token: Token) -> tree.Query:
        return tree.Query(place_of(token), str(token)[1:-1])

    def name(self, token: Token) -> tree.Name:
        return tree.Name(place_of(token), names_in(token))

    def call(self, token: Token, arguments: Any) -> tree.Call:
        return tree.Call(place_of(token), names_in(token), arguments)

    def arguments(self, expressions: Any) -> Any:
        return expressions or ()

    def new_object(self, word: Token, name: Token, arguments: Any) -> tree.New:
        return tree.New(place_of(word), type_of(str(name)), arguments)

    def new_collection(self, word: Token, name: Token, arguments: Any) -> tree.New:
        return tree.New(place_of(word), type_of(str(name)), arguments)

    def new_filled(self, word: Token, name: Token, *rest: Any) -> tree.NewFilled:
        *brackets, elements = rest
        return tree.NewFilled(place_of(word), type_of(str(name) + "".join(brackets)), elements or ())

    def new_array(self, word: Token, name: Token, size: Any) -> tree.NewArray:
        return tree.NewArray(place_of(word), tree.Type("List", (type_of(str(name)),)), size)

    def elements(self, *parts: Any) -> tuple[Any, ...]:
        return parts

    def element(self, first: Any, second: Any) -> tuple[Any, Any]:
        return first, second
