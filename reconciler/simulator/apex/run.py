"""A running script: what its statements and expressions share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from reconciler.simulator.apex.budget import Budget
from reconciler.simulator.apex.scope import Scope
from reconciler.simulator.apex.tree import Expression, Method, Place
from reconciler.simulator.apex.values import Value  # noqa: TC001 - a field of a dataclass
from reconciler.simulator.dml import Transaction
from reconciler.simulator.org import Org


@dataclass(slots=True)
class Log:
    """The debug log, as far as `System.debug` and the limits go."""

    org: Org
    lines: list[str] = field(default_factory=list)

    def add(self, event: str) -> None:
        """One event, under the time of the org's clock."""
        self.lines.append(f"{self.org.clock():%H:%M:%S}.0 ({len(self.lines) + 1})|{event}")

    def debug(self, at: Place, level: str, text: str) -> None:
        """What a script says."""
        self.add(f"USER_DEBUG|[{at.line}]|{level}|{text}")


@dataclass(slots=True)
class Run:
    """One run. `evaluate` and `call` are given by the modules that know how, which know one another through here."""

    org: Org
    actor: str
    version: float
    transaction: Transaction
    methods: Mapping[str, Method]
    log: Log
    evaluate: "Callable[[Run, Expression], Value]"
    scope: Scope = field(default_factory=Scope)
    budget: Budget = field(default_factory=Budget)
    savepoints: int = 0
