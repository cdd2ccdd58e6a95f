"""What holds for every request: versions, sizes, encodings, bodies, counters."""

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Thread
from urllib.parse import quote

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.simulator.seed import demo_seed
from tests.simulator.wired import Api, refusal, served_api


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    with served_api() as served:
        yield served


def test_versions_ascend_and_carry_their_season_without_login(api: Api) -> None:
    versions = requests.get(f"{api.url}/services/data/", timeout=30).json()

    labels = {version["version"]: version["label"] for version in versions}
    numbers = [float(version["version"]) for version in versions]
    assert numbers == sorted(numbers)
    assert (numbers[0], numbers[-1]) == (31.0, 67.0)
    assert (labels["31.0"], labels["32.0"], labels["51.0"]) == ("Summer '14", "Winter '15", "Spring '21")
    assert (labels["65.0"], labels["66.0"], labels["67.0"]) == ("Winter '26", "Spring '26", "Summer '26")


@pytest.mark.parametrize(
    ("version", "status", "code"),
    [
        ("v68.0", 404, "NOT_FOUND"),
        ("v66", 404, "NOT_FOUND"),
        ("v²3.0", 404, "NOT_FOUND"),
        ("v066.0", 404, "NOT_FOUND"),
        ("v30.0", 410, "UNSUPPORTED_API_VERSION"),
        ("v9.0", 410, "UNSUPPORTED_API_VERSION"),
    ],
)
def test_a_version_that_is_not_served_is_refused(api: Api, version: str, status: int, code: str) -> None:
    assert refusal(api.get(f"/services/data/{version}/limits")) == (status, code)


def test_a_version_lists_its_resources(api: Api) -> None:
    resources = api.get("/services/data/v31.0/").json()

    assert resources["query"] == "/services/data/v31.0/query"
    assert {"sobjects", "queryAll", "limits", "composite", "jobs", "identity"} <= set(resources)


@pytest.mark.parametrize("path", ["/", "/services", "/services/other", "/services/data/v66.0/nonsense", "/id/a"])
def test_an_unknown_path_answers_json_not_a_page(api: Api, path: str) -> None:
    answer = api.get(path)

    assert answer.status_code in {401, 404} or path == "/id/a"
    assert answer.headers["Content-Type"].startswith("application/json")


def test_every_reply_tells_that_the_org_is_simulated_and_what_was_used(api: Api) -> None:
    replies = [api.get("limits"), api.get("/nowhere"), requests.get(f"{api.url}/services/data/v66.0", timeout=30)]

    assert [reply.headers["X-Simulated-Org"] for reply in replies] == ["1"] * 3
    assert all(reply.headers["Sforce-Limit-Info"].startswith("api-usage=") for reply in replies)


