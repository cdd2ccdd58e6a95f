"""A simulated org in its own process behind real HTTP, and the `sfrec` program run against it as a person would."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

SFREC = str(Path(sys.executable).parent / "sfrec")
_READS = ("/jobs/query", "/oauth2/")


@dataclass(frozen=True)
class ServedOrg:
    """Where a simulated org listens, and the log of all that it was asked."""

    url: str
    token: str
    log: Path
    state: Path

    def requests(self) -> list[Mapping[str, object]]:
        """Every request so far, in order."""
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]

    def writes(self) -> list[Mapping[str, object]]:
        """The requests that could change a record."""
        return [entry for entry in self.requests() if _is_write(entry)]

    def dump(self) -> Mapping[str, list[dict[str, object]]]:
        """The org as it is now, in the format of a seed."""
        done = sfrec(self.state.parent, None, "simulate", "dump", "--state", str(self.state))
        assert done.returncode == 0, done.stderr
        dumped = yaml.safe_load(done.stdout)
        assert isinstance(dumped, dict)
        return dumped


def _is_write(entry: Mapping[str, object]) -> bool:
    path = str(entry["path"])
    # Composite itself carries queries here; what stands below it, such as Collections, writes.
    return entry["method"] != "GET" and not path.endswith("/composite") and not any(part in path for part in _READS)


@contextmanager
def serve(folder: Path, *options: str, seed: Path | None = None) -> Iterator[ServedOrg]:
    """Serve an org from a new state file in that folder, and stop it at the end."""
    log, state = folder / "access.jsonl", folder / "org.db"
    log.touch()
    command = [SFREC, "simulate", "serve", "--port", "0", "--state", str(state), "--access-log", str(log), *options]
    if seed is not None:
        command += ["--seed", str(seed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            first = json.loads(process.stdout.readline())
            yield ServedOrg(first["instance_url"], first["access_token"], log, state)
        finally:
            process.terminate()
            process.wait(timeout=20)


def environment(org: ServedOrg | None, **extra: str) -> dict[str, str]:
    """The environment of a run: no CI, no org but the given one."""
    kept = {name: value for name, value in os.environ.items() if name != "CI" and not name.startswith("SFREC_")}
    if org is not None:
        runs = str(org.state.parent / "runs")
        # Simulated orgs have the same id: the journals of one must not be taken for those of another.
        kept |= {"SFREC_INSTANCE_URL": org.url, "SFREC_ACCESS_TOKEN": org.token, "SFREC_RUNS_DIR": runs}
    # What is kept between runs would otherwise stand in the home of whoever runs the tests.
    return {**kept, "SFREC_CACHE_DIR": "", **extra}


def sfrec(project: Path, org: ServedOrg | None, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run `sfrec` in a project folder without a terminal, and wait for it."""
    return subprocess.run(
        [SFREC, *arguments],
        cwd=project,
        env=environment(org, **extra),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
