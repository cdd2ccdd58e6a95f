"""A plan as a file of its run, and back: what an apply does to which record, from which values, is known after a crash.

It holds values of records, so that it is readable for its owner only.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from reconciler.model import (
    Action,
    Address,
    Change,
    FieldChange,
    Kind,
    OrgInfo,
    Phase,
    Plan,
    Position,
    Requests,
    Step,
    Summary,
    Undo,
    Value,
    Via,
)

_NOTHING = Summary(0, 0, 0, 0, 0)


def plan_text(plan: Plan) -> str:
    """The plan as JSON."""
    org = plan.org
    return json.dumps(
        {
            "org": [org.id, org.instance_url, org.name, org.edition, org.is_sandbox, org.is_simulated],
            "desired_digest": plan.desired_digest,
            "live_digest": plan.live_digest,
            "steps": [_step(step) for step in plan.steps],
            "ids": [[str(address), id_] for address, id_ in plan.ids.items()],
        }
    )


def read_plan(text: str) -> Plan:
    """The plan of a text of `plan_text`; its problems, seats and counts are not kept. Raises ValueError or KeyError."""
    kept = json.loads(text)
    return Plan(
        OrgInfo(*kept["org"]),
        kept["desired_digest"],
        kept["live_digest"],
        tuple(_read_step(step) for step in kept["steps"]),
        (),
        (),
        Requests(0, 0),
        _NOTHING,
        {_address(text): id_ for text, id_ in kept["ids"]},
    )


def _step(step: Step) -> Mapping[str, object]:
    return {
        "number": step.number,
        "object": step.object,
        "action": step.action.value,
        "phase": step.phase.value,
        "via": step.via.value,
        "changes": [_change(change) for change in step.changes],
        "notify": step.notify,
        "why": step.why,
    }


def _read_step(kept: Mapping[str, Any]) -> Step:
    return Step(
        kept["number"],
        kept["object"],
        Action(kept["action"]),
        Phase(kept["phase"]),
        Via(kept["via"]),
        tuple(_read_change(change) for change in kept["changes"]),
        kept["notify"],
        kept["why"],
    )


def _change(change: Change) -> list[object]:
    fields = [
        [item.name, _value(item.before), _value(item.after), item.undo.value, item.known_after_apply, item.derived]
        for item in change.fields
    ]
    return [_value(change.address), change.id, fields, change.reason, change.source, _value(change.account)]


def _read_change(kept: list[Any]) -> Change:
    address, id_, fields, reason, source, account = kept
    return Change(
        _address(address["address"]),
        id_,
        tuple(
            FieldChange(name, _read_value(before), _read_value(after), Undo(undo), is_late, is_derived)
            for name, before, after, undo, is_late, is_derived in fields
        ),
        reason,
        None,
        Position(*source) if source else None,
        _address(account["address"]) if account else None,
    )


def _value(value: Value) -> object:
    if isinstance(value, Address):
        return {"address": str(value)}
    return {"number": str(value)} if isinstance(value, Decimal) else value


def _read_value(kept: Any) -> Value:
    if not isinstance(kept, Mapping):
        return kept  # type: ignore[no-any-return]
    return _address(kept["address"]) if "address" in kept else Decimal(kept["number"])


def _address(text: str) -> Address:
    kind, _, key = text.partition("/")
    return Address(Kind(kind), key)
