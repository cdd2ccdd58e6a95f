"""Digests of what a plan was made from; equal digests mean equal content, whatever the order of files, keys or rows."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import chain

from reconciler.model import Address, Facts, Resource, State, Value


def digest_state(state: State) -> str:
    """SHA-256 over addresses, ids and fields."""
    return _sha256(_resources(state))


def digest_live(state: State, facts: Facts) -> str:
    """SHA-256 over the live state and the facts that decide a plan; the count of requests is no fact of the org."""
    offered = (
        facts.org.id,
        sorted([item.id, item.name, item.key or "", item.total, item.used] for item in facts.licenses),
        sorted([item.id, item.name, item.user_type, item.license] for item in facts.profiles),
        sorted([item.id, item.name, item.account_id, item.type, item.level] for item in facts.roles),
    )
    return _sha256(chain(_resources(state), offered))


def _sha256(parts: Iterable[object]) -> str:
    """The digest of some values, one after the other: all of them as one text would be as large as the state."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(json.dumps(part).encode() + b"\n")
    return f"sha256:{digest.hexdigest()}"


def _resources(state: State) -> Iterator[object]:
    return (_resource(state.resources[address]) for address in sorted(state.resources))


def _resource(resource: Resource) -> list[object]:
    fields = [[name, _typed(value)] for name, value in sorted(resource.fields.items())]
    return [str(resource.address), resource.id, fields]


def _typed(value: Value) -> object:
    if isinstance(value, Address):
        return ["address", str(value)]
    return ["number", str(value)] if isinstance(value, Decimal) else value
