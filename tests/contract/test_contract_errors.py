"""How refused requests look: status, code, sentence and fields."""

from typing import Any

import pytest
import requests

from tests.contract.sources import DOCUMENTED, ERRORS, INFERRED, REPORTED, USER
from tests.contract.tenant import VERSION, Bearer, Tenant, refusal

NO_ACCOUNT = "001000000000000AAA"


def error(answer: requests.Response) -> dict[str, Any]:
    """The one error of a refused request."""
    (found,) = answer.json()
    return {"status": answer.status_code, **found}


@pytest.mark.fact(ERRORS, DOCUMENTED)
@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT Nonsense FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE Nonsense = 1", "INVALID_FIELD"),
        ("SELECT Id FROM Nonsense", "INVALID_TYPE"),
        ("SELECT FROM Account", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Name = 'open", "MALFORMED_QUERY"),
    ],
)
def test_a_query_that_can_not_be_answered_is_refused(org: Tenant, soql: str, code: str) -> None:
    answer = org.query(soql)

    org.expect("refusal", refusal(answer), (400, code))
    assert answer.headers["Content-Type"].startswith("application/json")


@pytest.mark.fact(ERRORS, DOCUMENTED)
def test_a_record_that_is_not_there_is_not_found(org: Tenant) -> None:
    answers = [
        org.get(f"sobjects/Account/{NO_ACCOUNT}"),
        org.patch(f"sobjects/Account/{NO_ACCOUNT}", {"Name": org.name()}),
        org.call("DELETE", f"sobjects/Account/{NO_ACCOUNT}"),
    ]

    org.expect("refusals", [refusal(answer)[0] for answer in answers], [404] * 3)
    org.expect("codes", [refusal(answer)[1] for answer in answers], ["NOT_FOUND"] * 3, is_known=False)


@pytest.mark.fact(ERRORS, DOCUMENTED)
@pytest.mark.parametrize("path", ["nonsense", "sobjects/Nonsense", "sobjects/Nonsense/describe"])
def test_a_resource_that_is_not_there_is_not_found(org: Tenant, path: str) -> None:
    org.expect("refusal", refusal(org.get(path)), (404, "NOT_FOUND"))


@pytest.mark.fact(ERRORS, REPORTED)
def test_an_id_that_is_none_is_not_found(org: Tenant) -> None:
    found = error(org.get("sobjects/Account/-1"))

    org.expect("refusal", (found["status"], found["errorCode"]), (404, "NOT_FOUND"))
    org.expect("message", found["message"], "Provided external ID field does not exist or is not accessible: -1")


@pytest.mark.fact(ERRORS, DOCUMENTED)
def test_a_session_that_is_none_is_refused(org: Tenant) -> None:
    answer = org.get("limits", auth=Bearer("00D000000000001!nonsense"))

    org.expect("refusal", refusal(answer), (401, "INVALID_SESSION_ID"))


@pytest.mark.fact(ERRORS, REPORTED)
def test_a_request_without_a_session_is_refused(org: Tenant) -> None:
    org.expect("refusal", refusal(org.get("limits", auth=None)), (401, "INVALID_SESSION_ID"))


@pytest.mark.fact(ERRORS, REPORTED)
@pytest.mark.parametrize("body", ["", "{", '{"Name": }', "nonsense"])
def test_a_body_that_is_no_json_is_refused(org: Tenant, body: str) -> None:
    answer = org.call("POST", "sobjects/Account", data=body, headers={"Content-Type": "application/json"})

    org.expect("refusal", refusal(answer), (400, "JSON_PARSER_ERROR"))


@pytest.mark.fact(ERRORS, REPORTED)
def test_an_empty_body_is_told_to_be_required(org: Tenant) -> None:
    answer = org.call("POST", "sobjects/Account", headers={"Content-Type": "application/json"})

    assert error(answer)["message"].startswith("The HTTP entity body is required")


