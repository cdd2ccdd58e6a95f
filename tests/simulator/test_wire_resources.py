"""The resources of an object besides its rows: what changed, relationships, passwords, conditions; limits."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reconciler.simulator.errors import ApiError
from reconciler.simulator.wire.changes import refuse_too_many
from tests.simulator.wired import Api, refusal, served_api

KIM = "kim.lee@acme.example"
LONG_AGO = "Fri, 01 Jan 2010 00:00:00 GMT"
LATER = "Fri, 01 Jan 2100 00:00:00 GMT"


@pytest.fixture
def api() -> Iterator[Api]:
    with served_api() as served:
        yield served


def span(**minutes: int) -> dict[str, str]:
    given = {"start": -60, "end": 60, **minutes}
    now = datetime.now(UTC)
    return {name: f"{now + timedelta(minutes=offset):%Y-%m-%dT%H:%M:%S+00:00}" for name, offset in given.items()}


def contact_of(api: Api, email: str = KIM) -> str:
    return str(api.rows(f"SELECT Id FROM Contact WHERE Email = '{email}'")[0]["Id"])


def test_deleted_records_are_told_until_they_come_back(api: Api) -> None:
    globex = api.post("sobjects/Account", {"Name": "Gone"}).json()["id"]
    role = api.post("sobjects/UserRole", {"Name": "Gone"}).json()["id"]
    api.call("DELETE", f"sobjects/Account/{globex}")
    api.call("DELETE", f"sobjects/UserRole/{role}")

    told = api.get("sobjects/Account/deleted/", params=span()).json()
    before = api.get("sobjects/Account/Deleted", params=span(end=-30)).json()
    roles = api.get("sobjects/UserRole/deleted", params=span()).json()

    assert [record["id"] for record in told["deletedRecords"]] == [globex]
    assert told["deletedRecords"][0]["deletedDate"] <= told["latestDateCovered"]
    assert told["earliestDateAvailable"] <= told["latestDateCovered"]
    assert before["deletedRecords"] == []
    assert [record["id"] for record in roles["deletedRecords"]] == [role]


def test_deleted_rows_are_seen_by_query_all_alone(api: Api) -> None:
    gone = api.post("sobjects/Account", {"Name": "Gone"}).json()["id"]
    api.call("DELETE", f"sobjects/Account/{gone}")
    soql = "SELECT Id, IsDeleted FROM Account WHERE Name = 'Gone'"

    rows = api.get("queryAll", params={"q": soql}).json()["records"]

    assert api.rows(soql) == []
    assert [(row["Id"], row["IsDeleted"]) for row in rows] == [(gone, True)]


def test_new_and_changed_records_are_told(api: Api) -> None:
    acme = api.id_of("Account", "Acme")

    told = api.get("sobjects/Account/updated", params=span()).json()
    before = api.get("sobjects/Account/updated", params=span(end=-30)).json()

    assert acme in told["ids"]
    assert told["latestDateCovered"] <= span()["end"].replace("+00:00", ".000+0000")
    assert before["ids"] == []


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, "MISSING_ARGUMENT"),
        ({**span(), "end": "soon"}, "INVALID_ARGUMENT"),
        (span(start=0, end=0), "INVALID_REPLICATION_DATE"),
        (span(start=-60 * 24 * 31), "INVALID_REPLICATION_DATE"),
    ],
)
@pytest.mark.parametrize("resource", ["updated", "deleted"])
def test_a_span_that_cant_be_answered_is_refused(api: Api, resource: str, params: dict[str, str], code: str) -> None:
    assert refusal(api.get(f"sobjects/Account/{resource}", params=params)) == (400, code)


def test_an_object_that_nobody_replicates_tells_no_changes(api: Api) -> None:
    assert refusal(api.get("sobjects/UserLicense/updated", params=span())) == (400, "INVALID_TYPE_FOR_OPERATION")


def test_an_answer_of_too_many_ids_is_refused() -> None:
    refuse_too_many(600_000)
    with pytest.raises(ApiError, match="EXCEEDED_ID_LIMIT"):
        refuse_too_many(600_001)


def test_a_plus_sign_may_stand_in_the_query_as_it_is(api: Api) -> None:
    dates = span()

    answer = api.get(f"sobjects/Account/updated?start={dates['start']}&end={dates['end']}")

    assert answer.status_code == 200


def test_a_parent_is_reached_by_its_relationship(api: Api) -> None:
    kim = contact_of(api)

    account = api.get(f"sobjects/Contact/{kim}/Account", params={"fields": "Name"})
    owner = api.get(f"sobjects/Contact/{kim[:15]}/account/Owner", params={"fields": "Username"})
    nobody = api.get(f"sobjects/Contact/{kim}/ReportsTo")
    nothing = api.get(f"sobjects/Contact/{kim}/Nope")
    unknown = api.get("sobjects/Contact/003000000000ZZZ/Account")
    deep = api.get(f"sobjects/Contact/{kim}/" + "/".join(["ReportsTo"] * 6))

    assert (account.json()["Name"], account.json()["attributes"]["type"]) == ("Acme", "Account")
    assert owner.json()["Username"] == "owner@acme.example"
    assert [refusal(answer) for answer in (nobody, nothing, unknown)] == [(404, "NOT_FOUND")] * 3
    assert refusal(deep) == (400, "INVALID_FIELD")


def test_a_parent_is_changed_and_deleted_by_its_relationship(api: Api) -> None:
    account = api.post("sobjects/Account", {"Name": "Umbrella"}).json()["id"]
    contact = api.post("sobjects/Contact", {"LastName": "x", "AccountId": account}).json()["id"]

    changed = api.patch(f"sobjects/Contact/{contact}/Account", {"Phone": "7"})
    phone = api.get(f"sobjects/Account/{account}").json()["Phone"]
    deleted = api.call("DELETE", f"sobjects/Contact/{contact}/Account")

    assert (changed.status_code, phone, deleted.status_code) == (204, "7", 204)
    assert refusal(api.get(f"sobjects/Account/{account}")) == (404, "NOT_FOUND")


def test_children_are_listed_by_their_relationship(api: Api) -> None:
    acme = api.id_of("Account", "Acme")

    listed = api.get(f"sobjects/Account/{acme}/contacts", params={"fields": "Email,Id"}).json()
    whole = api.get(f"sobjects/Account/{acme}/Contacts").json()
    none = api.get(f"sobjects/Account/{acme}/ChildAccounts").json()
    injected = api.get(f"sobjects/Account/{acme}/Contacts", params={"fields": "Id FROM User LIMIT 1"})
    refused = api.patch(f"sobjects/Account/{acme}/Contacts", {"Phone": "7"})
    lost = api.get("sobjects/Account/001000000000ZZZ/Contacts")

    assert [record["Email"] for record in listed["records"]] == [KIM]
    assert (listed["totalSize"], listed["done"]) == (1, True)
    assert whole["records"][0]["MailingAddress"] is None
    assert none["records"] == []
    assert refusal(injected) == (400, "INVALID_FIELD")
    assert refusal(refused) == (405, "METHOD_NOT_ALLOWED")
    assert refusal(lost) == (404, "NOT_FOUND")


def test_a_polymorphic_parent_is_reached(api: Api) -> None:
    group = api.post("sobjects/Group", {"Name": "Sales", "DeveloperName": "Sales"}).json()["id"]
    user = api.rows(f"SELECT Id FROM User WHERE Username = '{KIM}'")[0]["Id"]
    members = [
        api.post("sobjects/GroupMember", {"GroupId": group, "UserOrGroupId": member}).json()["id"]
        for member in (user, group)
    ]

    reached = [api.get(f"sobjects/GroupMember/{member}/UserOrGroup").json() for member in members]

    assert [record["attributes"]["type"] for record in reached] == ["User", "Group"]


def test_a_password_is_set_reset_and_told_of(api: Api) -> None:
    user = api.rows(f"SELECT Id FROM User WHERE Username = '{KIM}'")[0]["Id"]
    path = f"sobjects/user/{user}/Password"

    fresh = api.get(path).json()
    reset = api.call("DELETE", path)
    expired = api.get(path).json()
    changed = api.post(path, {"NewPassword": "correct horse 7"})
    valid = api.get(path).json()

    assert (fresh, expired, valid) == ({"isExpired": False}, {"isExpired": True}, {"isExpired": False})
    assert len(reset.json()["NewPassword"]) >= 8
    assert (changed.status_code, changed.content) == (204, b"")
    assert api.rows(f"SELECT LastPasswordChangeDate FROM User WHERE Id = '{user}'")[0]["LastPasswordChangeDate"]


@pytest.mark.parametrize("given", ["short1", "onlyletters", "12345678", 12345678, None])
def test_a_weak_password_is_refused(api: Api, given: Any) -> None:
    user = api.rows(f"SELECT Id FROM User WHERE Username = '{KIM}'")[0]["Id"]

    answer = api.post(f"sobjects/User/{user}/password", {"NewPassword": given})

    assert refusal(answer) == (400, "INVALID_NEW_PASSWORD")


def test_only_users_have_passwords(api: Api) -> None:
    acme = api.id_of("Account", "Acme")

    assert refusal(api.get("sobjects/User/005000000000ZZZ/password")) == (404, "NOT_FOUND")
    assert refusal(api.get(f"sobjects/Account/{acme}/password")) == (404, "NOT_FOUND")


def test_a_record_that_the_client_knows_is_not_sent_again(api: Api) -> None:
    contact = f"sobjects/Contact/{contact_of(api)}"
    known = api.get(contact).headers["Last-Modified"]

    assert api.get(contact, headers={"If-Modified-Since": known}).status_code == 304
    assert api.get(contact, headers={"If-Modified-Since": LONG_AGO}).status_code == 200
    assert api.get(contact, headers={"If-Unmodified-Since": known}).status_code == 200
    assert refusal(api.get(contact, headers={"If-Unmodified-Since": LONG_AGO})) == (412, "PRECONDITION_FAILED")


def test_a_record_that_changed_meanwhile_is_not_overwritten(api: Api) -> None:
    kim = contact_of(api)
    path, body = f"sobjects/Contact/{kim}", {"Title": "Buyer"}

    stale = api.patch(path, body, headers={"If-Unmodified-Since": LONG_AGO})
    untouched = api.get(path).json()["Title"]
    fresh = api.patch(path, body, headers={"If-Unmodified-Since": LATER})
    senseless = api.patch(path, body, headers={"If-Unmodified-Since": "tomorrow"})

    assert (refusal(stale), untouched) == ((412, "PRECONDITION_FAILED"), None)
    assert fresh.status_code == 204
    assert refusal(senseless) == (400, "INVALID_ARGUMENT")


def test_accounts_alone_have_entity_tags(api: Api) -> None:
    path, contact = f"sobjects/Account/{api.id_of('Account', 'Acme')}", f"sobjects/Contact/{contact_of(api)}"
    tag = api.get(path).headers["ETag"]

    assert "ETag" not in api.get(contact).headers
    assert api.get(path, headers={"If-None-Match": tag}).status_code == 304
    assert api.patch(path, {"Phone": "1"}, headers={"If-Match": tag}).status_code == 204
    assert refusal(api.patch(path, {"Phone": "2"}, headers={"If-Match": tag})) == (412, "PRECONDITION_FAILED")
    assert api.get(path, headers={"If-None-Match": tag}).json()["Phone"] == "1"
    assert api.patch(contact, {"Title": "x"}, headers={"If-Match": '"other"'}).status_code == 204


def test_an_object_without_a_date_of_change_knows_no_conditions(api: Api) -> None:
    group = api.post("sobjects/Group", {"Name": "Sales", "DeveloperName": "Sales"}).json()["id"]
    member = api.post("sobjects/GroupMember", {"GroupId": group, "UserOrGroupId": group}).json()["id"]

    answer = api.get(f"sobjects/GroupMember/{member}", headers={"If-Modified-Since": LATER})

    assert answer.status_code == 200
    assert "Last-Modified" not in answer.headers


@pytest.mark.parametrize("path", ["sobjects", "sobjects/Account", "sobjects/Account/describe", "limits", ""])
def test_head_is_answered_where_get_is(api: Api, path: str) -> None:
    head, get = api.call("HEAD", path), api.get(path)

    assert (head.status_code, head.content) == (get.status_code, b"") == (200, b"")
    assert head.headers["Content-Type"] == get.headers["Content-Type"]


def test_recent_items_are_what_the_user_wrote_last(api: Api) -> None:
    made = [api.post("sobjects/Account", {"Name": name}).json()["id"] for name in "abcdef"]
    api.call("DELETE", f"sobjects/Account/{made[-1]}")

    about = api.get("sobjects/Account").json()

    assert [item["Name"] for item in about["recentItems"]] == list("edcba")
    assert about["recentItems"][0]["attributes"]["url"].endswith(made[4])
    assert about["objectDescribe"]["keyPrefix"] == "001"
    assert api.get("sobjects/Profile").json()["recentItems"] == []


def test_limits_have_the_documented_names_and_tell_what_is_used(api: Api) -> None:
    before = api.get("limits").json()
    api.post("sobjects/PermissionSet", {"Name": "More", "Label": "More"})
    after = api.get("limits").json()
    old = api.get("limits", version="48.0").json()

    assert all({"Max", "Remaining"} <= limit.keys() for limit in after.values())
    assert after["PermissionSets"]["Remaining"] == before["PermissionSets"]["Remaining"] - 1
    assert after["PermissionSets"]["CreateCustom"]["Max"] == 1000
    assert after["DataStorageMB"] == {"Max": 5, "Remaining": 5}
    assert after["DailyApiRequests"]["Remaining"] == before["DailyApiRequests"]["Remaining"] - 2
    assert "DailyBulkApiBatches" in after
    assert "DailyBulkApiRequests" in old


def test_the_map_of_resources_names_each_that_there_is(api: Api) -> None:
    resources = api.get("").json()

    assert {"sobjects", "query", "queryAll", "limits", "composite", "jobs", "identity"} <= resources.keys()
    assert resources["queryAll"] == "/services/data/v66.0/queryAll"
    assert api.get(resources["sobjects"]).status_code == 200
