"""Scripts that run as the administrator of a small org, and what they say."""

from collections.abc import Sequence

from reconciler.simulator.apex import Outcome, execute_anonymous
from tests.rule_org import RuleOrg


def run(org: RuleOrg, code: str) -> Outcome:
    """Run a script, whatever becomes of it."""
    return execute_anonymous(org.org, org.admin, code)


def said(org: RuleOrg, code: str) -> Sequence[str]:
    """What a script that succeeds says by `System.debug`, one text a call."""
    outcome = run(org, code)
    assert outcome.success, outcome
    return [line.split("|", 4)[4] for line in outcome.log.splitlines() if "|USER_DEBUG|" in line]


def value(org: RuleOrg, expression: str, before: str = "") -> str:
    """An expression's value as `System.debug` shows it."""
    (text,) = said(org, f"{before} System.debug({expression});")
    return text


def problem(org: RuleOrg, code: str) -> tuple[int, int, str | None]:
    """Line, column and sentence of a script that Apex would not compile."""
    outcome = run(org, code)
    assert not outcome.compiled, outcome
    assert not outcome.success
    return outcome.line, outcome.column, outcome.compile_problem


def failure(org: RuleOrg, code: str) -> str | None:
    """The exception that ends a script."""
    outcome = run(org, code)
    assert outcome.compiled, outcome
    assert not outcome.success
    return outcome.exception_message
