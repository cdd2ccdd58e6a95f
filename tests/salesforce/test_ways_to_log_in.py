"""Each way to log in, from sfrec.yaml and the environment to the records of an org over real HTTP and TLS."""

import json
import os
import stat
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import requests

from reconciler.connect import Org, open_org
from reconciler.errors import ConnectionFailed, InvalidFiles, LoginFailed, UsageError
from reconciler.salesforce.reader import Select
from tests.salesforce.scripted_org import Answer
from tests.salesforce.token_endpoint import PEM, SECRET, granted, token_endpoint
from tests.served import ServedOrg, serve, sfrec

ADMIN = "admin@acme.example"
JWT = {"SFREC_LOGIN": "jwt", "SFREC_CLIENT_ID": "key", "SFREC_USERNAME": ADMIN, "SFREC_PRIVATE_KEY": PEM}
CREDENTIALS = {"SFREC_LOGIN": "client_credentials", "SFREC_CLIENT_ID": "key", "SFREC_CLIENT_SECRET": SECRET}
CLI = {"SFREC_LOGIN": "sf_cli", "SFREC_USERNAME": "sim"}
TOKEN = "00D000000000001!AQ.planted-borrowed"
USERNAMES = Select("User", ("Username",))

FAKE = """\
#!{python}
import json, os, pathlib, signal, sys, time
folder = pathlib.Path({folder!r})
with (folder / "calls.jsonl").open("a") as calls:
    secrets = sorted(name for name in os.environ if name.startswith("SFREC_"))
    calls.write(json.dumps([sys.argv[1:], secrets, os.environ.get("NO_COLOR")]) + "\\n")
command = " ".join(word for word in sys.argv[1:] if word.isalpha() or word.startswith("show"))
answer = json.loads((folder / "answers.json").read_text()).get(command.split(" sim")[0])
if answer is None:
    print("Error: command not found", file=sys.stderr)
    raise SystemExit(2)
if answer == "interrupt":
    os.kill(os.getppid(), signal.SIGINT)
    time.sleep(60)
if isinstance(answer, str):
    os.system(answer)
    raise SystemExit(0)
print(json.dumps(answer))
raise SystemExit(answer["status"])
"""


class FakeCli:
    """A program `sf` on a PATH of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        program = folder / "sf"
        program.write_text(FAKE.format(python=sys.executable, folder=str(folder)), encoding="utf-8")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

    @property
    def environ(self) -> dict[str, str]:
        return {"PATH": f"{self.folder}{os.pathsep}{os.environ['PATH']}"}

    def answers(self, display: object, show: object = None) -> None:
        answers = {"org display": display, "org auth show-access-token": show}
        (self.folder / "answers.json").write_text(json.dumps(answers), encoding="utf-8")

    def calls(self) -> list[list[object]]:
        return [json.loads(line) for line in (self.folder / "calls.jsonl").read_text().splitlines()]


def ok(**result: object) -> Mapping[str, object]:
    return {"status": 0, "result": result}


@pytest.fixture(name="cli")
def _cli(tmp_path: Path) -> FakeCli:
    folder = tmp_path / "bin"
    folder.mkdir()
    return FakeCli(folder)


@pytest.fixture(name="org", scope="module", params=[(), ("--tls",)], ids=["http", "tls"])
def _org(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedOrg]:
    with serve(tmp_path_factory.mktemp("org"), *request.param) as org:
        yield org


def trusting(org: ServedOrg) -> dict[str, str]:
    """What it takes to trust the org's certificate, where it has one."""
    authority = org.state.with_name("org.db.ca.pem")
    return {"SFREC_CA_FILE": str(authority)} if authority.exists() else {}


def token_requests(org: ServedOrg) -> int:
    return sum(entry["path"] == "/services/oauth2/token" for entry in org.requests())


def users(org: Org) -> set[str]:
    return {str(row["Username"]) for row in org.reader.query(USERNAMES)}


