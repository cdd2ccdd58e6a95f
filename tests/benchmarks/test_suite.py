"""The benchmarks run, show a row a case, and end with 1 when what they measure is wrong."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.cases import PLAN_COLD, PLAN_WARM, VALIDATE_COLD, chosen
from benchmarks.checks import Finished, WrongResult, must_be_in_sync, must_have_ended_well, must_have_one_percent
from benchmarks.fleet import Fleet, write_project
from benchmarks.process import HAS_PSS, Program, Run, run
from benchmarks.results import Floor, Results, Row
from benchmarks.simulated import measure_simulator
from benchmarks.targets import TARGETS, verdicts

ROOT = Path(__file__).parents[2]
GROUPS = frozenset({"validate", "plan", "apply"})


def suite(work: Path, *options: str) -> subprocess.CompletedProcess[str]:
    given = ["--quick", "--sizes", "100", "--work", str(work), "--out", str(work / "out"), *options]
    command = [sys.executable, "-m", "benchmarks", *given]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200, check=False)


def finished(folder: Path, *, said: str = "", saved: object = None, exit_code: int = 0) -> Finished:
    output, plan = folder / "output.txt", folder / "plan.json"
    output.write_text(said, encoding="utf-8")
    output.with_suffix(".err").write_text("", encoding="utf-8")
    plan.write_text(json.dumps(saved), encoding="utf-8")
    return Finished(Fleet(100), Run(1, 1, 1, exit_code), output, plan)


def test_the_suite_prints_and_writes_a_row_a_case(tmp_path: Path) -> None:
    done = suite(tmp_path, "--cases", ",".join(GROUPS))

    assert done.returncode == 0, done.stdout + done.stderr
    names = [case.name for case in chosen(100, GROUPS, is_quick=True)]
    rows = {row["case"]: row for row in json.loads((tmp_path / "out" / "benchmarks.json").read_text("utf-8"))["rows"]}
    assert len(names) > 8
    assert set(names) < set(rows)
    assert all(f"\n{name}" in done.stdout for name in names)
    assert rows[PLAN_COLD]["requests"] > 0
    assert rows[PLAN_COLD]["ratio"] > 0
    assert rows[VALIDATE_COLD]["requests"] is None
    assert f"| {PLAN_COLD} | 100 |" in (tmp_path / "out" / "benchmarks.md").read_text(encoding="utf-8")
    assert all(target.sentence in done.stdout for target in TARGETS)


def test_the_simulated_org_is_measured_beside_its_floor(tmp_path: Path) -> None:
    lines = list(measure_simulator(2_500, tmp_path))

    assert [line.strip().partition("  ")[0] for line in lines] == [
        "load a seed",
        "page of 2,000 rows",
        "bare sqlite3 and json",
        "requests, 1 at once",
        "requests, 8 at once",
    ]
    figures = [float(re.findall(r" ([\d.]+) (?:s|ms|/s) ", line)[0]) for line in lines]
    assert all(figure > 0 for figure in figures)


def test_an_org_with_too_few_users_for_a_page_is_a_wrong_result(tmp_path: Path) -> None:
    with pytest.raises(WrongResult, match="instead of 2000"):
        list(measure_simulator(100, tmp_path))


def test_a_plan_that_is_not_in_sync_ends_the_suite(tmp_path: Path) -> None:
    project = write_project(Fleet(100), tmp_path)
    path = next(project.rglob("*.yaml"))
    path.write_text(path.read_text(encoding="utf-8").replace("en_GB", "de_DE"), encoding="utf-8")

    done = suite(tmp_path, "--cases", "plan")

    assert done.returncode == 1
    assert "plan, in sync, cold with 100 users: it should say 'In sync: 200 records as declared'" in done.stderr


@pytest.mark.parametrize("said", ["", "In sync: 199 records as declared", "Plan: 1 to create"])
def test_a_plan_that_says_anything_else_is_wrong(tmp_path: Path, said: str) -> None:
    with pytest.raises(WrongResult):
        must_be_in_sync(finished(tmp_path, said=said))


def test_an_exit_code_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(WrongResult, match="exit code 3: no org"):
        must_have_ended_well(finished(tmp_path, said="no org", exit_code=3))


def test_a_change_of_another_field_is_wrong(tmp_path: Path) -> None:
    change = {"address": "contact/first0000000.last@account00000.example", "fields": [{"name": "Phone"}]}
    summary = {"create": 0, "update": 1, "deactivate": 0, "delete": 0}

    with pytest.raises(WrongResult, match="Phone"):
        must_have_one_percent(
            finished(tmp_path, saved={"steps": [{"action": "update", "changes": [change]}], "summary": summary})
        )


@pytest.mark.skipif(not HAS_PSS, reason="this system does not tell the memory of other processes")
def test_the_memory_of_worker_processes_counts(tmp_path: Path) -> None:
    worker = "import time; held = bytearray(range(256)) * 200_000; time.sleep(0.4)"
    held = "held = bytearray(range(256)) * 100_000"
    parent = f"import subprocess, sys; {held}; subprocess.run([sys.executable, '-c', {worker!r}])"

    alone = run(Program([sys.executable, "-c", worker], tmp_path, {}, tmp_path / "out.txt"))
    both = run(Program([sys.executable, "-c", parent], tmp_path, {}, tmp_path / "out.txt"))

    assert alone.peak_mb > 50
    # Pages that programs share are counted in parts, the more programs the smaller.
    assert both.peak_mb > alone.peak_mb + 15


def test_targets_are_judged_by_ratios_to_the_floor() -> None:
    results = Results()
    for name, users, seconds, floor in (
        ("floor", 100_000, 2.0, ()),
        (PLAN_COLD, 100_000, 1.0, ("floor",)),
        (VALIDATE_COLD, 100_000, 3.0, ("floor",)),
        ("floor", 10_000, 1.0, ()),
        (PLAN_WARM, 10_000, 0.25, ("floor",)),
    ):
        results.add(Row(name, users, users, Floor(floor), runs=[Run(seconds, seconds, 10, 0)]))

    words = {(verdict.users, verdict.value): verdict.word for verdict in verdicts(results)}

    assert words[100_000, 0.5] == "holds"
    assert words[100_000, 1.5] == "misses"
    assert words[10_000, 0.25] == "meant for 100,000"
    assert words[1_000_000, None] == "not measured"
