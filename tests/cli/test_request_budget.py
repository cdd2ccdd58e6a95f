"""--max-requests and the daily limit through the program itself, over real HTTP: counted in the org's own log."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reconciler.simulator import open_org
from reconciler.simulator.wire.limits import count_requests
from tests.served import ServedOrg, serve, sfrec

ROOT = Path(__file__).parents[2]
SCENARIO = ROOT / "tests" / "scenarios" / "help-article-upgrade"


@pytest.fixture
def org(tmp_path: Path) -> Iterator[ServedOrg]:
    """The org of the help article's upgrade."""
    with serve(tmp_path, seed=SCENARIO / "org.yaml") as served:
        yield served


@contextmanager
def used(folder: Path, requests: int) -> Iterator[ServedOrg]:
    """The same org after so many requests of its 15,000 a day."""
    state = folder / "org.db"
    seeded = sfrec(folder, None, "simulate", "seed", "--state", str(state), str(SCENARIO / "org.yaml"))
    assert seeded.returncode == 0, seeded.stderr
    records = open_org(state)
    count_requests(records, requests)
    records.close()
    with serve(folder) as served:
        yield served


def costs(org: ServedOrg) -> tuple[int, int]:
    """What a plan tells of its requests: to read, and to write."""
    done = sfrec(SCENARIO, org, "plan", "--format", "json")
    assert done.returncode == 0, done.stderr
    requests = json.loads(done.stdout)["requests"]
    return requests["read"], requests["planned_write"]


def asked(org: ServedOrg, before: int = 0) -> int:
    return len(org.requests()) - before


def test_a_plan_sends_at_most_what_is_allowed_and_fails_with_1(org: ServedOrg) -> None:
    read, _ = costs(org)
    before = asked(org)

    short = sfrec(SCENARIO, org, "plan", "--max-requests", str(read - 1))
    assert (short.returncode, asked(org, before)) == (1, read - 1)
    assert f"--max-requests (SFREC_MAX_REQUESTS) is {read - 1}: 0 left, 1 needed" in short.stderr
    assert short.stdout == ""

    enough = sfrec(SCENARIO, org, "plan", SFREC_MAX_REQUESTS=str(read))
    assert enough.returncode == 0
    assert org.writes() == []


def test_an_apply_that_could_not_be_finished_is_refused_before_its_first_write(org: ServedOrg) -> None:
    read, write = costs(org)
    need = read + write + read

    refused = sfrec(SCENARIO, org, "apply", "--yes", "--max-requests", str(need - 1))

    assert refused.returncode == 3
    assert f"about {write} requests to write and {read} to verify" in refused.stderr
    assert f"is {need - 1}: {need - 1 - read} left, {need - read} needed" in refused.stderr
    assert f"--max-requests {need} would do" in refused.stderr
    assert "nothing was changed" in refused.stderr
    assert org.writes() == []

    before = asked(org)
    done = sfrec(SCENARIO, org, "apply", "--yes", "--max-requests", str(need))
    assert done.returncode == 0, done.stderr
    assert "Verified" in done.stdout
    assert asked(org, before) <= need


def test_an_empty_plan_is_applied_with_no_request_to_spare(org: ServedOrg) -> None:
    assert sfrec(SCENARIO, org, "apply", "--yes").returncode == 0
    read, write = costs(org)

    done = sfrec(SCENARIO, org, "apply", "--yes", "--max-requests", str(read))

    assert write == 0
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("given", ["0", "-1", "many", "1.5"])
@pytest.mark.parametrize("command", ["plan", "apply"])
def test_a_budget_that_is_no_number_of_requests_is_a_usage_error(tmp_path: Path, command: str, given: str) -> None:
    by_option = sfrec(tmp_path, None, command, "--max-requests", given)
    by_environment = sfrec(tmp_path, None, command, SFREC_MAX_REQUESTS=given)

    assert (by_option.returncode, by_environment.returncode) == (64, 64)
    assert "--max-requests" in by_option.stderr
    assert "SFREC_MAX_REQUESTS" in by_environment.stderr


