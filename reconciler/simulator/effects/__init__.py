"""What Salesforce does besides what it was asked: values before the rules are asked, roles and flags after them."""

from functools import cache

from reconciler.simulator.effects.effect import ANY, Effect
from reconciler.simulator.effects.mails import MAILS, Mail, send_mails
from reconciler.simulator.effects.portal import EFFECTS as FOLLOWING
from reconciler.simulator.effects.portal_roles import ensure_roles, shared_role
from reconciler.simulator.effects.values import EFFECTS as COMPLETING
from reconciler.simulator.write import Operation, Write

EFFECTS: tuple[Effect, ...] = (*COMPLETING, *FOLLOWING)


@cache
def _completing(sobject: str, operation: Operation) -> tuple[Effect, ...]:
    return _on(COMPLETING, sobject, operation)


@cache
def _following(sobject: str, operation: Operation) -> tuple[Effect, ...]:
    return _on(FOLLOWING, sobject, operation)


def _on(effects: tuple[Effect, ...], sobject: str, operation: Operation) -> tuple[Effect, ...]:
    return tuple(effect for effect in effects if effect.sobject in {sobject, ANY} and operation in effect.operations)


def complete(write: Write) -> None:
    """Fill in what Salesforce fills in before it judges a record."""
    for effect in _completing(write.sobject.name, write.operation):
        effect.apply(write)


def follow(write: Write) -> None:
    """Do what follows from a record that was found right."""
    for effect in _following(write.sobject.name, write.operation):
        effect.apply(write)


__all__ = ["EFFECTS", "MAILS", "Effect", "Mail", "complete", "ensure_roles", "follow", "send_mails", "shared_role"]
