"""One open connection to an org: time-outs, a count of requests, and errors in our own words.

simple-salesforce is the login facade; its request methods are not used, because they have neither time-outs nor retries
and put whole bodies into their messages.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from reconciler.errors import ConnectionFailed, LoginFailed, RequestRefused, UsageError

if TYPE_CHECKING:
    import requests
    from requests import Response

API_VERSION = "66.0"
TIMEOUT = (10.0, 120.0)
"""Seconds to connect and to wait for an answer."""

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class NoAnswer(ConnectionFailed):
    """The request may or may not have reached the org."""


@dataclass
class Session:
    """Sends requests below `/services/data/vNN.0`; not safe for several threads at once."""

    instance_url: str
    http: "requests.Session" = field(repr=False)
    requests: int = 0
    is_simulated: bool = False

    def send(self, method: str, path: str, **options: Any) -> "Response":
        """Send one request once; raises RequestRefused for an error status and NoAnswer when none came.

        `options` are those of requests.Session.request: params, json, data, headers.
        """
        import requests

        url = f"{self.instance_url}/services/data/v{API_VERSION}/{path}"
        self.requests += 1
        try:
            response = self.http.request(method, url, timeout=TIMEOUT, allow_redirects=False, **options)
            response.content  # noqa: B018 - a body cut off on its way is no answer either
        except requests.RequestException as error:
            msg = f"no answer from {self.instance_url}: {_cause(error)}"
            raise NoAnswer(msg) from None
        self.is_simulated = self.is_simulated or response.headers.get("X-Simulated-Org") == "1"
        if response.status_code >= 300:
            raise _refusal(response)
        return response

    def json(self, method: str, path: str, **options: Any) -> Any:
        """Send one request and read its JSON answer."""
        response = self.send(method, path, **options)
        try:
            return response.json()
        except ValueError:
            msg = f"{self.instance_url} answered something that is not JSON; is it a Salesforce org?"
            raise NoAnswer(msg) from None

    def close(self) -> None:
        """Close the connections."""
        self.http.close()


def open_session(instance_url: str, access_token: str, http: "requests.Session") -> Session:
    """A session with a token that is there already; https, or http on this machine."""
    from simple_salesforce.api import Salesforce

    url = checked_url(instance_url)
    facade = Salesforce(instance_url=url, session_id=access_token, version=API_VERSION, session=http)
    http.headers.update({**facade.headers, "Accept-Encoding": "gzip"})
    http.headers.pop("X-PrettyPrint", None)
    return Session(url, http)


def checked_url(url: str) -> str:
    """The scheme and host of an instance URL; a token is never sent in the clear to another machine."""
    parts = urlsplit(url)
    is_local = (parts.hostname or "") in _LOOPBACK or (parts.hostname or "").endswith(".localhost")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_local):
        msg = f"{url} is not an https address (http is for this machine only); correct SFREC_INSTANCE_URL"
        raise UsageError(msg)
    if not parts.hostname or parts.username or parts.path.strip("/") or parts.query or parts.fragment:
        msg = f"{parts.scheme}://{parts.hostname or ''} must be an address without user, path or query"
        raise UsageError(msg)
    return f"{parts.scheme}://{parts.netloc}"


def _cause(error: Exception) -> str:
    """Why no answer came, in a word or two; the library's own text names objects and addresses of this process."""
    name = type(error).__name__
    return {
        "ConnectTimeout": "no connection within 10 seconds",
        "ReadTimeout": "nothing came within 120 seconds",
        "ConnectionError": "the connection failed",
        "SSLError": "its certificate is not trusted (SFREC_CA_FILE names a certificate authority)",
        "ChunkedEncodingError": "the answer broke off",
    }.get(name, name)


def _refusal(response: "Response") -> RequestRefused | LoginFailed:
    code, message = _error_of(response)
    if response.status_code == 401 or code == "INVALID_SESSION_ID":
        return LoginFailed("the org does not accept the access token: it is wrong or has expired; log in again")
    return RequestRefused(response.status_code, code, message)


def _error_of(response: "Response") -> tuple[str, str]:
    """Code and sentence of an error body: a list of objects for the data APIs, an object for login."""
    try:
        body = response.json()
    except ValueError:
        return f"HTTP_{response.status_code}", response.reason or "no reason given"
    first: object = body[0] if isinstance(body, list) and body else body
    if not isinstance(first, Mapping):
        return f"HTTP_{response.status_code}", response.reason or "no reason given"
    code = first.get("errorCode") or first.get("error") or f"HTTP_{response.status_code}"
    return str(code), str(first.get("message") or first.get("error_description") or "")
