"""The examples of docs/simulator.md, as a reader would run them, and what each of them tells."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.house.simulator_page import PAGE

TOLD: Mapping[str, tuple[str, ...]] = {
    "org.json": ('"Name": "Acme"', '"success": true'),
    "tls.json": (" users",),
    "js.json": ("made Hopper",),
    "sf.json": ("Acme", "USER_DEBUG|[1]|DEBUG|users: "),
    "rules.json": ("Give an e-mail", "FIELD_CUSTOM_VALIDATION_EXCEPTION"),
    "weather.json": ('"row-lock"', '"unavailable"'),
}
"""What the example that serves an org with that first line tells."""

_OF_NODE = ("js.json", "sf.json")


@dataclass(frozen=True)
class Example:
    """A script of the page; `name` is the file of its org's first line."""

    name: str
    script: str

    @property
    def needs_node(self) -> bool:
        """Whether it runs a client that `make clients` installs."""
        return self.name in _OF_NODE


def _example(script: str) -> Example:
    [name] = set(re.findall(r"> (\w+\.json)", script))
    return Example(name, script)


EXAMPLES = [_example(text) for text in re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)]


def run_example(example: Example, folder: Path, paths: str = "", **variables: str) -> str:
    """Run an example in a folder; what it prints, if it does what it shows."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SFREC_")}
    path = os.pathsep.join([paths, str(Path(sys.executable).parent), os.environ["PATH"]]).lstrip(os.pathsep)
    done = subprocess.run(
        ["bash", "-euc", example.script],
        cwd=folder,
        env={**kept, "PATH": path, "NO_PROXY": "127.0.0.1", **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(text in done.stdout for text in TOLD[example.name]), done.stdout
    return done.stdout
