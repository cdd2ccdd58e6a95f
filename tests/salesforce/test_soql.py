"""Text that becomes a part of a query."""

import re
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.salesforce.soql import encoded_size, in_lists, path, quote

LITERAL = re.compile(r"'(?:[^'\\]|\\.)*'", re.DOTALL)


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("sonia@acme.example", "'sonia@acme.example'"),
        ("O'Neil", r"'O\'Neil'"),
        ("\\", r"'\\'"),
        ("' OR Name != '", r"'\' OR Name != \''"),
        ("a\nb\r\t\b\f", r"'a\nb\r\t\b\f'"),
        ("100%_", "'100%_'"),
        ("", "''"),
        ("Zoë 名", "'Zoë 名'"),
    ],
)
def test_a_literal_is_escaped_as_salesforce_documents(text: str, literal: str) -> None:
    assert quote(text) == literal


@given(st.text())
def test_no_text_leaves_its_literal(text: str) -> None:
    assert LITERAL.fullmatch(quote(text))


@pytest.mark.parametrize("name", ["Id", "ERP_Key__c", "Profile.UserLicense.Name", "ns__Field__r.Name"])
def test_a_field_name_is_a_path_of_identifiers(name: str) -> None:
    assert path(name) == name


@pytest.mark.parametrize(
    "name", ["", "Id ", "Id,Name", "Id FROM User--", "a..b", ".a", "a.", "1a", "COUNT()", "Id\n", "é"]
)
def test_anything_else_is_no_field_name(name: str) -> None:
    with pytest.raises(ValueError, match="no field name"):
        path(name)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_the_encoded_size_is_what_a_uri_takes(text: str) -> None:
    assert encoded_size(text) == len(urlencode({"q": text})) - len("q=")


VALUES = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=30), unique=True)


@pytest.mark.parametrize(("budget", "size"), [(400, encoded_size), (60, len)])
@given(values=VALUES)
def test_lists_hold_every_value_once_in_order_and_keep_to_the_budget(
    values: list[str], budget: int, size: Callable[[str], int]
) -> None:
    lists = list(in_lists(values, budget, encoded=size is encoded_size))

    assert [literal for listed in lists for literal in LITERAL.findall(listed)] == [quote(value) for value in values]
    assert all(size(listed) <= budget or len(LITERAL.findall(listed)) == 1 for listed in lists)
