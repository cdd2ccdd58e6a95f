"""How many requests writing takes: what the plan promised, or fewer."""

from collections import Counter
from pathlib import Path

import pytest

from reconciler import pipeline
from reconciler.errors import TooFewRequests
from reconciler.model import Outcome, Plan, Via
from tests.live.simulated import Seed, Simulated, a_seed, account, simulated, upgrade, user

USERS, ACCOUNTS = 3_000, 150
NAMES = [f"user{number:04}" for number in range(USERS)]
JOB = Counter({"POST": 1, "PUT": 1, "PATCH": 1, "GET": 2})


def a_company() -> Seed:
    """Contactless users, seats for all of them, and the accounts that they are to be upgraded under."""
    seed = a_seed(User=[user(name) for name in NAMES], Account=[account(f"Branch {n}") for n in range(ACCOUNTS)])
    seed["UserLicense"] = [{**license_, "TotalLicenses": 2 * USERS} for license_ in seed["UserLicense"]]
    return seed


def documents() -> list[str]:
    return [
        upgrade(name, account=f"Branch {number % ACCOUNTS}", more="role: Manager") for number, name in enumerate(NAMES)
    ]


def applied(org: Simulated, plan: Plan) -> list[str]:
    """Apply the plan, which succeeds; the requests that it took."""
    before = len(org.asked())
    assert {result.outcome for result in pipeline.run(plan, org.org)} == {Outcome.DONE}
    return org.asked()[before:]


def test_three_thousand_upgrades_take_no_more_requests_than_planned(tmp_path: Path) -> None:
    with simulated(tmp_path, a_company()) as org:
        plan = org.plans(*documents())
        jobs = [step for step in plan.steps if step.via is Via.BULK]
        asked = applied(org, plan)

        assert plan.requests.planned_write == 6 * len(jobs) + 1 + 2 + len(plan.steps) - 1
        assert len(asked) <= plan.requests.planned_write <= 31
        ingest = [line for line in asked if "jobs/ingest" in line]
        assert Counter(line.partition(" ")[0] for line in ingest) == {m: n * len(jobs) for m, n in JOB.items()}
        assert org.plans(*documents()).is_empty


def test_a_small_plan_takes_no_more_requests_than_planned(tmp_path: Path) -> None:
    with simulated(tmp_path, a_seed(User=[user("sonia")])) as org:
        plan = org.plans(upgrade("sonia", more="role: Manager"))

        assert len(applied(org, plan)) == plan.requests.planned_write - 1


def test_the_last_job_of_a_plan_that_is_cheap_to_verify_has_all_that_it_sets_aside(tmp_path: Path) -> None:
    with simulated(tmp_path, a_seed(User=[user("sonia")])) as org:
        plan = org.plans(upgrade("sonia"))
        budget = org.org.writer.session.budget
        budget.allowed = budget.spent + plan.requests.planned_write + 5

        with pytest.raises(TooFewRequests, match=f"--max-requests {budget.allowed + plan.requests.read - 5} would do"):
            pipeline.refuse_unaffordable(plan, org.org)
