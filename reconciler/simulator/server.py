"""A simulated org behind a real loopback listener: HTTP/1.1, keep-alive, chunked bodies, many threads."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from reconciler.simulator.org import Org
from reconciler.simulator.wire import Application, Options

HOST = "127.0.0.1"
"""The only address that is ever listened on: an org without secrets is for this machine alone."""


class _Handler(WSGIRequestHandler):
    """Keeps connections open and answers in one write: a write of headers alone would wait 40 ms for an ACK."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Requests go to the access log, not to standard error."""


@dataclass(frozen=True)
class RunningServer:
    """A listener and where it listens."""

    url: str
    server: BaseWSGIServer

    def serve_forever(self) -> None:
        """Answer until the process ends or the server is shut down."""
        self.server.serve_forever(poll_interval=0.1)


def listen(org: Org, options: Options, port: int = 0) -> RunningServer:
    """Bind the listener; port 0 takes a free one. Raises OSError when the port is taken."""
    server = make_server(HOST, port, Application(org, options), threaded=True, request_handler=_Handler)
    return RunningServer(f"http://{HOST}:{server.server_port}", server)


@contextmanager
def running_server(org: Org, options: Options | None = None) -> Iterator[RunningServer]:
    """A server in a thread of this process."""
    running = listen(org, options or Options())
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        running.server.shutdown()
        running.server.server_close()
        thread.join(timeout=5)
