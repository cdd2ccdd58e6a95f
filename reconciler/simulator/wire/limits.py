"""The org's count of requests over the last 24 hours, its daily limit, and `/limits`."""

import json
from collections.abc import Mapping

from reconciler.simulator.errors import ApiError
from reconciler.simulator.org import Org

_COUNTER = "requests"
_HOUR = 3600
_HOURS = 24

_FIXED = {
    "ConcurrentAsyncGetReportInstances": 200,
    "ConcurrentSyncReportRuns": 20,
    "DailyAsyncApexExecutions": 250_000,
    "DailyAsyncApexTests": 500,
    "DailyBulkApiBatches": 15_000,
    "DailyBulkV2QueryFileStorageMB": 976_562,
    "DailyBulkV2QueryJobs": 10_000,
    "DailyDurableGenericStreamingApiEvents": 10_000,
    "DailyDurableStreamingApiEvents": 10_000,
    "DailyGenericStreamingApiEvents": 10_000,
    "DailyStreamingApiEvents": 10_000,
    "DailyWorkflowEmails": 75,
    "FileStorageMB": 20,
    "HourlyAsyncReportRuns": 1_200,
    "HourlyDashboardRefreshes": 200,
    "HourlyDashboardResults": 5_000,
    "HourlyDashboardStatuses": 999_999_999,
    "HourlyODataCallout": 1_000,
    "HourlySyncReportRuns": 500,
    "HourlyTimeBasedWorkflow": 50,
    "MassEmail": 10,
    "SingleEmail": 15,
}
"""Limits that nothing in a simulated org uses up, of the size of a Developer Edition's.

Source: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_limits.htm
"""

_DATA_MB = 5
_RECORDS_PER_MB = 512
"""A record of most objects counts as 2 KB, one of the org's setup as nothing.

Source: https://help.salesforce.com/s/articleView?id=sf.admin_monitorresources.htm
"""

_PERMISSION_SETS = 1_500
_FIRST_WITH_BATCHES = 49.0
"""Before that version batches of the Bulk API were called requests."""


def used_requests(org: Org) -> int:
    """The API requests that the org has counted in the last 24 hours."""
    return sum(_by_hour(org).values())


def count_requests(org: Org, number: int = 1) -> None:
    """Count API requests; those of more than 24 hours ago are forgotten, by whole hours."""
    with org.store.transaction():
        counted = _by_hour(org)
        hour = _hour(org)
        counted[hour] = counted.get(hour, 0) + number
        org.store.meta_set(_COUNTER, json.dumps(counted))


def take_request(org: Org) -> None:
    """Count a request, or refuse it beyond the daily limit; raises ApiError.

    Salesforce may let some pass (inferred: none), however many come at once.
    """
    with org.store.transaction():
        if used_requests(org) >= org.settings.daily_api_requests:
            raise ApiError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        count_requests(org)


def _by_hour(org: Org) -> dict[int, int]:
    kept = json.loads(org.store.meta_get(_COUNTER) or "{}")
    oldest = _hour(org) - _HOURS
    return {int(hour): int(number) for hour, number in kept.items() if int(hour) > oldest}


def _hour(org: Org) -> int:
    return int(org.clock().timestamp()) // _HOUR


def org_limits(org: Org, version: float) -> Mapping[str, Mapping[str, object]]:
    """Each limit with its size and what is left of it, by name."""
    sets = org.store.select("SELECT count(*) FROM PermissionSet WHERE IsCustom = 1 AND IsOwnedByProfile = 0")[0][0]
    data = [item.name for item in org.schema if item.undeletable]
    records = sum(org.store.select(f'SELECT count(*) FROM "{name}"')[0][0] for name in data)
    found = {
        **{name: _limit(size) for name, size in _FIXED.items()},
        "DailyApiRequests": _limit(org.settings.daily_api_requests, used_requests(org)),
        "DataStorageMB": _limit(_DATA_MB, records // _RECORDS_PER_MB),
        "PermissionSets": {**_limit(_PERMISSION_SETS, sets), "CreateCustom": _limit(_PERMISSION_SETS - 500, sets)},
    }
    if version < _FIRST_WITH_BATCHES:
        found["DailyBulkApiRequests"] = found.pop("DailyBulkApiBatches")
    return dict(sorted(found.items()))


def _limit(size: int, used: int = 0) -> dict[str, object]:
    return {"Max": size, "Remaining": max(0, size - used)}
