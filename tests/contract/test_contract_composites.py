"""Requests that hold requests: Composite, Batch, Tree, Graph."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.contract.sources import BATCH, COMPOSITE, DOCUMENTED, GRAPH, INFERRED, REPORTED, TREE
from tests.contract.tenant import VERSION, Tenant

BASE = f"/services/data/v{VERSION}"
HALTED = "The transaction was rolled back since another operation in the same transaction failed."


def part(reference: str, method: str, path: str, body: object = None) -> Mapping[str, Any]:
    """A subrequest of Composite."""
    given = {} if body is None else {"body": body}
    return {"method": method, "url": f"{BASE}/{path}", "referenceId": reference, **given}


def composite(org: Tenant, *parts: Mapping[str, Any], all_or_none: bool = False) -> list[Any]:
    """The answers to the subrequests of a composite request."""
    answer = org.post("composite", {"allOrNone": all_or_none, "compositeRequest": parts})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["compositeResponse"])


@pytest.mark.fact(COMPOSITE, DOCUMENTED)
def test_a_subrequest_uses_what_an_earlier_one_answered(org: Tenant) -> None:
    account = part("account", "POST", "sobjects/Account", {"Name": org.name()})
    contact = part("contact", "POST", "sobjects/Contact", {"LastName": org.name(), "AccountId": "@{account.id}"})

    first, second = composite(org, account, contact)

    told = [(answer["httpStatusCode"], answer["referenceId"]) for answer in (first, second)]
    org.expect("answers", told, [(201, "account"), (201, "contact")])
    assert set(first) == {"body", "httpHeaders", "httpStatusCode", "referenceId"}
    found = org.row("Contact", second["body"]["id"], "AccountId")
    assert found == {"AccountId": first["body"]["id"]}


@pytest.mark.fact(COMPOSITE, DOCUMENTED)
def test_a_reference_reaches_into_the_records_of_a_query(org: Tenant) -> None:
    account = org.account(Site="Here")
    query = part("found", "GET", f"query/?q=SELECT+Id+FROM+Account+WHERE+Id='{account}'")
    change = part("change", "PATCH", "sobjects/Account/@{found.records[0].Id}", {"Site": "There"})

    answers = composite(org, query, change)

    org.expect("statuses", [answer["httpStatusCode"] for answer in answers], [200, 204])
    assert org.row("Account", account, "Site") == {"Site": "There"}


@pytest.mark.fact(COMPOSITE, DOCUMENTED)
def test_subrequests_fail_alone(org: Tenant) -> None:
    name = org.name()

    bad, good = composite(
        org,
        part("bad", "POST", "sobjects/Account", {"Site": "Here"}),
        part("good", "POST", "sobjects/Account", {"Name": name}),
    )

    org.expect("statuses", (bad["httpStatusCode"], good["httpStatusCode"]), (400, 201))
    org.expect("code", bad["body"][0]["errorCode"], "REQUIRED_FIELD_MISSING")
    assert len(org.rows(f"SELECT Id FROM Account WHERE Name = '{name}'")) == 1


@pytest.mark.fact(COMPOSITE, REPORTED)
@pytest.mark.parametrize("is_bad_first", [True, False])
def test_all_or_none_halts_the_others(org: Tenant, *, is_bad_first: bool) -> None:
    name = org.name()
    bad = part("bad", "POST", "sobjects/Account", {"Site": "Here"})
    good = part("good", "POST", "sobjects/Account", {"Name": name})

    answers = composite(org, *([bad, good] if is_bad_first else [good, bad]), all_or_none=True)

    told = {answer["referenceId"]: (answer["httpStatusCode"], answer["body"][0]) for answer in answers}
    org.expect("status", told["good"][0], 400)
    org.expect("halted", told["good"][1]["errorCode"], "PROCESSING_HALTED")
    org.expect("message", told["good"][1]["message"], HALTED, is_known=False)
    org.expect("culprit", told["bad"][1]["errorCode"], "REQUIRED_FIELD_MISSING")
    assert org.rows(f"SELECT Id FROM Account WHERE Name = '{name}'") == []


@pytest.mark.fact(COMPOSITE, INFERRED)
def test_what_hangs_on_a_failed_subrequest_is_halted(org: Tenant) -> None:
    answers = composite(
        org,
        part("account", "POST", "sobjects/Account", {"Site": "Here"}),
        part("contact", "POST", "sobjects/Contact", {"LastName": org.name(), "AccountId": "@{account.id}"}),
    )

    told = (answers[1]["httpStatusCode"], answers[1]["body"][0]["errorCode"])
    org.expect("dependent", told, (400, "PROCESSING_HALTED"))


@pytest.mark.fact(COMPOSITE, DOCUMENTED)
@pytest.mark.parametrize(("number", "status"), [(25, 200), (26, 400)])
def test_a_composite_request_has_25_subrequests(org: Tenant, number: int, status: int) -> None:
    parts = [part(f"r{index}", "GET", "limits") for index in range(number)]

    answer = org.post("composite", {"compositeRequest": parts})

    org.expect("status", answer.status_code, status)


@pytest.mark.fact(COMPOSITE, INFERRED)
@pytest.mark.parametrize(("number", "status"), [(5, 200), (6, 400)])
def test_five_subrequests_may_be_queries(org: Tenant, number: int, status: int) -> None:
    parts = [part(f"r{index}", "GET", "query/?q=SELECT+Id+FROM+Organization") for index in range(number)]

    answer = org.post("composite", {"compositeRequest": parts})

    org.expect("status", answer.status_code, status)


@pytest.mark.fact(COMPOSITE, DOCUMENTED)
def test_two_subrequests_have_not_one_name(org: Tenant) -> None:
    answer = org.post("composite", {"compositeRequest": [part("same", "GET", "limits")] * 2})

    org.expect("status", answer.status_code, 400)


@pytest.mark.fact(BATCH, DOCUMENTED)
def test_the_requests_of_a_batch_are_answered_one_by_one(org: Tenant) -> None:
    account = org.account()
    change = {
        "method": "PATCH",
        "url": f"v{VERSION}/sobjects/Account/{account}",
        "richInput": {"Site": "Here"},
    }

    body = org.post(
        "composite/batch", {"batchRequests": [change, {"method": "GET", "url": f"v{VERSION}/limits"}]}
    ).json()

    org.expect("errors", body["hasErrors"], expected=False)
    org.expect("first", body["results"][0], {"statusCode": 204, "result": None})
    assert body["results"][1]["result"]["DailyApiRequests"]["Max"] > 0


@pytest.mark.fact(BATCH, DOCUMENTED)
@pytest.mark.parametrize(("halts", "status"), [(False, 200), (True, 412)])
def test_a_batch_halts_at_an_error_when_it_is_told_to(org: Tenant, *, halts: bool, status: int) -> None:
    bad = {"method": "GET", "url": f"v{VERSION}/sobjects/Account/001000000000000AAA"}
    good = {"method": "GET", "url": f"v{VERSION}/limits"}

    body = org.post("composite/batch", {"haltOnError": halts, "batchRequests": [bad, good]}).json()

    org.expect("errors", body["hasErrors"], expected=True)
    org.expect("statuses", [result["statusCode"] for result in body["results"]], [404, status])
    if halts:
        org.expect("code", body["results"][1]["result"][0]["errorCode"], "BATCH_PROCESSING_HALTED")


@pytest.mark.fact(BATCH, DOCUMENTED)
def test_a_batch_has_25_requests(org: Tenant) -> None:
    requests = [{"method": "GET", "url": f"v{VERSION}/limits"}] * 26

    org.expect("status", org.post("composite/batch", {"batchRequests": requests}).status_code, 400)


def account_with(org: Tenant, contact: Mapping[str, Any]) -> Mapping[str, Any]:
    """A tree of an account and a contact."""
    child = {"attributes": {"type": "Contact", "referenceId": "contact"}, **contact}
    attributes = {"type": "Account", "referenceId": "account"}
    return {"records": [{"attributes": attributes, "Name": org.name("tree"), "Contacts": {"records": [child]}}]}


@pytest.mark.fact(TREE, DOCUMENTED)
def test_a_tree_makes_records_below_records(org: Tenant) -> None:
    answer = org.post("composite/tree/Account", account_with(org, {"LastName": org.name()}))

    body = answer.json()
    org.expect("answer", (answer.status_code, body["hasErrors"]), (201, False))
    ids = {result["referenceId"]: result["id"] for result in body["results"]}
    assert org.row("Contact", ids["contact"], "AccountId") == {"AccountId": ids["account"]}


@pytest.mark.fact(TREE, DOCUMENTED)
def test_a_tree_is_made_whole_or_not_at_all(org: Tenant) -> None:
    answer = org.post("composite/tree/Account", account_with(org, {"FirstName": "Ada"}))

    body = answer.json()
    org.expect("answer", (answer.status_code, body["hasErrors"]), (400, True))
    (result,) = body["results"]
    org.expect("culprit", result["referenceId"], "contact")
    org.expect("error", result["errors"][0]["statusCode"], "REQUIRED_FIELD_MISSING")
    assert {"statusCode", "message", "fields"} <= set(result["errors"][0])
    assert org.rows(f"SELECT Id FROM Account WHERE Name LIKE '{org.marker}%'") == []


@pytest.mark.fact(TREE, DOCUMENTED)
def test_a_tree_has_200_records(org: Tenant) -> None:
    records = [
        {"attributes": {"type": "Account", "referenceId": f"r{number}"}, "Name": org.name()} for number in range(201)
    ]

    org.expect("status", org.post("composite/tree/Account", {"records": records}).status_code, 400)


@pytest.mark.fact(GRAPH, DOCUMENTED)
def test_each_graph_is_made_whole_or_not_at_all(org: Tenant) -> None:
    good = [
        part("account", "POST", "sobjects/Account", {"Name": org.name("good")}),
        part("contact", "POST", "sobjects/Contact", {"LastName": org.name(), "AccountId": "@{account.id}"}),
    ]
    bad = [
        part("account", "POST", "sobjects/Account", {"Name": org.name("bad")}),
        part("contact", "POST", "sobjects/Contact", {"FirstName": "Ada", "AccountId": "@{account.id}"}),
    ]
    graphs = [{"graphId": "good", "compositeRequest": good}, {"graphId": "bad", "compositeRequest": bad}]

    answer = org.post("composite/graph", {"graphs": graphs})

    told = {graph["graphId"]: graph for graph in answer.json()["graphs"]}
    org.expect("status", answer.status_code, 200)
    org.expect("success", {name: graph["isSuccessful"] for name, graph in told.items()}, {"good": True, "bad": False})
    answers = told["good"]["graphResponse"]["compositeResponse"]
    assert [item["httpStatusCode"] for item in answers] == [201, 201]
    names = [row["Name"] for row in org.rows(f"SELECT Name FROM Account WHERE Name LIKE '{org.marker}%'")]
    assert names == [f"{org.marker} good"]
