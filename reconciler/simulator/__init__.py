"""A Salesforce that runs on this machine: records in SQLite, Salesforce's rules, its APIs as a WSGI application."""

from reconciler.simulator.org import Org
from reconciler.simulator.outbox import mails
from reconciler.simulator.seed import SeedError, open_org, parse_seed, seed_text

__all__ = ["Org", "SeedError", "mails", "open_org", "parse_seed", "seed_text"]
