"""jsforce as it is published on npm, over http and over https: each scenario is a script below `jsforce/`."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.clients.asked import ADMIN, Asked
from tests.clients.node import CLIENTS, HERE, run_node

pytestmark = pytest.mark.clients

ROLLED_BACK = "ALL_OR_NONE_OPERATION_ROLLED_BACK"


@pytest.fixture(name="org", scope="module", params=["plain", "secure"])
def _org(request: pytest.FixtureRequest) -> Asked:
    org: Asked = request.getfixturevalue(request.param)
    return org


@pytest.fixture(name="told", scope="module")
def _told(org: Asked, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Any]:
    """Runs a scenario when it is first asked for, and gives what it tells at its end."""
    folder = tmp_path_factory.mktemp("jsforce")
    return cache(lambda scenario: _run(org, scenario, folder))


def _run(org: Asked, scenario: str, folder: Path) -> Any:
    environment = {"ORG_URL": org.url, "ORG_TOKEN": org.org.token, "CLIENTS": str(CLIENTS), "HOME": str(folder)}
    if org.ca_file:
        environment["NODE_EXTRA_CA_CERTS"] = str(org.ca_file)
    done = run_node([HERE / "jsforce" / f"{scenario}.mjs"], environment, folder)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def saved(rows: list[dict[str, Any]]) -> list[bool]:
    return [row["success"] for row in rows]


def test_each_login_gives_a_session_of_that_user(org: Asked, told: Callable[[str], Any]) -> None:
    login = told("login")

    [admin] = org.rows(f"SELECT Id FROM User WHERE Username = '{ADMIN}'")
    number = org.get("query", q="SELECT COUNT() FROM User")["totalSize"]
    assert {user["id"] for user in login["users"]} == {admin["Id"]}
    assert login["counts"] == [number] * 4
    assert set(login["instances"][2:]) == {org.url}
    assert login["soapIdentity"]["username"] == login["identity"] == ADMIN
    assert login["loggedOut"] == [None, None]


def test_a_refused_login_is_told_as_jsforce_tells_it(told: Callable[[str], Any]) -> None:
    login = told("login")

    assert login["stranger"]["message"].startswith("INVALID_LOGIN: ")
    assert login["strangerOfApp"]["name"] == "invalid_grant"
    assert login["newVersion"]["message"].startswith("INVALID_OPERATION: ")


def test_pages_are_fetched_one_after_the_other(told: Callable[[str], Any]) -> None:
    query = told("query")

    names = [f"Jq {number:03}" for number in range(450)]
    assert query["pages"] == [[450, False, 200], [450, False, 200]]
    assert query["fetched"] == query["evented"] == names
    assert query["limited"] == 300
    assert query["usage"]["apiUsage"]["limit"] == 15_000


def test_queries_that_jsforce_writes_are_understood(told: Callable[[str], Any]) -> None:
    query = told("query")

    assert [row["LastName"] for row in query["found"]] == ["Jq 447", "Jq 446", "Jq 445"]
    assert query["found"][0]["Owner"]["Username"] == ADMIN
    assert query["found"][0]["Account"] is None
    assert (query["one"]["LastName"], query["counted"]) == ("Jq 001", 2)
    assert query["nested"][0]["Contacts"]["records"][0]["Email"] == "kim.lee@acme.example"
    assert query["binned"] == ["Jq 449"]
    assert query["csv"].splitlines() == ["LastName", "Jq 003"]


def test_a_record_is_made_read_changed_and_deleted(org: Asked, told: Callable[[str], Any]) -> None:
    records = told("records")

    [one] = org.rows(f"SELECT Phone, Site, Fax FROM Account WHERE Id = '{records['one']['id']}'")
    assert (records["read"]["Name"], records["read"]["NumberOfEmployees"]) == ("Jr one", 7)
    assert saved([records["one"], records["updated"], *records["upserts"]]) == [True] * 4
    assert [row["created"] for row in records["upserts"]] == [True, False]
    assert one == {"Phone": None, "Site": "Étage 2", "Fax": "9"}
    assert {key: records["selected"][key] for key in ("Name", "Fax")} == {"Name": "Jr one", "Fax": "9"}
    assert (records["isChanged"], records["isDeleted"]) == (True, True)
    assert records["missing"]["errorCode"] in {"NOT_FOUND", "ENTITY_IS_DELETED"}


def test_many_records_are_written_at_once(org: Asked, told: Callable[[str], Any]) -> None:
    records = told("records")

    assert saved(records["many"]) == [True, False, True]
    assert records["many"][1]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    assert [row["errors"][0]["statusCode"] for row in records["together"]] == [ROLLED_BACK, "REQUIRED_FIELD_MISSING"]
    assert records["manyRead"] == ["Jr many 1", "Jr many 2"]
    assert saved(records["manyUpdated"]) == [True, True]
    assert [row["created"] for row in records["manyUpserted"]] == [False, True]
    assert saved(records["destroyed"]) == [True]
    assert records["large"] == 250
    assert org.values("SELECT Name FROM Account WHERE Name LIKE 'Jr many%'") == ["Jr many 1"]
    assert org.values("SELECT Phone FROM Account WHERE ERP_Key__c = 'JR 1/2'") == ["3"]
    assert org.values("SELECT Id FROM Account WHERE Name = 'Jr rolled back'") == []
    assert org.get("query", q="SELECT COUNT() FROM Account WHERE Name LIKE 'Jl %'")["totalSize"] == 250


def test_records_that_belong_together_are_made_together(org: Asked, told: Callable[[str], Any]) -> None:
    records = told("records")

    made = org.rows("SELECT Account.Name FROM Contact WHERE LastName IN ('Jr composed', 'Jr leaf') ORDER BY LastName")
    assert records["composed"] == [201, 201]
    assert [row["referenceId"] for row in records["treed"]["results"]] == ["parent", "child"]
    assert [row["Account"]["Name"] for row in made] == ["Jr composed", "Jr tree"]


def test_the_org_is_described(org: Asked, told: Callable[[str], Any]) -> None:
    about = told("about")

    assert about["objects"] == [item["name"] for item in org.get("sobjects")["sobjects"]]
    assert about["contact"]["keyPrefix"] == "003"
    assert {"Id", "LastName", "Number__c"} <= set(about["contact"]["fields"])
    assert (about["cached"], about["daily"]) == ("Contact", 15_000)
    assert about["versions"] == sorted(about["versions"], key=float)


def test_refusals_have_their_codes(told: Callable[[str], Any]) -> None:
    refused = told("about")["refused"]

    assert {what: error["errorCode"] for what, error in refused.items()} == {
        "field": "INVALID_FIELD",
        "object": "INVALID_TYPE",
        "record": "NOT_FOUND",
        "required": "REQUIRED_FIELD_MISSING",
        "session": "INVALID_SESSION_ID",
        "resource": "NOT_FOUND",
        "search": "NOT_FOUND",
        "locator": "INVALID_QUERY_LOCATOR",
    }
    assert all(error["name"] == error["errorCode"] for error in refused.values())
    assert refused["required"]["data"]["fields"] == ["LastName"]


def test_bulk2_loads_and_queries(org: Asked, told: Callable[[str], Any]) -> None:
    bulk = told("bulk2")

    assert [row["Name"] for row in bulk["inserted"]["successfulResults"]] == ["J2 one", "J2 two"]
    assert bulk["inserted"]["failedResults"][0]["sf__Error"].startswith("REQUIRED_FIELD_MISSING:")
    assert [len(bulk[step]["successfulResults"]) for step in ("updated", "upserted", "results")] == [2, 1, 1]
    assert bulk["upserted"]["successfulResults"][0]["sf__Created"] == "true"
    assert [(row["Name"], row["Phone"]) for row in bulk["found"]] == [
        ("J2 four", ""),
        ("J2 one", ""),
        ("J2 three", ""),
        ("J2 two", "2"),
    ]
    assert bulk["found"][1]["Site"] == 'a "b",\nc'
    assert bulk["found"][0]["Owner.Username"] == ADMIN
    assert bulk["deleted"] == 1
    assert bulk["left"] == org.values("SELECT Name FROM Account WHERE Name LIKE 'J2 %' ORDER BY Name")
    assert bulk["all"] == [row["Name"] for row in bulk["found"]]


def test_bulk2_jobs_go_step_by_step(told: Callable[[str], Any]) -> None:
    bulk = told("bulk2")

    assert (bulk["opened"], bulk["info"], bulk["abortedState"]) == ("Open", ["JobComplete", 1, 0], "Aborted")
    assert bulk["gone"]["errorCode"] == "NOT_FOUND"
    assert "Field name not found : Nope__c" in bulk["refused"]["message"]
    assert bulk["wrong"]["errorCode"] == "INVALID_FIELD"


def test_bulk1_loads_and_queries(org: Asked, told: Callable[[str], Any]) -> None:
    bulk = told("bulk1")

    assert saved(bulk["inserted"]) == [True, True, False]
    assert bulk["inserted"][2]["errors"][0].startswith("REQUIRED_FIELD_MISSING:")
    assert saved(bulk["updated"] + bulk["upserted"] + bulk["stepped"]) == [True] * 4
    assert [(row["Name"], row["Phone"]) for row in bulk["found"]] == [
        ("J1 four", ""),
        ("J1 one", ""),
        ("J1 three", ""),
        ("J1 two", "2"),
    ]
    assert bulk["byQuery"] == [True]
    assert bulk["left"] == org.values("SELECT Name FROM Account WHERE Name LIKE 'J1 %' ORDER BY Name")


def test_bulk1_jobs_go_step_by_step(told: Callable[[str], Any]) -> None:
    bulk = told("bulk1")

    assert bulk["opened"] == ["insert", "Account", "Open"]
    assert bulk["batches"] == [["Completed", "1"]]
    assert (bulk["closed"], bulk["checked"]) == ("Closed", ["Closed", "1"])
    assert bulk["object"]["errorCode"] == "InvalidJob"
    assert bulk["session"]["errorCode"] == "InvalidSessionId"


def test_soap_calls_write_records(org: Asked, told: Callable[[str], Any]) -> None:
    soap = told("soap")

    assert soap["info"]["userName"] == ADMIN
    assert saved([*soap["created"], soap["single"], soap["updated"]]) == [True, False, True, True]
    assert soap["created"][1]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    assert org.rows("SELECT Name, Phone, Site FROM Account WHERE Name LIKE 'Js <one>%'") == [
        {"Name": "Js <one> & 'two'", "Phone": None, "Site": "Étage 2"}
    ]
    assert org.values("SELECT Name FROM Account WHERE ERP_Key__c = 'JS-1'") == ["Js upserted again"]
    assert (saved(soap["deleted"]), soap["whileDeleted"], saved(soap["undeleted"])) == ([True], 0, [True])
    assert org.values("SELECT LastName FROM Contact WHERE LastName = 'Js single'") == ["Js single"]
    assert soap["session"]["errorCode"] == "sf:INVALID_SESSION_ID"


def test_soap_calls_change_passwords(told: Callable[[str], Any]) -> None:
    passwords = told("passwords")

    assert passwords["reset"]["password"]
    assert passwords["short"]["errorCode"].startswith("sf:")


def test_apex_is_executed(org: Asked, told: Callable[[str], Any]) -> None:
    apex = told("apex")

    assert (apex["done"]["compiled"], apex["done"]["success"]) == (True, True)
    assert (apex["wrong"]["compiled"], apex["wrong"]["success"], apex["wrong"]["line"]) == (False, False, 1)
    assert apex["thrown"]["exceptionMessage"].startswith("System.DmlException: ")
    assert org.values("SELECT Phone FROM Account WHERE Name LIKE 'Ja %'") == ["1"]
    assert apex["sandboxes"] == 0
