"""SOQL: parsed by a grammar, compiled to SQL, answered as the REST API answers."""

from reconciler.simulator.soql.result import Column, QueryResult
from reconciler.simulator.soql.run import Table, run_as_table, run_first_page, run_for_ids, run_query

__all__ = ["Column", "QueryResult", "Table", "run_as_table", "run_first_page", "run_for_ids", "run_query"]
