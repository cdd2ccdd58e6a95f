"""Text from files and orgs, made safe for a terminal: nothing of it moves the cursor, hides or reorders anything."""

import unicodedata

_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Control, format (bidirectional overrides, zero-width), surrogate, private use, line and paragraph separators."""

_LONGEST = 200


def shown(text: str) -> str:
    """The text with every unsafe character as its escape, cut when it is too long for a line."""
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... ({len(text)} characters)"
    if cut.isascii() and cut.isprintable():
        return cut
    return "".join(_escaped(character) for character in cut)


def _escaped(character: str) -> str:
    if unicodedata.category(character) not in _UNSAFE_CATEGORIES:
        return character
    return character.encode("unicode_escape").decode("ascii")
