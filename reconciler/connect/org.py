"""Opening an org by its name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from reconciler.connect.configured import Configured, configured
from reconciler.connect.network import http_for, timeout_of
from reconciler.connect.simulated import IN_PROCESS, SIMULATED, simulated_session
from reconciler.connect.ways import Way, login_of, way_of
from reconciler.errors import UsageError
from reconciler.salesforce import Budget, Reader, Reads, Session, Writer, open_session

_RESERVE = "SFREC_RESERVE_REQUESTS"
_WHOLE_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Org:
    """An open org: planning is given its reader, only apply its writer."""

    name: str
    reader: Reader
    writer: Writer

    @property
    def is_in_process(self) -> bool:
        """Whether it is the project's simulated org, which answers inside this process."""
        return self.reader.session.instance_url == IN_PROCESS

    def __enter__(self) -> "Org":
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.reader.session.close()


def open_org(project: Path, name: str | None, environ: Mapping[str, str], max_requests: int | None = None) -> Org:
    """Open the org that the environment or sfrec.yaml names, else the project's simulated org; log in where needed.

    `max_requests` is how many requests may be sent to it in all, logins not counted; None for any number. Raises
    UsageError when what is configured can't be used, or when nothing is and CI is set; LoginFailed or ConnectionFailed
    when no login comes about.
    """
    chosen = configured(project, name, environ)
    budget = Budget(max_requests, _reserve(project, environ))
    reads = _reads(chosen.setting("reads") if chosen else environ.get("SFREC_READS"))
    session = _logged_in(chosen, budget) if chosen else simulated_session(project, budget)
    session.timeout = timeout_of(environ)
    return Org(chosen.name if chosen else SIMULATED, Reader(session, reads=reads), Writer(session))


def _logged_in(org: Configured, budget: Budget) -> Session:
    """A session with a real org, which logs in again when its token expires, unless all it has is that token."""
    login = login_of(org, timeout_of(org.environ))
    grant = login().at(org.address)

    def renewed() -> str:
        return login().at(grant.instance_url).token

    http = http_for(grant.instance_url, org.environ)
    return open_session(
        grant.instance_url, grant.token, http, budget, None if way_of(org) is Way.ACCESS_TOKEN else renewed
    )


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


def _reads(chosen: str | None) -> Reads:
    """By which APIs the org is read."""
    try:
        return Reads(chosen or Reads.AUTO)
    except ValueError:
        msg = f'SFREC_READS is "{chosen}"; choose one of: {", ".join(Reads)}'
        raise UsageError(msg) from None
