"""Batch, Graph and Tree: many records and requests in one, over real HTTP."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.simulator.wired import Api, refusal, served_api

BASE = "/services/data/v66.0"


@pytest.fixture(name="api")
def _api() -> Iterator[Api]:
    with served_api() as api:
        yield api


def part(reference: str, method: str, path: str, body: object = None) -> dict[str, object]:
    return {"referenceId": reference, "method": method, "url": f"{BASE}/{path}", **({"body": body} if body else {})}


def graphs(api: Api, **listed: list[object]) -> list[dict[str, Any]]:
    body = {"graphs": [{"graphId": name, "compositeRequest": parts} for name, parts in listed.items()]}
    answer = api.post("composite/graph", body)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["graphs"]
    return found


def codes(answer: dict[str, Any]) -> list[object]:
    """What became of each request of a graph: its code, or its status."""
    responses = answer["graphResponse"]["compositeResponse"]
    return [
        item["body"][0]["errorCode"] if item["httpStatusCode"] >= 400 else item["httpStatusCode"] for item in responses
    ]


def test_each_graph_is_made_whole_or_not_at_all(api: Api) -> None:
    good, bad = graphs(
        api,
        good=[
            part("account", "POST", "sobjects/Account", {"Name": "Whole"}),
            part("contact", "POST", "sobjects/Contact", {"LastName": "Lee", "AccountId": "@{account.id}"}),
        ],
        bad=[
            part("account", "POST", "sobjects/Account", {"Name": "Half"}),
            part("contact", "POST", "sobjects/Contact", {"AccountId": "@{account.id}"}),
        ],
    )

    assert (good["graphId"], good["isSuccessful"], codes(good)) == ("good", True, [201, 201])
    assert (bad["graphId"], bad["isSuccessful"]) == ("bad", False)
    assert codes(bad) == ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING"]
    assert (
        api.rows("SELECT Name, (SELECT LastName FROM Contacts) FROM Account WHERE Name IN ('Whole', 'Half')")[0]["Name"]
        == "Whole"
    )
    assert api.count("SELECT COUNT() FROM Account WHERE Name = 'Half'") == 0


def test_setup_and_other_objects_can_not_be_mixed_in_one_graph(api: Api) -> None:
    admin = str(api.rows("SELECT Id FROM User WHERE Profile.Name = 'System Administrator' LIMIT 1")[0]["Id"])
    (mixed,) = graphs(
        api,
        mixed=[
            part("contact", "POST", "sobjects/Contact", {"LastName": "Lee"}),
            part("user", "PATCH", f"sobjects/User/{admin}", {"IsActive": True}),
        ],
    )
    apart = api.post(
        "composite",
        {
            "compositeRequest": [
                part("contact", "POST", "sobjects/Contact", {"LastName": "Lee"}),
                part("user", "PATCH", f"sobjects/User/{admin}", {"IsActive": True}),
            ]
        },
    ).json()["compositeResponse"]

    assert codes(mixed) == ["PROCESSING_HALTED", "MIXED_DML_OPERATION"]
    assert [item["httpStatusCode"] for item in apart] == [201, 204]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "JSON_PARSER_ERROR"),
        ({"graphs": ["x"]}, "JSON_PARSER_ERROR"),
        ({"graphs": [{"graphId": "a", "compositeRequest": []}]}, "JSON_PARSER_ERROR"),
        ({"graphs": [{"graphId": "a", "compositeRequest": [part("x", "GET", "limits")]}] * 2}, "INVALID_INPUT"),
        ({"graphs": [{"graphId": "a", "compositeRequest": [part("x", "GET", "limits")] * 2}]}, "INVALID_INPUT"),
        (
            {"graphs": [{"graphId": f"g{n}", "compositeRequest": [part("x", "GET", "limits")]} for n in range(76)]},
            "LIMIT_EXCEEDED",
        ),
        (
            {"graphs": [{"graphId": "g", "compositeRequest": [part(f"x{n}", "GET", "limits") for n in range(501)]}]},
            "LIMIT_EXCEEDED",
        ),
    ],
)
def test_a_body_that_holds_no_graphs_is_refused(api: Api, body: object, code: str) -> None:
    assert refusal(api.post("composite/graph", body)) == (400, code)


def test_the_requests_of_a_batch_know_nothing_of_one_another(api: Api) -> None:
    answer = api.post(
        "composite/batch",
        {
            "batchRequests": [
                {"method": "POST", "url": "v66.0/sobjects/Contact", "richInput": {"LastName": "Batched"}},
                {"method": "GET", "url": "v66.0/query?q=SELECT+LastName+FROM+Contact+WHERE+LastName='Batched'"},
                {"method": "GET", "url": "/services/data/v66.0/nowhere"},
                {"method": "DELETE", "url": "v66.0/sobjects/Contact/003000000000000AAA"},
                {"method": "GET", "url": "v59.0/limits"},
            ]
        },
    ).json()

    assert answer["hasErrors"] is True
    assert [item["statusCode"] for item in answer["results"]] == [201, 200, 404, 404, 200]
    assert [row["LastName"] for row in answer["results"][1]["result"]["records"]] == ["Batched"]
    assert "DailyApiRequests" in answer["results"][4]["result"]


def test_a_batch_can_halt_at_the_first_error(api: Api) -> None:
    requests = [
        {"method": "PATCH", "url": f"v66.0/sobjects/Account/{api.id_of('Account', 'Acme')}", "richInput": {"Fax": "1"}},
        {"method": "GET", "url": "v66.0/nowhere"},
        {"method": "POST", "url": "v66.0/sobjects/Contact", "richInput": {"LastName": "Late"}},
    ]
    answer = api.post("composite/batch", {"haltOnError": True, "batchRequests": requests}).json()

    assert [item["statusCode"] for item in answer["results"]] == [204, 404, 412]
    assert answer["results"][0]["result"] is None
    assert answer["results"][2]["result"][0]["errorCode"] == "BATCH_PROCESSING_HALTED"
    assert api.count("SELECT COUNT() FROM Contact WHERE LastName = 'Late'") == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "JSON_PARSER_ERROR"),
        ({"batchRequests": [1]}, "JSON_PARSER_ERROR"),
        ({"batchRequests": [{"method": "GET", "url": "http://elsewhere/v66.0/limits"}]}, "INVALID_INPUT"),
        ({"batchRequests": [{"method": "GET", "url": "v66.0/limits"}] * 26}, "LIMIT_EXCEEDED"),
    ],
)
def test_a_body_that_is_no_batch_is_refused(api: Api, body: object, code: str) -> None:
    assert refusal(api.post("composite/batch", body)) == (400, code)


def node(kind: str, reference: str, **more: object) -> dict[str, object]:
    return {"attributes": {"type": kind, "referenceId": reference}, **more}


def tree_of(**contact: object) -> dict[str, object]:
    contacts = {"records": [node("Contact", "lee", LastName="Ash"), node("Contact", "poe", **contact)]}
    return {"records": [node("Account", "acme", Name="Tree", Contacts=contacts), node("account", "other", Name="Leaf")]}


def test_a_tree_is_made_with_its_children(api: Api) -> None:
    answer = api.post("composite/tree/Account", tree_of(LastName="Poe"))

    assert answer.status_code == 201
    assert answer.json()["hasErrors"] is False
    ids = {item["referenceId"]: item["id"] for item in answer.json()["results"]}
    assert list(ids) == ["acme", "lee", "poe", "other"]
    found = api.rows("SELECT Id, AccountId FROM Contact WHERE LastName IN ('Ash', 'Poe') ORDER BY LastName")
    assert found == [{"Id": ids[name], "AccountId": ids["acme"]} for name in ("lee", "poe")]


def test_a_tree_with_one_bad_record_leaves_nothing(api: Api) -> None:
    answer = api.post("composite/tree/Account", tree_of(FirstName="Nobody"))

    assert answer.status_code == 400
    body = answer.json()
    assert (body["hasErrors"], body["results"][0]["referenceId"]) == (True, "poe")
    assert body["results"][0]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    assert api.count("SELECT COUNT() FROM Account WHERE Name IN ('Tree', 'Leaf')") == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "JSON_PARSER_ERROR"),
        ({"records": []}, "JSON_PARSER_ERROR"),
        ({"records": ["x"]}, "INVALID_INPUT"),
        ({"records": [{"Name": "x"}]}, "INVALID_INPUT"),
        ({"records": [node("Contact", "a", LastName="x")]}, "INVALID_INPUT"),
        ({"records": [node("Account", "a", Name="x"), node("Account", "a", Name="y")]}, "INVALID_INPUT"),
        ({"records": [node("Account", "a", Name="x", Contacts={})]}, "JSON_PARSER_ERROR"),
        ({"records": [node("Account", f"a{n}", Name="x") for n in range(201)]}, "LIMIT_EXCEEDED"),
    ],
)
def test_a_body_that_is_no_tree_is_refused(api: Api, body: object, code: str) -> None:
    assert refusal(api.post("composite/tree/Account", body)) == (400, code)


def test_a_tree_has_five_levels_at_most(api: Api) -> None:
    def chain(levels: int) -> dict[str, object]:
        below = {"ChildAccounts": {"records": [chain(levels - 1)]}} if levels > 1 else {}
        return node("Account", f"level{levels}", Name=f"Level {levels}", **below)

    assert api.post("composite/tree/Account", {"records": [chain(5)]}).status_code == 201
    assert refusal(api.post("composite/tree/Account", {"records": [chain(6)]})) == (400, "INVALID_INPUT")
