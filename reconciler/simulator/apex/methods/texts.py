"""Methods of String and Id.

Source: https://developer.salesforce.com/docs/atlas.en-us.apexref.meta/apexref/apex_methods_system_string.htm
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from reconciler.simulator.apex.budget import Budget
from reconciler.simulator.apex.failure import thrown
from reconciler.simulator.apex.methods.method import Method, Site, Table
from reconciler.simulator.apex.tree import Type
from reconciler.simulator.apex.values import ApexList, ApexSet, Value, text_of
from reconciler.simulator.ids import to_18

_TEXT = Type("String")


def _simple(compute: Callable[..., Any], *kinds: type) -> Method:
    return Method(lambda _, *values: compute(*values), kinds)


def _bounded(site: Site, text: str, start: int, end: int | None = None) -> str:
    last = len(text) if end is None else end
    if not 0 <= start <= last <= len(text):
        raise thrown(site.at, "System.StringException", f"Starting position out of bounds: {start}")
    return text[start:last]


def _split(_: Site, text: str, pattern: str, limit: int = 0) -> ApexList:
    """By a regular expression; without a limit empty texts at the end are left out."""
    parts: list[Value] = list(_compiled(pattern).split(text, max(0, limit - 1)))
    while limit == 0 and len(parts) > 1 and parts[-1] == "":
        parts.pop()
    return ApexList(parts, _TEXT)


def _compiled(pattern: str) -> "re.Pattern[str]":
    """A pattern of few signs; what could run long, or is none, is taken literally (inferred)."""
    try:
        return re.compile(pattern if not re.search(r"[*+{]", pattern) else re.escape(pattern))
    except re.error:
        return re.compile(re.escape(pattern))


def _repeated(_: Site, text: str, count: int) -> str:
    Budget.hold(len(text) * count)
    return text * count


def _padded(text: str, size: int, filler: str, *, is_left: bool) -> str:
    Budget.hold(size)
    missing = max(0, size - len(text))
    pad = (filler * missing)[:missing] if filler else ""
    return pad + text if is_left else text + pad


def _replaced(text: str, wanted: str, other: str) -> str:
    Budget.hold(len(text) + text.count(wanted) * len(other))
    return text.replace(wanted, other)


def _to_15(text: str) -> str:
    return text[:15]


def _object_of(site: Site, text: str) -> str:
    """`id.getSObjectType()`: the object that an Id is of, as its name."""
    found = to_18(text) or ""
    kinds = (item.name for item in site.run.org.schema if found.startswith(item.key_prefix))
    name = next(kinds, None)
    if name is None:
        raise thrown(site.at, "System.SObjectException", f"Cannot locate Apex Type for ID: {text}")
    return name


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]


TEXT: Table = {
    "length": _simple(len),
    "tolowercase": _simple(str.lower),
    "touppercase": _simple(str.upper),
    "trim": _simple(str.strip),
    "capitalize": _simple(_capitalized),
    "reverse": _simple(lambda text: text[::-1]),
    "contains": _simple(lambda text, part: part in text, str),
    "containsignorecase": _simple(lambda text, part: part.lower() in text.lower(), str),
    "startswith": _simple(str.startswith, str),
    "startswithignorecase": _simple(lambda text, part: text.lower().startswith(part.lower()), str),
    "endswith": _simple(str.endswith, str),
    "endswithignorecase": _simple(lambda text, part: text.lower().endswith(part.lower()), str),
    "equals": Method(lambda _, text, other: text == other, (object,), takes_null=True),
    "equalsignorecase": Method(
        lambda _, text, other: other is not None and text.lower() == other.lower(), (str,), takes_null=True
    ),
    "compareto": _simple(lambda text, other: (text > other) - (text < other), str),
    "indexof": Method(lambda _, text, part, start=0: text.find(part, start), (str, int), 1),
    "lastindexof": _simple(str.rfind, str),
    "replace": _simple(_replaced, str, str),
    "remove": _simple(lambda text, part: text.replace(part, ""), str),
    "removestart": _simple(str.removeprefix, str),
    "removeend": _simple(str.removesuffix, str),
    "substring": Method(_bounded, (int, int), 1),
    "substringbefore": _simple(lambda text, part: text.partition(part)[0] if part else text, str),
    "substringafter": _simple(lambda text, part: text.partition(part)[2] if part else text, str),
    "substringbeforelast": _simple(lambda text, part: text.rpartition(part)[0] if part in text else text, str),
    "substringafterlast": _simple(lambda text, part: text.rpartition(part)[2] if part in text else "", str),
    "left": _simple(lambda text, size: text[: max(0, size)], int),
    "right": _simple(lambda text, size: text[max(0, len(text) - max(0, size)) :], int),
    "leftpad": Method(lambda _, text, size, filler=" ": _padded(text, size, filler, is_left=True), (int, str), 1),
    "rightpad": Method(lambda _, text, size, filler=" ": _padded(text, size, filler, is_left=False), (int, str), 1),
    "repeat": Method(_repeated, (int,)),
    "split": Method(_split, (str, int), 1),
    "isnumeric": _simple(lambda text: text.isascii() and text.isdigit()),
    "isalpha": _simple(str.isalpha),
    "isalphanumeric": _simple(str.isalnum),
    "countmatches": _simple(lambda text, part: text.count(part) if part else 0, str),
    "normalizespace": _simple(lambda text: " ".join(text.split())),
    "deletewhitespace": _simple(lambda text: "".join(text.split())),
    "to15": _simple(_to_15),
    "getsobjecttype": Method(_object_of),
    "tostring": _simple(str),
}
"""Methods of a text."""


def joined(site: Site, items: ApexList | ApexSet, separator: str) -> str:
    """`String.join`."""
    values = items.items.values() if isinstance(items, ApexSet) else items.items
    text = separator.join(map(text_of, values))
    site.run.budget.hold(len(text))
    return text


def formatted(_: Site, text: str, arguments: ApexList) -> str:
    """`String.format('{0}', ...)`: a single quote stands twice."""

    def value(match: re.Match[str]) -> str:
        number = int(match[1])
        return text_of(arguments.items[number]) if number < len(arguments.items) else match[0]

    return re.sub(r"\{(\d{1,3})\}", value, text.replace("''", "'"))


_ESCAPED: Mapping[str, str] = {"\\": "\\\\", "'": "\\'"}


def escaped(_: Site, text: str) -> str:
    """`String.escapeSingleQuotes`."""
    return "".join(_ESCAPED.get(character, character) for character in text)
