"""Which org is meant, and what the environment and sfrec.yaml say of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.connect.simulated import SIMULATED
from reconciler.errors import UsageError
from reconciler.salesforce.session import checked_url

_ADDRESS = ("instance_url", "domain")
_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*(?<!\.my)(?<!\.salesforce\.com)", re.IGNORECASE | re.ASCII)


def twin(key: str) -> str:
    """The environment variable of a setting."""
    return f"SFREC_{key.upper()}"


@dataclass(frozen=True, slots=True)
class Configured:
    """A real org: its name, what sfrec.yaml says of it, and the environment, which goes first."""

    name: str
    org: Mapping[str, object]
    environ: Mapping[str, str] = field(repr=False)

    def setting(self, key: str) -> str | None:
        """What is set; None where nothing is."""
        value = self.environ.get(twin(key)) or self.org.get(key)
        return None if value is None else str(value)

    def needed(self, key: str, login: str) -> str:
        """What is set; raises UsageError where nothing is."""
        value = self.setting(key)
        if value is None:
            msg = f"login {login} needs {key}: set {twin(key)}, or {key} of the org in sfrec.yaml"
            raise UsageError(msg)
        return value

    def secret(self, name: str, login: str) -> str:
        """What the environment alone may know; raises UsageError when it does not."""
        value = self.environ.get(name)
        if not value:
            msg = f"{name} is not set; login {login} needs it, and no file may hold it"
            raise UsageError(msg)
        return value

    @property
    def address(self) -> str | None:
        """Where the org is; None where only the login tells. An org of sfrec.yaml is never moved by the environment."""
        url, domain = (self.org.get(key) for key in _ADDRESS)
        if url and domain:
            msg = f"the org {self.name} has an instance_url and a domain; keep one of them"
            raise UsageError(msg)
        if domain and not _DOMAIN.fullmatch(str(domain)):
            msg = "domain is what stands before .my.salesforce.com in the org's address, such as acme"
            raise UsageError(msg)
        chosen = url or (f"https://{domain}.my.salesforce.com" if domain else None)
        return None if chosen is None else checked_url(str(chosen))


def configured(project: Path, name: str | None, environ: Mapping[str, str]) -> Configured | None:
    """The org that was named, or else the one of the environment or the default one; None for the simulated one.

    Raises UsageError when half of an org is configured, or when none is and CI is set.
    """
    from reconciler.desired import load_settings

    found = {key: environ[twin(key)] for key in _ADDRESS if environ.get(twin(key))}
    if name is None and found:
        return Configured("environment", found, environ)
    settings = load_settings(project)
    chosen = name or settings.get("default_org")
    if chosen == SIMULATED:
        return None
    if chosen is not None:
        return Configured(str(chosen), _settings_of(str(chosen), settings.get("orgs") or {}), environ)
    if environ.get("SFREC_LOGIN"):
        return Configured("environment", {}, environ)
    _refuse_to_guess(environ)
    return None


def _refuse_to_guess(environ: Mapping[str, str]) -> None:
    """Raise UsageError where the simulated org is surely not what is wanted."""
    if environ.get("SFREC_ACCESS_TOKEN"):
        msg = "SFREC_ACCESS_TOKEN is set, but no org: set SFREC_INSTANCE_URL, or default_org in sfrec.yaml"
        raise UsageError(msg)
    if environ.get("CI"):
        msg = (
            "no org is configured, and in CI the simulated one is never guessed; set SFREC_INSTANCE_URL and "
            "SFREC_ACCESS_TOKEN, or SFREC_LOGIN and what it needs, or default_org in sfrec.yaml"
        )
        raise UsageError(msg)


def _settings_of(name: str, orgs: Mapping[str, Mapping[str, object]]) -> Mapping[str, object]:
    if name not in orgs:
        known = ", ".join([SIMULATED, *sorted(orgs)])
        msg = f'sfrec.yaml has no org "{name}"; choose one of: {known}'
        raise UsageError(msg)
    return orgs[name]
