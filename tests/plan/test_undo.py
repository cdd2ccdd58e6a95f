"""The way back from a run, over runs that are built by hand."""

from dataclasses import replace
from decimal import Decimal

import pytest

from reconciler.model import (
    Action,
    Address,
    BatchSent,
    Change,
    FieldChange,
    JobCreated,
    Kind,
    Outcome,
    Phase,
    Plan,
    Requests,
    Result,
    RunRecord,
    Settled,
    Step,
    StepBegun,
    StepEnded,
    Summary,
    Undo,
    Value,
    Via,
    Waiting,
)
from reconciler.plan import undo
from reconciler.render import apex_scripts, event_line, history_text
from tests.worlds import ORG

ANN = Address(Kind.USER, "ann@acme.example")
ID = "005000000000001AAA"


def item(name: str, before: Value, after: Value, undo_: Undo = Undo.YES) -> FieldChange:
    return FieldChange(name, before, after, undo_)


def change(*fields: FieldChange, address: Address = ANN) -> Change:
    return Change(address, ID, fields)


def step(number: int, phase: Phase, *changes: Change, action: Action = Action.UPDATE) -> Step:
    return Step(number, "User", action, phase, Via.COLLECTIONS, changes)


def plan_of(*steps: Step) -> Plan:
    ids = {Address(Kind.ACCOUNT, "Acme"): "001000000000001AAA"}
    return Plan(ORG, "", "", steps, (), (), Requests(0, 0), Summary(0, 0, 0, 0, 0), ids)


def run_of(*steps: Step, outcome: Outcome = Outcome.DONE) -> RunRecord:
    results = [Result(part.number, each, outcome, ID) for part in steps for each in part.changes]
    return RunRecord("r1", "", plan_of(*steps), tuple(results))


def test_of_a_field_that_was_written_twice_the_first_value_comes_back() -> None:
    first = step(1, Phase.PLAIN, change(item("Title", "Dr", "Boss")))
    second = step(2, Phase.LICENSE, change(item("Title", "Boss", "King"), item("IsActive", False, True)))

    plan = undo(run_of(first, second))

    back = {entry.name: (entry.before, entry.after) for part in plan.steps for c in part.changes for entry in c.fields}
    assert back == {"Title": ("King", "Dr"), "IsActive": (True, False)}
    assert [part.action for part in plan.steps] == [Action.UPDATE, Action.DEACTIVATE]
    assert (plan.summary.update, plan.summary.deactivate, plan.summary.unchanged) == (0, 1, 0)
    assert plan.problems == ()


@pytest.mark.parametrize(
    ("outcome", "steps"), [(Outcome.DONE, 1), (Outcome.UNKNOWN, 1), (Outcome.FAILED, 0), (Outcome.NOT_SENT, 0)]
)
def test_what_may_have_been_done_is_taken_back(outcome: Outcome, steps: int) -> None:
    plan = undo(run_of(step(1, Phase.PLAIN, change(item("Title", "Dr", "Boss"))), outcome=outcome))

    assert len(plan.steps) == steps


def test_a_role_comes_back_unless_the_license_stays() -> None:
    low, high = Address(Kind.ROLE, "Acme/User"), Address(Kind.ROLE, "Acme/Manager")
    role = step(2, Phase.ROLE, change(item("UserRoleId", low, high)))
    profiles = Address(Kind.PROFILE, "Lite"), Address(Kind.PROFILE, "Plus")
    license_ = step(1, Phase.LICENSE, change(item("ProfileId", *profiles, Undo.NEVER)))

    alone, with_license = undo(run_of(role)), undo(run_of(license_, role))

    assert [part.phase for part in alone.steps] == [Phase.ROLE]
    assert with_license.is_empty
    (problem,) = with_license.problems
    assert "role stays, as the license does" in problem.message


def test_a_number_stands_in_a_script_as_a_number() -> None:
    numbers = change(item("Score__c", Decimal(1), "2.50"), item("Other__c", None, Decimal(3)))

    text = apex_scripts(plan_of(step(1, Phase.PLAIN, numbers)))

    assert f"new User(Id = '{ID}', Score__c = 2.50, Other__c = 3)" in text


def test_a_plan_without_links_has_no_script_for_them() -> None:
    assert "0 scripts" in apex_scripts(plan_of())


def test_every_event_is_a_line() -> None:
    told = step(1, Phase.PLAIN, change(item("Title", "Dr", "Boss")))
    result = Result(1, told.changes[0], Outcome.DONE, ID)

    events = (
        StepBegun(told, 1),
        BatchSent(told, 1, told.changes),
        JobCreated(told, 1, "750A"),
        Settled(told, (result,)),
        Waiting("whether it comes", 0.5),
        StepEnded(told),
    )

    assert ["Boss" in event_line(event, "now") for event in events] == [False] * 6


def test_history_tells_how_each_run_ended() -> None:
    run = replace(run_of(step(1, Phase.PLAIN, change(item("Title", "Dr", "Boss")))), verified=1, ended="now")

    text = history_text(
        [run, replace(run, ended_by="a later apply"), replace(run, verified=0), replace(run, ended=None)]
    )

    ends = [line.rpartition("  ")[2] for line in text.splitlines()[1:]]
    assert ends == ["verified", "killed; a later apply ended what it had left", "incomplete", "killed"]
