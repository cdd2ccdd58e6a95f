"""Date functions -> SQL over stored dates and date-times.

Source: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_date_functions.htm
"""

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.simulator.org import Org
from reconciler.simulator.schema import FieldType

_YEAR = "CAST(substr({0},1,4) AS INTEGER)"
_MONTH = "CAST(substr({0},6,2) AS INTEGER)"
_DAY = "CAST(substr({0},9,2) AS INTEGER)"
_DAY_OF_YEAR = "CAST(strftime('%j',substr({0},1,10)) AS INTEGER)"
_FISCAL_MONTH = f"(({_MONTH}-{{month}}+12)%12+1)"
_ANY = frozenset({FieldType.DATE, FieldType.DATETIME})
_MOMENT = frozenset({FieldType.DATETIME})


@dataclass(frozen=True, slots=True)
class DateFunction:
    """`sql` has the place {0} for a date, and {month} and {later} for the fiscal year; `takes` are types of fields."""

    sql: str
    takes: frozenset[FieldType] = _ANY
    gives: FieldType = FieldType.INT


@dataclass(frozen=True, slots=True)
class FiscalYear:
    """The month that it starts in, and how many years its name is ahead of the year that it starts in."""

    month: int = 1
    later: int = 0


DATE_FUNCTIONS: Mapping[str, DateFunction] = {
    "CALENDAR_YEAR": DateFunction(_YEAR),
    "CALENDAR_QUARTER": DateFunction(f"(({_MONTH}+2)/3)"),
    "CALENDAR_MONTH": DateFunction(_MONTH),
    "FISCAL_YEAR": DateFunction(f"({_YEAR}-({_MONTH}<{{month}})+{{later}})"),
    "FISCAL_QUARTER": DateFunction(f"(({_FISCAL_MONTH}+2)/3)"),
    "FISCAL_MONTH": DateFunction(_FISCAL_MONTH),
    "DAY_IN_MONTH": DateFunction(_DAY),
    "DAY_IN_WEEK": DateFunction("(CAST(strftime('%w',substr({0},1,10)) AS INTEGER)+1)"),
    "DAY_IN_YEAR": DateFunction(_DAY_OF_YEAR),
    "DAY_ONLY": DateFunction("substr({0},1,10)", _MOMENT, FieldType.DATE),
    "HOUR_IN_DAY": DateFunction("CAST(substr({0},12,2) AS INTEGER)", _MOMENT),
    # The first week of a month or year is its first seven days.
    "WEEK_IN_MONTH": DateFunction(f"(({_DAY}+6)/7)"),
    "WEEK_IN_YEAR": DateFunction(f"(({_DAY_OF_YEAR}+6)/7)"),
}


def fiscal_year(org: Org) -> FiscalYear:
    """The fiscal year of the organization; it bears the name of the year that it ends in unless it is told not to.

    Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_organization.htm
    """
    rows = org.store.select("SELECT FiscalYearStartMonth, UsesStartDateAsFiscalYearName FROM Organization")
    month = int(rows[0][0] or 1) if rows else 1
    is_named_by_start = month == 1 or bool(rows and rows[0][1])
    return FiscalYear(month, 0 if is_named_by_start else 1)