def revoke(served: ServedOrg, token: str) -> None:
    authority = trusting(served).get("SFREC_CA_FILE", True)
    url = f"{served.url}/services/oauth2/revoke"
    assert requests.post(url, data={"token": token}, verify=authority, timeout=10).status_code == 200


@pytest.mark.parametrize("way", [JWT, CREDENTIALS], ids=["jwt", "client_credentials"])
def test_a_token_is_asked_for_and_asked_for_again_once_when_it_has_expired(
    tmp_path: Path, org: ServedOrg, way: Mapping[str, str]
) -> None:
    before = token_requests(org)
    with open_org(tmp_path, None, {**way, **trusting(org), "SFREC_INSTANCE_URL": org.url}) as opened:
        assert ADMIN in users(opened)
        assert token_requests(org) == before + 1
        assert opened.reader.requests == 1

        first = opened.reader.session.token
        revoke(org, first)
        assert ADMIN in users(opened)

        assert token_requests(org) == before + 2
        assert opened.reader.session.token != first
        assert opened.reader.requests == 3
        for secret in (SECRET, PEM.splitlines()[2], first):
            assert secret not in f"{opened!r} {opened.reader!r}"


def test_the_simulated_org_of_the_project_gives_another_token_when_one_is_refused(tmp_path: Path) -> None:
    with open_org(tmp_path, None, {}) as opened:
        opened.reader.session.access.token = "00D!expired"

        assert ADMIN in users(opened)


def test_a_login_without_an_address_goes_where_login_url_says_and_takes_the_address_that_it_is_told(
    tmp_path: Path, org: ServedOrg
) -> None:
    with open_org(tmp_path, None, {**JWT, **trusting(org), "SFREC_LOGIN_URL": f"{org.url}/"}) as opened:
        assert opened.reader.session.instance_url == org.url
        assert ADMIN in users(opened)


def test_an_org_of_the_file_says_how_to_log_in_and_the_environment_holds_the_secrets(
    tmp_path: Path, org: ServedOrg
) -> None:
    key = tmp_path / "key.pem"
    key.write_text(PEM, encoding="ascii")
    orgs = {
        "by_key": {"login": "jwt", "client_id": "key", "username": ADMIN, "instance_url": org.url},
        "by_secret": {"login": "client_credentials", "client_id": "key", "instance_url": org.url},
    }
    (tmp_path / "sfrec.yaml").write_text(json.dumps({"default_org": "by_key", "orgs": orgs}), encoding="utf-8")
    secrets = {**trusting(org), "SFREC_PRIVATE_KEY_FILE": str(key), "SFREC_CLIENT_SECRET": SECRET}

    for name in (None, "by_key", "by_secret"):
        with open_org(tmp_path, name, secrets) as opened:
            assert (opened.name, ADMIN in users(opened)) == (name or "by_key", True)


def test_the_environment_goes_before_the_file_except_for_where_an_org_is(tmp_path: Path) -> None:
    with token_endpoint(granted) as endpoint, token_endpoint(granted) as other:
        orgs = {"acme": {"login": "jwt", "client_id": "of-file", "username": ADMIN, "instance_url": endpoint.url}}
        (tmp_path / "sfrec.yaml").write_text(json.dumps({"orgs": orgs}), encoding="utf-8")

        with open_org(tmp_path, "acme", {**CREDENTIALS, "SFREC_INSTANCE_URL": other.url}) as opened:
            assert opened.reader.session.instance_url == endpoint.url

    assert [form["client_id"] for form in endpoint.forms] == ["key"]
    assert other.forms == []


def test_a_login_to_another_org_than_the_one_that_is_meant_is_refused(tmp_path: Path) -> None:
    with token_endpoint(granted) as endpoint, pytest.raises(LoginFailed, match=r"not to https://acme\.my\.salesforce"):
        open_org(tmp_path, None, {**JWT, "SFREC_LOGIN_URL": endpoint.url, "SFREC_DOMAIN": "acme"})


