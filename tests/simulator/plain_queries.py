"""Generated queries, and what the plain model answers to them."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.simulator.plain_org import PlainOrg, Record

Value = str | float | bool | None
Holds = Callable[[PlainOrg, Record], bool]

WORDS = ("apple", "Banana", "cherry", "APPLE", "date")
SIGNS = ("o'Neil", "50%", "a_b", "axb")
NUMBERS = (0, 1, 2, 10)
ADDRESSES = ("a@acme.example", "b@acme.example")

_PARENTS = {"Account": ("AccountId", "Account"), "Contact": ("ContactId", "Contact"), "Owner": ("OwnerId", "User")}

TEXTS: Mapping[str, Sequence[str]] = {
    "Account": ("Name", "Site", "Owner.LastName"),
    "Contact": ("LastName", "Account.Name", "Account.Site", "Account.Owner.LastName"),
    "User": ("LastName", "Contact.LastName", "Contact.Account.Name"),
}
ANY_TEXTS: Mapping[str, Sequence[str]] = {
    "Account": (),
    "Contact": ("FirstName", "Email"),
    "User": ("Username", "CommunityNickname", "PortalRole"),
}
"""Texts that are compared for equality alone: how signs and levels sort is not known."""

FLAGS: Mapping[str, Sequence[str]] = {
    "Account": ("IsPartner", "IsCustomerPortal"),
    "Contact": ("Account.IsPartner",),
    "User": ("IsActive", "IsPortalEnabled", "Contact.Account.IsCustomerPortal"),
}
COUNTS: Mapping[str, Sequence[str]] = {
    "Account": ("NumberOfEmployees",),
    "Contact": ("Account.NumberOfEmployees",),
    "User": ("Contact.Account.NumberOfEmployees",),
}


@dataclass(frozen=True)
class Condition:
    """A condition, and whether it holds for a record."""

    text: str
    holds: Holds


@dataclass(frozen=True)
class Order:
    """The path by which rows are sorted."""

    path: str
    is_descending: bool
    nulls: str | None

    def text(self) -> str:
        """The clause."""
        direction = "DESC" if self.is_descending else "ASC"
        return f"ORDER BY {self.path} {direction}" + (f" NULLS {self.nulls}" if self.nulls else "")

    def sort(self, values: Sequence[Value]) -> list[Value]:
        """The values in that order; null comes first unless it is said to come last."""
        given = sorted((value for value in values if value is not None), key=folded, reverse=self.is_descending)
        nulls = [value for value in values if value is None]
        return [*given, *nulls] if self.nulls == "LAST" else [*nulls, *given]


def value_of(org: PlainOrg, record: Record | None, path: str) -> Any:
    """What stands at a path; null where a parent is missing."""
    name, _, rest = path.partition(".")
    if record is None or not rest:
        return None if record is None else record[name]
    key, sobject = _PARENTS[name]
    return value_of(org, org.tables[sobject].get(record[key]), rest)


def folded(value: Value) -> Any:
    """A value as it is compared: text without case."""
    return value.lower() if isinstance(value, str) else value


def _literal(value: Value) -> str:
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return "null" if value is None else str(value).lower()


def _equality(path: str, operator: str, wanted: Value) -> Condition:
    is_equal = operator == "="

    def holds(org: PlainOrg, record: Record) -> bool:
        return (folded(value_of(org, record, path)) == folded(wanted)) is is_equal

    return Condition(f"{path} {operator} {_literal(wanted)}", holds)


def _comparison(path: str, operator: str, wanted: str | float) -> Condition:
    compare: Mapping[str, Callable[[Any, Any], bool]] = {
        "<": lambda one, other: one < other,
        "<=": lambda one, other: one <= other,
        ">": lambda one, other: one > other,
        ">=": lambda one, other: one >= other,
    }

    def holds(org: PlainOrg, record: Record) -> bool:
        found = value_of(org, record, path)
        return found is not None and compare[operator](folded(found), folded(wanted))

    return Condition(f"{path} {operator} {_literal(wanted)}", holds)


def _membership(path: str, wanted: Sequence[Value], *, is_in: bool) -> Condition:
    def holds(org: PlainOrg, record: Record) -> bool:
        return (folded(value_of(org, record, path)) in [folded(value) for value in wanted]) is is_in

    literals = ", ".join(_literal(value) for value in wanted)
    return Condition(f"{path} {'IN' if is_in else 'NOT IN'} ({literals})", holds)


def _pattern(path: str, pattern: str) -> Condition:
    expression = "".join({"%": ".*", "_": "."}.get(character, re.escape(character)) for character in pattern)

    def holds(org: PlainOrg, record: Record) -> bool:
        found = value_of(org, record, path)
        return found is not None and re.fullmatch(expression, found, re.IGNORECASE | re.DOTALL) is not None

    return Condition(f"{path} LIKE {_literal(pattern)}", holds)


def _referred(field: str, sobject: str, inner: Condition, *, is_in: bool) -> Condition:
    """Records that others refer to."""

    def holds(org: PlainOrg, record: Record) -> bool:
        rows = org.tables[sobject].values()
        referred = {row[field] for row in rows if row[field] is not None and inner.holds(org, row)}
        (own,) = [key for table in org.tables.values() for key, item in table.items() if item is record]
        return (own in referred) is is_in

    word = "IN" if is_in else "NOT IN"
    return Condition(f"Id {word} (SELECT {field} FROM {sobject} WHERE {field} != null AND {inner.text})", holds)


def _both(one: Condition, other: Condition) -> Condition:
    return Condition(f"({one.text} AND {other.text})", lambda org, row: one.holds(org, row) and other.holds(org, row))


def _either(one: Condition, other: Condition) -> Condition:
    return Condition(f"({one.text} OR {other.text})", lambda org, row: one.holds(org, row) or other.holds(org, row))


def _not(inner: Condition) -> Condition:
    return Condition(f"(NOT {inner.text})", lambda org, row: not inner.holds(org, row))


def _leaves(sobject: str) -> st.SearchStrategy[Condition]:
    equal, less = st.sampled_from(["=", "!="]), st.sampled_from(["<", "<=", ">", ">="])
    words, numbers = st.sampled_from([*WORDS, None]), st.sampled_from([*NUMBERS, None])
    texts, counts = st.sampled_from(TEXTS[sobject]), st.sampled_from(COUNTS[sobject])
    anything = st.sampled_from([*TEXTS[sobject], *ANY_TEXTS[sobject]])
    any_word = st.sampled_from([*WORDS, *SIGNS, *ADDRESSES, "Worker", None])
    patterns = st.sampled_from(["a%", "%e", "_anana", "%an%", "%", "o'%", "A_b"])
    return st.one_of(
        st.builds(_equality, anything, equal, any_word),
        st.builds(_equality, counts, equal, numbers),
        st.builds(_equality, st.sampled_from(FLAGS[sobject]), equal, st.booleans()),
        st.builds(_comparison, texts, less, st.sampled_from(WORDS)),
        st.builds(_comparison, counts, less, st.sampled_from(NUMBERS)),
        st.builds(_membership, anything, st.lists(any_word, min_size=1, max_size=4), is_in=st.booleans()),
        st.builds(_membership, counts, st.lists(numbers, min_size=1, max_size=3), is_in=st.booleans()),
        st.builds(_pattern, texts, patterns),
        *([st.builds(_equality, texts, equal, words)] if sobject == "User" else []),
    )


def _conditions(leaves: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    return leaves | st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(_both, inner, inner), st.builds(_either, inner, inner), st.builds(_not, inner)
        ),
        max_leaves=6,
    )


PLAIN = {name: _conditions(_leaves(name)) for name in TEXTS}
"""Conditions without a query in them, by object."""

CONDITIONS: Mapping[str, st.SearchStrategy[Condition]] = {
    "User": PLAIN["User"],
    "Contact": PLAIN["Contact"]
    | st.builds(_referred, st.just("ContactId"), st.just("User"), PLAIN["User"], is_in=st.booleans()),
    "Account": PLAIN["Account"]
    | st.builds(_referred, st.just("AccountId"), st.just("Contact"), PLAIN["Contact"], is_in=st.booleans()),
}


def orders(sobject: str) -> st.SearchStrategy[Order]:
    """Ways to sort the records of an object."""
    paths = st.sampled_from([*TEXTS[sobject], *COUNTS[sobject]])
    return st.builds(Order, paths, st.booleans(), st.sampled_from([None, "FIRST", "LAST"]))
