"""The JSON Schemas, and their errors in our words.

jsonschema-rs answers yes or no, some hundred times faster; only when it says no, jsonschema explains.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconciler.desired.compose import Document
from reconciler.desired.finding import finding
from reconciler.model import Problem

if TYPE_CHECKING:
    from jsonschema import ValidationError
    from jsonschema_rs import Draft202012Validator

_EXPECTED: Mapping[str, str] = {
    "user": "the Username: an e-mail address of at most 80 characters",
    "account": "the account's name, or a mapping of one key: {id: 001...} or {EXTERNAL_ID_FIELD: value}",
    "contact": "a mapping of Contact fields, {} or null",
    "license": "the name or the definition key of a license",
    "profile": "the name of a profile",
    "role": "User, Manager or Executive, or null",
    "active": "true or false",
    "fields": "a mapping of User fields",
    "default_org": "the name of an org",
    "orgs": "a mapping of names to orgs",
    "reserve_requests": "a number of requests, 0 or more",
}
_API_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
_EXPECTED_FIELD = "text, true, false or null, and its name an API name"

_LATER = frozenset({"permission_sets", "permission_set_groups", "groups", "previously", "owner"})
"""Keys that documents of a later version have; they are named, so that nobody looks for a typing error."""


@cache
def schema_text(name: str) -> str:
    """The text of a schema: in a wheel they are part of the package, in a checkout they stand at its top."""
    packaged = files("reconciler").joinpath("schemas", name)
    if packaged.is_file():
        return packaged.read_text(encoding="utf-8")
    return (Path(__file__).parents[2] / "schemas" / name).read_text(encoding="utf-8")


@cache
def _compiled(name: str) -> "Draft202012Validator":
    from jsonschema_rs import Draft202012Validator

    return Draft202012Validator(json.loads(schema_text(name)))


def is_valid(name: str) -> Callable[[object], bool]:
    """Tells whether a value keeps to a schema."""
    answer: Callable[[object], bool] = _compiled(name).is_valid
    return answer


def violations(document: Document, name: str) -> list[Problem]:
    """What a document violates of a schema."""
    if _compiled(name).is_valid(document.value):
        return []
    return list(_explained(document, name))


def _explained(document: Document, name: str) -> Iterator[Problem]:
    from jsonschema import Draft202012Validator

    schema = json.loads(schema_text(name))
    if not isinstance(document.value, dict):
        yield finding("SF008", document.start, "a document is a mapping of keys to values", "begin with user: NAME")
        return
    seen: set[object] = set()
    for error in sorted(Draft202012Validator(schema).iter_errors(document.value), key=lambda e: list(map(str, e.path))):
        for problem in _translated(document, schema, error):
            if (problem.code, problem.source) not in seen:
                seen.add((problem.code, problem.source))
                yield problem


def _translated(document: Document, schema: Mapping[str, Any], error: "ValidationError") -> Iterator[Problem]:
    path = tuple(str(part) for part in error.absolute_path)
    instance: Any = error.instance
    if error.validator == "additionalProperties" and not path:
        known = sorted(schema["properties"])
        for key in sorted(set(instance) - set(known)):
            yield _unknown(document, (key,), known)
    elif error.validator == "required":
        yield _missing(document, path, error)
    elif not path:
        yield finding("SF008", document.start, str(error.message), "correct the document")
    else:
        yield from _wrong_fields(document, path) or [_wrong(document, path)]


def _unknown(document: Document, path: tuple[str, ...], known: list[str]) -> Problem:
    at, key = document.place(path).key, path[-1]
    if key in _LATER:
        return finding("SF007", at, f'"{key}" is not managed by this version', "remove it")
    close = get_close_matches(key, known, n=1, cutoff=0.6)
    remedy = f'did you mean "{close[0]}"?' if close else f"choose one of: {', '.join(known)}"
    return finding("SF007", at, f'unknown key "{key}"', remedy)


def _missing(document: Document, path: tuple[str, ...], error: "ValidationError") -> Problem:
    instance: Any = error.instance
    wanted: Any = error.validator_value
    names = ", ".join(f"{key}:" for key in wanted if key not in instance)
    return finding("SF009", document.place(path).key, f"{names} is missing", f"add {names}")


def _wrong_fields(document: Document, path: tuple[str, ...]) -> list[Problem]:
    """The fields of `contact:` or `fields:` whose name or value is wrong."""
    fields = document.value.get(path[0])
    if len(path) > 1 or path[0] not in {"contact", "fields"} or not isinstance(fields, dict):
        return []
    names = [
        finding(
            "SF008", document.place((path[0], name)).key, f'"{name}" is no field name', "write the field's API name"
        )
        for name in fields
        if not _API_NAME.match(name)
    ]
    return names + [
        _wrong(document, (path[0], name)) for name, value in fields.items() if isinstance(value, (list, dict))
    ]


def _wrong(document: Document, path: tuple[str, ...]) -> Problem:
    place = document.place(path)
    value: Any = document.value
    for part in path:
        value = value[int(part)] if isinstance(value, list) else value.get(part) if isinstance(value, dict) else None
    is_field = len(path) > 1 and path[0] in {"contact", "fields"}
    expected = _EXPECTED_FIELD if is_field else _EXPECTED.get(path[0], "what the schema says")
    name = ".".join(path)
    return finding("SF008", place.value, f"{name} is {_kind(value)}", f"{path[0]} must be {expected}")


def _kind(value: object) -> str:
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= 60 else f"text of {len(value)} characters"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "a list" if isinstance(value, list) else "a mapping"
