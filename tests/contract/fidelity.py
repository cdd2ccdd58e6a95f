"""Pytest's plugin for contracts: sets the real org's answers beside the simulated one's, and tells where they part.

The JSON report is written when a real org was measured: `--contract-report`, `build/contract-report.json` by default.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

HALVES = ("simulated", "real")
CONTRACT, ANSWER, LEFT = "contract", "contract-answer", "contract-left"
"""Names of user properties of a test's report: they reach the terminal from every worker."""

HELD, FAILED, SKIPPED = "held", "failed", "skipped"
BOTH, DIFFER, UNMEASURED = "held by both", "differ", "not measured"


@dataclass
class Half:
    """What became of a contract in one org."""

    outcome: str = HELD
    reason: str = ""
    answers: Sequence[Mapping[str, Any]] = ()

    def differing(self) -> list[Mapping[str, Any]]:
        """The answers that are not what was expected."""
        return [answer for answer in self.answers if answer["got"] != answer["expected"]]


@dataclass
class Contract:
    """One contract in both orgs."""

    test: str
    source: str
    tag: str
    halves: dict[str, Half] = field(default_factory=dict)

    def verdict(self) -> str:
        """Whether both orgs hold it; one that was measured nowhere but in the simulated org is not measured."""
        if any(half.outcome == FAILED or half.differing() for half in self.halves.values()):
            return DIFFER
        is_measured = all(name in self.halves and self.halves[name].outcome == HELD for name in HALVES)
        return BOTH if is_measured else UNMEASURED

    def as_json(self) -> Mapping[str, Any]:
        """The contract as it stands in the report; `expected` and `got` tell of the real org."""
        real = self.halves.get("real", Half(SKIPPED))
        return {
            "test": self.test,
            "source": self.source,
            "tag": self.tag,
            "verdict": self.verdict(),
            **{name: half.outcome for name, half in self.halves.items()},
            "reason": real.reason or self.halves.get("simulated", Half()).reason,
            "answers": list(real.answers),
        }


class Ledger:
    """Gathers the reports of contract tests and tells of them at the end."""

    def __init__(self, report: Path) -> None:
        self.report = report
        self.contracts: dict[str, Contract] = {}
        self.left: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take in one phase of a test."""
        properties = list(report.user_properties)
        about = next((json.loads(str(value)) for name, value in properties if name == CONTRACT), None)
        if about is None:
            return
        contract = self.contracts.setdefault(about["test"], Contract(about["test"], about["source"], about["tag"]))
        half = contract.halves.setdefault(about["half"], Half())
        half.answers = [json.loads(str(value)) for name, value in properties if name == ANSWER]
        if report.failed or (report.skipped and half.outcome != FAILED):
            half.outcome = FAILED if report.failed else SKIPPED
            half.reason = _reason(report)
        if report.when == "teardown":
            self.left += [str(value) for name, value in properties if name == LEFT]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Tell how many contracts both orgs hold, and what parts them."""
        if not self.contracts:
            return
        verdicts = [contract.verdict() for contract in self.contracts.values()]
        is_real = any("real" in contract.halves for contract in self.contracts.values())
        terminalreporter.section("contracts")
        counts = ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in (BOTH, DIFFER, UNMEASURED))
        terminalreporter.write_line(counts)
        for line in self._lines():
            terminalreporter.write_line(line)
        if is_real:
            self._write(verdicts)
            terminalreporter.write_line(f"what the real org answered: {self.report}")
        else:
            terminalreporter.write_line("SFREC_REAL_ORG=my-scratch make contract measures them in a real org")

    def _lines(self) -> Iterable[str]:
        for contract in self.contracts.values():
            for name, half in contract.halves.items():
                for answer in half.differing():
                    text = f"{answer['what']}: expected {answer['expected']!r}, got {answer['got']!r}"
                    yield f"differs: {contract.test} ({contract.tag}), {name}: {text}"
                if half.outcome == FAILED and not half.differing():
                    yield f"differs: {contract.test} ({contract.tag}), {name}: {half.reason}"
        yield from (f"left behind: {text}" for text in self.left)

    def _write(self, verdicts: Sequence[str]) -> None:
        self.report.parent.mkdir(parents=True, exist_ok=True)
        content = {
            "format": "sfrec.contract/1",
            "summary": {verdict: verdicts.count(verdict) for verdict in (BOTH, DIFFER, UNMEASURED)},
            "contracts": [contract.as_json() for contract in self.contracts.values()],
            "left_behind": self.left,
        }
        self.report.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _reason(report: pytest.TestReport) -> str:
    found = report.longrepr
    if isinstance(found, tuple):
        return str(found[2]).removeprefix("Skipped: ")
    crash = getattr(found, "reprcrash", None)
    return str(crash.message if crash else found).partition("\n")[0][:500]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where the report goes."""
    parser.addoption("--contract-report", default="build/contract-report.json", help="where contracts are reported")


def pytest_configure(config: pytest.Config) -> None:
    """Gather reports where they are shown: not in a worker."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Ledger(config.rootpath / str(config.getoption("--contract-report"))))
