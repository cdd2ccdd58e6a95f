"""What clean files declare, kept for the next run under the digest of all that it was made from.

It can be missing, old, torn or another program's: then the files are read. It is never trusted for what the files say
now, because a batch is found by the content of its files, and it never stands in the project, where a pull request
could bring one along.
"""

import marshal
import os
import struct
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO

from reconciler.desired.batch import Reading
from reconciler.desired.schema import schema_text

_MAGIC = b"sfrec declarations 1\n"
_SUM_BYTES = 64
_ENTRY = struct.Struct(f">QQQ32s{_SUM_BYTES}s")
"""Offset, length, documents, digest of the rows, sum."""

_FOOTER = struct.Struct(">QQ32s32s")
"""Offset and length of the index, its digest, the version of all that wrote it."""

_DIGEST_BYTES = 32
_FEWEST_DOCUMENTS = 1_000
"""Fewer are read as quickly as they would be found."""


def cache_folder(environ: Mapping[str, str]) -> Path | None:
    """Where caches are kept: SFREC_CACHE_DIR, else the user's own folder for such; None for nowhere, or if empty."""
    chosen = environ.get("SFREC_CACHE_DIR")
    if chosen is not None:
        return Path(chosen) if chosen else None
    above = environ.get("XDG_CACHE_HOME", "")
    if not Path(above).is_absolute():
        above = f"{environ['HOME']}/.cache" if environ.get("HOME") else ""
    return Path(above) / "sfrec" if above else None


class Cache:
    """The kept batches of one project; `read` only reads, `writing` makes a new one that takes its place when whole."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self._entries: dict[bytes, tuple[int, int, int, bytes, bytes]] = {}
        if path is not None:
            with suppress(OSError, struct.error, ValueError):
                self._open(path)

    @classmethod
    def of(cls, folder: Path | None, project: Path) -> "Cache":
        """The cache of a project."""
        if folder is None:
            return cls(None)
        name = blake2b(os.fsencode(project.resolve()), digest_size=16).hexdigest()
        return cls(folder / f"{name}.declarations")

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()

    def __contains__(self, digest: bytes) -> bool:
        return digest in self._entries

    def __len__(self) -> int:
        return len(self._entries)

    def read(self, digest: bytes) -> Reading | None:
        """What a batch of that digest declares; None when it is not there or torn."""
        found = self._entries.get(digest)
        if found is None or self._file is None:
            return None
        offset, length, documents, of_rows, total = found
        with suppress(OSError):
            self._file.seek(offset)
            rows = self._file.read(length)
            if blake2b(rows, digest_size=_DIGEST_BYTES).digest() == of_rows:
                return Reading(digest, rows, int.from_bytes(total), documents)
        return None

    @contextmanager
    def writing(self) -> "Iterator[Writing]":
        """Collect entries; they are kept if there are enough of them to be worth it and the folder can be written."""
        if self._path is None:
            yield Writing(None)
            return
        with suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            file = tempfile.NamedTemporaryFile(dir=self._path.parent, prefix=".new-", delete=False)  # noqa: SIM115
        except OSError:
            yield Writing(None)
            return
        is_kept = False
        try:
            with file:
                writing = Writing(file)
                yield writing
                is_kept = writing.finish()
            if is_kept:
                Path(file.name).replace(self._path)
        finally:
            if not is_kept:
                with suppress(OSError):
                    Path(file.name).unlink()

    def _open(self, path: Path) -> None:
        file = path.open("rb", buffering=0)
        self._file = file
        about = os.fstat(file.fileno())
        if not _is_ours(about) or file.read(len(_MAGIC)) != _MAGIC:
            return
        file.seek(-_FOOTER.size, os.SEEK_END)
        offset, length, digest, version = _FOOTER.unpack(file.read(_FOOTER.size))
        if version != written_by() or offset + length + _FOOTER.size != about.st_size:
            return
        file.seek(offset)
        index = file.read(length)
        if blake2b(index, digest_size=_DIGEST_BYTES).digest() == digest:
            for start in range(0, length, _DIGEST_BYTES + _ENTRY.size):
                key = index[start : start + _DIGEST_BYTES]
                self._entries[key] = _ENTRY.unpack_from(index, start + _DIGEST_BYTES)


def _is_ours(about: os.stat_result) -> bool:
    """Whether a file may be believed: it is the user's own, and nobody else may write it."""
    if not hasattr(os, "geteuid"):
        return True  # pragma: no cover - systems that have no such owners and modes
    return about.st_uid == os.geteuid() and not about.st_mode & 0o022


class Writing:
    """A cache that is being made; without a file it is made of nothing."""

    def __init__(self, file: "BinaryIO | tempfile._TemporaryFileWrapper[bytes] | None") -> None:
        self._file = file
        self._index: list[bytes] = []
        self._documents = 0
        self._failed = file is None
        if file is not None:
            self._write(_MAGIC)

    def add(self, reading: Reading) -> None:
        """Keep what a clean batch declares."""
        if self._file is None or self._failed or not reading.digest:
            return
        offset = self._file.tell()
        self._write(reading.rows)
        of_rows = blake2b(reading.rows, digest_size=_DIGEST_BYTES).digest()
        total = (reading.sum % (1 << 8 * _SUM_BYTES)).to_bytes(_SUM_BYTES)
        entry = _ENTRY.pack(offset, len(reading.rows), reading.documents, of_rows, total)
        self._index.append(reading.digest + entry)
        self._documents += reading.documents

    def finish(self) -> bool:
        """Write the index; False when the whole is not worth keeping or could not be written."""
        if self._file is None or self._failed or self._documents < _FEWEST_DOCUMENTS:
            return False
        index = b"".join(self._index)
        digest = blake2b(index, digest_size=_DIGEST_BYTES).digest()
        footer = _FOOTER.pack(self._file.tell(), len(index), digest, written_by())
        self._write(index + footer)
        return not self._failed

    def _write(self, content: bytes) -> None:
        """A full disk costs the cache, not the run."""
        try:
            if self._file is not None:
                self._file.write(content)
                self._file.flush()
        except OSError:
            self._failed = True


@cache
def written_by() -> bytes:
    """A digest of the code, schemas and libraries that read a file: any change makes all caches old."""
    import yaml

    digest = blake2b(digest_size=_DIGEST_BYTES)
    package = Path(__file__).parents[1]
    for path in sorted([*package.glob("desired/*.py"), *package.glob("model/*.py"), package / "kinds.py"]):
        digest.update(path.read_bytes())
    for name in ("user.schema.json", "defaults.schema.json"):
        digest.update(schema_text(name).encode())
    about = (sys.version, marshal.version, yaml.__version__, _version_of("jsonschema-rs"))
    digest.update(repr(about).encode())
    return digest.digest()


def _version_of(distribution: str) -> str:
    from importlib.metadata import version

    return version(distribution)
