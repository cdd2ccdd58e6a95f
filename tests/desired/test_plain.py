"""Reading documents without their places gives what reading them with their places gives, or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.desired.compose import documents
from reconciler.desired.plain import plain_documents
from reconciler.model import Problem

_SCALARS = st.sampled_from(
    [
        "x",
        "'a b'",
        '"q"',
        "null",
        "~",
        "true",
        "False",
        "no",
        "0123",
        "2026-01-01",
        "''",
        "",
        "&a x",
        "*a",
        "!t x",
        "|\n    l",
    ]
)
_KEYS = st.sampled_from(["user", "account", "contact", "fields", "<<", "? x", "'k'"])
_VALUES = st.one_of(
    _SCALARS,
    st.just("{}"),
    st.just("{a: b}"),
    st.just("[a, b]"),
    st.lists(st.tuples(_KEYS, _SCALARS), max_size=3).map(
        lambda pairs: "".join(f"\n  {key}: {value}" for key, value in pairs)
    ),
    st.just("\n  deep:\n    deeper: x"),
)
_DOCUMENTS = st.lists(st.tuples(_KEYS, _VALUES), max_size=4).map(
    lambda pairs: "\n".join(f"{key}: {value}" for key, value in pairs)
)
_PARTS = st.sampled_from(["\n---\n", "\n--- # c\n", "\n...\n", "\n", "\n%YAML 1.1\n---\n", "\n--- x\n"])
_TEXTS = st.lists(st.tuples(_DOCUMENTS, _PARTS), min_size=1, max_size=3).map(
    lambda pairs: "".join(document + part for document, part in pairs)
)


@given(_TEXTS | st.text(alphabet="ab:-[]{}&*!#|>'\"%@ \n?,", max_size=60))
def test_what_is_read_without_places_is_what_is_read_with_them(text: str) -> None:
    plain = plain_documents(text)
    if plain is None:
        return
    whole = list(documents(text, "a.yaml"))
    assert not [item for item in whole if isinstance(item, Problem)]
    assert plain == [(item.start.line, item.value) for item in whole if not isinstance(item, Problem)]


@pytest.mark.parametrize(
    "text",
    [
        "a: &x 1\nb: *x\n",
        "a: !t 1\n",
        "a: [1]\n",
        "a: {b: {c: d}}\n",
        "a: {b: [1]}\n",
        "a: 1\na: 2\n",
        "<<: 1\n",
        "a:\n",
        " a: 1\n",
        "&d\na: 1\n",
        "- a\n",
        "x\n",
        "a: 'open\n",
        "? [a]\n: 1\n",
        f"a: {'x' * 10_001}\n",
    ],
)
def test_anything_special_is_left_to_the_reader_of_places(text: str) -> None:
    assert plain_documents(text) is None


def test_nearly_every_document_is_plain() -> None:
    text = "# team\nuser: a@x.example\ncontact: {}\nactive: true\n---\nuser: b@x.example\nfields:\n  Title: null\n"

    assert plain_documents(text) == [
        (2, {"user": "a@x.example", "contact": {}, "active": True}),
        (6, {"user": "b@x.example", "fields": {"Title": None}}),
    ]
