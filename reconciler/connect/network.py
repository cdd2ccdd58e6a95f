"""How this machine reaches others: certificate authorities, proxies, time-outs, connections."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.errors import UsageError
from reconciler.salesforce.session import CONNECTIONS, Timeout

if TYPE_CHECKING:
    import requests

_TIMEOUT = "SFREC_TIMEOUT_SECONDS"
_SECONDS = re.compile(r"[0-9]{1,4}(\.[0-9]{1,3})?", re.ASCII)


def http_for(url: str, environ: Mapping[str, str]) -> "requests.Session":
    """A session for one host, with as many connections as there may be threads.

    It takes only what is meant for it: requests would let ~/.netrc replace the token.
    """
    import requests
    from requests.adapters import HTTPAdapter

    session = requests.Session()
    session.trust_env = False
    session.verify = _authorities(environ) or True
    session.mount(url, HTTPAdapter(pool_connections=1, pool_maxsize=CONNECTIONS))
    proxy = environ.get("HTTPS_PROXY") or environ.get("https_proxy")
    exempt = environ.get("NO_PROXY") or environ.get("no_proxy") or ""
    if proxy and url.startswith("https:") and not requests.utils.should_bypass_proxies(url, exempt):
        session.proxies = {"https": proxy}
    return session


def _authorities(environ: Mapping[str, str]) -> str | None:
    """The file of certificate authorities to trust instead of the built-in ones."""
    for name in ("SFREC_CA_FILE", "REQUESTS_CA_BUNDLE"):
        path = environ.get(name)
        if path:
            _check_certificates(name, Path(path))
            return path
    return None


def _check_certificates(name: str, path: Path) -> None:
    """Say what is wrong with the file before the library says something else in the middle of a run."""
    import ssl

    try:
        ssl.create_default_context(cafile=None if path.is_dir() else path)
    except ssl.SSLError:
        msg = f"{name}: {path} holds no certificate (PEM)"
        raise UsageError(msg) from None
    except OSError as error:
        msg = f"{name}: {path} can't be read: {error.strerror}"
        raise UsageError(msg) from None


def timeout_of(environ: Mapping[str, str]) -> Timeout:
    """How long answers are waited for; raises UsageError for what is no number of seconds."""
    given = environ.get(_TIMEOUT)
    if not given:
        return Timeout()
    if not _SECONDS.fullmatch(given) or float(given) == 0:
        msg = f'{_TIMEOUT} is "{given[:40]}"; set it to a number of seconds above 0, such as 120'
        raise UsageError(msg)
    return Timeout(read=float(given))
