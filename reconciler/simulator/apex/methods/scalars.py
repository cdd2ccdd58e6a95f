"""Methods of numbers, dates and date-times.

Source: https://developer.salesforce.com/docs/atlas.en-us.apexref.meta/apexref/apex_methods_system_decimal.htm
and its sisters
"""

import calendar
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Any, TypeVar

from reconciler.simulator.apex.failure import thrown
from reconciler.simulator.apex.methods.method import Method, Site, Table
from reconciler.simulator.apex.values import Value, text_of

_Day = TypeVar("_Day", date, datetime)


def _simple(compute: Callable[..., Any], *kinds: type) -> Method:
    return Method(lambda _, *values: compute(*values), kinds)


def _scaled(_: Site, number: Decimal, scale: int) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-min(max(scale, 0), 33)), ROUND_HALF_UP)


WHOLE: Table = {
    "format": _simple(lambda number: f"{number:,}"),
    "intvalue": _simple(int),
    "longvalue": _simple(int),
    "doublevalue": _simple(Decimal),
    "tostring": _simple(text_of),
}
"""Methods of Integer and Long."""

DECIMAL: Table = {
    "intvalue": _simple(int),
    "longvalue": _simple(int),
    "doublevalue": _simple(lambda number: number),
    "abs": _simple(abs),
    "scale": _simple(lambda number: max(0, -int(number.as_tuple().exponent))),
    "setscale": Method(_scaled, (int,)),
    "round": _simple(lambda number: int(number.quantize(Decimal(1), ROUND_HALF_EVEN))),
    "striptrailingzeros": _simple(lambda number: number.normalize()),
    "toplainstring": _simple(text_of),
    "format": _simple(lambda number: f"{number:,f}"),
    "tostring": _simple(text_of),
}
"""Methods of Decimal and Double."""


def _later(day: _Day, months: int) -> _Day:
    """Some months later, on the month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return day.replace(year=year, month=month + 1, day=min(day.day, last))


def _moved(site: Site, day: _Day, change: Callable[[], _Day]) -> _Day:
    try:
        return change()
    except (ValueError, OverflowError):
        raise thrown(site.at, "System.TypeException", f"Invalid date: {text_of(day)}") from None


def _add_days(site: Site, day: date, count: int) -> Value:
    return _moved(site, day, lambda: day + timedelta(days=count))


def _add_months(site: Site, day: date, count: int) -> Value:
    return _moved(site, day, lambda: _later(day, count))


def _add_years(site: Site, day: date, count: int) -> Value:
    return _moved(site, day, lambda: _later(day, 12 * count))


def _adding(unit: str) -> Method:
    return Method(lambda site, day, count: _moved(site, day, lambda: day + timedelta(**{unit: count})), (int,))


_PATTERN: Mapping[str, str] = {
    "yyyy": "%Y",
    "MM": "%m",
    "dd": "%d",
    "HH": "%H",
    "mm": "%M",
    "ss": "%S",
    "SSS": "000",
}


def _formatted(site: Site, moment: datetime, pattern: str = "yyyy-MM-dd HH:mm:ss") -> str:
    """By a pattern of Java's of which the usual letters are known."""
    text = pattern.replace("'", "").replace("%", "%%")
    for letters, code in _PATTERN.items():
        text = text.replace(letters, code)
    site.run.budget.hold(len(text))
    return moment.strftime(text)


_PARTS: Table = {
    "year": _simple(lambda day: day.year),
    "month": _simple(lambda day: day.month),
    "day": _simple(lambda day: day.day),
    "adddays": Method(_add_days, (int,)),
    "addmonths": Method(_add_months, (int,)),
    "addyears": Method(_add_years, (int,)),
}

DAY: Table = {
    **_PARTS,
    "daysbetween": _simple(lambda day, other: (other - day).days, date),
    "tostartofmonth": _simple(lambda day: day.replace(day=1)),
    "format": _simple(lambda day: f"{day.month}/{day.day}/{day.year}"),
    "tostring": _simple(lambda day: day.isoformat()),
}
"""Methods of Date."""

MOMENT: Table = {
    **_PARTS,
    "hour": _simple(lambda moment: moment.hour),
    "minute": _simple(lambda moment: moment.minute),
    "second": _simple(lambda moment: moment.second),
    "addhours": _adding("hours"),
    "addminutes": _adding("minutes"),
    "addseconds": _adding("seconds"),
    "date": _simple(lambda moment: moment.date()),
    "dategmt": _simple(lambda moment: moment.date()),
    "gettime": _simple(lambda moment: int(moment.timestamp() * 1000)),
    "format": Method(_formatted, (str,), 1),
    "formatgmt": Method(_formatted, (str,)),
    "tostring": _simple(text_of),
}
"""Methods of Datetime."""

ROUNDINGS: Mapping[str, str] = {"ceil": ROUND_CEILING, "floor": ROUND_FLOOR}
