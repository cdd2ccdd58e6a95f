"""Whatever text is asked: an answer or a refusal, soon."""

import time
from collections import Counter

import pytest

from reconciler.simulator.errors import ApiError
from reconciler.simulator.soql import explained, run_as_table, run_first_page, run_query
from reconciler.simulator.soql.parse import parse
from tests.simulator.soql_texts import VALID, texts
from tests.simulator.soql_world import World

SECONDS = 5
"""What one text may take; the longest that was measured took a twentieth of it."""


@pytest.fixture(scope="module")
def world() -> World:
    """A few records of each kind that the texts ask for."""
    world = World()
    profile = world.add("Profile", Name="P", UserType="Standard")
    user = world.add(
        "User", Username="u@x.example", LastName="U", ProfileId=profile, CreatedDate="2026-03-01T00:00:00.000+0000"
    )
    account = world.add("Account", Name="Acme", OwnerId=user)
    contact = world.add("Contact", LastName="Lee", AccountId=account, Score__c=2.5, Languages__c="a;b")
    world.add("User", Username="c@x.example", LastName="C", ProfileId=profile, ContactId=contact)
    group = world.add("Group", Name="G", Type="Queue")
    for member in (user, group):
        world.add("GroupMember", GroupId=group, UserOrGroupId=member)
    return world


def _value(expression: str) -> object:
    """What a script's variables are: some number, text or list."""
    return (len(expression), "Lee", None, [1, "a"], 2.5)[len(expression) % 5]


def _slowest(world: World, seed: int, number: int) -> tuple[float, str]:
    """Ask many texts in every way; the seconds of the slowest, and its text."""
    slowest = (0.0, "")
    statuses = Counter[int]()
    for text in texts(seed, number):
        started = time.process_time()
        for ask in (
            lambda text: run_query(world.org, text),
            lambda text: run_query(world.org, text, version=57.0, all_rows=True, binds=_value),
            lambda text: run_first_page(world.org, text, 1),
            lambda text: list(run_as_table(world.org, text, 10).blocks),
            lambda text: explained(world.org, text),
        ):
            try:
                ask(text)
            except ApiError as error:
                statuses[error.status if error.message else 0] += 1
        slowest = max(slowest, (time.process_time() - started, text))
    assert set(statuses) == {400}
    return slowest


def test_every_query_that_others_are_made_of_can_be_read() -> None:
    for text in VALID:
        assert parse(text).items


def test_a_thousand_texts_are_answered_or_refused(world: World) -> None:
    seconds, text = _slowest(world, seed=1, number=1_000)

    assert seconds < SECONDS, text


@pytest.mark.slow
def test_a_hundred_thousand_texts_are_answered_or_refused(world: World) -> None:
    seconds, text = _slowest(world, seed=2, number=100_000)

    assert seconds < SECONDS, text
