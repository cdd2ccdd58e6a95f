"""The results of an apply: a line for each that needs a person, and a summary that counts them all."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reconciler.model import Difference, Outcome, Result, RunRecord
from reconciler.render.org_json import org_document
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


def report_text(record: RunRecord, unverified: str | None = None) -> str:
    """A line for each change that needs a person, then the summary; `unverified` is why nobody looked again."""
    lines = [result_line(result) for result in record.results if result.outcome is not Outcome.DONE]
    lines += [_difference_line(difference) for difference in record.differences]
    counted = tally(record.results)
    lines.append(tally_text(counted))
    lines.append(_verified_text(record, counted, unverified))
    if not record.is_whole:
        lines.append(f"Run {record.id}: sfrec plan shows what is left; repeating sfrec apply is safe.")
    return "\n".join(["", *lines]) + "\n"


def _difference_line(difference: Difference) -> str:
    result = difference.result
    address = shown(str(result.change.address))
    return f"step {result.step} {address} was done, but a fresh read does not show it: {shown(difference.why)}"


def _verified_text(record: RunRecord, counted: Tally, unverified: str | None) -> str:
    if record.verified is None:
        return f"Not verified: {shown(unverified or 'nobody looked')}"
    if record.differences:
        return f"Not verified: a fresh read shows {record.verified} of the {counted.done} changes done."
    whole = "all" if counted.is_whole else "the"
    return f"Verified: a fresh read shows {whole} {record.verified} changes{'' if counted.is_whole else ' done'}."


def tally_text(counted: Tally) -> str:
    """The summary sentence."""
    counts = (
        f"{counted.done} changes done, {counted.failed} failed, {counted.unknown} unknown, {counted.not_sent} not sent."
    )
    if counted.is_whole:
        return f"Applied: {counts}"
    return f"Incomplete: {counts}"


def results_json(record: RunRecord) -> str:
    """The results as JSON: format `sfrec.apply/1`, whose schema is `schemas/apply.schema.json`."""
    org, counted = record.plan.org, tally(record.results)
    document = {
        "format": "sfrec.apply/1",
        "run": record.id or None,
        "org": org_document(org),
        "summary": {
            "done": counted.done,
            "failed": counted.failed,
            "unknown": counted.unknown,
            "not_sent": counted.not_sent,
            "verified": record.verified,
        },
        "results": [_result(result) for result in record.results],
        "differences": [
            {"step": item.result.step, "address": str(item.result.change.address), "message": item.why}
            for item in record.differences
        ],
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
