"""Statements, methods, and the whole script."""

from dataclasses import dataclass
from typing import TypeAlias

from reconciler.simulator.apex.tree.expression import Expression, Place, Type


@dataclass(frozen=True, slots=True)
class Declare:
    """`T a = x, b;`"""

    at: Place
    type: Type
    variables: tuple[tuple[str, Expression | None, Place], ...]


@dataclass(frozen=True, slots=True)
class Evaluate:
    """Expressions as a statement."""

    at: Place
    expressions: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """`{ ... }`, with variables of its own."""

    at: Place
    statements: "tuple[Statement, ...]"


@dataclass(frozen=True, slots=True)
class If:
    """`if (a) b else c`."""

    at: Place
    test: Expression
    then: "Statement"
    otherwise: "Statement | None"


@dataclass(frozen=True, slots=True)
class ForEach:
    """`for (T a : x) b`."""

    at: Place
    type: Type
    variable: str
    items: Expression
    body: "Statement"


@dataclass(frozen=True, slots=True)
class Loop:
    """Any other loop; a `do` loop tests last."""

    at: Place
    start: "Statement | None"
    test: Expression | None
    step: tuple[Expression, ...]
    body: "Statement"
    tests_last: bool = False


@dataclass(frozen=True, slots=True)
class Catch:
    """`catch (T a) { ... }`."""

    at: Place
    type: Type
    variable: str
    body: Block


@dataclass(frozen=True, slots=True)
class Try:
    """`try { ... } catch (...) { ... } finally { ... }`."""

    at: Place
    body: Block
    catches: tuple[Catch, ...]
    finally_: Block | None


@dataclass(frozen=True, slots=True)
class Throw:
    """`throw a;`"""

    at: Place
    value: Expression


@dataclass(frozen=True, slots=True)
class Return:
    """`return a;`"""

    at: Place
    value: Expression | None


@dataclass(frozen=True, slots=True)
class Break:
    """`break;`"""

    at: Place


@dataclass(frozen=True, slots=True)
class Continue:
    """`continue;`"""

    at: Place


@dataclass(frozen=True, slots=True)
class When:
    """`when a, b { ... }`; `when else` has no values."""

    at: Place
    values: tuple[Expression, ...]
    body: Block


@dataclass(frozen=True, slots=True)
class Switch:
    """`switch on a { ... }`."""

    at: Place
    value: Expression
    whens: tuple[When, ...]


@dataclass(frozen=True, slots=True)
class Dml:
    """`insert a;`, `upsert a Key__c;`"""

    at: Place
    operation: str
    value: Expression
    key: str | None


Statement: TypeAlias = (
    Declare | Evaluate | Block | If | ForEach | Loop | Try | Throw | Return | Break | Continue | Switch | Dml
)


@dataclass(frozen=True, slots=True)
class Method:
    """A method; `returns` is None for void."""

    at: Place
    name: str
    returns: Type | None
    parameters: tuple[tuple[Type, str], ...]
    body: Block


@dataclass(frozen=True, slots=True)
class Script:
    """An anonymous block: its methods by lower-cased name, and its statements."""

    methods: dict[str, Method]
    statements: tuple[Statement, ...]
