"""The applies of a project, as text and as JSON (format `sfrec.history/1`, `schemas/history.schema.json`)."""

import json
from collections.abc import Sequence

from reconciler.model import RunRecord
from reconciler.render.org_json import org_document
from reconciler.render.plan_text import org_line
from reconciler.render.result_text import report_text, result_line, tally
from reconciler.render.safe_text import shown


def history_text(records: Sequence[RunRecord]) -> str:
    """A line for each run, the last one last."""
    if not records:
        return "No apply of this project is written down.\n"
    lines = ["run                      org                   done  failed  unknown  not sent  end"]
    for record in records:
        counted = tally(record.results)
        lines.append(
            f"{record.id:24} {shown(record.plan.org.name)[:20]:20} {counted.done:5} {counted.failed:7} "
            f"{counted.unknown:8} {counted.not_sent:9}  {ending(record)}"
        )
    return "\n".join(lines) + "\n"


def run_text(record: RunRecord) -> str:
    """One run whole: every change with its fields, and the report that was given at its end."""
    lines = [org_line(record.plan.org), f"Run {record.id}, begun {record.started}, {ending(record)}", ""]
    lines += [result_line(result) for result in record.results]
    return "\n".join(lines) + "\n" + report_text(record, "nobody looked")


def ending(record: RunRecord) -> str:
    """How a run ended."""
    if record.ended_by:
        return f"killed; {record.ended_by} ended what it had left"
    if record.ended is None:
        return "goes on" if record.is_going_on else "killed"
    return "verified" if record.is_whole else "incomplete"


def history_json(records: Sequence[RunRecord]) -> str:
    """All runs as JSON."""
    runs = []
    for record in records:
        counted = tally(record.results)
        org = record.plan.org
        runs.append(
            {
                "run": record.id,
                "org": org_document(org),
                "started": record.started,
                "ended": record.ended,
                "end": ending(record),
                "summary": {
                    "done": counted.done,
                    "failed": counted.failed,
                    "unknown": counted.unknown,
                    "not_sent": counted.not_sent,
                    "verified": record.verified,
                },
            }
        )
    return json.dumps({"format": "sfrec.history/1", "runs": runs}, indent=2) + "\n"
