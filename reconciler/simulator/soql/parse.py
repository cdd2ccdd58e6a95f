"""Text -> Query. Whatever the grammar does not know is answered as Salesforce answers a malformed query."""

from functools import cache
from importlib.resources import files
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedInput, UnexpectedToken
from lark.exceptions import VisitError

from reconciler.simulator.errors import ApiError
from reconciler.simulator.soql import tree

LONGEST_QUERY = 100_000
LONGEST_STRING = 4_000
"""Characters of a query, and of a string in its WHERE.

Source: https://developer.salesforce.com/docs/atlas.en-us.salesforce_app_limits_cheatsheet.meta/salesforce_app_limits_cheatsheet/salesforce_app_limits_platform_soslsoql.htm
"""

_DEEPEST = 60
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}


def parse(text: str) -> tree.Query:
    """Parse one query; raises ApiError MALFORMED_QUERY with the place."""
    if len(text) > LONGEST_QUERY:
        raise malformed(f"SOQL statements cannot be longer than {LONGEST_QUERY} characters.")
    if _depth(text) > _DEEPEST:
        raise malformed("the query is nested too deeply")
    try:
        found: tree.Query = _build().transform(_grammar().parse(text))
    except UnexpectedInput as error:
        raise _unexpected(text, error) from None
    except VisitError as error:
        if isinstance(error.orig_exc, ApiError):
            raise error.orig_exc from None
        raise
    return found


def malformed(message: str) -> ApiError:
    """The answer to a query that can't be understood."""
    return ApiError(400, "MALFORMED_QUERY", message)


def at_place(text: str, position: int, message: str) -> str:
    """A message as Salesforce frames it: the query around the place, a caret, row and column."""
    row = text.count("\n", 0, position) + 1
    column = position - (text.rfind("\n", 0, position) + 1) + 1
    start = max(0, position - 60)
    excerpt = text[start : position + 40].replace("\n", " ")
    return f"\n{excerpt}\n{' ' * (position - start)}^\nERROR at Row:{row}:Column:{column}\n{message}"


def _depth(text: str) -> int:
    deepest = depth = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        deepest = max(deepest, depth)
    return deepest


def _unexpected(text: str, error: UnexpectedInput) -> ApiError:
    position: int = getattr(error, "pos_in_stream", None) or 0
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return malformed(at_place(text, len(text), "unexpected token: '<EOF>'"))
    word = str(error.token) if isinstance(error, UnexpectedToken) else text[position : position + 1]
    return malformed(at_place(text, position, f"unexpected token: '{word}'"))


@cache
def _grammar() -> Lark:
    grammar = files(__package__).joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, start="query", parser="lalr", maybe_placeholders=False)


@cache
def _build() -> "_Build":
    return _Build()


