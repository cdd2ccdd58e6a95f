"""Many clients of a served org at once, each with a connection of its own."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from threading import Barrier
from typing import TypeVar

import requests

from tests.simulator.wired import Api

T = TypeVar("T")


@contextmanager
def client_of(api: Api) -> Iterator[Api]:
    """The same org by another connection."""
    with requests.Session() as http:
        http.trust_env = False
        http.headers["Authorization"] = api.http.headers["Authorization"]
        yield replace(api, http=http)


def at_once(api: Api, work: Iterable[Callable[[Api], T]]) -> Sequence[T]:
    """Do each piece of work in a thread of its own, all starting at the same moment; their results in order."""
    pieces = list(work)
    together = Barrier(len(pieces))

    def run(piece: Callable[[Api], T]) -> T:
        with client_of(api) as client:
            client.get("limits")
            together.wait(timeout=30)
            return piece(client)

    with ThreadPoolExecutor(len(pieces)) as pool:
        return list(pool.map(run, pieces))
