"""A plan as JSON: format `sfrec.plan/1`, whose schema is `schemas/plan.schema.json`."""

import json
from collections.abc import Mapping
from decimal import Decimal

from reconciler.model import Address, Change, FieldChange, Plan, Step, Value
from reconciler.render.org_json import org_document
from reconciler.render.problem_text import problem_document

FORMAT = "sfrec.plan/1"


def plan_json(plan: Plan) -> str:
    """The plan as text, a change a line; the same plan gives the same bytes."""
    document = plan_document(plan)
    members = [f"  {json.dumps(name)}: {_laid_out(name, value)}" for name, value in document.items()]
    return "{\n" + ",\n".join(members) + "\n}\n"


def _laid_out(name: str, value: object) -> str:
    """A member of the document; steps may have a million changes, which the library lays out very slowly."""
    if name != "steps" or not isinstance(value, list) or not value:
        return json.dumps(value, indent=2).replace("\n", "\n  ")
    steps: list[str] = []
    for step in value:
        about = json.dumps({key: item for key, item in step.items() if key != "changes"}).removesuffix("}")
        changes = ",\n        ".join(map(json.dumps, step["changes"]))
        steps.append(f'    {about}, "changes": [\n        {changes}\n    ]}}')
    return "[\n" + ",\n".join(steps) + "\n  ]"


def plan_document(plan: Plan) -> Mapping[str, object]:
    """The plan as plain JSON values."""
    return {
        "format": FORMAT,
        "org": org_document(plan.org),
        "desired_digest": plan.desired_digest,
        "live_digest": plan.live_digest,
        "summary": {
            "create": plan.summary.create,
            "update": plan.summary.update,
            "deactivate": plan.summary.deactivate,
            "delete": plan.summary.delete,
            "unchanged": plan.summary.unchanged,
        },
        "steps": [_step(step) for step in plan.steps],
        "problems": [problem_document(problem) for problem in plan.problems],
        "seats": [
            {"license": seats.license, "total": seats.total, "used": seats.used, "after": seats.after}
            for seats in plan.seats
        ],
        "requests": {"read": plan.requests.read, "planned_write": plan.requests.planned_write},
    }


def _step(step: Step) -> Mapping[str, object]:
    return {
        "number": step.number,
        "object": step.object,
        "action": step.action.value,
        "phase": step.phase.name.lower(),
        "via": step.via.value,
        "notify": step.notify,
        "why": step.why,
        "changes": [_change(change) for change in step.changes],
    }


def _change(change: Change) -> Mapping[str, object]:
    return {
        "address": str(change.address),
        "id": change.id,
        "fields": [_field(item) for item in change.fields],
        "reason": change.reason,
        "cause": change.cause,
        "source": {"file": change.source.file, "line": change.source.line} if change.source else None,
    }


def _field(item: FieldChange) -> Mapping[str, object]:
    return {
        "name": item.name,
        "before": _value(item.before),
        "after": _value(item.after),
        "undo": item.undo.value,
        "known_after_apply": item.known_after_apply,
    }


def _value(value: Value) -> object:
    """References are their address, numbers the text of the number."""
    return str(value) if isinstance(value, (Address, Decimal)) else value
