"""Runs a pure function over many batches, in several processes where that pays."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

_Item = TypeVar("_Item")
_Answer = TypeVar("_Answer")

_MOST = 8


def processors() -> int:
    """The processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1  # pragma: no cover - systems without affinity


def mapped(function: Callable[[_Item], _Answer], items: Sequence[_Item], workers: int) -> Iterator[_Answer]:
    """The answers in the order of the items; in this process when it has no others, or when they fail."""
    done = 0
    if workers > 1 and len(items) > 1:
        try:
            for answer in _side_by_side(function, items, min(workers, _MOST)):
                done += 1
                yield answer
        except (OSError, ImportError, NotImplementedError, BrokenProcessPool):
            # No semaphores, no memory for more processes, or one was killed: slower is better than not at all.
            pass
    yield from map(function, items[done:])


def _side_by_side(function: Callable[[_Item], _Answer], items: Sequence[_Item], workers: int) -> Iterator[_Answer]:
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context(_way()), _leave_interrupts_to_the_parent)
    try:
        yield from pool.map(function, items)
    finally:
        pool.shutdown(cancel_futures=True)


def _way() -> str:
    """How processes are made: a fork starts at once, but is safe on Linux only, and while there is one thread."""
    if sys.platform != "linux":
        return "spawn"  # pragma: no cover - systems other than Linux
    return "fork" if threading.active_count() == 1 else "forkserver"


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
