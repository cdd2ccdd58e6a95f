"""SOQL: parsed by a grammar, compiled to SQL, answered as the REST API answers."""

from reconciler.simulator.soql.explain import explained
from reconciler.simulator.soql.result import Column, QueryResult
from reconciler.simulator.soql.run import ID_LENGTH, run_first_page, run_for_ids, run_query
from reconciler.simulator.soql.table import Table, check_bulk_query, run_as_table

__all__ = [
    "ID_LENGTH",
    "Column",
    "QueryResult",
    "Table",
    "check_bulk_query",
    "explained",
    "run_as_table",
    "run_first_page",
    "run_for_ids",
    "run_query",
]
