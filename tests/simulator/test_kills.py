"""`sfrec simulate serve` is ended while clients write: by a kill, by a signal; and two of them share one file."""

import json
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest
import requests

from reconciler.simulator import open_org
from tests.served import SFREC, environment

WRITERS = 3


@dataclass(frozen=True)
class Served:
    """A server in a process of its own."""

    process: subprocess.Popen[str]
    url: str
    token: str

    def call(self, http: requests.Session, method: str, path: str, body: object = None) -> requests.Response:
        """Send a request to the data API."""
        http.trust_env = False
        return http.request(
            method,
            f"{self.url}/services/data/v66.0/{path}",
            json=body,
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=30,
        )


@contextmanager
def served(state: Path, *options: str) -> Iterator[Served]:
    """Serve the org of a file; killed at the end if it still runs."""
    command = [SFREC, "simulate", "serve", "--state", str(state), *options]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(None), cwd=state.parent
    ) as process:
        assert process.stdout is not None
        try:
            first = json.loads(process.stdout.readline())
            yield Served(process, first["instance_url"], first["access_token"])
        finally:
            process.kill()


def write_until_cut(org: Served, writer: int) -> Sequence[str]:
    """Write pairs of accounts, each pair all or none, until nobody answers; the names that were acknowledged."""
    kept: list[str] = []
    with requests.Session() as http, suppress(requests.RequestException):
        for number in range(100_000):
            names = [f"Pair {writer} {number} {half}" for half in ("left", "right")]
            records = [{"attributes": {"type": "Account"}, "Name": name} for name in names]
            answer = org.call(http, "POST", "composite/sobjects", {"allOrNone": True, "records": records})
            assert [row["success"] for row in answer.json()] == [True, True]
            kept += names
    return kept


def killed_while_writing(state: Path, seconds: float) -> Sequence[str]:
    """The names of the accounts that were acknowledged before the server was killed."""
    with served(state) as org, ThreadPoolExecutor(WRITERS) as pool:
        writing = [pool.submit(write_until_cut, org, writer) for writer in range(WRITERS)]
        time.sleep(seconds)
        org.process.kill()
        return [name for done in writing for name in done.result()]


def check_whole(state: Path, acknowledged: Sequence[str]) -> None:
    """The file is sound, has what was acknowledged, and no half of anything."""
    with sqlite3.connect(state) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    org = open_org(state)
    rows: list[Any] = org.store.select("SELECT Name FROM Account WHERE Name LIKE 'Pair%'")
    made = org.store.select("SELECT count(*), count(DISTINCT Id) FROM Account")[0]
    org.close()
    names = [str(row["Name"]) for row in rows]
    halves = {name.rpartition(" ")[0] for name in names}
    assert set(acknowledged) <= set(names)
    assert len(names) == len(set(names)) == 2 * len(halves)
    assert made[0] == made[1]


@pytest.mark.parametrize("seconds", [0.05, 0.4])
def test_a_killed_server_has_kept_what_it_acknowledged_and_nothing_half(tmp_path: Path, seconds: float) -> None:
    state = tmp_path / "org.db"

    acknowledged = killed_while_writing(state, seconds)

    check_whole(state, acknowledged)


@pytest.mark.slow
def test_a_server_that_is_killed_again_and_again_keeps_everything(tmp_path: Path) -> None:
    dice = Random(0)
    for number in range(40):
        state = tmp_path / f"{number}.db"

        acknowledged = killed_while_writing(state, dice.uniform(0, 0.6))

        check_whole(state, acknowledged)


def load(org: Served) -> int:
    """Load a thousand accounts by a job; the status of its closing."""
    with requests.Session() as http:
        job = org.call(http, "POST", "jobs/ingest", {"operation": "insert", "object": "Account"}).json()["id"]
        content = "Name\n" + "".join(f"Loaded {number}\n" for number in range(1000))
        url = f"{org.url}/services/data/v66.0/jobs/ingest/{job}/batches"
        http.put(url, content.encode(), headers={"Authorization": f"Bearer {org.token}"}, timeout=30)
        with suppress(requests.RequestException):
            return org.call(http, "PATCH", f"jobs/ingest/{job}", {"state": "UploadComplete"}).status_code
    return 0


@pytest.mark.parametrize("seconds", [0.02, 0.1])
def test_a_job_that_a_kill_interrupts_has_written_all_or_nothing(tmp_path: Path, seconds: float) -> None:
    state = tmp_path / "org.db"
    with served(state) as server, ThreadPoolExecutor(1) as pool:
        closing = pool.submit(load, server)
        time.sleep(seconds)
        server.process.kill()
        with suppress(requests.RequestException):
            closing.result()

    org = open_org(state)
    (number,) = org.store.select("SELECT count(*) FROM Account WHERE Name LIKE 'Loaded%'")[0]
    org.close()
    assert number in {0, 1000}


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_stops_a_busy_server_cleanly(tmp_path: Path, name: str) -> None:
    state = tmp_path / "org.db"
    with served(state) as org, ThreadPoolExecutor(WRITERS) as pool:
        writing = [pool.submit(write_until_cut, org, writer) for writer in range(WRITERS)]
        time.sleep(0.3)
        org.process.send_signal(signal.Signals[name])
        _, told = org.process.communicate(timeout=20)
        acknowledged = [name for done in writing for name in done.result()]

    assert (org.process.returncode, told) == (0, "stopped\n")
    check_whole(state, acknowledged)


def test_two_servers_of_one_file_are_one_org(tmp_path: Path) -> None:
    state = tmp_path / "org.db"
    with served(state) as first, served(state) as second, ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(_insert_some, [first, second] * 2, range(4)))
        with requests.Session() as http:
            query = "query?q=SELECT+Id+FROM+Account+WHERE+Name+LIKE+'Shared%25'"
            seen = [org.call(http, "GET", query).json()["totalSize"] for org in (first, second)]
            by_other_token = Served(second.process, second.url, first.token).call(http, "GET", query).status_code

    ids = [row for answer in answers for row in answer]
    assert len(set(ids)) == len(ids) == 80
    assert seen == [80, 80]
    assert by_other_token == 200


def test_two_servers_of_one_file_give_a_username_once(tmp_path: Path) -> None:
    state = tmp_path / "org.db"
    with served(state) as first, served(state) as second, ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(_take_usernames, [first, second] * 2))

    assert sorted(sum(column) for column in zip(*answers, strict=True)) == [1] * 10


def _take_usernames(org: Served) -> Sequence[bool]:
    """Which of ten usernames were given to this client."""
    with requests.Session() as http:
        query = "query?q=SELECT+Id+FROM+Profile+WHERE+Name='Acme+Identity'"
        [profile] = org.call(http, "GET", query).json()["records"]
        row = {
            "LastName": "Lee",
            "Alias": "lee",
            "ProfileId": profile["Id"],
            "TimeZoneSidKey": "Europe/Paris",
            "LocaleSidKey": "en_US",
            "EmailEncodingKey": "UTF-8",
            "LanguageLocaleKey": "en_US",
        }
        names = [f"shared{number}@acme.example" for number in range(10)]
        rows = [{**row, "Username": name, "Email": name} for name in names]
        return [org.call(http, "POST", "sobjects/User", body).status_code == 201 for body in rows]


def _insert_some(org: Served, writer: int) -> Sequence[str]:
    """The Ids of new accounts."""
    with requests.Session() as http:
        bodies = [{"Name": f"Shared {writer} {number}"} for number in range(20)]
        return [org.call(http, "POST", "sobjects/Account", body).json()["id"] for body in bodies]
