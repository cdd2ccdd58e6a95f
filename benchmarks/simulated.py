"""What the simulated org itself costs: loading it, a page of a query, small requests by one client and by several."""

import json
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from urllib.parse import quote, urlsplit

from benchmarks.checks import WrongResult
from benchmarks.fleet import write_seed
from benchmarks.org import SFREC, SeedingFailed, ServedOrg, bare_environment, serve

USERS, FEWEST_USERS = 100_000, 10_000
PAGE = 2_000
LONGEST_PAGE_MS = 60.0
"""The target of a page on two cores."""

_FIELDS = (
    "Id",
    "Username",
    "FirstName",
    "LastName",
    "Email",
    "Alias",
    "IsActive",
    "ProfileId",
    "ContactId",
    "UserRoleId",
    "TimeZoneSidKey",
    "LocaleSidKey",
    "LastModifiedDate",
)
_DATA = "/services/data/v66.0"
_PAGES = 15
_SECONDS = 2.0
_CLIENTS = (1, 8)


def measure_simulator(users: int, work: Path) -> Iterator[str]:
    """Make an org of that many users and measure it; a line a figure. Raises WrongResult for a wrong answer."""
    state = work / f"simulator-{users}.db"
    yield f"{'load a seed':<28}{_load(users, state):10.1f} s    {users:,} users and their contacts"
    floor = median(_timed(lambda: _bare_page(state), _PAGES)) * 1000
    with serve(state) as org:
        page = median(_page_times(org)) * 1000
        rates = [(clients, _rate(org, clients)) for clients in _CLIENTS]
    verdict = "holds" if page < LONGEST_PAGE_MS else "misses"
    target = f"target: less than {LONGEST_PAGE_MS:.0f} ms, {verdict}"
    yield f"{f'page of {PAGE:,} rows':<28}{page:10.1f} ms   {page / floor:.1f} x the floor; {target}"
    yield f"{'  bare sqlite3 and json':<28}{floor:10.1f} ms   the same rows and fields"
    for clients, rate in rates:
        yield f"{f'requests, {clients} at once':<28}{rate:10.0f} /s   one record by its Id"


def _load(users: int, state: Path) -> float:
    """The seconds of `sfrec simulate seed`."""
    seed = state.with_suffix(".json")
    write_seed(users, seed)
    command = [SFREC, "simulate", "seed", str(seed), "--state", str(state)]
    started = time.perf_counter()
    done = subprocess.run(command, env=bare_environment(), capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    seed.unlink()
    if done.returncode:
        msg = f"{seed.name}: the org could not be seeded: {done.stderr[-500:]}"
        raise SeedingFailed(msg)
    return seconds


def _timed(work: Callable[[], object], times: int) -> Sequence[float]:
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return taken


def _bare_page(state: Path) -> str:
    """The rows of a page as JSON, by nothing but SQLite and json."""
    with closing(sqlite3.connect(state)) as connection:
        rows = connection.execute(f"SELECT {','.join(_FIELDS)} FROM User ORDER BY Id LIMIT {PAGE}").fetchall()
    return json.dumps([dict(zip(_FIELDS, row, strict=True)) for row in rows])


def _page_times(org: ServedOrg) -> Sequence[float]:
    """Seconds of a page, from the request to its last byte."""
    soql = f"SELECT {', '.join(_FIELDS)} FROM User LIMIT {PAGE}"
    path = f"{_DATA}/query?q={quote(soql)}"
    with closing(_connected(org)) as connection:
        _get(org, connection, path)
        return _timed(lambda: _check_page(_get(org, connection, path)), _PAGES)


def _check_page(content: bytes) -> None:
    if content.count(b'"Username"') != PAGE:
        msg = f"a page has {content.count(b'Username')} rows instead of {PAGE}"
        raise WrongResult(msg)


def _rate(org: ServedOrg, clients: int) -> float:
    """Requests a second of so many clients together, each with a connection of its own."""
    with closing(_connected(org)) as connection:
        found = json.loads(_get(org, connection, f"{_DATA}/query?q={quote('SELECT Id FROM User LIMIT 1')}"))
    path = f"{_DATA}/sobjects/User/{found['records'][0]['Id']}?fields=Username"
    with ThreadPoolExecutor(clients) as pool:
        done = list(pool.map(lambda _: _asked_for_a_while(org, path), range(clients)))
    return sum(done) / _SECONDS


def _asked_for_a_while(org: ServedOrg, path: str) -> int:
    """How many requests were answered."""
    asked, end = 0, time.perf_counter() + _SECONDS
    with closing(_connected(org)) as connection:
        while time.perf_counter() < end:
            _get(org, connection, path)
            asked += 1
    return asked


def _connected(org: ServedOrg) -> HTTPConnection:
    return HTTPConnection(urlsplit(org.url).netloc, timeout=60)


def _get(org: ServedOrg, connection: HTTPConnection, path: str) -> bytes:
    connection.request("GET", path, headers={"Authorization": f"Bearer {org.token}"})
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != 200:
        msg = f"{path} was answered {answer.status}: {content[:200]!r}"
        raise WrongResult(msg)
    return content
