"""Static methods: System, String, Math, JSON, Date, UserInfo, Limits and their like.

Source: https://developer.salesforce.com/docs/atlas.en-us.apexref.meta/apexref/apex_namespace_System.htm
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from reconciler.simulator.apex.budget import MOST
from reconciler.simulator.apex.conversion import record_id, wrapped
from reconciler.simulator.apex.failure import thrown
from reconciler.simulator.apex.json_text import parsed_json, written_json
from reconciler.simulator.apex.methods.database import DATABASE
from reconciler.simulator.apex.methods.method import Method, Site, Table
from reconciler.simulator.apex.methods.scalars import ROUNDINGS
from reconciler.simulator.apex.methods.texts import escaped, formatted, joined
from reconciler.simulator.apex.values import ApexList, ApexSet, Value, are_equal, text_of, utc

_NUMBER = (int, Decimal)


def _simple(compute: Callable[..., Any], *kinds: type | tuple[type, ...]) -> Method:
    return Method(lambda _, *values: compute(*values), kinds)


def _debug(site: Site, first: Value, *rest: Value) -> None:
    level, shown = (text_of(first), rest[0]) if rest else ("DEBUG", first)
    site.run.log.debug(site.at, level, text_of(shown))


def _assert(site: Site, is_right: bool, *message: Value) -> None:  # noqa: FBT001 - a value of the script
    if not is_right:
        raise thrown(site.at, "System.AssertException", _told("Assertion Failed", message))


def _assert_equal(site: Site, wanted: Value, found: Value, *message: Value) -> None:
    if not are_equal(wanted, found):
        text = _told("Assertion Failed", message)
        detail = f"{text}: Expected: {text_of(wanted)}, Actual: {text_of(found)}"
        raise thrown(site.at, "System.AssertException", detail)


def _assert_different(site: Site, wanted: Value, found: Value, *message: Value) -> None:
    if are_equal(wanted, found):
        text = _told("Assertion Failed", message)
        raise thrown(site.at, "System.AssertException", f"{text}: Same value: {text_of(wanted)}")


def _told(text: str, message: tuple[Value, ...]) -> str:
    return f"{text}: {text_of(message[0])}" if message else text


def _now(site: Site) -> datetime:
    return site.run.org.clock().astimezone(UTC).replace(microsecond=0)


_SYSTEM: Table = {
    "debug": Method(_debug, (object, object), 1, takes_null=True),
    "assert": Method(_assert, (bool, object), 1),
    "assertequals": Method(_assert_equal, (object, object, object), 1, takes_null=True),
    "assertnotequals": Method(_assert_different, (object, object, object), 1, takes_null=True),
    "now": Method(_now),
    "today": Method(lambda site: _now(site).date()),
    "currenttimemillis": Method(lambda site: int(_now(site).timestamp() * 1000)),
}


def _assert_null(site: Site, value: Value, *message: Value) -> None:
    _assert(site, value is None, *message)


def _assert_not_null(site: Site, value: Value, *message: Value) -> None:
    _assert(site, value is not None, *message)


def _fail(site: Site, *message: Value) -> None:
    raise thrown(site.at, "System.AssertException", _told("Assertion Failed", message))


_ASSERT: Table = {
    "istrue": Method(_assert, (bool, object), 1),
    "isfalse": Method(lambda site, value, *rest: _assert(site, not value, *rest), (bool, object), 1),
    "areequal": _SYSTEM["assertequals"],
    "arenotequal": _SYSTEM["assertnotequals"],
    "isnull": Method(_assert_null, (object, object), 1, takes_null=True),
    "isnotnull": Method(_assert_not_null, (object, object), 1, takes_null=True),
    "fail": Method(_fail, (object,), 1),
}

_STRING: Table = {
    "valueof": Method(lambda _, value: text_of(value), (object,), takes_null=True),
    "join": Method(joined, ((ApexList, ApexSet), str)),
    "format": Method(formatted, (str, ApexList)),
    "escapesinglequotes": Method(escaped, (str,)),
    "isblank": Method(lambda _, text: not (text or "").strip(), (str,), takes_null=True),
    "isnotblank": Method(lambda _, text: bool((text or "").strip()), (str,), takes_null=True),
    "isempty": Method(lambda _, text: not text, (str,), takes_null=True),
    "isnotempty": Method(lambda _, text: bool(text), (str,), takes_null=True),
}


def _whole(site: Site, value: Value) -> int:
    text = text_of(value).strip()
    digits = text.removeprefix("-").removeprefix("+")
    if isinstance(value, Decimal):
        return wrapped(int(value), 32)
    if not (digits.isascii() and digits.isdigit() and len(digits) < 20):
        raise thrown(site.at, "System.TypeException", f"Invalid integer: {text}")
    return int(text)


def _decimal(site: Site, value: Value) -> Decimal:
    try:
        number = Decimal(text_of(value).strip())
    except InvalidOperation:
        raise thrown(site.at, "System.TypeException", f"Invalid decimal: {text_of(value)}") from None
    if not number.is_finite():
        raise thrown(site.at, "System.TypeException", f"Invalid decimal: {text_of(value)}")
    return number


def _day(site: Site, value: Value) -> date:
    try:
        return value.date() if isinstance(value, datetime) else date.fromisoformat(text_of(value)[:10])
    except ValueError:
        raise thrown(site.at, "System.TypeException", f"Invalid date: {text_of(value)}") from None


def _moment(site: Site, value: Value) -> datetime:
    try:
        return utc(text_of(value))
    except ValueError:
        raise thrown(site.at, "System.TypeException", f"Invalid date/time: {text_of(value)}") from None


def _new_day(site: Site, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except (ValueError, OverflowError):
        raise thrown(site.at, "System.TypeException", f"Invalid date: {year}-{month}-{day}") from None


def _new_moment(site: Site, year: int, month: int, day: int, *rest: int) -> datetime:
    hour, minute, second = (*rest, 0, 0, 0)[:3]
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except (ValueError, OverflowError):
        raise thrown(site.at, "System.TypeException", f"Invalid date/time: {year}-{month}-{day}") from None


def _rounded(how: str) -> Method:
    return _simple(lambda number: Decimal(number).to_integral_value(ROUNDINGS[how]), _NUMBER)


def _mod(site: Site, left: int, right: int) -> int:
    if right == 0:
        raise thrown(site.at, "System.MathException", "Divide by 0")
    rest = abs(left) % abs(right)
    return rest if left >= 0 else -rest


_MATH: Table = {
    "abs": _simple(abs, _NUMBER),
    "max": _simple(max, _NUMBER, _NUMBER),
    "min": _simple(min, _NUMBER, _NUMBER),
    "mod": Method(_mod, (int, int)),
    "ceil": _rounded("ceil"),
    "floor": _rounded("floor"),
    "round": _simple(lambda number: int(Decimal(number).to_integral_value("ROUND_HALF_EVEN")), _NUMBER),
    "roundtolong": _simple(lambda number: int(Decimal(number).to_integral_value("ROUND_HALF_EVEN")), _NUMBER),
}


def _serialize(site: Site, value: Value, *_: bool) -> str:
    return written_json(site.run, value, site.at)


def _serialize_pretty(site: Site, value: Value, *_: bool) -> str:
    return written_json(site.run, value, site.at, indent=2)


_JSON: Table = {
    "serialize": Method(_serialize, (object, bool), 1, takes_null=True),
    "serializepretty": Method(_serialize_pretty, (object, bool), 1, takes_null=True),
    "deserializeuntyped": Method(lambda site, text: parsed_json(text, site.at), (str,)),
}


def _own(field: str) -> Method:
    def read(site: Site) -> Value:
        user = site.run.org.store.get("User", site.run.actor) or {}
        value: Any = user.get(field)
        found: Value = value
        return found

    return Method(read)


def _organization(field: str) -> Method:
    def read(site: Site) -> Value:
        found = site.run.org.store.find("Organization")
        return str(found[0][field]) if found else None

    return Method(read)


_USER_INFO: Table = {
    "getuserid": Method(lambda site: site.run.actor),
    "getusername": _own("Username"),
    "getuseremail": _own("Email"),
    "getfirstname": _own("FirstName"),
    "getlastname": _own("LastName"),
    "getname": _own("Name"),
    "getprofileid": _own("ProfileId"),
    "getuserroleid": _own("UserRoleId"),
    "getusertype": _own("UserType"),
    "getlocale": _own("LocaleSidKey"),
    "getlanguage": _own("LanguageLocaleKey"),
    "getorganizationid": Method(lambda site: site.run.org.id),
    "getorganizationname": _organization("Name"),
}


def _limit(what: str) -> Table:
    """`Limits.getX` and `Limits.getLimitX`."""
    own = what.replace(" ", "").replace("SOQL", "").lower()
    return {
        f"get{own}": Method(lambda site: site.run.budget.used[what]),
        f"getlimit{own}": Method(lambda _: MOST[what]),
    }


STATICS: Mapping[str, Table] = {
    "system": _SYSTEM,
    "assert": _ASSERT,
    "string": _STRING,
    "integer": {"valueof": Method(_whole, (object,))},
    "long": {"valueof": Method(_whole, (object,))},
    "decimal": {"valueof": Method(_decimal, (object,))},
    "double": {"valueof": Method(_decimal, (object,))},
    "boolean": {"valueof": Method(lambda _, value: text_of(value).lower() == "true", (object,))},
    "id": {"valueof": Method(lambda site, text: record_id(text, site.at), (str,))},
    "date": {
        "today": Method(lambda site: _now(site).date()),
        "newinstance": Method(_new_day, (int, int, int)),
        "valueof": Method(_day, (object,)),
        "parse": Method(_day, (str,)),
    },
    "datetime": {
        "now": Method(_now),
        "newinstance": Method(_new_moment, (int, int, int, int, int, int), 3),
        "newinstancegmt": Method(_new_moment, (int, int, int, int, int, int), 3),
        "valueof": Method(_moment, (object,)),
        "valueofgmt": Method(_moment, (object,)),
    },
    "math": _MATH,
    "json": _JSON,
    "database": DATABASE,
    "userinfo": _USER_INFO,
    "limits": {name: method for what in MOST for name, method in _limit(what).items()},
}
"""Static methods by lower-cased class and name."""

PROPERTIES: Mapping[tuple[str, str], Value] = {
    ("integer", "max_value"): 2**31 - 1,
    ("integer", "min_value"): -(2**31),
    ("long", "max_value"): 2**63 - 1,
    ("long", "min_value"): -(2**63),
}
"""Constants by lower-cased class and name."""

ENUMS = frozenset({"statuscode", "logginglevel", "accesslevel"})
"""Enums whose constants are their own names."""
