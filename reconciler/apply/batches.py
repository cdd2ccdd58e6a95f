"""Cuts a step's changes into batches; work of one account is never in two batches that are under way at once (F9.4)."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Generic, TypeAlias, TypeVar

from reconciler.apply.record import Record
from reconciler.model import Change

Ready: TypeAlias = tuple[Change, Record]
"""A change and the record that is sent for it."""

Chain: TypeAlias = tuple[tuple[Ready, ...], ...]
"""Batches that are sent one after the other."""

T = TypeVar("T")


def chains(ready: Sequence[Ready], size: int) -> tuple[Chain, ...]:
    """As few batches of at most `size` as keep the changes of an account together; an account of more is one chain."""
    made: list[Chain] = []
    batch: list[Ready] = []
    for group in _groups(ready):
        if batch and len(batch) + len(group) > size:
            made.append((tuple(batch),))
            batch = []
        if len(group) > size:
            made.append(tuple(tuple(group[start : start + size]) for start in range(0, len(group), size)))
        else:
            batch += group
    return (*made, (tuple(batch),)) if batch else tuple(made)


def _groups(ready: Sequence[Ready]) -> Iterator[list[Ready]]:
    """The changes of each account; one whose account is not known stands alone, and order is kept otherwise."""
    accounts: dict[object, int] = {}
    order = [accounts.setdefault(change.account or change.address, len(accounts)) for change, _ in ready]
    for _, group in groupby(sorted(zip(order, ready, strict=True), key=lambda item: item[0]), key=lambda item: item[0]):
        yield [item for _, item in group]


def side_by_side(tasks: Sequence[Callable[[], Iterator[T]]], workers: int) -> Iterator[T]:
    """What the tasks yield, as it comes; up to `workers` of them run at once, a single one in the caller's own thread.

    What a task raises is raised here, when the others have ended what they were about.
    """
    if workers <= 1 or len(tasks) <= 1:
        return (item for task in tasks for item in task())
    return _Crew(tasks).run(workers)


class _Crew(Generic[T]):
    """Threads that take one task after the other."""

    def __init__(self, tasks: Sequence[Callable[[], Iterator[T]]]) -> None:
        self._waiting: SimpleQueue[Callable[[], Iterator[T]]] = SimpleQueue()
        self._answers: SimpleQueue[tuple[T] | BaseException | None] = SimpleQueue()
        for task in tasks:
            self._waiting.put(task)

    def run(self, workers: int) -> Iterator[T]:
        # Daemons: a second signal ends the program at once, whatever is still waited for.
        for _ in range(workers):
            Thread(target=self._work, daemon=True).start()
        failures: list[BaseException] = []
        running = workers
        while running:
            answer = self._answers.get()
            if isinstance(answer, tuple):
                yield answer[0]
            elif answer is None:
                running -= 1
            else:
                failures.append(answer)
        if failures:
            raise failures[0]

    def _work(self) -> None:
        try:
            while True:
                for item in self._waiting.get_nowait()():
                    self._answers.put((item,))
        except Empty:
            pass
        except BaseException as error:  # noqa: BLE001 - carried over to the thread that asked
            self._answers.put(error)
        self._answers.put(None)
