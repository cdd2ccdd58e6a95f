"""Anonymous Apex over HTTP: the Tooling API and the SOAP Apex API."""

from collections.abc import Iterator

import pytest

from tests.simulator.soap_calls import call, option
from tests.simulator.wired import Api, refusal, served_api

SCRIPT = "insert new Account(Name = 'By Apex'); System.debug('<done> & well');"
APEX = "http://soap.sforce.com/2006/08/apex"


@pytest.fixture
def api() -> Iterator[Api]:
    with served_api() as served:
        yield served


@pytest.mark.parametrize("path", ["tooling/executeAnonymous", "tooling/executeAnonymous/", "Tooling/executeanonymous"])
def test_a_script_runs_by_rest(api: Api, path: str) -> None:
    answer = api.get(path, params={"anonymousBody": SCRIPT})

    assert answer.status_code == 200
    assert answer.json() == {
        "line": -1,
        "column": -1,
        "compiled": True,
        "success": True,
        "compileProblem": None,
        "exceptionStackTrace": None,
        "exceptionMessage": None,
    }
    assert api.count("SELECT COUNT() FROM Account WHERE Name = 'By Apex'") == 1


def test_what_is_wrong_with_a_script_is_told_with_200(api: Api) -> None:
    unknown = api.get("tooling/executeAnonymous", params={"anonymousBody": "x = 1;"}).json()
    thrown = api.get("tooling/executeAnonymous", params={"anonymousBody": "System.debug(1 / 0);"}).json()

    assert (unknown["compiled"], unknown["line"], unknown["column"]) == (False, 1, 1)
    assert unknown["compileProblem"] == "Variable does not exist: x"
    assert (thrown["compiled"], thrown["success"], thrown["line"], thrown["column"]) == (True, False, 1, 1)
    assert thrown["exceptionMessage"] == "System.MathException: Divide by 0"
    assert thrown["exceptionStackTrace"] == "AnonymousBlock: line 1, column 1"


def test_a_script_is_asked_for_with_get_and_has_a_body(api: Api) -> None:
    assert refusal(api.post("tooling/executeAnonymous", {"anonymousBody": SCRIPT})) == (405, "METHOD_NOT_ALLOWED")
    assert refusal(api.get("tooling/executeAnonymous")) == (400, "MISSING_ARGUMENT")


def test_a_script_runs_by_soap_and_its_log_comes_with_it(api: Api) -> None:
    body = f"<String>{SCRIPT.replace('&', '&amp;').replace('<', '&lt;')}</String>"

    silent = call(api, "executeAnonymous", body, path="s/66.0")
    told = call(
        api, "executeAnonymous", body, path="s/66.0/00D", headers=option("DebuggingHeader", debugLevel="DEBUGONLY")
    )

    assert silent.one("executeAnonymousResponse/result/success") == "true"
    assert silent.one("result/line") == "-1"
    assert '<compileProblem xsi:nil="true"/>' in silent.text
    assert "DebuggingInfo" not in silent.text
    assert "|USER_DEBUG|[1]|DEBUG|<done> & well" in str(told.one("DebuggingInfo/debugLog"))
    assert f'xmlns="{APEX}"' in told.text
    assert api.count("SELECT COUNT() FROM Account WHERE Name = 'By Apex'") == 2


def test_clients_that_name_their_script_otherwise_are_understood(api: Api) -> None:
    answer = call(api, "executeAnonymous", f"<apexcode><![CDATA[{SCRIPT}]]></apexcode>", path="s/66.0")

    assert answer.one("result/success") == "true"


def test_what_is_wrong_with_a_script_is_told_by_soap(api: Api) -> None:
    answer = call(api, "executeAnonymous", "<String>x = 1;</String>", path="s/66.0")

    assert answer.status == 200
    assert answer.one("result/compiled") == "false"
    assert answer.one("result/compileProblem") == "Variable does not exist: x"
    assert call(api, "compileClasses", path="s/66.0").status == 500


def test_the_tooling_api_has_no_sandboxes_and_no_scratch_orgs(api: Api) -> None:
    sandboxes = api.get("tooling/query", params={"q": "SELECT Id, Status FROM SandboxProcess WHERE X = 'y'"})
    scratch = api.get("query", params={"q": "SELECT Id FROM ScratchOrgInfo limit 1"})
    users = api.get("tooling/query", params={"q": "SELECT Id FROM User LIMIT 1"})

    assert sandboxes.json()["totalSize"] == 0
    assert refusal(scratch) == (400, "INVALID_TYPE")
    assert users.json()["totalSize"] == 1
    assert refusal(api.get("tooling/query", params={"q": "from"}))[0] == 400
