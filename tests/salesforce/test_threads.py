"""Several threads, one session, real HTTP: the counts add up, and no limit is passed by so much as one request."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import DailyReserveReached, OrgError, RequestBudgetExceeded
from reconciler.salesforce import Budget, Session, open_session
from reconciler.simulator.wire import Options, issue_token
from reconciler.simulator.wire.limits import count_requests, used_requests
from tests.simulator.wired import Api, served_api

if TYPE_CHECKING:
    from reconciler.salesforce.budget import Sent

GET = ("GET", "limits")
THREADS = 16
DAILY = 15_000


@contextmanager
def shared(api: Api, budget: Budget) -> Iterator[Session]:
    with requests.Session() as http:
        http.trust_env = False
        yield open_session(api.url, issue_token(api.org), http, budget)


def send_all(session: Session, each: int) -> "Counter[str]":
    """So many requests from each of the threads, which start together; the names of what became of them."""
    start = threading.Barrier(THREADS)

    def run(_: int) -> list[str]:
        start.wait()
        return [one(session) for _ in range(each)]

    with ThreadPoolExecutor(THREADS) as pool:
        return Counter(name for names in pool.map(run, range(THREADS)) for name in names)


def one(session: Session) -> str:
    try:
        return str(session.send(*GET).status_code)
    except OrgError as error:
        return type(error).__name__


@pytest.fixture(name="api")
def _api() -> Iterator[Api]:
    with served_api(Options(latency_ms=2, latency_spread_ms=8)) as served:
        yield served


def test_every_request_of_every_thread_is_counted(api: Api) -> None:
    with shared(api, Budget()) as session:
        assert send_all(session, 12) == {"200": THREADS * 12}

        assert session.requests == THREADS * 12 == used_requests(api.org)


def test_as_many_requests_are_sent_as_are_allowed_and_not_one_more(api: Api) -> None:
    with shared(api, Budget(101)) as session:
        done = send_all(session, 10)

        assert done == {"200": 101, RequestBudgetExceeded.__name__: THREADS * 10 - 101}
        assert session.requests == used_requests(api.org) == 101


def test_the_reserve_is_left_whole_though_answers_overtake_one_another(api: Api) -> None:
    count_requests(api.org, DAILY - 400)
    with shared(api, Budget(reserve=300)) as session:
        done = send_all(session, 10)

        # What is under way is counted twice rather than not at all, so that threads may stop that much too early.
        assert set(done) == {"200", DailyReserveReached.__name__}
        assert 100 - 2 * THREADS <= done["200"] <= 100
        assert used_requests(api.org) == DAILY - 400 + done["200"]

        # Once nothing is under way, the count is exact again, and the last request goes out.
        while one(session) == "200":
            continue
        assert used_requests(api.org) == DAILY - 300


def test_what_a_thread_set_aside_is_its_own(api: Api) -> None:
    budget = Budget(THREADS * 10)
    all_hold = threading.Barrier(THREADS)
    with shared(api, budget) as session:

        def run(number: int) -> list[str]:
            hold = budget.hold(10 if number % 2 else 5)
            all_hold.wait()
            with hold.drawn(kept=2):
                drawn = [one(session) for _ in range(hold.left - 2)]
            beyond = [one(session) for _ in range(20)]
            with hold.drawn():
                return drawn + [one(session) for _ in range(2)] + beyond

        with ThreadPoolExecutor(THREADS) as pool:
            done = list(pool.map(run, range(THREADS)))

    # Odd threads set 10 aside and even ones 5; the other 40 were anybody's.
    assert all(set(names[: 10 if number % 2 else 5]) == {"200"} for number, names in enumerate(done))
    assert Counter(name for names in done for name in names)["200"] == THREADS * 10 == used_requests(api.org)


def test_threads_that_set_aside_more_than_is_left_are_refused_whole() -> None:
    budget = Budget(40)
    start = threading.Barrier(THREADS)

    def run(_: int) -> int:
        start.wait()
        try:
            return budget.hold(10).left
        except RequestBudgetExceeded:
            return 0

    with ThreadPoolExecutor(THREADS) as pool:
        assert sorted(pool.map(run, range(THREADS))) == [0] * (THREADS - 4) + [10] * 4


LIMIT, RESERVE, BEFORE = 60, 20, 10


@dataclass
class SlowOrg:
    """An org that is sent requests, counts them when it likes, and answers them or not when it likes."""

    budget: Budget
    used: int = BEFORE
    lost: int = 0
    sent: "list[Sent]" = field(default_factory=list)
    counted: "list[tuple[Sent, str]]" = field(default_factory=list)

    def act(self, act: str, at: int) -> None:
        if act == "send" and self.budget.refusal(1) is None:
            self.sent.append(self.budget.spend())
        elif act == "count" and self.sent:
            self.used += 1
            self.counted.append((self.sent.pop(at % len(self.sent)), f"api-usage={self.used}/{LIMIT}"))
        elif act in {"answer", "lose"} and self.counted:
            sent, told = self.counted.pop(at % len(self.counted))
            self.lost += act == "lose"
            self.budget.answered(sent, told if act == "answer" else None)

    def finish(self) -> None:
        """Send and answer, one by one, until no request is left."""
        for act in ["count"] * len(self.sent) + ["answer"] * (len(self.sent) + len(self.counted)):
            self.act(act, 0)
        while self.budget.refusal(1) is None:
            for act in ("send", "count", "answer"):
                self.act(act, 0)


ACTS = st.tuples(st.sampled_from(["send", "send", "count", "answer", "lose"]), st.integers(0, 20))


@given(st.lists(ACTS, max_size=120))
def test_the_reserve_is_left_whole_in_whatever_order_the_org_counts_and_answers(acts: list[tuple[str, int]]) -> None:
    org = SlowOrg(Budget(reserve=RESERVE))
    for first in ("send", "count", "answer"):
        org.act(first, 0)

    for act, at in acts:
        org.act(act, at)
        assert org.used + len(org.sent) <= LIMIT - RESERVE

    org.finish()
    assert LIMIT - RESERVE - org.lost <= org.used <= LIMIT - RESERVE
