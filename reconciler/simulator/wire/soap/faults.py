"""A refused call as a fault.

Source: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_concepts_core_data_objects.htm
"""

import re
from collections.abc import Mapping

from reconciler.simulator.errors import ApiError
from reconciler.simulator.wire.markup import leaf, tag

_KINDS: Mapping[str, str] = {
    "INVALID_LOGIN": "LoginFault",
    "INVALID_TYPE": "InvalidSObjectFault",
    "INVALID_FIELD": "InvalidFieldFault",
    "MALFORMED_QUERY": "MalformedQueryFault",
    "INVALID_QUERY_LOCATOR": "InvalidQueryLocatorFault",
    "MALFORMED_ID": "InvalidIdFault",
    "INVALID_NEW_PASSWORD": "InvalidNewPasswordFault",
}
"""Fault of an exception code; any other is an UnexpectedErrorFault."""

_QUERY_FAULTS = frozenset({"InvalidSObjectFault", "InvalidFieldFault", "MalformedQueryFault"})
_PLACE = re.compile(r"ERROR at Row:(\d+):Column:(\d+)")


def fault(error: ApiError) -> str:
    """The Fault element; its code has the prefix by which clients know that a session has ended."""
    kind = _KINDS.get(error.code, "UnexpectedErrorFault")
    detail = leaf("sf:exceptionCode", error.code) + leaf("sf:exceptionMessage", error.message)
    if kind in _QUERY_FAULTS:
        row, column = _place(error.message)
        detail += leaf("sf:row", row) + leaf("sf:column", column)
    return tag(
        "soapenv:Fault",
        leaf("faultcode", f"sf:{error.code}")
        + leaf("faultstring", f"{error.code}: {error.message}")
        + tag("detail", tag(f"sf:{kind}", detail, xsi_type=f"sf:{kind}")),
    )


def _place(message: str) -> tuple[str, str]:
    """Where in a query, -1 when that is not known."""
    match = _PLACE.search(message)
    return (match[1], match[2]) if match else ("-1", "-1")
