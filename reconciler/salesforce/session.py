"""One open connection to an org: time-outs, a count of requests, and errors in our own words.

simple-salesforce is the login facade; its request methods are not used, because they have neither time-outs nor retries
and put whole bodies into their messages.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from reconciler.errors import ConnectionFailed, LoginFailed, RequestRefused, UsageError
from reconciler.salesforce.access import Access, checked_token
from reconciler.salesforce.budget import Budget

if TYPE_CHECKING:
    import requests
    from requests import RequestException, Response

API_VERSION = "66.0"

CONNECTIONS = 32
"""Connections that are kept open at most, so that so many threads need not open one for each request."""

_LONGEST_TOLD = 300
"""Characters of a sentence of the org that are repeated."""

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_PATH = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*\Z")
_SESSION_ID = re.compile(rb"(?<=sessionId>)[^<]*(?=</)")
_EXPIRED_FAULT = re.compile(rb"[:>]INVALID_SESSION_ID<")
"""In the faultcode of a SOAP fault, and in its exceptionCode."""

_CAUSES: Mapping[str, str] = {
    "ConnectTimeout": "no connection within {0.connect:g} seconds",
    "ReadTimeout": "nothing came within {0.read:g} seconds",
    "ConnectionError": "the connection failed",
    "ProxyError": "the proxy does not let it through",
    "SSLError": "its certificate is not trusted (SFREC_CA_FILE names a certificate authority)",
    "ChunkedEncodingError": "the answer broke off",
}


@dataclass(frozen=True, slots=True)
class Timeout:
    """Seconds to connect, and to wait for the next byte of an answer."""

    connect: float = 10.0
    read: float = 120.0


class NoAnswer(ConnectionFailed):
    """The request may or may not have reached the org."""


class NotSent(NoAnswer):
    """There was no connection to send the request on: the org never saw it."""


@dataclass
class Session:
    """Sends requests below `/services/data/vNN.0`; several threads may share it.

    `is_reached` is whether the org has answered anything yet; `unzips_files` becomes false when it turns out not to
    unzip the files of jobs.
    """

    instance_url: str
    access: Access
    http: "requests.Session" = field(repr=False)
    budget: Budget = field(default_factory=Budget)
    timeout: Timeout = field(default_factory=Timeout)
    is_simulated: bool = False
    is_reached: bool = False
    unzips_files: bool = True

    @property
    def requests(self) -> int:
        """API requests sent so far, each try counted."""
        return self.budget.spent

    @property
    def token(self) -> str:
        """The access token, which SOAP wants inside its envelope."""
        return self.access.token

    def send(self, method: str, path: str, **options: Any) -> "Response":
        """Send one request once; raises RequestRefused or LoginFailed for an error status, NoAnswer when none came.

        Raises RequestBudgetExceeded or DailyReserveReached, and sends nothing, when no request is left for it. After a
        token that has expired it logs in again and repeats the request, which was not executed. `options` are those of
        requests.Session.request: params, json, data, headers.
        """
        if not _PATH.match(path):
            msg = f"{path!r} is no path below the API's root; nothing was sent"
            raise ConnectionFailed(msg)
        url, given = f"{self.instance_url}/services/data/v{API_VERSION}/{path}", options.pop("headers", {})

        def once(token: str) -> "Response":
            return self._answer(method, url, headers={**given, "Authorization": f"Bearer {token}"}, **options)

        response = self._logged_in(once)
        if response.status_code >= 300:
            raise RequestRefused(response.status_code, *_error_of(response))
        return response

    def soap(self, service: str, envelope: bytes) -> "Response":
        """Send one SOAP call to `u` (Partner API) or `s/<org id>` (Apex API); a fault is an answer with status 500.

        Raises NoAnswer when no answer came, LoginFailed for a token that is not accepted, and what `send` raises when
        no request is left. It logs in again as `send` does: whatever token the envelope's header names, the session's
        own is sent.
        """
        kind, _, below = service.partition("/")
        url = f"{self.instance_url}/services/Soap/{kind}/{API_VERSION}{f'/{below}' if below else ''}"
        headers = {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""'}

        def once(token: str) -> "Response":
            body = _SESSION_ID.sub(lambda _: escape(token).encode(), envelope, count=1)
            return self._answer("POST", url, data=body, headers=headers)

        return self._logged_in(once)

    def _logged_in(self, once: Callable[[str], "Response"]) -> "Response":
        """Send with the token, and with a new one if that has expired; raises LoginFailed when it is refused too."""
        token = self.token
        response = once(token)
        if not _is_token_refused(response):
            return response
        fresh = self.access.instead_of(token)
        response = once(fresh)
        if _is_token_refused(response):
            told = _error_of(response)[1].replace(fresh, "***")[:_LONGEST_TOLD]
            msg = f"the org does not accept the access token of a fresh login either: {told}; may its user use the API?"
            raise LoginFailed(msg)
        return response

    def _answer(self, method: str, url: str, **options: Any) -> "Response":
        """Send one request once; whatever the org answers."""
        sent, told = self.budget.spend(), None
        try:
            response = ask(self.http, method, url, self.timeout, **options)
            told = response.headers.get("Sforce-Limit-Info")
        finally:
            self.budget.answered(sent, told)
        self.is_reached = True
        self.is_simulated = self.is_simulated or response.headers.get("X-Simulated-Org") == "1"
        return response

    def json(self, method: str, path: str, **options: Any) -> Any:
        """Send one request and decode its answer."""
        return decoded(self.send(method, path, **options))

    def close(self) -> None:
        """Close the connections."""
        self.http.close()


def open_session(
    instance_url: str,
    access_token: str,
    http: "requests.Session",
    budget: Budget | None = None,
    renew: Callable[[], str] | None = None,
) -> Session:
    """A session with a token that is there already; https, or http on this machine.

    `renew` logs in again and gives another token. It may raise OrgError or UsageError.
    """
    from http.cookiejar import DefaultCookiePolicy

    from simple_salesforce.api import Salesforce

    url, token = checked_url(instance_url), checked_token(access_token)
    facade = Salesforce(instance_url=url, session_id=token, version=API_VERSION, session=http)
    http.headers.update({**facade.headers, "Accept-Encoding": "gzip"})
    # The token goes with each request: this one is renewed while other threads send.
    for name in ("X-PrettyPrint", "Authorization"):
        http.headers.pop(name, None)
    # No API wants cookies, and threads would change the jar while others read it.
    http.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
    return Session(url, Access(token, renew), http, budget or Budget())


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


def ask(http: "requests.Session", method: str, url: str, timeout: Timeout, **options: Any) -> "Response":
    """Send one request once and read its whole answer; raises NoAnswer, or NotSent, when none came."""
    import requests

    try:
        # The body is read with it: one that is cut off on its way is no answer either.
        return http.request(method, url, timeout=(timeout.connect, timeout.read), allow_redirects=False, **options)
    except requests.RequestException as error:
        raise _no_answer(url, error, timeout) from None


def _no_answer(url: str, error: "RequestException", timeout: Timeout) -> NoAnswer:
    """Why no answer came, in a few words; the library's own text names objects and addresses of this process."""
    name, parts = type(error).__name__, urlsplit(url)
    msg = f"no answer from {parts.scheme}://{parts.netloc}: {_CAUSES.get(name, name).format(timeout)}"
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


def _is_token_refused(response: "Response") -> bool:
    """Whether the request was not executed for its token; SOAP tells it by a fault."""
    match response.status_code:
        case 401:
            return True
        case 500:
            return bool(_EXPIRED_FAULT.search(response.content))
        case status:
            return status >= 300 and _error_of(response)[0] == "INVALID_SESSION_ID"


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
