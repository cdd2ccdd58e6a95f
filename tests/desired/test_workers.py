"""Work that is shared among processes comes back whole and in order, whatever becomes of them."""

import os
import subprocess
import sys

import pytest

from reconciler.desired.workers import mapped, processors


def squared(number: int) -> int:
    return number * number


def squared_by_nobody_else(item: tuple[int, int]) -> int:
    parent, number = item
    if os.getpid() != parent and number > 5:
        os._exit(1)
    return number * number


def refused(number: int) -> int:
    msg = f"no file {number}"
    raise FileNotFoundError(msg)


@pytest.mark.parametrize("workers", [1, 2, 50])
def test_answers_come_in_the_order_of_the_items(workers: int) -> None:
    assert list(mapped(squared, list(range(100)), workers)) == [number * number for number in range(100)]


def test_what_a_killed_process_leaves_undone_is_done_here() -> None:
    items = [(os.getpid(), number) for number in range(40)]

    assert list(mapped(squared_by_nobody_else, items, 2)) == [number * number for number in range(40)]


@pytest.mark.parametrize("threads", [0, 1])
def test_processes_are_made_safely_beside_other_threads(threads: int) -> None:
    script = f"""
import threading
from reconciler.desired.workers import mapped
ended = threading.Event()
threads = [threading.Thread(target=ended.wait) for _ in range({threads})]
for thread in threads:
    thread.start()
print(list(mapped(abs, [-1, 2, -3], 2)))
ended.set()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)

    assert done.stdout == "[1, 2, 3]\n"
    assert not done.stderr


def test_an_error_of_the_work_itself_is_the_callers() -> None:
    with pytest.raises(FileNotFoundError, match="no file 1"):
        list(mapped(refused, [1, 2], 2))


def test_there_is_always_a_processor() -> None:
    assert processors() >= 1
