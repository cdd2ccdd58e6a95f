"""Exceptions of Apex, made."""

from collections.abc import Sequence

from reconciler.simulator.apex.problem import Thrown
from reconciler.simulator.apex.tree import Place
from reconciler.simulator.apex.values import ApexList, Box, Value


def thrown(at: Place, kind: str, message: str) -> Thrown:
    """An exception of that class, to be raised."""
    return Thrown(at, exception(kind, message, at))


def exception(kind: str, message: Value, at: Place, rows: Sequence[Box] = ()) -> Box:
    """An exception's value; `rows` are what DML tells of each refused record."""
    values: dict[str, Value] = {"message": message, "line": at.line, "column": at.column, "cause": None}
    return Box(_whole_name(kind), values | {"rows": ApexList(list(rows))})


def null_reference(at: Place) -> Thrown:
    """What a member of null is."""
    return thrown(at, "System.NullPointerException", "Attempt to de-reference a null object")


def out_of_bounds(at: Place, index: int) -> Thrown:
    """What an item that a list has not is."""
    return thrown(at, "System.ListException", f"List index out of bounds: {index}")


def _whole_name(kind: str) -> str:
    return kind if "." in kind else f"System.{kind}"
