"""The house rules that no off-the-shelf linter holds."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "reconciler").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))

# Knowledge stands in tables, and a table is as long as what it knows.
TABLES = (
    "reconciler/kinds.py",
    "reconciler/simulator/messages.py",
    "reconciler/simulator/objects/",
    "reconciler/simulator/rules/",
)
NAMES_THAT_SAY_NOTHING = {"base", "common", "core", "helper", "helpers", "manager", "misc", "util", "utils"}
PATCHING = ("monkeypatch.setattr", "unittest.mock", "import mock", "mocker")


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def length(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Each function's `file:line: name` and its number of lines."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{place(path)}:{node.lineno}: {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def test_a_module_that_is_no_table_has_at_most_300_lines() -> None:
    lengths = {place(path): length(path) for path in MODULES}

    too_long = {name: lines for name, lines in lengths.items() if lines > 300 and not name.startswith(TABLES)}

    assert not too_long


def test_a_function_has_at_most_40_lines() -> None:
    lengths = [function for path in MODULES for function in functions(path)]

    too_long = [f"{name} has {lines} lines" for name, lines in lengths if lines > 40]

    assert not too_long


def test_no_module_has_a_name_that_says_nothing() -> None:
    nameless = [place(path) for path in MODULES + TESTS if NAMES_THAT_SAY_NOTHING & {path.stem, path.parent.name}]

    assert not nameless


def test_no_two_test_files_share_a_name() -> None:
    names = [path.name for path in TESTS if path.name != "conftest.py"]

    assert sorted(set(names)) == sorted(names)


def test_no_test_patches_our_own_code() -> None:
    texts = {place(path): path.read_text(encoding="utf-8") for path in TESTS if path != Path(__file__)}

    patching = [f"{name}: {word}" for name, text in texts.items() for word in PATCHING if word in text]

    assert not patching
