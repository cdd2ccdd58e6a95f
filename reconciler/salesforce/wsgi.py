"""Sends requests to a WSGI application inside this process: how the simulated org answers without a socket."""

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import requests
from requests.adapters import BaseAdapter
from urllib3.response import HTTPResponse

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class WsgiAdapter(BaseAdapter):
    """A requests adapter in front of a WSGI application; closing the session calls `on_close`."""

    def __init__(self, application: "WSGIApplication", on_close: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self._application = application
        self._on_close = on_close

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        """Call the application and answer as a server would."""
        status_line = "500 No Answer"
        headers: list[tuple[str, str]] = []

        def start_response(status: str, sent: list[tuple[str, str]], _exc_info: object = None) -> Any:
            nonlocal status_line, headers
            status_line, headers = status, sent
            return lambda _data: None

        parts = self._application(_environ(request), start_response)
        body = b"".join(parts)
        getattr(parts, "close", lambda: None)()
        return _response(request, status_line, dict(headers), body)

    def close(self) -> None:
        """Let go of what the application stands on."""
        self._on_close()


def _environ(request: requests.PreparedRequest) -> dict[str, Any]:
    url = urlsplit(request.url or "")
    body = request.body or b""
    content = body.encode() if isinstance(body, str) else body
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method or "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(str(url.path), encoding="latin-1"),
        "QUERY_STRING": str(url.query),
        "SERVER_NAME": str(url.hostname),
        "SERVER_PORT": str(url.port or 80),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(content)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": str(url.scheme),
        "wsgi.input": BytesIO(content),
        "wsgi.errors": _Nowhere(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"] = value
    return environ


class _Nowhere:
    """An error stream that keeps a server's log out of the program's output."""

    def write(self, text: str) -> int:
        return len(text)

    def writelines(self, lines: list[str]) -> None:
        """Take the lines."""

    def flush(self) -> None:
        """Have nothing to flush."""


def _response(
    request: requests.PreparedRequest, status_line: str, headers: Mapping[str, str], body: bytes
) -> requests.Response:
    raw = HTTPResponse(BytesIO(body), headers=dict(headers), status=int(status_line[:3]), preload_content=False)
    response = requests.Response()
    response.status_code = raw.status
    response.reason = status_line[4:]
    response.headers.update(headers)
    response.encoding = requests.utils.get_encoding_from_headers(response.headers)
    response.raw = raw
    response.url = request.url or ""
    response.request = request
    return response
