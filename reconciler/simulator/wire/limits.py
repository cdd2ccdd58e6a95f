"""The org's count of requests over the last 24 hours, its daily limit, and `/limits`."""

import json

from reconciler.simulator.errors import ApiError
from reconciler.simulator.org import Org

_COUNTER = "requests"
_HOUR = 3600
_HOURS = 24

_FIXED = {
    "DailyBulkApiBatches": 15_000,
    "DailyBulkV2QueryJobs": 10_000,
    "DailyBulkV2QueryFileStorageMB": 976_562,
    "DailyAsyncApexExecutions": 250_000,
    "DataStorageMB": 5,
    "FileStorageMB": 20,
}


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


def check_requests(org: Org) -> None:
    """Refuse a request beyond the daily limit; raises ApiError. Salesforce may let some pass (inferred: none)."""
    if used_requests(org) >= org.settings.daily_api_requests:
        raise ApiError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")


def _by_hour(org: Org) -> dict[int, int]:
    kept = json.loads(org.store.meta_get(_COUNTER) or "{}")
    oldest = _hour(org) - _HOURS
    return {int(hour): int(number) for hour, number in kept.items() if int(hour) > oldest}


def _hour(org: Org) -> int:
    return int(org.clock().timestamp()) // _HOUR


def org_limits(org: Org) -> dict[str, dict[str, int]]:
    """Each limit with its size and what is left of it."""
    answer = {name: {"Max": size, "Remaining": size} for name, size in _FIXED.items()}
    most = org.settings.daily_api_requests
    return {"DailyApiRequests": {"Max": most, "Remaining": max(0, most - used_requests(org))}, **answer}
