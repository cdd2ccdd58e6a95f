"""How an apply is watched, stopped and paced."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from reconciler.errors import UsageError
from reconciler.model import Event

SETTLE_SECONDS = 120.0
"""How long after its answer was lost a request may still be carried out (inferred)."""

WORKERS = 4
"""Requests under way at once; of requests that take 20 seconds a small org allows five.

Source: https://developer.salesforce.com/docs/atlas.en-us.salesforce_app_limits_cheatsheet.meta/salesforce_app_limits_cheatsheet/salesforce_app_limits_platform_api.htm
"""


_SETTLE, _WORKERS = "SFREC_SETTLE_SECONDS", "SFREC_WORKERS"
_NUMBER = re.compile(r"[0-9]{1,4}", re.ASCII)
_MOST_WORKERS = 16


def settings(environ: Mapping[str, str]) -> tuple[float, int]:
    """Seconds to settle and number of workers, as the environment sets them; raises UsageError."""
    seconds = _number(environ, _SETTLE, int(SETTLE_SECONDS), 0, 3600)
    return float(seconds), _number(environ, _WORKERS, WORKERS, 1, _MOST_WORKERS)


def _number(environ: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    given = environ.get(name)
    if not given:
        return default
    if not _NUMBER.fullmatch(given) or not least <= int(given) <= most:
        msg = f'{name} is "{given[:40]}"; set it to a number from {least} to {most}'
        raise UsageError(msg)
    return int(given)


def _ignore(_: Event) -> None:
    pass


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Control:
    """`note` hears of every event before the next request is sent; `is_stopping` asks to end what is begun, no more.

    `settle_seconds` is how long a lost request may still be carried out, `workers` how many requests may be under way.
    """

    note: Callable[[Event], None] = _ignore
    is_stopping: Callable[[], bool] = _never
    settle_seconds: float = 0.0
    workers: int = 1
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.monotonic

    def wait(self, seconds: float) -> None:
        """Wait, but not longer than until somebody asks to stop."""
        deadline = self.now() + seconds
        while not self.is_stopping() and (left := deadline - self.now()) > 0:
            self.sleep(min(left, _GLANCE))


_GLANCE = 0.2
