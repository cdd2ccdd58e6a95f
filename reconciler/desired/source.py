"""The files of a project: which there are, and their text; whatever is no document is a finding."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reconciler.desired.finding import finding
from reconciler.model import Position, Problem

LARGEST_FILE = 64 * 1024 * 1024
LONGEST_LINE = 1024 * 1024
"""Bytes. A line of a document has some tens; a longer one is no hand's work."""

DEFAULTS = "defaults.yaml"
_SUFFIXES = frozenset({".yaml", ".yml"})


@dataclass(frozen=True, slots=True)
class Source:
    """One file: its path for people, its folder below `desired`, and whether it holds defaults."""

    path: Path
    shown: str
    folder: tuple[str, ...]
    is_defaults: bool


def sources(project: Path) -> Iterator[Source | Problem]:
    """All files of `desired/`, in order of their paths; a stray one is a finding in its place."""
    root = project / "desired"
    unlisted: list[OSError] = []
    for folder, folders, names in os.walk(root, onerror=unlisted.append):
        folders.sort()
        inside = Path(folder).relative_to(root)
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        for name in sorted([*names, *links]):
            if not name.startswith("."):
                yield _source(Path(folder) / name, f"desired/{(inside / name).as_posix()}", inside.parts)
    if root.is_dir():
        yield from (_unlisted(error, root) for error in unlisted)


def _unlisted(error: OSError, root: Path) -> Problem:
    """A folder that can't be listed: left out in silence, its users would seem to be released."""
    shown = (Path("desired") / Path(error.filename).relative_to(root)).as_posix()
    message = f"the folder can't be listed: {error.strerror}"
    return finding("SF001", Position(shown, 1, 1), message, "make it readable, or remove it")


def _source(path: Path, shown: str, folder: tuple[str, ...]) -> Source | Problem:
    at = Position(shown, 1, 1)
    if path.is_symlink():
        return finding("SF010", at, "a symbolic link is not followed", "put the file itself here")
    if not path.is_file():
        return finding("SF010", at, "this is no file but a pipe, socket or device", "remove it")
    if path.suffix not in _SUFFIXES:
        return finding("SF010", at, "only .yaml and .yml files stand below desired/", "move or rename it")
    is_defaults = path.name == DEFAULTS
    if not is_defaults and folder[:1] != ("users",):
        return finding("SF010", at, "documents stand below desired/users/", f"move it there, or name it {DEFAULTS}")
    return Source(path, shown, folder, is_defaults)


def read_text(source: Source) -> str | Problem:
    """The text of a file, or what is wrong with its bytes."""
    at = Position(source.shown, 1, 1)
    try:
        size = source.path.stat().st_size
        if size > LARGEST_FILE:
            message = f"the file has {size} bytes, more than {LARGEST_FILE}"
            return finding("SF006", at, message, "split it into several files")
        content = source.path.read_bytes()
    except OSError as error:
        return finding("SF001", at, f"the file can't be read: {error.strerror}", "make it readable")
    return _decoded(source, content.removeprefix(b"\xef\xbb\xbf"))


def _decoded(source: Source, content: bytes) -> str | Problem:
    long = _long_line(content)
    if long is not None:
        number, length = long
        message = f"the line has {length} bytes, more than {LONGEST_LINE}"
        return finding("SF006", Position(source.shown, number, 1), message, "break it up; no value needs that much")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - (content.rfind(b"\n", 0, error.start) + 1) + 1
        message = f"byte 0x{content[error.start]:02x} is not UTF-8"
        return finding("SF002", Position(source.shown, line, column), message, "save the file as UTF-8")


def _long_line(content: bytes) -> tuple[int, int] | None:
    if len(content) <= LONGEST_LINE:
        return None
    for number, line in enumerate(content.split(b"\n"), start=1):
        if len(line) > LONGEST_LINE:
            return number, len(line)
    return None
