"""Text -> Query. Whatever the grammar does not know is answered as Salesforce answers a malformed query."""

import re
from functools import cache
from importlib.resources import files
from typing import Any

from lark import Lark, UnexpectedInput, UnexpectedToken

from reconciler.simulator.errors import ApiError
from reconciler.simulator.soql import tree
from reconciler.simulator.soql.build import transformer
from reconciler.simulator.soql.refusal import malformed, refused_at

LONGEST_QUERY = 100_000
"""Characters of a query.

Source: https://developer.salesforce.com/docs/atlas.en-us.salesforce_app_limits_cheatsheet.meta/salesforce_app_limits_cheatsheet/salesforce_app_limits_platform_soslsoql.htm
"""

_DEEPEST = 50
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
    return Lark(grammar, start="query", parser="lalr", maybe_placeholders=False, transformer=transformer())
