"""What a schema can't say of a document: words and fields that exclude one another, characters, plausible addresses."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.desired.compose import Document
from reconciler.desired.finding import finding
from reconciler.kinds import CONTACT, USER, KindSpec
from reconciler.model import Problem

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+\Z")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
_MATCHED = {"firstname": "FirstName", "lastname": "LastName", "email": "Email"}
"""Fields by which contacts are matched: Salesforce takes any case, but one spelling keeps files and match simple."""
ACCOUNT_ID = re.compile(r"001[A-Za-z0-9]{12}([A-Za-z0-9]{3})?\Z")


def checked(document: Document) -> Iterator[Problem]:
    """All findings of one document, filled from its defaults; whatever else is wrong with it."""
    if not isinstance(document.value, dict):
        return
    value: Mapping[str, Any] = document.value
    yield from _together(document, value)
    yield from _account(document, value.get("account"))
    for key, spec in (("contact", CONTACT), ("fields", USER)):
        fields = value.get(key)
        if isinstance(fields, dict):
            yield from _fields(document, key, spec, fields)
    yield from characters(document)


def _together(document: Document, value: Mapping[str, Any]) -> Iterator[Problem]:
    """Keys that need one another; asked after the defaults are in, which no schema of one file could."""
    needs_account = [key for key in ("contact", "role") if value.get(key) is not None and "account" not in value]
    if needs_account:
        beside = " and ".join(f"{key}:" for key in needs_account)
        yield finding("SF009", document.start, f"account: is missing beside {beside}", "add account:")
    if "account" in value and "contact" not in value:
        yield finding("SF009", document.start, "contact: is missing beside account:", "add contact:, {} at the least")
    if value.get("role") is not None and "contact" in value and value["contact"] is None:
        at = document.place(("role",)).value
        yield finding(
            "SF009", at, "a role needs a contact, but contact: is null", "remove role:, or declare the contact"
        )


def _account(document: Document, account: object) -> Iterator[Problem]:
    if not isinstance(account, dict) or len(account) != 1:
        return
    key, wanted = next(iter(account.items()))
    place = document.place(("account", key))
    if key.lower() == "id" and not ACCOUNT_ID.match(str(wanted)):
        yield finding(
            "SF008", place.value, f'"{wanted}" is no account id', "an account id begins with 001 and has 15 or 18"
        )
    elif not _NAME.match(key):
        yield finding("SF008", place.key, f'"{key}" is no field name', "write the API name of an external id field")


def _fields(document: Document, key: str, spec: KindSpec, fields: Mapping[str, Any]) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for name, value in fields.items():
        place = document.place((key, name))
        entry = next((item for item in spec.fields.values() if item.name.lower() == name.lower()), None)
        if not _NAME.match(name):
            yield finding("SF008", place.key, f'"{name}" is no field name', "write the field's API name")
        elif entry is not None and entry.word:
            yield finding("SF013", place.key, f"{name} does not stand under {key}:", f"use {entry.word}: instead")
        elif name.lower() in {item.lower() for item in spec.read_only}:
            yield finding(
                "SF013", place.key, f"Salesforce derives {spec.sobject}.{name}; it can't be written", "remove it"
            )
        elif _MATCHED.get(name.lower(), name) != name:
            yield finding("SF008", place.key, f"{name} is spelled {_MATCHED[name.lower()]}", "write it so")
        elif name.lower() == "email" and isinstance(value, str) and not EMAIL.match(value):
            yield finding("SF008", place.value, f'"{value}" is no e-mail address', "correct it")
        first = seen.setdefault(name.lower(), name)
        if first != name:
            yield finding("SF004", place.key, f'"{name}" and "{first}" are the same field', "keep one of them")


def characters(document: Document) -> Iterator[Problem]:
    """The findings of control characters, in keys and values."""
    for path, place in document.places.items():
        value: Any = document.value
        for part in path:
            value = value.get(part) if isinstance(value, dict) else None
        for text, at in ((path[-1], place.key), (value, place.value)):
            match = CONTROL.search(text) if isinstance(text, str) else None
            if match:
                message = f"the character U+{ord(match[0]):04X} can't stand in a value"
                yield finding("SF014", at, message, "remove it")
