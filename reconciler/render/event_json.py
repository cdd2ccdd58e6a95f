"""What happens during an apply as JSON lines: format `sfrec.events/1`, whose schema is `schemas/events.schema.json`.

Addresses and ids are told, values of fields never.
"""

import json
from collections import Counter
from collections.abc import Mapping

from reconciler.model import (
    BatchSent,
    Event,
    JobCreated,
    OrgInfo,
    Result,
    RunRecord,
    Settled,
    StepBegun,
    Waiting,
)
from reconciler.render.org_json import org_document

FORMAT = "sfrec.events/1"


def event_line(event: Event, at: str) -> str:
    """One event; `at` is when, in ISO 8601."""
    return _line(at, _told(event))


def begun_line(org: OrgInfo, run: str, steps: int, at: str) -> str:
    """The first line of a stream."""
    return _line(at, {"event": "run_begun", "format": FORMAT, "run": run, "org": org_document(org), "steps": steps})


def ended_line(record: RunRecord, at: str) -> str:
    """The last line of a stream."""
    counts = Counter(result.outcome.value for result in record.results)
    summary = {name: counts[name] for name in ("done", "failed", "unknown", "not_sent")}
    return _line(at, {"event": "run_ended", "run": record.id, "summary": summary, "verified": record.verified})


def _line(at: str, told: Mapping[str, object]) -> str:
    return json.dumps({"at": at, **told}) + "\n"


def _told(event: Event) -> Mapping[str, object]:
    told: Mapping[str, object]
    match event:
        case StepBegun(step, ready):
            about = {"object": step.object, "action": step.action.value, "phase": step.phase.name.lower()}
            sizes = {"changes": len(step.changes), "ready": ready}
            told = {"event": "step_begun", "step": step.number, **about, "via": step.via.value, **sizes}
        case BatchSent(step, batch, changes):
            told = {"event": "batch_sent", "step": step.number, "batch": batch, "changes": len(changes)}
        case JobCreated(step, batch, job):
            told = {"event": "job_created", "step": step.number, "batch": batch, "job": job}
        case Settled(step, results):
            told = {"event": "settled", "step": step.number, "results": [_result(result) for result in results]}
        case Waiting(reason, seconds):
            told = {"event": "waiting", "reason": reason, "seconds": seconds}
        case _:
            told = {"event": "step_ended", "step": event.step.number}
    return told


def _result(result: Result) -> Mapping[str, object]:
    address = str(result.change.address)
    return {"address": address, "outcome": result.outcome.value, "id": result.id, "code": result.code}
