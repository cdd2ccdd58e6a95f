"""Some files of one folder -> what their documents declare, or what is wrong with them.

Batches are read side by side, in several processes when there is much to read; what a clean one declares is kept for
the next run under the digest of all that it was made from.
"""

import marshal
import os
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeAlias

from reconciler.desired.checks import CONTROL, checked
from reconciler.desired.compose import Document, documents
from reconciler.desired.declaration import digest_of, places_of, recipe_of
from reconciler.desired.defaults import Defaults, filled, filled_value
from reconciler.desired.finding import finding
from reconciler.desired.plain import plain_documents
from reconciler.desired.schema import is_valid, violations
from reconciler.desired.source import Folder, decoded, read_bytes
from reconciler.model import Declaration, Position, Problem

SCHEMA = "user.schema.json"

_BATCH_BYTES = 64 * 1024
"""About so much is read together: enough to keep the overhead small, little enough to be read again after an edit."""

_SAMPLED = 4
_MOST_FILES = 1024
_PLAIN_TEXT = bytes([9, 10, 13, *range(32, 127)])

Found: TypeAlias = tuple[str, Declaration]
"""A user's key and what a document declares of it."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some files of one folder, in order, with what fills their documents."""

    folder: Folder
    names: tuple[str, ...]
    defaults: Defaults


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of a batch.

    `rows` is a dict of keys and declarations as `marshal` writes it; `digest` that of the files that were read, empty
    when one of them could not be; `sum` that of the declarations; `doubles` are declarations of users that the batch
    declares already.
    """

    digest: bytes
    rows: bytes
    sum: int
    documents: int
    doubles: tuple[Found, ...] = ()
    problems: tuple[Problem, ...] = ()


def batches(folder: Folder, defaults: Defaults) -> Iterator[Batch]:
    """The files of a folder in batches; where one ends depends on names alone, so that a new file changes one batch."""
    files = _files_of_a_batch(folder)
    names: list[str] = []
    for name in folder.users:
        names.append(name)
        if not zlib.crc32(os.fsencode(name)) % files or len(names) >= 4 * files:
            yield Batch(folder, tuple(names), defaults)
            names = []
    if names:
        yield Batch(folder, tuple(names), defaults)


def _files_of_a_batch(folder: Folder) -> int:
    """About how many files make a batch: a power of two, after the size of some of them."""
    sizes = [1]
    step = max(1, len(folder.users) // _SAMPLED)
    for name in folder.users[::step]:
        with suppress(OSError):
            sizes.append(Path(f"{folder.path}/{name}").stat().st_size)
    wanted = min(_MOST_FILES, _BATCH_BYTES * len(sizes) // sum(sizes))
    return 1 << max(0, wanted.bit_length() - 1)


def digest_of_files(batch: Batch) -> bytes:
    """The digest of all that a batch is made from; empty when a file of it can't be read."""
    digest = _begun(batch)
    for name in batch.names:
        content = read_bytes(f"{batch.folder.path}/{name}", name)
        if isinstance(content, Problem):
            return b""
        _add(digest, name, content)
    return digest.digest()


def _begun(batch: Batch) -> "blake2b":
    """A digest of what is not in the files: where they are, and what fills them."""
    defaults = batch.defaults
    about = (batch.folder.parts, defaults.value, defaults.is_sure, defaults.is_clean)
    return blake2b(repr(about).encode("utf-8", "surrogatepass"), digest_size=32)


def _add(digest: "blake2b", name: str, content: bytes) -> None:
    digest.update(b"%d %d " % (len(name), len(content)))
    digest.update(os.fsencode(name))
    digest.update(content)


def read(batch: Batch) -> Reading:
    """Read a batch."""
    return _Reader(batch).read()


