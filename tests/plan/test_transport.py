"""What carries the contact of users, and why."""

from dataclasses import replace

import pytest

from reconciler.model import Phase, Plan, Transport, Via
from reconciler.plan import build
from reconciler.render import plan_text
from tests.plan.test_order import team


def planned(
    users: int,
    via: Transport = Transport.AUTO,
    *,
    notify: bool = False,
    takes_soap: bool = True,
    may_run_apex: bool | None = None,
) -> Plan:
    desired, live = team(users).states()
    facts = replace(live.facts, takes_soap=takes_soap, may_run_apex=may_run_apex)
    return build(desired, replace(live, facts=facts), via, notify=notify)


def link(plan: Plan) -> tuple[Via, str | None, bool]:
    (step,) = (step for step in plan.steps if step.phase is Phase.LINK)
    return step.via, step.why, step.notify


@pytest.mark.parametrize(
    ("users", "notify", "takes_soap", "via", "why"),
    [
        (3, False, True, Via.SOAP, "no mails, and no more requests than a job"),
        (1_300, False, True, Via.BULK, "a job takes fewer requests than 7 calls"),
        (1_300, True, True, Via.SOAP, "only SOAP and Apex can let mails go out"),
        (3, False, False, Via.BULK, "SOAP does not take the login's token, which is a JWT"),
    ],
)
def test_the_way_is_chosen_and_the_choice_explained(
    users: int,
    notify: bool,  # noqa: FBT001
    takes_soap: bool,  # noqa: FBT001
    via: Via,
    why: str,
) -> None:
    plan = planned(users, notify=notify, takes_soap=takes_soap)

    assert link(plan) == (via, why, notify)
    assert f": {why}\n" in plan_text(plan)


@pytest.mark.parametrize("via", [Transport.BULK, Transport.SOAP, Transport.APEX])
def test_the_way_that_was_asked_for_is_taken(via: Transport) -> None:
    plan = planned(2, via, notify=True)

    assert link(plan) == (Via(via.value), "as asked", via is not Transport.BULK)
    assert ("Salesforce may send mails to these users" in plan_text(plan)) is (via is not Transport.BULK)


def test_a_login_that_may_not_is_told_before_anything_is_sent() -> None:
    assert [problem.message for problem in planned(1, Transport.APEX, may_run_apex=False).errors] == [
        "the login may not run anonymous Apex"
    ]
    assert not planned(1, Transport.APEX, may_run_apex=True).errors
    (problem,) = planned(1, Transport.SOAP, takes_soap=False).errors
    assert problem.code == "SF112"
    assert "--via bulk" in problem.remedy
