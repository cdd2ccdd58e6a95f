"""Lost answers, refusals, crashes and interrupts: a truthful report, and a next run that converges."""

from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler import pipeline
from reconciler.model import Outcome, Result, State
from tests.live.simulated import Seed, Simulated, a_seed, contact, simulated, unscreened, upgrade, user

NAMES = ("ann", "bob", "cy")
TEAM = (
    upgrade("ann", contact="{Title: Buyer}", more="role: Manager"),
    upgrade("bob", more="role: User\nfields: {Division: North}"),
    upgrade("cy", account="Globex", profile="Acme Partner", more="role: Executive"),
)


def a_team() -> Seed:
    """Three contactless users, one of whom has a contact that waits for it."""
    return a_seed(User=[user(name) for name in NAMES], Contact=[contact("bob")])


def people(org: Simulated) -> Mapping[str, list[tuple[Any, ...]]]:
    """What an upgrade is about, of everybody."""
    dump = org.dump()
    of_user = ("Username", "Contact", "Profile", "UserRole", "Division")
    of_contact = ("Email", "FirstName", "LastName", "Account", "Title")
    return {
        "User": sorted(tuple(map(str, map(record.get, of_user))) for record in dump["User"]),
        "Contact": sorted(tuple(map(str, map(record.get, of_contact))) for record in dump["Contact"]),
    }


def converge(org: Simulated, limit: int = 8) -> list[Result]:
    """Plan and apply until nothing is left to do; the results of all runs."""
    results: list[Result] = []
    for _ in range(limit):
        plan = org.plans(*TEAM)
        assert plan.errors == ()
        if plan.is_empty:
            return results
        results += pipeline.run(plan, org.org)
    raise AssertionError(results)


@pytest.fixture(scope="module")
def in_sync() -> Mapping[str, list[tuple[Any, ...]]]:
    """What the org looks like after an apply that met no trouble."""
    with TemporaryDirectory() as folder, simulated(Path(folder), a_team()) as org:
        converge(org)
        return people(org)


def is_true(result: Result, live: State) -> bool:
    """Whether a fresh read shows every field of a done change."""
    record = live.get(result.change.address)
    return record is not None and all(
        record.fields[item.name] == item.after for item in result.change.fields if item.name in record.fields
    )


def test_a_lost_answer_to_a_contact_is_looked_for_and_the_contact_is_taken(tmp_path: Path) -> None:
    with simulated(tmp_path, a_team(), faults="lost-response:1@POST composite/sobjects") as org:
        results = list(pipeline.run(org.plans(*TEAM), org.org))

        assert {result.outcome for result in results} == {Outcome.DONE}
        assert org.writes().count("POST composite/sobjects") == 1
        assert org.plans(*TEAM).is_empty
        assert [len(org.records("Contact", Email=f"{name}@acme.example")) for name in NAMES] == [1, 1, 1]


@pytest.mark.parametrize("fault", ["lost-response", "unavailable", "row-lock", "concurrent-limit"])
@pytest.mark.parametrize(
    "place",
    [
        "POST composite/sobjects",
        "POST jobs/ingest",
        "PUT jobs/ingest",
        "PATCH jobs/ingest",
        "GET jobs/ingest",
        "PATCH composite/sobjects",
    ],
)
def test_one_fault_at_any_request_converges(
    tmp_path: Path, in_sync: Mapping[str, list[tuple[Any, ...]]], fault: str, place: str
) -> None:
    with simulated(tmp_path, a_team(), faults=f"{fault}:1@{place}") as org:
        results = list(pipeline.run(org.plans(*TEAM), org.org))
        live = pipeline.read(org.org, unscreened(org.declares(*TEAM))).state
        done = [result for result in results if result.outcome is Outcome.DONE]
        assert [result for result in done if not is_true(result, live)] == []

        converge(org)

        assert people(org) == in_sync


@pytest.mark.parametrize("kept", range(11))
def test_a_run_that_ends_anywhere_is_finished_by_the_next(
    tmp_path: Path, in_sync: Mapping[str, list[tuple[Any, ...]]], kept: int
) -> None:
    with simulated(tmp_path, a_team()) as org:
        for _ in islice(pipeline.run(org.plans(*TEAM), org.org), kept):
            pass

        converge(org)

        assert people(org) == in_sync
        assert org.plans(*TEAM).is_empty


# At most six in all: a read gives up after eight tries, and then there is no plan to converge by.
FAULTS = st.builds(
    "{}:{}@{}".format,
    st.sampled_from(["lost-response", "unavailable", "row-lock", "concurrent-limit"]),
    st.integers(1, 2),
    st.sampled_from(
        ["POST composite/sobjects", "PATCH composite/sobjects", "POST jobs/ingest", "PATCH jobs/ingest", "GET query"]
    ),
)


@settings(max_examples=20)
@given(faults=st.lists(FAULTS, min_size=1, max_size=3))
def test_any_mix_of_faults_converges_without_a_second_contact(faults: list[str]) -> None:
    with (
        TemporaryDirectory() as folder,
        simulated(Path(folder), a_team(), faults=",".join(faults)) as org,
    ):
        converge(org, limit=20)

        assert [len(org.records("Contact", Email=f"{name}@acme.example")) for name in NAMES] == [1, 1, 1]


def test_what_may_have_been_done_but_is_not_is_not_reported_as_done(tmp_path: Path) -> None:
    with simulated(tmp_path, a_team(), faults="unavailable:20@PATCH composite/sobjects") as org:
        results = list(pipeline.run(org.plans(*TEAM), org.org))

    assert {result.outcome for result in results if result.step == results[-1].step} <= {
        Outcome.UNKNOWN,
        Outcome.NOT_SENT,
    }


def test_a_second_run_finds_nothing_to_do_and_asks_only_to_read(tmp_path: Path) -> None:
    with simulated(tmp_path, a_team()) as org:
        converge(org)
        writes = org.writes()

        assert list(pipeline.run(org.plans(*TEAM), org.org)) == []

        assert org.writes() == writes
