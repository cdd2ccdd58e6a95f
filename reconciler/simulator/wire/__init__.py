"""The HTTP face of a simulated org, as a WSGI application."""

from reconciler.simulator.wire.application import LARGEST_BODY, Application, Options
from reconciler.simulator.wire.tokens import issue_token
from reconciler.simulator.wire.weather import ConnectionCut

__all__ = ["LARGEST_BODY", "Application", "ConnectionCut", "Options", "issue_token"]
