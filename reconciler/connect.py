"""An org's name -> an open org: where it is, how to log in, simulated or real."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import TYPE_CHECKING

from reconciler.errors import UsageError
from reconciler.salesforce import Budget, Reader, Reads, Session, Writer, open_session
from reconciler.salesforce.session import checked_url

if TYPE_CHECKING:
    import requests

    from reconciler.simulator import Org as SimulatedOrg

SIMULATED_ORG = Path(".sfrec") / "simulated-org.db"
"""Where a project keeps its simulated org."""

SEED = Path("simulated-org.yaml")
"""What a project's simulated org is made from, if it is there."""

SIMULATED = "simulated"
"""The name of the simulated org; sfrec.yaml can't give it to another."""

_RESERVE = "SFREC_RESERVE_REQUESTS"
_WHOLE_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)

_IN_PROCESS = "https://simulated-org.localhost"
"""Never resolved: requests to it are answered inside this process."""


@dataclass(frozen=True, slots=True)
class Org:
    """An open org: planning is given its reader, only apply its writer."""

    name: str
    reader: Reader
    writer: Writer

    @property
    def is_in_process(self) -> bool:
        """Whether it is the project's simulated org, which answers inside this process."""
        return self.reader.session.instance_url == _IN_PROCESS

    def __enter__(self) -> "Org":
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.reader.session.close()


def open_org(project: Path, name: str | None, environ: Mapping[str, str], max_requests: int | None = None) -> Org:
    """Open the org that the environment or sfrec.yaml names, else the project's simulated org.

    `max_requests` is how many requests may be sent to it in all; None for any number. Raises UsageError when what is
    configured can't be used, or when nothing is and CI is set.
    """
    configured = _configured(project, name, environ)
    budget = Budget(max_requests, _reserve(project, environ))
    if configured is None:
        return _open_simulated(project, budget, _reads(environ, {}))
    chosen, url, token, settings = configured
    session = open_session(url, token, _http(checked_url(url), environ), budget)
    return _open(chosen, session, _reads(environ, settings))


def _configured(
    project: Path, name: str | None, environ: Mapping[str, str]
) -> tuple[str, str, str, Mapping[str, object]] | None:
    """Name, URL, token and other settings of a real org; None for the simulated one."""
    from reconciler.desired import load_settings

    url, token = environ.get("SFREC_INSTANCE_URL"), environ.get("SFREC_ACCESS_TOKEN")
    if name is None and url:
        return "environment", url, _token(token), {}
    settings = load_settings(project)
    chosen = name or settings.get("default_org")
    if chosen == SIMULATED:
        return None
    if chosen is not None:
        org = _settings_of(str(chosen), settings.get("orgs") or {})
        return str(chosen), str(org["instance_url"]), _token(token), org
    if token:
        msg = "SFREC_ACCESS_TOKEN is set, but no org: set SFREC_INSTANCE_URL, or default_org in sfrec.yaml"
        raise UsageError(msg)
    if environ.get("CI"):
        msg = (
            "no org is configured, and in CI the simulated one is never guessed; set SFREC_INSTANCE_URL and "
            "SFREC_ACCESS_TOKEN, or default_org in sfrec.yaml"
        )
        raise UsageError(msg)
    return None


def _reserve(project: Path, environ: Mapping[str, str]) -> int | None:
    """The requests of the org's daily limit that others are left; None when nobody says how many."""
    from reconciler.desired import load_settings

    given = environ.get(_RESERVE)
    if not given:
        setting = load_settings(project).get("reserve_requests")
        return None if setting is None else int(setting)
    if not _WHOLE_NUMBER.fullmatch(given):
        msg = f'{_RESERVE} is "{given[:40]}"; set it to a number of requests, 0 for none'
        raise UsageError(msg)
    return int(given)


def _token(token: str | None) -> str:
    """The token, which comes from the environment and never from a file."""
    if not token:
        msg = "SFREC_ACCESS_TOKEN is not set; without it there is no login"
        raise UsageError(msg)
    return token


def _settings_of(name: str, orgs: Mapping[str, Mapping[str, object]]) -> Mapping[str, object]:
    if name not in orgs:
        known = ", ".join([SIMULATED, *sorted(orgs)])
        msg = f'sfrec.yaml has no org "{name}"; choose one of: {known}'
        raise UsageError(msg)
    return orgs[name]


def _reads(environ: Mapping[str, str], settings: Mapping[str, object]) -> Reads:
    """By which APIs the org is read."""
    chosen = environ.get("SFREC_READS") or settings.get("reads") or Reads.AUTO
    try:
        return Reads(str(chosen))
    except ValueError:
        msg = f'SFREC_READS is "{chosen}"; choose one of: {", ".join(Reads)}'
        raise UsageError(msg) from None


def _http(url: str, environ: Mapping[str, str]) -> "requests.Session":
    """A session that takes only what is meant for it: requests would let ~/.netrc replace the token."""
    import requests

    session = requests.Session()
    session.trust_env = False
    session.verify = _authorities(environ) or True
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


def _open(name: str, session: Session, reads: Reads) -> Org:
    return Org(name, Reader(session, reads=reads), Writer(session))


def _open_simulated(project: Path, budget: Budget, reads: Reads) -> Org:
    """The project's simulated org, inside this process: no socket, no server.

    Nobody else uses it and its count of requests never goes down, so that only a reserve that was asked for is kept.
    """
    import requests

    from reconciler.salesforce.wsgi import WsgiAdapter
    from reconciler.simulator.wire import Application, issue_token

    org = open_simulated_org(project)
    http = requests.Session()
    http.trust_env = False
    http.mount(_IN_PROCESS, WsgiAdapter(Application(org), org.close))
    budget.reserve = budget.reserve or 0
    return _open(SIMULATED, open_session(_IN_PROCESS, issue_token(org), http, budget), reads)


def open_simulated_org(project: Path, *, path: Path | None = None, seed: Path | None = None) -> "SimulatedOrg":
    """The records of a simulated org, made on first use from the seed, the project's own seed or the demo org.

    Raises UsageError for a seed or a file that can't be used.
    """
    from reconciler.simulator import SeedError, open_org
    from reconciler.simulator.store import StoreError

    path = path or project / SIMULATED_ORG
    source = seed or (project / SEED if (project / SEED).is_file() else None)
    try:
        if not path.exists():
            _make(path, source)
        return open_org(path)
    except SeedError as error:
        msg = "\n".join(f"{source}: {finding}" for finding in error.findings)
        raise UsageError(msg) from None
    except UnicodeDecodeError:
        msg = f"{source} is not UTF-8 text"
        raise UsageError(msg) from None
    except (OSError, StoreError) as error:
        raise UsageError(str(error)) from None


def _make(path: Path, source: Path | None) -> None:
    """Make the org aside and move it into place whole: half an org would later pass for one."""
    from reconciler.simulator import open_org, parse_seed

    seed = parse_seed(source.read_text(encoding="utf-8")) if source else None
    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".new-", dir=path.parent) as folder:
        fresh = Path(folder) / path.name
        open_org(fresh, seed).close()
        if not path.exists():
            fresh.rename(path)
