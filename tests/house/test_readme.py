"""The README tells the truth: its commands are run, its documents are valid, its exit codes are the program's."""

import json
import re
from pathlib import Path

import jsonschema
import yaml

from reconciler import errors
from reconciler.cli.carry_out import INCOMPLETE
from reconciler.desired import load, schema_text
from reconciler.simulator.rules import RULES
from tests.served import sfrec

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", README, re.DOTALL)


def matches(shown: str, printed: str) -> bool:
    """Whether the output is what is shown; a line `...` stands for any lines."""
    pattern = "".join("(?:.*\n)*" if line == "..." else re.escape(f"{line}\n") for line in shown.splitlines())
    return re.fullmatch(pattern, printed) is not None


def test_the_commands_print_what_the_readme_shows(tmp_path: Path) -> None:
    (tmp_path / "desired").symlink_to(ROOT / "desired")
    commands = re.split(r"^\$ sfrec ", blocks("console")[0], flags=re.MULTILINE)[1:]

    assert len(commands) == 4
    for text in commands:
        command, _, shown = text.partition("\n")
        done = sfrec(tmp_path, None, *command.split())
        assert matches(shown, done.stdout), f"sfrec {command} prints:\n{done.stdout}"


def test_the_document_of_the_readme_is_valid(tmp_path: Path) -> None:
    users = tmp_path / "desired" / "users"
    users.mkdir(parents=True)
    (users / "sonia.yaml").write_text(blocks("yaml")[0], encoding="utf-8")

    assert len(load(tmp_path).resources) == 2


def test_the_settings_of_the_readme_are_valid() -> None:
    jsonschema.validate(yaml.safe_load(blocks("yaml")[2]), json.loads(schema_text("sfrec.schema.json")))


def test_the_exit_codes_of_the_readme_are_the_programs() -> None:
    shown = {int(code) for code in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)}

    known = {
        errors.OrgError.exit_code,
        errors.Refused.exit_code,
        errors.StalePlan.exit_code,
        errors.UsageError.exit_code,
    }
    assert shown == {0, 2, INCOMPLETE, *known}


def test_every_fact_that_the_code_cites_is_listed() -> None:
    facts = set(
        re.findall(r"^\| (F\d+\.\d+) \|", (ROOT / "docs" / "facts.md").read_text(encoding="utf-8"), re.MULTILINE)
    )
    cited = {
        fact
        for path in (ROOT / "reconciler").rglob("*.py")
        for fact in re.findall(r"\bF\d+\.\d+\b", path.read_text(encoding="utf-8"))
    }

    assert cited <= facts
    assert {rule.fact for rule in RULES} <= facts
