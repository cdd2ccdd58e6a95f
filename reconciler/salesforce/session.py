"""One open connection to an org: time-outs, a count of requests, and errors in our own words.

simple-salesforce is the login facade; its request methods are not used, because they have neither time-outs nor retries
and put whole bodies into their messages.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from reconciler.errors import ConnectionFailed, LoginFailed, RequestRefused, UsageError
from reconciler.salesforce.budget import Budget

if TYPE_CHECKING:
    import requests
    from requests import RequestException, Response

API_VERSION = "66.0"
TIMEOUT = (10.0, 120.0)
"""Seconds to connect and to wait for an answer."""

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_PATH = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*\Z")
_TOKEN = re.compile(r"[!-~]+\Z")

_CAUSES: Mapping[str, str] = {
    "ConnectTimeout": "no connection within 10 seconds",
    "ReadTimeout": "nothing came within 120 seconds",
    "ConnectionError": "the connection failed",
    "ProxyError": "the proxy does not let it through",
    "SSLError": "its certificate is not trusted (SFREC_CA_FILE names a certificate authority)",
    "ChunkedEncodingError": "the answer broke off",
}


class NoAnswer(ConnectionFailed):
    """The request may or may not have reached the org."""


class NotSent(NoAnswer):
    """There was no connection to send the request on: the org never saw it."""


@dataclass
class Session:
    """Sends requests below `/services/data/vNN.0`; not safe for several threads at once.

    `is_reached` is whether the org has answered anything yet; `unzips_files` becomes false when it turns out not to
    unzip the files of jobs.
    """

    instance_url: str
    http: "requests.Session" = field(repr=False)
    budget: Budget = field(default_factory=Budget)
    is_simulated: bool = False
    is_reached: bool = False
    unzips_files: bool = True

    @property
    def requests(self) -> int:
        """API requests sent so far, each try counted."""
        return self.budget.spent

    def send(self, method: str, path: str, **options: Any) -> "Response":
        """Send one request once; raises RequestRefused or LoginFailed for an error status, NoAnswer when none came.

        Raises RequestBudgetExceeded or DailyReserveReached, and sends nothing, when no request is left for it.
        `options` are those of requests.Session.request: params, json, data, headers.
        """
        if not _PATH.match(path):
            msg = f"{path!r} is no path below the API's root; nothing was sent"
            raise ConnectionFailed(msg)
        response = self._answer(method, f"{self.instance_url}/services/data/v{API_VERSION}/{path}", **options)
        if response.status_code >= 300:
            raise _refusal(response)
        return response

    def soap(self, service: str, envelope: bytes) -> "Response":
        """Send one SOAP call to `u` (Partner API) or `s/<org id>` (Apex API); a fault is an answer with status 500.

        Raises NoAnswer when no answer came, and what `send` raises when no request is left.
        """
        headers = {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""'}
        kind, _, below = service.partition("/")
        url = f"{self.instance_url}/services/Soap/{kind}/{API_VERSION}{f'/{below}' if below else ''}"
        return self._answer("POST", url, data=envelope, headers=headers)

    @property
    def token(self) -> str:
        """The access token, which SOAP wants inside its envelope."""
        return str(self.http.headers["Authorization"]).removeprefix("Bearer ")

    def _answer(self, method: str, url: str, **options: Any) -> "Response":
        """Send one request once; whatever the org answers."""
        import requests

        self.budget.spend()
        try:
            # The body is read with it: one that is cut off on its way is no answer either.
            response = self.http.request(method, url, timeout=TIMEOUT, allow_redirects=False, **options)
        except requests.RequestException as error:
            raise _no_answer(self.instance_url, error) from None
        self.is_reached = True
        self.budget.answered(response.headers.get("Sforce-Limit-Info"))
        self.is_simulated = self.is_simulated or response.headers.get("X-Simulated-Org") == "1"
        return response

    def json(self, method: str, path: str, **options: Any) -> Any:
        """Send one request and decode its answer."""
        return decoded(self.send(method, path, **options))

    def close(self) -> None:
        """Close the connections."""
        self.http.close()


def open_session(
    instance_url: str, access_token: str, http: "requests.Session", budget: Budget | None = None
) -> Session:
    """A session with a token that is there already; https, or http on this machine."""
    from simple_salesforce.api import Salesforce

    url, token = checked_url(instance_url), access_token.strip()
    if not _TOKEN.match(token):
        msg = "the access token holds spaces or characters that no token has; copy it again"
        raise UsageError(msg)
    facade = Salesforce(instance_url=url, session_id=token, version=API_VERSION, session=http)
    http.headers.update({**facade.headers, "Accept-Encoding": "gzip"})
    http.headers.pop("X-PrettyPrint", None)
    return Session(url, http, budget or Budget())


def checked_url(url: str) -> str:
    """The scheme and host of an instance URL; a token is never sent in the clear to another machine.

    The URL is not repeated in a refusal: somebody may have put a password into it.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    if not host or parts.username or parts.password or parts.path.strip("/") or parts.query or parts.fragment:
        msg = "the instance URL must be like https://acme.my.salesforce.com: no user, path or query"
        raise UsageError(msg)
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
        msg = f"the instance URL of {host} must begin with https:// (http:// is for this machine only)"
        raise UsageError(msg)
    bracketed = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{bracketed}" + (f":{port}" if port else "")


def decoded(response: "Response") -> Any:
    """The JSON of an answer, its numbers as Decimal; raises NoAnswer when it is something else."""
    try:
        return json.loads(response.content, parse_float=Decimal, parse_int=Decimal)
    except ValueError:
        host = urlsplit(response.url or "").hostname
        msg = f"{host} answered something that is not JSON; is it a Salesforce org?"
        raise NoAnswer(msg) from None


def _no_answer(url: str, error: "RequestException") -> NoAnswer:
    """Why no answer came, in a few words; the library's own text names objects and addresses of this process."""
    name = type(error).__name__
    msg = f"no answer from {url}: {_CAUSES.get(name, name)}"
    return NotSent(msg) if _was_not_sent(error) else NoAnswer(msg)


def _was_not_sent(error: "RequestException") -> bool:
    """Whether there was no connection yet: none came about, or the org's certificate was not trusted."""
    import ssl

    import requests
    from urllib3.exceptions import NewConnectionError

    if isinstance(error, requests.ConnectTimeout):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    beneath = reason.args[0] if isinstance(reason, Exception) and reason.args else None
    return isinstance(reason, NewConnectionError) or isinstance(beneath, ssl.SSLCertVerificationError)


def _refusal(response: "Response") -> RequestRefused | LoginFailed:
    code, message = _error_of(response)
    if response.status_code == 401 or code == "INVALID_SESSION_ID":
        return LoginFailed("the org does not accept the access token: it is wrong or has expired; log in again")
    return RequestRefused(response.status_code, code, message)


def _error_of(response: "Response") -> tuple[str, str]:
    """Code and sentence of an error body: a list of objects for the data APIs, an object for login."""
    unnamed = f"HTTP_{response.status_code}"
    try:
        body = response.json()
    except ValueError:
        body = None
    first: object = body[0] if isinstance(body, list) and body else body
    if not isinstance(first, Mapping):
        return unnamed, response.reason or "no reason given"
    code = first.get("errorCode") or first.get("error") or unnamed
    return str(code), str(first.get("message") or first.get("error_description") or "")
