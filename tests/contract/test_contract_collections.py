"""sObject Collections: many records in one request, each with an answer of its own."""

from collections.abc import Mapping
from typing import Any

import pytest
import requests

from tests.contract.sources import COLLECTIONS, DOCUMENTED, INFERRED, REPORTED
from tests.contract.tenant import Tenant, refusal

NO_ACCOUNT = "001000000000000AAA"
ROLLED_BACK = "Record rolled back because not all records were valid and the request was using AllOrNone header"


def send(org: Tenant, method: str, *records: Mapping[str, Any], all_or_none: bool = False) -> requests.Response:
    """Write records."""
    return org.call(method, "composite/sobjects", json={"allOrNone": all_or_none, "records": records})


def codes(answer: requests.Response) -> list[str | None]:
    """The code of each record's first error, None for those that were written."""
    assert answer.status_code == 200, answer.text
    return [None if row["success"] else row["errors"][0]["statusCode"] for row in answer.json()]


@pytest.mark.fact(COLLECTIONS, DOCUMENTED)
def test_each_record_is_answered_in_its_place(org: Tenant) -> None:
    answer = send(org, "POST", *org.typed("Account", {"Name": org.name()}, {"Site": "Here"}, {"Name": org.name()}))

    first, second, third = answer.json()
    assert answer.status_code == 200
    org.expect("success", {**first, "id": ""}, {"id": "", "success": True, "errors": []})
    error = {
        "statusCode": "REQUIRED_FIELD_MISSING",
        "message": "Required fields are missing: [Name]",
        "fields": ["Name"],
    }
    org.expect("refusal", {**second}, {"success": False, "errors": [error]})
    assert third["id"] != first["id"]


@pytest.mark.fact(COLLECTIONS, DOCUMENTED)
def test_the_answer_is_200_though_every_record_was_refused(org: Tenant) -> None:
    answer = send(org, "POST", *org.typed("Account", {"Site": "Here"}, {"Site": "There"}))

    org.expect("codes", codes(answer), ["REQUIRED_FIELD_MISSING"] * 2)


