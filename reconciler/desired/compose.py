"""YAML events -> plain values and their places.

Stricter than YAML: no duplicate keys, no tags, no merge keys, bounded aliases and nesting. Scalars are YAML 1.2 core
for null and booleans; everything else, numbers and dates too, stays the text that was written.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from reconciler.desired.finding import finding
from reconciler.model import Position, Problem

Path: TypeAlias = tuple[str, ...]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
NULLS = frozenset({"null", "Null", "NULL", "~"})
BOOLEANS: Mapping[str, bool] = {
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_DEEPEST = 10
_LARGEST = 10_000
"""Nodes of one document, aliases counted as what they stand for, long text as one more for each 1,024 characters."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a key and its value stand."""

    key: Position
    value: Position


@dataclass(slots=True)
class Document:
    """One YAML document: its value, where it begins, and the places of its keys by path."""

    start: Position
    value: Any = None
    places: dict[Path, Place] = field(default_factory=dict)

    def place(self, path: Path) -> Place:
        """The place of a path, or of its nearest ancestor that has one."""
        while path:
            if path in self.places:
                return self.places[path]
            path = path[:-1]
        return Place(self.start, self.start)


def documents(text: str, file: str) -> Iterator[Document | Problem]:
    """The documents of a file; after a syntax error there is no more to read of it."""
    composer = _Composer(file, yaml.parse(text, Loader=_LOADER))
    try:
        yield from composer.documents()
    except _Refused as refused:
        yield refused.problem
    except yaml.YAMLError as error:
        yield _syntax(error, file)


class _Refused(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class _Composer:
    def __init__(self, file: str, events: Iterator[Event]) -> None:
        self._file = file
        self._events = events
        self._document = Document(Position(file, 1, 1))
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._problems: list[Problem] = []

    def documents(self) -> Iterator[Document | Problem]:
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                self._anchors = {}
                first = next(self._events)
                self._document = Document(self._at(first))
                self._document.value, _ = self._node(first, ())
            elif isinstance(event, DocumentEndEvent):
                yield from self._problems
                yield self._document
                self._problems = []

    def _at(self, event: Event) -> Position:
        mark = event.start_mark
        return Position(self._file, mark.line + 1, mark.column + 1) if mark else self._document.start

    def _node(self, event: Event, path: Path) -> tuple[Any, int]:
        """A value and its number of nodes."""
        if isinstance(event, AliasEvent):
            return self._alias(event)
        if len(path) > _DEEPEST:
            raise self._refuse(event, f"nested more than {_DEEPEST} deep", "no document needs that")
        tag = getattr(event, "tag", None)
        if tag not in {None, "!"}:
            raise self._refuse(event, f"the tag {tag} is not used here", "write the plain value")
        if isinstance(event, ScalarEvent):
            value, size = self._scalar(event), 1 + len(event.value) // 1024
        elif isinstance(event, MappingStartEvent):
            value, size = self._mapping(path)
        else:
            value, size = self._sequence(path)
        if size > _LARGEST:
            raise self._refuse(
                event, f"the document has more than {_LARGEST} nodes", "split it; one document, one user"
            )
        if event.anchor is not None:  # type: ignore[attr-defined]
            self._anchors[event.anchor] = (value, size)  # type: ignore[attr-defined]
        return value, size

    def _alias(self, event: AliasEvent) -> tuple[Any, int]:
        if event.anchor not in self._anchors:
            raise self._refuse(event, f"the alias *{event.anchor} has no anchor", "write the value itself")
        return self._anchors[event.anchor]

    def _scalar(self, event: ScalarEvent) -> Any:
        text: str = event.value
        if event.style is not None and event.style != "":
            return text
        if text in NULLS:
            return None
        if not text:
            self._find("SF008", self._at(event), "the value is empty", 'write null to empty the field, or "" as text')
            return None
        return BOOLEANS.get(text, text)

    def _mapping(self, path: Path) -> tuple[dict[str, Any], int]:
        found: dict[str, Any] = {}
        size = 1
        while not isinstance(event := next(self._events), MappingEndEvent):
            key, key_at = self._key(event), self._at(event)
            value_event = next(self._events)
            here = (*path, key)
            value, nodes = self._node(value_event, here)
            size += nodes + 1
            if size > _LARGEST:
                raise self._refuse(event, f"the document has more than {_LARGEST} nodes", "write aliases out")
            if key in found:
                first = self._document.places[here].key
                message = f'key "{key}" stands twice, first in line {first.line}'
                self._find("SF004", key_at, message, "keep one of them")
                continue
            found[key] = value
            self._document.places[here] = Place(key_at, self._at(value_event))
        return found, size

    def _key(self, event: Event) -> str:
        if not isinstance(event, ScalarEvent):
            raise self._refuse(event, "a key must be plain text", "write the key as text")
        if event.value == "<<" and not event.style:
            raise self._refuse(event, "merge keys (<<) are not used here", "put what is shared into a defaults.yaml")
        text: str = event.value
        return text

    def _sequence(self, path: Path) -> tuple[list[Any], int]:
        found: list[Any] = []
        size = 1
        while not isinstance(event := next(self._events), SequenceEndEvent):
            value, nodes = self._node(event, (*path, str(len(found))))
            found.append(value)
            size += nodes
            if size > _LARGEST:
                raise self._refuse(event, f"the document has more than {_LARGEST} nodes", "write aliases out")
        return found, size

    def _refuse(self, event: Event, message: str, remedy: str) -> _Refused:
        return _Refused(finding("SF005", self._at(event), message, remedy))

    def _find(self, code: str, at: Position, message: str, remedy: str) -> None:
        self._problems.append(finding(code, at, message, remedy))


def _syntax(error: yaml.YAMLError, file: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    at = Position(file, mark.line + 1, mark.column + 1) if mark else Position(file, 1, 1)
    said = " ".join(str(part) for part in (getattr(error, "context", None), getattr(error, "problem", None)) if part)
    if "tab" in said or "token" in said:
        return finding(
            "SF003", at, f"not YAML here: {said}", "indent with spaces, never with tabs; quote odd characters"
        )
    reason = said or str(getattr(error, "reason", "it can't be parsed"))
    return finding("SF003", at, f"not YAML here: {reason}", "compare indentation and quotes with the lines above")
