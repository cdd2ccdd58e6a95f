"""Faults on demand: `KIND[:COUNT][@METHOD PATH_PART]`, several joined by commas.

session-expired:1                        the next request is answered 401 and not executed
concurrent-limit:2@POST composite        403 REQUEST_LIMIT_EXCEEDED for two of these, not executed
unavailable:1@GET query                  503, not executed
lost-response:1@POST composite/sobjects  executed, but answered 503
row-lock:1@PATCH composite/sobjects      every row is answered UNABLE_TO_LOCK_ROW, nothing is written

A fault without a place meets any request but a login, and a row-lock any request that writes records.
"""

import threading
from dataclasses import dataclass
from enum import StrEnum

_LOGIN = ("/services/oauth2/", "/id/")


class Fault(StrEnum):
    """What goes wrong."""

    SESSION_EXPIRED = "session-expired"
    CONCURRENT_LIMIT = "concurrent-limit"
    UNAVAILABLE = "unavailable"
    LOST_RESPONSE = "lost-response"
    ROW_LOCK = "row-lock"


@dataclass
class _Armed:
    fault: Fault
    left: int
    method: str
    part: str

    def meets(self, method: str, path: str) -> bool:
        if self.fault is Fault.ROW_LOCK and not _writes_records(method, path):
            return False
        if not self.part and path.startswith(_LOGIN):
            return False
        return self.method in {"", method} and self.part in path


def _writes_records(method: str, path: str) -> bool:
    """Whether rows are written: a bulk job's are when it is closed."""
    return method == "PATCH" if "/jobs/ingest/" in path else method != "GET" and "/sobjects" in path


class Faults:
    """The faults that are still to come."""

    def __init__(self, spec: str = "") -> None:
        self._lock = threading.Lock()
        self._armed = [_parse(text.strip()) for text in spec.split(",") if text.strip()]

    def next(self, method: str, path: str) -> Fault | None:
        """The fault that this request meets; using it up."""
        with self._lock:
            for armed in self._armed:
                if armed.left and armed.meets(method, path):
                    armed.left -= 1
                    return armed.fault
        return None


def _parse(text: str) -> _Armed:
    head, _, where = text.partition("@")
    kind, _, count = head.partition(":")
    method, _, part = where.partition(" ")
    try:
        return _Armed(Fault(kind), _positive(count or "1"), method.upper(), part)
    except ValueError:
        known = ", ".join(Fault)
        msg = f"{text!r} is no fault; write KIND[:COUNT][@METHOD PATH_PART], KIND being one of {known}"
        raise ValueError(msg) from None


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number
