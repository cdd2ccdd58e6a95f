"""A served simulated org that kills the sfrec process which asks it: before a write is done, or just after."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconciler import pipeline
from reconciler.connect import open_org as connect
from reconciler.desired import load
from reconciler.simulator import mails, open_org
from reconciler.simulator.faults import Faults
from reconciler.simulator.seed import dump_seed
from reconciler.simulator.server import running_server
from reconciler.simulator.wire import ConnectionCut, Options, issue_token
from tests.live.simulated import a_seed, account, upgrade, user
from tests.served import SFREC, ServedOrg, environment

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ACCOUNTS = 6
_READS = ("/jobs/query", "/oauth2/", "/__simulator__/")


@dataclass
class Deadly:
    """Counts the writes that an org is asked for, and kills at one of them whoever asks; each takes some seconds."""

    application: "WSGIApplication"
    at: int | None = None
    is_done: bool = False
    victim: int | None = None
    seconds: float = 0.0
    writes: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if not _is_write(environ):
            return self.application(environ, start_response)
        with self._lock:
            self.writes += 1
            is_last = self.writes == self.at
        time.sleep(self.seconds)
        if not is_last or self.victim is None:
            return self.application(environ, start_response)
        if self.is_done:
            list(self.application(environ, start_response))
        os.kill(self.victim, signal.SIGKILL)
        raise ConnectionCut


def _is_write(environ: "WSGIEnvironment") -> bool:
    path = str(environ["PATH_INFO"])
    # Composite itself carries queries here; what stands below it, such as Collections, writes.
    is_read = path.endswith("/composite") or any(part in path for part in _READS)
    return environ["REQUEST_METHOD"] != "GET" and not is_read


@dataclass
class Doomed:
    """A served org, and a project whose users are to be upgraded in it."""

    served: ServedOrg
    project: Path
    deadly: Deadly
    dump: Any
    sent: Any
    runs: Path

    def start(self, *arguments: str, **extra: str) -> subprocess.Popen[str]:
        """Start sfrec in the project."""
        env = environment(self.served, SFREC_SETTLE_SECONDS="1", **{"SFREC_RUNS_DIR": str(self.runs), **extra})
        return subprocess.Popen(
            [SFREC, *arguments],
            cwd=self.project,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, **extra: str) -> tuple[int, str]:
        """Run sfrec to its end: exit code, and all that it wrote."""
        with self.start(*arguments, **extra) as process:
            out, errors = process.communicate(timeout=120)
        return process.returncode, out + errors

    def killed(self, *arguments: str, at: int, is_done: bool) -> bool:
        """Run sfrec until the n-th write kills it; whether it came to that."""
        self.deadly.writes, self.deadly.at, self.deadly.is_done = 0, at, is_done
        with self.start(*arguments) as process:
            self.deadly.victim = process.pid
            process.communicate(timeout=120)
        self.deadly.victim = None
        return process.returncode == -signal.SIGKILL

    def killed_after(self, seconds: float, *arguments: str) -> bool:
        """Run sfrec and kill it after so long; whether it still ran."""
        with self.start(*arguments) as process:
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=seconds)
            process.kill()
            process.communicate(timeout=120)
        # What was sent may still be carried out when its sender is gone.
        time.sleep(0.05)
        return process.returncode == -signal.SIGKILL

    def is_in_sync(self) -> bool:
        """Whether a fresh plan is empty."""
        desired = load(self.project)
        with connect(self.project, None, environment(self.served)) as org:
            plan = pipeline.build(desired, pipeline.read(org, desired))
        return plan.is_empty and not plan.errors

    def mails(self) -> list[tuple[str, str]]:
        """Kind and address of every mail that the org would have sent."""
        return [(str(mail["kind"]), str(mail["address"])) for mail in self.sent()]

    def people(self) -> Mapping[str, list[tuple[str, ...]]]:
        """All users and contacts, with what an upgrade is about."""
        dump = self.dump()
        of_user = ("Username", "Contact", "Profile", "UserRole", "IsActive", "Title")
        of_contact = ("Email", "FirstName", "LastName", "Account")
        return {
            "User": sorted(tuple(str(record.get(name)) for name in of_user) for record in dump["User"]),
            "Contact": sorted(tuple(str(record.get(name)) for name in of_contact) for record in dump["Contact"]),
        }


@contextmanager
def doomed(folder: Path, users: int = 60, faults: str = "", **options: Any) -> Iterator[Doomed]:
    """Serve an org of that many contactless users, and of some who stay as they are."""
    names = [f"user{number:03}" for number in range(users)]
    seed = a_seed(
        User=[*(user(name) for name in names), user("bystander", Title="Untouched")],
        Account=[account(f"Branch {number}") for number in range(ACCOUNTS)],
    )
    seed["UserLicense"] = [{**license_, "TotalLicenses": 5_000} for license_ in seed["UserLicense"]]
    # Everybody becomes a member of a site that welcomes its members by mail.
    seed["Network"] = [{"Name": "Portal", "Status": "Live"}]
    seed["NetworkMemberGroup"] = [{"Network": "Portal", "Parent": name} for name in ("Acme Plus", "Acme Partner")]
    project = folder / "project"
    (project / "desired" / "users").mkdir(parents=True)
    documents = [_upgrade(name, number) for number, name in enumerate(names)]
    (project / "desired" / "users" / "team.yaml").write_text("\n---\n".join(documents), encoding="utf-8")
    org = open_org(folder / "org.db", seed)
    with running_server(org, Options(faults=Faults(faults, **_seeded(options)), **options)) as running:
        server: Any = running.server
        deadly = server.app = Deadly(server.app)
        served = ServedOrg(running.url, issue_token(org), folder / "access.jsonl", folder / "org.db")
        yield Doomed(served, project, deadly, lambda: dump_seed(org), lambda: mails(org.store), folder / "runs")
    org.close()


def _seeded(options: dict[str, Any]) -> dict[str, Any]:
    return {"seed": options.pop("fault_seed")} if "fault_seed" in options else {}


def _upgrade(name: str, number: int) -> str:
    profile = "Acme Plus" if number % 3 else "Acme Partner"
    return upgrade(name, account=f"Branch {number % ACCOUNTS}", profile=profile, more="role: Manager")
