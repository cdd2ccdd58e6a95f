"""Composite: several requests in one, over real HTTP."""

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


def sent(api: Api, *parts: object, together: bool = False) -> list[dict[str, Any]]:
    answer = api.post("composite", {"allOrNone": together, "compositeRequest": list(parts)})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["compositeResponse"]
    return found


def statuses(answers: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return [(answer["referenceId"], answer["httpStatusCode"]) for answer in answers]


def test_a_later_request_uses_what_an_earlier_one_answered(api: Api) -> None:
    account = api.id_of("Account", "Acme")
    answers = sent(
        api,
        part("made", "POST", "sobjects/Contact", {"LastName": "Lee & Co", "AccountId": account}),
        part("read", "GET", "sobjects/Contact/@{made.id}?fields=LastName,AccountId"),
        part("asked", "GET", "query/?q=SELECT+Id,LastName+FROM+Contact+WHERE+Id='@{made.id}'"),
        part("named", "PATCH", "sobjects/Contact/@{asked.records[0].Id}", {"Title": "@{read.LastName}"}),
    )

    assert statuses(answers) == [("made", 201), ("read", 200), ("asked", 200), ("named", 204)]
    assert answers[0]["httpHeaders"]["Location"].endswith(answers[0]["body"]["id"])
    assert answers[3]["body"] is None
    assert api.rows("SELECT Title FROM Contact WHERE LastName = 'Lee & Co'") == [{"Title": "Lee & Co"}]


def test_each_request_fails_alone_and_those_that_hang_on_it_are_halted(api: Api) -> None:
    answers = sent(
        api,
        part("bad", "POST", "sobjects/Contact", {"FirstName": "Nobody"}),
        part("hangs", "GET", "sobjects/Contact/@{bad.id}"),
        part("nowhere", "GET", "nowhere"),
        part("fine", "GET", "query?q=SELECT+COUNT()+FROM+Contact"),
        part("lost", "GET", "sobjects/Contact/@{fine.records[7].Id}"),
    )

    assert statuses(answers) == [("bad", 400), ("hangs", 400), ("nowhere", 404), ("fine", 200), ("lost", 400)]
    codes = [answer["body"][0]["errorCode"] for answer in answers if answer["httpStatusCode"] != 200]
    assert codes == ["REQUIRED_FIELD_MISSING", "PROCESSING_HALTED", "NOT_FOUND", "INVALID_INPUT"]


def test_all_or_none_keeps_nothing_of_what_went_well(api: Api) -> None:
    answers = sent(
        api,
        part("made", "POST", "sobjects/Contact", {"LastName": "Brief"}),
        part("bad", "POST", "sobjects/Contact", {"FirstName": "Nobody"}),
        part("late", "POST", "sobjects/Contact", {"LastName": "Late"}),
        together=True,
    )

    codes = [answer["body"][0]["errorCode"] for answer in answers]
    assert codes == ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING", "PROCESSING_HALTED"]
    assert api.count("SELECT COUNT() FROM Contact WHERE LastName IN ('Brief', 'Late')") == 0


def test_all_or_none_keeps_all_when_all_went_well(api: Api) -> None:
    names = ("One", "Two")
    answers = sent(api, *(part(name, "POST", "sobjects/Contact", {"LastName": name}) for name in names), together=True)

    assert [answer["httpStatusCode"] for answer in answers] == [201, 201]
    assert api.count("SELECT COUNT() FROM Contact WHERE LastName IN ('One', 'Two')") == 2


def test_a_query_inside_may_be_longer_than_any_uri_and_the_whole_is_one_request(api: Api) -> None:
    names = ",".join(f"'nobody{number:05}@acme.example'" for number in range(2_000))
    before = api.get("limits").json()["DailyApiRequests"]["Remaining"]
    answers = sent(
        api,
        part("users", "GET", f"query?q=SELECT+Id+FROM+User+WHERE+Username+IN+({names})"),
        part("all", "GET", "query?q=SELECT+Id+FROM+User"),
    )
    after = api.get("limits").json()["DailyApiRequests"]["Remaining"]

    assert [answer["body"]["done"] for answer in answers] == [True, True]
    assert answers[0]["body"]["totalSize"] == 0
    assert answers[1]["body"]["totalSize"] > 0
    assert before - after == 2


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "JSON_PARSER_ERROR"),
        ({"compositeRequest": []}, "JSON_PARSER_ERROR"),
        ({"compositeRequest": ["x"]}, "JSON_PARSER_ERROR"),
        ({"compositeRequest": [part("a", "TRACE", "limits")]}, "JSON_PARSER_ERROR"),
        ({"compositeRequest": [{"referenceId": "a", "method": "GET", "url": "/etc/passwd"}]}, "INVALID_INPUT"),
        ({"compositeRequest": [part("a", "GET", "limits"), part("a", "GET", "limits")]}, "INVALID_INPUT"),
        ({"compositeRequest": [part(f"a{n}", "GET", "limits") for n in range(26)]}, "LIMIT_EXCEEDED"),
        ({"compositeRequest": [part(f"a{n}", "GET", "query?q=x") for n in range(6)]}, "LIMIT_EXCEEDED"),
    ],
)
def test_a_body_that_is_no_composite_request_is_refused(api: Api, body: object, code: str) -> None:
    assert refusal(api.post("composite", body)) == (400, code)


def test_references_are_found_in_lists_and_may_not_make_another_url(api: Api) -> None:
    account = api.id_of("Account", "Acme")
    answers = sent(
        api,
        part("asked", "GET", f"query?q=SELECT+Id+FROM+Account+WHERE+Id='{account}'"),
        part("read", "POST", "composite/sobjects/Account", {"ids": ["@{asked.records[0].Id}"], "fields": ["Name"]}),
        {"referenceId": "out", "method": "GET", "url": "/services/data/v66.0/@{asked.records[0].Id}"},
    )

    assert answers[1]["body"][0]["Name"] == "Acme"
    assert answers[2]["httpStatusCode"] == 404


def test_a_reference_can_not_leave_its_place_in_a_url(api: Api) -> None:
    answers = sent(
        api,
        part("made", "POST", "sobjects/Contact", {"LastName": "x/../../limits"}),
        part("read", "GET", "sobjects/Contact/@{made.id}?fields=LastName"),
        part("out", "GET", "sobjects/Contact/@{read.LastName}"),
    )

    assert answers[2]["httpStatusCode"] in {400, 404}


@pytest.mark.parametrize("method", [None, 5, [], {}, "get", "OPTIONS"])
def test_a_method_that_is_none_is_refused(api: Api, method: object) -> None:
    request = {"method": method, "url": f"{BASE}/limits", "referenceId": "a"}

    answers = [
        api.post("composite", {"compositeRequest": [request]}),
        api.post("composite/batch", {"batchRequests": [{**request, "url": "v66.0/limits"}]}),
    ]

    assert [refusal(answer) for answer in answers] == [(400, "JSON_PARSER_ERROR")] * 2
