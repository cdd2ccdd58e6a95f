"""What Salesforce does besides what it was asked: defaults before a write, roles and flags after it."""

from reconciler.simulator.effects.portal import ensure_roles, portal_effects
from reconciler.simulator.effects.values import complete

__all__ = ["complete", "ensure_roles", "portal_effects"]
