"""A saved plan is applied only while it is still the plan."""

import json
from dataclasses import replace
from typing import Any

from reconciler.plan import build
from reconciler.plan.stale import stale_reasons
from reconciler.render import plan_document
from tests.worlds import World

SONIA = "sonia@acme.example"


def world(**fields: Any) -> World:
    made = World()
    made.account("Acme", "001A")
    made.user(SONIA, **fields)
    made.upgrade(SONIA)
    return made


def test_a_plan_that_was_saved_and_read_back_still_holds() -> None:
    document = plan_document(build(*world().states()))

    assert stale_reasons(json.loads(json.dumps(document)), document) == ()


def test_an_edit_in_the_org_is_named_with_the_place_in_the_steps() -> None:
    saved = plan_document(build(*world().states()))
    fresh = plan_document(build(*world(FirstName="Sonya").states()))

    reasons = stale_reasons(saved, fresh)

    assert reasons[0] == "the org has changed"
    assert reasons[1].startswith("the steps differ at steps[0]['changes'][0]['fields']")


def test_another_org_and_other_files_are_named() -> None:
    plan = build(*world().states())
    moved = replace(plan, org=replace(plan.org, id="00Dother"), desired_digest="sha256:0")

    assert stale_reasons(plan_document(plan), plan_document(moved)) == (
        "it was made for another org",
        "the files have changed",
    )


def test_many_differences_are_counted() -> None:
    plan = plan_document(build(*world().states()))

    reasons = stale_reasons({**plan, "format": "other", "steps": [{"a": n} for n in range(9)]}, plan)

    assert reasons[0] == "it was saved in another format"
    assert reasons[-1].startswith("and at ")
