"""Values as clients send them, and what is stored or refused."""

from typing import Any

import pytest

from reconciler.simulator.errors import RowError
from tests.rule_org import RuleOrg, rule_org


def _stored(org: RuleOrg, sobject: str, field: str, value: object) -> object:
    row: dict[str, Any] = {"Contact": {"LastName": "James"}, "Account": {"Name": "Initech"}}[sobject]
    return org.get(sobject, org.insert(sobject, **{**row, field: value}))[field]


@pytest.mark.parametrize(
    ("sobject", "field", "sent", "stored"),
    [
        ("Contact", "Title", "  Buyer ", "Buyer"),
        ("Contact", "Title", "", None),
        ("Contact", "Title", "   ", None),
        ("Contact", "Title", None, None),
        ("Contact", "Title", "Grüße 🙂 \u0000", "Grüße 🙂 \u0000"),
        ("Contact", "Email", "Sonia@Acme.example", "Sonia@Acme.example"),
        ("Contact", "Birthdate", "1990-02-28", "1990-02-28"),
        ("Contact", "Birthdate", "1990-02-28T00:00:00Z", "1990-02-28"),
        ("Contact", "EmailBouncedDate", "2026-01-01T10:00:00+02:00", "2026-01-01T08:00:00.000+0000"),
        ("Contact", "CleanStatus", "Pending", "Pending"),
        ("Contact", "Salutation", "Citizen", "Citizen"),
        ("Account", "NumberOfEmployees", 12, 12),
        ("Account", "NumberOfEmployees", "12", 12),
        ("Account", "NumberOfEmployees", 12.0, 12),
        ("Account", "AnnualRevenue", 12.5, 12.5),
        ("Account", "AnnualRevenue", "1e3", 1000.0),
    ],
)
def test_a_value_is_stored_in_the_form_of_its_type(sobject: str, field: str, sent: object, stored: object) -> None:
    with rule_org() as org:
        assert _stored(org, sobject, field, sent) == stored


@pytest.mark.parametrize(
    ("sent", "stored"), [(True, True), (False, False), ("true", True), ("FALSE", False), ("1", True), ("0", False)]
)
def test_a_checkbox_takes_json_and_the_words_of_csv(sent: object, stored: bool) -> None:  # noqa: FBT001
    with rule_org() as org:
        assert org.get("User", org.user(IsActive=sent))["IsActive"] is stored


@pytest.mark.parametrize(
    ("sobject", "field", "sent"),
    [
        ("Contact", "Birthdate", "28.02.1990"),
        ("Contact", "Birthdate", "1990-02-30"),
        ("Contact", "Birthdate", "1990-02-28 noon"),
        ("Contact", "EmailBouncedDate", "yesterday"),
        ("Account", "NumberOfEmployees", "many"),
        ("Account", "NumberOfEmployees", 1.5),
        ("Account", "NumberOfEmployees", 10**30),
        ("Account", "AnnualRevenue", "NaN"),
        ("Account", "AnnualRevenue", float("inf")),
        ("User", "IsActive", "maybe"),
    ],
)
def test_text_that_is_no_value_of_the_type_is_refused(sobject: str, field: str, sent: object) -> None:
    with rule_org() as org:
        row = {"Contact": {"LastName": "x"}, "Account": {"Name": "x"}, "User": org.user_row("a@acme.example")}[sobject]

        error = org.refused_insert(sobject, **{**row, field: sent})

    assert (error.code, error.fields) == ("INVALID_TYPE_ON_FIELD_IN_RECORD", (field,))
    assert error.message.endswith(f"value not of required type: {sent}")


@pytest.mark.parametrize(
    ("sobject", "field", "sent", "shown"),
    [
        ("Contact", "Title", 5, "string from VALUE_NUMBER_INT value 5"),
        ("Contact", "Title", 5.5, "string from VALUE_NUMBER_FLOAT value 5.5"),
        ("Contact", "Title", True, "string from VALUE_BOOLEAN value true"),
        ("Contact", "Title", ["a"], "string from START_ARRAY value ['a']"),
        ("Contact", "Title", {"a": "b"}, "string from START_OBJECT value {'a': 'b'}"),
        ("Account", "NumberOfEmployees", True, "int from VALUE_BOOLEAN value true"),
        ("User", "IsActive", 1, "boolean from VALUE_NUMBER_INT value 1"),
    ],
)
def test_json_of_another_kind_is_a_parser_error(sobject: str, field: str, sent: object, shown: str) -> None:
    with rule_org() as org:
        row = {"Contact": {"LastName": "x"}, "Account": {"Name": "x"}, "User": org.user_row("a@acme.example")}[sobject]

        error = org.refused_insert(sobject, **{**row, field: sent})

    message = f"Cannot deserialize instance of {shown} or request may be missing a required field"
    assert error == RowError("JSON_PARSER_ERROR", message, (field,))


