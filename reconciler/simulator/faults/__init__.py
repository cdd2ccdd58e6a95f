"""Faults on demand: what may go wrong between a client and Salesforce, as often as a spec says, the same each time.

A spec is `KIND[:WHEN][/AMOUNT][@METHOD PATH_PART]`, several joined by commas. WHEN is a COUNT, `SKIP+COUNT` (as many
pass first) or `RATE%` of the requests that the fault could meet; which of them depends on the seed alone.
"""

from reconciler.simulator.faults.armed import Encounter, Faults, Met, chance
from reconciler.simulator.faults.kinds import KINDS, Fault, Kind, Moment, usual_amount
from reconciler.simulator.faults.rows import refusal
from reconciler.simulator.faults.spec import GRAMMAR

__all__ = [
    "GRAMMAR",
    "KINDS",
    "Encounter",
    "Fault",
    "Faults",
    "Kind",
    "Met",
    "Moment",
    "chance",
    "refusal",
    "usual_amount",
]
