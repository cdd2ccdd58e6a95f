"""SOQL text: literals that can't leave their quotes, and IN lists cut to what one request carries."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote_plus

_ESCAPES = str.maketrans({"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"})
_PATH = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*\Z")


def quote(text: str) -> str:
    """A SOQL string literal.

    Source: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_quotedstringescapes.htm
    """
    return f"'{text.translate(_ESCAPES)}'"


def path(name: str) -> str:
    """A field name or parent path, refused when it could be anything else."""
    if not _PATH.match(name):
        msg = f"{name!r} is no field name"
        raise ValueError(msg)
    return name


def encoded_size(text: str) -> int:
    """The bytes that the text takes in a URI."""
    return len(quote_plus(text))


def in_lists(values: Iterable[str], budget: int, *, encoded: bool, most: int | None = None) -> Iterator[str]:
    """`('a','b')` lists of at most `most` values and `budget` bytes, as encoded in a URI, or characters of a query."""
    size = encoded_size if encoded else len
    comma = size(",")
    chunk: list[str] = []
    used = size("()")
    for literal in map(quote, values):
        needed = size(literal) + comma
        if chunk and (used + needed > budget or len(chunk) == most):
            yield f"({','.join(chunk)})"
            chunk, used = [], size("()")
        chunk.append(literal)
        used += needed
    if chunk:
        yield f"({','.join(chunk)})"
