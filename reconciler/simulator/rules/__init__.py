"""The rules that a simulated org enforces, in the order in which they are asked."""

from reconciler.simulator.rules import licenses, others, users
from reconciler.simulator.rules.rule import Rule
from reconciler.simulator.write import Write

RULES: tuple[Rule, ...] = (*users.RULES[:4], *licenses.RULES, *users.RULES[4:], *others.RULES)


def check(write: Write) -> None:
    """Ask every rule of the object; raises the RowError of the first that refuses."""
    for rule in RULES:
        if rule.sobject == write.sobject.name:
            rule.check(write)


__all__ = ["RULES", "Rule", "check"]
