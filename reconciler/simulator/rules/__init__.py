"""The rules that a simulated org enforces, in the order in which they are asked."""

from collections.abc import Mapping

from reconciler.simulator.rules import contacts, licenses, others, roles, users
from reconciler.simulator.rules.rule import Rule, Tag
from reconciler.simulator.write import Operation, Write

RULES: tuple[Rule, ...] = (*users.RULES, *licenses.RULES, *contacts.RULES, *roles.RULES, *others.RULES, licenses.SEATS)


def _by_write() -> Mapping[tuple[str, Operation], tuple[Rule, ...]]:
    found: dict[tuple[str, Operation], tuple[Rule, ...]] = {}
    for rule in RULES:
        for operation in rule.operations:
            found[rule.sobject, operation] = (*found.get((rule.sobject, operation), ()), rule)
    return found


_BY_WRITE = _by_write()


def check(write: Write) -> None:
    """Ask every rule of the object and operation; raises the RowError of the first that refuses."""
    for rule in _BY_WRITE.get((write.sobject.name, write.operation), ()):
        rule.check(write)


__all__ = ["RULES", "Rule", "Tag", "check"]
