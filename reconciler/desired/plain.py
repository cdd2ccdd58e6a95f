"""Documents that are nothing but mappings of text, read without their places.

Nearly every document is. What is anything more (aliases, tags, lists, a key that stands twice, a slip of any kind) is
left to `compose`, which knows the place of everything and takes twice as long.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from reconciler.desired.compose import BOOLEANS, NULLS

Plain: TypeAlias = tuple[int, dict[str, Any]]
"""The line in which a document begins, from 1, and its value."""

_PARSER = getattr(yaml, "cyaml", None)
"""PyYAML with libyaml; without it every file is left to `compose`."""

_WORDS = {**dict.fromkeys(NULLS), **BOOLEANS}
_LONGEST = 10_000
"""Characters of a plain document."""


class _NotPlain(Exception):
    """The text is more than plain documents."""


def plain_documents(text: str) -> list[Plain] | None:
    """All documents of a text, or None when it is more than plain documents."""
    if _PARSER is None:
        return None  # pragma: no cover - PyYAML's wheels have libyaml
    try:
        return _documents(_PARSER.CParser(text).get_event)
    except (_NotPlain, yaml.YAMLError):
        return None


def _documents(next_event: Callable[[], Any]) -> list[Plain]:
    found: list[Plain] = []
    begins = 0
    while True:
        event = next_event()
        kind = type(event)
        if kind is MappingStartEvent:
            start = event.start_mark
            if start.column or event.anchor is not None or event.tag is not None:
                raise _NotPlain
            begins = start.index
            found.append((start.line + 1, _mapping(next_event, 0)))
        elif kind is DocumentEndEvent:
            # A longer one may have more nodes than are allowed: compose counts them.
            if event.start_mark.index - begins > _LONGEST:
                raise _NotPlain
        elif kind is StreamEndEvent:
            return found
        elif kind is not DocumentStartEvent and kind is not StreamStartEvent:
            raise _NotPlain


def _mapping(next_event: Callable[[], Any], depth: int) -> dict[str, Any]:
    """The rest of a mapping; scalars are read as `compose` reads them."""
    found: dict[str, Any] = {}
    while True:
        event = next_event()
        if type(event) is MappingEndEvent:
            return found
        if type(event) is not ScalarEvent or event.anchor is not None or event.tag is not None:
            raise _NotPlain
        key = event.value
        if key in found or key == "<<":
            raise _NotPlain
        found[key] = _value(next_event(), next_event, depth)


def _value(event: Any, next_event: Callable[[], Any], depth: int) -> Any:
    if event.anchor is not None or type(event) is AliasEvent or event.tag is not None:
        raise _NotPlain
    if type(event) is ScalarEvent:
        if event.style:
            return event.value
        if not event.value:
            raise _NotPlain
        return _WORDS.get(event.value, event.value)
    if type(event) is not MappingStartEvent or depth:
        raise _NotPlain
    return _mapping(next_event, depth + 1)
