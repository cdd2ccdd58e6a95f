"""All files of a project -> one State, or every finding of all of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reconciler.desired.checks import checked
from reconciler.desired.compose import Document, Place, documents
from reconciler.desired.finding import finding
from reconciler.desired.resources import resources
from reconciler.desired.schema import violations
from reconciler.desired.source import Source, read_text, sources
from reconciler.errors import InvalidFiles
from reconciler.model import Address, Kind, Position, Problem, Resource, State

_DEEP = ("contact", "fields")
"""Keys whose mappings are filled field by field."""


def load(project: Path) -> State:
    """Load `desired/`; raises InvalidFiles with all findings, by place."""
    loader = _Loader()
    found = list(sources(project))
    loader.problems.extend(item for item in found if isinstance(item, Problem))
    files = [item for item in found if isinstance(item, Source)]
    for source in files:
        if source.is_defaults:
            loader.defaults(source)
    for source in files:
        if not source.is_defaults:
            loader.users(source)
    if not loader.count and not loader.problems:
        at = Position("desired/users", 1, 1)
        remedy = "add a file such as desired/users/team.yaml, or choose the project folder with --project"
        loader.problems.append(finding("SF011", at, "no document declares a user", remedy))
    if loader.problems:
        raise InvalidFiles(list(_once(sorted(loader.problems, key=lambda problem: problem.source or ("", 0, 0)))))
    return State(loader.found)


@dataclass
class _Loader:
    problems: list[Problem] = field(default_factory=list)
    found: dict[Address, Resource] = field(default_factory=dict)
    filled: dict[tuple[str, ...], Document] = field(default_factory=dict)
    unsure: set[tuple[str, ...]] = field(default_factory=set)
    count: int = 0

    def defaults(self, source: Source) -> None:
        """Keep the defaults of a folder, filled from those of the folders above."""
        for document in self._documents(source):
            problems = violations(document, "defaults.schema.json")
            self.problems.extend(problems)
            self.unsure |= {source.folder} if problems else set()
            if source.folder in self.filled and not problems:
                at = document.start
                self.problems.append(finding("SF010", at, "a second document of defaults", "keep one a file"))
            elif not problems:
                self.filled[source.folder] = _filled(
                    document, self._above(source.folder[:-1]) if source.folder else None
                )

    def users(self, source: Source) -> None:
        """Add the users of a file."""
        documents_found = 0
        for document in self._documents(source):
            documents_found += 1
            self.count += 1
            self._user(_filled(document, self._above(source.folder)), is_sure=self._is_sure(source.folder))
        if not documents_found and not any(p.source and p.source.file == source.shown for p in self.problems):
            at = Position(source.shown, 1, 1)
            self.problems.append(
                finding("SF011", at, "the file holds no document", "declare a user or remove the file")
            )

    def _is_sure(self, folder: Sequence[str]) -> bool:
        """Whether all defaults above were read; else nobody knows what is really missing."""
        return not any(tuple(folder[:depth]) in self.unsure for depth in range(len(folder) + 1))

    def _user(self, document: Document, *, is_sure: bool) -> None:
        found = [*violations(document, "user.schema.json"), *checked(document)]
        if found:
            self.problems.extend(problem for problem in found if is_sure or problem.code != "SF009")
            return
        for resource in resources(document):
            first = self.found.get(resource.address)
            if first is not None and resource.address.kind is Kind.USER:
                message = f'user "{resource.address.key}" is declared twice, first at {first.source}'
                self.problems.append(finding("SF012", document.place(("user",)).value, message, "keep one document"))
            elif first is None:
                self.found[resource.address] = resource

    def _documents(self, source: Source) -> Iterator[Document]:
        text = read_text(source)
        if isinstance(text, Problem):
            self.problems.append(text)
            return
        for item in documents(text, source.shown):
            if isinstance(item, Problem):
                self.problems.append(item)
            else:
                yield item

    def _above(self, folder: Sequence[str]) -> Document | None:
        """The defaults of the nearest folder that has any."""
        parts = tuple(folder)
        while parts not in self.filled:
            if not parts:
                return None
            parts = parts[:-1]
        return self.filled[parts]


def _once(problems: Sequence[Problem]) -> Iterator[Problem]:
    """Each finding once: the reader, the schema and the checks may all see the same slip at the same place."""
    seen: set[tuple[object, ...]] = set()
    for problem in problems:
        # Several keys can be missing at one place: only the sentence tells them apart.
        slip = (problem.code, problem.source, problem.message if problem.code == "SF009" else None)
        if slip not in seen:
            seen.add(slip)
            yield problem


def _filled(document: Document, defaults: Document | None) -> Document:
    """The document with what it leaves out; a filled value keeps its place in the defaults file."""
    if defaults is None or not isinstance(document.value, dict):
        return document
    value: dict[str, Any] = dict(document.value)
    places: dict[tuple[str, ...], Place] = dict(document.places)
    for key, default in defaults.value.items():
        if key not in value:
            value[key] = default
            _adopt(places, defaults, (key,), default)
        elif key in _DEEP and isinstance(default, dict) and isinstance(value[key], dict):
            value[key] = {**default, **value[key]}
            for name in default.keys() - document.value[key].keys():
                _adopt(places, defaults, (key, name), None)
    return Document(document.start, value, places)


def _adopt(places: dict[tuple[str, ...], Place], defaults: Document, path: tuple[str, ...], value: object) -> None:
    places[path] = defaults.place(path)
    if isinstance(value, Mapping):
        for name in value:
            places[(*path, name)] = defaults.place((*path, name))
