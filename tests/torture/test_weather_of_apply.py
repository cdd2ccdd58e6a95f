"""An apply in any weather: it converges, or it stops, and what it says is true."""

import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from reconciler.simulator.faults import KINDS
from tests.torture.doomed import Doomed, doomed

MIXED = ",".join(
    f"{kind}:1%" for kind in ("lost-response", "unavailable", "row-lock", "concurrent-limit", "cut-before")
)


def truth(org: Doomed) -> Mapping[str, Mapping[str, Any]]:
    """Every user and contact as the org has it, by the keys that addresses have."""
    dump = org.dump()
    users = {f"user/{record['Username']}": record for record in dump["User"]}
    contacts = {f"contact/{record['Email']}": record for record in dump["Contact"] if record.get("Email")}
    return {**users, **contacts}


def is_shown(record: Mapping[str, Any] | None, phase: str) -> bool:
    """Whether the org shows what a step of that phase does for an upgrade."""
    if record is None:
        return False
    shown = {
        "contact": "Account" in record,
        "link": bool(record.get("Contact")),
        "license": record.get("Profile") in {"Acme Plus", "Acme Partner"},
        "role": str(record.get("UserRole") or "").endswith("Manager"),
    }
    return shown[phase]


def phases(org: Doomed) -> Mapping[int, str]:
    """The phase of each step of the last run."""
    kept = json.loads(max(org.runs.glob("*/plan.json")).read_text(encoding="utf-8"))
    names = {2: "contact", 3: "link", 5: "license", 6: "role"}
    return {step["number"]: names[step["phase"]] for step in kept["steps"]}


def a_true_report(org: Doomed, via: str, **extra: str) -> bool:
    """Apply once; whether it is whole. What it says to be done is done."""
    code, told = org.run("apply", "--yes", "--via", via, "--format", "json", "--out", "report.json", **extra)
    assert code in {0, 1, 5}, told
    report = org.project / "report.json"
    if code == 1 or not report.exists():
        return False
    document = json.loads(report.read_text(encoding="utf-8"))
    report.unlink()
    if not document["results"]:
        return True
    records, of_step = truth(org), phases(org)
    for result in document["results"]:
        if result["outcome"] == "done":
            assert is_shown(records.get(result["address"]), of_step[result["step"]]), result
    return code == 0


def endures(org: Doomed, via: str, users: int, tries: int = 6) -> None:
    """Apply until all is done; nobody ever gets a second contact."""
    for _ in range(tries):
        if a_true_report(org, via):
            break
    emails = [email for email, *_ in org.people()["Contact"]]
    assert len(emails) == len(set(emails)) <= users


@pytest.mark.parametrize("via", ["soap", "bulk", "apex"])
def test_an_apply_in_mixed_weather_tells_the_truth(via: str) -> None:
    with (
        TemporaryDirectory() as folder,
        doomed(Path(folder), 30, faults=MIXED, fault_seed=7) as org,
    ):
        endures(org, via, 30)


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_an_apply_with_one_kind_of_fault_tells_the_truth(kind: str) -> None:
    for number, via in enumerate(("soap", "bulk", "apex")):
        with TemporaryDirectory() as folder, doomed(Path(folder), 500, faults=f"{kind}:5%", fault_seed=number) as org:
            endures(org, via, 500)


@pytest.mark.slow
def test_an_apply_with_all_kinds_of_faults_tells_the_truth() -> None:
    faults = ",".join(f"{kind}:1%" for kind in KINDS)
    for number, via in enumerate(("soap", "bulk", "apex")):
        with TemporaryDirectory() as folder, doomed(Path(folder), 500, faults=faults, fault_seed=number) as org:
            endures(org, via, 500)
