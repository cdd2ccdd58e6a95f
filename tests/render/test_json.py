"""The JSON formats keep to their schemas and show what the text shows."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from reconciler.model import (
    Address,
    Change,
    Difference,
    Kind,
    Outcome,
    Plan,
    Position,
    Problem,
    Result,
    RunRecord,
    Severity,
)
from reconciler.plan import build
from reconciler.render import (
    plan_json,
    plan_text,
    problem_lines,
    problems_json,
    results_json,
)
from reconciler.render.result_text import report_text, result_line, tally, tally_text
from tests.worlds import World

SCHEMAS = Path(__file__).parents[2] / "schemas"
SONIA = "sonia@acme.example"


def validated(text: str, schema: str) -> dict[str, object]:
    document = json.loads(text)
    Draft202012Validator(json.loads((SCHEMAS / schema).read_text())).validate(document)
    assert isinstance(document, dict)
    return document


def upgrade() -> Plan:
    world = World()
    world.account("Acme", "001A", role=None)
    world.user(SONIA, Score__c=Decimal("1.5"))
    world.upgrade(SONIA, Score__c="2", Flag__c=True)
    world.wants("ghost@acme.example")
    return build(*world.states())


def test_a_plan_keeps_to_its_schema_and_is_the_same_bytes_each_time() -> None:
    text = plan_json(upgrade())

    document = validated(text, "plan.schema.json")

    assert document["format"] == "sfrec.plan/1"
    assert text == plan_json(upgrade())


def test_text_and_json_show_the_same_counts() -> None:
    plan = upgrade()

    document = json.loads(plan_json(plan))

    summary = document["summary"]
    assert f"Plan: {summary['create']} to create, {summary['update']} to update" in plan_text(plan)
    assert len(document["problems"]) == plan_text(plan).count(": error SF")


def test_findings_keep_to_their_schema() -> None:
    here = Problem("SF001", Severity.ERROR, "not UTF-8", "save it as UTF-8", source=Position("a.yaml", 3, 7))
    nowhere = Problem("SF009", Severity.ERROR, "no\x1b file", "add one", address=Address(Kind.USER, SONIA))

    document = validated(problems_json([here, nowhere]), "problems.schema.json")

    assert len(document["problems"]) == 2  # type: ignore[arg-type]
    assert list(problem_lines([here, nowhere])) == [
        "a.yaml:3:7: error SF001: not UTF-8; save it as UTF-8",
        "error SF009: no\\x1b file; add one",
    ]


def result(outcome: Outcome, **fields: str) -> Result:
    change = Change(Address(Kind.USER, SONIA), "005A", (), source=Position("a.yaml", 3, 1))
    return Result(2, change, outcome, **fields)


def test_results_keep_to_their_schema_and_count_every_outcome() -> None:
    results = [result(outcome) for outcome in Outcome]
    bare = Result(1, Change(Address(Kind.CONTACT, SONIA), None, ()), Outcome.DONE, id="003A")

    differing = (Difference(bare, "Title has been changed"),)
    record = RunRecord("r1", "", upgrade(), (*results, bare), verified=1, differences=differing)

    document = validated(results_json(record), "apply.schema.json")

    assert document["summary"] == {"done": 2, "failed": 1, "unknown": 1, "not_sent": 1, "verified": 1}
    assert len(document["differences"]) == 1  # type: ignore[arg-type]


def test_a_failure_is_shown_with_place_code_and_sentence() -> None:
    failed = result(Outcome.FAILED, code="LICENSE_LIMIT_EXCEEDED", message="License Limit Exceeded")
    held = result(Outcome.NOT_SENT, message="its contact failed")
    bare = Result(1, Change(Address(Kind.CONTACT, SONIA), None, ()), Outcome.UNKNOWN)

    assert result_line(failed) == (
        f"a.yaml:3: step 2 user/{SONIA} failed: LICENSE_LIMIT_EXCEEDED: License Limit Exceeded"
    )
    assert result_line(held) == f"a.yaml:3: step 2 user/{SONIA} not sent: its contact failed"
    assert result_line(bare) == f"step 1 contact/{SONIA} unknown"


@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [
        (Outcome.DONE, "Applied: 1 changes done, 0 failed, 0 unknown, 0 not sent."),
        (Outcome.UNKNOWN, "Incomplete: 0 changes done, 0 failed, 1 unknown, 0 not sent."),
    ],
)
def test_the_summary_says_whether_all_is_done(outcome: Outcome, sentence: str) -> None:
    assert tally_text(tally([result(outcome)])).startswith(sentence)


def test_what_a_fresh_read_does_not_show_is_told_with_the_run() -> None:
    done = result(Outcome.DONE, id="005A")
    whole = RunRecord("r1", "", upgrade(), (done,), verified=1)
    differing = RunRecord("r1", "", upgrade(), (done,), verified=0, differences=(Difference(done, "it\x1b moved"),))

    assert report_text(whole).endswith("Verified: a fresh read shows all 1 changes.\n")
    told = report_text(differing)
    assert f"step 2 user/{SONIA} was done, but a fresh read does not show it: it\\x1b moved" in told
    assert "Not verified: a fresh read shows 0 of the 1 changes done." in told
    assert "Run r1: " in told
    assert "Not verified: interrupted" in report_text(RunRecord("r1", "", upgrade(), (done,)), "interrupted")
