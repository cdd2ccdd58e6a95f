"""What Salesforce does besides what it was asked: values before the rules are asked, roles and flags after them."""

from reconciler.simulator.effects.effect import ANY, Effect
from reconciler.simulator.effects.portal import EFFECTS as FOLLOWING
from reconciler.simulator.effects.portal_roles import ensure_roles, shared_role
from reconciler.simulator.effects.values import EFFECTS as COMPLETING
from reconciler.simulator.write import Write

EFFECTS: tuple[Effect, ...] = (*COMPLETING, *FOLLOWING)


def complete(write: Write) -> None:
    """Fill in what Salesforce fills in before it judges a record."""
    _apply(COMPLETING, write)


def follow(write: Write) -> None:
    """Do what follows from a record that was found right."""
    _apply(FOLLOWING, write)


def _apply(effects: tuple[Effect, ...], write: Write) -> None:
    for effect in effects:
        if effect.sobject in {ANY, write.sobject.name} and write.operation in effect.operations:
            effect.apply(write)


__all__ = ["EFFECTS", "Effect", "complete", "ensure_roles", "follow", "shared_role"]
