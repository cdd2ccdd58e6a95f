"""The CSV files of bulk jobs."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from typing import Any

from reconciler.simulator.soql import QueryResult


def flat(result: QueryResult) -> Iterator[Sequence[str]]:
    """The header and the rows of a query as text."""
    yield [".".join(column.path) for column in result.columns]
    for record in result.records:
        yield [_text(record, column.path) for column in result.columns]


def _text(record: Mapping[str, Any] | None, path: Sequence[str]) -> str:
    value: Any = record
    for name in path:
        value = value.get(name) if value is not None else None
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def csv_text(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    delimiter: str = ",",
    ending: str = "\n",
    quoting: Any = csv.QUOTE_MINIMAL,
) -> str:
    """Header and rows as one CSV file."""
    text = StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=ending, quoting=quoting)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
