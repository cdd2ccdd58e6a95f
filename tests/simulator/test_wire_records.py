"""Rows of one object: create, read, update, delete, by Id and by external id."""

from collections.abc import Iterator

import pytest

from tests.simulator.wired import Api, refusal, served_api

KIM = "kim.lee@acme.example"
NOWHERE = "001000000000ZZZAAA"


@pytest.fixture
def api() -> Iterator[Api]:
    with served_api() as served:
        yield served


def user_id(api: Api, username: str) -> str:
    return str(api.rows(f"SELECT Id FROM User WHERE Username = '{username}'")[0]["Id"])


def test_a_record_lives_from_create_to_delete(api: Api) -> None:
    created = api.post("sobjects/Account/", {"Name": "Umbrella"})
    assert created.status_code == 201
    record_id = created.json()["id"]
    assert created.json() == {"id": record_id, "success": True, "errors": []}
    assert created.headers["Location"].endswith(f"/sobjects/Account/{record_id}")

    updated = api.patch(f"sobjects/account/{record_id}", {"name": "Umbrella Ltd"})
    assert (updated.status_code, updated.content) == (204, b"")
    read = api.get(f"sobjects/Account/{record_id}", params={"fields": "name, Phone"})
    assert {key: read.json()[key] for key in ("Id", "Name", "Phone")} == {
        "Id": record_id,
        "Name": "Umbrella Ltd",
        "Phone": None,
    }

    deleted = api.call("DELETE", f"sobjects/Account/{record_id}")
    assert deleted.status_code == 204
    assert refusal(api.get(f"sobjects/Account/{record_id}")) == (404, "NOT_FOUND")
    assert refusal(api.call("DELETE", f"sobjects/Account/{record_id}")) == (404, "ENTITY_IS_DELETED")


def test_fifteen_characters_name_the_same_record_as_eighteen(api: Api) -> None:
    record_id = api.id_of("Account", "Acme")

    short = api.get(f"sobjects/Account/{record_id[:15]}").json()
    updated = api.patch(f"sobjects/Account/{record_id[:15]}", {"Phone": "1"})

    assert short["Id"] == record_id
    assert updated.status_code == 204


@pytest.mark.parametrize("record_id", ["-1", NOWHERE, "001", "x" * 18])
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_an_id_of_no_record_is_not_found(api: Api, method: str, record_id: str) -> None:
    body = {"Phone": "1"} if method == "PATCH" else None

    answer = api.call(method, f"sobjects/Account/{record_id}", json=body)

    assert refusal(answer) == (404, "NOT_FOUND")
    assert answer.json()[0]["message"].endswith(record_id)


def test_an_id_in_the_body_never_turns_the_update_to_another_record(api: Api) -> None:
    acme, globex = api.id_of("Account", "Acme"), api.id_of("Account", "Globex")

    answers = [api.patch(f"sobjects/Account/{acme}", {name: globex, "Phone": "1"}) for name in ("id", "Id", "ID")]

    assert [refusal(answer) for answer in answers] == [(400, "INVALID_FIELD")] * 3
    assert api.rows("SELECT Phone FROM Account WHERE Phone = '1'") == []


def test_a_refused_record_names_its_fields(api: Api) -> None:
    answer = api.post("sobjects/Contact", {"FirstName": "No Last Name"})

    assert refusal(answer) == (400, "REQUIRED_FIELD_MISSING")
    assert answer.json()[0]["fields"] == ["LastName"]


def test_an_unknown_field_an_unknown_object_and_a_forbidden_method_are_refused(api: Api) -> None:
    acme = api.id_of("Account", "Acme")

    assert refusal(api.get(f"sobjects/Account/{acme}", params={"fields": "Nope"})) == (400, "INVALID_FIELD")
    assert refusal(api.get("sobjects/Nope/describe")) == (404, "NOT_FOUND")
    assert refusal(api.post("sobjects/Nope", {"Name": "x"})) == (404, "NOT_FOUND")
    assert refusal(api.call("PUT", f"sobjects/Account/{acme}")) == (405, "METHOD_NOT_ALLOWED")
    assert refusal(api.call("DELETE", f"sobjects/User/{user_id(api, KIM)}")) == (405, "METHOD_NOT_ALLOWED")


def test_an_upsert_updates_the_record_of_that_key_and_creates_one_for_a_new_key(api: Api) -> None:
    known = user_id(api, KIM)

    updated = api.patch(f"sobjects/User/Username/{KIM}", {"Title": "Dr"})
    missing = api.patch("sobjects/User/Username/new@acme.example?updateOnly=true", {"Title": "Dr"})
    refused = api.patch("sobjects/User/Username/new@acme.example", {"Title": "Dr"})

    assert updated.status_code == 200
    assert updated.json() == {"id": known, "success": True, "errors": [], "created": False}
    assert refusal(missing) == (404, "NOT_FOUND")
    assert refusal(refused) == (400, "REQUIRED_FIELD_MISSING")


