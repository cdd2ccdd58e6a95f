"""The results of an apply: a line for each that needs a person, and a summary that counts them all."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from reconciler.model import OrgInfo, Outcome, Result
from reconciler.render.safe_text import shown


@dataclass(frozen=True, slots=True)
class Tally:
    """How many changes ended how; a record that has several steps counts in each."""

    done: int
    failed: int
    unknown: int
    not_sent: int

    @property
    def is_whole(self) -> bool:
        """Whether everything is done."""
        return not (self.failed or self.unknown or self.not_sent)


def tally(results: Iterable[Result]) -> Tally:
    """Count the outcomes."""
    outcomes = [result.outcome for result in results]
    return Tally(
        done=outcomes.count(Outcome.DONE),
        failed=outcomes.count(Outcome.FAILED),
        unknown=outcomes.count(Outcome.UNKNOWN),
        not_sent=outcomes.count(Outcome.NOT_SENT),
    )


def result_line(result: Result) -> str:
    """What became of one change, with Salesforce's own words and the place in the files."""
    change = result.change
    place = f"{shown(change.source.file)}:{change.source.line}: " if change.source else ""
    code = f"{shown(result.code)}: " if result.code else ""
    message = f": {code}{shown(result.message)}" if result.message else ""
    return f"{place}step {result.step} {shown(str(change.address))} {result.outcome.value.replace('_', ' ')}{message}"


def tally_text(counted: Tally) -> str:
    """The summary sentence and what to do next."""
    counts = (
        f"{counted.done} changes done, {counted.failed} failed, {counted.unknown} unknown, {counted.not_sent} not sent."
    )
    if counted.is_whole:
        return f"Applied: {counts}"
    return f"Incomplete: {counts} Run sfrec plan to see what is left; repeating sfrec apply is safe."


def results_json(org: OrgInfo, results: Sequence[Result]) -> str:
    """The results as JSON: format `sfrec.apply/1`, whose schema is `schemas/apply.schema.json`."""
    counted = tally(results)
    document = {
        "format": "sfrec.apply/1",
        "org": {
            "id": org.id,
            "instance_url": org.instance_url,
            "name": org.name,
            "is_simulated": org.is_simulated,
        },
        "summary": {
            "done": counted.done,
            "failed": counted.failed,
            "unknown": counted.unknown,
            "not_sent": counted.not_sent,
        },
        "results": [_result(result) for result in results],
    }
    return json.dumps(document, indent=2) + "\n"


def _result(result: Result) -> Mapping[str, object]:
    source = result.change.source
    return {
        "step": result.step,
        "address": str(result.change.address),
        "outcome": result.outcome.value,
        "id": result.id,
        "code": result.code,
        "message": result.message,
        "source": {"file": source.file, "line": source.line} if source else None,
    }
