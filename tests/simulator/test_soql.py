"""SOQL is answered as Salesforce answers it, or refused as malformed; never wrongly."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.simulator import Org
from reconciler.simulator.errors import ApiError
from reconciler.simulator.objects.columns import record_id, text
from reconciler.simulator.schema import Field, FieldType, Schema, SObject
from reconciler.simulator.settings import Settings
from reconciler.simulator.soql import run_query
from reconciler.simulator.store import Store
from tests.simulator.orgs import NOON, demo, do, id_of, records


@pytest.fixture(scope="module")
def org() -> Org:
    made = demo()
    rows: list[dict[str, Any]] = [
        {"Name": "Old & Co", "AnnualRevenue": 10.5, "NumberOfEmployees": 3},
        {"Name": "100%_sure", "Description": "x"},
    ]
    do(made, "insert", "Account", *rows)
    return made


def names(org: Org, condition: str, sobject: str = "Account") -> list[str]:
    return [record["Name"] for record in records(org, f"SELECT Name FROM {sobject} WHERE {condition} ORDER BY Name")]


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("Name = 'acme'", ["Acme"]),
        ("Name != 'ACME' AND Name != 'Globex'", ["100%_sure", "Initech", "Old & Co"]),
        ("Name <> 'ACME' AND Name LIKE 'g%'", ["Globex"]),
        ("Name LIKE '%C_'", ["Initech", "Old & Co"]),
        ("Name LIKE '%co'", ["Old & Co"]),
        ("Name LIKE '100\\%\\_%'", ["100%_sure"]),
        ("Name IN ('acme', 'GLOBEX')", ["Acme", "Globex"]),
        ("Name NOT IN ('acme', 'GLOBEX', 'Initech', 'Old & Co')", ["100%_sure"]),
        ("AnnualRevenue = null AND NumberOfEmployees = null AND Name > 'b'", ["Globex", "Initech"]),
        ("AnnualRevenue != null", ["Old & Co"]),
        ("AnnualRevenue IN (10.5, null) AND Name < 'b'", ["100%_sure", "Acme"]),
        ("AnnualRevenue NOT IN (10.5)", ["100%_sure", "Acme", "Globex", "Initech"]),
        ("AnnualRevenue NOT IN (1, null)", ["Old & Co"]),
        ("NumberOfEmployees >= 3 AND NumberOfEmployees <= 3", ["Old & Co"]),
        ("(Name = 'Acme' OR Name = 'Globex') AND NOT Name = 'Acme'", ["Globex"]),
        ("NOT (Name LIKE '%e%')", ["Old & Co"]),
        ("Owner.Username = 'OWNER@acme.example'", ["Acme", "Globex", "Initech"]),
        ("Owner.UserRole.ParentRole.Name = 'CEO'", ["Acme", "Globex", "Initech"]),
        ("Id IN (SELECT AccountId FROM Contact WHERE LastName = 'Lee')", ["Acme"]),
        ("Id NOT IN (SELECT AccountId FROM Contact)", ["100%_sure", "Old & Co"]),
        ("CreatedDate = TODAY AND Name = 'Acme'", ["Acme"]),
        ("CreatedDate != TODAY", []),
        ("CreatedDate < TODAY", []),
        ("CreatedDate <= TODAY AND Name = 'Acme'", ["Acme"]),
        ("CreatedDate > YESTERDAY AND Name = 'Acme'", ["Acme"]),
        ("CreatedDate >= LAST_N_DAYS:3 AND Name = 'Acme'", ["Acme"]),
        ("CreatedDate = 2026-03-18T12:00:00Z AND Name = 'Acme'", ["Acme"]),
        ("CreatedDate = 2026-03-18T13:00:00+01:00 AND Name = 'Acme'", ["Acme"]),
        ("CreatedDate > 2026-03-18T12:00:01.000Z", []),
    ],
)
def test_conditions_find_what_salesforce_would_find(org: Org, condition: str, found: list[str]) -> None:
    assert names(org, condition) == found


@pytest.mark.parametrize(
    ("literal", "inside"),
    [
        ("TODAY", True),
        ("YESTERDAY", False),
        ("TOMORROW", False),
        ("THIS_WEEK", True),
        ("LAST_WEEK", False),
        ("NEXT_WEEK", False),
        ("THIS_MONTH", True),
        ("LAST_MONTH", False),
        ("NEXT_MONTH", False),
        ("THIS_QUARTER", True),
        ("THIS_YEAR", True),
        ("LAST_YEAR", False),
        ("LAST_90_DAYS", True),
        ("NEXT_90_DAYS", False),
        ("LAST_N_DAYS:1", True),
        ("NEXT_N_DAYS:1", False),
        ("N_DAYS_AGO:0", True),
        ("N_DAYS_AGO:1", False),
        ("LAST_N_WEEKS:2", False),
        ("LAST_N_MONTHS:2", False),
        ("LAST_N_QUARTERS:1", False),
        ("N_YEARS_AGO:0", True),
    ],
)
def test_date_literals_are_ranges(org: Org, literal: str, *, inside: bool) -> None:
    assert (names(org, f"CreatedDate = {literal} AND Name = 'Acme'") == ["Acme"]) is inside


def test_parents_are_nested_and_null_where_there_is_none(org: Org) -> None:
    columns = "Username, Account.Name, UserRole.Name, Profile.UserLicense.Name, IsActive"
    soql = f"SELECT {columns} FROM User WHERE Username = '{{}}'"

    noah = records(org, soql.format("noah.berg@globex.example"))[0]
    sonia = records(org, soql.format("sonia.james@acme.example"))[0]

    assert noah["Account"] == {"Name": "Globex"}
    assert noah["Profile"] == {"UserLicense": {"Name": "Customer Community Plus"}}
    assert noah["IsActive"] is True
    assert sonia["Account"] is None
    assert sonia["UserRole"] is None


def test_a_missing_grandparent_makes_its_parent_null(org: Org) -> None:
    found = records(org, "SELECT Contact.Account.Owner.Name FROM User WHERE Username = 'sonia.james@acme.example'")

    assert found == [{"Contact": None}]


def test_attributes_name_type_and_address_of_every_record(org: Org) -> None:
    result = run_query(org, "SELECT Owner.Name FROM Account WHERE Name = 'Acme'", version=60.0)

    record = result.records[0]
    account, owner = id_of(org, "Account", Name="Acme"), id_of(org, "User", Username="owner@acme.example")
    assert record["attributes"] == {"type": "Account", "url": f"/services/data/v60.0/sobjects/Account/{account}"}
    assert record["Owner"]["attributes"]["url"].endswith(owner)
    assert [column.path for column in result.columns] == [("Owner", "Name")]


def test_children_come_with_their_parent(org: Org) -> None:
    children = "SELECT LastName, AccountId FROM Contacts WHERE LastName != 'Nobody' LIMIT 1"
    soql = f"SELECT Name, ({children}) FROM Account ORDER BY Name"

    found = {record["Name"]: record["Contacts"] for record in records(org, soql)}

    assert found["Acme"]["totalSize"] == 1
    assert found["Acme"]["records"][0]["LastName"] == "Lee"
    assert found["Old & Co"] is None


def test_order_puts_nulls_first_unless_told_otherwise(org: Org) -> None:
    ascending = [r["AnnualRevenue"] for r in records(org, "SELECT AnnualRevenue FROM Account ORDER BY AnnualRevenue")]
    last = [
        r["AnnualRevenue"]
        for r in records(org, "SELECT AnnualRevenue FROM Account ORDER BY AnnualRevenue DESC NULLS LAST")
    ]

    assert ascending[-1] == 10.5
    assert last[0] == 10.5


def test_limit_and_offset_cut_the_rows(org: Org) -> None:
    assert [r["Name"] for r in records(org, "SELECT Name FROM Account ORDER BY Name LIMIT 2 OFFSET 1")] == [
        "Acme",
        "Globex",
    ]


def test_count_gives_a_size_and_no_rows(org: Org) -> None:
    result = run_query(org, "SELECT COUNT() FROM Account WHERE Name LIKE '%e%'")

    assert (result.total_size, result.is_count, list(result.records)) == (4, True, [])


def test_groups_are_counted_under_alias_or_number(org: Org) -> None:
    columns = "OwnerId, COUNT(Id) total, COUNT(AnnualRevenue)"
    soql = f"SELECT {columns} FROM Account GROUP BY OwnerId ORDER BY OwnerId DESC LIMIT 1"

    found = records(org, soql)

    assert found[0]["total"] == 3
    assert found[0]["expr2"] == 0


def test_fields_standard_stands_for_all_standard_fields(org: Org) -> None:
    found = records(org, "SELECT FIELDS(STANDARD) FROM UserLicense WHERE Name = 'External Identity'")[0]

    assert found["TotalLicenses"] == 1000
    assert found["UsedLicenses"] == 10
    assert records(org, "SELECT FIELDS(ALL) FROM Account LIMIT 1")


def test_deleted_records_are_seen_by_query_all_only(org: Org) -> None:
    gone = do(org, "insert", "Account", {"Name": "Gone"})[0].id
    do(org, "delete", "Account", {"Id": gone})

    assert records(org, f"SELECT Name FROM Account WHERE Id = '{gone}'") == []
    assert records(org, f"SELECT Name FROM Account WHERE Id = '{gone}'", all_rows=True) == [{"Name": "Gone"}]


def test_an_id_is_found_by_its_15_characters(org: Org) -> None:
    account = id_of(org, "Account", Name="Acme")

    assert names(org, f"Id = '{account[:15]}'") == ["Acme"]


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT", "MALFORMED_QUERY"),
        ("SELECT Name FROM", "MALFORMED_QUERY"),
        ("SELECT Name FROM Account WHERE", "MALFORMED_QUERY"),
        ("SELECT Name FROM Account WHERE Name IN ()", "MALFORMED_QUERY"),
        ("SELECT Name FROM Account WHERE Name = 'a' AND Name = 'b' OR Name = 'c'", "MALFORMED_QUERY"),
        ("SELECT Name FROM Account WHERE Name = 'a\\q'", "MALFORMED_QUERY"),
        ("SELECT Name FROM Account WHERE Name = '" + "x" * 4001 + "'", "MALFORMED_QUERY"),
        ("SELECT Name FROM Account" + " " * 100_000, "MALFORMED_QUERY"),
        ("SELECT Name FROM Account WHERE " + "(" * 100 + "Name = 'a'" + ")" * 100, "MALFORMED_QUERY"),
        ("SELECT Name FROM Account LIMIT 1.5", "MALFORMED_QUERY"),
        ("SELECT Name FROM Account; DROP TABLE Account", "MALFORMED_QUERY"),
        ("SELECT Name FROM Account FOR VIEW", "MALFORMED_QUERY"),
        ("SELECT Name n FROM Account", "MALFORMED_QUERY"),
        ("SELECT SUM(AnnualRevenue) FROM Account", "MALFORMED_QUERY"),
        ("SELECT Name FROM Account GROUP BY OwnerId", "MALFORMED_QUERY"),
        ("SELECT COUNT() FROM Account GROUP BY Name", "MALFORMED_QUERY"),
        ("SELECT OwnerId, (SELECT Id FROM Contacts) FROM Account GROUP BY OwnerId", "MALFORMED_QUERY"),
        ("SELECT Name, (SELECT COUNT() FROM Contacts) FROM Account", "MALFORMED_QUERY"),
        ("SELECT FIELDS(ALL) FROM Account", "MALFORMED_QUERY"),
        ("SELECT FIELDS(SOME) FROM Account", "MALFORMED_QUERY"),
        ("SELECT Name FROM Account WHERE CreatedDate = SOMEDAY", "MALFORMED_QUERY"),
        ("SELECT Name FROM Account WHERE CreatedDate = LAST_N_DAYS:999999999", "MALFORMED_QUERY"),
        ("SELECT Name FROM Account WHERE Name IN (SELECT Id FROM Contact)", "MALFORMED_QUERY"),
        ("SELECT Name FROM Account WHERE Id IN (SELECT Name FROM Contact)", "MALFORMED_QUERY"),
        ("SELECT Name FROM Account WHERE Id IN (SELECT Id, Name FROM Contact)", "MALFORMED_QUERY"),
        ("SELECT a.b.c.d.e.f.g FROM Account", "MALFORMED_QUERY"),
        ("SELECT Nam FROM Account", "INVALID_FIELD"),
        ("SELECT Name, name FROM Account", "INVALID_FIELD"),
        ("SELECT Boss.Name FROM Account", "INVALID_FIELD"),
        ("SELECT Name FROM Account WHERE Name = 1", "INVALID_FIELD"),
        ("SELECT Name FROM Account WHERE AnnualRevenue = '1'", "INVALID_FIELD"),
        ("SELECT Name FROM User WHERE IsActive = 'true'", "INVALID_FIELD"),
        ("SELECT Name FROM Account WHERE CreatedDate = 'x'", "INVALID_FIELD"),
        ("SELECT Name FROM Account WHERE CreatedDate = 2026-02-31T00:00:00Z", "INVALID_FIELD"),
        ("SELECT Name FROM Contact WHERE Birthdate = 2026-02-31", "INVALID_FIELD"),
        ("SELECT Name FROM Account WHERE Name = TODAY", "INVALID_FIELD"),
        ("SELECT Name FROM Account WHERE Id = 5", "INVALID_FIELD"),
        ("SELECT Name FROM Account WHERE Description = 'x'", "INVALID_FIELD"),
        ("SELECT Name FROM Account ORDER BY Description", "INVALID_FIELD"),
        ("SELECT Description FROM Account GROUP BY Description", "INVALID_FIELD"),
        ("SELECT Name FROM UserLicense WHERE UsedLicenses > 1", "INVALID_FIELD"),
        ("SELECT Name FROM Account WHERE Id = 'nonsense'", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Name FROM Account WHERE Name > null", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Name FROM User WHERE IsActive > true", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Name FROM User WHERE IsActive LIKE 'x'", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Name FROM Account WHERE CreatedDate LIKE TODAY", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Name FROM Account WHERE Name INCLUDES ('x')", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Name FROM Account WHERE Name EXCLUDES ('x')", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Name FROM Nonsense", "INVALID_TYPE"),
        ("SELECT Name, (SELECT Id FROM Children) FROM Account", "INVALID_TYPE"),
        ("SELECT Name FROM Account OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE"),
    ],
)
def test_what_can_not_be_answered_is_refused(org: Org, soql: str, code: str) -> None:
    with pytest.raises(ApiError) as caught:
        run_query(org, soql)

    assert (caught.value.status, caught.value.code) == (400, code)


def test_used_licenses_could_be_filtered_before_v64(org: Org) -> None:
    assert records(org, "SELECT Name FROM UserLicense WHERE UsedLicenses > 9", version=63.0) == [
        {"Name": "External Identity"}
    ]


def test_a_malformed_query_is_shown_with_its_place(org: Org) -> None:
    with pytest.raises(ApiError) as caught:
        run_query(org, "SELECT Name\nFROM Account WHERE %")

    assert "ERROR at Row:2:Column:20" in caught.value.message


@given(st.text())
def test_no_text_breaks_the_parser(text: str) -> None:
    with pytest.raises(ApiError):
        run_query(_ORG, text)


_VOCABULARY = (
    "SELECT FROM WHERE AND OR NOT IN LIKE ( ) , = != < 'a' 1 null TODAY Name Id Account User Owner.Name COUNT "
    "GROUP BY ORDER LIMIT OFFSET FIELDS STANDARD INCLUDES true 2026-01-01 : LAST_N_DAYS NULLS LAST"
)
_WORDS = st.sampled_from(_VOCABULARY.split())


@given(st.lists(_WORDS, max_size=25).map(" ".join))
def test_no_mix_of_words_breaks_the_compiler(text: str) -> None:
    try:
        run_query(_ORG, f"SELECT {text}")
    except ApiError as error:
        assert error.status == 400  # noqa: PT017 - most mixes are refused, some are queries


_ORG = demo()


def with_tags() -> Org:
    """An org with one object more: a multi-select picklist is the only type that INCLUDES asks about."""
    fields = (record_id("Id"), text("Name", "Name", 80), Field("Tags", FieldType.MULTIPICKLIST, "Tags", 255))
    thing = SObject("Thing", "Thing", "Things", "a00", {field.name.lower(): field for field in fields})
    schema = Schema({"thing": thing})
    store = Store.open(":memory:", schema)
    for name, tags in (("A", "red;green"), ("B", "red"), ("C", None)):
        store.insert("Thing", {"Name": name, "Tags": tags})
    return Org(store, schema, Settings(), lambda: NOON, "")


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("Tags INCLUDES ('green')", ["A"]),
        ("Tags INCLUDES ('red;green', 'blue')", ["A"]),
        ("Tags INCLUDES ('red')", ["A", "B"]),
        ("Tags EXCLUDES ('green')", ["B", "C"]),
    ],
)
def test_multi_select_picklists_are_asked_by_includes(condition: str, found: list[str]) -> None:
    assert names(with_tags(), condition, "Thing") == found
