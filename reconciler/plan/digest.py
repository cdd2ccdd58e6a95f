"""Digests of what a plan was made from; equal digests mean equal content, whatever the order of files, keys or rows."""

import hashlib
import json
from decimal import Decimal

from reconciler.model import Address, Facts, Resource, State, Value


def digest_state(state: State) -> str:
    """SHA-256 over addresses, ids and fields."""
    return _sha256([_resource(state.resources[address]) for address in sorted(state.resources)])


def digest_live(state: State, facts: Facts) -> str:
    """SHA-256 over the live state and the facts that decide a plan; the count of requests is no fact of the org."""
    return _sha256(
        [
            [_resource(state.resources[address]) for address in sorted(state.resources)],
            facts.org.id,
            sorted([item.id, item.name, item.key or "", item.total, item.used] for item in facts.licenses),
            sorted([item.id, item.name, item.user_type, item.license] for item in facts.profiles),
            sorted([item.id, item.name, item.account_id, item.type, item.level] for item in facts.roles),
        ]
    )


def _sha256(content: object) -> str:
    text = json.dumps(content, ensure_ascii=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _resource(resource: Resource) -> list[object]:
    fields = [[name, _typed(value)] for name, value in sorted(resource.fields.items())]
    return [str(resource.address), resource.id, fields]


def _typed(value: Value) -> object:
    if isinstance(value, Address):
        return ["address", str(value)]
    return ["number", str(value)] if isinstance(value, Decimal) else value
