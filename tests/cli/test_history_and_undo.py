"""history, undo, events and progress, through the program itself."""

import json
import os
import pty
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.served import SFREC, ServedOrg, environment, serve, sfrec

ROOT = Path(__file__).parents[2]
TEAM = "user: {0}@acme.example\nfields: {{Department: {1}}}\n"


@pytest.fixture
def org(tmp_path: Path) -> Iterator[ServedOrg]:
    """The built-in demo org."""
    with serve(tmp_path) as served:
        yield served


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that gives one user of the demo org a department."""
    users = tmp_path / "project" / "desired" / "users"
    users.mkdir(parents=True)
    (users / "team.yaml").write_text(TEAM.format("kim.lee", "Sales"), encoding="utf-8")
    return tmp_path / "project"


def schema(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((ROOT / "schemas" / name).read_text(encoding="utf-8")))


def run_id(project: Path, org: ServedOrg) -> str:
    told = json.loads(sfrec(project, org, "history", "--format", "json").stdout)
    schema("history.schema.json").validate(told)
    return str(told["runs"][-1]["run"])


def test_a_run_is_listed_told_whole_and_taken_back(org: ServedOrg, project: Path) -> None:
    assert "No apply of this project" in sfrec(project, org, "history").stdout
    assert sfrec(project, org, "apply", "--yes").returncode == 0
    run = run_id(project, org)

    whole = sfrec(project, org, "history", run)
    as_json = sfrec(project, org, "history", run, "--format", "json")
    undone = sfrec(project, org, "undo", run, "--yes")

    assert "user/kim.lee@acme.example done" in whole.stdout
    schema("apply.schema.json").validate(json.loads(as_json.stdout))
    assert undone.returncode == 0, undone.stderr
    assert f"takes back run {run}" in undone.stdout
    (kim,) = (user for user in org.dump()["User"] if user["Username"] == "kim.lee@acme.example")
    assert "Department" not in kim
    assert sfrec(project, org, "plan", "--detailed-exitcode").returncode == 2


def test_undo_needs_a_run_of_this_org_and_somebody_to_ask(org: ServedOrg, project: Path) -> None:
    assert sfrec(project, org, "undo", "nothing", "--yes").returncode == 64
    assert sfrec(project, org, "undo", "nothing").returncode == 64
    assert sfrec(project, org, "apply", "--yes").returncode == 0
    run = run_id(project, org)
    kept = org.state.parent / "runs" / run / "plan.json"
    kept.write_text(
        kept.read_text(encoding="utf-8").replace("00D000000000001EAA", "00D000000000009EAA"), encoding="utf-8"
    )

    other = sfrec(project, org, "undo", run, "--yes")

    assert other.returncode == 64
    assert "was applied to another org" in other.stderr


def test_what_happens_is_written_as_it_happens(org: ServedOrg, project: Path, tmp_path: Path) -> None:
    (project / "desired").rename(project / "kept")
    (project / "desired").symlink_to(ROOT / "desired")
    events = tmp_path / "events.jsonl"

    assert sfrec(project, org, "apply", "--yes", "--via", "bulk", "--events", str(events)).returncode == 0

    lines = [json.loads(line) for line in events.read_text(encoding="utf-8").splitlines()]
    for line in lines:
        schema("events.schema.json").validate(line)
    assert (lines[0]["event"], lines[-1]["event"]) == ("run_begun", "run_ended")
    assert "job_created" in {line["event"] for line in lines}


def test_events_that_can_not_be_written_send_nothing(org: ServedOrg, project: Path) -> None:
    done = sfrec(project, org, "apply", "--yes", "--events", "no/such/folder/events.jsonl")

    assert done.returncode == 64
    assert "nothing was sent" in done.stderr
    assert org.writes() == []


def test_a_saved_plan_serves_once(org: ServedOrg, project: Path, tmp_path: Path) -> None:
    saved = tmp_path / "plan.json"
    assert sfrec(project, org, "plan", "--format", "json", "--out", str(saved)).returncode == 0
    assert sfrec(project, org, "apply", str(saved), "--yes").returncode == 0
    assert sfrec(project, org, "undo", run_id(project, org), "--yes").returncode == 0

    again = sfrec(project, org, "apply", str(saved), "--yes")

    assert again.returncode == 4
    assert "was applied already" in again.stderr


def test_a_saved_plan_goes_the_way_that_it_was_asked_to_go(org: ServedOrg, tmp_path: Path) -> None:
    saved = tmp_path / "plan.json"
    planned = sfrec(ROOT, org, "plan", "--via", "apex", "--format", "json", "--out", str(saved))

    done = sfrec(ROOT, org, "apply", str(saved), "--yes")

    assert planned.returncode == 0, planned.stderr
    assert done.returncode == 0, done.stderr
    assert any("/Soap/s/" in str(entry["path"]) for entry in org.requests())


def test_a_terminal_gets_a_bar_for_each_step(org: ServedOrg, project: Path) -> None:
    leader, follower = pty.openpty()
    command = [SFREC, "apply", "--yes"]
    with subprocess.Popen(
        command, cwd=project, env=environment(org, TERM="xterm"), stdout=subprocess.DEVNULL, stderr=follower
    ) as process:
        os.close(follower)
        shown = b""
        try:
            while part := os.read(leader, 4096):
                shown += part
        except OSError:
            pass
        os.close(leader)
    assert process.returncode == 0
    assert b"step 1 of 1: update User" in shown
    assert b"1/1" in shown


def test_an_apply_goes_on_when_nobody_reads_any_more(org: ServedOrg, project: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [SFREC, "apply", "--yes"], cwd=project, env=environment(org), stdout=writer, stderr=writer, check=False
    )
    os.close(writer)

    assert done.returncode == 0
    assert "verified" in sfrec(project, org, "history").stdout


@pytest.mark.parametrize(
    ("name", "value"),
    [("SFREC_VIA", "pigeon"), ("SFREC_NOTIFY", "maybe"), ("SFREC_WORKERS", "0"), ("SFREC_SETTLE_SECONDS", "1e3")],
)
def test_a_setting_that_can_not_be_used_sends_nothing(org: ServedOrg, project: Path, name: str, value: str) -> None:
    done = sfrec(project, org, "apply", "--yes", **{name: value})

    assert done.returncode == 64
    assert name in done.stderr
    assert org.writes() == []


def test_a_plan_is_written_as_scripts(org: ServedOrg, project: Path) -> None:
    told = sfrec(project, org, "plan", "--format", "apex")
    (project / "desired" / "users" / "ghost.yaml").write_text(
        "user: ghost@acme.example\nactive: true\n", encoding="utf-8"
    )
    refused = sfrec(project, org, "plan", "--format", "apex")

    assert told.returncode == 0
    assert "rows.add(new User(Id = '005" in told.stdout
    assert (refused.returncode, refused.stdout) == (3, "")
    assert "ghost@acme.example" in refused.stderr
