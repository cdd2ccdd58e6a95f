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


def csv_text(header: Sequence[str], rows: Iterable[Sequence[str]], delimiter: str = ",", ending: str = "\n") -> str:
    """A file, every cell quoted."""
    text = StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=ending, quoting=csv.QUOTE_ALL)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
