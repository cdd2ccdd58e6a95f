"""The rules that a simulated org enforces, in the order in which they are asked."""

from functools import cache

from reconciler.simulator.rules import callers, contacts, custom, licenses, others, roles, users
from reconciler.simulator.rules.mixed import APART
from reconciler.simulator.rules.rule import ANY, Rule, Tag
from reconciler.simulator.write import Operation, Write

_PLATFORM: tuple[Rule, ...] = (
    *callers.RULES,
    *users.RULES,
    *licenses.RULES,
    *contacts.RULES,
    *roles.RULES,
    *others.RULES,
    licenses.SEATS,
    APART,
)
RULES: tuple[Rule, ...] = (*_PLATFORM, *custom.RULES)


@cache
def _platform(sobject: str, operation: Operation) -> tuple[Rule, ...]:
    return _asked(_PLATFORM, sobject, operation)


@cache
def _custom(sobject: str, operation: Operation) -> tuple[Rule, ...]:
    return _asked(custom.RULES, sobject, operation)


def _asked(rules: tuple[Rule, ...], sobject: str, operation: Operation) -> tuple[Rule, ...]:
    return tuple(rule for rule in rules if rule.sobject in {sobject, ANY} and operation in rule.operations)


def check(write: Write) -> None:
    """Ask every rule of Salesforce's on the object and operation; raises the RowError of the first that refuses."""
    for rule in _platform(write.sobject.name, write.operation):
        rule.check(write)


def check_saved(write: Write, record_id: str) -> str:
    """Ask the org's own rules of a record that is stored; its Id, or the RowError or RowErrors of the first refusal."""
    if custom.is_customised(write):
        write.saved_id = record_id
        for rule in _custom(write.sobject.name, write.operation):
            rule.check(write)
    return record_id


__all__ = ["RULES", "Rule", "Tag", "check", "check_saved"]