def test_a_renewed_login_that_leads_to_another_org_is_refused_too(tmp_path: Path, org: ServedOrg) -> None:
    elsewhere = Answer(body={"access_token": TOKEN, "instance_url": "https://other.my.salesforce.com"})
    here = Answer(body={"access_token": "00D000000000001!AQ.expired", "instance_url": org.url})
    with token_endpoint(here, elsewhere) as endpoint:
        environ = {**JWT, **trusting(org), "SFREC_LOGIN_URL": endpoint.url}
        with open_org(tmp_path, None, environ) as opened, pytest.raises(LoginFailed, match="logging in again failed: "):
            users(opened)

    assert len(endpoint.forms) == 2


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"SFREC_LOGIN": "password"}, "choose one of: access_token, client_credentials, jwt, sf_cli"),
        ({"SFREC_LOGIN": "access_token", "SFREC_ACCESS_TOKEN": TOKEN}, "set SFREC_INSTANCE_URL or SFREC_DOMAIN"),
        ({**JWT, "SFREC_CLIENT_ID": ""}, "login jwt needs client_id: set SFREC_CLIENT_ID"),
        ({**JWT, "SFREC_USERNAME": ""}, "login jwt needs username: set SFREC_USERNAME"),
        ({**JWT, "SFREC_PRIVATE_KEY": ""}, "set SFREC_PRIVATE_KEY_FILE to its file"),
        ({**JWT, "SFREC_PRIVATE_KEY": "planted"}, "SFREC_PRIVATE_KEY holds no private key"),
        ({**JWT, "SFREC_PRIVATE_KEY": "", "SFREC_PRIVATE_KEY_FILE": "no.pem"}, "no.pem can't be read: No such file"),
        ({**JWT, "SFREC_PRIVATE_KEY": "", "SFREC_PRIVATE_KEY_FILE": sys.executable}, "is no PEM file"),
        ({**JWT, "SFREC_LOGIN_URL": "http://login.salesforce.com"}, "must begin with https://"),
        (CREDENTIALS, "login client_credentials needs the org's address"),
        ({**CREDENTIALS, "SFREC_CLIENT_SECRET": "", "SFREC_DOMAIN": "acme"}, "SFREC_CLIENT_SECRET is not set"),
        ({**CREDENTIALS, "SFREC_DOMAIN": "acme.my.salesforce.com"}, "before .my.salesforce.com"),
        ({**CREDENTIALS, "SFREC_DOMAIN": "acme.my"}, "before .my.salesforce.com"),
        ({**CREDENTIALS, "SFREC_DOMAIN": "evil.example/x"}, "before .my.salesforce.com"),
        ({**CREDENTIALS, "SFREC_DOMAIN": "acme", "SFREC_INSTANCE_URL": "https://b.example"}, "keep one of them"),
        ({**CLI, "SFREC_USERNAME": "--json"}, "neither begins with -"),
        ({**CLI, "PATH": ""}, "the PATH has no program sf"),
        ({**JWT, "SFREC_TIMEOUT_SECONDS": "0"}, "a number of seconds above 0"),
        ({**JWT, "SFREC_TIMEOUT_SECONDS": "soon"}, 'SFREC_TIMEOUT_SECONDS is "soon"'),
    ],
)
def test_what_a_login_lacks_is_told_before_anything_is_sent(
    tmp_path: Path, environ: Mapping[str, str], told: str
) -> None:
    with pytest.raises(UsageError, match=told) as refused:
        open_org(tmp_path, None, environ)

    assert "planted" not in str(refused.value)


