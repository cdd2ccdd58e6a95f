"""The whole story through the program itself, over real HTTP, proved from the org's own access log."""

import json
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.served import SFREC, ServedOrg, environment, serve, sfrec

ROOT = Path(__file__).parents[2]
USERS = 12


@pytest.fixture
def org(tmp_path: Path) -> Iterator[ServedOrg]:
    """The built-in demo org."""
    with serve(tmp_path) as served:
        yield served


def contacts_of(org: ServedOrg) -> dict[str, list[str]]:
    """E-mail -> names of the contacts that have it."""
    found: dict[str, list[str]] = {}
    for contact in org.dump().get("Contact", []):
        found.setdefault(str(contact["Email"]), []).append(str(contact["LastName"]))
    return found


def test_the_demo_team_is_planned_applied_and_in_sync(org: ServedOrg) -> None:
    planned = sfrec(ROOT, org, "plan", "--detailed-exitcode")
    assert planned.returncode == 2, planned.stderr
    assert org.writes() == []

    applied = sfrec(ROOT, org, "apply", "--yes")
    assert applied.returncode == 0, applied.stdout + applied.stderr
    assert "Verified: a fresh read shows all 43 changes." in applied.stdout
    writes = len(org.writes())

    again = sfrec(ROOT, org, "plan", "--detailed-exitcode")
    assert again.returncode == 0
    assert "nothing to do" in again.stdout
    second = sfrec(ROOT, org, "apply", "--yes")
    assert second.returncode == 0
    assert len(org.writes()) == writes


def test_the_writes_come_in_the_order_of_the_help_article(tmp_path: Path) -> None:
    scenario = ROOT / "tests" / "scenarios" / "help-article-upgrade"
    with serve(tmp_path, seed=scenario / "org.yaml") as org:
        assert sfrec(scenario, org, "apply", "--yes").returncode == 0

        paths = [str(entry["path"]).removeprefix("/services/data/v66.0/") for entry in org.writes()]
        log = [f"{entry['method']} {path}" for entry, path in zip(org.writes(), paths, strict=True)]
        contact = next(i for i, line in enumerate(log) if line.startswith("POST composite/sobjects"))
        link = next(i for i, line in enumerate(log) if line.startswith("POST /services/Soap/u/"))
        licensed = next(i for i, line in enumerate(log) if line.startswith("PATCH composite/sobjects"))
        assert contact < link < licensed
        after = org.dump()
    sonia = next(user for user in after["User"] if user["Username"] == "sonia.james@acme.example")
    assert sonia["Profile"] == "Acme Customer Plus"
    assert sonia["UserRole"] == "Acme Customer Manager"
    assert [(c["FirstName"], c["LastName"], c["Account"]) for c in after["Contact"]] == [("Sonia", "James", "Acme")]
    assert sonia["Contact"]


def test_a_saved_plan_is_applied_while_it_holds_and_refused_after_that(org: ServedOrg, tmp_path: Path) -> None:
    saved = tmp_path / "plan.json"
    assert sfrec(ROOT, org, "plan", "--format", "json", "--out", str(saved)).returncode == 0
    assert json.loads(saved.read_text(encoding="utf-8"))["org"]["is_simulated"] is True

    first = sfrec(ROOT, org, "apply", str(saved), "--yes")
    assert first.returncode == 0, first.stderr
    writes = len(org.writes())
    second = sfrec(ROOT, org, "apply", str(saved), "--yes")

    assert second.returncode == 4
    assert "the org has changed" in second.stderr
    assert len(org.writes()) == writes


def test_apply_without_terminal_and_without_yes_is_refused(org: ServedOrg) -> None:
    done = sfrec(ROOT, org, "apply")

    assert done.returncode == 64
    assert "--yes" in done.stderr
    assert org.requests() == []


def test_json_results_keep_their_counts(org: ServedOrg) -> None:
    done = sfrec(ROOT, org, "apply", "--yes", "--format", "json")

    document = json.loads(done.stdout)
    assert document["format"] == "sfrec.apply/1"
    assert document["summary"]["done"] == len(document["results"])


