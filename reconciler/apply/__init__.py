"""Applies a plan: steps to requests, answers to results. It sees the plan and the org, never the files."""

from reconciler.apply.affordable import refuse_unaffordable
from reconciler.apply.run import run

__all__ = ["refuse_unaffordable", "run"]
