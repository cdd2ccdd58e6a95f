"""Text -> Script; raises CompileProblem."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedInput, UnexpectedToken, v_args
from lark.exceptions import VisitError

from reconciler.simulator.apex import tree
from reconciler.simulator.apex.problem import CompileProblem
from reconciler.simulator.apex.tree import Place

LONGEST_SCRIPT = 32_000
"""Characters of an anonymous block (reported; the developer console says so)."""

_LARGEST_INT, _LARGEST_LONG = 2**31 - 1, 2**63 - 1
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_CHARACTERS: Mapping[str, str] = {
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "b": "\b",
    "f": "\f",
    "'": "'",
    '"': '"',
    "\\": "\\",
}
_TYPE_TOKEN = re.compile(r"[\w.]+|[<>,]")


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


def _place(token: Token) -> Place:
    return Place(token.line or 1, token.column or 1)


def _split(token: Token) -> tuple[str, ...]:
    return tuple(part.strip() for part in str(token).split("."))


def _type(text: str) -> tree.Type:
    """`List<Map<Id,User>>[]` as a type; an array is a list."""
    brackets = text.count("[")
    pieces = _TYPE_TOKEN.findall(text)
    found, _ = _read_type(pieces, 0)
    for _ in range(brackets):
        found = tree.Type("List", (found,))
    return found


def _read_type(pieces: list[str], at: int) -> tuple[tree.Type, int]:
    name = pieces[at] if at < len(pieces) else ""
    at += 1
    arguments: list[tree.Type] = []
    if at < len(pieces) and pieces[at] == "<":
        while at < len(pieces) and pieces[at] in "<,":
            argument, at = _read_type(pieces, at + 1)
            arguments.append(argument)
        at += 1
    return tree.Type(re.sub(r"(?i)^system\.(?=\w+$)", "", name), tuple(arguments)), at


def _text(raw: str, at: Place) -> str:
    def character(match: re.Match[str]) -> str:
        name = match[1]
        if len(name) == 5:
            return chr(int(name[1:], 16))
        if name not in _CHARACTERS:
            raise CompileProblem(at, f"Invalid string literal '{raw}'. Illegal character sequence '{match[0]}'.")
        return _CHARACTERS[name]

    return _ESCAPE.sub(character, raw)


def _whole(token: Token, digits: str, largest: int, name: str) -> tree.Constant:
    if len(digits) > 20 or int(digits) > largest + 1:
        raise CompileProblem(_place(token), f"Illegal {name.lower()}")
    return tree.Constant(_place(token), int(digits), tree.Type(name))


def _empty(word: Token) -> tree.Block:
    return tree.Block(_place(word), ())


def _operation(make: Callable[[Place, str, Any, Any], Any]) -> Callable[..., Any]:
    return lambda _, left, token, right: make(_place(token), str(token), left, right)


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
        return tree.Method(_place(name), str(name), kind, parameters or (), body)

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
        return tree.If(_place(word), test, then or _empty(word), rest[-1] if rest else None)

    def for_each(self, word: Token, *parts: Any) -> tree.ForEach:
        kind, name, items, body = parts[-4:]
        return tree.ForEach(_place(word), kind, str(name), items, body or _empty(word))

    def for_loop(self, word: Token, start: Any, test: Any, step: Any, body: Any) -> tree.Loop:
        return tree.Loop(_place(word), start, test, step or (), body or _empty(word))

    def while_loop(self, word: Token, test: Any, body: Any) -> tree.Loop:
        return tree.Loop(_place(word), None, test, (), body or _empty(word))

    def do_loop(self, word: Token, body: Any, _: Token, test: Any) -> tree.Loop:
        return tree.Loop(_place(word), None, test, (), body or _empty(word), tests_last=True)

    def attempt(self, word: Token, body: Any, *rest: Any) -> tree.Try:
        *catches, last = rest
        if not catches and last is None:
            raise CompileProblem(_place(word), "Try must have a catch or finally block")
        return tree.Try(_place(word), body, tuple(catches), last)

    def catch(self, word: Token, kind: Any, name: Token, body: Any) -> tree.Catch:
        return tree.Catch(_place(word), kind, str(name), body)

    def last_block(self, _: Token, body: Any) -> Any:
        return body

    def throw(self, word: Token, value: Any) -> tree.Throw:
        return tree.Throw(_place(word), value)

    def return_value(self, word: Token, value: Any) -> tree.Return:
        return tree.Return(_place(word), value)

    def break_loop(self, word: Token) -> tree.Break:
        return tree.Break(_place(word))

    def continue_loop(self, word: Token) -> tree.Continue:
        return tree.Continue(_place(word))

    def switch(self, word: Token, _: Token, value: Any, *whens: Any) -> tree.Switch:
        return tree.Switch(_place(word), value, whens)

    def when(self, word: Token, values: Any, body: Any) -> tree.When:
        return tree.When(_place(word), () if isinstance(values, Token) else values, body)

    def dml(self, word: Token, *parts: Any) -> tree.Dml:
        value, key = parts[-2:]
        return tree.Dml(_place(word), str(word).lower(), value, _split(key)[-1] if key else None)

    def block(self, *statements: Any) -> tree.Block:
        found = tuple(statement for statement in statements if statement)
        return tree.Block(found[0].at if found else Place(1, 1), found)

    def declaration(self, *parts: Any) -> tree.Declare:
        known = [part for part in parts if part is not None and not isinstance(part, Token)]
        kind, *variables = known
        return tree.Declare(variables[0][2], kind, tuple(variables))

    def declarator(self, name: Token, value: Any) -> tuple[str, Any, Place]:
        return str(name), value, _place(name)

    def expressions(self, *parts: Any) -> tuple[Any, ...]:
        return parts

    def type(self, *parts: Token) -> tree.Type:
        return _type("".join(parts))

    def assignment(self, target: Any, operator: Token, value: Any) -> tree.Assign:
        return tree.Assign(target.at, str(operator)[:-1], target, value)

    def plain_assignment(self, target: Any, value: Any) -> tree.Assign:
        return tree.Assign(target.at, "", target, value)

    def ternary(self, test: Any, if_true: Any, if_false: Any) -> tree.Ternary:
        return tree.Ternary(test.at, test, if_true, if_false)

    binary = _operation(tree.Binary)

    def instance_of(self, operand: Any, word: Token, kind: Any) -> tree.InstanceOf:
        return tree.InstanceOf(_place(word), operand, kind)

    def prefix(self, operator: Token, operand: Any) -> tree.Prefix:
        return tree.Prefix(_place(operator), str(operator), operand)

    def step_before(self, operator: Token, target: Any) -> tree.StepBy:
        return tree.StepBy(_place(operator), str(operator), target, is_before=True)

    def step_after(self, target: Any, operator: Token) -> tree.StepBy:
        return tree.StepBy(_place(operator), str(operator), target, is_before=False)

    def cast(self, kind: Token, operand: Any) -> tree.Cast:
        return tree.Cast(_place(kind), _type(str(kind)[1:-1]), operand)

    def index(self, owner: Any, index: Any) -> tree.Index:
        return tree.Index(owner.at, owner, index)

    def member(self, owner: Any, dot: Token, name: Token) -> tree.Member:
        return tree.Member(_place(name), owner, _split(name), is_safe=dot == "?.")

    def member_call(self, owner: Any, dot: Token, name: Token, arguments: Any) -> tree.MemberCall:
        return tree.MemberCall(_place(name), owner, _split(name), arguments, is_safe=dot == "?.")

    def integer(self, token: Token) -> tree.Constant:
        return _whole(token, str(token), _LARGEST_INT, "Integer")

    def long(self, token: Token) -> tree.Constant:
        return _whole(token, str(token)[:-1], _LARGEST_LONG, "Long")

    def decimal(self, token: Token) -> tree.Constant:
        return tree.Constant(_place(token), Decimal(str(token).rstrip("dD")), tree.Type("Decimal"))

    def string(self, token: Token) -> tree.Constant:
        return tree.Constant(_place(token), _text(str(token)[1:-1], _place(token)), tree.Type("String"))

    def true(self, token: Token) -> tree.Constant:
        return tree.Constant(_place(token), value=True, type=tree.Type("Boolean"))

    def false(self, token: Token) -> tree.Constant:
        return tree.Constant(_place(token), value=False, type=tree.Type("Boolean"))

    def null(self, token: Token) -> tree.Constant:
        return tree.Constant(_place(token), None, None)

    def query(self, token: Token) -> tree.Query:
        return tree.Query(_place(token), str(token)[1:-1])

    def name(self, token: Token) -> tree.Name:
        return tree.Name(_place(token), _split(token))

    def call(self, token: Token, arguments: Any) -> tree.Call:
        return tree.Call(_place(token), _split(token), arguments)

    def arguments(self, expressions: Any) -> Any:
        return expressions or ()

    def new_object(self, word: Token, name: Token, arguments: Any) -> tree.New:
        return tree.New(_place(word), _type(str(name)), arguments)

    def new_collection(self, word: Token, name: Token, arguments: Any) -> tree.New:
        return tree.New(_place(word), _type(str(name)), arguments)

    def new_filled(self, word: Token, name: Token, *rest: Any) -> tree.NewFilled:
        *brackets, elements = rest
        return tree.NewFilled(_place(word), _type(str(name) + "".join(brackets)), elements or ())

    def new_array(self, word: Token, name: Token, size: Any) -> tree.NewArray:
        return tree.NewArray(_place(word), tree.Type("List", (_type(str(name)),)), size)

    def elements(self, *parts: Any) -> tuple[Any, ...]:
        return parts

    def element(self, first: Any, second: Any) -> tuple[Any, Any]:
        return first, second
