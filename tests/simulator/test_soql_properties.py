"""Laws that hold for every query, and the bounds of what one may cost."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.simulator.errors import ApiError
from reconciler.simulator.soql.quoted import like_pattern, plain
from tests.simulator.soql_world import World

WORDS = (
    *("SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "IN", "LIKE", "ORDER BY", "GROUP BY", "LIMIT", "OFFSET", "COUNT"),
    *("NULLS", "FIRST", "LAST", "ASC", "(", ")", ",", ".", "=", "!=", "<", ":", "'", "'a'", "'b%", "5", "-1.5"),
    *("2026-01-01", "TODAY", "null", "true", "FIELDS(ALL)", "Id", "Name", "FirstName", "AccountId", "Account.Name"),
    *("Contacts", "Contact", "Account", "Vip__c", "Score__c"),
)

ROWS: tuple[Mapping[str, str | float | bool | None], ...] = tuple(
    {"LastName": f"n{number}", "FirstName": first, "Score__c": score, "Vip__c": score == 1}
    for number, (first, score) in enumerate((f, s) for f in ("a", "B", "%", None) for s in (1, 2.5, None))
)


@dataclass(frozen=True)
class Asked:
    """A condition, and whether it ought to hold for a row."""

    text: str
    holds: Callable[[Mapping[str, str | float | bool | None]], bool]


def _text_leaf(operator: str, wanted: str | None) -> Asked:
    literal = "null" if wanted is None else f"'{wanted}'"
    folded = wanted.lower() if wanted is not None else None

    def holds(row: Mapping[str, str | float | bool | None]) -> bool:
        found = str(row["FirstName"]).lower() if row["FirstName"] is not None else None
        return (found == folded) is (operator == "=")

    return Asked(f"FirstName {operator} {literal}", holds)


def _number_leaf(operator: str, wanted: float) -> Asked:
    compare: Mapping[str, Callable[[float], bool]] = {
        "<": lambda found: found < wanted,
        ">=": lambda found: found >= wanted,
        "=": lambda found: found == wanted,
    }

    def holds(row: Mapping[str, str | float | bool | None]) -> bool:
        return row["Score__c"] is not None and compare[operator](float(row["Score__c"]))

    return Asked(f"Score__c {operator} {wanted}", holds)


def _membership_leaf(wanted: frozenset[str | None], *, is_in: bool) -> Asked:
    literals = ", ".join("null" if value is None else f"'{value}'" for value in sorted(wanted, key=str))
    folded = {value.lower() if value is not None else None for value in wanted}

    def holds(row: Mapping[str, str | float | bool | None]) -> bool:
        found = str(row["FirstName"]).lower() if row["FirstName"] is not None else None
        return (found in folded) is is_in

    return Asked(f"FirstName {'IN' if is_in else 'NOT IN'} ({literals})", holds)


def _both(pair: tuple[Asked, Asked]) -> Asked:
    one, other = pair
    return Asked(f"({one.text} AND {other.text})", lambda row: one.holds(row) and other.holds(row))


def _either(pair: tuple[Asked, Asked]) -> Asked:
    one, other = pair
    return Asked(f"({one.text} OR {other.text})", lambda row: one.holds(row) or other.holds(row))


def _not(inner: Asked) -> Asked:
    return Asked(f"(NOT {inner.text})", lambda row: not inner.holds(row))


TEXTS = st.sampled_from(["a", "A", "b", "%", "x", None])
LEAVES = st.one_of(
    st.builds(_text_leaf, st.sampled_from(["=", "!="]), TEXTS),
    st.builds(_number_leaf, st.sampled_from(["<", ">=", "="]), st.sampled_from([1, 2.5, 3])),
    st.builds(_membership_leaf, st.frozensets(TEXTS, min_size=1), is_in=st.booleans()),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.tuples(inner, inner).map(_both), st.tuples(inner, inner).map(_either), inner.map(_not)),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def world() -> World:
    """Contacts with every mix of a few texts and numbers."""
    world = World()
    for row in ROWS:
        world.add("Contact", **row)
    return world


@given(condition=CONDITIONS)
def test_a_condition_holds_for_the_rows_that_it_describes(world: World, condition: Asked) -> None:
    expected = {row["LastName"] for row in ROWS if condition.holds(row)}

    found = world.values(f"SELECT LastName FROM Contact WHERE {condition.text}")

    assert set(found) == expected
    assert world.ask(f"SELECT COUNT() FROM Contact WHERE {condition.text}").total_size == len(expected)


def _is_answered_or_refused(world: World, text: str) -> None:
    """Anything else than an ApiError fails the test."""
    with suppress(ApiError):
        world.ask(text)


@given(text=st.text(max_size=200))
def test_any_text_is_answered_or_refused(world: World, text: str) -> None:
    _is_answered_or_refused(world, text)


@given(words=st.lists(st.sampled_from(WORDS), max_size=25))
def test_any_jumble_of_words_is_answered_or_refused(world: World, words: list[str]) -> None:
    _is_answered_or_refused(world, " ".join(words))
    _is_answered_or_refused(world, f"SELECT Id FROM Contact WHERE {' '.join(words)}")


@given(raw=st.text(max_size=60))
def test_any_characters_between_quotes_are_answered_or_refused(world: World, raw: str) -> None:
    for operator in ("= '{}'", "LIKE '{}'", "IN ('{}')"):
        _is_answered_or_refused(world, f"SELECT Id FROM Contact WHERE LastName {operator.format(raw)}")


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


@given(name=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30))
def test_a_quoted_text_finds_the_record_that_holds_it(name: str) -> None:
    world = World()
    world.add("Contact", LastName=name)
    escaped = _quoted(name).replace("%", "\\%").replace("_", "\\_")

    assert plain(_quoted(name)) == name
    assert world.contacts(f"LastName = '{_quoted(name)}'") == [name]
    assert world.contacts(f"LastName LIKE '{escaped}'") == [name]


def test_a_pattern_without_escapes_is_itself() -> None:
    assert like_pattern("a%_b") == "a%_b"
    assert like_pattern("a\\\\%") == "a\\\\%"


@pytest.mark.parametrize(
    "where",
    [
        " OR ".join(f"Name = 'n{number}'" for number in range(5000)),
        " AND ".join(f"Name != 'n{number}'" for number in range(5000)),
        "NOT " * 20_000 + "Name = 'a'",
        "Name IN (" + ",".join(f"'n{number}'" for number in range(9000)) + ")",
    ],
)
def test_a_query_as_long_as_allowed_is_answered_in_reasonable_time(world: World, where: str) -> None:
    started = time.perf_counter()

    world.ask(f"SELECT Id FROM Contact WHERE {where}")

    assert time.perf_counter() - started < 5


def test_a_page_of_2000_rows_and_a_list_of_2000_values_are_quick() -> None:
    world = World()
    account = world.add("Account", Name="Acme")
    names = [f"n{number}" for number in range(2000)]
    with world.store.transaction():
        for name in names:
            world.add("Contact", LastName=name, AccountId=account)
    columns = [field.name for field in world.org.schema.objects["contact"]][:18]
    page = f"SELECT {','.join(columns)}, Account.Name, Owner.Name FROM Contact"
    listed = "SELECT Id FROM Contact WHERE LastName IN ({})".format(",".join(f"'{name}'" for name in names))
    world.ask(page)

    started = time.perf_counter()
    rows = world.ask(page).total_size
    page_seconds = time.perf_counter() - started
    found = world.ask(listed).total_size
    list_seconds = time.perf_counter() - started - page_seconds

    # Measured 25 and 30 ms; the bounds leave room for a machine that does other things too.
    assert (rows, found) == (2000, 2000)
    assert page_seconds < 1
    assert list_seconds < 1
