"""The files of a project: which there are, and their text; whatever is no document is a finding."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler.desired.finding import finding
from reconciler.model import Position, Problem

LARGEST_FILE = 64 * 1024 * 1024
LONGEST_LINE = 1024 * 1024
"""Bytes. A line of a document has some tens; a longer one is no hand's work."""

_FIRST_READ, _NEXT_READ = 16 * 1024, 8 * 1024 * 1024
"""Bytes; a buffer of the largest size for each small file would take longer than all else."""

DEFAULTS = "defaults.yaml"
_SUFFIXES = (".yaml", ".yml")
_TOP = "desired"
_USERS = "users"


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder below `desired`: its path, its parts below it, and the names of its files of users in order.

    There may be a hundred thousand files, so that no object stands for each of them.
    """

    path: str
    parts: tuple[str, ...]
    users: tuple[str, ...]
    has_defaults: bool

    def shown(self, name: str) -> str:
        """A file's path for people, relative to the project."""
        return "/".join((_TOP, *self.parts, name))


def folders(project: Path) -> Iterator[Folder | Problem]:
    """All folders of `desired/` that hold files, in order of their paths; whatever is stray is a finding."""
    root = project / _TOP
    waiting: list[tuple[str, ...]] = [()] if root.is_dir() else []
    while waiting:
        parts = waiting.pop()
        path = str(root.joinpath(*parts))
        try:
            with os.scandir(path) as entries:
                found = sorted((entry for entry in entries if not entry.name.startswith(".")), key=lambda e: e.name)
        except OSError as error:
            yield _unlisted(error, parts)
            continue
        inside = [entry for entry in found if entry.is_dir(follow_symlinks=False)]
        yield from _files(path, parts, [entry for entry in found if entry not in inside] if inside else found)
        waiting.extend((*parts, entry.name) for entry in reversed(inside))


def _files(path: str, parts: tuple[str, ...], entries: Sequence["os.DirEntry[str]"]) -> Iterator[Folder | Problem]:
    names: list[str] = []
    for entry in entries:
        reason = _stray(entry, parts)
        if reason is None:
            names.append(entry.name)
        else:
            yield finding("SF010", Position("/".join((_TOP, *parts, entry.name)), 1, 1), *reason)
    if names:
        has_defaults = DEFAULTS in names
        yield Folder(path, parts, tuple(name for name in names if name != DEFAULTS), has_defaults=has_defaults)


def _unlisted(error: OSError, parts: tuple[str, ...]) -> Problem:
    """A folder that can't be listed: left out in silence, its users would seem to be released."""
    at = Position("/".join((_TOP, *parts)), 1, 1)
    return finding("SF001", at, f"the folder can't be listed: {error.strerror}", "make it readable, or remove it")


def _stray(entry: "os.DirEntry[str]", parts: tuple[str, ...]) -> tuple[str, str] | None:
    """Why an entry is no file of documents, and what to do about it."""
    if entry.is_symlink():
        return "a symbolic link is not followed", "put the file itself here"
    if not entry.is_file():
        return "this is no file but a pipe, socket or device", "remove it"
    if not entry.name.endswith(_SUFFIXES):
        return "only .yaml and .yml files stand below desired/", "move or rename it"
    if entry.name != DEFAULTS and parts[:1] != (_USERS,):
        return "documents stand below desired/users/", f"move it there, or name it {DEFAULTS}"
    return None


def read_bytes(path: str, shown: str) -> bytes | Problem:
    """The bytes of a file without a byte order mark, or why there are none."""
    at = Position(shown, 1, 1)
    try:
        content = _content(path)
    except OSError as error:
        return finding("SF001", at, f"the file can't be read: {error.strerror}", "make it readable")
    if len(content) > LARGEST_FILE:
        message = f"the file has more than {LARGEST_FILE} bytes"
        return finding("SF006", at, message, "split it into several files")
    return content.removeprefix(b"\xef\xbb\xbf")


def _content(path: str) -> bytes:
    """The first bytes of a file, one more than are allowed. Most files take two reads, the second of which is empty."""
    file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        content = os.read(file, _FIRST_READ)
        while len(content) <= LARGEST_FILE and (more := os.read(file, _NEXT_READ)):
            content += more
        return content
    finally:
        os.close(file)


def decoded(content: bytes, shown: str) -> str | Problem:
    """The text of a file, or what is wrong with its bytes."""
    long = _long_line(content)
    if long is not None:
        number, length = long
        message = f"the line has {length} bytes, more than {LONGEST_LINE}"
        return finding("SF006", Position(shown, number, 1), message, "break it up; no value needs that much")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - (content.rfind(b"\n", 0, error.start) + 1) + 1
        message = f"byte 0x{content[error.start]:02x} is not UTF-8"
        return finding("SF002", Position(shown, line, column), message, "save the file as UTF-8")


def _long_line(content: bytes) -> tuple[int, int] | None:
    if len(content) <= LONGEST_LINE:
        return None
    for number, line in enumerate(content.split(b"\n"), start=1):
        if len(line) > LONGEST_LINE:
            return number, len(line)
    return None
