"""Text -> Query. Whatever the grammar does not know is answered as Salesforce answers a malformed query."""

import math
import re
from functools import cache
from importlib.resources import files
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedInput, UnexpectedToken

from reconciler.simulator.errors import ApiError
from reconciler.simulator.soql import tree
from reconciler.simulator.soql.refusal import malformed, refused_at

LONGEST_QUERY = 100_000
"""Characters of a query.

Source: https://developer.salesforce.com/docs/atlas.en-us.salesforce_app_limits_cheatsheet.meta/salesforce_app_limits_cheatsheet/salesforce_app_limits_platform_soslsoql.htm
"""

_DEEPEST = 50
_LONGEST_WHOLE = 9
_STRING = re.compile(r"'(?:\\.|[^'\\])*'", re.DOTALL)


def parse(text: str) -> tree.Query:
    """Parse one query; raises ApiError MALFORMED_QUERY with the place."""
    if len(text) > LONGEST_QUERY:
        raise malformed(f"SOQL statements cannot be longer than {LONGEST_QUERY} characters.")
    if not _is_unicode(text):
        raise malformed("the query is no valid Unicode text")
    if _depth(text) > _DEEPEST:
        raise malformed("the query is nested too deeply")
    try:
        # The grammar's transformer is given to Lark itself, so that no tree of Lark's is ever walked recursively.
        found: Any = _grammar().parse(text)
    except UnexpectedInput as error:
        raise _unexpected(text, error) from None
    query: tree.Query = found
    return query


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _depth(text: str) -> int:
    deepest = depth = 0
    for character in re.findall(r"[()]", _STRING.sub("", text)):
        depth += 1 if character == "(" else -1
        deepest = max(deepest, depth)
    return deepest


def _unexpected(text: str, error: UnexpectedInput) -> ApiError:
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return unexpected_token(text, "<EOF>", len(text))
    position: Any = error.pos_in_stream
    word = str(error.token) if isinstance(error, UnexpectedToken) else text[position]
    return unexpected_token(text, word, position)


def unexpected_token(text: str, word: str, position: int) -> ApiError:
    """The answer to a word that can't stand where it stands."""
    return refused_at(text, position, "MALFORMED_QUERY", f"unexpected token: '{word}'")


@cache
def _grammar() -> Lark:
    grammar = files(__package__).joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, start="query", parser="lalr", maybe_placeholders=False, transformer=_Build())


