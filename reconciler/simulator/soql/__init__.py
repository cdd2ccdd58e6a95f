"""SOQL: parsed by a grammar, compiled to SQL, answered as the REST API answers."""

from reconciler.simulator.soql.result import Column, QueryResult
from reconciler.simulator.soql.run import ID_LENGTH, Table, run_as_table, run_first_page, run_for_ids, run_query

__all__ = ["ID_LENGTH", "Column", "QueryResult", "Table", "run_as_table", "run_first_page", "run_for_ids", "run_query"]
