"""Operators on values.

Source: https://developer.salesforce.com/docs/atlas.en-us.apexcode.meta/apexcode/langCon_apex_expressions_operators_understanding.htm
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from reconciler.simulator.apex.budget import Budget
from reconciler.simulator.apex.conversion import wrapped
from reconciler.simulator.apex.failure import null_reference, thrown
from reconciler.simulator.apex.problem import CompileProblem
from reconciler.simulator.apex.tree import Place
from reconciler.simulator.apex.values import Value, are_equal, kind_of, text_of

_SCALE = 33
"""Digits behind the point of a quotient (inferred)."""

_EQUALITY: Mapping[str, bool] = {"==": True, "===": True, "!=": False, "<>": False, "!==": False}
_ORDER: Mapping[str, Callable[[int], bool]] = {
    "<": lambda sign: sign < 0,
    "<=": lambda sign: sign <= 0,
    ">": lambda sign: sign > 0,
    ">=": lambda sign: sign >= 0,
}
_BITS: Mapping[str, Callable[[int, int], int]] = {
    "&": lambda left, right: left & right,
    "|": lambda left, right: left | right,
    "^": lambda left, right: left ^ right,
    "<<": lambda left, right: left << (right & 63),
    ">>": lambda left, right: left >> (right & 63),
    ">>>": lambda left, right: (left & 0xFFFFFFFF) >> (right & 31),
}
_NUMERIC: Mapping[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
}


def combined(operator: str, left: Value, right: Value, at: Place) -> Value:
    """`left operator right`, but for `&&`, `||` and `??`, which may leave their right side alone."""
    if operator in _EQUALITY:
        return are_equal(left, right) is _EQUALITY[operator]
    if operator in _ORDER:
        return _compared(operator, left, right, at)
    if operator == "+" and (isinstance(left, str) or isinstance(right, str)):
        text = text_of(left) + text_of(right)
        Budget.hold(len(text))
        return text
    if left is None or right is None:
        raise null_reference(at)
    return _computed(operator, left, right, at)


def _computed(operator: str, left: Value, right: Value, at: Place) -> Value:
    if isinstance(left, bool) and isinstance(right, bool) and operator in {"&", "|", "^"}:
        return bool(_BITS[operator](left, right))
    if isinstance(left, date) and isinstance(right, int) and operator in {"+", "-"}:
        return left + timedelta(days=right if operator == "+" else -right)
    return _number(operator, left, right, at)


def _number(operator: str, left: Value, right: Value, at: Place) -> Value:
    is_whole = isinstance(left, int) and isinstance(right, int)
    if not _is_number(left) or not _is_number(right) or (operator in _BITS and not is_whole):
        raise CompileProblem(at, f"Operator {operator} does not apply to {kind_of(left)} and {kind_of(right)}")
    if isinstance(left, int) and isinstance(right, int):
        return _whole(operator, left, right, at)
    first, second = _decimal(left), _decimal(right)
    if operator != "/":
        return _NUMERIC[operator](first, second)
    if not second:
        raise thrown(at, "System.MathException", "Divide by 0")
    quotient = first / second
    try:
        return quotient.quantize(Decimal(1).scaleb(-_SCALE), ROUND_HALF_UP).normalize() + 0
    except InvalidOperation:
        return quotient


def _whole(operator: str, left: int, right: int, at: Place) -> int:
    if operator in _BITS:
        return wrapped(_BITS[operator](left, right), 64)
    if operator == "/":
        if right == 0:
            raise thrown(at, "System.MathException", "Divide by 0")
        quotient = abs(left) // abs(right)
        return quotient if (left < 0) is (right < 0) else -quotient
    return wrapped(int({"+": left + right, "-": left - right, "*": left * right}[operator]), 64)


def _compared(operator: str, left: Value, right: Value, at: Place) -> bool:
    if left is None or right is None:
        return False
    return _ORDER[operator](order(left, right, at))


def order(left: Value, right: Value, at: Place) -> int:
    """Negative, zero or positive as left comes before, with or after right; raises CompileProblem."""
    if isinstance(left, str) and isinstance(right, str):
        first, second = left.lower(), right.lower()
        return (first > second) - (first < second)
    if _is_number(left) and _is_number(right):
        one, two = _decimal(left), _decimal(right)
        return (one > two) - (one < two)
    if isinstance(left, date) and isinstance(right, date) and isinstance(left, datetime) is isinstance(right, datetime):
        return (left > right) - (left < right)
    raise CompileProblem(at, f"Comparison arguments must be compatible types: {kind_of(left)}, {kind_of(right)}")


def changed_sign(operator: str, value: Value, at: Place) -> Value:
    """`-a`, `+a`, `!a`, `~a`."""
    if value is None:
        raise null_reference(at)
    if operator == "!" and isinstance(value, bool):
        return not value
    if operator == "~" and isinstance(value, int) and not isinstance(value, bool):
        return ~value
    if operator in {"+", "-"} and _is_number(value):
        number = value if isinstance(value, int) else _decimal(value)
        return -number if operator == "-" else number
    raise CompileProblem(at, f"Operator {operator} does not apply to {kind_of(value)}")


def _is_number(value: Value) -> bool:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


def _decimal(value: Value) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))
