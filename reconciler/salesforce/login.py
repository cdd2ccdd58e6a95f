"""Logging in by OAuth: an access token for a signed assertion, or for the credentials of an app.

The token request is ours and not simple-salesforce's, which has no time-out and goes to no other hosts than
https://*.salesforce.com.
Source: https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_jwt_flow.htm
Source: https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_client_credentials_flow.htm
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from reconciler.errors import ConnectionFailed, LoginFailed, UsageError
from reconciler.salesforce.login_errors import remedy
from reconciler.salesforce.retry import Patience
from reconciler.salesforce.session import NoAnswer, NotSent, Timeout, ask, checked_url
from reconciler.salesforce.told import told

if TYPE_CHECKING:
    import requests
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from requests import Response

PRODUCTION, SANDBOX = "https://login.salesforce.com", "https://test.salesforce.com"
"""Where production orgs and sandboxes log in, and the audiences of assertions for them."""

_ASSERTION_SECONDS = 180
"""How long an assertion is good for; Salesforce takes at most five minutes."""

_SECRETS = ("assertion", "client_secret")


@dataclass(frozen=True, slots=True)
class Grant:
    """What a login gives: a token, and where it is good."""

    token: str = field(repr=False)
    instance_url: str

    def at(self, address: str | None) -> "Grant":
        """This grant, if it is for that address, where one is given; raises LoginFailed for another org's."""
        if address is not None and _host(address) != _host(self.instance_url):
            msg = (
                f"the login is to {self.instance_url}, not to {address}: nothing is sent to either; correct the "
                "address, or log in to the other org"
            )
            raise LoginFailed(msg)
        return self


def _host(url: str) -> tuple[str | None, int]:
    parts = urlsplit(url)
    return parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


@dataclass(frozen=True, slots=True)
class Assertion:
    """Says who logs in, signed with the key whose certificate the app has."""

    client_id: str
    username: str
    audience: str
    key: "RSAPrivateKey" = field(repr=False)

    def form(self) -> Mapping[str, str]:
        """A new token request."""
        import jwt

        claims = {
            "iss": self.client_id,
            "sub": self.username,
            "aud": self.audience,
            "exp": int(time.time()) + _ASSERTION_SECONDS,
        }
        return {
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "assertion": jwt.encode(claims, self.key, "RS256"),
        }


@dataclass(frozen=True, slots=True)
class Credentials:
    """An app's own id and secret; who logs in stands in the app's settings."""

    client_id: str
    client_secret: str = field(repr=False)

    def form(self) -> Mapping[str, str]:
        """A new token request."""
        return {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
        }


@dataclass
class OAuth:
    """Logs in at a token endpoint, each time it is called; `http` opens a session for one login."""

    url: str
    proof: Assertion | Credentials
    http: "Callable[[], requests.Session]"
    timeout: Timeout = field(default_factory=Timeout)
    patience: Patience = field(default_factory=Patience)
    _is_reached: bool = field(default=False, init=False, repr=False)

    def __call__(self) -> Grant:
        """Log in; raises LoginFailed when that is refused, ConnectionFailed when no answer comes after all tries.

        A login changes nothing, so that one whose answer was lost is repeated.
        """
        last: ConnectionFailed = ConnectionFailed("no try was left")
        with self.http() as http:
            for _ in self.patience.waits():
                try:
                    return self._once(http)
                except NoAnswer as lost:
                    # A host that was never reached is a wrong address rather than a hiccup: say so at once.
                    if isinstance(lost, NotSent) and not self._is_reached:
                        raise
                    last = lost
        raise last

    def _once(self, http: "requests.Session") -> Grant:
        form = self.proof.form()
        response = ask(http, "POST", f"{self.url}/services/oauth2/token", self.timeout, data=form)
        self._is_reached = True
        if response.status_code >= 500:
            msg = f"{self.url} is busy: it answered the login with HTTP {response.status_code}"
            raise NoAnswer(msg)
        answer = _object(response)
        if response.status_code != 200:
            raise self._refusal(response, answer, [form.get(name, "") for name in _SECRETS])
        token, instance_url = answer.get("access_token"), answer.get("instance_url")
        if not (isinstance(token, str) and isinstance(instance_url, str)):
            msg = f"{self.url} answered the login without a token and an address; is it a Salesforce org?"
            raise LoginFailed(msg)
        return Grant(token, self._trusted(instance_url))

    def _refusal(self, response: "Response", answer: Mapping[str, Any], secrets: list[str]) -> LoginFailed:
        code = told(str(answer.get("error") or f"HTTP_{response.status_code}"), secrets)
        sentence = told(str(answer.get("error_description") or response.reason or ""), secrets)
        return LoginFailed(f"{self.url} refuses the login: {code}: {sentence}; {remedy(code, sentence)}")

    def _trusted(self, instance_url: str) -> str:
        """The address that a login names; a token that came over TLS is not sent on without it."""
        try:
            url = checked_url(instance_url)
        except UsageError as error:
            msg = f"{self.url} answered the login with an address that the token is not sent to: {error}"
            raise LoginFailed(msg) from None
        if self.url.startswith("https:") and not url.startswith("https:"):
            msg = f"{self.url} answered the login with the address {url}, which has no TLS: the token is not sent there"
            raise LoginFailed(msg)
        return url


def _object(response: "Response") -> Mapping[str, Any]:
    """The JSON object of an answer; empty for anything else."""
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, Mapping) else {}


def audience_of(login_url: str) -> str:
    """The audience that Salesforce demands of an assertion: production's, sandboxes', or a site's own address.

    Source: https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_jwt_flow.htm
    Source: https://help.salesforce.com/s/articleView?id=xcloud.domain_name_url_formats.htm
    """
    host = urlsplit(login_url).hostname or ""
    if not host.endswith(".salesforce.com"):
        return login_url
    # A sandbox's name stands behind the My Domain's and two hyphens.
    return SANDBOX if host == "test.salesforce.com" or "--" in host.partition(".")[0] else PRODUCTION


def private_key(pem: str, name: str) -> "RSAPrivateKey":
    """The RSA key in a PEM text, whose line ends may be written as `\\n`; raises UsageError, which names `name`."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem.replace("\\n", "\n").encode(), password=None)
    except TypeError:
        msg = f"{name}: the private key is protected by a passphrase; store one without, readable by nobody else"
        raise UsageError(msg) from None
    except (ValueError, UnsupportedAlgorithm):
        msg = f"{name} holds no private key (PEM, from its BEGIN line to its END line)"
        raise UsageError(msg) from None
    if not isinstance(key, RSAPrivateKey):
        msg = f"{name}: Salesforce takes RSA keys only"
        raise UsageError(msg)
    return key
