"""The simulated org as files and as a server."""

import json
import subprocess
import urllib.request
from pathlib import Path

import pytest
import requests
import yaml

from reconciler.cli.application import run
from reconciler.cli.simulate import FAULTS_HELP
from reconciler.simulator.faults import GRAMMAR
from tests.served import SFREC, environment, serve, sfrec


def test_an_org_is_seeded_dumped_and_reset(tmp_path: Path) -> None:
    seed = tmp_path / "seed.yaml"
    seed.write_text("organization: {Name: Mine}\nUserRole: [{Name: CEO}]\n")

    assert sfrec(tmp_path, None, "simulate", "seed", str(seed)).returncode == 0
    mine = yaml.safe_load(sfrec(tmp_path, None, "simulate", "dump").stdout)
    assert sfrec(tmp_path, None, "simulate", "reset").returncode == 0
    demo = yaml.safe_load(sfrec(tmp_path, None, "simulate", "dump").stdout)

    assert (mine["organization"]["Name"], mine["UserRole"]) == ("Mine", [{"Name": "CEO"}])
    assert demo["organization"]["Name"] == "Acme Group"


def test_a_bad_seed_leaves_the_org_as_it_was(tmp_path: Path) -> None:
    seed = tmp_path / "seed.yaml"
    seed.write_text("Users: []\n")
    sfrec(tmp_path, None, "simulate", "reset")

    done = sfrec(tmp_path, None, "simulate", "seed", str(seed))

    assert done.returncode == 64
    assert "did you mean" in done.stderr
    assert "Acme Group" in sfrec(tmp_path, None, "simulate", "dump").stdout


@pytest.mark.parametrize(
    "option",
    [
        ["--faults", "nonsense"],
        ["--access-log", "/nope/x"],
        ["--port", "70000"],
        ["--latency-ms", "80-20"],
        ["--latency-ms", "soon"],
    ],
)
def test_wrong_options_are_usage_errors(tmp_path: Path, option: list[str]) -> None:
    assert sfrec(tmp_path, None, "simulate", "serve", *option).returncode == 64


def test_weather_is_told_and_comes_over_a_served_org(tmp_path: Path) -> None:
    listed = sfrec(tmp_path, None, "simulate", "faults").stdout
    options = ("--faults", "slow:1%/1ms", "--fault-seed", "9", "--latency-ms", "1-3")
    with serve(tmp_path, *options) as org:
        told = requests.get(f"{org.url}/__simulator__/faults", timeout=30).json()

    assert FAULTS_HELP.startswith(GRAMMAR)
    assert "row-lock" in listed
    assert "UNABLE_TO_LOCK_ROW (AMOUNT: 100%)" in listed
    assert (told["seed"], told["armed"][0]["rate"]) == (9, 0.01)


def test_an_org_that_is_served_is_not_made_anew(tmp_path: Path) -> None:
    with serve(tmp_path) as org:
        refused = sfrec(tmp_path, None, "simulate", "reset", "--state", str(org.state))
        still_there = requests.get(f"{org.url}/services/data", timeout=30).status_code
    again = sfrec(tmp_path, None, "simulate", "reset", "--state", str(org.state))

    assert (refused.returncode, still_there, again.returncode) == (64, 200, 0)
    assert "is in use" in refused.stderr


def test_what_is_no_org_is_replaced(tmp_path: Path) -> None:
    state = tmp_path / "org.db"
    state.write_text("nothing like an org, but long enough to look at" * 50)

    assert sfrec(tmp_path, None, "simulate", "reset", "--state", str(state)).returncode == 0
    assert "Acme Group" in sfrec(tmp_path, None, "simulate", "dump", "--state", str(state)).stdout


def test_a_port_that_is_taken_is_a_usage_error(tmp_path: Path) -> None:
    with serve(tmp_path) as org:
        port = org.url.rpartition(":")[2]
        second = tmp_path / "second"
        second.mkdir()

        done = sfrec(second, None, "simulate", "serve", "--port", port)

    assert done.returncode == 64


def test_a_killed_server_finds_its_org_again(tmp_path: Path) -> None:
    state = tmp_path / "org.db"
    command = [SFREC, "simulate", "serve", "--state", str(state)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment(None)) as process:
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        url = f"{first['instance_url']}/services/data/v66.0/sobjects/Account"
        headers = {"Authorization": f"Bearer {first['access_token']}", "Content-Type": "application/json"}
        request = urllib.request.Request(url, b'{"Name": "Survivor"}', headers)  # noqa: S310 - a loopback address
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - as above
            assert answer.status == 201
        process.kill()

    dumped = sfrec(tmp_path, None, "simulate", "dump", "--state", str(state)).stdout

    assert "Survivor" in dumped


def test_validate_speaks_json_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    users = tmp_path / "desired" / "users"
    users.mkdir(parents=True)
    (users / "a.yaml").write_text("user: a@x.example\n")

    assert run(["validate", "--project", str(tmp_path), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"format": "sfrec.problems/1", "problems": []}
    assert run(["validate", "--project", str(tmp_path), "--out", str(tmp_path / "nope" / "x")]) == 64
    assert run(["validate", "--project", str(tmp_path), "--out", str(tmp_path / "result.txt")]) == 0
    assert (tmp_path / "result.txt").read_text().startswith("Valid: 1 users in 1 files.")
