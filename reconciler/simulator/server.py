"""A simulated org behind a real loopback listener: HTTP/1.1, keep-alive, chunked bodies, many threads.

The listener is the standard library's: werkzeug's own closes the connection after every answer.
"""

import re
import socketserver
import ssl
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from io import BufferedIOBase, BytesIO
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import unquote, urlsplit

from reconciler.simulator.org import Org
from reconciler.simulator.wire import LARGEST_BODY, Application, ConnectionCut, Options

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

HOST = "127.0.0.1"
"""The only address that is ever listened on: an org without secrets is for this machine alone."""


_PATIENCE = 5.0
"""Seconds that requests are given to end when the server stops."""


_CHUNK = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;.*)?\r?\n", re.DOTALL)
"""The line before a chunk: its length, and extensions, which are ignored."""

_LONGEST_LINE = 65_536


class _BadBody(Exception):
    """A body that can't be read to its end, so that nobody knows where the next request starts."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


class _Handler(BaseHTTPRequestHandler):
    """Answers the requests of one connection, each in one write: headers sent alone would wait 40 ms for an ACK."""

    protocol_version = "HTTP/1.1"
    # Of a request whose version can't be read: its refusal has a status line too.
    default_request_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "_Server"

    def handle(self) -> None:
        """Answer until the client has gone."""
        with suppress(ConnectionError, ssl.SSLError):
            super().handle()

    def __getattr__(self, name: str) -> Any:
        """Whatever the method, the application answers it: `do_GET`, `do_PATCH` and the others are one."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Requests go to the access log, not to standard error."""

    def _answer(self) -> None:
        try:
            environ = self._environ(self._body())
        except _BadBody as bad:
            self.send_error(bad.status)
            return
        except ValueError:
            # A URI in absolute form whose host is none.
            self.send_error(HTTPStatus.BAD_REQUEST)
            return
        told: _Told | None = None
        with self.server.gate.passed() as is_open:
            try:
                if is_open:
                    told = _Told(*_ERROR)
                    told = _call(self.server.app, environ)
            finally:
                # A defect of the application is told, and goes on to `handle_error`.
                self._tell(told)

    def _tell(self, told: "_Told | None") -> None:
        """Send an answer as far as it goes; where it is cut, the connection ends with it."""
        if told is None or told.is_cut:
            self.close_connection = True
        if told is not None:
            self._write(told.status, told.headers, told.content)

    def _body(self) -> bytes:
        """The whole body: what is left unread would be taken for the next request; raises _BadBody."""
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return _dechunked(self.rfile)
        told, *others = self.headers.get_all("Content-Length", ["0"])
        if others or not (told.isascii() and told.isdigit()):
            raise _BadBody(HTTPStatus.BAD_REQUEST)
        if len(told) > len(str(LARGEST_BODY)) or int(told) > LARGEST_BODY:
            raise _BadBody(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        body = self.rfile.read(int(told))
        if len(body) < int(told):
            raise _BadBody(HTTPStatus.BAD_REQUEST)
        return body

    def _environ(self, body: bytes) -> dict[str, Any]:
        url = urlsplit(self.path)
        environ: dict[str, Any] = {
            f"HTTP_{name.upper().replace('-', '_')}": ",".join(self.headers.get_all(name, ()))
            for name in self.headers
            if "_" not in name and name.lower() != "transfer-encoding"
        }
        return environ | {
            "REQUEST_METHOD": self.command,
            "REQUEST_URI": self.path,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(url.path, "latin-1"),
            "QUERY_STRING": url.query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "SERVER_NAME": HOST,
            "SERVER_PORT": str(self.server.port),
            "SERVER_PROTOCOL": self.request_version,
            "REMOTE_ADDR": self.client_address[0],
            "wsgi.url_scheme": self.server.scheme,
            "wsgi.input": BytesIO(body),
            "wsgi.multithread": True,
        }

    def handle_expect_100(self) -> bool:
        """Let a client that asks first send its body."""
        self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return True

    def _write(self, status: str, headers: Iterable[tuple[str, str]], content: bytes) -> None:
        closing = [("Connection", "close")] if self.close_connection else []
        pairs = [("Date", self.date_time_string()), *headers, *closing]
        head = "\r\n".join([f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in pairs), "", ""])
        self.wfile.write(head.encode("latin-1") + content)


