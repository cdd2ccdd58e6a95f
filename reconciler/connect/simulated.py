"""The project's simulated org: a Salesforce inside this process, without a socket or a server."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from reconciler.errors import UsageError
from reconciler.salesforce import Budget, Session, open_session

if TYPE_CHECKING:
    from reconciler.simulator import Org

SIMULATED_ORG = Path(".sfrec") / "simulated-org.db"
"""Where a project keeps its simulated org."""

SEED = Path("simulated-org.yaml")
"""What a project's simulated org is made from, if it is there."""

SIMULATED = "simulated"
"""The name of the simulated org; sfrec.yaml can't give it to another."""

IN_PROCESS = "https://simulated-org.localhost"
"""Never resolved: requests to it are answered inside this process."""


def simulated_session(project: Path, budget: Budget) -> Session:
    """A session with the project's simulated org, which logs in again by asking it for another token.

    Nobody else uses it and its count of requests never goes down, so that only a reserve that was asked for is kept.
    """
    import requests

    from reconciler.salesforce.wsgi import WsgiAdapter
    from reconciler.simulator.wire import Application, issue_token

    org = open_simulated_org(project)
    http = requests.Session()
    http.trust_env = False
    http.mount(IN_PROCESS, WsgiAdapter(Application(org), org.close))
    budget.reserve = budget.reserve or 0
    return open_session(IN_PROCESS, issue_token(org), http, budget, lambda: issue_token(org))


def open_simulated_org(project: Path, *, path: Path | None = None, seed: Path | None = None) -> "Org":
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
