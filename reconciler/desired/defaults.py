"""What the `defaults.yaml` of a folder and of those above it fill in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reconciler.desired.checks import characters
from reconciler.desired.compose import Document, Place

_DEEP = ("contact", "fields")
"""Keys whose mappings are filled field by field."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What fills the documents of a folder.

    `document` holds all defaults from above too, None when there are none. `is_sure` is whether all of them could be
    read: else nobody knows what is really missing. `is_clean` is whether their text has no odd characters.
    """

    document: Document | None = None
    is_sure: bool = True
    is_clean: bool = True

    @property
    def value(self) -> Mapping[str, Any]:
        """What is filled in."""
        return self.document.value if self.document else {}


@dataclass
class DefaultsByFolder:
    """The defaults of all folders; those of a folder are added after those of the folders above."""

    found: dict[tuple[str, ...], Document] = field(default_factory=dict)
    unsure: set[tuple[str, ...]] = field(default_factory=set)

    def add(self, folder: tuple[str, ...], document: Document) -> None:
        """Keep the defaults of a folder, filled from those above."""
        self.found[folder] = filled(document, self.of(folder[:-1]).document) if folder else document

    def of(self, folder: Sequence[str]) -> Defaults:
        """The defaults of the nearest folder that has any."""
        parts = tuple(folder)
        is_sure = not any(parts[:depth] in self.unsure for depth in range(len(parts) + 1))
        above = (parts[:depth] for depth in range(len(parts), -1, -1))
        document = next((self.found[folder] for folder in above if folder in self.found), None)
        return Defaults(document, is_sure, is_clean=document is None or not any(characters(document)))


def filled_value(value: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """A document's value with what it leaves out."""
    whole = {**defaults, **value}
    for key in _DEEP:
        own, default = value.get(key), defaults.get(key)
        if isinstance(own, dict) and isinstance(default, dict):
            whole[key] = {**default, **own}
    return whole


def filled(document: Document, defaults: Document | None) -> Document:
    """The document with what it leaves out; a filled value keeps its place in the defaults file."""
    if defaults is None or not isinstance(document.value, dict):
        return document
    value = filled_value(document.value, defaults.value)
    places: dict[tuple[str, ...], Place] = dict(document.places)
    for key, default in defaults.value.items():
        if key not in document.value:
            _adopt(places, defaults, (key,), default)
        elif key in _DEEP and isinstance(default, dict) and isinstance(document.value[key], dict):
            for name in default.keys() - document.value[key].keys():
                _adopt(places, defaults, (key, name), None)
    return Document(document.start, value, places)


def _adopt(places: dict[tuple[str, ...], Place], defaults: Document, path: tuple[str, ...], value: object) -> None:
    places[path] = defaults.place(path)
    if isinstance(value, Mapping):
        for name in value:
            places[(*path, name)] = defaults.place((*path, name))