@pytest.mark.fact(ERRORS, DOCUMENTED)
def test_a_method_that_a_resource_lacks_is_refused(org: Tenant) -> None:
    org.expect("refusal", refusal(org.call("PUT", "limits")), (405, "METHOD_NOT_ALLOWED"))


@pytest.mark.fact(ERRORS, REPORTED)
def test_a_new_record_without_its_name_is_refused(org: Tenant) -> None:
    found = error(org.post("sobjects/Account", {"Site": org.name()}))

    org.expect("refusal", (found["status"], found["errorCode"]), (400, "REQUIRED_FIELD_MISSING"))
    org.expect("message", found["message"], "Required fields are missing: [Name]")
    org.expect("fields", found["fields"], ["Name"])


@pytest.mark.fact(ERRORS, REPORTED)
def test_all_required_fields_that_are_missing_are_told(org: Tenant) -> None:
    found = error(org.post("sobjects/User", {"FirstName": org.name()}))

    required = {"Username", "LastName", "Email", "Alias", "TimeZoneSidKey", "LocaleSidKey", "EmailEncodingKey"}
    org.expect("code", found["errorCode"], "REQUIRED_FIELD_MISSING")
    assert required | {"ProfileId", "LanguageLocaleKey"} <= set(found["fields"])
    assert found["message"] == f"Required fields are missing: [{', '.join(found['fields'])}]"


@pytest.mark.fact(ERRORS, REPORTED)
@pytest.mark.parametrize("value", [None, ""])
def test_a_required_field_can_not_be_emptied(org: Tenant, value: str | None) -> None:
    account = org.account()

    found = error(org.patch(f"sobjects/Account/{account}", {"Name": value}))

    org.expect("refusal", (found["errorCode"], found["fields"]), ("REQUIRED_FIELD_MISSING", ["Name"]))


@pytest.mark.fact(ERRORS, INFERRED)
def test_a_field_that_an_object_lacks_is_refused(org: Tenant) -> None:
    found = error(org.post("sobjects/Account", {"Name": org.name(), "Nonsense": 1}))

    org.expect("refusal", (found["status"], found["errorCode"]), (400, "INVALID_FIELD"))
    org.expect("message", found["message"], "No such column 'Nonsense' on sobject of type Account")


@pytest.mark.fact(ERRORS, REPORTED)
def test_a_text_that_is_too_long_is_refused(org: Tenant) -> None:
    long = "x" * 81

    found = error(org.post("sobjects/Contact", {"LastName": long}))

    org.expect(
        "refusal", (found["status"], found["errorCode"], found["fields"]), (400, "STRING_TOO_LONG", ["LastName"])
    )
    org.expect("message", found["message"], f"Last Name: data value too large: {long} (max length=80)")


@pytest.mark.fact(ERRORS, REPORTED)
@pytest.mark.parametrize("address", ["x", "x@", "@x.example", "a b@x.example"])
def test_an_address_that_is_none_is_refused(org: Tenant, address: str) -> None:
    found = error(org.post("sobjects/Contact", {"LastName": org.name(), "Email": address}))

    org.expect("refusal", (found["status"], found["errorCode"]), (400, "INVALID_EMAIL_ADDRESS"))
    org.expect("message", found["message"], f"Email: invalid email address: {address}")
    org.expect("fields", found["fields"], ["Email"], is_known=False)


@pytest.mark.fact(ERRORS, REPORTED)
def test_a_value_that_a_restricted_picklist_lacks_is_refused(org: Tenant) -> None:
    found = error(org.post("sobjects/User", org.user_fields("External Identity", EmailEncodingKey="nonsense")))

    org.expect("code", found["errorCode"], "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")
    assert found["message"].endswith("bad value for restricted picklist field: nonsense")
    org.expect("fields", found["fields"], ["EmailEncodingKey"], is_known=False)


