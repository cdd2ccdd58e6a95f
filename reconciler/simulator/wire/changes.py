"""Which records of an object were changed or deleted in a span of time, for clients that keep a copy.

Sources: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_getdeleted.htm
https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_getupdated.htm
"""

from datetime import datetime, timedelta

from werkzeug.wrappers import Response

from reconciler.simulator import messages
from reconciler.simulator.errors import ApiError
from reconciler.simulator.schema import SObject
from reconciler.simulator.soql.dates import stored_datetime
from reconciler.simulator.wire.context import Context, json_response

_LONGEST_AGO = timedelta(days=30)
_SHORTEST = timedelta(minutes=1)
_MOST = 600_000
"""Ids of one answer."""


def deleted(context: Context, name: str) -> Response:
    """`GET /sobjects/X/deleted?start=...&end=...`."""
    sobject = _replicated(context, name)
    start, end = _span(context)
    query = "SELECT id, at FROM _deleted WHERE sobject = ? AND at >= ? AND at < ? ORDER BY at, id LIMIT ?"
    found = context.org.store.select(query, [sobject.name, start, end, _MOST + 1])
    _limit(len(found))
    [organization] = context.org.store.find("Organization")
    return json_response(
        {
            "deletedRecords": [{"deletedDate": row["at"], "id": row["id"]} for row in found],
            "earliestDateAvailable": organization["CreatedDate"],
            "latestDateCovered": min(end, context.org.now()),
        }
    )


def updated(context: Context, name: str) -> Response:
    """`GET /sobjects/X/updated?start=...&end=...`: new records too."""
    sobject = _replicated(context, name)
    start, end = _span(context)
    kept = " AND IsDeleted = 0" if sobject.undeletable else ""
    query = (
        f'SELECT Id FROM "{sobject.name}" WHERE SystemModstamp >= ? AND SystemModstamp < ?{kept} ORDER BY Id LIMIT ?'
    )
    found = context.org.store.select(query, [start, end, _MOST + 1])
    _limit(len(found))
    return json_response({"ids": [row["Id"] for row in found], "latestDateCovered": min(end, context.org.now())})


def _replicated(context: Context, name: str) -> SObject:
    sobject = context.sobject(name)
    if "replicateable" not in sobject.flags:
        message = messages.UNSUPPORTED.format(sobject=sobject.name, operation="replicate")
        raise ApiError(400, "INVALID_TYPE_FOR_OPERATION", message)
    return sobject


def _span(context: Context) -> tuple[str, str]:
    """The first moment of the span and the first after it, as they are stored; seconds do not count."""
    start, end = (_minute(context, name) for name in ("start", "end"))
    if end - start < _SHORTEST:
        raise _wrong_date("the end must be a minute after the start at least")
    if start < context.org.clock() - _LONGEST_AGO:
        raise _wrong_date("the start must not be more than 30 days ago")
    return tuple(f"{moment:%Y-%m-%dT%H:%M:%S}.000+0000" for moment in (start, end))  # type: ignore[return-value]


def _minute(context: Context, name: str) -> datetime:
    # A plus sign that stands in the query as it is means a space there.
    text = context.request.args.get(name, "").replace(" ", "+")
    stored = stored_datetime(text)
    if stored is None:
        raise ApiError(400, "MISSING_ARGUMENT" if not text else "INVALID_ARGUMENT", f"{name}: a date-time is required")
    return datetime.fromisoformat(stored).replace(second=0)


def _wrong_date(reason: str) -> ApiError:
    return ApiError(400, "INVALID_REPLICATION_DATE", f"{reason}{messages.OWN_WORDS}")


def _limit(found: int) -> None:
    if found > _MOST:
        raise ApiError(
            400, "EXCEEDED_ID_LIMIT", f"more than {_MOST} records: ask for a shorter span{messages.OWN_WORDS}"
        )
