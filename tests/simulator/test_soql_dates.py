"""Date literals and written moments."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.simulator.soql.dates import compared_datetime, literal_range, stored_date, stored_datetime
from reconciler.simulator.soql.tree import DateLiteral
from tests.simulator.soql_world import World

TODAY = date(2026, 3, 11)
NAMES = ("WEEK", "MONTH", "QUARTER", "YEAR")
COUNTED = ("DAYS", "WEEKS", "MONTHS", "QUARTERS", "YEARS")


@pytest.mark.parametrize(
    ("literal", "first", "after"),
    [
        ("YESTERDAY", "2026-03-10", "2026-03-11"),
        ("today", "2026-03-11", "2026-03-12"),
        ("TOMORROW", "2026-03-12", "2026-03-13"),
        ("LAST_WEEK", "2026-03-01", "2026-03-08"),
        ("THIS_WEEK", "2026-03-08", "2026-03-15"),
        ("NEXT_WEEK", "2026-03-15", "2026-03-22"),
        ("LAST_MONTH", "2026-02-01", "2026-03-01"),
        ("THIS_MONTH", "2026-03-01", "2026-04-01"),
        ("NEXT_MONTH", "2026-04-01", "2026-05-01"),
        ("LAST_QUARTER", "2025-10-01", "2026-01-01"),
        ("THIS_QUARTER", "2026-01-01", "2026-04-01"),
        ("NEXT_QUARTER", "2026-04-01", "2026-07-01"),
        ("LAST_YEAR", "2025-01-01", "2026-01-01"),
        ("THIS_YEAR", "2026-01-01", "2027-01-01"),
        ("NEXT_YEAR", "2027-01-01", "2028-01-01"),
        ("LAST_90_DAYS", "2025-12-11", "2026-03-12"),
        ("NEXT_90_DAYS", "2026-03-12", "2026-06-10"),
        ("LAST_N_DAYS:2", "2026-03-09", "2026-03-12"),
        ("NEXT_N_DAYS:2", "2026-03-12", "2026-03-14"),
        ("N_DAYS_AGO:2", "2026-03-09", "2026-03-10"),
        ("LAST_N_WEEKS:2", "2026-02-22", "2026-03-08"),
        ("NEXT_N_WEEKS:1", "2026-03-15", "2026-03-22"),
        ("N_WEEKS_AGO:1", "2026-03-01", "2026-03-08"),
        ("LAST_N_MONTHS:3", "2025-12-01", "2026-03-01"),
        ("NEXT_N_MONTHS:10", "2026-04-01", "2027-02-01"),
        ("N_MONTHS_AGO:3", "2025-12-01", "2026-01-01"),
        ("LAST_N_QUARTERS:1", "2025-10-01", "2026-01-01"),
        ("NEXT_N_QUARTERS:1", "2026-04-01", "2026-07-01"),
        ("LAST_N_YEARS:2", "2024-01-01", "2026-01-01"),
        ("N_YEARS_AGO:1", "2025-01-01", "2026-01-01"),
    ],
)
def test_a_date_literal_is_a_range_of_days(literal: str, first: str, after: str) -> None:
    name, _, count = literal.partition(":")

    found = literal_range(DateLiteral(name, int(count) if count else None), TODAY)

    assert found == (date.fromisoformat(first), date.fromisoformat(after))


@pytest.mark.parametrize(
    "literal",
    [
        DateLiteral("SOMEDAY", None),
        DateLiteral("TODAY", 1),
        DateLiteral("LAST_WEEK", 2),
        DateLiteral("LAST_N_DAYS", None),
        DateLiteral("THIS_N_DAYS", 1),
        DateLiteral("LAST_N_DAYS", 999_999_999),
        DateLiteral("LAST_N_YEARS", 9_999),
        DateLiteral("NEXT_N_MONTHS", 999_999_999),
    ],
)
def test_a_word_that_is_no_date_literal_has_no_range(literal: DateLiteral) -> None:
    assert literal_range(literal, TODAY) is None


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.sampled_from(NAMES))
def test_last_this_and_next_follow_one_another_without_a_gap(today: date, name: str) -> None:
    last, this, following = (
        literal_range(DateLiteral(f"{word}_{name}", None), today) for word in ("LAST", "THIS", "NEXT")
    )

    assert last is not None
    assert this is not None
    assert following is not None
    assert last[1] == this[0] <= today < this[1] == following[0]


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.sampled_from(COUNTED), st.integers(1, 40))
def test_n_ago_is_the_first_part_of_last_n(today: date, name: str, count: int) -> None:
    last = literal_range(DateLiteral(f"LAST_N_{name}", count), today)
    ago = literal_range(DateLiteral(f"N_{name}_AGO", count), today)

    assert last is not None
    assert ago is not None
    assert last[0] == ago[0]
    assert ago[1] <= last[1]


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("2026-03-11T10:00:00Z", "2026-03-11T10:00:00.000+0000"),
        ("2026-03-11T10:00:00.789Z", "2026-03-11T10:00:00.000+0000"),
        ("2026-03-11T10:00:00+02:00", "2026-03-11T08:00:00.000+0000"),
        ("2026-03-11T10:00:00.000-0530", "2026-03-11T15:30:00.000+0000"),
        ("0999-01-01T00:00:00Z", "0999-01-01T00:00:00.000+0000"),
        ("2026-02-30T10:00:00Z", None),
        ("0001-01-01T00:00:00+10:00", None),
    ],
)
def test_a_moment_is_stored_in_utc_to_the_second(written: str, stored: str | None) -> None:
    assert stored_datetime(written) == stored


def test_a_compared_moment_keeps_its_milliseconds() -> None:
    assert compared_datetime("2026-03-11T10:00:00.789Z") == "2026-03-11T10:00:00.789+0000"
    assert compared_datetime("2026-13-11T10:00:00Z") is None


def test_a_day_that_does_not_exist_is_no_date() -> None:
    assert stored_date("2026-02-28") == "2026-02-28"
    assert stored_date("2026-02-29") is None


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)), st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)))  # noqa: DTZ001 - made aware below
def test_stored_moments_sort_as_moments_do(one: datetime, other: datetime) -> None:
    one, other = one.replace(microsecond=0, tzinfo=UTC), other.replace(microsecond=0, tzinfo=UTC)

    left, right = stored_datetime(one.isoformat()), stored_datetime(other.isoformat())

    assert left is not None
    assert right is not None
    assert (left < right) == (one < other)


@pytest.mark.parametrize(
    ("where", "days"),
    [
        ("= TODAY", "11"),
        ("!= TODAY", "09 10 12 none"),
        ("<> TODAY", "09 10 12 none"),
        ("< TODAY", "09 10"),
        ("<= TODAY", "09 10 11"),
        ("> TODAY", "12"),
        (">= TODAY", "11 12"),
        ("= LAST_N_DAYS:1", "10 11"),
        ("> N_DAYS_AGO:2", "10 11 12"),
    ],
)
def test_dates_and_moments_are_compared_with_whole_ranges(where: str, days: str) -> None:
    world = World()
    for day in ("09", "10", "11", "12"):
        moment = f"2026-03-{day}T23:59:59.000+0000"
        world.add("Contact", LastName=day, Birthdate=f"2026-03-{day}", EmailBouncedDate=moment)
    world.add("Contact", LastName="none")

    assert world.contacts(f"Birthdate {where}") == days.split()
    assert world.contacts(f"EmailBouncedDate {where}") == days.split()


def test_a_moment_is_compared_to_the_millisecond() -> None:
    world = World()
    world.add("Contact", LastName="x", EmailBouncedDate="2026-03-11T10:00:00.000+0000")

    assert world.contacts("EmailBouncedDate < 2026-03-11T10:00:00.001Z") == ["x"]
    assert world.contacts("EmailBouncedDate = 2026-03-11T12:00:00+02:00") == ["x"]
    assert world.contacts("EmailBouncedDate >= 2026-03-11T10:00:00.500Z") == []


def test_literals_follow_the_orgs_clock() -> None:
    world = World()
    yesterday = TODAY - timedelta(1)
    world.add("Contact", LastName="x", Birthdate=yesterday.isoformat())

    assert world.contacts("Birthdate = YESTERDAY") == ["x"]
