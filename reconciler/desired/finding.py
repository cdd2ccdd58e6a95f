"""The findings that files can have; a code means the same for ever."""

from collections.abc import Mapping

from reconciler.model import Position, Problem, Severity

TITLES: Mapping[str, str] = {
    "SF001": "the file can't be read",
    "SF002": "the file is not UTF-8",
    "SF003": "the file is not YAML",
    "SF004": "a key stands twice",
    "SF005": "aliases, tags or nesting past what a document needs",
    "SF006": "a file or a line is too large",
    "SF007": "a key that no document has",
    "SF008": "a value of the wrong kind",
    "SF009": "a key is missing",
    "SF010": "a file where none is expected",
    "SF011": "no document at all",
    "SF012": "a user is declared twice",
    "SF013": "a field that has a word of its own, or that Salesforce derives",
    "SF014": "characters that no value has",
    "SF020": "a field that the org does not have",
}


def finding(code: str, at: Position, message: str, remedy: str) -> Problem:
    """A finding of severity error."""
    if code not in TITLES:
        raise KeyError(code)
    return Problem(code, Severity.ERROR, message, remedy, None, at)
