"""One program run to its end: wall clock, CPU, and the memory of the program and of every process that it starts."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

HAS_PSS = Path("/proc/self/smaps_rollup").exists()
"""Whether memory that processes share can be told from their own (Linux); else the largest process is shown."""

_INTERVAL = 0.03
_SAMPLING_SHARE = 0.05
"""Walking the page tables of gigabytes takes long: at most this share of the time goes into it."""

_SESSION_FIELD = 3
"""Of what follows the program's name in /proc/PID/stat: state, parent, process group, session."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one run took."""

    seconds: float
    cpu: float
    peak_mb: float
    exit_code: int


@dataclass(frozen=True, slots=True)
class Program:
    """What is run, where, and where its output goes."""

    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str]
    output: Path


def run(program: Program) -> Run:
    """Run it in a session of its own, by which all its processes are found, and wait for it."""
    with program.output.open("wb") as output, program.output.with_suffix(".err").open("wb") as errors:
        started = time.perf_counter()
        process = subprocess.Popen(
            program.command,
            cwd=program.folder,
            env=program.environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            start_new_session=True,
        )
        sampler = _Sampler(process.pid)
        try:
            sampler.start()
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - started
            process.returncode = os.waitstatus_to_exitcode(status)
        finally:
            sampler.stop()
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    # Of a process that was forked from a large one, ru_maxrss is at least as large as that.
    largest_mb = usage.ru_maxrss / (1024 if os.uname().sysname == "Linux" else 1024 * 1024)
    peak_mb = sampler.peak_mb or largest_mb
    return Run(seconds, usage.ru_utime + usage.ru_stime, peak_mb, process.returncode)


class _Sampler:
    """Adds up the memory of a session's processes again and again; the largest sum is the peak."""

    def __init__(self, session: int) -> None:
        self.peak_mb = 0.0
        self._session = session
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def start(self) -> None:
        """Start where the system tells the memory."""
        if HAS_PSS:
            self._thread.start()

    def stop(self) -> None:
        """Stop and wait for the last sample."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def _sample(self) -> None:
        pause = _INTERVAL
        while not self._ended.wait(pause):
            started = time.perf_counter()
            processes = list(_session_processes(self._session))
            # The most that any one has had catches what came and went between two samples.
            self.peak_mb = max(self.peak_mb, sum(map(_pss_mb, processes)), *map(_most_mb, processes))
            pause = max(_INTERVAL, (time.perf_counter() - started) / _SAMPLING_SHARE)


def _session_processes(session: int) -> Iterator[str]:
    for name in os.listdir("/proc"):  # noqa: PTH208 - thousands of Path objects a second would be measured too
        if name.isdigit():
            with suppress(OSError), open(f"/proc/{name}/stat", encoding="utf-8") as stream:  # noqa: PTH123 - as above
                fields = stream.read().rpartition(")")[2].split()
                if int(fields[_SESSION_FIELD]) == session:
                    yield name


def _pss_mb(process: str) -> float:
    """The memory of a process, with its share of what it shares; nothing when it has ended meanwhile."""
    return _told_mb(process, "smaps_rollup", "Pss:")


def _most_mb(process: str) -> float:
    """The most memory that a process has had since it began."""
    return _told_mb(process, "status", "VmHWM:")


def _told_mb(process: str, file: str, name: str) -> float:
    with suppress(OSError), open(f"/proc/{process}/{file}", encoding="utf-8") as stream:  # noqa: PTH123 - as above
        for line in stream:
            if line.startswith(name):
                return int(line.split()[1]) / 1024
    return 0.0
