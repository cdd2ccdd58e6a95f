"""Date literals as ranges: first moment inside, first moment after. Weeks begin on Sunday; all in UTC.

Source: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_dateformats.htm
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias

from reconciler.simulator.soql.tree import DateLiteral

Range: TypeAlias = tuple[date, date]

_STEP = "(DAY|WEEK|MONTH|QUARTER|YEAR|FISCAL_QUARTER|FISCAL_YEAR)"
_RELATIVE = re.compile(rf"(LAST|NEXT)_N_{_STEP}S\Z|N_{_STEP}S_AGO\Z")
_FIXED = re.compile(r"(LAST|THIS|NEXT)_(WEEK|MONTH|QUARTER|YEAR|FISCAL_QUARTER|FISCAL_YEAR)\Z")
_STORED_LENGTH = len("2026-01-01T00:00:00.000+0000")


def literal_range(literal: DateLiteral, today: date, fiscal_month: int = 1) -> Range | None:
    """The range of a literal; None for a word that is no date literal, or one that leads out of the calendar.

    `fiscal_month` is the month that the fiscal year begins in.
    """
    name, count = literal.name.upper(), literal.count
    try:
        if count is None:
            return _plain(name, today) or _fixed(name, today, fiscal_month)
        return _relative(name, count, today, fiscal_month)
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


def _plain(name: str, today: date) -> Range | None:
    offsets: Mapping[str, Range] = {
        "YESTERDAY": (today - timedelta(1), today),
        "TODAY": (today, today + timedelta(1)),
        "TOMORROW": (today + timedelta(1), today + timedelta(2)),
        "LAST_90_DAYS": (today - timedelta(90), today + timedelta(1)),
        "NEXT_90_DAYS": (today + timedelta(1), today + timedelta(91)),
    }
    return offsets.get(name)


def _fixed(name: str, today: date, fiscal_month: int) -> Range | None:
    match = _FIXED.match(name)
    if not match:
        return None
    offset = {"LAST": -1, "THIS": 0, "NEXT": 1}[match[1]]
    return _stepped(match[2], today, offset, fiscal_month), _stepped(match[2], today, offset + 1, fiscal_month)


def _relative(name: str, count: int, today: date, fiscal_month: int) -> Range | None:
    match = _RELATIVE.match(name)
    if not match:
        return None
    step = match[2] or match[3]
    if match[3]:
        first, after = -count, 1 - count
    elif match[1] == "NEXT":
        first, after = 1, count + 1
    else:
        # LAST_N_DAYS alone of its family reaches to the end of today.
        first, after = -count, 1 if step == "DAY" else 0
    return _stepped(step, today, first, fiscal_month), _stepped(step, today, after, fiscal_month)


def _stepped(step: str, today: date, offset: int, fiscal_month: int) -> date:
    """The first day of a period so many periods away."""
    if step == "DAY":
        return today + timedelta(offset)
    if step == "WEEK":
        return today - timedelta((today.weekday() + 1) % 7) + timedelta(7 * offset)
    start = fiscal_month if step.startswith("FISCAL") else 1
    months = _MONTHS[step.removeprefix("FISCAL_")]
    first = ((today.year * 12 + today.month - start) // months + offset) * months + start - 1
    return date(first // 12, first % 12 + 1, 1)


_MONTHS: Mapping[str, int] = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}
