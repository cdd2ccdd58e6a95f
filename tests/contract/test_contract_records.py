"""Single records: create, read, update, delete, upsert."""

import re

import pytest

from tests.contract.sources import DOCUMENTED, INFERRED, QUERY_ALL, RECORDS, REPORTED, ROWS, UPSERT
from tests.contract.tenant import VERSION, Tenant, refusal


@pytest.mark.fact(RECORDS, DOCUMENTED)
def test_a_new_record_is_answered_with_its_id(org: Tenant) -> None:
    answer = org.post("sobjects/Account", {"Name": org.name()})

    body = answer.json()
    org.expect("status", answer.status_code, 201)
    assert re.fullmatch(r"001[A-Za-z0-9]{15}", body["id"])
    org.expect("body", {**body, "id": ""}, {"id": "", "success": True, "errors": []})


@pytest.mark.fact(RECORDS, INFERRED)
def test_a_new_record_is_told_where_it_is(org: Tenant) -> None:
    answer = org.post("sobjects/Account", {"Name": org.name()})

    expected = f"/services/data/v{VERSION}/sobjects/Account/{answer.json()['id']}"
    org.expect("Location", answer.headers.get("Location"), expected)


@pytest.mark.fact(ROWS, DOCUMENTED)
def test_a_record_is_read_with_all_of_its_fields(org: Tenant) -> None:
    name = org.name()
    account = org.account(Name=name, Site="Here")

    record = org.get(f"sobjects/Account/{account}").json()

    url = f"/services/data/v{VERSION}/sobjects/Account/{account}"
    org.expect("attributes", record["attributes"], {"type": "Account", "url": url})
    assert (record["Id"], record["Name"], record["Site"], record["Phone"]) == (account, name, "Here", None)
    assert {"OwnerId", "CreatedDate", "LastModifiedDate", "SystemModstamp", "IsDeleted"} <= set(record)


@pytest.mark.fact(ROWS, DOCUMENTED)
def test_a_record_is_read_with_chosen_fields(org: Tenant) -> None:
    account = org.account(Site="Here")

    record = org.get(f"sobjects/Account/{account}", params={"fields": "Site,Phone"}).json()

    assert (record["Site"], record["Phone"]) == ("Here", None)
    org.expect("fields", sorted(record), ["Id", "Phone", "Site", "attributes"], is_known=False)


@pytest.mark.fact(ROWS, REPORTED)
def test_a_field_that_can_not_be_read_is_refused(org: Tenant) -> None:
    account = org.account()

    answer = org.get(f"sobjects/Account/{account}", params={"fields": "Nonsense"})

    org.expect("refusal", refusal(answer), (400, "INVALID_FIELD"))


@pytest.mark.fact(ROWS, DOCUMENTED)
def test_a_changed_record_is_answered_with_nothing(org: Tenant) -> None:
    account = org.account(Site="Here", Phone="1")

    answer = org.patch(f"sobjects/Account/{account}", {"Site": "There"})

    org.expect("answer", (answer.status_code, answer.content), (204, b""))
    assert org.row("Account", account, "Site", "Phone") == {"Site": "There", "Phone": "1"}


@pytest.mark.fact(ROWS, DOCUMENTED)
@pytest.mark.parametrize("value", [None, ""])
def test_null_and_empty_text_empty_a_field(org: Tenant, value: str | None) -> None:
    account = org.account(Site="Here")

    org.update("Account", account, Site=value)

    org.expect("Site", org.row("Account", account, "Site")["Site"], None)


@pytest.mark.fact(ROWS, INFERRED)
def test_blanks_around_a_text_are_left_out(org: Tenant) -> None:
    account = org.account(Site="  Here ")

    org.expect("Site", org.row("Account", account, "Site")["Site"], "Here")


@pytest.mark.fact(ROWS, DOCUMENTED)
def test_the_names_of_fields_have_no_case(org: Tenant) -> None:
    account = org.account(sITE="Here")

    org.expect("Site", org.row("Account", account, "Site")["Site"], "Here")


@pytest.mark.fact(ROWS, DOCUMENTED)
def test_an_id_of_15_characters_is_as_good_as_one_of_18(org: Tenant) -> None:
    account = org.account()

    org.update("Account", account[:15], Site="Here")

    org.expect("Id", org.get(f"sobjects/Account/{account[:15]}").json()["Id"], account)


