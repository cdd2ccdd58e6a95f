"""Apex that is run without a class, by the Tooling API."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.contract.sources import DOCUMENTED, EXECUTE_ANONYMOUS, REPORTED
from tests.contract.tenant import Tenant


def run(org: Tenant, code: str) -> Mapping[str, Any]:
    """What a block of Apex did."""
    answer = org.get("tooling/executeAnonymous", params={"anonymousBody": code})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.fact(EXECUTE_ANONYMOUS, DOCUMENTED)
def test_a_block_of_apex_is_run(org: Tenant) -> None:
    name = org.name()

    told = run(org, f"Account a = new Account(Name = '{name}'); insert a;")

    expected = {
        "line": -1,
        "column": -1,
        "compiled": True,
        "success": True,
        **dict.fromkeys(("compileProblem", "exceptionMessage", "exceptionStackTrace")),
    }
    org.expect("result", told, expected)
    assert len(org.rows(f"SELECT Id FROM Account WHERE Name = '{name}'")) == 1


@pytest.mark.fact(EXECUTE_ANONYMOUS, DOCUMENTED)
def test_apex_that_does_not_compile_is_told_where(org: Tenant) -> None:
    told = run(org, "Integer i = 1\nInteger j = 2;")

    org.expect("flags", (told["compiled"], told["success"]), (False, False))
    assert told["line"] >= 1
    assert told["compileProblem"]


@pytest.mark.fact(EXECUTE_ANONYMOUS, REPORTED)
def test_an_exception_undoes_the_whole_block(org: Tenant) -> None:
    name = org.name()

    told = run(org, f"insert new Account(Name = '{name}');\ninsert new Account(Site = 'a');")

    org.expect("flags", (told["compiled"], told["success"]), (True, False))
    assert told["exceptionMessage"].startswith("System.DmlException: ")
    assert "REQUIRED_FIELD_MISSING" in told["exceptionMessage"]
    assert told["exceptionStackTrace"].startswith("AnonymousBlock: line 2, column 1")
    assert org.rows(f"SELECT Id FROM Account WHERE Name = '{name}'") == []


@pytest.mark.fact(EXECUTE_ANONYMOUS, DOCUMENTED)
def test_setup_and_other_objects_are_not_written_in_one_block(org: Tenant) -> None:
    user = org.contactless()

    told = run(org, f"insert new Account(Name = '{org.name()}'); update new User(Id = '{user}', IsActive = false);")

    org.expect("success", told["success"], expected=False)
    assert "MIXED_DML_OPERATION" in told["exceptionMessage"]
    assert org.row("User", user, "IsActive") == {"IsActive": True}
