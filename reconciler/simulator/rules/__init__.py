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
def _asked(sobject: str, operation: Operation, *, is_saved: bool) -> tuple[Rule, ...]:
    rules = custom.RULES if is_saved else _PLATFORM
    return tuple(rule for rule in rules if rule.sobject in {sobject, ANY} and operation in rule.operations)


def check(write: Write) -> None:
    """Ask every rule of Salesforce's on the object and operation; raises the RowError of the first that refuses."""
    for rule in _asked(write.sobject.name, write.operation, is_saved=False):
        rule.check(write)


def check_saved(write: Write, record_id: str) -> str:
    """Ask the org's own rules of a record that is stored; its Id, or the RowError or RowErrors of the first refusal."""
    if custom.is_customised(write):
        write.saved_id = record_id
        for rule in _asked(write.sobject.name, write.operation, is_saved=True):
            rule.check(write)
    return record_id


__all__ = ["RULES", "Rule", "Tag", "check", "check_saved"]