class _Build(Transformer[Token, Any]):
    """Lark's tree to ours; each method is named for its rule."""

    def query(self, parts: list[Any]) -> tree.Query:
        clauses: dict[str, Any] = dict(part for part in parts if isinstance(part, tuple))
        items = tuple(part for part in parts if isinstance(part, tree.Item))
        sobject = next(str(part) for part in parts if isinstance(part, Token))
        return tree.Query(
            items,
            sobject,
            clauses.get("where"),
            clauses.get("group", ()),
            clauses.get("order", ()),
            clauses.get("limit"),
            clauses.get("offset"),
        )

    def column(self, parts: list[Token]) -> tree.ColumnItem:
        return tree.ColumnItem(*map(str, parts))

    def count_rows(self, _: list[Token]) -> tree.CountItem:
        return tree.CountItem(None)

    def count_column(self, parts: list[Token]) -> tree.CountItem:
        return tree.CountItem(*map(str, parts))

    def field_group(self, parts: list[Token]) -> tree.GroupItem:
        return tree.GroupItem(str(parts[0]).upper())

    def children(self, parts: list[tree.Query]) -> tree.ChildrenItem:
        return tree.ChildrenItem(parts[0])

    def where(self, parts: list[tree.Condition]) -> tuple[str, tree.Condition]:
        return ("where", parts[0])

    def group(self, parts: list[Token]) -> tuple[str, tuple[str, ...]]:
        return ("group", tuple(map(str, parts)))

    def order(self, parts: list[tree.Ordering]) -> tuple[str, tuple[tree.Ordering, ...]]:
        return ("order", tuple(parts))

    def limit(self, parts: list[Token]) -> tuple[str, int]:
        return ("limit", _whole(parts[0]))

    def offset(self, parts: list[Token]) -> tuple[str, int]:
        return ("offset", _whole(parts[0]))

    def ordering(self, parts: list[Token]) -> tree.Ordering:
        words = {str(part).upper() for part in parts[1:]}
        return tree.Ordering(str(parts[0]), "DESC" in words, "LAST" in words)

    def nulls(self, parts: list[Token]) -> Token:
        return parts[0]

    def all_of(self, parts: list[tree.Condition]) -> tree.Junction:
        return tree.Junction("AND", tuple(parts))

    def any_of(self, parts: list[tree.Condition]) -> tree.Junction:
        return tree.Junction("OR", tuple(parts))

    def negation(self, parts: list[tree.Condition]) -> tree.Negation:
        return tree.Negation(parts[0])

    def comparison(self, parts: list[Any]) -> tree.Comparison:
        operator = "!=" if parts[1] == "<>" else str(parts[1])
        return tree.Comparison(str(parts[0]), operator, parts[2])

    def like(self, parts: list[Any]) -> tree.Comparison:
        return tree.Comparison(str(parts[0]), "LIKE", parts[1])

    def is_in(self, parts: list[Any]) -> tree.Membership:
        return tree.Membership(str(parts[0]), "IN", parts[1])

    def not_in(self, parts: list[Any]) -> tree.Membership:
        return tree.Membership(str(parts[0]), "NOT IN", parts[1])

    def includes(self, parts: list[Any]) -> tree.Membership:
        return tree.Membership(str(parts[0]), "INCLUDES", parts[1])

    def excludes(self, parts: list[Any]) -> tree.Membership:
        return tree.Membership(str(parts[0]), "EXCLUDES", parts[1])

    def listed(self, parts: list[tree.Literal]) -> tuple[tree.Literal, ...]:
        return tuple(parts)

    def selected(self, parts: list[tree.Query]) -> tree.Query:
        return parts[0]

    def string(self, parts: list[Token]) -> tree.Literal:
        return tree.Literal("string", _unquoted(str(parts[0])[1:-1]))

    def number(self, parts: list[Token]) -> tree.Literal:
        text = str(parts[0])
        return tree.Literal("number", float(text) if "." in text else int(text))

    def datetime(self, parts: list[Token]) -> tree.Literal:
        return tree.Literal("datetime", str(parts[0]))

    def date(self, parts: list[Token]) -> tree.Literal:
        return tree.Literal("date", str(parts[0]))

    def true(self, _: list[Token]) -> tree.Literal:
        return tree.Literal(kind="boolean", value=True)

    def false(self, _: list[Token]) -> tree.Literal:
        return tree.Literal(kind="boolean", value=False)

    def null(self, _: list[Token]) -> tree.Literal:
        return tree.Literal("null", None)

    def date_literal(self, parts: list[Token]) -> tree.Literal:
        count = _whole(parts[1]) if len(parts) > 1 else None
        return tree.Literal("date_literal", tree.DateLiteral(str(parts[0]).upper(), count))


def _whole(token: Token) -> int:
    text = str(token)
    if not text.isdigit() or len(text) > 9:
        raise malformed(f"unexpected token: '{text}'")
    return int(text)


def _unquoted(text: str) -> str:
    """The characters of a quoted string; LIKE's `\\%` and `\\_` keep their backslash for the pattern."""
    if len(text) > LONGEST_STRING:
        raise malformed(f"a string in WHERE cannot be longer than {LONGEST_STRING} characters")
    if "\\" not in text:
        return text
    characters, result = iter(text), []
    for character in characters:
        if character != "\\":
            result.append(character)
            continue
        escaped = next(characters)
        if escaped in "%_":
            result.append(f"\\{escaped}")
        elif escaped.lower() in _ESCAPES:
            result.append(_ESCAPES[escaped.lower()])
        else:
            raise malformed(f"Illegal string literal: invalid escape sequence '\\{escaped}'")
    return "".join(result)
