"""CSV as Bulk API 2.0 speaks it."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO

DELIMITERS: Mapping[str, str] = {
    "COMMA": ",",
    "SEMICOLON": ";",
    "PIPE": "|",
    "TAB": "\t",
    "CARET": "^",
    "BACKQUOTE": "`",
}
"""`columnDelimiter` of a job -> the character."""

ENDINGS: Mapping[str, str] = {"LF": "\n", "CRLF": "\r\n"}
"""`lineEnding` of a job -> the characters."""


def parse_csv(text: str, delimiter: str) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """The header and the rows, empty lines left out; raises csv.Error."""
    header, *rows = [row for row in csv.reader(StringIO(text, newline=""), delimiter=delimiter) if row] or [[]]
    return header, rows


def csv_text(header: Sequence[str], rows: Iterable[Iterable[object]], delimiter: str = ",", ending: str = "\n") -> str:
    """A file, every cell quoted."""
    return csv_lines([header], delimiter, ending) + csv_lines(rows, delimiter, ending)


def csv_lines(rows: Iterable[Iterable[object]], delimiter: str, ending: str) -> str:
    """Lines of a file, every cell quoted; None is an empty cell."""
    text = StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=ending, quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue()
