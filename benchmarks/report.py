"""The figures as text, Markdown and JSON."""

import json
import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.process import HAS_PSS
from benchmarks.results import Results, Row
from benchmarks.targets import Verdict, verdicts

_COLUMNS = ("case", "users", "seconds", "spread", "cpu", "us/user", "peak MB", "requests", "org s", "floor s", "ratio")
_WIDTHS = (36, 9, 9, 7, 9, 8, 8, 8, 7, 8, 6)
MEMORY = (
    "Peak MB is the largest sum of the memory (PSS) of all processes of a run."
    if HAS_PSS
    else "Peak MB is that of the largest process of a run: this system has no /proc to add up the others from."
)


def heading() -> str:
    """The first lines of the table."""
    return f"{machine()}\n{MEMORY}\n\n{_line(_COLUMNS)}"


def row_line(results: Results, row: Row) -> str:
    """One row of the table."""
    return _line(_cells(results, row))


def verdict_lines(results: Results) -> str:
    """The targets and how they came out."""
    lines = [f"{'target':<72}{'limit':>14} {'measured':>14}"]
    for verdict in verdicts(results):
        sentence, limit, shown, word = _verdict_cells(verdict)
        lines.append(f"{sentence:<72}{limit:>14} {shown:>14}  {word}")
    return "\n".join(lines)


def write_report(results: Results, folder: Path) -> None:
    """The same as `benchmarks.md` and `benchmarks.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "benchmarks.md").write_text(_markdown(results), encoding="utf-8")
    (folder / "benchmarks.json").write_text(json.dumps(_document(results), indent=2) + "\n", encoding="utf-8")


def machine() -> str:
    """What the figures were measured on."""
    system = f"{platform.system()} {platform.machine()}"
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{system}, {os.cpu_count()} cores, {python}, {datetime.now(UTC):%Y-%m-%d}"


def _line(cells: tuple[str, ...]) -> str:
    first, *others = zip(cells, _WIDTHS, strict=True)
    return f"{first[0]:<{first[1]}}" + "".join(f" {cell:>{width}}" for cell, width in others)


def _cells(results: Results, row: Row) -> tuple[str, ...]:
    floor, ratio = results.floor_seconds(row), results.ratio(row)
    return (
        row.case,
        f"{row.users:,}" if row.users else "-",
        _seconds(row.seconds),
        f"{row.spread:.0%}" if len(row.runs) > 1 else "-",
        _seconds(row.fastest.cpu),
        f"{row.us_per_user:.1f}" if row.users else "-",
        f"{row.peak_mb:.0f}",
        "-" if row.requests is None else str(row.requests),
        "-" if row.org_seconds is None else f"{row.org_seconds:.2f}",
        "-" if floor is None else _seconds(floor),
        "-" if ratio is None else f"{ratio:.2f}",
    )


def _seconds(value: float) -> str:
    return f"{value:.3f}" if value < 1 else f"{value:.2f}"


def _verdict_cells(verdict: Verdict) -> tuple[str, str, str, str]:
    target = verdict.target
    at = "" if verdict.users == target.users else f" (at {verdict.users:,})"
    limit = f"{'>=' if target.is_at_least else '<='} {target.limit:g} {target.unit}"
    return f"{target.sentence}{at}", limit, verdict.shown, verdict.word


def _markdown(results: Results) -> str:
    lines = [machine() + ".", "", MEMORY, ""]
    lines += _table(_COLUMNS, [_cells(results, row) for row in results])
    lines += ["", *_table(("target", "limit", "measured", "verdict"), [_verdict_cells(v) for v in verdicts(results)])]
    return "\n".join(lines) + "\n"


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    rule = ["---", *("--:" for _ in heads[1:])]
    return [f"| {' | '.join(cells)} |" for cells in (heads, rule, *rows)]


def _document(results: Results) -> Mapping[str, object]:
    return {
        "format": "sfrec.benchmarks/1",
        "machine": machine(),
        "memory": MEMORY,
        "rows": [_row_document(results, row) for row in results],
        "targets": [
            {
                "target": verdict.target.sentence,
                "limit": verdict.target.limit,
                "unit": verdict.target.unit,
                "users": verdict.users,
                "measured": verdict.value,
                "verdict": verdict.word,
            }
            for verdict in verdicts(results)
        ],
    }


def _row_document(results: Results, row: Row) -> Mapping[str, object]:
    return {
        "case": row.case,
        "users": row.users,
        "records": row.records,
        "seconds": row.seconds,
        "all_seconds": [run.seconds for run in row.runs],
        "cpu": row.fastest.cpu,
        "us_per_user": row.us_per_user if row.users else None,
        "peak_mb": row.peak_mb,
        "requests": row.requests,
        "org_seconds": row.org_seconds,
        "floor": row.floor.name or None,
        "floor_seconds": results.floor_seconds(row),
        "ratio": results.ratio(row),
    }
