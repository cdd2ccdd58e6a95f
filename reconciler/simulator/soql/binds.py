r"""Values of variables in a query: `:name`, where Apex asks. Each becomes a literal, its text escaped.

Source: https://developer.salesforce.com/docs/atlas.en-us.apexcode.meta/apexcode/langCon_apex_SOQL_variables.htm
"""

import re
from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from reconciler.simulator.soql.refusal import malformed

Binds = Callable[[str], object]
"""The value of an expression that stands behind a colon."""

_BIND = re.compile(
    r"""(?P<string>'(?:\\.|[^'\\])*')
    | (?P<count>(?<=\w))?:\s*(?P<expression>[A-Za-z_]\w*
        (?:\s*\.\s*[A-Za-z_]\w*|\((?:[^()']|'(?:\\.|[^'\\])*')*\)|\[[^\[\]]*\])*)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = str.maketrans({"\\": "\\\\", "'": "\\'"})


def bound(text: str, binds: Binds) -> str:
    """The query with literals in the place of its expressions; raises MALFORMED_QUERY for a value that is none."""

    def literal(match: re.Match[str]) -> str:
        if match["string"] is not None:
            return match["string"]
        value = _literal(binds(match["expression"]))
        # The count of a date literal, LAST_N_DAYS:n, keeps its colon.
        return f":{value}" if match["count"] is not None else value

    return _BIND.sub(literal, text)


def _literal(value: object) -> str:
    for kind, written in _LITERALS:
        if isinstance(value, kind):
            return written(value)
    raise malformed("Invalid bind expression type")


_LITERALS: Sequence[tuple[type, Callable[[Any], str]]] = (
    (type(None), lambda _: "null"),
    (bool, lambda value: str(value).upper()),
    (int, str),
    (float, str),
    (Decimal, lambda value: f"{value:f}"),
    (str, lambda value: f"'{value.translate(_ESCAPED)}'"),
    (datetime, lambda value: f"{value:%Y-%m-%dT%H:%M:%S}Z"),
    (date, lambda value: value.isoformat()),
    (Collection, lambda values: f"({','.join(map(_literal, values))})"),
)
"""How a value is written; the first class that fits counts."""
