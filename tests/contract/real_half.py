"""The real half: which org the environment names, how it is reached, and whether the suite may write to it."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.contract.tenant import VERSION, Bearer, Connection

NAME = "SFREC_REAL_ORG"
DISPOSABLE = "SFREC_REAL_ORG_IS_DISPOSABLE"
TOKEN = "SFREC_ACCESS_TOKEN"
NO_ORG = f"no real org: {NAME} names none"

_REDACTED = "[REDACTED]"


class Unreachable(Exception):
    """The org that the environment names can't be used; the text says why and never holds a token."""


@dataclass(frozen=True)
class Login:
    """Where an org is, and the token to it."""

    url: str
    token: str = field(repr=False)


def login(environ: Mapping[str, str]) -> Login:
    """The login that SFREC_REAL_ORG names: an https URL with SFREC_ACCESS_TOKEN, or an org that the sf CLI knows."""
    name = environ[NAME].strip()
    if name.startswith("https://"):
        token = environ.get(TOKEN, "").strip()
        if not token:
            msg = f"{NAME} is a URL, so {TOKEN} must hold the token to it"
            raise Unreachable(msg)
        return Login(name.rstrip("/"), token)
    if "://" in name or not name:
        msg = f"{NAME} must be an https:// URL, or an alias or username that the sf CLI knows"
        raise Unreachable(msg)
    shown = _sf(environ, ["org", "display", "-o", name, "--json"])
    url = str(shown.get("instanceUrl") or "").rstrip("/")
    if not url.startswith("https://"):
        msg = f"sf knows no https instance URL of {name}"
        raise Unreachable(msg)
    return Login(url, _token(environ, name, shown))


def _token(environ: Mapping[str, str], name: str, shown: Mapping[str, Any]) -> str:
    """The token by the command for it; older versions of sf have it in what they display."""
    try:
        found = str(_sf(environ, ["org", "auth", "show-access-token", "-o", name, "--json"]).get("accessToken") or "")
    except Unreachable:
        found = str(shown.get("accessToken") or "")
    if not found or found.startswith(_REDACTED):
        msg = f"sf gives no access token of {name}: log in again, or update sf"
        raise Unreachable(msg)
    return found


def _sf(environ: Mapping[str, str], arguments: Sequence[str]) -> Mapping[str, Any]:
    """What a command of sf answers; what it prints is never shown, for a token may be in it."""
    program = shutil.which("sf", path=environ.get("PATH"))
    if program is None:
        msg = f"{NAME} is no URL, and there is no sf CLI to ask for it"
        raise Unreachable(msg)
    command = f"sf {' '.join(arguments)}"
    try:
        done = subprocess.run(
            [program, *arguments], env=dict(environ), capture_output=True, text=True, timeout=120, check=False
        )
        result = json.loads(done.stdout)["result"]
    except (subprocess.TimeoutExpired, ValueError, LookupError, TypeError):
        msg = f"{command} gives no result"
        raise Unreachable(msg) from None
    if done.returncode or not isinstance(result, dict):
        msg = f"{command} fails"
        raise Unreachable(msg)
    return result


def refusal(organization: Mapping[str, Any], environ: Mapping[str, str]) -> str | None:
    """Why the suite doesn't write to an org; None where it may."""
    is_for_trying = (
        organization["IsSandbox"]
        or organization["TrialExpirationDate"]
        or organization["OrganizationType"] == "Developer Edition"
    )
    if is_for_trying or environ.get(DISPOSABLE) == "yes":
        return None
    return f"{NAME} names a production org; {DISPOSABLE}=yes says that it may be written to"


@contextmanager
def real_org(environ: Mapping[str, str]) -> Iterator[Connection]:
    """A connection to the org that the environment names; raises Unreachable."""
    found = login(environ)
    connection = Connection(found.url, Bearer(found.token), is_real=True)
    with connection.http:
        soql = "SELECT IsSandbox, TrialExpirationDate, OrganizationType FROM Organization"
        answer = connection.send("GET", f"/services/data/v{VERSION}/query", params={"q": soql})
        if answer.status_code != 200:
            msg = f"the org {NAME} names answers {answer.status_code}: {answer.text[:500]}"
            raise Unreachable(msg)
        reason = refusal(answer.json()["records"][0], environ)
        if reason:
            raise Unreachable(reason)
        yield connection
