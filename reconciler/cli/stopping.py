"""Signals during an apply: the first one lets what is under way end, the second stops at once."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from reconciler.cli.output import say

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""A terminal that is closed asks to stop too; Windows knows no such signal."""


@dataclass
class Stop:
    """Whether somebody has asked to stop, and whether at once."""

    is_asked: bool = False
    is_forced: bool = False

    def __call__(self) -> bool:
        """Whether somebody has."""
        return self.is_asked

    def handle(self, _number: int, _frame: FrameType | None) -> None:
        """Take note of a signal; raises KeyboardInterrupt for the second."""
        if self.is_asked:
            self.is_forced = True
            raise KeyboardInterrupt
        self.is_asked = True
        say("stopping: what was sent is waited for, nothing more is sent; once more stops at once")


@contextmanager
def stopping() -> Iterator[Stop]:
    """Meanwhile SIGINT, SIGTERM and SIGHUP ask to stop."""
    stop = Stop()
    before = {number: signal.signal(number, stop.handle) for number in _SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