@pytest.mark.fact(COLLECTIONS, DOCUMENTED)
def test_all_or_none_keeps_nothing_when_one_is_refused(org: Tenant) -> None:
    name = org.name()

    answer = send(org, "POST", *org.typed("Account", {"Name": name}, {"Site": "Here"}), all_or_none=True)

    org.expect("codes", codes(answer), ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING"])
    org.expect("message", answer.json()[0]["errors"][0]["message"], ROLLED_BACK)
    assert org.rows(f"SELECT Id FROM Account WHERE Name = '{name}'") == []


@pytest.mark.fact(COLLECTIONS, DOCUMENTED)
@pytest.mark.parametrize(("number", "status"), [(200, 200), (201, 400)])
def test_a_request_carries_200_records(org: Tenant, number: int, status: int) -> None:
    answer = send(org, "POST", *org.typed("Account", *({"Site": "without a name"} for _ in range(number))))

    org.expect("status", answer.status_code, status)


@pytest.mark.fact(COLLECTIONS, REPORTED)
def test_too_many_records_are_told(org: Tenant) -> None:
    answer = send(org, "POST", *org.typed("Account", *({"Site": "without a name"} for _ in range(201))))

    org.expect("refusal", refusal(answer), (400, "EXCEEDED_ID_LIMIT"))
    expected = "record limit reached. cannot submit more than 200 records into this call"
    org.expect("message", answer.json()[0]["message"], expected)


@pytest.mark.fact(COLLECTIONS, DOCUMENTED)
def test_records_of_several_types_go_together(org: Tenant) -> None:
    records = [
        *org.typed("Account", {"Name": org.name()}),
        *org.typed("Contact", {"LastName": org.name()}),
        *org.typed("Account", {"Name": org.name()}),
    ]

    answer = send(org, "POST", *records)

    org.expect("key prefixes", [row["id"][:3] for row in answer.json()], ["001", "003", "001"])


@pytest.mark.fact(COLLECTIONS, DOCUMENTED)
def test_a_setup_object_and_another_are_not_made_together(org: Tenant) -> None:
    name = org.name()
    records = [
        *org.typed("Account", {"Name": name}),
        *org.typed("PermissionSet", {"Name": name.replace("-", "_").replace(" ", "_"), "Label": name}),
    ]

    answer = send(org, "POST", *records)

    told = refusal(answer)[1] if answer.status_code >= 400 else codes(answer)
    org.expect("answer", told, [None, "MIXED_DML_OPERATION"], is_known=False)
    made = [
        org.rows(f"SELECT Id FROM {kind} = '{name}'") for kind in ("Account WHERE Name", "PermissionSet WHERE Label")
    ]
    assert not all(made)


@pytest.mark.fact(COLLECTIONS, DOCUMENTED)
@pytest.mark.parametrize("key", ["id", "Id"])
def test_records_are_changed_by_id(org: Tenant, key: str) -> None:
    account = org.account(Site="Here")

    answer = send(org, "PATCH", *org.typed("Account", {key: account, "Site": "There"}))

    org.expect("answer", answer.json(), [{"id": account, "success": True, "errors": []}])
    assert org.row("Account", account, "Site") == {"Site": "There"}


@pytest.mark.fact(COLLECTIONS, DOCUMENTED)
def test_a_change_of_a_record_that_is_not_there_is_refused_alone(org: Tenant) -> None:
    account = org.account()

    answer = send(org, "PATCH", *org.typed("Account", {"id": NO_ACCOUNT, "Site": "a"}, {"id": account, "Site": "b"}))

    assert [row["success"] for row in answer.json()] == [False, True]
    org.expect("code", codes(answer)[0], "INVALID_CROSS_REFERENCE_KEY", is_known=False)


@pytest.mark.fact(COLLECTIONS, INFERRED)
def test_a_change_without_an_id_is_refused(org: Tenant) -> None:
    answer = send(org, "PATCH", *org.typed("Account", {"Site": "Here"}))

    org.expect("code", codes(answer), ["MISSING_ARGUMENT"])


@pytest.mark.fact(COLLECTIONS, INFERRED)
def test_an_id_of_another_object_is_refused(org: Tenant) -> None:
    contact = org.contact()

    answer = send(org, "PATCH", *org.typed("Account", {"id": contact, "Site": "Here"}))

    org.expect("codes", codes(answer), ["MALFORMED_ID"])


@pytest.mark.fact(COLLECTIONS, DOCUMENTED)
def test_records_are_deleted_by_ids_in_the_uri(org: Tenant) -> None:
    ids = [org.account(), org.account()]

    answer = org.call("DELETE", "composite/sobjects", params={"ids": ",".join(ids)})

    org.expect("answer", answer.json(), [{"id": record_id, "success": True, "errors": []} for record_id in ids])


@pytest.mark.fact(COLLECTIONS, DOCUMENTED)
def test_all_or_none_deletes_nothing_when_one_is_refused(org: Tenant) -> None:
    account, gone = org.account(), org.account()
    org.call("DELETE", f"sobjects/Account/{gone}")

    answer = org.call("DELETE", "composite/sobjects", params={"ids": f"{account},{gone}", "allOrNone": "true"})

    assert codes(answer)[0] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    org.expect("code", codes(answer)[1], "ENTITY_IS_DELETED", is_known=False)
    assert len(org.rows(f"SELECT Id FROM Account WHERE Id = '{account}'")) == 1


@pytest.mark.fact(COLLECTIONS, DOCUMENTED)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_records_are_read_by_ids_with_null_for_those_that_are_not_there(org: Tenant, method: str) -> None:
    account = org.account(Site="Here")
    ids, path = [account, NO_ACCOUNT], "composite/sobjects/Account"

    if method == "GET":
        answer = org.get(path, params={"ids": ",".join(ids), "fields": "Id,Site"})
    else:
        answer = org.post(path, {"ids": ids, "fields": ["Id", "Site"]})

    first, second = answer.json()
    assert (first["Id"], first["Site"], first["attributes"]["type"]) == (account, "Here", "Account")
    org.expect("record that is not there", second, None)


@pytest.mark.fact(COLLECTIONS, DOCUMENTED)
def test_a_field_that_can_not_be_read_refuses_the_whole(org: Tenant) -> None:
    account = org.account()

    answer = org.get("composite/sobjects/Account", params={"ids": account, "fields": "Id,Nonsense"})

    org.expect("status", answer.status_code, 400)
    org.expect("code", refusal(answer)[1], "INVALID_FIELD", is_known=False)


@pytest.mark.fact(COLLECTIONS, DOCUMENTED)
def test_records_are_upserted_by_an_external_id(org: Tenant) -> None:
    key, values = org.external_id("Account"), [org.name()[-15:], org.name()[-15:]]
    old = org.account(**{key: values[0]})
    records = org.typed("Account", *({key: value, "Name": org.name()} for value in values))

    answer = org.patch(f"composite/sobjects/Account/{key}", {"allOrNone": False, "records": records})

    told = [(row["success"], row["created"]) for row in answer.json()]
    org.expect("answer", told, [(True, False), (True, True)])
    assert answer.json()[0]["id"] == old


@pytest.mark.fact(COLLECTIONS, DOCUMENTED)
def test_a_record_without_its_type_refuses_the_whole(org: Tenant) -> None:
    answer = send(org, "POST", {"Name": org.name()})

    org.expect("status", answer.status_code, 400)
