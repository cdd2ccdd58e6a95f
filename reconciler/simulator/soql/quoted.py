r"""What stands between the quotes of a string: escapes, and the patterns of LIKE.

Source: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_quotedstringescapes.htm
"""

import re
from collections.abc import Callable, Mapping

from reconciler.simulator.soql.refusal import malformed

LONGEST_STRING = 4_000
"""Characters of one string in WHERE.

Source: https://developer.salesforce.com/docs/atlas.en-us.salesforce_app_limits_cheatsheet.meta/salesforce_app_limits_cheatsheet/salesforce_app_limits_platform_soslsoql.htm
"""

_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_CHARACTERS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'"}


def plain(raw: str) -> str:
    r"""The characters that are meant; raises MALFORMED_QUERY for `\%` and `\_`, which only LIKE knows."""
    return _unescaped(raw, {"\\": "\\"})


def like_pattern(raw: str) -> str:
    r"""A pattern for SQL's LIKE with `\` as its escape: `%` and `_` are wild unless escaped."""
    return _unescaped(raw, {"\\": "\\\\", "%": "\\%", "_": "\\_"})


def text_pattern(text: str) -> str:
    r"""A pattern for SQL's LIKE from a text of Apex, where `\` escapes nothing but the wild characters."""
    return _NO_ESCAPE.sub(r"\\\\", text)


_NO_ESCAPE = re.compile(r"\\(?![%_])")


def _unescaped(raw: str, more: dict[str, str]) -> str:
    known = _CHARACTERS | more

    def character(match: re.Match[str]) -> str:
        name = match[1]
        if len(name) == 5:
            return _code_point(name)
        found = known.get(name) or known.get(name.lower())
        if found is None:
            raise malformed(
                f"Invalid string literal '{raw}'. Illegal character sequence '{match[0]}' in string literal."
            )
        return found

    text = _ESCAPE.sub(character, raw) if "\\" in raw else raw
    if len(text) > LONGEST_STRING:
        raise malformed(f"a string in WHERE cannot be longer than {LONGEST_STRING} characters")
    return text


def _code_point(name: str) -> str:
    character = chr(int(name[1:], 16))
    if "\ud800" <= character <= "\udfff":
        raise malformed(f"Illegal character sequence '\\{name}' in string literal.")
    return character


TEXTS: Mapping[str, Callable[[str], str]] = {"string": plain, "text": str}
PATTERNS: Mapping[str, Callable[[str], str]] = {"string": like_pattern, "text": text_pattern}
"""How a text is read, by the kind of its literal."""