@pytest.mark.fact(ROWS, DOCUMENTED)
def test_a_deleted_record_is_in_the_recycle_bin_alone(org: Tenant) -> None:
    account = org.account()

    answer = org.call("DELETE", f"sobjects/Account/{account}")

    org.expect("answer", (answer.status_code, answer.content), (204, b""))
    soql = f"SELECT Id, IsDeleted FROM Account WHERE Id = '{account}'"
    assert org.rows(soql) == []
    (found,) = org.get("queryAll", params={"q": soql}).json()["records"]
    org.expect("IsDeleted", found["IsDeleted"], True)
    assert org.get(f"sobjects/Account/{account}").status_code == 404


@pytest.mark.fact(ROWS, INFERRED)
@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
def test_a_deleted_record_is_neither_changed_nor_deleted_again(org: Tenant, method: str) -> None:
    account = org.account()
    org.call("DELETE", f"sobjects/Account/{account}")

    answer = org.call(method, f"sobjects/Account/{account}", json={"Site": "Here"} if method == "PATCH" else None)

    org.expect("refusal", refusal(answer), (404, "ENTITY_IS_DELETED"))


@pytest.mark.fact(QUERY_ALL, DOCUMENTED)
def test_contacts_go_with_their_account(org: Tenant) -> None:
    account = org.account()
    contact = org.contact(account)

    org.call("DELETE", f"sobjects/Account/{account}")

    assert org.rows(f"SELECT Id FROM Contact WHERE Id = '{contact}'") == []


@pytest.mark.fact(RECORDS, DOCUMENTED)
def test_a_record_is_its_creators_and_stamped(org: Tenant) -> None:
    contact = org.contact()

    names = ("OwnerId", "CreatedById", "LastModifiedById", "CreatedDate", "LastModifiedDate")
    found = org.row("Contact", contact, *names)

    assert found["OwnerId"] == found["CreatedById"] == found["LastModifiedById"]
    assert found["CreatedDate"] == found["LastModifiedDate"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000", found["CreatedDate"])


@pytest.mark.fact(RECORDS, DOCUMENTED)
def test_a_person_has_a_name_of_first_and_last(org: Tenant) -> None:
    last = org.name()
    contacts = [org.contact(FirstName="Ada", LastName=last), org.contact(LastName=last)]

    names = [org.row("Contact", contact, "Name")["Name"] for contact in contacts]

    org.expect("names", names, [f"Ada {last}", last])


@pytest.mark.fact(RECORDS, DOCUMENTED)
def test_a_parent_may_be_named_by_an_external_id(org: Tenant) -> None:
    key, value = org.external_id("Account"), org.name()[-15:]
    account = org.account(**{key: value})

    contact = org.contact(None, Account={key: value})

    assert org.row("Contact", contact, "AccountId") == {"AccountId": account}


@pytest.mark.fact(UPSERT, DOCUMENTED)
def test_an_upsert_creates_and_then_updates(org: Tenant) -> None:
    key, value = org.external_id("Account"), org.name()[-15:]
    path, name = f"sobjects/Account/{key}/{value}", org.name()

    answers = [org.patch(path, {"Name": name}), org.patch(path, {"Name": name, "Site": "Here"})]

    told = [(answer.status_code, answer.json()["success"], answer.json()["created"]) for answer in answers]
    org.expect("answers", told, [(201, True, True), (200, True, False)])
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert [row["Site"] for row in org.rows(f"SELECT Site FROM Account WHERE Name = '{name}'")] == ["Here"]


@pytest.mark.fact(UPSERT, DOCUMENTED)
def test_an_upsert_that_updates_was_silent_up_to_45(org: Tenant) -> None:
    key, value = org.external_id("Account"), org.name()[-15:]
    path, name = f"sobjects/Account/{key}/{value}", org.name()

    answers = [org.patch(path, {"Name": name}, version=version) for version in ("45.0", "45.0", "46.0")]

    org.expect("statuses", [answer.status_code for answer in answers], [201, 204, 200])


@pytest.mark.fact(UPSERT, DOCUMENTED)
def test_an_upsert_may_be_kept_from_creating(org: Tenant) -> None:
    key, value = org.external_id("Account"), org.name()[-15:]

    answer = org.patch(f"sobjects/Account/{key}/{value}", {"Name": org.name()}, params={"updateOnly": "true"})

    org.expect("status", answer.status_code, 404)
    assert org.rows(f"SELECT Id FROM Account WHERE {key} = '{value}'") == []


@pytest.mark.fact(UPSERT, DOCUMENTED)
def test_a_record_is_read_and_deleted_by_its_external_id(org: Tenant) -> None:
    key, value = org.external_id("Account"), org.name()[-15:]
    account, path = org.account(**{key: value}), f"sobjects/Account/{key}/{value}"

    read, deleted = org.get(path), org.call("DELETE", path)

    assert read.json()["Id"] == account
    org.expect("status", deleted.status_code, 204)
    assert org.get(path).status_code == 404
