"""Date literals as ranges: first moment inside, first moment after. Weeks begin on Sunday; all in UTC.

Source: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_dateformats.htm
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias

from reconciler.simulator.soql.tree import DateLiteral

Range: TypeAlias = tuple[date, date]

_RELATIVE = re.compile(r"(LAST|NEXT)_N_(DAYS|WEEKS|MONTHS|QUARTERS|YEARS)\Z|N_(DAYS|WEEKS|MONTHS|QUARTERS|YEARS)_AGO\Z")
_FIXED = re.compile(r"(LAST|THIS|NEXT)_(WEEK|MONTH|QUARTER|YEAR)\Z")
_STORED_LENGTH = len("2026-01-01T00:00:00.000+0000")


def literal_range(literal: DateLiteral, today: date) -> Range | None:
    """The range of a literal; None for a word that is no date literal, or one that leads out of the calendar."""
    named = DateLiteral(literal.name.upper(), literal.count)
    try:
        return _plain(named, today) or _fixed(named, today) or _relative(named, today)
    except (OverflowError, ValueError):
        return None


def stored_datetime(text: str) -> str | None:
    """A datetime in the stored form, to the second; None for a moment that does not exist."""
    moment = _moment(text)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000+0000".rjust(_STORED_LENGTH, "0") if moment else None


def compared_datetime(text: str) -> str | None:
    """A datetime literal in a form that sorts among stored ones, with its milliseconds."""
    moment = _moment(text)
    if moment is None:
        return None
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}+0000".rjust(_STORED_LENGTH, "0")


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def stored_date(text: str) -> str | None:
    """A date literal in the stored form; None for a day that does not exist."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None


def _plain(literal: DateLiteral, today: date) -> Range | None:
    offsets: Mapping[str, Range] = {
        "YESTERDAY": (today - timedelta(1), today),
        "TODAY": (today, today + timedelta(1)),
        "TOMORROW": (today + timedelta(1), today + timedelta(2)),
        "LAST_90_DAYS": (today - timedelta(90), today + timedelta(1)),
        "NEXT_90_DAYS": (today + timedelta(1), today + timedelta(91)),
    }
    return offsets.get(literal.name) if literal.count is None else None


def _fixed(literal: DateLiteral, today: date) -> Range | None:
    match = _FIXED.match(literal.name)
    if not match or literal.count is not None:
        return None
    step = _STEPS[match[2]]
    offset = {"LAST": -1, "THIS": 0, "NEXT": 1}[match[1]]
    return step(today, offset), step(today, offset + 1)


def _relative(literal: DateLiteral, today: date) -> Range | None:
    match = _RELATIVE.match(literal.name)
    if not match or literal.count is None:
        return None
    step = _STEPS[(match[2] or match[3])[:-1]]
    if match[3]:
        return step(today, -literal.count), step(today, 1 - literal.count)
    if match[1] == "NEXT":
        return step(today, 1), step(today, literal.count + 1)
    # LAST_N_DAYS alone of its family reaches to the end of today.
    return step(today, -literal.count), step(today, 1 if match[2] == "DAYS" else 0)


def _day(today: date, offset: int) -> date:
    return today + timedelta(offset)


def _week(today: date, offset: int) -> date:
    return today - timedelta((today.weekday() + 1) % 7) + timedelta(7 * offset)


def _month(today: date, offset: int) -> date:
    years, month = divmod(today.year * 12 + today.month - 1 + offset, 12)
    return date(years, month + 1, 1)


def _quarter(today: date, offset: int) -> date:
    years, quarter = divmod(today.year * 4 + (today.month - 1) // 3 + offset, 4)
    return date(years, quarter * 3 + 1, 1)


def _year(today: date, offset: int) -> date:
    return date(today.year + offset, 1, 1)


_STEPS: Mapping[str, Callable[[date, int], date]] = {
    "DAY": _day,
    "WEEK": _week,
    "MONTH": _month,
    "QUARTER": _quarter,
    "YEAR": _year,
}
