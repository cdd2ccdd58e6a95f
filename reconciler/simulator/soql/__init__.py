"""SOQL: parsed by a grammar, compiled to SQL, answered as the REST API answers."""

from reconciler.simulator.soql.result import Column, QueryResult
from reconciler.simulator.soql.run import run_query

__all__ = ["Column", "QueryResult", "run_query"]
