"""Each public method of simple-salesforce that speaks to an org, as it is published, over https."""

import inspect
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from simple_salesforce import bulk, bulk2
from simple_salesforce.api import Salesforce, SFType
from simple_salesforce.exceptions import (
    SalesforceError,
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceResourceNotFound,
)
from simple_salesforce.format import format_external_id, format_soql

from tests.clients.asked import VERSION, Asked

HANDLERS = (Salesforce, SFType, bulk.SFBulkHandler, bulk.SFBulkType, bulk2.SFBulk2Type)
"""The classes whose methods send requests."""

SENDS_NOTHING = {"parse_api_usage", "parse_result_to_json", "worker"}


@pytest.fixture(name="client")
def _client(secure: Asked) -> Iterator[Any]:
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(secure.ca_file)
        yield Salesforce(instance_url=secure.url, session_id=secure.org.token, version=VERSION, session=session)


def test_each_public_method_is_called_by_a_test() -> None:
    methods = {
        name
        for handler in HANDLERS
        for name, value in vars(handler).items()
        if inspect.isfunction(value) and not name.startswith("_")
    }
    tests = "".join(file.read_text(encoding="utf-8") for file in Path(__file__).parent.glob("test_simple_salesforce*"))

    uncalled = {name for name in methods - SENDS_NOTHING if f".{name}(" not in tests}

    assert not uncalled
    assert len(methods) > 30


def test_queries(secure: Asked, client: Any) -> None:
    soql = format_soql("SELECT Name FROM Account WHERE Name IN {} ORDER BY Name", ["Acme", "Globex", "O'Neil"])

    found = client.query(soql)
    counted = client.query("SELECT COUNT() FROM Contact")
    nested = client.query_all("SELECT Name, (SELECT Email FROM Contacts) FROM Account WHERE Name = 'Acme'")

    assert [row["Name"] for row in found["records"]] == ["Acme", "Globex"]
    assert counted["totalSize"] == secure.get("query", q="SELECT COUNT() FROM Contact")["totalSize"]
    assert nested["records"][0]["Contacts"]["records"][0]["Email"] == "kim.lee@acme.example"


def test_queries_over_several_pages(secure: Asked, client: Any) -> None:
    for start in range(0, 600, 200):
        secure.make("Contact", [{"LastName": f"Page {start + number:03}"} for number in range(200)])
    soql = "SELECT LastName FROM Contact WHERE LastName LIKE 'Page %' ORDER BY LastName"
    small = {"Sforce-Query-Options": "batchSize=250"}

    first = client.query(soql, headers=small)
    second = client.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    third = client.query_more(second["nextRecordsUrl"].rpartition("/")[2])
    whole = client.query_all(soql, headers=small)
    lazily = [row["LastName"] for row in client.query_all_iter(soql, headers=small)]

    names = [row["LastName"] for page in (first, second, third) for row in page["records"]]
    assert [len(page["records"]) for page in (first, second, third)] == [250, 250, 100]
    assert names == lazily == [row["LastName"] for row in whole["records"]] == [f"Page {n:03}" for n in range(600)]
    assert (whole["done"], whole["totalSize"]) == (True, 600)


def test_queries_that_see_the_recycle_bin(secure: Asked, client: Any) -> None:
    [record_id] = secure.make("Account", [{"Name": "Binned"}])
    client.Account.delete(record_id)
    soql = "SELECT Id FROM Account WHERE Name = 'Binned'"

    assert client.query(soql)["totalSize"] == 0
    assert client.query(soql, include_deleted=True)["totalSize"] == 1
    assert [row["Id"] for row in client.query_all_iter(soql, include_deleted=True)] == [record_id]


def test_a_record_lives_and_dies(secure: Asked, client: Any) -> None:
    made = client.Account.create({"Name": "Round trip", "Phone": "1", "ERP_Key__c": "A/1é"})
    updated = client.Account.update(made["id"], {"Phone": None, "Site": "Étage 2"})
    found = client.Account.get(made["id"])
    by_key = client.Account.get_by_custom_id("ERP_Key__c", "A/1é")

    assert (made["success"], made["errors"], updated) == (True, [], 204)
    assert (found["Phone"], found["Site"], found["attributes"]["type"]) == (None, "Étage 2", "Account")
    assert by_key["Id"] == made["id"]
    assert secure.values(f"SELECT Site FROM Account WHERE Id = '{made['id']}'") == ["Étage 2"]

    assert client.Account.delete(made["id"]) == 204
    assert secure.rows(f"SELECT Id FROM Account WHERE Id = '{made['id']}'") == []
    with pytest.raises(SalesforceResourceNotFound):
        client.Account.get(made["id"])


def test_upsert_by_an_external_id(secure: Asked, client: Any) -> None:
    key = format_external_id("ERP_Key__c", "U 1/2")

    created = client.Account.upsert(key, {"Name": "Upserted"})
    again = client.Account.upsert(key, {"Name": "Upserted again"}, raw_response=True)

    assert (created, again.status_code, again.json()["created"]) == (201, 200, False)
    assert secure.values("SELECT Name FROM Account WHERE ERP_Key__c = 'U 1/2'") == ["Upserted again"]


def test_what_changed_and_what_was_deleted(secure: Asked, client: Any) -> None:
    kept, gone = secure.make("Contact", [{"LastName": "Kept"}, {"LastName": "Gone"}])
    client.Contact.delete(gone)
    # Salesforce leaves the seconds of both moments out.
    start, end = datetime.now(UTC) - timedelta(minutes=5), datetime.now(UTC) + timedelta(minutes=5)

    updated = client.Contact.updated(start, end)
    deleted = client.Contact.deleted(start, end)

    assert kept in updated["ids"]
    assert gone not in updated["ids"]
    assert gone in {record["id"] for record in deleted["deletedRecords"]}


