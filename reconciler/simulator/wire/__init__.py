"""The HTTP face of a simulated org, as a WSGI application."""

from reconciler.simulator.wire.application import Application, Options
from reconciler.simulator.wire.tokens import issue_token

__all__ = ["Application", "Options", "issue_token"]
