"""What single tokens mean: names, types, numbers, texts."""

import re
from collections.abc import Mapping

from lark import Token

from reconciler.simulator.apex import tree
from reconciler.simulator.apex.problem import CompileProblem
from reconciler.simulator.apex.tree import Place

LARGEST_INT, LARGEST_LONG = 2**31 - 1, 2**63 - 1
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_DOT = re.compile(r"\s*\.\s*")
_TYPE_TOKEN = re.compile(r"[\w.]+|[<>,]")
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


def place_of(token: Token) -> Place:
    """Where a token begins."""
    return Place(token.line or 1, token.column or 1)


def names_in(token: Token) -> tuple[str, ...]:
    """The names of a dotted one."""
    return tuple(part.strip() for part in str(token).split("."))


def type_of(text: str) -> tree.Type:
    """`List<Map<Id,User>>[]` as a type; an array is a list."""
    brackets = text.count("[")
    pieces = _TYPE_TOKEN.findall(_DOT.sub(".", text))
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


def plain_text(raw: str, at: Place) -> str:
    """What stands between the quotes of a string, its escapes resolved; raises CompileProblem."""

    def character(match: re.Match[str]) -> str:
        name = match[1]
        found = chr(int(name[1:], 16)) if len(name) == 5 else _CHARACTERS.get(name, "")
        if not found or "\ud800" <= found <= "\udfff":
            raise CompileProblem(at, f"Invalid string literal '{raw}'. Illegal character sequence '{match[0]}'.")
        return found

    return _ESCAPE.sub(character, raw)


def whole_number(token: Token, digits: str, largest: int, name: str) -> tree.Constant:
    """A constant of type Integer or Long; raises CompileProblem for one that is too large."""
    if len(digits) > 20 or int(digits) > largest + 1:
        raise CompileProblem(place_of(token), f"Illegal {name.lower()}")
    return tree.Constant(place_of(token), int(digits), tree.Type(name))
