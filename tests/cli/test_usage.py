"""Wrong usage and wrong input end with the right code, a place and a remedy, and never with a traceback."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler import __version__
from reconciler.cli.application import run
from tests.served import sfrec

ROOT = Path(__file__).parents[2]


def project(folder: Path, **files: bytes) -> Path:
    """A project with these files in desired/users; a name's `_` stands for its last dot."""
    users = folder / "desired" / "users"
    users.mkdir(parents=True)
    for name, content in files.items():
        (users / ".".join(name.rsplit("_", 1))).write_bytes(content)
    return folder


def test_the_version_is_shown() -> None:
    done = sfrec(ROOT, None, "--version")

    assert (done.returncode, done.stdout) == (0, f"sfrec {__version__}\n")


WRONG = [[], ["plam"], ["plan", "--formt", "json"], ["plan", "--format", "yaml"], ["plan", "--project", "/nope"]]


@pytest.mark.parametrize("arguments", WRONG)
def test_a_wrong_command_line_exits_with_64(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 64
    assert capsys.readouterr().err


def test_in_ci_no_org_is_guessed(tmp_path: Path) -> None:
    users = b"user: sonia.james@acme.example\nlicense: Customer Community Plus\n"

    done = sfrec(project(tmp_path, a_yaml=users), None, "plan", CI="true")

    assert done.returncode == 64
    assert "SFREC_INSTANCE_URL" in done.stderr


@pytest.mark.parametrize("given", [{"SFREC_INSTANCE_URL": "http://example.com", "SFREC_ACCESS_TOKEN": "00D!SECRET"}])
def test_plain_http_is_for_this_machine_only(tmp_path: Path, given: dict[str, str]) -> None:
    users = b"user: sonia.james@acme.example\nlicense: Customer Community Plus\n"

    done = sfrec(project(tmp_path, a_yaml=users), None, "plan", **given)

    assert done.returncode == 64
    assert "https" in done.stderr
    assert "SECRET" not in done.stdout + done.stderr


def test_an_org_that_does_not_answer_is_an_error_without_traceback(tmp_path: Path) -> None:
    users = b"user: sonia.james@acme.example\nlicense: Customer Community Plus\n"
    given = {"SFREC_INSTANCE_URL": "http://127.0.0.1:9", "SFREC_ACCESS_TOKEN": "00D!SECRET"}

    done = sfrec(project(tmp_path, a_yaml=users), None, "plan", **given)

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "SECRET" not in done.stdout + done.stderr


def test_all_findings_of_all_files_come_in_one_run_with_place_and_remedy(tmp_path: Path) -> None:
    bomb = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
        b"%c: &%c [%s]\n" % (98 + n, 98 + n, b",".join([b"*%c" % (97 + n)] * 9)) for n in range(9)
    )
    folder = project(
        tmp_path,
        bomb_yaml=bomb,
        bytes_yaml=b"user: \xff\xfe@acme.example\n",
        duplicate_yaml=b"user: a@acme.example\nuser: b@acme.example\nlicense: X\n",
        long_yaml=b"user: " + b"x" * 10_000_000 + b"\n",
        tab_yaml=b"user: c@acme.example\ncontact:\n\tLastName: Tab\n",
        types_yaml=b"user: d@acme.example\nrole: [Manager]\nactive: maybe\n",
        unknown_yaml=b"user: e@acme.example\nlicence: Customer Community Plus\n",
    )

    done = sfrec(folder, None, "validate")

    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    for name in ("bomb", "bytes", "duplicate", "long", "tab", "types", "unknown"):
        lines = [line for line in done.stderr.splitlines() if line.startswith(f"desired/users/{name}.yaml:")]
        assert lines, f"nothing about {name}.yaml"
        assert all("; " in line for line in lines), "a finding without remedy"
    assert 'did you mean "license"' in done.stderr


@pytest.mark.parametrize("folder", [".", "desired", "desired/users"])
def test_an_empty_folder_is_a_finding_and_never_an_empty_plan(tmp_path: Path, folder: str) -> None:
    (tmp_path / folder).mkdir(parents=True, exist_ok=True)

    done = sfrec(tmp_path, None, "plan")

    assert done.returncode == 3
    assert done.stderr


def test_findings_as_json_stand_where_the_result_would(tmp_path: Path) -> None:
    folder = project(tmp_path, a_yaml=b"user: 7\n")

    done = sfrec(folder, None, "plan", "--format", "json")

    assert done.returncode == 3
    assert json.loads(done.stdout)["problems"][0]["source"]["file"] == "desired/users/a.yaml"


def test_names_that_the_org_does_not_know_are_findings_with_place(tmp_path: Path) -> None:
    folder = project(
        tmp_path,
        a_yaml=b"user: sonia.james@acme.example\naccount: Acme\ncontact: {}\nprofile: Acme Custmer Plus\n",
        b_yaml=b"user: omar.haddad@acme.example\naccount: Acne\ncontact: {}\nprofile: Acme Customer Plus\n",
    )

    done = sfrec(folder, None, "plan")

    assert done.returncode == 3
    assert 'desired/users/a.yaml:4:10: error SF105: no profile "Acme Custmer Plus" in the org; ' in done.stdout
    assert 'desired/users/b.yaml:2:10: error SF132: no account "Acne" in the org; ' in done.stdout


def loaded(*arguments: str) -> set[str]:
    """The modules that a run of sfrec leaves loaded."""
    code = (
        "import sys\nfrom reconciler.cli.application import run\n"
        f"run({list(arguments)!r})\nprint('\\n'.join(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stderr.split())


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["validate"], ["plan", "--help"]])
def test_commands_that_ask_no_org_load_nothing_that_speaks_to_one(arguments: list[str]) -> None:
    heavy = {"simple_salesforce", "werkzeug", "requests", "deepdiff", "lark", "zeep"}
    heavy |= {f"reconciler.{name}" for name in ("connect", "salesforce", "live", "plan", "apply", "simulator")}

    assert not loaded(*arguments) & heavy
