"""An org's name -> an open org: where it is, how to log in, simulated or real."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from reconciler.errors import UsageError
from reconciler.salesforce import Reader, Writer, open_session

if TYPE_CHECKING:
    import requests

SIMULATED_ORG = Path(".sfrec") / "simulated-org.db"
"""Where a project keeps its simulated org."""

SEED = Path("simulated-org.yaml")
"""What a project's simulated org is made from, if it is there."""

_IN_PROCESS = "http://simulated-org.localhost"


@dataclass(frozen=True, slots=True)
class Org:
    """An open org: planning is given its reader, only apply its writer."""

    name: str
    reader: Reader
    writer: Writer

    def __enter__(self) -> "Org":
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.reader.session.close()


def open_org(project: Path, name: str | None, environ: Mapping[str, str]) -> Org:
    """Open the org that the environment or sfrec.yaml names, else the project's simulated org.

    Raises UsageError when what is configured can't be used, or when nothing is and CI is set.
    """
    configured = _from_environment(environ) if name is None else None
    if configured is None:
        configured = _from_file(project, name, environ)
    if configured is not None:
        return _open(*configured, _session(environ))
    if environ.get("CI"):
        msg = (
            "no org is configured, and in CI the simulated one is never guessed; set SFREC_INSTANCE_URL and "
            "SFREC_ACCESS_TOKEN, or default_org in sfrec.yaml"
        )
        raise UsageError(msg)
    return _open_simulated(project)


def _from_environment(environ: Mapping[str, str]) -> tuple[str, str, str] | None:
    url, token = environ.get("SFREC_INSTANCE_URL"), environ.get("SFREC_ACCESS_TOKEN")
    if not url and not token:
        return None
    if not url or not token:
        missing = "SFREC_ACCESS_TOKEN" if url else "SFREC_INSTANCE_URL"
        msg = f"{missing} is not set; an org needs both SFREC_INSTANCE_URL and SFREC_ACCESS_TOKEN"
        raise UsageError(msg)
    return ("environment", url, token)


def _from_file(project: Path, name: str | None, environ: Mapping[str, str]) -> tuple[str, str, str] | None:
    """An org of sfrec.yaml; its token comes from the environment, never from the file."""
    from reconciler.desired import load_settings

    settings = load_settings(project)
    chosen = name or settings.get("default_org")
    if chosen is None or chosen == "simulated":
        return None
    orgs = settings.get("orgs") or {}
    if chosen not in orgs:
        known = ", ".join(["simulated", *sorted(orgs)])
        msg = f'sfrec.yaml has no org "{chosen}"; choose one of: {known}'
        raise UsageError(msg)
    token = environ.get("SFREC_ACCESS_TOKEN")
    if not token:
        msg = f'SFREC_ACCESS_TOKEN is not set; org "{chosen}" is opened with an access token'
        raise UsageError(msg)
    return (str(chosen), str(orgs[chosen]["instance_url"]), token)


def _session(environ: Mapping[str, str]) -> "requests.Session":
    import requests

    session = requests.Session()
    ca_file = environ.get("SFREC_CA_FILE")
    if ca_file:
        if not Path(ca_file).is_file():
            msg = f"SFREC_CA_FILE: {ca_file} is no file"
            raise UsageError(msg)
        session.verify = ca_file
    return session


def _open(name: str, url: str, token: str, http: "requests.Session") -> Org:
    session = open_session(url, token, http)
    return Org(name, Reader(session), Writer(session))


def _open_simulated(project: Path) -> Org:
    """The project's simulated org, inside this process: no socket, no server."""
    import requests

    from reconciler.salesforce.wsgi import WsgiAdapter
    from reconciler.simulator.wire import Application, issue_token

    org = open_simulated_org(project)
    http = requests.Session()
    http.mount(_IN_PROCESS, WsgiAdapter(Application(org)))
    return _open("simulated", _IN_PROCESS, issue_token(org), http)


def open_simulated_org(project: Path, *, path: Path | None = None, seed: Path | None = None) -> Any:
    """The records of a simulated org, made on first use from the seed, the project's own seed or the demo org."""
    from reconciler.simulator import SeedError, open_org, parse_seed
    from reconciler.simulator.store import StoreError

    path = path or project / SIMULATED_ORG
    source = seed or (project / SEED if (project / SEED).is_file() else None)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        text = source.read_text(encoding="utf-8") if source and not path.exists() else None
        return open_org(path, parse_seed(text) if text is not None else None)
    except SeedError as error:
        path.unlink(missing_ok=True)
        msg = "\n".join(f"{source}: {finding}" for finding in error.findings)
        raise UsageError(msg) from None
    except (OSError, UnicodeDecodeError, StoreError) as error:
        raise UsageError(str(error)) from None