class _Reader:
    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._rows: dict[str, Declaration] = {}
        self._sum = 0
        self._documents = 0
        self._doubles: list[Found] = []
        self._problems: list[Problem] = []
        self._texts: dict[str, str] = {}

    def read(self) -> Reading:
        digest = _begun(self._batch)
        folder = self._batch.folder
        for name in self._batch.names:
            shown = folder.shown(name)
            content = read_bytes(f"{folder.path}/{name}", shown)
            if isinstance(content, Problem):
                self._problems.append(content)
            else:
                _add(digest, name, content)
                self._file(content, shown)
        is_clean = not self._problems and not self._doubles
        return Reading(
            digest.digest() if is_clean else b"",
            marshal.dumps(self._rows),
            self._sum,
            self._documents,
            tuple(self._doubles),
            tuple(self._problems),
        )

    def _file(self, content: bytes, shown: str) -> None:
        text = decoded(content, shown)
        if isinstance(text, Problem):
            self._problems.append(text)
            return
        found = _plainly(text, content, self._batch.defaults, shown)
        for key, declaration in self._carefully(text, shown) if found is None else found:
            if key in self._rows:
                self._doubles.append((key, declaration))
            else:
                self._rows[key] = self._shared(declaration)
            self._sum += digest_of(declaration[0], declaration[3])
        self._documents += 0 if found is None else len(found)

    def _shared(self, declaration: Declaration) -> Declaration:
        """The declaration with each text once in memory: most values of a team are the same few."""
        keep = self._texts.setdefault
        columns, file, line, values = declaration
        return columns, file, line, tuple([keep(item, item) if type(item) is str else item for item in values])

    def _carefully(self, text: str, shown: str) -> Iterator[Found]:
        """What a file declares, with a finding for whatever is wrong with it."""
        defaults = self._batch.defaults
        is_empty = True
        for item in documents(text, shown):
            is_empty = False
            if isinstance(item, Problem):
                self._problems.append(item)
                continue
            self._documents += 1
            document = filled(item, defaults.document)
            problems = [*violations(document, SCHEMA), *checked(document)]
            if problems:
                # Nobody knows what is missing while the defaults are not known.
                self._problems += [found for found in problems if defaults.is_sure or found.code != "SF009"]
            else:
                yield _declared(document, shown)
        if is_empty:
            at = Position(shown, 1, 1)
            self._problems.append(
                finding("SF011", at, "the file holds no document", "declare a user or remove the file")
            )


def _declared(document: Document, shown: str) -> Found:
    recipe = recipe_of(document.value)
    values = recipe.values(document.value)
    return document.value["user"].casefold(), (recipe.columns, shown, document.start.line, values)


def _plainly(text: str, content: bytes, defaults: Defaults, shown: str) -> list[Found] | None:
    """What a file declares in which nothing is special and nothing wrong; None for any other."""
    if not defaults.is_clean or not defaults.is_sure or "\\" in text or _has_odd_characters(text, content):
        return None
    found: list[Found] = []
    filling = defaults.value
    is_fine = is_valid(SCHEMA)
    for line, written in plain_documents(text) or ():
        value: dict[str, Any] = filled_value(written, filling) if filling else written
        if not is_fine(value):
            return None
        recipe = recipe_of(value)
        values = recipe.values(value)
        if not recipe.is_sound or not recipe.is_plausible(values):
            return None
        user = value["user"]
        key = user.casefold()
        found.append((user if key == user else key, (recipe.columns, shown, line, values)))
    return found or None


def _has_odd_characters(text: str, content: bytes) -> bool:
    """Whether a text has characters that no value may have; escapes have been ruled out."""
    if not content.translate(None, _PLAIN_TEXT):
        return False
    return CONTROL.search(text) is not None


def places_by_line(text: str, shown: str, defaults: Defaults) -> dict[int, Mapping[str, Position]]:
    """Where the values of each valid document of a file are written: its first line -> column -> place."""
    found: dict[int, Mapping[str, Position]] = {}
    for item in documents(text, shown):
        document = item if isinstance(item, Problem) else filled(item, defaults.document)
        if isinstance(document, Document) and is_valid(SCHEMA)(document.value):
            found[document.start.line] = places_of(document)
    return found