def test_trouble_that_eats_up_the_budget_ends_with_5_and_tells_what_was_not_sent(tmp_path: Path) -> None:
    with serve(tmp_path, "--faults", "row-lock:40@POST composite", seed=SCENARIO / "org.yaml") as org:
        read, write = costs(org)
        before = asked(org)
        allowed = read + write + read
        done = sfrec(SCENARIO, org, "apply", "--yes", "--max-requests", str(allowed))

        assert done.returncode == 5
        assert asked(org, before) <= allowed
        assert "1 failed, 0 unknown, 3 not sent" in done.stdout


def test_a_verification_that_can_not_be_paid_for_is_told(tmp_path: Path) -> None:
    faults = "concurrent-limit:3@POST composite,concurrent-limit:3@PATCH composite"
    with serve(tmp_path, "--faults", faults, seed=SCENARIO / "org.yaml") as org:
        read, write = costs(org)
        before = asked(org)
        done = sfrec(SCENARIO, org, "apply", "--yes", "--max-requests", str(read + write + read))

        assert done.returncode == 5
        assert "4 changes done, 0 failed, 0 unknown, 0 not sent" in done.stdout
        assert "Not verified: --max-requests" in done.stdout
        assert asked(org, before) <= read + write + read


def test_an_apply_that_would_reach_the_reserve_of_the_day_is_refused(tmp_path: Path) -> None:
    with used(tmp_path, 14_680) as org:
        done = sfrec(SCENARIO, org, "apply", "--yes")

        assert done.returncode == 3
        assert "of its 15000 daily requests and the last 300 are kept for other integrations" in done.stderr
        assert org.writes() == []

        lower = sfrec(SCENARIO, org, "apply", "--yes", SFREC_RESERVE_REQUESTS="200")
        assert lower.returncode == 0, lower.stderr


def test_a_plan_stops_at_the_reserve_of_the_day(tmp_path: Path) -> None:
    with used(tmp_path, 14_697) as org:
        done = sfrec(SCENARIO, org, "plan")

        assert done.returncode == 1
        assert asked(org) == 3
        assert "has used 14700 of its 15000" in done.stderr


def test_the_reserve_may_stand_in_the_project_and_the_environment_goes_before_it(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "desired").symlink_to(SCENARIO / "desired")
    (project / "sfrec.yaml").write_text("reserve_requests: 14995\n", encoding="utf-8")
    with serve(tmp_path, seed=SCENARIO / "org.yaml") as org:
        assert sfrec(project, org, "plan").returncode == 1
        assert asked(org) == 5
        assert sfrec(project, org, "plan", SFREC_RESERVE_REQUESTS="0").returncode == 0


@pytest.mark.parametrize("given", ["-1", "2 %", "1e3", "9999999999", "٣"])
def test_a_reserve_that_is_no_number_is_a_usage_error(tmp_path: Path, given: str) -> None:
    (tmp_path / "desired").symlink_to(SCENARIO / "desired")

    done = sfrec(tmp_path, None, "plan", SFREC_RESERVE_REQUESTS=given)

    assert done.returncode == 64
    assert "SFREC_RESERVE_REQUESTS" in done.stderr


def test_a_reserve_in_the_project_that_is_no_number_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "desired").symlink_to(SCENARIO / "desired")
    (tmp_path / "sfrec.yaml").write_text("reserve_requests: 2 %\n", encoding="utf-8")

    done = sfrec(tmp_path, None, "plan")

    assert done.returncode == 3
    assert "sfrec.yaml:1:19" in done.stderr


def test_the_simulated_org_of_a_project_keeps_no_reserve_unless_it_is_told_to(tmp_path: Path) -> None:
    (tmp_path / "desired").symlink_to(SCENARIO / "desired")
    (tmp_path / "simulated-org.yaml").symlink_to(SCENARIO / "org.yaml")
    assert sfrec(tmp_path, None, "plan").returncode == 0
    records = open_org(tmp_path / ".sfrec" / "simulated-org.db")
    count_requests(records, 14_985)
    records.close()

    assert sfrec(tmp_path, None, "plan").returncode == 0
    assert sfrec(tmp_path, None, "plan", SFREC_RESERVE_REQUESTS="10").returncode == 1
