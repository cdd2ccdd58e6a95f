"""sfrec is killed by a real signal, at every write and at any time: one more run makes everything right."""

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic

import pytest

from tests.torture.doomed import Doomed, doomed

VIAS = ("bulk", "soap", "apex")


def converges(org: Doomed, via: str, users: int) -> None:
    """One more apply ends well, and leaves the org as an undisturbed one does."""
    code, told = org.run("apply", "--yes", "--via", via)

    assert code == 0, told
    assert org.is_in_sync(), told
    people = org.people()
    emails = [email for email, *_ in people["Contact"]]
    assert len(emails) == len(set(emails)) == users, told
    assert sorted(org.mails()) == sorted(("site-welcome", email) for email in emails)
    linked = [row for row in people["User"] if row[1] != "None"]
    assert len(linked) == users
    assert all(username == contact for username, contact, *_ in linked)
    assert [row for row in people["User"] if row[0] == "bystander@acme.example"] == [
        ("bystander@acme.example", "None", "Acme Identity", "None", "None", "Untouched")
    ]


def writes_of(via: str, users: int) -> int:
    """The writes of an apply that nobody disturbs."""
    with TemporaryDirectory() as folder, doomed(Path(folder), users) as org:
        code, told = org.run("apply", "--yes", "--via", via)
        assert code == 0, told
        return org.deadly.writes


def kill_at(via: str, at: int, users: int, *, is_done: bool) -> None:
    with TemporaryDirectory() as folder, doomed(Path(folder), users) as org:
        assert org.killed("apply", "--yes", "--via", via, at=at, is_done=is_done)
        converges(org, via, users)
        code, told = org.run("history")
        assert code == 0
        assert "killed; a later apply ended what it had left" in told


@pytest.mark.parametrize(
    ("via", "at", "is_done"),
    [
        ("soap", 1, True),
        ("soap", 2, False),
        ("apex", 2, True),
        ("bulk", 1, False),
        ("bulk", 2, True),
        ("bulk", 4, True),
    ],
)
def test_a_kill_at_a_write_is_mended_by_the_next_run(via: str, at: int, is_done: bool) -> None:  # noqa: FBT001
    kill_at(via, at, 12, is_done=is_done)


@pytest.mark.slow
@pytest.mark.parametrize("via", VIAS)
def test_a_kill_at_any_write_is_mended_by_the_next_run(via: str, capsys: pytest.CaptureFixture[str]) -> None:
    writes = writes_of(via, 60)

    for at in range(1, writes + 1):
        for is_done in (False, True):
            kill_at(via, at, 60, is_done=is_done)

    with capsys.disabled():
        print(f"\n--via {via}: {2 * writes} kills at {writes} writes, {2 * writes} converged")  # noqa: T201


@pytest.mark.slow
@pytest.mark.parametrize("part", range(10))
def test_a_kill_at_any_time_is_mended_by_the_next_run(part: int, capsys: pytest.CaptureFixture[str]) -> None:
    chance = Random(part)
    began = monotonic()
    writes_of("bulk", 60)
    seconds = monotonic() - began

    kills = 0
    for number in range(20):
        via = VIAS[number % len(VIAS)]
        with TemporaryDirectory() as folder, doomed(Path(folder), 60, job_delay_ms=100) as org:
            kills += org.killed_after(chance.uniform(0.3, 1.0) * seconds, "apply", "--yes", "--via", via)
            converges(org, via, 60)

    with capsys.disabled():
        print(f"\n20 runs at random times, {kills} killed on their way, 20 converged")  # noqa: T201
    assert kills