@pytest.mark.parametrize(
    ("org", "place"),
    [
        ({"login": "client_credentials"}, "sfrec.yaml:3:3"),
        ({"login": "magic", "instance_url": "https://acme.example"}, "sfrec.yaml:4:12"),
        ({"domain": "a b"}, "sfrec.yaml:4:13"),
        ({"domain": "acme", "username": "-o"}, "sfrec.yaml:5:15"),
    ],
)
def test_a_login_that_the_file_gets_wrong_is_a_finding_with_its_place(
    tmp_path: Path, org: Mapping[str, str], place: str
) -> None:
    lines = "".join(f"    {key}: {value}\n" for key, value in org.items())
    (tmp_path / "sfrec.yaml").write_text(f"# orgs\norgs:\n  acme:\n{lines}", encoding="utf-8")

    with pytest.raises(InvalidFiles) as refused:
        open_org(tmp_path, "acme", {})

    assert [str(problem.source) for problem in refused.value.problems] == [place]


def test_a_domain_stands_for_the_whole_address(tmp_path: Path) -> None:
    (tmp_path / "sfrec.yaml").write_text("orgs: {uat: {domain: acme--uat.sandbox}}\n", encoding="utf-8")

    with open_org(tmp_path, "uat", {"SFREC_ACCESS_TOKEN": TOKEN}) as opened:
        assert opened.reader.session.instance_url == "https://acme--uat.sandbox.my.salesforce.com"


def test_how_long_an_answer_is_waited_for_can_be_set(tmp_path: Path, org: ServedOrg) -> None:
    environ = {"SFREC_INSTANCE_URL": org.url, "SFREC_ACCESS_TOKEN": org.token, **trusting(org)}

    for more, seconds in (({}, 120.0), ({"SFREC_TIMEOUT_SECONDS": "2.5"}, 2.5)):
        with open_org(tmp_path, None, {**environ, **more}) as opened:
            assert opened.reader.session.timeout.read == seconds


def test_a_plan_is_made_with_a_login_that_is_refused_in_one_line(tmp_path: Path, org: ServedOrg) -> None:
    (tmp_path / "desired" / "users").mkdir(parents=True)
    (tmp_path / "desired" / "users" / "sonia.yaml").write_text("user: sonia.james@acme.example\nactive: true\n")
    environ = {**CREDENTIALS, **JWT, **trusting(org), "SFREC_INSTANCE_URL": org.url, "SFREC_ACCESS_TOKEN": ""}

    fine = sfrec(tmp_path, None, "plan", **environ)
    nobody = sfrec(tmp_path, None, "plan", **{**environ, "SFREC_USERNAME": "nobody@acme.example"})

    assert (fine.returncode, nobody.returncode) == (0, 1), fine.stderr
    assert nobody.stderr.startswith(
        f"sfrec: {org.url} refuses the login: invalid_grant: authentication failure; see user"
    )
    assert len(nobody.stderr.splitlines()) == 1
    for done in (fine, nobody):
        assert SECRET not in done.stdout + done.stderr
        assert "PRIVATE KEY" not in done.stdout + done.stderr


def test_the_clis_login_is_borrowed_and_borrowed_again_when_it_has_expired(
    tmp_path: Path, org: ServedOrg, cli: FakeCli
) -> None:
    hidden = ok(accessToken="[REDACTED] Use 'sf org auth show-access-token' to view", instanceUrl=org.url)
    cli.answers(hidden, ok(accessToken="00D000000000001!AQ.expired"))
    environ = {**CLI, **cli.environ, **trusting(org), "SFREC_CLIENT_SECRET": SECRET}

    with open_org(tmp_path, None, environ) as opened:
        cli.answers(hidden, ok(accessToken=org.token))
        assert ADMIN in users(opened)

    display, show = (
        ["org", "display", "-o", "sim", "--json"],
        ["org", "auth", "show-access-token", "-o", "sim", "--json"],
    )
    assert cli.calls() == [[display, [], "1"], [show, [], "1"]] * 2


