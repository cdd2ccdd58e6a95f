"""Simulated orgs for tests: the demo org in memory, and short ways to ask and change it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from reconciler.simulator import Org, open_org
from reconciler.simulator.dml import Call, Operation, RowResult, execute
from reconciler.simulator.soql import run_query

NOON = datetime(2026, 3, 18, 12, tzinfo=UTC)
"""A Wednesday."""


def demo(**settings: Any) -> Org:
    """The built-in demo org in memory, with other settings where a test wants them."""
    from reconciler.simulator.seed import demo_seed

    seed = demo_seed()
    return open_org(":memory:", {**seed, "settings": {**seed["settings"], **settings}}, clock=lambda: NOON)


def made_of(seed: Mapping[str, Any]) -> Org:
    """An org of that seed in memory."""
    return open_org(":memory:", seed, clock=lambda: NOON)


def records(org: Org, soql: str, **options: Any) -> list[dict[str, Any]]:
    """The records of a query without their attributes."""
    return [_plain(record) for record in run_query(org, soql, **options).records]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if key != "attributes"}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def id_of(org: Org, sobject: str, **equals: Any) -> str:
    """The id of the one record with these values."""
    found = org.store.find(sobject, **equals)
    assert len(found) == 1
    return str(found[0]["Id"])


def user(org: Org, name: str = "sonia.james@acme.example") -> dict[str, Any]:
    """A user as it is now."""
    return org.store.find("User", Username=name)[0]


def profile(org: Org, name: str = "Acme Customer Plus") -> str:
    """The id of a profile."""
    return id_of(org, "Profile", Name=name)


def do(org: Org, operation: str, sobject: str, *rows: Mapping[str, Any], **options: Any) -> list[RowResult]:
    """One DML call by the administrator."""
    admin = id_of(org, "User", Username="admin@acme.example")
    return execute(org, admin, Call(Operation(operation), sobject, rows, **options))


def refusal(org: Org, operation: str, sobject: str, row: Mapping[str, Any]) -> tuple[str, str, tuple[str, ...]]:
    """Code, message and fields with which one row is refused."""
    result = do(org, operation, sobject, row)[0]
    assert not result.success
    error = result.errors[0]
    return error.code, error.message, error.fields


def give_contact(org: Org, name: str = "sonia.james@acme.example", account: str = "Acme") -> str:
    """Give a contactless user a new contact; the contact's id."""
    values = {"LastName": "James", "AccountId": id_of(org, "Account", Name=account)}
    contact = do(org, "insert", "Contact", values)[0].id
    result = do(org, "update", "User", {"Id": user(org, name)["Id"], "ContactId": contact})[0]
    assert result.success, result
    return str(contact)
