"""docs/simulator.md says what the tables say, and its examples do what they show."""

import shutil
from pathlib import Path

import pytest

from reconciler.simulator.effects import EFFECTS
from reconciler.simulator.rules import RULES
from reconciler.simulator.rules.catalogue import REFUSALS
from tests.house.page_examples import EXAMPLES, TOLD, Example, run_example
from tests.house.simulator_page import PAGE, facts, page


def test_the_tables_of_the_page_are_those_of_the_simulator() -> None:
    text = PAGE.read_text(encoding="utf-8")

    assert page(text) == text, "python -m tests.house.simulator_page writes it anew"


def test_rules_effects_and_refusals_cite_facts_that_are_listed() -> None:
    cited = {rule.fact for rule in RULES} | {effect.fact for effect in EFFECTS} | {row.fact for row in REFUSALS}

    assert cited - set(facts()) <= {"system fields", "describe"}


@pytest.mark.skipif(shutil.which("curl") is None, reason="the page's examples need curl")
@pytest.mark.parametrize("example", [item for item in EXAMPLES if not item.needs_node], ids=lambda item: item.name)
def test_an_example_does_what_it_shows(tmp_path: Path, example: Example) -> None:
    run_example(example, tmp_path)


def test_every_example_is_run_somewhere() -> None:
    assert [example.name for example in EXAMPLES] == list(TOLD)
