"""Expressions, and the types that they name."""

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias


class Place(NamedTuple):
    """Line and column, both from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Type:
    """`Account`, `List<Id>`, `Map<Id, List<User>>`: the name as written, and its arguments."""

    name: str
    arguments: "tuple[Type, ...]" = ()

    def __str__(self) -> str:
        return f"{self.name}<{','.join(map(str, self.arguments))}>" if self.arguments else self.name

    @property
    def key(self) -> str:
        """The name without regard to case."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal's value, and the type that it is of; null is of none."""

    at: Place
    value: object
    type: Type | None


@dataclass(frozen=True, slots=True)
class Name:
    """`a`, or `a.b.c`."""

    at: Place
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """`f(...)`, or `a.b.f(...)`."""

    at: Place
    parts: tuple[str, ...]
    arguments: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True)
class Member:
    """`x.a.b` of any expression; a safe one is null where x is."""

    at: Place
    owner: "Expression"
    parts: tuple[str, ...]
    is_safe: bool


@dataclass(frozen=True, slots=True)
class MemberCall:
    """`x.a.f(...)` of any expression; a safe one is null where x is."""

    at: Place
    owner: "Expression"
    parts: tuple[str, ...]
    arguments: "tuple[Expression, ...]"
    is_safe: bool


@dataclass(frozen=True, slots=True)
class Index:
    """`x[i]`."""

    at: Place
    owner: "Expression"
    index: "Expression"


@dataclass(frozen=True, slots=True)
class Binary:
    """`a + b` and its like."""

    at: Place
    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Prefix:
    """`-a`, `+a`, `!a`, `~a`."""

    at: Place
    operator: str
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class StepBy:
    """`a++`, `--a`."""

    at: Place
    operator: str
    target: "Expression"
    is_before: bool


@dataclass(frozen=True, slots=True)
class Assign:
    """`a = b`; `a += b` has the operator `+`."""

    at: Place
    operator: str
    target: "Expression"
    value: "Expression"


@dataclass(frozen=True, slots=True)
class Ternary:
    """`a ? b : c`."""

    at: Place
    test: "Expression"
    if_true: "Expression"
    if_false: "Expression"


@dataclass(frozen=True, slots=True)
class InstanceOf:
    """`a instanceof T`."""

    at: Place
    operand: "Expression"
    type: Type


@dataclass(frozen=True, slots=True)
class Cast:
    """`(T) a`."""

    at: Place
    type: Type
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Query:
    """`[SELECT ...]`: the text between the brackets."""

    at: Place
    text: str


@dataclass(frozen=True, slots=True)
class New:
    """`new T(...)`."""

    at: Place
    type: Type
    arguments: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True)
class NewFilled:
    """`new List<T>{a, b}`, `new Map<K, V>{k => v}`: pairs, whose second is None but in maps."""

    at: Place
    type: Type
    elements: "tuple[tuple[Expression, Expression | None], ...]"


@dataclass(frozen=True, slots=True)
class NewArray:
    """`new T[n]`."""

    at: Place
    type: Type
    size: "Expression"


Expression: TypeAlias = (
    Constant
    | Name
    | Call
    | Member
    | MemberCall
    | Index
    | Binary
    | Prefix
    | StepBy
    | Assign
    | Ternary
    | InstanceOf
    | Cast
    | Query
    | New
    | NewFilled
    | NewArray
)
