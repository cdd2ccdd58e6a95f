"""Text from files and orgs, made safe for a terminal: nothing of it moves the cursor, hides or reorders anything."""

_LONGEST = 200


def shown(text: str) -> str:
    """The text with every character that does not simply print as its escape, cut when it is too long for a line.

    Python's notion of printable leaves out control, format (bidirectional overrides, zero-width), surrogate, private
    and unassigned characters and all separators but the space.
    """
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... ({len(text)} characters)"
    return cut if cut.isprintable() else "".join(map(_escaped, cut))


def _escaped(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