@pytest.mark.fact(ERRORS, REPORTED)
def test_a_reference_that_is_no_id_is_refused(org: Tenant) -> None:
    found = error(org.post("sobjects/Contact", {"LastName": org.name(), "AccountId": "nonsense"}))

    org.expect("refusal", (found["status"], found["errorCode"]), (400, "MALFORMED_ID"))
    org.expect("fields", found.get("fields"), ["AccountId"], is_known=False)


@pytest.mark.fact(ERRORS, REPORTED)
def test_a_reference_to_another_kind_of_record_is_refused(org: Tenant) -> None:
    contact = org.contact()

    found = error(org.post("sobjects/Contact", {"LastName": org.name(), "AccountId": contact}))

    org.expect("refusal", (found["status"], found["errorCode"]), (400, "FIELD_INTEGRITY_EXCEPTION"))
    assert f"id value of incorrect type: {contact}" in found["message"]


@pytest.mark.fact(ERRORS, REPORTED)
def test_a_reference_to_a_record_that_is_not_there_is_refused(org: Tenant) -> None:
    found = error(org.post("sobjects/Contact", {"LastName": org.name(), "AccountId": NO_ACCOUNT}))

    org.expect("refusal", (found["status"], found["errorCode"]), (400, "INVALID_CROSS_REFERENCE_KEY"))
    org.expect("message", found["message"], "invalid cross reference id")


@pytest.mark.fact(ERRORS, REPORTED)
def test_a_reference_to_a_deleted_record_is_refused(org: Tenant) -> None:
    account = org.account()
    org.call("DELETE", f"sobjects/Account/{account}")

    found = error(org.post("sobjects/Contact", {"LastName": org.name(), "AccountId": account}))

    org.expect("code", found["errorCode"], "INVALID_CROSS_REFERENCE_KEY", is_known=False)
    assert found["status"] == 400


@pytest.mark.fact(USER, REPORTED)
@pytest.mark.parametrize("field", ["AccountId", "UserType"])
def test_a_field_that_salesforce_sets_can_not_be_written(org: Tenant, field: str) -> None:
    value = {"AccountId": NO_ACCOUNT, "UserType": "PowerPartner"}[field]

    found = error(org.post("sobjects/User", org.user_fields("External Identity", **{field: value})))

    org.expect("refusal", (found["status"], found["errorCode"]), (400, "INVALID_FIELD_FOR_INSERT_UPDATE"))
    org.expect("fields", found["fields"], [field])
    assert found["message"].startswith(f"Unable to create/update fields: {field}. Please check the security settings")


@pytest.mark.fact(ERRORS, INFERRED)
def test_a_value_of_another_type_is_refused(org: Tenant) -> None:
    values: list[tuple[str, object]] = [("Name", 5), ("Name", True), ("Name", ["a"]), ("AnnualRevenue", "much")]
    answers = [org.post("sobjects/Account", {"Name": org.name(), field: value}) for field, value in values]

    got = [refusal(answer) if answer.status_code >= 400 else (answer.status_code, "") for answer in answers]
    wrong_type = (400, "INVALID_TYPE_ON_FIELD_IN_RECORD")
    org.expect("refusals", got, [(400, "JSON_PARSER_ERROR")] * 3 + [wrong_type])


@pytest.mark.fact(USER, INFERRED)
def test_users_are_not_deleted(org: Tenant) -> None:
    user = org.contactless()

    answer = org.call("DELETE", f"sobjects/User/{user}")

    org.expect("refusal", refusal(answer), (405, "METHOD_NOT_ALLOWED"))
    assert org.row("User", user, "IsActive") == {"IsActive": True}


@pytest.mark.fact(ERRORS, INFERRED)
def test_an_error_of_a_version_is_that_of_another(org: Tenant) -> None:
    answers = [org.post("sobjects/Account", {"Site": "x"}, version=version) for version in ("45.0", VERSION)]

    org.expect("both", answers[0].json(), answers[1].json())
