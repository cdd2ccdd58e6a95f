"""Reads an org: SOQL made from the table of kinds, rows turned into State, and the org's facts."""

from reconciler.live.facts import org_info
from reconciler.live.read import read

__all__ = ["org_info", "read"]