@pytest.mark.parametrize("show", [None, {"status": 1, "name": "Gone", "message": "no such command"}])
def test_an_older_cli_shows_the_token_itself(tmp_path: Path, cli: FakeCli, show: object) -> None:
    cli.answers(ok(accessToken=TOKEN, instanceUrl="https://acme.my.salesforce.com"), show)

    with open_org(tmp_path, None, {**CLI, **cli.environ, "SFREC_USERNAME": ""}) as opened:
        assert opened.reader.session.token == TOKEN
        assert opened.reader.session.instance_url == "https://acme.my.salesforce.com"

    assert [call[0] for call in cli.calls()] == [
        ["org", "display", "--json"],
        ["org", "auth", "show-access-token", "--json"],
    ]


HERE = {"instanceUrl": "https://acme.my.salesforce.com"}


@pytest.mark.parametrize(
    ("display", "show", "told"),
    [
        (
            {"status": 1, "name": "NamedOrgNotFoundError", "message": f"No login of sim {TOKEN}"},
            None,
            r"sf org display failed: NamedOrgNotFoundError: No login of sim \*\*\*; log in by sf org login",
        ),
        (None, None, "sf org display failed: it answered no JSON"),
        ({"status": 0, "result": []}, None, "sf org display failed: it answered no JSON"),
        ("echo '[1]'", None, "it answered no JSON"),
        (ok(accessToken="[REDACTED]", **HERE), ok(accessToken="[REDACTED] too"), "shows no access token"),
        (ok(**HERE), ok(accessToken=7), "shows no access token"),
        (ok(), ok(accessToken=TOKEN), "names no address"),
        (ok(instanceUrl="http://acme.example"), ok(accessToken=TOKEN), "names no address .*https://"),
    ],
)
def test_what_the_cli_can_not_give_is_told_and_no_token_with_it(
    tmp_path: Path, cli: FakeCli, display: object, show: object, told: str
) -> None:
    cli.answers(display, show)

    with pytest.raises(LoginFailed, match=told) as failed:
        open_org(tmp_path, None, {**CLI, **cli.environ})

    assert "planted" not in str(failed.value)


def test_a_cli_whose_org_is_another_than_the_one_that_is_meant_is_refused(tmp_path: Path, cli: FakeCli) -> None:
    cli.answers(ok(accessToken=TOKEN, **HERE))

    with pytest.raises(LoginFailed, match=r"is to https://acme\.my\.salesforce\.com, not to https://b\.my"):
        open_org(tmp_path, None, {**CLI, **cli.environ, "SFREC_DOMAIN": "b"})


def test_a_cli_that_never_ends_is_ended_with_all_that_it_has_started(tmp_path: Path, cli: FakeCli) -> None:
    marker = tmp_path / "still-there"
    cli.answers(f"sleep 3; touch {marker}")
    start = time.monotonic()

    with pytest.raises(LoginFailed, match=r"did not end within 0\.5 seconds"):
        open_org(tmp_path, None, {**CLI, **cli.environ, "SFREC_TIMEOUT_SECONDS": "0.5"})

    assert time.monotonic() - start < 2.5
    assert not marker.exists()


def test_a_cli_ends_with_sfrec_when_that_is_interrupted(tmp_path: Path, cli: FakeCli) -> None:
    cli.answers("interrupt")
    start = time.monotonic()

    with pytest.raises(KeyboardInterrupt):
        open_org(tmp_path, None, {**CLI, **cli.environ})

    assert time.monotonic() - start < 30


def test_a_cli_that_can_not_be_run_is_told(tmp_path: Path, cli: FakeCli) -> None:
    (cli.folder / "sf").write_bytes(b"\x7fELF no program")

    with pytest.raises(UsageError, match="can't be run: Exec format error"):
        open_org(tmp_path, None, {**CLI, **cli.environ})


def test_a_host_that_nobody_listens_on_is_told_by_its_name(tmp_path: Path) -> None:
    with token_endpoint(granted) as gone:
        pass

    with pytest.raises(ConnectionFailed, match=f"no answer from {gone.url}"):
        open_org(tmp_path, None, {**JWT, "SFREC_INSTANCE_URL": gone.url})
