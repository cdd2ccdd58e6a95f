"""One document -> what it declares, flat: the columns of a user's row in the org, and their values.

Which keys a document has decides its columns; documents of a team have the same few sets of keys, so that all which
follows from keys alone is worked out once a set.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any, TypeAlias

from reconciler.desired.checks import ACCOUNT_ID, EMAIL, checked
from reconciler.desired.compose import Document
from reconciler.kinds import ACCOUNT_COLUMN, ACCOUNT_ID_COLUMN, LICENSE_COLUMN, PROFILE_COLUMN, ROLE_COLUMN
from reconciler.model import Columns, Position, Value

Keys: TypeAlias = tuple[object, ...]
"""What of a document decides its columns: its keys, those of its mappings, and which of its values are null."""

Step: TypeAlias = tuple[str, str | None]
"""Where a value stands: a key of the document, and one of the mapping below it."""

_WORDS: Mapping[str, str] = {
    "user": "Username",
    "license": LICENSE_COLUMN,
    "profile": PROFILE_COLUMN,
    "active": "IsActive",
}
_SIGNS: Mapping[Value, str] = {None: "\2", True: "\3", False: "\4"}
_PARENT = "Contact."
_ACCOUNT_PARENT = "Contact.Account."
_EMAIL_COLUMN = re.compile(r"(Contact\.)?Email\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How documents with one set of keys become declarations; `emails` and `ids` are the places of such values."""

    columns: Columns
    steps: tuple[Step, ...]
    emails: tuple[int, ...]
    ids: tuple[int, ...]
    is_sound: bool
    """Whether nothing is wrong with the keys."""

    def values(self, value: Mapping[str, Any]) -> tuple[Value, ...]:
        """The values of a document, in the order of the columns; Salesforce keeps no empty text."""
        found = [value[key] if name is None else value[key][name] for key, name in self.steps]
        return tuple(found) if "" not in found else tuple(None if item == "" else item for item in found)

    def is_plausible(self, values: tuple[Value, ...]) -> bool:
        """Whether its e-mail addresses and ids look like some."""
        return all(EMAIL.match(item) for at in self.emails if isinstance(item := values[at], str)) and all(
            ACCOUNT_ID.match(str(values[at])) for at in self.ids
        )


def recipe_of(value: Mapping[str, Any]) -> Recipe:
    """The recipe of all documents with the keys of this one, which keeps to the schema."""
    account, contact, fields = value.get("account"), value.get("contact", ""), value.get("fields", "")
    return _recipe(
        (*value, 0, *(account if type(account) is dict else ()), 0, *(contact or ()), 0, *(fields or ())),
        contact is None,
        value.get("role", "") is None,
    )


def digest_of(columns: Columns, values: tuple[Value, ...]) -> int:
    """A number for what a document declares; the sum of those of many documents is one for all, in any order.

    512 bits, so that nobody finds other documents with the same sum. No value holds the characters that part them.
    """
    texts = [item if type(item) is str else _SIGNS[item] for item in values]
    text = "\0".join((*columns, "\1", *texts))
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass")).digest())


@lru_cache(maxsize=4096)
def _recipe(keys: Keys, has_no_contact: bool, has_no_role: bool) -> Recipe:  # noqa: FBT001 - keys of a cache
    model = _model(keys, has_no_contact=has_no_contact, has_no_role=has_no_role)
    by_column = dict(sorted(_steps(model)))
    columns = tuple(by_column)
    return Recipe(
        columns,
        tuple(by_column.values()),
        tuple(at for at, column in enumerate(columns) if _EMAIL_COLUMN.match(column)),
        tuple(at for at, column in enumerate(columns) if column == ACCOUNT_ID_COLUMN),
        is_sound=not any(checked(Document(Position("", 1, 1), model))),
    )


def _model(keys: Keys, *, has_no_contact: bool, has_no_role: bool) -> dict[str, Any]:
    """A document with these keys and harmless values."""
    parts: list[list[str]] = [[]]
    for key in keys:
        if isinstance(key, str):
            parts[-1].append(key)
        else:
            parts.append([])
    top, account, contact, fields = parts
    model: dict[str, Any] = dict.fromkeys(top, "x")
    for word, names in (("contact", contact), ("fields", fields)):
        if word in model:
            model[word] = dict.fromkeys(names)
    if account:
        model["account"] = dict.fromkeys(account, "001000000000000")
    if has_no_contact:
        model["contact"] = None
    if has_no_role:
        model["role"] = None
    return model


def _steps(model: Mapping[str, Any]) -> Iterator[tuple[str, Step]]:
    """Each column that a document of such keys declares, with where its value stands."""
    for word, column in _WORDS.items():
        if word in model:
            yield column, (word, None)
    if "role" in model:
        yield ("UserRoleId" if model["role"] is None else ROLE_COLUMN), ("role", None)
    contact = model.get("contact", "")
    if contact is None:
        yield "ContactId", ("contact", None)
    elif contact != "":
        if "account" in model:
            yield _account_step(model["account"])
        yield from ((f"{_PARENT}{name}", ("contact", name)) for name in contact)
    yield from ((name, ("fields", name)) for name in model.get("fields", ()))


def _account_step(account: str | Mapping[str, str]) -> tuple[str, Step]:
    if isinstance(account, str):
        return ACCOUNT_COLUMN, ("account", None)
    field = next(iter(account))
    return (ACCOUNT_ID_COLUMN if field.lower() == "id" else f"{_ACCOUNT_PARENT}{field}"), ("account", field)


def places_of(document: Document) -> Mapping[str, Position]:
    """Where each column of a valid document is written, and its contact too."""
    recipe = recipe_of(document.value)
    found = {
        column: document.place(_path(step)).value for column, step in zip(recipe.columns, recipe.steps, strict=True)
    }
    return {"ContactId": document.place(("contact",)).value, **found} if "contact" in document.value else found


def _path(step: Step) -> tuple[str, ...]:
    key, name = step
    return (key,) if name is None or key == "account" else (key, name)
