"""How many API requests applying a plan takes."""

from collections.abc import Iterable

from reconciler.kinds import COLLECTION_SIZE, ROLE_LEVELS
from reconciler.model import Address, Phase, Step, Via

_BULK_REQUESTS = 6
"""A Bulk 2.0 job: create, upload, close, two polls, successful results (F1.5; each poll is a request)."""

_JOB_SIZE = 100_000
"""Records of one job."""

_URI_KEYS, _LISTED_KEYS, _PAGE = 500, 10_000, 2_000
"""Keys that fit into the URI of a query; keys of one request that holds several queries; rows of a page."""

_MOST_URI_LISTS = 3
_LEVELS = len(ROLE_LEVELS)


def planned_write(ordered: Iterable[Step]) -> int:
    """The API requests that the steps take when nothing has to be repeated."""
    return sum(_sent(step) + _looks(step) for step in ordered)


def _sent(step: Step) -> int:
    if step.via is Via.BULK:
        return _BULK_REQUESTS * -(-len(step.changes) // _JOB_SIZE)
    return -(-len(step.changes) // COLLECTION_SIZE)


def _looks(step: Step) -> int:
    """The reads of a step's records before they are written; before roles are set, of the accounts' roles as well."""
    if step.phase is not Phase.ROLE:
        return _listed(len(step.changes))
    wanted = (item.after for change in step.changes for item in change.fields)
    accounts = len({role.key.rpartition("/")[0] for role in wanted if isinstance(role, Address)})
    return _listed(accounts) + accounts * _LEVELS // _PAGE + _listed(len(step.changes))


def _listed(keys: int) -> int:
    """The requests that it takes to read the records of so many keys."""
    return -(-keys // _URI_KEYS if keys <= _MOST_URI_LISTS * _URI_KEYS else -keys // _LISTED_KEYS)
