"""The SOAP APIs: sessions, records, faults, and envelopes that no honest client sends."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from reconciler.simulator.access_log import AccessLog
from reconciler.simulator.wire import Options
from tests.simulator.soap_calls import Answered, call, envelope, option, post, record
from tests.simulator.wired import Api, served_api

ADMIN = "admin@acme.example"
ALL_OR_NONE = option("AllOrNoneHeader", allOrNone="true")


@pytest.fixture
def api() -> Iterator[Api]:
    with served_api() as served:
        yield served


def logged_in(api: Api, username: str = ADMIN, path: str = "u/64.0") -> Answered:
    body = f'<n1:login xmlns:n1="urn:partner.soap.sforce.com"><n1:username>{username}</n1:username>'
    return post(api, envelope(f"{body}<n1:password>made up</n1:password></n1:login>"), path)


def test_a_login_gives_a_session_that_both_apis_take(api: Api) -> None:
    answer = logged_in(api)

    session = str(answer.one("sessionId"))
    assert answer.status == 200
    assert answer.one("result/userId") == api.rows("SELECT Id FROM User WHERE Username = 'admin@acme.example'")[0]["Id"]
    assert answer.one("serverUrl") == f"{api.url}/services/Soap/u/64.0/{api.org.id}"
    assert answer.one("passwordExpired") == "false"
    assert answer.one("userInfo/organizationId") == api.org.id
    assert api.get("limits", headers={"Authorization": f"Bearer {session}"}).status_code == 200
    assert post(api, envelope("<getUserInfo/>", session)).one("userName") == ADMIN


def test_clients_find_a_session_in_the_text_alone(api: Api) -> None:
    """simple-salesforce and jsforce look for tags that have neither prefix nor attribute."""
    text = logged_in(api).text

    assert "<soapenv:Envelope" in text
    assert "<soapenv:Body>" in text
    for name in ("sessionId", "serverUrl", "userId", "organizationId"):
        assert re.search(f"<{name}>([^<]+)</{name}>", text)


def test_no_version_from_65_on_has_a_login(api: Api) -> None:
    status, code, _ = logged_in(api, path="u/65.0").fault

    assert (status, code) == (500, "sf:INVALID_OPERATION")


@pytest.mark.parametrize("username", ["nobody@acme.example", ""])
def test_a_login_of_nobody_is_refused(api: Api, username: str) -> None:
    answer = logged_in(api, username)

    sentence = "Invalid username, password, security token; or user locked out."
    assert answer.fault == (500, "sf:INVALID_LOGIN", sentence)
    assert "<sf:LoginFault" in answer.text
    assert "<sf:exceptionCode>INVALID_LOGIN</sf:exceptionCode>" in answer.text


def test_a_session_that_was_logged_out_has_ended(api: Api) -> None:
    ended = call(api, "logout")
    after = call(api, "getUserInfo")

    assert ended.status == 200
    assert after.status == 500
    assert re.search(r"<faultcode>[a-zA-Z]+:INVALID_SESSION_ID</faultcode>", after.text)


def test_records_are_made_changed_and_deleted(api: Api) -> None:
    made = call(
        api, "create", record("Contact", LastName="Lovelace", Title="Dr") + record("Contact", LastName="Hopper")
    )
    first = str(made.all("result/id")[0])
    changed = call(api, "update", record("Contact", nulls=("Title",), Id=first, FirstName="Ada"))
    found = api.get(f"sobjects/Contact/{first}").json()
    gone = call(api, "delete", f"<ids>{first}</ids>")
    missing = api.get(f"sobjects/Contact/{first}").status_code
    back = call(api, "undelete", f"<ids>{first}</ids>")

    assert made.all("result/success") == ["true", "true"]
    assert changed.all("result/success") == ["true"]
    assert (found["FirstName"], found["LastName"], found["Title"]) == ("Ada", "Lovelace", None)
    assert gone.one("result/id") == first
    assert missing == 404
    assert back.one("result/success") == "true"
    assert api.get(f"sobjects/Contact/{first}").status_code == 200


def test_a_refused_record_tells_why_in_the_order_of_the_wsdl(api: Api) -> None:
    answer = call(api, "create", record("Contact", FirstName="Ada") + record("Contact", LastName="Hopper"))

    assert answer.status == 200
    assert (
        "<result><errors><fields>LastName</fields><message>Required fields are missing: [LastName]</message>"
        '<statusCode>REQUIRED_FIELD_MISSING</statusCode></errors><id xsi:nil="true"/><success>false</success></result>'
    ) in answer.text
    assert answer.all("result/success") == ["false", "true"]


def test_all_or_none_leaves_nothing_behind(api: Api) -> None:
    before = api.count("SELECT COUNT() FROM Contact")

    rows = record("Contact", LastName="Hopper") + record("Contact", FirstName="Ada")
    answer = call(api, "create", rows, headers=ALL_OR_NONE)

    assert answer.all("result/errors/statusCode") == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING"]
    assert api.count("SELECT COUNT() FROM Contact") == before


def test_an_upsert_tells_what_it_created(api: Api) -> None:
    user = api.rows("SELECT Id FROM User WHERE Username = 'admin@acme.example'")[0]["Id"]

    key = "<externalIDFieldName>Id</externalIDFieldName>"
    answer = call(api, "upsert", key + record("User", Id=user, Title="Boss") + record("User", LastName="New"))

    assert answer.all("result/created") == ["false", "false"]
    assert answer.all("result/success") == ["true", "false"]
    assert api.rows(f"SELECT Title FROM User WHERE Id = '{user}'")[0]["Title"] == "Boss"


def test_a_parent_is_named_by_an_external_id(api: Api) -> None:
    owner = "<type>User</type><Username>admin@acme.example</Username>"
    made = call(api, "create", record("Account", Name="By name", Owner=owner))

    found = api.rows(f"SELECT Owner.Username FROM Account WHERE Id = '{made.one('result/id')}'")
    assert found[0]["Owner"]["Username"] == ADMIN


def test_a_field_that_is_nil_is_left_alone(api: Api) -> None:
    made = call(api, "create", record("Contact", LastName="Hopper", Title="Admiral"))
    record_id = str(made.one("result/id"))

    nil = f'<sObjects><type>Contact</type><Id>{record_id}</Id><Title xsi:nil="true"/></sObjects>'
    call(api, "update", nil)

    assert api.get(f"sobjects/Contact/{record_id}").json()["Title"] == "Admiral"


def test_setup_and_other_objects_are_not_mixed(api: Api) -> None:
    user = api.rows("SELECT Id FROM User WHERE Username = 'admin@acme.example'")[0]["Id"]
    account = api.rows("SELECT Id FROM Account LIMIT 1")[0]["Id"]

    answer = call(api, "update", record("Account", Id=account, Phone="1") + record("User", Id=user, IsActive="true"))

    assert answer.one("result/errors/statusCode") == "MIXED_DML_OPERATION"


@pytest.mark.parametrize(
    ("rows", "code", "kind"),
    [
        (record("Nothing", Name="x"), "INVALID_TYPE", "InvalidSObjectFault"),
        (record("Contact", Nothing="x"), "INVALID_FIELD", "InvalidFieldFault"),
        (record("Contact", LastName="x") * 201, "EXCEEDED_ID_LIMIT", "UnexpectedErrorFault"),
    ],
)
def test_a_call_that_makes_no_sense_is_a_fault(api: Api, rows: str, code: str, kind: str) -> None:
    before = api.count("SELECT COUNT() FROM Contact")

    answer = call(api, "create", rows)

    assert answer.fault[:2] == (500, f"sf:{code}")
    assert f'<sf:{kind} xsi:type="sf:{kind}">' in answer.text
    assert api.count("SELECT COUNT() FROM Contact") == before


def test_a_typed_record_is_taken_and_given_by_the_enterprise_api(api: Api) -> None:
    row = (
        '<sObjects xsi:type="sf:Contact" xmlns:sf="urn:sobject.enterprise.soap.sforce.com"><LastName>Hopper</LastName>'
    )
    made = call(api, "create", f"{row}</sObjects>", path="c/64.0")
    query = f"<queryString>SELECT Id, LastName FROM Contact WHERE Id = '{made.one('result/id')}'</queryString>"
    found = call(api, "query", query, path="c/64.0")

    assert 'xsi:type="sf:Contact"' in found.text
    assert found.one("records/LastName") == "Hopper"
    assert "<sf:type>" not in found.text


def test_a_query_nests_parents_and_children(api: Api) -> None:
    soql = "SELECT Name, CreatedDate, Owner.Username, (SELECT LastName FROM Contacts) FROM Account WHERE Name = 'Acme'"
    children = api.rows(soql)[0]["Contacts"]["totalSize"]

    answer = call(api, "query", f"<queryString>{soql}</queryString>")

    assert answer.one("records/Owner/Username") is not None
    assert len(answer.all("Contacts/records/LastName")) == children > 0
    assert '<sf:Id xsi:nil="true"/><sf:Name>Acme</sf:Name>' in answer.text
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z", str(answer.one("records/CreatedDate")))


def test_pages_of_a_query_follow_one_another(api: Api) -> None:
    body = {"records": [{"attributes": {"type": "Account"}, "Name": f"Page {number}"} for number in range(200)]}
    for _ in range(2):
        api.post("composite/sobjects", body)
    size = option("QueryOptions", batchSize="200")

    soql = "<queryString>SELECT Name FROM Account WHERE Name LIKE 'Page %'</queryString>"
    first = call(api, "query", soql, headers=size)
    last = call(api, "queryMore", f"<queryLocator>{first.one('queryLocator')}</queryLocator>", headers=size)

    assert (first.one("done"), first.one("size"), len(first.all("records/Name"))) == ("false", "400", 200)
    assert (last.one("done"), len(last.all("records/Name"))) == ("true", 200)
    assert '<queryLocator xsi:nil="true"/>' in last.text
    assert set(first.all("records/Name")) == {f"Page {number}" for number in range(200)}


def test_groups_of_a_query_tell_their_types(api: Api) -> None:
    soql = "SELECT Name, COUNT(Id) n FROM Account GROUP BY Name"

    answer = call(api, "query", f"<queryString>{soql}</queryString>")

    assert "<sf:type>AggregateResult</sf:type>" in answer.text
    assert '<sf:n xsi:type="xsd:int">1</sf:n>' in answer.text


def test_a_malformed_query_tells_its_place(api: Api) -> None:
    answer = call(api, "query", "<queryString>SELECT Nothing FROM Account</queryString>")

    assert answer.fault[:2] == (500, "sf:INVALID_FIELD")
    assert "<sf:row>1</sf:row><sf:column>8</sf:column>" in answer.text
    assert call(api, "queryMore", "<queryLocator>01g-1</queryLocator>").fault[1] == "sf:INVALID_QUERY_LOCATOR"


def test_records_are_retrieved_in_the_order_asked_for(api: Api) -> None:
    ids = [row["Id"] for row in api.rows("SELECT Id FROM Account ORDER BY Name")][:2]

    asked = "".join(f"<ids>{record_id}</ids>" for record_id in [ids[1], "001000000000000AAA", ids[0]])
    answer = call(api, "retrieve", f"<fieldList>Id, Name</fieldList><sObjectType>Account</sObjectType>{asked}")

    # A generic sObject begins with an Id of its own, before the fields that were asked for.
    assert answer.all("result/Id") == [ids[1], ids[1], ids[0], ids[0]]
    assert '<result xsi:nil="true"/>' in answer.text


def test_objects_are_described(api: Api) -> None:
    one = call(api, "describeSObject", "<sObjectType>Contact</sObjectType>")
    two = call(api, "describeSObjects", "<sObjectType>Contact</sObjectType><sObjectType>User</sObjectType>")
    every = call(api, "describeGlobal")

    assert one.one("result/name") == "Contact"
    assert "AccountId" in one.all("fields/name")
    assert two.all("result/name") == ["Contact", "User"]
    assert "PermissionSet" in every.all("sobjects/name")
    assert call(api, "describeSObject", "<sObjectType>No</sObjectType>").fault[1] == "sf:INVALID_TYPE"


def test_a_password_is_set_and_reset(api: Api) -> None:
    user = api.rows("SELECT Id FROM User WHERE Username = 'admin@acme.example'")[0]["Id"]

    weak = call(api, "setPassword", f"<userId>{user}</userId><password>short</password>")
    done = call(api, "setPassword", f"<userId>{user}</userId><password>long enough 1</password>")
    reset = call(api, "resetPassword", f"<userId>{user}</userId>")

    assert weak.fault[:2] == (500, "sf:INVALID_NEW_PASSWORD")
    assert "<sf:InvalidNewPasswordFault" in weak.text
    assert done.status == 200
    assert len(str(reset.one("result/password"))) >= 8
    assert api.get(f"sobjects/User/{user}/password").json() == {"isExpired": True}


def test_calls_count_as_requests_and_tell_it(api: Api) -> None:
    first = call(api, "getServerTimestamp")
    second = call(api, "getServerTimestamp")

    assert int(str(second.one("limitInfo/current"))) == int(str(first.one("limitInfo/current"))) + 1
    assert first.one("limitInfo/limit") == "15000"


@pytest.mark.parametrize("version", ["30.0", "68.0"])
def test_a_version_that_is_not_served_is_a_fault(api: Api, version: str) -> None:
    assert call(api, "getUserInfo", path=f"u/{version}").fault[:2] == (500, "sf:UNSUPPORTED_API_VERSION")


def test_what_is_not_simulated_says_so(api: Api) -> None:
    merged = call(api, "merge")
    metadata = call(api, "listMetadata", path="m/64.0")

    assert "merge is not simulated" in str(merged.fault[2])
    assert metadata.status == 500
    assert post(api, envelope("<getUserInfo/>"), "nowhere/x").status == 404


BOMB = '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb">]><a>&b;</a>'
LEAK = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
DEEP = "<a>" * 5_000 + "</a>" * 5_000


@pytest.mark.parametrize(
    "content",
    ["", "no markup", "<a>", BOMB, LEAK, DEEP, "<a/>", envelope(""), b"\xff\xfe\x00", "<a>\ud7ff&unknown;</a>"],
)
def test_an_envelope_that_is_none_is_a_fault(api: Api, content: str | bytes) -> None:
    answer = post(api, content)

    assert answer.fault[:2] == (500, "sf:UNKNOWN_EXCEPTION")
    assert "root:" not in answer.text


def test_a_request_without_soap_action_is_refused(api: Api) -> None:
    answer = requests.post(f"{api.url}/services/Soap/u/64.0", data=envelope("<getUserInfo/>"), timeout=30)
    read = requests.get(f"{api.url}/services/Soap/u/64.0", timeout=30)

    assert answer.status_code == 500
    assert read.status_code == 500


def test_text_that_looks_like_markup_comes_back_as_text(api: Api) -> None:
    name = "&lt;/sf:Name&gt;&amp;amp; ]]&gt; \"'"
    made = call(api, "create", record("Account", Name=name))
    api.post("sobjects/Account", {"Name": "bell \x07 end"})

    found = call(
        api, "query", f"<queryString>SELECT Name FROM Account WHERE Id = '{made.one('result/id')}'</queryString>"
    )
    bell = call(api, "query", "<queryString>SELECT Name FROM Account WHERE Name LIKE 'bell%'</queryString>")

    assert found.one("records/Name") == "</sf:Name>&amp; ]]> \"'"
    assert bell.one("records/Name") == "bell \ufffd end"


def test_the_access_log_tells_what_was_written_and_whether_mails_went_out(tmp_path: Path) -> None:
    header = option(
        "EmailHeader", triggerAutoResponseEmail="false", triggerOtherEmail="false", triggerUserEmail="false"
    )
    log = tmp_path / "log.jsonl"

    with served_api(Options(log=AccessLog(log))) as api:
        call(api, "create", record("Contact", LastName="Quiet"), headers=header)
    (entry,) = [json.loads(line) for line in log.read_text().splitlines()]

    told = {name: entry[name] for name in ("path", "object", "operation", "rows", "emails")}
    path = "/services/Soap/u/64.0"
    assert told == {"path": path, "object": "Contact", "operation": "insert", "rows": 1, "emails": False}
