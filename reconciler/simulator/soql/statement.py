"""A statement's ends (the order of its rows, and which of them), and its run."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from reconciler.simulator.errors import ApiError
from reconciler.simulator.soql import tree
from reconciler.simulator.soql.refusal import too_complicated
from reconciler.simulator.soql.scope import Request
from reconciler.simulator.store import Scalar

LARGEST_OFFSET = 2_000
"""Rows that OFFSET may skip.

Source: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_offset.htm
"""

_TOO_MUCH = (
    *("parser stack overflow", "Expression tree is too large", "too many columns", "too many terms"),
    *("too many SQL variables", "at most 64 tables in a join"),
)
"""What SQLite says when a statement is deeper or wider than it can be."""


def key_of_order(sql: str, ordering: tree.Ordering) -> str:
    """One key of ORDER BY; nulls come first unless told otherwise.

    Source: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_orderby.htm
    """
    direction = "DESC" if ordering.is_descending else "ASC"
    return f"{sql} {direction} NULLS {'LAST' if ordering.nulls_last else 'FIRST'}"


def slice_of(query: tree.Query) -> str:
    """LIMIT and OFFSET; raises NUMBER_OUTSIDE_VALID_RANGE."""
    if query.offset is not None and query.offset > LARGEST_OFFSET:
        raise ApiError(400, "NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {LARGEST_OFFSET}")
    return f"LIMIT {-1 if query.limit is None else query.limit} OFFSET {query.offset or 0}"


def rows_of(request: Request, sql: str, parameters: Sequence[Scalar]) -> list[sqlite3.Row]:
    """The rows of a statement; raises QUERY_TOO_COMPLICATED where SQLite's own bounds are passed."""
    with _bounded():
        return request.org.store.select(sql, parameters)


def blocks_of(
    request: Request, sql: str, parameters: Sequence[Scalar], size: int
) -> Iterator[list[tuple[Scalar, ...]]]:
    """The rows of a statement, some at a time; raises as `rows_of`."""
    with _bounded():
        yield from request.org.store.blocks(sql, parameters, size)


@contextmanager
def _bounded() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if str(error).startswith(_TOO_MUCH):
            raise too_complicated() from None
        raise
