"""All files of a project -> one State, or every finding of all of them."""

import gc
import marshal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from reconciler.desired.batch import Batch, Reading, batches, digest_of_files, places_by_line, read
from reconciler.desired.cache import Cache
from reconciler.desired.compose import Document, documents
from reconciler.desired.defaults import DefaultsByFolder
from reconciler.desired.finding import finding
from reconciler.desired.resources import Resources
from reconciler.desired.schema import violations
from reconciler.desired.source import DEFAULTS, Folder, decoded, folders, read_bytes
from reconciler.desired.workers import mapped, processors
from reconciler.errors import InvalidFiles
from reconciler.model import Declaration, Position, Problem, State

_MANY_FILES = 4_000
"""From so many files on, reading them alone is worth several processes."""

_MANY_BATCHES = 12
"""From so many batches on, parsing them is."""


def load(project: Path, cache: Path | None = None) -> State:
    """Load `desired/`; raises InvalidFiles with all findings, by place.

    `cache` is the folder in which what unchanged files declare is kept from run to run.
    """
    loader = _Loader(project)
    with _without_collecting_garbage():
        loader.read(Cache.of(cache, project))
    if not loader.count and not loader.problems:
        at = Position("desired/users", 1, 1)
        remedy = "add a file such as desired/users/team.yaml, or choose the project folder with --project"
        loader.problems.append(finding("SF011", at, "no document declares a user", remedy))
    if loader.problems:
        raise InvalidFiles(list(_once(sorted(loader.problems, key=lambda problem: problem.source or ("", 0, 0)))))
    declarations = loader.declarations
    digest = sha256((loader.sum % (1 << 512)).to_bytes(64)).hexdigest()
    return State(Resources(declarations, loader.places), declarations, f"sha256:{digest}")


@contextmanager
def _without_collecting_garbage() -> Iterator[None]:
    """What is loaded lives to the end: looking through it again and again costs a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@dataclass
class _Loader:
    project: Path
    problems: list[Problem] = field(default_factory=list)
    declarations: dict[str, Declaration] = field(default_factory=dict)
    defaults: DefaultsByFolder = field(default_factory=DefaultsByFolder)
    sum: int = 0
    count: int = 0
    _folders: dict[str, Folder] = field(default_factory=dict)
    _places: dict[str, Mapping[int, Mapping[str, Position]]] = field(default_factory=dict)

    def read(self, cache: Cache) -> None:
        """Read everything: first the defaults, then the users, a batch at a time."""
        found: list[Folder] = []
        for item in folders(self.project):
            if isinstance(item, Problem):
                self.problems.append(item)
            else:
                found.append(item)
        for folder in found:
            if folder.has_defaults:
                self._defaults(folder)
        self._folders = {folder.shown(""): folder for folder in found}
        todo = [batch for folder in found for batch in batches(folder, self.defaults.of(folder.parts))]
        try:
            self._batches(todo, cache)
        finally:
            cache.close()

    def places(self, declaration: Declaration) -> Mapping[str, Position]:
        """Where the values of a document are written, by column; nothing when the file says something else by now."""
        return self._places_in(declaration[1]).get(declaration[2], {})

    def _defaults(self, folder: Folder) -> None:
        """Keep the defaults of a folder."""
        shown = folder.shown(DEFAULTS)
        found = len(self.problems)
        kept = 0
        for document in self._documents(f"{folder.path}/{DEFAULTS}", shown):
            problems = violations(document, "defaults.schema.json")
            self.problems.extend(problems)
            if kept:
                at = document.start
                self.problems.append(finding("SF010", at, "a second document of defaults", "keep one a file"))
            elif not problems:
                kept = 1
                self.defaults.add(folder.parts, document)
        if len(self.problems) > found:
            self.defaults.unsure.add(folder.parts)

    def _documents(self, path: str, shown: str) -> Iterator[Document]:
        content = read_bytes(path, shown)
        text = content if isinstance(content, Problem) else decoded(content, shown)
        for item in [text] if isinstance(text, Problem) else documents(text, shown):
            if isinstance(item, Problem):
                self.problems.append(item)
            else:
                yield item

    def _batches(self, todo: Sequence[Batch], cache: Cache) -> None:
        """Add what all batches declare, in order: what is kept from an earlier run as it is, the rest anew."""
        files = sum(len(batch.names) for batch in todo)
        digests: Sequence[bytes] = [b""] * len(todo)
        if len(cache):
            digests = list(mapped(digest_of_files, todo, processors() if files > _MANY_FILES else 1))
        changed = [batch for batch, digest in zip(todo, digests, strict=True) if digest not in cache]
        readings = mapped(read, changed, processors() if len(changed) > _MANY_BATCHES else 1)
        with cache.writing() if changed else nullcontext() as writing:
            for batch, digest in zip(todo, digests, strict=True):
                # What was torn since its index was read is one more batch to read.
                reading = cache.read(digest) or read(batch) if digest in cache else next(readings)
                self._add(reading)
                if writing is not None:
                    writing.add(reading)

    def _add(self, reading: Reading) -> None:
        rows: dict[str, Declaration] = marshal.loads(reading.rows)  # noqa: S302 - ours: see cache.py
        known = self.declarations
        doubles = list(reading.doubles)
        if not known.keys().isdisjoint(rows):
            doubles += [(key, rows.pop(key)) for key in list(rows) if key in known]
        known.update(rows)
        self.problems += reading.problems
        self.problems += (self._declared_twice(key, declaration) for key, declaration in doubles)
        self.sum += reading.sum
        self.count += reading.documents

    def _declared_twice(self, key: str, declaration: Declaration) -> Problem:
        first, second = (Position(item[1], item[2], 1) for item in (self.declarations[key], declaration))
        at = self.places(declaration).get("Username", second)
        return finding("SF012", at, f'user "{key}" is declared twice, first at {first}', "keep one document")

    def _places_in(self, file: str) -> Mapping[int, Mapping[str, Position]]:
        """The places of a file by the line in which their document begins; looked up once a file."""
        if file not in self._places:
            above, _, name = file.rpartition("/")
            folder = self._folders[f"{above}/"]
            content = read_bytes(f"{folder.path}/{name}", file)
            text = content if isinstance(content, Problem) else decoded(content, file)
            is_text = not isinstance(text, Problem)
            self._places[file] = places_by_line(str(text), file, self.defaults.of(folder.parts)) if is_text else {}
        return self._places[file]


def _once(problems: Sequence[Problem]) -> Iterator[Problem]:
    """Each finding once: the reader, the schema and the checks may all see the same slip at the same place."""
    seen: set[tuple[object, ...]] = set()
    for problem in problems:
        # Several keys can be missing at one place: only the sentence tells them apart.
        slip = (problem.code, problem.source, problem.message if problem.code == "SF009" else None)
        if slip not in seen:
            seen.add(slip)
            yield problem
