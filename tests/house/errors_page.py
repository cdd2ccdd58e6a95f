"""The tables of docs/errors.md; run as a program, it writes them."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from reconciler.salesforce.login_errors import REFUSALS
from reconciler.salesforce.retry import DOES, TABLE, Row, Verdict

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"
_PART = re.compile(r"<!-- (\w+) -->\n.*?<!-- end -->\n", re.DOTALL)


def page(text: str) -> str:
    """The page with its generated parts as the tables have them now."""
    return _PART.sub(lambda match: f"<!-- {match[1]} -->\n" + "\n".join(_PARTS[match[1]]()) + "\n<!-- end -->\n", text)


def _table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    yield from ("| " + " | ".join(row) + " |" for row in rows)


def _verdicts() -> Iterator[str]:
    return _table(("verdict", "what sfrec does"), ((verdict.value, DOES[verdict]) for verdict in Verdict))


def _errors() -> Iterator[str]:
    rows = ((f"[{_named(row)}]({row.source})", row.where, row.means, row.verdict.value) for row in TABLE)
    return _table(("error", "met by", "what it means", "verdict"), rows)


def _named(row: Row) -> str:
    """What tells the error from others."""
    return _quoted(row.code, f"HTTP {row.status}" if row.status else row.part)


def _quoted(code: str, part: str) -> str:
    quoted = part if part.startswith("HTTP ") else f'"... {part} ..."'
    return " ".join([*([f"`{code}`"] if code else []), *([quoted] if part else [])])


def _logins() -> Iterator[str]:
    rows = ((_quoted(row.error, row.part), row.remedy) for row in REFUSALS)
    return _table(("answer to a login", "what to do"), rows)


_PARTS = {"verdicts": _verdicts, "errors": _errors, "logins": _logins}


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
