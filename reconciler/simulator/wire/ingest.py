"""What an ingest job does with its file.

Source: https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/datafiles.htm
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reconciler.simulator.dml import Call, Operation, RowResult
from reconciler.simulator.errors import RowError
from reconciler.simulator.schema import SObject
from reconciler.simulator.wire.context import Context
from reconciler.simulator.wire.csv_text import csv_text, parse_csv

OPERATIONS: Mapping[str, Operation] = {
    "insert": Operation.INSERT,
    "update": Operation.UPDATE,
    "upsert": Operation.UPSERT,
    "delete": Operation.DELETE,
    "hardDelete": Operation.DELETE,
}
"""`operation` of a job -> the write that it is."""

_CHUNK = 200
_NULL = "#N/A"


@dataclass(frozen=True, slots=True)
class Load:
    """The file of a job and how to read it; `share` of its rows, between 0 and 1, are processed."""

    operation: Operation
    sobject: SObject
    external_id_field: str | None
    delimiter: str
    ending: str
    content: bytes
    share: float = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file: the three result files, the counts; a problem is why nothing of it was processed."""

    problem: str | None = None
    successful: str = ""
    failed: str = ""
    unprocessed: str = ""
    rows: int = 0
    failures: int = 0


def process(context: Context, load: Load) -> Outcome:
    """Write all rows, in chunks of the size that triggers see."""
    try:
        text = load.content.decode()
        header, rows = parse_csv(text, load.delimiter)
    except (UnicodeDecodeError, csv.Error) as error:
        return Outcome(f"InvalidBatch : {error}", unprocessed=load.content.decode(errors="replace"))
    problem = next(_problems(load, header, rows, text), None)
    if problem is not None:
        return Outcome(problem, unprocessed=text)
    rows, rest = _divided(rows, load.share)
    results = [result for chunk in _chunks(rows) for result in _run(context, load, header, chunk)]
    outcomes = list(zip(rows, results, strict=True))
    done = [[str(result.id), str(bool(result.created)).lower(), *row] for row, result in outcomes if result.success]
    failed = [[_id_in(header, row), _error_text(result.errors), *row] for row, result in outcomes if not result.success]
    return Outcome(
        successful=csv_text(["sf__Id", "sf__Created", *header], done, load.delimiter, load.ending),
        failed=csv_text(["sf__Id", "sf__Error", *header], failed, load.delimiter, load.ending),
        unprocessed=csv_text(header, rest, load.delimiter, load.ending),
        rows=len(rows),
        failures=len(failed),
    )


def _problems(load: Load, header: Sequence[str], rows: Sequence[Sequence[str]], text: str) -> Iterator[str]:
    """Why the whole job fails."""
    if not header:
        yield "InvalidBatch : Field name not found : the file is empty"
    first, newline, _ = text.partition("\n")
    if newline and first.endswith("\r") != (load.ending == "\r\n"):
        setting = "CRLF" if load.ending == "\r\n" else "LF"
        yield f"LineEnding is invalid on user data. Current LineEnding setting is {setting}"
    for name in header:
        relation, dot, _ = name.partition(".")
        if not (load.sobject.relationship(relation) if dot else load.sobject.field(name)):
            yield f"InvalidBatch : Field name not found : {name}"
    if any(len(row) != len(header) for row in rows):
        yield "InvalidBatch : The number of columns in a row differs from the header"


def _divided(rows: Sequence[Sequence[str]], share: float) -> tuple[Sequence[Sequence[str]], Sequence[Sequence[str]]]:
    """The rows that are processed, and those that are not."""
    at = int(len(rows) * share)
    return rows[:at], rows[at:]


def _chunks(rows: Sequence[Sequence[str]]) -> Iterator[Sequence[Sequence[str]]]:
    for start in range(0, len(rows), _CHUNK):
        yield rows[start : start + _CHUNK]


def _run(context: Context, load: Load, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Sequence[RowResult]:
    records = [_record(header, row) for row in rows]
    call = Call(load.operation, load.sobject.name, records, external_id_field=load.external_id_field)
    context.note(call)
    results = context.begin().execute(call)
    is_insert = load.operation is Operation.INSERT
    return [RowResult(r.id, r.success, is_insert if r.created is None else r.created, r.errors) for r in results]


def _record(header: Sequence[str], row: Sequence[str]) -> Mapping[str, object]:
    """An empty cell leaves its field alone, `#N/A` empties it."""
    return {name: None if cell == _NULL else cell for name, cell in zip(header, row, strict=True) if cell != ""}


def _id_in(header: Sequence[str], row: Sequence[str]) -> str:
    return next((cell for name, cell in zip(header, row, strict=True) if name.lower() == "id"), "")


def _error_text(errors: Sequence[RowError]) -> str:
    return "".join(f"{error.code}:{error.message}:{' '.join(error.fields)} --" for error in errors)
