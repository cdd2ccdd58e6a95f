"""Texts, ids and names as Apex writes them: whatever they hold, they stay what they are and never become code.

Source: https://developer.salesforce.com/docs/atlas.en-us.apexcode.meta/apexcode/langCon_apex_primitives.htm
"""

import re
from collections.abc import Mapping
from typing import TypeAlias

Scalar: TypeAlias = str | bool | None

_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")
_LONE = re.compile("[\ud800-\udfff]")
_WORDS: Mapping[str, str] = {"'": "\\'", "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_HIGHEST = 0xFFFF


class NotApex(ValueError):
    """A value that has no place in a script; the message does not repeat it."""


def quoted(text: str) -> str:
    """A string literal: what is not printable ASCII is escaped, beyond U+FFFF it stays as it is.

    Raises NotApex for half a pair of surrogates, which is no character.
    """
    if _LONE.search(text):
        msg = "a text has half a character (a lone surrogate), which no script can hold"
        raise NotApex(msg)
    return f"'{''.join(map(_escaped, text))}'"


def id_literal(value: str) -> str:
    """A record id as a string literal; raises NotApex for anything else."""
    if not _ID.fullmatch(value):
        msg = "a record id has 15 or 18 letters and digits; this one was not put into a script"
        raise NotApex(msg)
    return f"'{value}'"


def api_name(name: str) -> str:
    """The API name of an object or a field; raises NotApex for anything else."""
    if not _NAME.fullmatch(name):
        msg = "an API name has letters, digits and underscores; this one was not put into a script"
        raise NotApex(msg)
    return name


def literal(value: Scalar) -> str:
    """A text, a truth value or null."""
    if value is None:
        return "null"
    return quoted(value) if isinstance(value, str) else str(value).lower()


def comment(text: str) -> str:
    """A text for a line comment: nothing in it ends the line, or would if `\\u000A` were read as in Java."""
    return "".join(
        character if character.isprintable() and character != "\\" else f"<U+{ord(character):04X}>"
        for character in text
    )


def _escaped(character: str) -> str:
    if character in _WORDS:
        return _WORDS[character]
    if " " <= character <= "~":
        return character
    code = ord(character)
    # Whether Apex takes an escaped pair of surrogates is not documented.
    return f"\\u{code:04X}" if code <= _HIGHEST else character
