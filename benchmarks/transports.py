"""An apply over a slow network, by each of the three ways that carry the contact of users: seconds, requests, rows."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.checks import WrongResult
from benchmarks.fleet import Fleet, write_project
from benchmarks.org import SFREC, bare_environment, make_orgs, serve_copy, state_of

USERS, FEWEST_USERS = 1_000, 200
LATENCY_MS = 80
MOST_REQUESTS = 60
"""The target of an apply of 1,000 upgrades, reads and the verification included."""

_VIAS = ("soap", "bulk", "apex")
_CHANGES = 4
"""Of a user: its contact, the link, the license, the role."""


def measure_transports(users: int, work: Path) -> Iterator[str]:
    """Upgrade so many users by each way; a line a way. Raises WrongResult when an apply is not whole."""
    make_orgs([(users, True)], work)
    project = write_project(Fleet(users), work)
    for via in _VIAS:
        with serve_copy(state_of(users, work, is_contactless=True), "--latency-ms", str(LATENCY_MS)) as org:
            before = org.position()
            command = [SFREC, "apply", "--yes", "--via", via]
            environment = {
                **bare_environment(),
                **org.environment(),
                "SFREC_CACHE_DIR": "",
                "SFREC_RUNS_DIR": str(work / "runs" / via),
            }
            started = time.perf_counter()
            done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
            seconds = time.perf_counter() - started
            traffic = org.traffic_since(before)
        if done.returncode or f"Verified: a fresh read shows all {_CHANGES * users} changes." not in done.stdout:
            msg = f"--via {via}: {done.stdout[-500:]}{done.stderr[-500:]}"
            raise WrongResult(msg)
        waited = traffic.requests * LATENCY_MS / 1000
        rate = _CHANGES * users / seconds
        verdict = "holds" if traffic.requests <= MOST_REQUESTS else "misses"
        yield (
            f"{f'apply of {users:,} by {via}':<28}{seconds:10.1f} s    {traffic.requests} requests of {LATENCY_MS} ms, "
            f"{seconds / waited:.1f} x their latency one by one; {rate:,.0f} rows/s; "
            f"target: {MOST_REQUESTS} requests or fewer, {verdict}"
        )