def killed_after_contacts(org: ServedOrg) -> int:
    """Start an apply, kill it as soon as the org has answered the creation of contacts; its return code."""
    with subprocess.Popen(
        [SFREC, "apply", "--yes"],
        cwd=ROOT,
        env=environment(org),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        deadline = time.monotonic() + 60
        while not any("composite/sobjects" in str(entry["path"]) for entry in org.writes()):
            assert process.poll() is None, "apply ended before it created contacts"
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        return process.wait(timeout=20)


def test_an_apply_killed_after_contacts_were_created_converges_without_a_second_contact(tmp_path: Path) -> None:
    with serve(tmp_path, "--latency-ms", "100") as org:
        assert killed_after_contacts(org) == -signal.SIGKILL
        halfway = org.dump()
        assert len(halfway["Contact"]) > 3
        linked = {user["Username"] for user in halfway["User"] if user.get("Contact")}
        assert linked == {"noah.berg@globex.example", "jonas.weber@initech.example"}

        done = sfrec(ROOT, org, "apply", "--yes")

        assert done.returncode == 0, done.stdout + done.stderr
        contacts = contacts_of(org)
        assert len(contacts) == USERS
        assert all(len(names) == 1 for names in contacts.values())
        after: Mapping[str, list[dict[str, object]]] = org.dump()
        assert sum(1 for user in after["User"] if user.get("Contact")) == USERS


def test_one_seat_too_few_is_refused_with_counts_and_users_and_nothing_is_written(tmp_path: Path) -> None:
    scenario = ROOT / "tests" / "scenarios" / "help-article-upgrade"
    seed = tmp_path / "seed.yaml"
    text = (scenario / "org.yaml").read_text(encoding="utf-8")
    owned = "Customer Community Plus, TotalLicenses: "
    seed.write_text(text.replace(f"{owned}50", f"{owned}0"))
    with serve(tmp_path, seed=seed) as org:
        planned = sfrec(scenario, org, "plan")
        applied = sfrec(scenario, org, "apply", "--yes")

        assert (planned.returncode, applied.returncode) == (3, 3)
        assert (
            "license Customer Community Plus is short of 1 seat: 0 owned, 0 used, 1 needed for sonia.james@acme.example"
            in planned.stdout
        )
        assert org.writes() == []


def test_the_program_works_on_the_built_in_org_without_any_setting(tmp_path: Path) -> None:
    (tmp_path / "desired").symlink_to(ROOT / "desired")

    first = sfrec(tmp_path, None, "apply", "--yes")
    second = sfrec(tmp_path, None, "plan", "--detailed-exitcode")

    assert first.returncode == 0, first.stdout + first.stderr
    assert first.stdout.startswith("Org: ")
    assert "simulated" in first.stdout.splitlines()[0]
    assert second.returncode == 0
    assert (tmp_path / ".sfrec" / "simulated-org.db").exists()


def test_a_refused_change_is_reported_with_its_place_and_exit_5(tmp_path: Path) -> None:
    scenario = ROOT / "tests" / "scenarios" / "help-article-upgrade"
    spec = "row-lock:99@POST composite/sobjects"
    with serve(tmp_path, "--faults", spec, seed=scenario / "org.yaml") as org:
        done = sfrec(scenario, org, "apply", "--yes")

    assert done.returncode == 5
    failed = "desired/users/sonia-james.yaml:1: step 1 contact/sonia.james@acme.example failed: UNABLE_TO_LOCK_ROW"
    assert failed in done.stdout
    assert "Incomplete: 0 changes done, 1 failed, 0 unknown, 3 not sent." in done.stdout


@pytest.mark.parametrize("content", ["not json", "[]"])
def test_a_file_that_is_no_plan_is_a_usage_error(org: ServedOrg, tmp_path: Path, content: str) -> None:
    saved = tmp_path / "plan.json"
    saved.write_text(content)

    done = sfrec(ROOT, org, "apply", str(saved), "--yes")

    assert done.returncode == 64
    assert "is not a saved plan" in done.stderr
    assert org.requests() == []
