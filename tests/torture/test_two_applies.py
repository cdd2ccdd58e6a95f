"""Two applies at once, of plans that overlap: the org ends as after one."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.torture.doomed import Doomed, doomed

USERS = 20


def both(org: Doomed, first: str, second: str) -> None:
    """Run two applies at the same time, then one more; nobody has two contacts after that."""
    runs = [
        org.start("apply", "--yes", "--via", via, SFREC_RUNS_DIR=f"{org.runs}-{at}")
        for at, via in enumerate((first, second))
    ]
    told = [process.communicate(timeout=120) for process in runs]
    codes = [process.returncode for process in runs]

    assert set(codes) <= {0, 3, 5}, told
    code, more = org.run("apply", "--yes")
    assert code == 0, (more, told)
    assert org.is_in_sync(), told


@pytest.fixture(scope="module")
def alone() -> object:
    """The people of the org after one apply."""
    with TemporaryDirectory() as folder, doomed(Path(folder), USERS) as org:
        assert org.run("apply", "--yes")[0] == 0
        return org.people()


@pytest.mark.parametrize(("first", "second"), [("soap", "soap"), ("bulk", "apex"), ("soap", "bulk")])
def test_two_applies_at_once_end_as_one(alone: object, first: str, second: str) -> None:
    with TemporaryDirectory() as folder, doomed(Path(folder), USERS, latency_ms=5) as org:
        both(org, first, second)

        assert org.people() == alone


@pytest.mark.slow
def test_two_applies_at_once_end_as_one_fifty_times(alone: object, capsys: pytest.CaptureFixture[str]) -> None:
    vias = ("soap", "bulk", "apex", "auto")
    for number in range(50):
        with TemporaryDirectory() as folder, doomed(Path(folder), USERS, latency_ms=number % 7 * 5) as org:
            both(org, vias[number % 4], vias[number // 4 % 4])

            assert org.people() == alone

    with capsys.disabled():
        print("\n50 pairs of applies, 50 ended as one")  # noqa: T201
