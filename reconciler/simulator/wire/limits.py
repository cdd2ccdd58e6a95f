"""The org's request counter and `/limits`."""

from reconciler.simulator.org import Org

DAILY_REQUESTS = 15_000
"""A Developer Edition's daily API requests."""

_COUNTER = "requests"
_FIXED = {
    "DailyBulkApiBatches": 15_000,
    "DailyBulkV2QueryJobs": 10_000,
    "DailyBulkV2QueryFileStorageMB": 976_562,
    "DailyAsyncApexExecutions": 250_000,
    "DataStorageMB": 5,
    "FileStorageMB": 20,
}


def used_requests(org: Org) -> int:
    """The API requests that the org has answered."""
    return int(org.store.meta_get(_COUNTER) or 0)


def count_request(org: Org) -> None:
    """Count one API request."""
    with org.store.transaction():
        org.store.meta_set(_COUNTER, str(used_requests(org) + 1))


def org_limits(org: Org) -> dict[str, dict[str, int]]:
    """Each limit with its size and what is left of it."""
    answer = {name: {"Max": size, "Remaining": size} for name, size in _FIXED.items()}
    left = max(0, DAILY_REQUESTS - used_requests(org))
    return {"DailyApiRequests": {"Max": DAILY_REQUESTS, "Remaining": left}, **answer}
