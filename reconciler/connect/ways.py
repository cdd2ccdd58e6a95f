"""The ways to log in: what each needs of the settings and the environment."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from reconciler.connect.configured import Configured
from reconciler.connect.network import http_for
from reconciler.errors import UsageError
from reconciler.salesforce.login import PRODUCTION, Assertion, Credentials, Grant, OAuth, audience_of, private_key
from reconciler.salesforce.session import Timeout, checked_url
from reconciler.salesforce.sf_cli import SfCli

Login: TypeAlias = Callable[[], Grant]

_KEY, _KEY_FILE = "SFREC_PRIVATE_KEY", "SFREC_PRIVATE_KEY_FILE"


class Way(StrEnum):
    """How sfrec logs in."""

    ACCESS_TOKEN = "access_token"  # noqa: S105 - a word of sfrec.yaml
    CLIENT_CREDENTIALS = "client_credentials"
    JWT = "jwt"
    SF_CLI = "sf_cli"


def way_of(org: Configured) -> Way:
    """The chosen way, or a plain token; raises UsageError for another word."""
    chosen = org.setting("login") or Way.ACCESS_TOKEN
    try:
        return Way(chosen)
    except ValueError:
        msg = f'SFREC_LOGIN is "{chosen}"; choose one of: {", ".join(Way)}'
        raise UsageError(msg) from None


def login_of(org: Configured, timeout: Timeout) -> Login:
    """What logs in to the org, each time it is called; raises UsageError when something that it needs is missing."""
    return _WAYS[way_of(org)](org, timeout)


def _by_token(org: Configured, _: Timeout) -> Login:
    token = org.environ.get("SFREC_ACCESS_TOKEN")
    if not token:
        msg = (
            "SFREC_ACCESS_TOKEN is not set; set it, or log in in another way: SFREC_LOGIN, or login in sfrec.yaml, is "
            f"one of {', '.join(Way)}"
        )
        raise UsageError(msg)
    grant = Grant(token, _address(org))
    return lambda: grant


def _by_assertion(org: Configured, timeout: Timeout) -> Login:
    way = Way.JWT.value
    url = _login_url(org) or org.address or PRODUCTION
    proof = Assertion(
        org.needed("client_id", way),
        org.needed("username", way),
        org.setting("audience") or audience_of(url),
        private_key(*_key(org)),
    )
    return OAuth(url, proof, lambda: http_for(url, org.environ), timeout)


def _by_credentials(org: Configured, timeout: Timeout) -> Login:
    way = Way.CLIENT_CREDENTIALS.value
    url = _login_url(org) or _address(org)
    proof = Credentials(org.needed("client_id", way), org.secret("SFREC_CLIENT_SECRET", way))
    return OAuth(url, proof, lambda: http_for(url, org.environ), timeout)


def _by_cli(org: Configured, timeout: Timeout) -> Login:
    target = org.setting("username")
    if target is not None and target.startswith("-"):
        msg = "username (SFREC_USERNAME) is a username or an alias of the Salesforce CLI, and neither begins with -"
        raise UsageError(msg)
    return SfCli(target, org.environ, timeout.read)


_WAYS: Mapping[Way, Callable[[Configured, Timeout], Login]] = {
    Way.ACCESS_TOKEN: _by_token,
    Way.CLIENT_CREDENTIALS: _by_credentials,
    Way.JWT: _by_assertion,
    Way.SF_CLI: _by_cli,
}


def _address(org: Configured) -> str:
    if org.address is None:
        msg = (
            f"login {way_of(org)} needs the org's address: set SFREC_INSTANCE_URL or SFREC_DOMAIN, or instance_url or "
            "domain of the org in sfrec.yaml"
        )
        raise UsageError(msg)
    return org.address


def _login_url(org: Configured) -> str | None:
    url = org.setting("login_url")
    return None if url is None else checked_url(url)


def _key(org: Configured) -> tuple[str, str]:
    """The private key and the variable that it came from."""
    if text := org.environ.get(_KEY):
        return text, _KEY
    path = org.environ.get(_KEY_FILE)
    if not path:
        msg = f"login jwt needs a private key: set {_KEY_FILE} to its file, or {_KEY} to its text"
        raise UsageError(msg)
    try:
        return Path(path).read_text(encoding="ascii"), _KEY_FILE
    except OSError as error:
        msg = f"{_KEY_FILE}: {path} can't be read: {error.strerror}"
        raise UsageError(msg) from None
    except UnicodeDecodeError:
        msg = f"{_KEY_FILE}: {path} is no PEM file"
        raise UsageError(msg) from None
