"""The suite itself: which org it measures, what it never does there, and what it tells at the end."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from reconciler.simulator import Org
from reconciler.simulator.certificate import tls_context
from reconciler.simulator.seed import open_org
from reconciler.simulator.server import listen
from reconciler.simulator.wire import Options, issue_token
from tests.contract.real_half import DISPOSABLE, NAME, TOKEN, Unreachable, login, refusal
from tests.contract.simulated_half import contract_seed
from tests.contract.tenant import PREFIX

ROOT = Path(__file__).parents[2]
SECRET = "00D000000000001!AQ.SECRET"
PRODUCTION = {"IsSandbox": False, "TrialExpirationDate": None, "OrganizationType": "Enterprise Edition"}


@dataclass(frozen=True)
class Another:
    """An org, and the environment that names it as the real one."""

    org: Org
    environ: Mapping[str, str]


@contextmanager
def another_org(folder: Path, organization: str = "Developer Edition", **settings: Any) -> Iterator[Another]:
    """An org behind TLS that stands in for a real one."""
    seed = contract_seed()
    told = {"Name": "Acme", "OrganizationType": organization}
    org = open_org(":memory:", {**seed, "organization": told, "settings": {**seed["settings"], **settings}})
    running = listen(org, Options(), tls=tls_context(folder / "ca.pem"))
    thread = Thread(target=running.serve_forever, daemon=True)
    thread.start()
    try:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SFREC_", "PYTEST_"))}
        ca = {"REQUESTS_CA_BUNDLE": str(folder / "ca.pem"), "NO_PROXY": "127.0.0.1"}
        yield Another(org, {**kept, **ca, NAME: running.url, TOKEN: issue_token(org)})
    finally:
        running.server.shutdown()
        running.server.server_close()
        thread.join(timeout=5)
        org.close()


def measured(folder: Path, environ: Mapping[str, str], *chosen: str) -> tuple[str, Mapping[str, Any]]:
    """What a run of the suite prints, and its report."""
    report = folder / "report.json"
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-m", "not slow", "--contract-report"]
    done = subprocess.run(
        [*command, str(report), *chosen],
        cwd=ROOT,
        env=dict(environ),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert environ[TOKEN] not in done.stdout + done.stderr
    content = report.read_text(encoding="utf-8") if report.exists() else "{}"
    assert environ[TOKEN] not in content
    return done.stdout + done.stderr, json.loads(content)


def test_the_real_half_measures_the_org_that_is_named(tmp_path: Path) -> None:
    with another_org(tmp_path) as another:
        printed, report = measured(tmp_path, another.environ, "tests/contract/test_contract_discovery.py")

    assert report["format"] == "sfrec.contract/1"
    assert report["summary"]["differ"] == 0
    assert report["summary"]["held by both"] > 15
    assert f"{report['summary']['held by both']} held by both, 0 differ" in printed
    told = next(item for item in report["contracts"] if item["test"].endswith("test_a_uri_has_16384_bytes"))
    assert told["answers"] == [{"what": "status", "expected": 414, "got": 414}]
    assert (told["simulated"], told["real"], told["verdict"], told["tag"]) == (
        "held",
        "held",
        "held by both",
        "documented",
    )


def test_an_answer_that_no_source_knows_is_told_where_it_differs(tmp_path: Path) -> None:
    with another_org(tmp_path, combined_contact_profile=True) as another:
        chosen = ("tests/contract/test_contract_users.py", "-k", "not_set_in_one_change")
        printed, report = measured(tmp_path, another.environ, *chosen)

    assert report["summary"] == {"held by both": 0, "differ": 1, "not measured": 0}
    (combined,) = report["contracts"]
    assert (combined["simulated"], combined["real"], combined["verdict"]) == ("held", "held", "differ")
    assert combined["answers"][0]["got"] == 204
    assert "(inferred), real: answer: expected" in printed


def test_whatever_a_test_made_is_gone_though_it_failed(tmp_path: Path) -> None:
    with another_org(tmp_path, contact_can_change=True) as another:
        chosen = ("tests/contract/test_contract_users.py", "-k", "contact or seats")
        printed, report = measured(tmp_path, another.environ, *chosen)
        find = another.org.store.find
        names = [str(item["Name"]) for item in find("Account", IsDeleted=False)]
        people = [str(item["LastName"]) for item in find("Contact", IsDeleted=False) + find("User", IsActive=True)]
        retired = [str(item["Username"]) for item in find("User", IsActive=False)]

    assert report["summary"]["differ"] == 2
    assert "neither_changed_nor_cleared[True] (reported), real: contact: expected" in printed
    assert report["left_behind"] == []
    assert not [name for name in names + people if name.startswith(PREFIX)]
    assert retired
    assert all(name.startswith(PREFIX) for name in retired)


def test_what_an_org_lacks_is_told_as_not_measured(tmp_path: Path) -> None:
    with another_org(tmp_path, contactless_users=False) as another:
        chosen = ("tests/contract/test_contract_users.py", "-k", "is_given_a_contact")
        printed, report = measured(tmp_path, another.environ, *chosen)

    assert report["summary"] == {"held by both": 0, "differ": 0, "not measured": 1}
    assert report["contracts"][0]["reason"] == "the org doesn't allow contactless users"
    assert "0 held by both, 0 differ, 1 not measured" in printed


def test_an_org_that_refuses_the_session_ends_the_run(tmp_path: Path) -> None:
    with another_org(tmp_path) as another:
        wrong = {**another.environ, TOKEN: SECRET}
        printed, report = measured(tmp_path, wrong, "tests/contract/test_contract_discovery.py")

    assert "answers 401" in printed
    assert "INVALID_SESSION_ID" in printed
    assert report == {}


@pytest.mark.parametrize(
    "organization",
    [
        {**PRODUCTION, "IsSandbox": True},
        {**PRODUCTION, "TrialExpirationDate": "2026-12-24T00:00:00.000+0000"},
        {**PRODUCTION, "OrganizationType": "Developer Edition"},
    ],
)
def test_an_org_for_trying_is_written_to(organization: Mapping[str, Any]) -> None:
    assert refusal(organization, {}) is None


def test_a_production_org_is_written_to_only_where_it_is_said_to_be_disposable() -> None:
    assert "production" in str(refusal(PRODUCTION, {}))
    assert "production" in str(refusal(PRODUCTION, {DISPOSABLE: "no"}))
    assert refusal(PRODUCTION, {DISPOSABLE: "yes"}) is None


def test_a_production_org_ends_the_run_before_anything_is_written(tmp_path: Path) -> None:
    with another_org(tmp_path, "Enterprise Edition") as another:
        printed, _ = measured(tmp_path, another.environ, "tests/contract/test_contract_records.py")
        names = {str(item["Name"]) for item in another.org.store.find("Account")}

    assert "SFREC_REAL_ORG names a production org" in printed
    assert names == {str(item["Name"]) for item in contract_seed()["Account"]}


def test_a_url_needs_its_token() -> None:
    assert login({NAME: "https://acme.my.salesforce.com/", TOKEN: SECRET}).url == "https://acme.my.salesforce.com"
    with pytest.raises(Unreachable, match="SFREC_ACCESS_TOKEN"):
        login({NAME: "https://acme.my.salesforce.com"})


@pytest.mark.parametrize("name", ["http://acme.my.salesforce.com", " ", "force://acme"])
def test_a_name_that_is_neither_a_secure_url_nor_an_alias_is_refused(name: str) -> None:
    with pytest.raises(Unreachable, match="https://"):
        login({NAME: name, TOKEN: SECRET})


def program(folder: Path, display: object, token: object) -> Mapping[str, str]:
    """The environment of a program `sf` that answers so; None fails."""
    answers = {"display": display, "show-access-token": token}
    script = folder / "sf"
    script.write_text(
        f"#!{sys.executable}\nimport json, sys\nanswers = json.loads({json.dumps(answers)!r})\n"
        "found = next(value for name, value in answers.items() if name in sys.argv)\n"
        "sys.exit(1) if found is None else print(json.dumps({'status': 0, 'result': found}))\n",
        encoding="utf-8",
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return {"PATH": str(folder), NAME: "my-scratch"}


URL = "https://acme.scratch.my.salesforce.com"
HIDDEN = "[REDACTED] Use 'sf org auth show-access-token' to view"


@pytest.mark.parametrize(
    ("display", "token"),
    [
        ({"instanceUrl": URL, "accessToken": HIDDEN}, {"accessToken": SECRET}),
        ({"instanceUrl": f"{URL}/", "accessToken": SECRET}, None),
    ],
)
def test_an_alias_is_asked_of_the_sf_cli_old_or_new(tmp_path: Path, display: object, token: object) -> None:
    found = login(program(tmp_path, display, token))

    assert (found.url, found.token) == (URL, SECRET)
    assert SECRET not in repr(found)


@pytest.mark.parametrize(
    ("display", "token", "reason"),
    [
        (None, None, "sf org display -o my-scratch --json"),
        ({"instanceUrl": URL, "accessToken": HIDDEN}, None, "no access token"),
        ({"instanceUrl": URL}, {"accessToken": HIDDEN}, "no access token"),
        ({"instanceUrl": "http://127.0.0.1"}, {"accessToken": SECRET}, "no https instance URL"),
        ("nonsense", {"accessToken": SECRET}, "sf org display"),
    ],
)
def test_an_alias_that_leads_nowhere_is_refused_without_a_token(
    tmp_path: Path, display: object, token: object, reason: str
) -> None:
    with pytest.raises(Unreachable, match=reason) as caught:
        login(program(tmp_path, display, token))

    assert SECRET not in str(caught.value)


def test_an_alias_needs_the_sf_cli(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="no sf CLI"):
        login({NAME: "my-scratch", "PATH": str(tmp_path)})
