"""SOQL: parsed by a grammar, compiled to SQL, answered as the REST API answers."""

from reconciler.simulator.soql.run import QueryResult, run_query
from reconciler.simulator.soql.shape import Column

__all__ = ["Column", "QueryResult", "run_query"]
