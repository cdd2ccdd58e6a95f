"""Every folder here is a case: plan equals plan.txt, apply succeeds, the next plan is empty and writes nothing.

SFREC_REFRESH_SCENARIOS=1 writes plan.txt anew; a reviewer then reads its diff.
"""

import os
from pathlib import Path

import pytest

from tests.served import ServedOrg, serve, sfrec

FOLDERS = sorted(path.parent for path in Path(__file__).parent.glob("*/org.yaml"))


def stable(text: str, org: ServedOrg) -> str:
    """The output without what differs from run to run: the port, and ids are never shown."""
    return text.replace(org.url, "http://127.0.0.1:PORT")


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_the_scenario_plans_applies_and_is_in_sync(folder: Path, tmp_path: Path) -> None:
    with serve(tmp_path, seed=folder / "org.yaml") as org:
        planned = sfrec(folder, org, "plan")

        assert planned.stderr == ""
        if os.environ.get("SFREC_REFRESH_SCENARIOS"):
            (folder / "plan.txt").write_text(stable(planned.stdout, org), encoding="utf-8")
        assert stable(planned.stdout, org) == (folder / "plan.txt").read_text(encoding="utf-8")
        assert org.writes() == []

        if planned.returncode == 3:
            refused = sfrec(folder, org, "apply", "--yes")
            assert refused.returncode == 3
            assert org.writes() == []
            return

        applied = sfrec(folder, org, "apply", "--yes")
        assert applied.returncode == 0, applied.stdout + applied.stderr
        writes = len(org.writes())
        assert writes

        again = sfrec(folder, org, "plan", "--detailed-exitcode")
        assert again.returncode == 0, again.stdout
        second = sfrec(folder, org, "apply", "--yes")
        assert second.returncode == 0
        assert len(org.writes()) == writes
