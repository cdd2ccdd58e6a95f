"""A row of the method tables: what runs, and with how many arguments of which kinds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reconciler.simulator.apex.failure import null_reference
from reconciler.simulator.apex.problem import CompileProblem
from reconciler.simulator.apex.run import Run
from reconciler.simulator.apex.tree import Place
from reconciler.simulator.apex.values import Value, kind_of


@dataclass(frozen=True, slots=True)
class Site:
    """Where a method is called: the run, and the place."""

    run: Run
    at: Place


@dataclass(frozen=True, slots=True)
class Method:
    """A method: `kinds` are Python's types of its arguments (object takes any), the last ones may be left out.

    `takes_null` lets arguments be null; without it a null argument is a NullPointerException, as it mostly is.
    """

    run: Callable[..., Value]
    kinds: tuple[type | tuple[type, ...], ...] = ()
    optional: int = 0
    takes_null: bool = False


Table = Mapping[str, Method]
"""Methods by lower-cased name."""

Arguments = Sequence[Value]


def applied(site: Site, name: str, method: Method | None, own: Sequence[Any], given: Arguments) -> Value:
    """Call a method: `own` goes first, the value that it is a method of, nothing for a static one."""
    if method is None or not _fits(method, given):
        signature = ", ".join(map(kind_of, given))
        raise CompileProblem(site.at, f"Method does not exist or incorrect signature: void {name}({signature})")
    if not method.takes_null and any(value is None for value in given):
        raise null_reference(site.at)
    return method.run(site, *own, *given)


def _fits(method: Method, given: Arguments) -> bool:
    most = len(method.kinds)
    if not most - method.optional <= len(given) <= most:
        return False
    return all(
        value is None or (isinstance(value, kind) and (kind is not int or not isinstance(value, bool)))
        for value, kind in zip(given, method.kinds, strict=False)
    )
