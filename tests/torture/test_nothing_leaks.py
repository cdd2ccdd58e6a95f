"""What is secret, and what belongs to people, stands nowhere where it does not belong."""

import stat
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.torture.doomed import Doomed, doomed

KEY = "-----BEGIN PRIVATE KEY-----planted-key-----END PRIVATE KEY-----"
PLANTED = "planted.value@people.example"


def everything(org: Doomed, *arguments: str) -> tuple[str, str]:
    """What a run shows, and what it wrote as events."""
    events = org.project / "events.jsonl"
    _, told = org.run(*arguments, "--events", str(events), SFREC_PRIVATE_KEY=KEY)
    return told, events.read_text(encoding="utf-8") if events.exists() else ""


def plant(org: Doomed) -> None:
    """Give one contact an e-mail address of its own."""
    path = org.project / "desired" / "users" / "team.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("contact: {}", f"contact: {{Email: {PLANTED}}}", 1), encoding="utf-8")


@pytest.mark.parametrize(
    "faults", ["", "row-lock:3@POST composite", "lost-response:2@POST", "unavailable:2@POST", "session-expired:9@POST"]
)
def test_secrets_and_values_stay_where_they_belong(faults: str) -> None:
    with TemporaryDirectory() as folder, doomed(Path(folder), 6, faults=faults) as org:
        plant(org)
        told, events = everything(org, "apply", "--yes", "--format", "json", "--out", "report.json")

        kept = {path: path.read_text(encoding="utf-8") for path in org.runs.rglob("*") if path.is_file()}
        shown = [told, events, *kept.values()]
        assert not any(org.served.token in text or "planted-key" in text for text in shown)
        assert PLANTED not in events
        # The plan that is shown, and the journal, are about that value.
        assert PLANTED in "".join(kept.values())
        assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in kept)
        folders = [path for path in (org.runs, *org.runs.iterdir()) if path.is_dir()]
        assert all(stat.S_IMODE(path.stat().st_mode) == 0o700 for path in folders)
