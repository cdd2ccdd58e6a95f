"""Groups: aggregates, HAVING, functions of dates, subtotals."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from reconciler.simulator import Org, open_org
from reconciler.simulator.errors import ApiError
from reconciler.simulator.soql import run_query

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
SEED = {
    "organization": {"Name": "Acme"},
    "UserLicense": [{"Name": "Salesforce", "TotalLicenses": 5}],
    "Profile": [{"Name": "System Administrator", "UserLicense": "Salesforce"}],
    "User": [
        {
            "Username": "admin@acme.example",
            "LastName": "Admin",
            "Email": "admin@acme.example",
            "Profile": "System Administrator",
            "TimeZoneSidKey": "Pacific/Auckland",
        }
    ],
    "Account": [
        {
            "Name": "A",
            "Owner": "admin@acme.example",
            "Site": "north",
            "Industry": "Energy",
            "NumberOfEmployees": 10,
            "AnnualRevenue": 1.5,
        },
        {"Name": "B", "Site": "north", "Industry": "Media", "NumberOfEmployees": 20, "AnnualRevenue": 2.5},
        {"Name": "C", "Owner": "admin@acme.example", "Site": "south", "Industry": "Energy", "NumberOfEmployees": 30},
        {"Name": "D", "Site": "South", "Industry": "Energy"},
        {"Name": "E"},
    ],
    "Contact": [
        {"LastName": "Leap", "Account": "A", "Birthdate": "2024-02-29"},
        {"LastName": "Eve", "Account": "A", "Birthdate": "2023-12-31"},
        {"LastName": "New", "Account": "C", "Birthdate": "2024-01-01"},
    ],
}


@pytest.fixture(name="org", scope="module")
def _org() -> Iterator[Org]:
    org = open_org(":memory:", SEED, clock=lambda: NOW)
    yield org
    org.close()


def rows(org: Org, text: str) -> list[tuple[Any, ...]]:
    """The values of each row, in the order of its names."""
    found = run_query(org, text).records
    return [tuple(value for name, value in row.items() if name != "attributes") for row in found]


def test_each_aggregate_leaves_out_nulls(org: Org) -> None:
    functions = "COUNT(NumberOfEmployees), COUNT_DISTINCT(Site), SUM(NumberOfEmployees), AVG(NumberOfEmployees)"
    found = run_query(org, f"SELECT {functions}, MIN(Name) first, MAX(AnnualRevenue) FROM Account").records

    assert found == [
        {
            "attributes": {"type": "AggregateResult"},
            "expr0": 3,
            "expr1": 2,
            "expr2": 60,
            "expr3": 20.0,
            "first": "A",
            "expr4": 2.5,
        }
    ]


def test_groups_have_no_case_and_null_is_one_of_them(org: Org) -> None:
    found = rows(org, "SELECT Site, COUNT(Id) FROM Account GROUP BY Site ORDER BY Site NULLS LAST")

    assert [(str(site).lower(), number) for site, number in found] == [("north", 2), ("south", 2), ("none", 1)]


@pytest.mark.parametrize(
    ("having", "names"),
    [
        ("COUNT(Id) > 1", ["Energy"]),
        ("COUNT(Id) = 1 AND Industry != null", ["Media"]),
        ("SUM(NumberOfEmployees) >= 20 AND NOT MAX(NumberOfEmployees) > 25", ["Media"]),
        ("Industry IN ('Energy', 'Media') AND AVG(NumberOfEmployees) = 20", ["Energy", "Media"]),
        ("MIN(Name) LIKE 'A%'", ["Energy"]),
        ("COUNT_DISTINCT(Site) = 2", ["Energy"]),
    ],
)
def test_having_chooses_groups(org: Org, having: str, names: list[str]) -> None:
    found = rows(org, f"SELECT Industry FROM Account GROUP BY Industry HAVING {having} ORDER BY Industry")

    assert [name for (name,) in found] == names


def test_groups_are_sorted_by_aggregates(org: Org) -> None:
    found = rows(
        org, "SELECT Industry i FROM Account GROUP BY Industry ORDER BY COUNT(Id) DESC, MAX(Name) DESC LIMIT 2"
    )

    assert found == [("Energy",), (None,)]


@pytest.mark.parametrize(
    ("function", "values"),
    [
        ("CALENDAR_YEAR", (2023, 2024, 2024)),
        ("CALENDAR_QUARTER", (4, 1, 1)),
        ("CALENDAR_MONTH", (12, 1, 2)),
        ("DAY_IN_MONTH", (31, 1, 29)),
        ("DAY_IN_WEEK", (1, 2, 5)),
        ("DAY_IN_YEAR", (365, 1, 60)),
        ("FISCAL_YEAR", (2023, 2024, 2024)),
        ("FISCAL_QUARTER", (4, 1, 1)),
        ("FISCAL_MONTH", (12, 1, 2)),
        ("WEEK_IN_MONTH", (5, 1, 5)),
        ("WEEK_IN_YEAR", (53, 1, 9)),
    ],
)
def test_a_function_of_a_date_groups_and_chooses(org: Org, function: str, values: tuple[int, ...]) -> None:
    group = f"{function}(Birthdate)"
    found = rows(org, f"SELECT {group} v, COUNT(Id) FROM Contact GROUP BY {group} ORDER BY {group}")
    chosen = rows(org, f"SELECT LastName FROM Contact WHERE {function}(Birthdate) = {values[1]} AND LastName = 'New'")

    assert found == [(value, values.count(value)) for value in sorted(set(values))]
    assert chosen == [("New",)]


def test_a_year_that_begins_in_july_is_named_for_its_end() -> None:
    org = open_org(":memory:", {**SEED, "organization": {"Name": "Acme", "FiscalYearStartMonth": 7}}, clock=lambda: NOW)

    found = rows(org, "SELECT FISCAL_YEAR(Birthdate), FISCAL_QUARTER(Birthdate) FROM Contact WHERE LastName = 'Eve' "
                      "GROUP BY FISCAL_YEAR(Birthdate), FISCAL_QUARTER(Birthdate)")  # fmt: skip
    assert found == [(2024, 2)]
    org.close()


def test_functions_of_a_moment_are_of_utc_or_of_the_callers_zone(org: Org) -> None:
    user = str(org.store.find("User")[0]["Id"])
    text = "SELECT DAY_ONLY({0}) d, HOUR_IN_DAY({0}) h FROM Account GROUP BY DAY_ONLY({0}), HOUR_IN_DAY({0})"

    plain = rows(org, text.format("CreatedDate"))
    with org.store.asked_by(user):
        zoned = rows(org, text.format("convertTimezone(CreatedDate)"))

    assert plain == [("2026-03-01", 12)]
    assert zoned == [("2026-03-02", 1)]
    assert rows(org, "SELECT Name FROM Account WHERE DAY_ONLY(CreatedDate) = 2026-03-01 AND Name = 'A'") == [("A",)]


def test_rollup_adds_subtotals_behind_what_they_are_of(org: Org) -> None:
    found = rows(
        org,
        "SELECT Site, Industry, COUNT(Id) n, GROUPING(Site) s, GROUPING(Industry) i FROM Account WHERE Site = 'north' "
        "GROUP BY ROLLUP(Site, Industry)",
    )

    assert found == [
        ("north", "Energy", 1, 0, 0),
        ("north", "Media", 1, 0, 0),
        ("north", None, 2, 0, 1),
        (None, None, 2, 1, 1),
    ]


def test_cube_adds_subtotals_over_every_set_of_fields(org: Org) -> None:
    found = rows(
        org,
        "SELECT Site s, Industry i, COUNT(Id) FROM Account WHERE Site = 'north' GROUP BY CUBE(Site, Industry) "
        "HAVING COUNT(Id) > 0 ORDER BY COUNT(Id) DESC LIMIT 3",
    )
    every = rows(org, "SELECT Site s, COUNT(Id) FROM Account WHERE Site = 'north' GROUP BY CUBE(Site, Industry)")

    assert {row[2] for row in found[:2]} == {2}
    assert len(every) == 6


def test_records_of_a_scope_of_ones_own(org: Org) -> None:
    user = str(org.store.find("User")[0]["Id"])

    with org.store.asked_by(user):
        mine = rows(org, "SELECT Name FROM Account USING SCOPE mine WHERE Name = 'A'")
    with org.store.asked_by("005000000000009AAA"):
        others = rows(org, "SELECT Name FROM Account USING SCOPE mine")

    assert (mine, others) == ([("A",)], [])
    assert len(rows(org, "SELECT Name FROM Account USING SCOPE everything FOR VIEW")) == 5


def test_names_that_from_gives_lead_to_parents(org: Org) -> None:
    names = "Contact c, c.Account a, a.Owner o"
    text = f"SELECT c.LastName, a.Name, o.Username FROM {names} WHERE a.Name = 'C' ORDER BY c.LastName"

    [found] = run_query(org, text).records

    assert found["LastName"] == "New"
    assert found["Account"]["Name"] == "C"
    assert found["Account"]["Owner"]["Username"] == "admin@acme.example"


def test_fields_are_shown_formatted_and_translated(org: Org) -> None:
    shown = "toLabel(Industry), FORMAT(NumberOfEmployees) n, toLabel(Owner.UserRole.PortalRole)"
    [found] = run_query(org, f"SELECT {shown} FROM Account WHERE Name = 'A'").records

    assert {name: value for name, value in found.items() if name in {"Industry", "n"}} == {
        "Industry": "Energy",
        "n": "10",
    }
    assert rows(org, "SELECT Name FROM Account WHERE toLabel(Industry) = 'Media'") == [("B",)]


def test_scripts_may_see_the_recycle_bin_and_lock_rows(org: Org) -> None:
    def no_binds(name: str) -> object:
        raise LookupError(name)

    for option in ("ALL ROWS", "FOR UPDATE"):
        assert len(run_query(org, f"SELECT Id FROM Account {option}", binds=no_binds).records) == 5
    assert len(run_query(org, "SELECT Id FROM Account WITH USER_MODE", binds=no_binds).records) == 5
    with pytest.raises(ApiError, match="ALL ROWS not allowed in this context"):
        run_query(org, "SELECT Id FROM Account ALL ROWS")
