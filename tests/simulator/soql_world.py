"""A small org to query, its records written as they are, and what a query of it gives."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from reconciler.simulator.errors import ApiError
from reconciler.simulator.objects import SCHEMA
from reconciler.simulator.org import Org
from reconciler.simulator.schema import Field, FieldType, Schema
from reconciler.simulator.settings import Settings
from reconciler.simulator.soql import QueryResult, run_query
from reconciler.simulator.store import Scalar, Store

NOW = datetime(2026, 3, 11, 15, 30, tzinfo=UTC)
"""A Wednesday."""

EXTRA_FIELDS = (
    Field("Languages__c", FieldType.MULTIPICKLIST, "Languages", custom=True),
    Field("Score__c", FieldType.DOUBLE, "Score", custom=True),
    Field("Vip__c", FieldType.BOOLEAN, "VIP", custom=True),
    Field("Secret__c", FieldType.STRING, "Secret", case_sensitive=True, sortable=False, groupable=False, custom=True),
)


class World:
    """An org in memory, with a few custom fields on Contact."""

    def __init__(self) -> None:
        contact = SCHEMA.objects["contact"]
        wider = replace(contact, fields={**contact.fields, **{field.name.lower(): field for field in EXTRA_FIELDS}})
        schema = Schema({**SCHEMA.objects, "contact": wider})
        self.store = Store.open(":memory:", schema)
        self.org = Org(self.store, schema, Settings(), lambda: NOW, "00D000000000001EAA")

    def add(self, sobject: str, **values: Scalar) -> str:
        """Write a record and return its Id."""
        return self.store.insert(sobject, values)

    def ask(self, text: str, *, all_rows: bool = False, version: float = 66.0) -> QueryResult:
        """Run a query."""
        return run_query(self.org, text, all_rows=all_rows, version=version)

    def values(self, text: str, **options: Any) -> list[Any]:
        """The first selected column of each row, in order."""
        result = self.ask(text, **options)
        return [_at(record, result.columns[0].path) for record in result.records]

    def contacts(self, where: str) -> list[str]:
        """Last names of the contacts that a condition holds for, by name."""
        return self.values(f"SELECT LastName FROM Contact WHERE {where} ORDER BY LastName")

    def refusal(self, text: str, **options: Any) -> ApiError:
        """What a query is refused with."""
        try:
            self.ask(text, **options)
        except ApiError as error:
            return error
        msg = f"answered: {text[:200]}"
        raise AssertionError(msg)


def _at(record: Any, path: Sequence[str]) -> Any:
    for name in path:
        record = None if record is None else record[name]
    return record
