"""zeep, which takes each answer apart by the Partner WSDL that jsforce ships, over https."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
import zeep
from lxml import etree
from zeep.exceptions import Fault
from zeep.transports import Transport

from tests.clients.asked import ADMIN, Asked
from tests.clients.node import CLIENTS

pytestmark = pytest.mark.clients

WSDL = CLIENTS / "node_modules" / "jsforce" / "src" / "api" / "soap" / "wsdl.xml"
VERSION = "47.0"
"""That of the WSDL."""

PARTNER, SOBJECT = "urn:partner.soap.sforce.com", "urn:sobject.partner.soap.sforce.com"


class Soap:
    """A service of the org with a session in its headers."""

    def __init__(self, client: zeep.Client, url: str) -> None:
        self._client = client
        self._service: Any = client.create_service(f"{{{PARTNER}}}SoapBinding", f"{url}/services/Soap/u/{VERSION}")
        self._headers: dict[str, Any] = {}

    def header(self, name: str, **values: object) -> None:
        """Send this header from now on."""
        self._headers[name] = self._client.get_element(f"{{{PARTNER}}}{name}")(**values)

    def call(self, name: str, *arguments: object) -> Any:
        """The result of a call."""
        wanted = {"LoginScopeHeader", "CallOptions"} if name == "login" else set(self._headers)
        headers = {header: value for header, value in self._headers.items() if header in wanted}
        answer = self._service[name](*arguments, _soapheaders=headers)
        # zeep unwraps the answer of a call whose answers have no header.
        return answer["body"]["result"] if "body" in answer else answer

    def record(self, sobject: str, **values: str) -> Any:
        """A generic sObject."""
        members = [_member(name, value) for name, value in values.items()]
        return self._client.get_type(f"{{{SOBJECT}}}sObject")(type=sobject, _value_1=members)


def _member(name: str, value: str) -> Any:
    element = etree.Element(f"{{{SOBJECT}}}{name}")
    element.text = value
    return element


def values(record: Any) -> dict[str, str | None]:
    """The flat members of a record."""
    return {etree.QName(item).localname: item.text for item in record["_value_1"]}


@pytest.fixture(name="soap")
def _soap(secure: Asked) -> Iterator[Soap]:
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(secure.ca_file)
        soap = Soap(zeep.Client(str(WSDL), transport=Transport(session=session)), secure.url)
        soap.header("SessionHeader", sessionId=secure.org.token)
        yield soap


def test_records_are_written(secure: Asked, soap: Soap) -> None:
    made, refused = soap.call("create", [soap.record("Account", Name="Z <one>", Phone="1"), soap.record("Account")])
    [updated] = soap.call("update", [soap.record("Account", Id=made["id"], Site="Étage 2")])
    [upserted] = soap.call("upsert", "ERP_Key__c", [soap.record("Account", ERP_Key__c="Z-1", Name="Z upserted")])
    [deleted] = soap.call("delete", [upserted["id"]])

    assert [row["success"] for row in (made, refused, updated, upserted, deleted)] == [True, False, True, True, True]
    assert (refused["errors"][0]["statusCode"], upserted["created"]) == ("REQUIRED_FIELD_MISSING", True)
    assert secure.rows("SELECT Name, Phone, Site FROM Account WHERE Name LIKE 'Z %'") == [
        {"Name": "Z <one>", "Phone": "1", "Site": "Étage 2"}
    ]


def test_all_or_none_writes_nothing_where_one_row_is_refused(secure: Asked, soap: Soap) -> None:
    soap.header("AllOrNoneHeader", allOrNone=True)

    rows = soap.call("create", [soap.record("Account", Name="Z rolled back"), soap.record("Account")])

    assert [row["errors"][0]["statusCode"] for row in rows] == [
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "REQUIRED_FIELD_MISSING",
    ]
    assert secure.values("SELECT Id FROM Account WHERE Name = 'Z rolled back'") == []


def test_records_are_read_page_by_page(secure: Asked, soap: Soap) -> None:
    for start in range(0, 400, 200):
        secure.make("Contact", [{"LastName": f"Zp {start + number:03}"} for number in range(200)])
    soap.header("QueryOptions", batchSize=250)

    first = soap.call("query", "SELECT LastName FROM Contact WHERE LastName LIKE 'Zp %' ORDER BY LastName")
    second = soap.call("queryMore", first["queryLocator"])

    names = [values(record)["LastName"] for page in (first, second) for record in page["records"]]
    assert (first["size"], first["done"], second["done"], second["queryLocator"]) == (400, False, True, None)
    assert names == [f"Zp {number:03}" for number in range(400)]


def test_records_are_retrieved_by_their_ids(secure: Asked, soap: Soap) -> None:
    [acme] = secure.values("SELECT Id FROM Account WHERE Name = 'Acme'")

    found, missing = soap.call("retrieve", "Id, Name", "Account", [acme, "001000000000999AAA"])

    # zeep makes an empty record of an element that is nil.
    assert (found["Id"], values(found)["Name"], missing["Id"], missing["type"]) == (acme, "Acme", None, None)


def test_refusals_are_faults(soap: Soap) -> None:
    with pytest.raises(Fault, match="No such column 'Nope' on entity 'Account'") as wrong:
        soap.call("query", "SELECT Nope FROM Account")
    soap.header("SessionHeader", sessionId="wrong")
    with pytest.raises(Fault, match="INVALID_SESSION_ID"):
        soap.call("getServerTimestamp")

    assert wrong.value.code == "sf:INVALID_FIELD"


def test_the_session_tells_whose_it_is(secure: Asked, soap: Soap) -> None:
    info = soap.call("getUserInfo")
    login = soap.call("login", ADMIN, "made up")

    assert (login["userInfo"]["userName"], login["passwordExpired"]) == (ADMIN, False)
    assert info["organizationId"] == secure.values("SELECT Id FROM Organization")[0]


def test_the_org_is_described(soap: Soap) -> None:
    [account] = soap.call("describeSObjects", ["Account"])
    every = soap.call("describeGlobal")

    assert "ERP_Key__c" in {field["name"] for field in account["fields"]}
    assert {"Account", "User"} <= {item["name"] for item in every["sobjects"]}
