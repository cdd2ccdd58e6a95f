"""The HTTP face of a simulated org, as a WSGI application."""

from reconciler.simulator.wire.application import LARGEST_BODY, Application, Options
from reconciler.simulator.wire.tokens import issue_token

__all__ = ["LARGEST_BODY", "Application", "Options", "issue_token"]
