"""Relationships that lead to several objects: shared fields, and TYPEOF."""

from collections.abc import Iterator
from typing import Any

import pytest

from reconciler.simulator.errors import ApiError
from reconciler.simulator.soql import run_query
from tests.simulator.wired import Api, served_api


@pytest.fixture(name="api", scope="module")
def _api() -> Iterator[Api]:
    with served_api() as api:
        outer = api.post("sobjects/Group", {"Name": "Outer", "DeveloperName": "Outer"}).json()["id"]
        inner = api.post("sobjects/Group", {"Name": "Inner", "DeveloperName": "Inner"}).json()["id"]
        user = api.rows("SELECT Id FROM User WHERE Username = 'admin@acme.example'")[0]["Id"]
        for member in (user, inner):
            assert api.post("sobjects/GroupMember", {"GroupId": outer, "UserOrGroupId": member}).status_code == 201
        yield api


def members(api: Api, fields: str, where: str = "Group.Name = 'Outer'") -> list[Any]:
    """What a query tells of the members."""
    text = f"SELECT {fields} FROM GroupMember WHERE {where} ORDER BY UserOrGroup.Type"
    return [record["UserOrGroup"] for record in run_query(api.org, text).records]


def without_url(record: Any) -> Any:
    """A record, its url left out."""
    return record and {**record, "attributes": record["attributes"]["type"]}


def test_fields_that_all_objects_share_are_read_and_filtered(api: Api) -> None:
    found = members(api, "UserOrGroup.Name, UserOrGroup.Type, UserOrGroup.Username")
    user = members(api, "UserOrGroup.Name", "UserOrGroup.Type = 'User'")

    assert [(record["Type"], record["Username"]) for record in found] == [
        ("Group", None),
        ("User", "admin@acme.example"),
    ]
    assert found[0]["Name"] == "Inner"
    assert [record["attributes"]["type"] for record in user] == ["Name"]


def test_typeof_asks_each_object_for_its_own_fields(api: Api) -> None:
    typeof = "TYPEOF UserOrGroup WHEN User THEN Username, Profile.Name WHEN Group THEN DeveloperName END"

    group, user = map(without_url, members(api, f"Id, {typeof}"))

    assert group == {"attributes": "Group", "DeveloperName": "Inner"}
    assert (user["Username"], user["Profile"]["Name"]) == ("admin@acme.example", "System Administrator")


def test_what_no_branch_of_typeof_names_is_null_or_else(api: Api) -> None:
    none, user = map(without_url, members(api, "TYPEOF UserOrGroup WHEN User THEN Username END"))
    other, _ = map(without_url, members(api, "TYPEOF UserOrGroup WHEN User THEN Username ELSE Name END"))

    assert none is None
    assert user == {"attributes": "User", "Username": "admin@acme.example"}
    assert other == {"attributes": "Name", "Name": "Inner"}


def test_typeof_is_answered_over_http_and_refused_by_bulk_jobs(api: Api) -> None:
    text = "SELECT TYPEOF UserOrGroup WHEN Group THEN Name END FROM GroupMember"

    answer = api.get("query", params={"q": text})
    refused = api.post("jobs/query", {"operation": "query", "query": text})

    assert answer.json()["totalSize"] == 2
    assert refused.status_code == 400


@pytest.mark.parametrize(
    "text",
    [
        "SELECT TYPEOF Owner WHEN User THEN Id END FROM Account",
        "SELECT TYPEOF Nothing WHEN User THEN Id END FROM Account",
        "SELECT TYPEOF UserOrGroup WHEN Account THEN Id END FROM GroupMember",
        "SELECT UserOrGroup.DeveloperName FROM GroupMember",
        "SELECT TYPEOF UserOrGroup END FROM GroupMember",
    ],
)
def test_what_leads_nowhere_is_refused(api: Api, text: str) -> None:
    with pytest.raises(ApiError):
        run_query(api.org, text)
