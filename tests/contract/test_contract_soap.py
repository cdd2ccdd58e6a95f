"""The SOAP Partner API: records and faults as XML."""

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import pytest
import requests

from tests.contract.sources import (
    DOCUMENTED,
    INFERRED,
    SOAP_CREATE,
    SOAP_FAULTS,
    SOAP_LOGIN,
)
from tests.contract.tenant import VERSION, Bearer, Tenant

PARTNER = "urn:partner.soap.sforce.com"


def sent(org: Tenant, body: str, headers: str = "", *, token: Bearer | None = None) -> requests.Response:
    """The answer to a call; its body is that of a Partner envelope."""
    envelope = (
        f'<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="{PARTNER}" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<soapenv:Header><SessionHeader><sessionId>TOKEN</sessionId></SessionHeader>{headers}</soapenv:Header>"
        f"<soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
    )
    content = (token or org.connection.bearer).told_to(envelope).encode()
    headers_ = {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""'}
    return org.call("POST", f"/services/Soap/u/{VERSION}", data=content, headers=headers_, auth=None)


def record(sobject: str, **fields: object) -> str:
    """A record as an element."""
    inner = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in fields.items())
    return f"<sObjects><type>{sobject}</type>{inner}</sObjects>"


def results(answer: requests.Response, name: str = "result") -> list[Mapping[str, Any]]:
    """The results of a call: text by the local name of each element, errors as a list of the same."""
    assert answer.status_code == 200, answer.text
    found = [item for item in ET.fromstring(answer.content).iter() if _local(item) == name]  # noqa: S314
    return [_plain(item) for item in found]


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _plain(element: ET.Element) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for child in element:
        value = _plain(child) if len(child) else child.text
        if _local(child) == "errors":
            plain.setdefault("errors", []).append(value)
        else:
            plain[_local(child)] = value
    return plain


@pytest.mark.fact(SOAP_CREATE, DOCUMENTED)
def test_records_are_created_each_with_a_result(org: Tenant) -> None:
    name = org.name()

    done, failed = results(sent(org, f"<create>{record('Account', Name=name)}{record('Account', Site='a')}</create>"))

    org.expect("success", (done["success"], failed["success"]), ("true", "false"))
    assert org.row("Account", done["id"], "Name") == {"Name": name}
    (error,) = failed["errors"]
    expected = {"fields": "Name", "message": "Required fields are missing: [Name]"}
    org.expect("error", error["statusCode"], "REQUIRED_FIELD_MISSING")
    org.expect("sentence", {key: error[key] for key in expected}, expected)


@pytest.mark.fact(SOAP_CREATE, DOCUMENTED)
def test_all_or_none_is_a_header(org: Tenant) -> None:
    name = org.name()
    header = "<AllOrNoneHeader><allOrNone>true</allOrNone></AllOrNoneHeader>"

    answer = sent(org, f"<create>{record('Account', Name=name)}{record('Account', Site='a')}</create>", header)

    codes = [result["errors"][0]["statusCode"] for result in results(answer)]
    org.expect("codes", codes, ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING"])
    assert org.rows(f"SELECT Id FROM Account WHERE Name = '{name}'") == []


@pytest.mark.fact(SOAP_CREATE, DOCUMENTED)
def test_fields_are_changed_and_emptied(org: Tenant) -> None:
    account = org.account(Site="Here", Phone="1")
    change = (
        f"<sObjects><type>Account</type><fieldsToNull>Site</fieldsToNull><Id>{account}</Id><Phone>2</Phone></sObjects>"
    )

    (result,) = results(sent(org, f"<update>{change}</update>"))

    org.expect("success", (result["success"], result["id"]), ("true", account))
    assert org.row("Account", account, "Site", "Phone") == {"Site": None, "Phone": "2"}


@pytest.mark.fact(SOAP_CREATE, DOCUMENTED)
def test_records_are_upserted_and_deleted(org: Tenant) -> None:
    key, value = org.external_id("Account"), org.name()[-15:]
    body = f"<externalIDFieldName>{key}</externalIDFieldName>{record('Account', **{key: value, 'Name': org.name()})}"

    created = [results(sent(org, f"<upsert>{body}</upsert>"))[0] for _ in range(2)]
    deleted = results(sent(org, f"<delete><ids>{created[0]['id']}</ids></delete>"))

    org.expect("created", [result["created"] for result in created], ["true", "false"])
    org.expect("deleted", [result["success"] for result in deleted], ["true"])


@pytest.mark.fact(SOAP_FAULTS, DOCUMENTED)
def test_a_session_that_is_none_is_a_fault(org: Tenant) -> None:
    answer = sent(org, "<getUserInfo/>", token=Bearer("00D000000000001!nonsense"))

    org.expect("status", answer.status_code, 500)
    assert "<faultcode>sf:INVALID_SESSION_ID</faultcode>" in answer.text


@pytest.mark.fact(SOAP_FAULTS, INFERRED)
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("<query><queryString>SELECT nonsense FROM Account</queryString></query>", "INVALID_FIELD"),
        ("<query><queryString>SELECT</queryString></query>", "MALFORMED_QUERY"),
        (f"<create>{record('Nonsense', Name='a')}</create>", "INVALID_TYPE"),
        (f"<create>{record('Account', Site='a') * 201}</create>", "EXCEEDED_ID_LIMIT"),
    ],
    ids=["field", "query", "object", "number"],
)
def test_a_call_that_means_nothing_is_a_fault(org: Tenant, body: str, code: str) -> None:
    answer = sent(org, body)

    org.expect("status", answer.status_code, 500)
    org.expect("code", f"sf:{code}</faultcode>" in answer.text, expected=True)


@pytest.mark.fact(SOAP_LOGIN, DOCUMENTED)
def test_login_is_gone_from_65(org: Tenant) -> None:
    answer = sent(org, "<login><username>a@contract.example</username><password>x</password></login>")

    org.expect("status", answer.status_code, 500)
    assert "faultstring" in answer.text
