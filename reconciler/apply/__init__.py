"""Applies a plan: steps to requests, answers to results. It sees the plan and the org, never the files."""

from reconciler.apply.affordable import refuse_unaffordable
from reconciler.apply.control import Control, settings
from reconciler.apply.journal import Journal
from reconciler.apply.recover import Recovered, killed, recover
from reconciler.apply.run import run
from reconciler.apply.runs import read_run, run_ids
from reconciler.apply.verify import Verified, verify

__all__ = [
    "Control",
    "Journal",
    "Recovered",
    "Verified",
    "killed",
    "read_run",
    "recover",
    "refuse_unaffordable",
    "run",
    "run_ids",
    "settings",
    "verify",
]