_UNEXPECTED = b'[{"message": "the simulated org has a defect", "errorCode": "UNKNOWN_EXCEPTION"}]'
_Headers: TypeAlias = list[tuple[str, str]]

_ERROR: tuple[str, _Headers, bytes] = (
    "500 Internal Server Error",
    [("Content-Type", "application/json;charset=UTF-8"), ("Content-Length", str(len(_UNEXPECTED)))],
    _UNEXPECTED,
)


def _dechunked(reader: BufferedIOBase) -> bytes:
    """The chunks of a body put together; raises _BadBody."""
    parts: list[bytes] = []
    left = LARGEST_BODY
    while length := _chunk_length(reader.readline(_LONGEST_LINE)):
        left -= length
        if left < 0:
            raise _BadBody(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        chunk = reader.read(length + 2)
        if len(chunk) < length + 2 or not chunk.endswith(b"\r\n"):
            raise _BadBody(HTTPStatus.BAD_REQUEST)
        parts.append(chunk[:-2])
    # Headers behind the body are ignored.
    while reader.readline(_LONGEST_LINE).strip():
        continue
    return b"".join(parts)


def _chunk_length(line: bytes) -> int:
    match = _CHUNK.fullmatch(line)
    if match is None:
        raise _BadBody(HTTPStatus.BAD_REQUEST)
    return int(match[1], 16)


def _call(application: "WSGIApplication", environ: dict[str, Any]) -> "_Told | None":
    """The answer; None when the connection is cut before its first byte."""
    told: list[tuple[str, _Headers]] = []
    parts: list[bytes] = []
    is_cut = False

    def start_response(status: str, headers: _Headers, _error: object = None, /) -> Any:
        told.append((status, headers))

    try:
        parts.extend(application(environ, start_response))
    except ConnectionCut:
        is_cut = True
    return _Told(*told[-1], b"".join(parts), is_cut) if told else None


@dataclass(frozen=True, slots=True)
class _Told:
    """An answer; one that is cut ends in the middle of its content."""

    status: str
    headers: _Headers
    content: bytes
    is_cut: bool = False


class _Gate:
    """Lets requests in until it is closed, and then waits for those that are inside."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside = 0
        self._is_open = True

    @contextmanager
    def passed(self) -> Iterator[bool]:
        """Go through; tells whether the gate was open."""
        with self._changed:
            is_open = self._is_open
            self._inside += is_open
        try:
            yield is_open
        finally:
            with self._changed:
                self._inside -= is_open
                self._changed.notify_all()

    def close(self) -> None:
        """Let nobody in any more; come back when nobody is inside, or it takes too long."""
        with self._changed:
            self._is_open = False
            self._changed.wait_for(lambda: not self._inside, timeout=_PATIENCE)


class _Server(socketserver.ThreadingTCPServer):
    """A thread for each connection; none keeps the process alive."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, application: "WSGIApplication", tls: ssl.SSLContext | None) -> None:
        self.app = application
        self.gate = _Gate()
        self.scheme = "https" if tls else "http"
        super().__init__((HOST, port), _Handler)
        if tls is not None:
            # The handshake is left to the thread of the connection: a client that says nothing holds up nobody.
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def server_close(self) -> None:
        """Listen no more, and finish what is being answered: its org may be closed then."""
        super().server_close()
        self.gate.close()

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self.server_address[1])


@dataclass(frozen=True)
class RunningServer:
    """A listener and where it listens."""

    url: str
    server: socketserver.BaseServer

    def serve_forever(self) -> None:
        """Answer until the process ends or the server is shut down."""
        self.server.serve_forever(poll_interval=0.1)


def listen(org: Org, options: Options, port: int = 0, tls: ssl.SSLContext | None = None) -> RunningServer:
    """Bind the listener, https with a context; port 0 takes a free one. Raises OSError when the port is taken."""
    server = _Server(port, Application(org, options), tls)
    return RunningServer(f"{server.scheme}://{HOST}:{server.port}", server)


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
