"""The laws of sfrec, over generated worlds: what holds whatever the org is like and whatever happens to it."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import Phase, assume, find, given, settings
from hypothesis import strategies as st

from reconciler import pipeline
from reconciler.apply import Control, Journal, killed, recover
from reconciler.model import Address, Kind, Outcome, Plan, Result
from reconciler.render import plan_document, plan_json, plan_text
from tests.laws.generated import WORLDS, World, essence, opened, others, planned
from tests.live.simulated import Simulated

_TORTURE = os.environ.get("HYPOTHESIS_PROFILE") == "torture"
LAW: Callable[[Any], Any] = settings(max_examples=20_000 if _TORTURE else 300, deadline=None, derandomize=not _TORTURE)


def lasting(results: Sequence[Result]) -> Sequence[Result]:
    """The last word on each change."""
    return tuple({(result.step, result.change.address): result for result in results}.values())


def apply(org: Simulated, plan: Plan) -> Sequence[Result]:
    return lasting(list(pipeline.run(plan, org.org)))


def is_truthful(org: Simulated, plan: Plan, results: Sequence[Result]) -> None:
    """What is told to be done is what a fresh read shows."""
    verified = pipeline.verify(plan, org.org, results)
    assert verified.differences == ()
    assert verified.count == sum(result.outcome is Outcome.DONE for result in results)


@LAW
@given(WORLDS)
def test_planning_reads_and_applying_leads_where_nothing_is_left_to_do(world: World) -> None:
    with opened(world) as org:
        before, bystanders = essence(org), others(org)
        plan = planned(org, world)
        assert essence(org) == before
        assert org.writes() == []
        assume(not plan.errors)

        results = apply(org, plan)

        assert {result.outcome for result in results} <= {Outcome.DONE}
        is_truthful(org, plan, results)
        after = planned(org, world)
        assert after.is_empty
        assert not after.errors
        assert others(org) == bystanders


@LAW
@given(WORLDS, st.randoms(use_true_random=False))
def test_the_order_of_documents_changes_nothing_and_every_format_tells_the_same(world: World, chance: Any) -> None:
    with opened(world) as org:
        plan = planned(org, world)
        people = list(world.people)
        chance.shuffle(people)
        again = planned(org, World(tuple(people), world.seats, world.via))

    assert without_places(plan_document(again)) == without_places(plan_document(plan))
    summary: Any = plan_document(plan)["summary"]
    if not plan.is_empty and not plan.errors:
        assert f"Plan: {summary['create']} to create, {summary['update']} to update, " in plan_text(plan)
    assert plan_json(plan) == plan_json(plan)


def without_places(document: Any) -> Any:
    """A plan without lines of files, which follow the order of documents."""
    if isinstance(document, dict):
        return {name: without_places(value) for name, value in document.items() if name not in {"source", "requests"}}
    if isinstance(document, list):
        return [without_places(item) for item in document]
    return document


FAULTS = st.lists(
    st.builds(
        "{}:{}@{}".format,
        st.sampled_from(["lost-response", "unavailable", "row-lock", "concurrent-limit", "bad-gateway"]),
        st.integers(1, 2),
        st.sampled_from(
            ["POST composite/sobjects", "PATCH composite/sobjects", "POST jobs", "PATCH jobs", "POST Soap"]
        ),
    ),
    max_size=3,
)


@LAW
@given(WORLDS, FAULTS)
def test_any_weather_converges_and_the_report_is_true(world: World, faults: list[str]) -> None:
    with opened(world, ",".join(faults)) as org:
        for _ in range(8):
            plan = planned(org, world)
            assume(not plan.errors)
            if plan.is_empty:
                break
            results = apply(org, plan)
            is_truthful(org, plan, results)
        is_upgraded(org, world)


def is_upgraded(org: Simulated, world: World) -> None:
    """Everybody is as declared, with one contact each and no other beside it."""
    assert planned(org, world).is_empty
    found = essence(org)
    emails = [email for email, *_ in found["Contact"]]
    people = [f"{person.name}@acme.example" for person in world.people]
    assert sorted(emails) == sorted([*people, "nobody@acme.example"])
    assert {username: contact for username, contact, *_ in found["User"] if username in people} == {
        n: n for n in people
    }


class Crash(Exception):
    """Stands for the end of the process."""


class Mortal:
    """Notes what a journal notes, and dies at the n-th request that writes: before or after the org has done it."""

    def __init__(self, org: Simulated, at: int, *, is_done: bool) -> None:
        self.left, self.is_done = at, is_done
        self._http = org.org.writer.session.http
        self._send = self._http.send

    def __enter__(self) -> "Mortal":
        self._http.send = self.send  # type: ignore[method-assign]
        return self

    def __exit__(self, *_: object) -> None:
        self._http.send = self._send  # type: ignore[method-assign]

    def send(self, request: Any, **options: Any) -> Any:
        is_read = request.method == "GET" or request.path_url.endswith("/composite") or "jobs/query" in request.path_url
        self.left -= not is_read
        if self.left or is_read:
            return self._send(request, **options)
        if self.is_done:
            self._send(request, **options)
        raise Crash


@LAW
@given(WORLDS, st.integers(1, 9), st.booleans())
def test_a_crash_at_any_write_is_mended_by_the_next_run(world: World, at: int, is_done: bool) -> None:  # noqa: FBT001
    with opened(world) as org, TemporaryDirectory() as folder:
        runs = Path(folder)
        plan = planned(org, world)
        assume(not plan.errors)
        journal = Journal.begun(runs, plan)
        with Mortal(org, at, is_done=is_done):
            try:
                list(pipeline.run(plan, org.org, Control(journal.note)))
            except Crash:
                journal.close()
            else:
                journal.end()

        list(recover(runs, list(killed(runs)), org.org, Control()))
        again = planned(org, world)
        results = apply(org, again)

        assert not again.errors
        assert {result.outcome for result in results} <= {Outcome.DONE}
        is_upgraded(org, world)
        assert list(killed(runs)) == []


@LAW
@given(WORLDS, st.sampled_from(["Title", "IsActive", "ContactId"]), st.data())
def test_what_others_changed_since_the_plan_is_never_overwritten(world: World, name: str, data: Any) -> None:
    with opened(world) as org:
        plan = planned(org, world)
        assume(not plan.errors)
        touched = {
            change.address
            for step in plan.steps
            for change in step.changes
            if change.address.kind is Kind.USER and any(item.name == name for item in change.fields)
        }
        assume(touched)
        address = data.draw(st.sampled_from(sorted(touched)))
        edited = edit(org, address, name, plan)

        results = apply(org, plan)

        assert value_of(org, address, name) == edited
        told = [r for r in results if r.change.address == address and any(i.name == name for i in r.change.fields)]
        wanted = {item.after for r in told for item in r.change.fields if item.name == name}
        if edited not in wanted:
            assert {result.outcome for result in told} == {Outcome.NOT_SENT}
        is_truthful(org, plan, results)


def edit(org: Simulated, address: Address, name: str, plan: Plan) -> object:
    """Somebody else changes a field of a user."""
    session = org.org.writer.session
    (id_,) = {c.id for step in plan.steps for c in step.changes if c.address == address}
    if name == "ContactId":
        body = {"LastName": "Other", "AccountId": next(iter(plan.ids[a] for a in plan.ids if a.kind is Kind.ACCOUNT))}
        value: object = session.json("POST", "sobjects/Contact", json=body)["id"]
    else:
        value = "Edited" if name == "Title" else value_of(org, address, name) is not True
    session.send("PATCH", f"sobjects/User/{id_}", json={name: value})
    return value_of(org, address, name)


def value_of(org: Simulated, address: Address, name: str) -> object:
    from reconciler.salesforce.reader import Select

    (row,) = org.org.reader.query_by(Select("User", ("Id", name)), "Username", [address.key])
    return row[name]


@pytest.mark.parametrize("is_refused", [True, False])
def test_the_worlds_are_of_all_sorts(is_refused: bool) -> None:  # noqa: FBT001
    def is_found(world: World) -> bool:
        with opened(world) as org:
            plan = planned(org, world)
        return bool(plan.errors) if is_refused else len(plan.steps) >= 4

    found = find(WORLDS, is_found, settings=settings(max_examples=200, database=None, phases=[Phase.generate]))

    assert found.people
