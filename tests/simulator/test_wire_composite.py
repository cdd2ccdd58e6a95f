"""sObject Collections."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.simulator.wired import Api, accounts, refusal, served_api


@pytest.fixture
def api() -> Iterator[Api]:
    with served_api() as served:
        yield served


def record(sobject: str, **fields: Any) -> dict[str, Any]:
    return {"attributes": {"type": sobject}, **fields}


def test_each_record_fails_alone_and_keeps_its_place(api: Api) -> None:
    records = [*accounts(["A"]), record("Account", Name="B", Nope=1), *accounts(["C"])]

    answer = api.post("composite/sobjects", {"allOrNone": False, "records": records})

    first, second, third = answer.json()
    assert answer.status_code == 200
    assert (first["success"], first["errors"]) == (True, [])
    assert (second["success"], second["errors"][0]["statusCode"]) == (False, "INVALID_FIELD")
    assert "id" not in second
    assert api.rows(f"SELECT Name FROM Account WHERE Id = '{third['id']}'") == [{"Name": "C"}]


def test_all_or_none_leaves_nothing_even_when_types_are_mixed(api: Api) -> None:
    records = [*accounts(["AllOrNone"]), record("Contact", FirstName="No Last Name")]

    answer = api.post("composite/sobjects", {"allOrNone": True, "records": records})

    innocent, guilty = answer.json()
    assert innocent["errors"][0]["statusCode"] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert guilty["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    assert api.count("SELECT COUNT() FROM Account WHERE Name = 'AllOrNone'") == 0


def test_all_or_none_keeps_all_when_all_are_good(api: Api) -> None:
    answer = api.post("composite/sobjects", {"allOrNone": True, "records": accounts(["One", "Two"])})

    assert [row["success"] for row in answer.json()] == [True, True]
    assert api.count("SELECT COUNT() FROM Account WHERE Name IN ('One', 'Two')") == 2


def test_a_refused_request_leaves_nothing_of_its_good_records(api: Api) -> None:
    records = [*accounts(["Left Over"]), record("Nope", Name="x")]

    answer = api.post("composite/sobjects", {"records": records})

    assert refusal(answer)[0] == 400
    assert api.count("SELECT COUNT() FROM Account WHERE Name = 'Left Over'") == 0


def test_users_and_contacts_in_one_request_are_mixed_dml(api: Api) -> None:
    acme = api.id_of("Account", "Acme")
    user = api.rows("SELECT Id FROM User WHERE Username = 'kim.lee@acme.example'")[0]["Id"]
    records = [record("Contact", LastName="X", AccountId=acme)]

    created = api.post("composite/sobjects", {"records": records})
    mixed = api.patch(
        "composite/sobjects",
        {"records": [record("Account", Id=acme, Phone="1"), record("User", id=user, IsActive=False)]},
    )

    assert created.json()[0]["success"]
    assert [row["success"] for row in mixed.json()] == [True, False]
    assert mixed.json()[1]["errors"][0]["statusCode"] == "MIXED_DML_OPERATION"


def test_records_are_updated_upserted_and_deleted(api: Api) -> None:
    created = api.post("composite/sobjects", {"records": accounts(["X", "Y"])}).json()
    ids = [row["id"] for row in created]

    updated = api.patch("composite/sobjects", {"records": [record("Account", id=ids[0], Phone="1")]})
    key = {"Username": "kim.lee@acme.example", "Title": "Dr"}
    upserted = api.patch("composite/sobjects/User/Username", {"records": [record("User", **key)]})
    deleted = api.call("DELETE", "composite/sobjects", params={"ids": ",".join(ids), "allOrNone": "true"})

    assert updated.json() == [{"id": ids[0], "success": True, "errors": []}]
    assert (upserted.json()[0]["success"], upserted.json()[0]["created"]) == (True, False)
    assert [row["success"] for row in deleted.json()] == [True, True]
    assert api.count("SELECT COUNT() FROM Account WHERE Name IN ('X', 'Y')") == 0


def test_many_records_are_read_and_a_missing_one_is_null(api: Api) -> None:
    acme = api.id_of("Account", "Acme")
    ids, fields = [acme, "001000000000ZZZAAA", "no id", acme[:15]], ["Name"]

    by_uri = api.get("composite/sobjects/Account", params={"ids": ",".join(ids), "fields": "Name"})
    by_body = api.post("composite/sobjects/Account", {"ids": ids, "fields": fields})

    assert [row and row["Name"] for row in by_uri.json()] == ["Acme", None, None, "Acme"]
    assert by_body.json() == by_uri.json()


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (("POST", "", {"records": accounts(["x"] * 201)}), (400, "EXCEEDED_ID_LIMIT")),
        (("POST", "", {"records": "x"}), (400, "JSON_PARSER_ERROR")),
        (("POST", "", {}), (400, "JSON_PARSER_ERROR")),
        (("POST", "", []), (400, "JSON_PARSER_ERROR")),
        (("POST", "", {"records": [{"Name": "x"}]}), (400, "INVALID_TYPE")),
        (("POST", "", {"records": ["x"]}), (400, "INVALID_TYPE")),
        (("POST", "", {"allOrNone": "false", "records": accounts(["x"])}), (400, "JSON_PARSER_ERROR")),
        (("PATCH", "/User/Username", {"records": accounts(["x"])}), (400, "INVALID_TYPE")),
        (("PATCH", "/Nope/Key", {"records": []}), (404, "NOT_FOUND")),
        (("DELETE", "?ids=nonsense", None), (400, "MALFORMED_ID")),
        (("GET", "/Account?ids=x&fields=Nope", None), (400, "INVALID_FIELD")),
        (("POST", "/Account", {"ids": [1], "fields": ["Name"]}), (400, "JSON_PARSER_ERROR")),
        (("POST", "/Account", {"ids": ["x"]}), (400, "JSON_PARSER_ERROR")),
        (("POST", "/Account", {"ids": ["x"] * 2001, "fields": ["Name"]}), (400, "EXCEEDED_ID_LIMIT")),
    ],
)
def test_a_malformed_request_is_refused_as_a_whole(
    api: Api, sent: tuple[str, str, object], expected: tuple[int, str]
) -> None:
    method, path, body = sent
    before = api.count("SELECT COUNT() FROM Account")

    answer = api.call(method, f"composite/sobjects{path}", json=body)

    assert refusal(answer) == expected
    assert api.count("SELECT COUNT() FROM Account") == before
