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
    records = [record_of(header, row) for row in rows]
    results = write_rows(context, load.operation, load.sobject, load.external_id_field, records)
    outcomes = list(zip(rows, results, strict=True))
    done = [[str(result.id), str(bool(result.created)).lower(), *row] for row, result in outcomes if result.success]
    failed = [[_id_in(header, row), error_text(result.errors), *row] for row, result in outcomes if not result.success]
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
    unknown = unknown_column(load.sobject, header)
    if unknown is not None:
        yield f"InvalidBatch : Field name not found : {unknown}"
    if any(len(row) != len(header) for row in rows):
        yield "InvalidBatch : The number of columns in a row differs from the header"


def _divided(rows: Sequence[Sequence[str]], share: float) -> tuple[Sequence[Sequence[str]], Sequence[Sequence[str]]]:
    """The rows that are processed, and those that are not."""
    at = int(len(rows) * share)
    return rows[:at], rows[at:]


def unknown_column(sobject: SObject, header: Sequence[str]) -> str | None:
    """The first column that is neither a field nor a parent's external id."""
    for name in header:
        relation, dot, _ = name.partition(".")
        if not (sobject.relationship(relation) if dot else sobject.field(name)):
            return name
    return None


def write_rows(
    context: Context, operation: Operation, sobject: SObject, key: str | None, records: Sequence[Mapping[str, object]]
) -> Sequence[RowResult]:
    """Write records, each chunk of the size that triggers see in a transaction of its own; one result a record."""
    chunks = (records[start : start + _CHUNK] for start in range(0, len(records), _CHUNK))
    calls = [Call(operation, sobject.name, chunk, external_id_field=key) for chunk in chunks]
    return [result for call in calls for result in _run(context, call)]


def _run(context: Context, call: Call) -> Sequence[RowResult]:
    context.note(call)
    results = context.begin().execute(call)
    if call.operation is Operation.UPSERT:
        return results
    is_insert = call.operation is Operation.INSERT
    return [RowResult(result.id, result.success, is_insert and result.success, result.errors) for result in results]


def record_of(header: Sequence[str], row: Sequence[str]) -> Mapping[str, object]:
    """An empty cell leaves its field alone, `#N/A` empties it."""
    return {name: None if cell == _NULL else cell for name, cell in zip(header, row, strict=True) if cell != ""}


def _id_in(header: Sequence[str], row: Sequence[str]) -> str:
    return next((cell for name, cell in zip(header, row, strict=True) if name.lower() == "id"), "")


def error_text(errors: Sequence[RowError]) -> str:
    """What is wrong with a row, in one cell."""
    return "".join(f"{error.code}:{error.message}:{' '.join(error.fields)} --" for error in errors)