def test_describes(client: Any) -> None:
    every = client.describe()
    contact = client.Contact.describe()
    about = client.Contact.metadata()

    assert {"Account", "Contact", "User"} <= {item["name"] for item in every["sobjects"]}
    assert {field["name"]: field["externalId"] for field in contact["fields"]}["Number__c"] is True
    assert about["objectDescribe"]["keyPrefix"] == "003"


def test_about_the_org(secure: Asked, client: Any) -> None:
    limits = client.limits()

    assert client.is_sandbox() is secure.values("SELECT IsSandbox FROM Organization")[0]
    assert limits["DailyApiRequests"]["Max"] == 15_000
    assert client.api_usage["api-usage"].total == 15_000


def test_rest_and_oauth_by_path(secure: Asked, client: Any) -> None:
    made = client.restful(
        "composite/sobjects",
        method="POST",
        json={"allOrNone": True, "records": [{"attributes": {"type": "Account"}, "Name": f"R{n}"} for n in range(2)]},
    )
    url = f"/services/data/v{VERSION}/sobjects"
    composite = client.restful(
        "composite",
        method="POST",
        json={
            "allOrNone": True,
            "compositeRequest": [
                {"method": "POST", "url": f"{url}/Account", "referenceId": "a", "body": {"Name": "Composed"}},
                {
                    "method": "POST",
                    "url": f"{url}/Contact",
                    "referenceId": "c",
                    "body": {"LastName": "Composed", "AccountId": "@{a.id}"},
                },
            ],
        },
    )
    gone = client.restful(f"sobjects/Account/{made[0]['id']}", method="DELETE")

    assert [part["httpStatusCode"] for part in composite["compositeResponse"]] == [201, 201]
    assert (
        secure.rows("SELECT Account.Name FROM Contact WHERE LastName = 'Composed'")[0]["Account"]["Name"] == "Composed"
    )
    assert gone is None
    assert secure.values("SELECT Name FROM Account WHERE Name LIKE 'R_'") == ["R1"]
    assert client.oauth2("userinfo")["organization_id"].startswith("00D")


def test_apex(secure: Asked, client: Any) -> None:
    code = "insert new Account(Name = 'By tooling');"

    done = client.toolingexecute("executeAnonymous/", params={"anonymousBody": code})
    wrong = client.toolingexecute("executeAnonymous/", params={"anonymousBody": "insert nothing"})

    assert (done["compiled"], done["success"], done["line"]) == (True, True, -1)
    assert (wrong["compiled"], wrong["success"], wrong["line"]) == (False, False, 1)
    assert secure.values("SELECT Name FROM Account WHERE Name = 'By tooling'") == ["By tooling"]


def test_passwords(secure: Asked, client: Any) -> None:
    [user] = secure.values("SELECT Id FROM User WHERE Username = 'owner@acme.example'")

    assert client.set_password(user, "correct horse 1") is None
    with pytest.raises(SalesforceMalformedRequest):
        client.set_password(user, "short")


def test_files_in_a_field(secure: Asked, client: Any, tmp_path: Path) -> None:
    file = tmp_path / "file.txt"
    file.write_bytes(b"\x00\xff")

    made = client.Contact.upload_base64(str(file), base64_field="LastName").json()["id"]
    done = client.Contact.update_base64(made, str(file), base64_field="Description")

    assert done == 204
    assert secure.rows(f"SELECT LastName, Description FROM Contact WHERE Id = '{made}'") == [
        {"LastName": "AP8=", "Description": "AP8="}
    ]
    with pytest.raises(SalesforceResourceNotFound):
        client.Contact.get_base64(made, base64_field="Description")


def test_what_the_org_does_not_have_is_refused(client: Any, tmp_path: Path) -> None:
    package = tmp_path / "package.zip"
    package.write_bytes(b"PK")

    with pytest.raises(SalesforceResourceNotFound):
        client.search("FIND {Acme}")
    with pytest.raises(SalesforceResourceNotFound):
        client.quick_search("Acme")
    with pytest.raises(SalesforceResourceNotFound):
        client.apexecute("my/resource")
    with pytest.raises(SalesforceResourceNotFound):
        client.Contact.describe_layout("012000000000000AAA")
    with pytest.raises(SalesforceError):
        client.deploy(str(package), sandbox=False)
    with pytest.raises(SalesforceError):
        client.checkDeployStatus("0Af000000000001", sandbox=False)


def test_errors_become_its_exceptions(secure: Asked, client: Any) -> None:
    secure.make("Account", [{"Name": "A one"}])
    stranger: Any = Salesforce(instance_url=secure.url, session_id="wrong", version=VERSION, session=client.session)

    with pytest.raises(SalesforceMalformedRequest) as malformed:
        client.query("SELECT Nope FROM User")
    with pytest.raises(SalesforceMalformedRequest) as refused:
        client.Contact.create({"FirstName": "No last name"})
    with pytest.raises(SalesforceExpiredSession):
        stranger.query("SELECT Id FROM User")
    with pytest.raises(SalesforceResourceNotFound):
        client.Nothing__c.describe()

    content: Any = malformed.value.content
    assert content[0]["errorCode"] == "INVALID_FIELD"
    content = refused.value.content
    assert (content[0]["errorCode"], content[0]["fields"]) == ("REQUIRED_FIELD_MISSING", ["LastName"])
