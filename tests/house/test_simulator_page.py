"""docs/simulator.md says what the tables say, and its examples do what they show."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.simulator.effects import EFFECTS
from reconciler.simulator.rules import RULES
from reconciler.simulator.rules.catalogue import REFUSALS
from tests.house.simulator_page import PAGE, facts, page

EXAMPLES = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
TOLD = ('"Name": "Acme"', '"success": true'), ("users",)


def test_the_tables_of_the_page_are_those_of_the_simulator() -> None:
    text = PAGE.read_text(encoding="utf-8")

    assert page(text) == text, "python -m tests.house.simulator_page writes it anew"


def test_rules_effects_and_refusals_cite_facts_that_are_listed() -> None:
    cited = {rule.fact for rule in RULES} | {effect.fact for effect in EFFECTS} | {row.fact for row in REFUSALS}

    assert cited - set(facts()) <= {"system fields", "describe"}


@pytest.mark.skipif(shutil.which("curl") is None, reason="the page's examples need curl")
@pytest.mark.parametrize(("example", "told"), list(zip(EXAMPLES, TOLD, strict=True)))
def test_an_example_does_what_it_shows(tmp_path: Path, example: str, told: tuple[str, ...]) -> None:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SFREC_")}
    done = subprocess.run(
        ["bash", "-euc", example],
        cwd=tmp_path,
        env={**kept, "PATH": path, "NO_PROXY": "127.0.0.1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert all(text in done.stdout for text in told), done.stdout
