"""The parts of docs/simulator.md that tables of the simulator decide; run as a program, it writes them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from reconciler.simulator.effects import EFFECTS, MAILS
from reconciler.simulator.faults import GRAMMAR, KINDS, usual_amount
from reconciler.simulator.rules import RULES
from reconciler.simulator.rules.catalogue import REFUSALS
from reconciler.simulator.wire.routes import ROUTES
from reconciler.simulator.wire.soap.apex import APEX
from reconciler.simulator.wire.soap.reads import READS
from reconciler.simulator.wire.soap.sessions import SESSIONS
from reconciler.simulator.wire.soap.writes import WRITES

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "simulator.md"
_PART = re.compile(r"<!-- (\w+) -->\n.*?<!-- end -->\n", re.DOTALL)


def facts() -> Mapping[str, tuple[str, str]]:
    """Fact number -> what holds, and how well it is known."""
    rows = re.findall(r"^\| (F\d+\.\d+) \| (.*?) \| (\w+) \|", (ROOT / "docs" / "facts.md").read_text(), re.MULTILINE)
    return {number: (text, tag) for number, text, tag in rows}


def page(text: str) -> str:
    """The page with its generated parts as the tables have them now."""
    return _PART.sub(lambda match: f"<!-- {match[1]} -->\n" + "\n".join(_PARTS[match[1]]()) + "\n<!-- end -->\n", text)


def _table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    yield from ("| " + " | ".join(row) + " |" for row in rows)


def _rules() -> Iterator[str]:
    known = facts()
    rows = (
        (
            f"[{rule.id}]({rule.source})",
            rule.sobject,
            ", ".join(operation.value for operation in rule.operations),
            f"{known[rule.fact][0] if rule.fact in known else ''} ({rule.fact})",
            rule.tag.value,
            rule.checked or "no",
            ", ".join(f"`{name}`" for name in rule.settings),
        )
        for rule in RULES
    )
    return _table(("rule", "object", "on", "what holds", "known", "checked in a real org", "settings"), rows)


def _effects() -> Iterator[str]:
    rows = (
        (
            f"[{effect.id}]({effect.source})",
            effect.sobject,
            ", ".join(operation.value for operation in effect.operations),
            effect.fact,
            effect.tag,
            effect.checked or "no",
        )
        for effect in EFFECTS
    )
    return _table(("effect", "object", "on", "fact", "known", "checked in a real org"), rows)


def _mails() -> Iterator[str]:
    rows = ((f"[{mail.kind}]({mail.source})", mail.when, mail.fact, mail.tag) for mail in MAILS)
    return _table(("mail", "goes out when", "fact", "known"), rows)


def _refusals() -> Iterator[str]:
    rows = (
        (
            str(row.number),
            f"[{row.when}]({row.source})",
            f"`{row.code}`",
            f"`{_shown(row.message)}`",
            " ".join(f"`{name}`" for name in row.fields),
            row.fact,
            row.tag.value,
            row.checked or "no",
        )
        for row in REFUSALS
    )
    return _table(("#", "when", "code", "sentence", "fields", "fact", "known", "checked in a real org"), rows)


def _shown(sentence: str) -> str:
    return sentence.strip().replace("|", "\\|").replace("`", "'")


def _resources() -> Iterator[str]:
    by_path: dict[str, list[str]] = {}
    for method, path, _ in ROUTES:
        by_path.setdefault(re.sub(r"<(?:any\((.*?)\):)?(\w+:)?(\w+)>", _placeholder, path), []).append(method)
    return _table(("resource", "methods"), ((f"`{path}`", ", ".join(methods)) for path, methods in by_path.items()))


def _placeholder(match: re.Match[str]) -> str:
    return match[1].replace(",", " or ") if match[1] else f"{{{match[3]}}}"


def _calls() -> Iterator[str]:
    rows = (
        (f"`{endpoint}`", name, ", ".join(f"`{call}`" for call in sorted(calls)))
        for endpoint, name, calls in (
            ("/services/Soap/u", "Partner", ["login", *SESSIONS, *READS, *WRITES]),
            ("/services/Soap/c", "Enterprise", ["login", *SESSIONS, *READS, *WRITES]),
            ("/services/Soap/s", "Apex", [*APEX]),
        )
    )
    return _table(("endpoint", "API", "calls"), rows)


def _faults() -> Iterator[str]:
    rows = (
        (f"`{fault}`", kind.what, kind.meets.value, kind.executed.value, usual_amount(kind).strip())
        for fault, kind in KINDS.items()
    )
    yield f"`{GRAMMAR}`, several joined by commas."
    yield ""
    yield from _table(("kind", "what happens", "meets", "executed", "usual AMOUNT"), rows)


_PARTS = {
    "rules": _rules,
    "effects": _effects,
    "mails": _mails,
    "refusals": _refusals,
    "resources": _resources,
    "calls": _calls,
    "faults": _faults,
}


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
