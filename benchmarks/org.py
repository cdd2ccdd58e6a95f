"""The simulated orgs that the fleets are planned against, each served by a process of its own."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.fleet import write_seed

SFREC = str(Path(sys.executable).parent / "sfrec")


_LOG_SETTLES = 0.05
"""Seconds without a new line after which the log of a finished run is complete."""


class SeedingFailed(Exception):
    """An org could not be made from its seed."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """What an org was asked between two points of its log."""

    requests: int
    org_seconds: float


@dataclass(frozen=True, slots=True)
class ServedOrg:
    """Where an org listens, and the log of all that it is asked."""

    url: str
    token: str
    log: Path

    def environment(self) -> dict[str, str]:
        """The settings by which a program finds this org."""
        return {"SFREC_INSTANCE_URL": self.url, "SFREC_ACCESS_TOKEN": self.token}

    def position(self) -> int:
        """The present end of the log."""
        return self.log.stat().st_size

    def traffic_since(self, position: int) -> Traffic:
        """Requests, and seconds that the org took for them."""
        known = -1
        while known != (known := self.position()):
            time.sleep(_LOG_SETTLES)
        with self.log.open("rb") as stream:
            stream.seek(position)
            times = [float(json.loads(line)["ms"]) for line in stream]
        return Traffic(len(times), sum(times) / 1000)


def bare_environment() -> dict[str, str]:
    """The environment of a run: no CI and no settings of sfrec but those that the case gives."""
    return {name: value for name, value in os.environ.items() if name != "CI" and not name.startswith("SFREC_")}


def state_of(users: int, work: Path, *, is_contactless: bool = False) -> Path:
    """Where the records of the org of a fleet are kept."""
    return work / "orgs" / f"{users}-{'contactless' if is_contactless else 'in-sync'}.db"


def make_orgs(states: list[tuple[int, bool]], work: Path) -> None:
    """Seed the orgs that are not there yet, all at once: it is not measured."""
    (work / "orgs").mkdir(parents=True, exist_ok=True)
    seeding: list[tuple[subprocess.Popen[str], Path]] = []
    for users, is_contactless in states:
        state = state_of(users, work, is_contactless=is_contactless)
        if not state.exists():
            seed = state.with_suffix(".json")
            write_seed(users, seed, is_contactless=is_contactless)
            command = [SFREC, "simulate", "seed", str(seed), "--state", str(state)]
            process = subprocess.Popen(command, env=bare_environment(), stderr=subprocess.PIPE, text=True)
            seeding.append((process, seed))
    try:
        for process, seed in seeding:
            _, said = process.communicate()
            if process.returncode:
                msg = f"{seed.name}: the org could not be seeded: {said[-500:]}"
                raise SeedingFailed(msg)
    finally:
        for process, seed in seeding:
            process.kill()
            seed.unlink()


@contextmanager
def serve(state: Path, *options: str) -> Iterator[ServedOrg]:
    """Serve the org of a state file, and stop it at the end."""
    log = state.with_suffix(".jsonl")
    log.write_bytes(b"")
    command = [SFREC, "simulate", "serve", "--port", "0", "--state", str(state), "--access-log", str(log), *options]
    with subprocess.Popen(
        command, env=bare_environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        try:
            first = json.loads(process.stdout.readline())
            yield ServedOrg(first["instance_url"], first["access_token"], log)
        finally:
            process.terminate()
            process.wait()


@contextmanager
def serve_copy(state: Path, *options: str) -> Iterator[ServedOrg]:
    """Serve a fresh copy of an org: what one run writes or leaves behind is not there for the next."""
    copy = state.with_name(f"{state.stem}-copy.db")
    _remove(copy)
    shutil.copyfile(state, copy)
    with serve(copy, *options) as org:
        yield org
    _remove(copy)


def _remove(state: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        state.with_name(state.name + suffix).unlink(missing_ok=True)