def test_each_request_is_counted_even_when_many_come_at_once(api: Api) -> None:
    before = api.get("limits").json()["DailyApiRequests"]

    def ask() -> None:
        for _ in range(20):
            api.get("limits")

    threads = [Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    after = api.get("limits")
    assert before["Remaining"] - after.json()["DailyApiRequests"]["Remaining"] == 121
    used = after.json()["DailyApiRequests"]["Max"] - after.json()["DailyApiRequests"]["Remaining"]
    assert after.headers["Sforce-Limit-Info"] == f"api-usage={used}/15000"


def test_requests_count_for_24_hours() -> None:
    moments = [datetime(2026, 11, 23, 9, 30, tzinfo=UTC)]
    with served_api(clock=lambda: moments[-1]) as api:
        used = []
        for hours in (0, 5, 23, 25, 60):
            moments.append(moments[0] + timedelta(hours=hours))
            used.append(api.get("limits").headers["Sforce-Limit-Info"])

    assert used == [f"api-usage={number}/15000" for number in (1, 2, 3, 3, 1)]


def test_beyond_the_daily_limit_nothing_is_answered() -> None:
    with served_api(seed={**demo_seed(), "settings": {"daily_api_requests": 2}}) as api:
        assert [api.get("limits").status_code for _ in range(2)] == [200, 200]
        late = api.get("query", params={"q": "SELECT Id FROM User"})

    assert refusal(late) == (403, "REQUEST_LIMIT_EXCEEDED")
    assert late.headers["Sforce-Limit-Info"] == "api-usage=2/2"


@pytest.mark.parametrize(("length", "status"), [(12_000, 400), (17_000, 414)])
def test_a_uri_has_16384_bytes(api: Api, length: int, status: int) -> None:
    answer = api.get(f"query?q={'x' * length}")

    assert answer.status_code == status


def test_a_uri_is_measured_as_it_was_sent(api: Api) -> None:
    answer = api.get(f"sobjects/User/Username/{'%20' * 5_600}")

    assert answer.status_code == 414
    assert "URI Too Long" in answer.text


def test_uri_and_headers_share_16384_bytes(api: Api) -> None:
    answer = api.get(f"query?q={'x' * 8_000}", headers={"X-Long": "x" * 9_000})

    assert answer.status_code == 431
    assert answer.headers["X-Simulated-Org"] == "1"


def test_bodies_may_be_zipped_both_ways(api: Api) -> None:
    body = gzip.compress(b'{"Name": "Zipped"}')

    created = api.call("POST", "sobjects/Account", data=body, headers={"Content-Encoding": "gzip"})
    zipped = api.get("sobjects/User/describe")
    plain = api.get("sobjects/User/describe", headers={"Accept-Encoding": "identity"})

    assert created.status_code == 201
    assert api.count("SELECT COUNT() FROM Account WHERE Name = 'Zipped'") == 1
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert zipped.json() == plain.json()


def test_a_body_that_is_no_gzip_or_cut_short_is_refused(api: Api) -> None:
    whole = gzip.compress(b'{"Name": "x"}')
    headers = {"Content-Encoding": "gzip"}

    answers = [api.call("POST", "sobjects/Account", data=body, headers=headers) for body in (b"no", whole[:-9])]

    assert refusal(answers[0]) == (400, "JSON_PARSER_ERROR")
    assert refusal(answers[1]) == (413, "EXCEEDED_MAX_SIZE_REQUEST")


def test_a_zip_bomb_is_refused_in_bounded_memory(api: Api) -> None:
    bomb = gzip.compress(b"\0" * (160 * 1024 * 1024), compresslevel=1)

    answer = api.call("POST", "sobjects/Account", data=bomb, headers={"Content-Encoding": "gzip"})

    assert refusal(answer) == (413, "EXCEEDED_MAX_SIZE_REQUEST")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"[]",
        b'"text"',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"Name": NaN}',
        b'{"Name": "\\ud800"}',
        b'{"Name": "\xed\xa0\x80"}',
        b'{"NumberOfEmployees": 1e999}',
        b'{"NumberOfEmployees": ' + b"9" * 30 + b"}",
        b'{"NumberOfEmployees": ' + b"9" * 5_000 + b"}",
    ],
    ids=lambda body: repr(body[:24]),
)
def test_a_body_that_is_no_json_object_is_a_parser_error(api: Api, body: bytes) -> None:
    answers = [
        api.call("POST", path, data=body, headers={"Content-Type": "application/json"})
        for path in ("sobjects/Account", "composite/sobjects", "jobs/ingest")
    ]

    assert [refusal(answer) for answer in answers] == [(400, "JSON_PARSER_ERROR")] * 3


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["Id", "attributes", "Name", "records", "ids", "fields", "operation", "object", "query", "state"]
)
PATHS = st.sampled_from(
    [
        "sobjects/Account",
        "sobjects/User/Username/x@y.example",
        "composite/sobjects",
        "composite/sobjects/Account",
        "composite/sobjects/User/Username",
        "jobs/ingest",
        "jobs/query",
    ]
)


@given(path=PATHS, method=st.sampled_from(["POST", "PATCH"]), body=VALUES | st.dictionaries(NAMES, VALUES))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_json_body_makes_the_org_fail(api: Api, path: str, method: str, body: object) -> None:
    answer = api.call(method, path, json=body)

    assert answer.status_code < 500, answer.text
    assert answer.headers["Content-Type"].startswith("application/json")


@given(path=st.text(max_size=30), question=st.text(max_size=30))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_path_makes_the_org_fail(api: Api, path: str, question: str) -> None:
    answer = api.get(quote(path, safe="/"), params={"q": question, "fields": question})

    assert answer.status_code < 500, answer.text
