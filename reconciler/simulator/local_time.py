"""Moments in the time zone of a user."""

from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_LENGTH = len("2026-01-01T00:00:00")


def local_time(stored: str | None, zone: str) -> str | None:
    """A stored date-time as the clocks of a zone show it; an unknown zone is UTC.

    What has no place in the calendar there, around the years 1 and 9999, stays as it is.
    """
    if not stored:
        return None
    try:
        moment = datetime.fromisoformat(stored[:_LENGTH]).replace(tzinfo=UTC).astimezone(_zone(zone))
    except (ValueError, OverflowError):
        return stored
    return f"{moment:%Y-%m-%dT%H:%M:%S}{stored[_LENGTH:]}".rjust(len(stored), "0")


@lru_cache(maxsize=1024)
def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