class _Build(Transformer[Token, Any]):
    """What Lark matches, as our tree; each method is named for its rule."""

    def query(self, parts: list[Any]) -> tree.Query:
        clauses: dict[str, Any] = dict(part for part in parts if isinstance(part, tuple))
        name, alias = clauses["sobject"]
        totals, group = clauses.get("group", (None, ()))
        return tree.Query(
            tuple(part for part in parts if isinstance(part, tree.Item)),
            name,
            clauses.get("where"),
            group,
            clauses.get("order", ()),
            clauses.get("limit"),
            clauses.get("offset"),
            alias=alias,
            aliases=tuple(part[1] for part in parts if isinstance(part, tuple) and part[0] == "parent"),
            totals=totals,
            having=clauses.get("having"),
            using=clauses.get("using"),
            options=tuple(part[1] for part in parts if isinstance(part, tuple) and part[0] == "option"),
        )

    def sobject(self, parts: list[Token]) -> tuple[str, tuple[tree.Path, tree.Path | None]]:
        return ("sobject", (_path(parts[0]), _path(parts[1]) if len(parts) > 1 else None))

    def parent(self, parts: list[Token]) -> tuple[str, tuple[tree.Path, tree.Path]]:
        return ("parent", (_path(parts[1]), _path(parts[0])))

    def using(self, parts: list[Token]) -> tuple[str, str]:
        return ("using", str(parts[0]).lower())

    def option(self, parts: list[Token]) -> tuple[str, str]:
        return ("option", " ".join(str(parts[0]).upper().split()))

    def plain_path(self, parts: list[Token]) -> tree.Path:
        return _path(parts[0])

    def function(self, parts: list[Any]) -> tree.Path:
        path: tree.Path = parts[1]
        return tree.Path(path.text, path.at, (*path.functions, str(parts[0]).upper()))

    def column(self, parts: list[Any]) -> tree.ColumnItem:
        return tree.ColumnItem(parts[0], _alias(parts))

    def count_rows(self, _: list[Token]) -> tree.CountItem:
        return tree.CountItem()

    def grouping(self, parts: list[Token]) -> tree.GroupingItem:
        return tree.GroupingItem(_path(parts[0]), _alias(parts))

    def fields_of(self, parts: list[Token]) -> tree.FieldsItem:
        return tree.FieldsItem(_path(parts[0]))

    def when(self, parts: list[Token]) -> tuple[tree.Path, tuple[tree.Path, ...]]:
        return _path(parts[0]), tuple(map(_path, parts[1:]))

    def otherwise(self, parts: list[Token]) -> list[tree.Path]:
        return list(map(_path, parts))

    def typeof(self, parts: list[Any]) -> tree.TypeofItem:
        last = parts[-1] if isinstance(parts[-1], list) else None
        whens = tuple(part for part in parts[1:] if isinstance(part, tuple))
        return tree.TypeofItem(_path(parts[0]), whens, None if last is None else tuple(last))

    def children(self, parts: list[tree.Query]) -> tree.ChildrenItem:
        return tree.ChildrenItem(parts[0])

    def where(self, parts: list[tree.Condition]) -> tuple[str, tree.Condition]:
        return ("where", parts[0])

    def group(self, parts: list[Any]) -> tuple[str, tuple[str | None, tuple[tree.Path, ...]]]:
        totals = str(parts[0]).upper() if isinstance(parts[0], Token) else None
        return ("group", (totals, tuple(part for part in parts if isinstance(part, tree.Path))))

    def having(self, parts: list[tree.Condition]) -> tuple[str, tree.Condition]:
        return ("having", parts[0])

    def order(self, parts: list[tree.Ordering]) -> tuple[str, tuple[tree.Ordering, ...]]:
        return ("order", tuple(parts))

    def ordering(self, parts: list[Any]) -> tree.Ordering:
        words = {str(part).upper() for part in parts[1:]}
        return tree.Ordering(parts[0], "DESC" in words, "LAST" in words)

    def limit(self, parts: list[Token]) -> tuple[str, int]:
        return ("limit", _whole(parts[0]))

    def offset(self, parts: list[Token]) -> tuple[str, int]:
        return ("offset", _whole(parts[0]))

    def all_of(self, parts: list[tree.Condition]) -> tree.Junction:
        return tree.Junction("AND", tuple(parts))

    def any_of(self, parts: list[tree.Condition]) -> tree.Junction:
        return tree.Junction("OR", tuple(parts))

    def negation(self, parts: list[tree.Condition]) -> tree.Condition:
        inner = parts[0]
        return inner.condition if isinstance(inner, tree.Negation) else tree.Negation(inner)

    def comparison(self, parts: list[Any]) -> tree.Comparison:
        operator = "!=" if parts[1] == "<>" else str(parts[1])
        return tree.Comparison(parts[0], operator, parts[2])

    def like(self, parts: list[Any]) -> tree.Comparison:
        return tree.Comparison(parts[0], "LIKE", parts[1])

    def is_in(self, parts: list[Any]) -> tree.Membership:
        return tree.Membership(parts[0], "IN", _listed(parts[1]))

    def not_in(self, parts: list[Any]) -> tree.Membership:
        return tree.Membership(parts[0], "NOT IN", _listed(parts[1]))

    def includes(self, parts: list[Any]) -> tree.Membership:
        return tree.Membership(parts[0], "INCLUDES", parts[1])

    def excludes(self, parts: list[Any]) -> tree.Membership:
        return tree.Membership(parts[0], "EXCLUDES", parts[1])

    def in_query(self, parts: list[Any]) -> tree.SemiJoin:
        return tree.SemiJoin(parts[0], "IN", parts[1])

    def not_in_query(self, parts: list[Any]) -> tree.SemiJoin:
        return tree.SemiJoin(parts[0], "NOT IN", parts[1])

    def values(self, parts: list[tree.Literal]) -> tuple[tree.Literal, ...]:
        return tuple(parts)

    def string(self, parts: list[Token]) -> tree.Literal:
        return _literal("string", parts, str(parts[0])[1:-1])

    def number(self, parts: list[Token]) -> tree.Literal:
        return _literal("number", parts, _number(parts[0]))

    def datetime(self, parts: list[Token]) -> tree.Literal:
        return _literal("datetime", parts, str(parts[0]))

    def date(self, parts: list[Token]) -> tree.Literal:
        return _literal("date", parts, str(parts[0]))

    def true(self, parts: list[Token]) -> tree.Literal:
        return _literal("boolean", parts, value=True)

    def false(self, parts: list[Token]) -> tree.Literal:
        return _literal("boolean", parts, value=False)

    def null(self, parts: list[Token]) -> tree.Literal:
        return _literal("null", parts, None)

    def date_literal(self, parts: list[Token]) -> tree.Literal:
        count = _whole(parts[1]) if len(parts) > 1 else None
        return _literal("date_literal", parts, tree.DateLiteral(str(parts[0]), count))


def _path(token: Token) -> tree.Path:
    return tree.Path(str(token), token.start_pos or 0)


def _listed(values: Token | tuple[tree.Literal, ...]) -> tuple[tree.Literal, ...]:
    return () if isinstance(values, Token) else values


def _alias(parts: list[Token]) -> str | None:
    return str(parts[1]) if len(parts) > 1 else None


def _literal(kind: str, parts: list[Token], value: tree.Value) -> tree.Literal:
    return tree.Literal(kind, value, parts[0].start_pos or 0)


def _number(token: Token) -> int | float:
    text = str(token)
    if "." not in text and len(text) <= 2 * _LONGEST_WHOLE:
        return int(text)
    value = float(text)
    if math.isinf(value):
        raise malformed("numeric value out of range")
    return value


def _whole(token: Token) -> int:
    text = str(token)
    if not text.isdigit() or len(text) > _LONGEST_WHOLE:
        raise malformed(f"unexpected token: '{text}'")
    return int(text)
