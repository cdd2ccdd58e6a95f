"""Salesforce record ids: 15 case-sensitive characters, or 18 with a checksum of their case.

Source: Salesforce Help "Convert 15-character IDs to 18-character IDs".
"""

import string

_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_CHECKS = string.ascii_uppercase + "012345"


def new_id(prefix: str, number: int) -> str:
    """The id of the n-th record of an object: key prefix, counter in base 62, checksum."""
    digits = []
    for _ in range(12):
        number, digit = divmod(number, len(_DIGITS))
        digits.append(_DIGITS[digit])
    short = prefix + "".join(reversed(digits))
    return short + _checksum(short)


def to_18(text: str) -> str | None:
    """The 18-character form of an id; None for a text that is no id."""
    if len(text) not in {15, 18} or not (text.isascii() and text.isalnum()):
        return None
    short = text[:15]
    full = short + _checksum(short)
    return full if len(text) == 15 or text[15:].upper() == full[15:] else None


def _checksum(short: str) -> str:
    return "".join(
        _CHECKS[
            sum(
                1 << bit
                for bit, character in enumerate(short[start : start + 5])
                if character in string.ascii_uppercase
            )
        ]
        for start in (0, 5, 10)
    )
