"""Ctrl-C and SIGTERM: the first one lets what is under way end, the second stops at once; both tell the truth."""

import json
import signal
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen
from tempfile import TemporaryDirectory

import pytest

from tests.torture.doomed import Doomed, doomed

USERS = 410


@contextmanager
def told_by(process: Popen[str]) -> Iterator[Future[tuple[str, str]]]:
    """All that a process writes, read while it runs: it would wait for ever to be read else."""
    with ThreadPoolExecutor(1) as reader:
        yield reader.submit(process.communicate, timeout=60)


def when_sent(org: Doomed, process: Popen[str]) -> None:
    """Wait until the journal has the first batch of contacts."""
    for _ in range(600):
        if any('"sent"' in path.read_text(encoding="utf-8") for path in org.runs.glob("*/journal.jsonl")):
            return
        assert process.poll() is None
        time.sleep(0.02)
    raise AssertionError


def outcomes(org: Doomed) -> dict[str, int]:
    """The summary of the last run, as history tells it."""
    code, told = org.run("history", "--format", "json")
    assert code == 0
    summary: dict[str, int] = json.loads(told)["runs"][-1]["summary"]
    return summary


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_lets_what_is_under_way_end(number: signal.Signals) -> None:
    with TemporaryDirectory() as folder, doomed(Path(folder), USERS) as org:
        org.deadly.seconds = 0.6
        with org.start("apply", "--yes") as process, told_by(process) as told_later:
            when_sent(org, process)
            process.send_signal(number)
            out, errors = told_later.result()

        assert process.returncode == 5, out + errors
        assert "stopping: what was sent is waited for" in errors
        told = outcomes(org)
        made = len(org.people()["Contact"])
        assert (told["unknown"], told["failed"]) == (0, 0)
        assert told["done"] == made > 0
        assert told["not_sent"] > 0
        assert "interrupted" in out


def test_the_second_signal_stops_at_once() -> None:
    with TemporaryDirectory() as folder, doomed(Path(folder), USERS) as org:
        org.deadly.seconds = 5.0
        with org.start("apply", "--yes") as process, told_by(process) as told_later:
            when_sent(org, process)
            process.send_signal(signal.SIGINT)
            time.sleep(0.3)
            began = time.monotonic()
            process.send_signal(signal.SIGINT)
            out, errors = told_later.result()
            took = time.monotonic() - began

        assert process.returncode == 5, out + errors
        assert took < 4
        assert outcomes(org)["unknown"] > 0
        assert "Not verified: interrupted" in out
