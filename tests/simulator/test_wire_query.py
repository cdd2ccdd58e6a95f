"""Queries over HTTP: pages, locators that survive, column metadata."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.wired import Api, accounts, refusal, served_api

ALL = "SELECT Id, Name FROM Account ORDER BY Name"


@pytest.fixture
def api() -> Iterator[Api]:
    with served_api() as served:
        yield served


def fill(api: Api, count: int) -> None:
    for start in range(0, count, 200):
        names = [f"Account {number:05}" for number in range(start, min(start + 200, count))]
        assert all(row["success"] for row in api.post("composite/sobjects", {"records": accounts(names)}).json())


def first_page(api: Api, size: int, soql: str = ALL) -> dict[str, Any]:
    headers = {"Sforce-Query-Options": f"batchSize={size}"}
    page: dict[str, Any] = api.get("query", params={"q": soql}, headers=headers).json()
    return page


def test_pages_hold_every_record_once_in_order(api: Api) -> None:
    fill(api, 450)
    pages = [first_page(api, 200)]

    while not pages[-1]["done"]:
        pages.append(api.get(pages[-1]["nextRecordsUrl"]).json())

    names = [row["Name"] for page in pages for row in page["records"]]
    assert [len(page["records"]) for page in pages] == [200, 200, 53]
    assert {page["totalSize"] for page in pages} == {453}
    assert names == sorted(names)
    assert len(set(names)) == 453
    assert "nextRecordsUrl" not in pages[-1]


def test_a_further_page_has_the_records_as_they_are_when_it_is_asked_for(api: Api) -> None:
    fill(api, 250)
    page = first_page(api, 200)
    api.call("DELETE", f"sobjects/Account/{api.id_of('Account', 'Account 00249')}")

    rest = api.get(page["nextRecordsUrl"]).json()

    assert rest["totalSize"] == page["totalSize"]
    assert len(rest["records"]) == page["totalSize"] - 200 - 1
    assert "Account 00249" not in [row["Name"] for row in rest["records"]]


@pytest.mark.parametrize(
    ("asked", "given"), [("200", 200), ("1", 200), ("99999", 253), ("99999999999", 253), ("x", 253)]
)
def test_batch_size_is_kept_between_200_and_2000(api: Api, asked: str, given: int) -> None:
    fill(api, 250)

    page = api.get("query", params={"q": ALL}, headers={"Sforce-Query-Options": f"batchSize={asked}"}).json()

    assert len(page["records"]) == given


def test_a_locator_survives_a_restart(tmp_path: Path) -> None:
    with served_api(path=tmp_path / "org.db") as api:
        fill(api, 250)
        locator = first_page(api, 200)["nextRecordsUrl"]

    with served_api(path=tmp_path / "org.db") as again:
        rest = again.get(locator)
        by_id = again.get(f"queryAll/{locator.rpartition('/')[2]}")

    assert len(rest.json()["records"]) == 53
    assert by_id.json() == rest.json()


def test_a_locator_lives_for_two_days_and_its_page_is_forgotten_then() -> None:
    moments = [datetime(2026, 11, 23, 9, tzinfo=UTC)]
    with served_api(clock=lambda: moments[-1]) as api:
        fill(api, 250)
        locator = first_page(api, 200)["nextRecordsUrl"]
        moments.append(moments[0] + timedelta(hours=47))
        young = api.get(locator)
        moments.append(moments[0] + timedelta(hours=49))
        old = api.get(locator)
        first_page(api, 200)
        kept = api.org.store.select("SELECT value FROM _meta WHERE key LIKE 'cursor %' AND value != ''")

    assert young.status_code == 200
    assert refusal(old) == (400, "INVALID_QUERY_LOCATOR")
    assert len(kept) == 2


@pytest.mark.parametrize("locator", ["nonsense", "01g000000000000AAA-2000", "01gffffffff0000000-200"])
def test_an_unknown_locator_is_refused(api: Api, locator: str) -> None:
    assert refusal(api.get(f"query/{locator}")) == (400, "INVALID_QUERY_LOCATOR")


def test_count_and_an_empty_answer_have_the_same_shape(api: Api) -> None:
    counted = api.get("query", params={"q": "SELECT COUNT() FROM Account"}).json()
    empty = api.get("query", params={"q": "SELECT Id FROM Account WHERE Name = 'x'"}).json()

    assert counted == {"totalSize": 3, "done": True, "records": []}
    assert empty == {"totalSize": 0, "done": True, "records": []}


def test_only_query_all_sees_deleted_records(api: Api) -> None:
    record_id = api.post("sobjects/Account", {"Name": "Gone"}).json()["id"]
    api.call("DELETE", f"sobjects/Account/{record_id}")
    question = {"q": f"SELECT Id FROM Account WHERE Id = '{record_id}'"}

    assert api.get("query", params=question).json()["totalSize"] == 0
    assert api.get("queryAll", params=question).json()["totalSize"] == 1


@pytest.mark.parametrize("path", ["query", "query/", "QUERY", "queryall/"])
def test_a_trailing_slash_and_the_case_of_the_resource_do_not_matter(api: Api, path: str) -> None:
    answer = api.get(f"{path}?q=SELECT+Id+FROM%20account")

    assert answer.json()["totalSize"] == 3


def test_column_metadata_nests_the_columns_of_parents(api: Api) -> None:
    question = "SELECT Id, IsActive, Profile.Name, Profile.UserLicense.Name, Profile.Id FROM User"

    told = api.get("query", params={"q": question, "columns": "true"}).json()

    by_name = {column["columnName"]: column for column in told["columnMetadata"]}
    assert list(by_name) == ["Id", "IsActive", "Profile"]
    assert by_name["IsActive"]["booleanType"] is True
    assert [column["columnName"] for column in by_name["Profile"]["joinColumns"]] == ["Name", "UserLicense", "Id"]
    assert by_name["Profile"]["joinColumns"][1]["joinColumns"][0]["columnName"] == "Name"
    assert (told["entityName"], told["idSelected"], told["keyPrefix"], told["groupBy"]) == ("User", True, "005", False)


def test_column_metadata_of_groups_tells_aggregates(api: Api) -> None:
    question = "SELECT ProfileId, COUNT(Id) total FROM User GROUP BY ProfileId"

    told = api.get("query", params={"q": question, "columns": "true"}).json()

    assert told["groupBy"] is True
    assert [(c["columnName"], c["aggregate"]) for c in told["columnMetadata"]] == [
        ("ProfileId", False),
        ("total", True),
    ]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("query", "MALFORMED_QUERY"),
        ("query?q=", "MALFORMED_QUERY"),
        ("query?q=SELECT", "MALFORMED_QUERY"),
        ("query?q=SELECT+Id+FROM+ScratchOrgInfo+limit+1", "INVALID_TYPE"),
        ("query?q=SELECT+Nope+FROM+User", "INVALID_FIELD"),
    ],
)
def test_a_bad_query_is_refused_in_the_shape_of_all_errors(api: Api, path: str, code: str) -> None:
    assert refusal(api.get(path)) == (400, code)


def test_groups_come_in_one_page_or_not_at_all(api: Api) -> None:
    fill(api, 250)
    groups = "SELECT Name, COUNT(Id) FROM Account GROUP BY Name ORDER BY Name"
    small = {"Sforce-Query-Options": "batchSize=200"}
    refused = api.get("query", params={"q": groups}, headers=small)
    limited = api.get("query", params={"q": f"{groups} LIMIT 200"}, headers=small).json()

    assert refused.status_code == 400
    assert "use LIMIT to restrict the results" in refused.text
    assert (len(limited["records"]), limited["done"]) == (200, True)