def test_an_upsert_that_creates_answers_201(api: Api) -> None:
    template = api.rows(
        "SELECT LastName, Email, ProfileId, TimeZoneSidKey, LocaleSidKey, EmailEncodingKey, LanguageLocaleKey "
        f"FROM User WHERE Username = '{KIM}'"
    )[0]

    answer = api.patch("sobjects/User/username/new@acme.example", {**template, "Alias": "newer"})

    assert answer.status_code == 201, answer.text
    assert answer.json()["created"] is True
    assert user_id(api, "new@acme.example") == answer.json()["id"]


def test_an_upsert_by_id_updates_that_record(api: Api) -> None:
    acme = api.id_of("Account", "Acme")

    answer = api.patch(f"sobjects/Account/Id/{acme[:15]}", {"Phone": "7"})

    assert answer.status_code == 200
    assert api.rows("SELECT Name FROM Account WHERE Phone = '7'") == [{"Name": "Acme"}]


@pytest.mark.parametrize(("version", "status"), [("45.0", 204), ("46.0", 200)])
def test_an_upsert_that_updates_is_silent_before_version_46(api: Api, version: str, status: int) -> None:
    answer = api.patch(f"sobjects/User/Username/{KIM}", {"Title": "Dr"}, version=version)

    assert answer.status_code == status


def test_a_key_of_several_records_is_answered_with_their_urls(api: Api) -> None:
    acme = api.id_of("Account", "Acme")
    shared = {"Email": "two@acme.example", "AccountId": acme}
    contacts = [api.post("sobjects/Contact", {"LastName": n, **shared}).json()["id"] for n in ("One", "Two")]

    answers = [
        api.get("sobjects/Contact/Email/two@acme.example"),
        api.patch("sobjects/Contact/Email/two@acme.example", {"LastName": "x"}),
        api.call("DELETE", "sobjects/Contact/Email/two@acme.example"),
    ]

    assert [answer.status_code for answer in answers] == [300] * 3
    assert answers[0].json() == [f"/services/data/v66.0/sobjects/Contact/{contact}" for contact in contacts]
    assert api.count("SELECT COUNT() FROM Contact WHERE Email = 'two@acme.example' AND LastName != 'x'") == 2


def test_a_record_is_read_and_deleted_by_its_key(api: Api) -> None:
    acme = api.id_of("Account", "Acme")
    body = {"LastName": "One", "Email": "one@acme.example", "AccountId": acme}
    contact = api.post("sobjects/Contact", body).json()["id"]

    read = api.get("sobjects/Contact/Email/one@acme.example", params={"fields": "LastName"})
    deleted = api.call("DELETE", "sobjects/Contact/Email/one@acme.example")

    assert (read.json()["Id"], read.json()["LastName"]) == (contact, "One")
    assert deleted.status_code == 204
    assert refusal(api.get("sobjects/Contact/Email/one@acme.example")) == (404, "NOT_FOUND")


def test_a_key_with_slashes_is_one_value(api: Api) -> None:
    answer = api.get("sobjects/User/Username/http:%2F%2Fevil.example%2Fa")

    assert refusal(answer) == (404, "NOT_FOUND")
    assert answer.json()[0]["message"] == "The requested resource does not exist"


def test_a_field_that_is_no_key_is_not_found(api: Api) -> None:
    assert refusal(api.get("sobjects/User/Title/Dr")) == (404, "NOT_FOUND")
    assert refusal(api.patch("sobjects/User/Nope/Dr", {})) == (404, "NOT_FOUND")


def test_an_update_that_names_its_key_again_is_refused(api: Api) -> None:
    answer = api.patch(f"sobjects/User/Username/{KIM}", {"username": "other@acme.example"})

    assert refusal(answer) == (400, "INVALID_FIELD")
    assert user_id(api, KIM)


def test_describe_tells_the_object_and_its_fields(api: Api) -> None:
    listed = api.get("sobjects").json()
    about = api.get("sobjects/user").json()
    described = api.get("sobjects/USER/Describe").json()

    assert {"User", "Contact", "Account"} <= {item["name"] for item in listed["sobjects"]}
    assert "fields" not in about["objectDescribe"]
    assert described["name"] == "User"
    assert {"Username", "ContactId"} <= {field["name"] for field in described["fields"]}