def test_text_is_as_long_as_its_field() -> None:
    with rule_org() as org:
        fits, error = org.insert("Contact", LastName="x" * 80), org.refused_insert("Contact", LastName="x" * 81)

    message = f"Last Name: data value too large: {'x' * 81} (max length=80)"
    assert fits
    assert error == RowError("STRING_TOO_LONG", message, ("LastName",))


def test_half_a_character_is_no_text() -> None:
    with rule_org() as org:
        error = org.refused_insert("Contact", LastName="James \ud83d")

    assert error.code == "JSON_PARSER_ERROR"


@pytest.mark.parametrize("email", ["sonia", "sonia@acme", "so nia@acme.example", "@acme.example", "sonia@acme."])
def test_an_email_that_is_no_address_is_refused(email: str) -> None:
    with rule_org() as org:
        error = org.refused_insert("Contact", LastName="James", Email=email)

    assert error == RowError("INVALID_EMAIL_ADDRESS", f"Email: invalid email address: {email}", ("Email",))


@pytest.mark.parametrize(
    ("field", "label"), [("LanguageLocaleKey", "Language"), ("EmailEncodingKey", "Email Encoding")]
)
def test_a_restricted_picklist_takes_its_own_values_only(field: str, label: str) -> None:
    with rule_org() as org:
        error = org.refused_insert("User", **org.user_row("sonia@acme.example", **{field: "xx"}))

    message = f"{label}: bad value for restricted picklist field: xx"
    assert error == RowError("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, (field,))


def test_a_reference_to_a_record_that_is_not_there_or_deleted_is_refused() -> None:
    with rule_org() as org:
        gone = org.insert("Account", Name="Initech")
        org.delete("Account", gone)

        errors = [org.refused_insert("Contact", LastName="x", AccountId=to) for to in ("001000000000zzz", gone)]

    assert errors == [RowError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")] * 2


def test_a_reference_that_is_no_id_or_of_another_object_is_refused() -> None:
    with rule_org() as org:
        malformed = org.refused_insert("Contact", LastName="x", AccountId="Acme")
        other = org.refused_insert("Contact", LastName="x", AccountId=org.admin)

    assert malformed == RowError("MALFORMED_ID", "Account ID: id value of incorrect type: Acme", ("AccountId",))
    message = f"Account ID: id value of incorrect type: {org.admin}"
    assert other == RowError("FIELD_INTEGRITY_EXCEPTION", message, ("AccountId",))


@pytest.mark.parametrize(
    "owner",
    [
        {"Owner": {"Username": "integration@acme.example"}},
        {"owner": {"attributes": {"type": "User"}, "username": "INTEGRATION@acme.example"}},
        {"Owner.Username": "integration@acme.example"},
    ],
)
def test_a_parent_may_be_named_by_its_key(owner: dict[str, Any]) -> None:
    with rule_org() as org:
        account = org.insert("Account", Name="Initech", **owner)

        assert org.get("Account", account)["OwnerId"] == org.integration


def test_a_parent_that_is_named_by_nothing_is_none() -> None:
    with rule_org() as org:
        manager = org.user("kim@acme.example", ManagerId=org.admin)

        org.update("User", manager, Manager={"Username": None})

        assert org.get("User", manager)["ManagerId"] is None


@pytest.mark.parametrize("owner", [{"LastName": "Admin"}, {"Nickname": "x"}, {}, {"Username": "x", "Email": "y"}])
def test_a_parent_is_named_by_one_key_only(owner: dict[str, str]) -> None:
    with rule_org() as org:
        error = org.refused_insert("Account", Name="Initech", Owner=owner)

    assert (error.code, error.fields) == ("INVALID_FIELD", ("OwnerId",))
    assert error.message.startswith("Field name provided,")


def test_a_parent_that_is_not_there_is_refused() -> None:
    with rule_org() as org:
        error = org.refused_insert("Account", Name="Initech", Owner={"Username": "nobody@acme.example"})

    message = "Foreign key external ID: nobody@acme.example not found for field Username in entity User"
    assert error == RowError("INVALID_FIELD", message, ("OwnerId",))


def test_attributes_are_no_field() -> None:
    with rule_org() as org:
        contact = org.insert("Contact", attributes={"type": "Contact"}, LastName="James")

        assert org.get("Contact", contact)["LastName"] == "James"
