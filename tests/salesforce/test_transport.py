"""The wire against a simulated org that misbehaves: what may be repeated is, what may not is not."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests

from reconciler.errors import ConnectionFailed, IncompleteRead, LoginFailed, RequestRefused, UsageError
from reconciler.model import Outcome, Via
from reconciler.salesforce import Reader, Session, Writer, open_session, soql
from reconciler.salesforce.job import wait_for
from reconciler.salesforce.reader import Select
from reconciler.salesforce.retry import Patience, Verdict, judge
from reconciler.salesforce.session import NoAnswer, checked_url
from reconciler.salesforce.wsgi import WsgiAdapter
from reconciler.simulator import Org
from reconciler.simulator.access_log import AccessLog
from reconciler.simulator.faults import Faults
from reconciler.simulator.wire import Application, Options, issue_token
from tests.simulator.orgs import demo, id_of, user

URL = "http://simulated-org.localhost"
SONIA = "sonia.james@acme.example"
QUICK = Patience(first_wait=0.001)
ACCOUNTS = Select("Account", ("Name", "OwnerId"))


class Wire:
    """A session to a simulated org in this process, and the log of its requests."""

    def __init__(self, org: Org, folder: Path, faults: str = "", job_delay_ms: int = 0) -> None:
        self.org = org
        self.log = AccessLog(folder / "log.jsonl")
        self.file = folder / "log.jsonl"
        http = requests.Session()
        options = Options(faults=Faults(faults), log=self.log, job_delay_ms=job_delay_ms)
        http.mount(URL, WsgiAdapter(Application(org, options)))
        self.session = open_session(URL, issue_token(org), http)
        self.reader = Reader(self.session, QUICK)
        self.writer = Writer(self.session, QUICK)

    def requests(self) -> list[str]:
        entries = [json.loads(line) for line in self.file.read_text().splitlines()]
        return [f"{entry['method']} {entry['path'].split('v66.0/')[1].partition('?')[0]}" for entry in entries]


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    made = Wire(demo(), tmp_path)
    yield made
    made.log.close()


def faulty(folder: Path, faults: str, **options: Any) -> Wire:
    made = Wire(demo(), folder, faults, **options)
    made.log.close()
    made.log._file = None  # noqa: SLF001 - a wire without a log
    return made


def test_rows_are_flat_and_typed(wire: Wire) -> None:
    columns = ("Name", "Profile.UserLicense.Name", "UserRole.Name", "IsActive")
    rows = list(wire.reader.query(Select("User", columns), f"WHERE Username = {soql.quote(SONIA)}"))
    licenses = list(wire.reader.query(Select("UserLicense", ("Name", "TotalLicenses")), "ORDER BY Name LIMIT 1"))

    assert rows == [
        {
            "Name": "Sonia James",
            "Profile.UserLicense.Name": "External Identity",
            "UserRole.Name": None,
            "IsActive": True,
        }
    ]
    assert licenses == [{"Name": "Customer Community", "TotalLicenses": Decimal(100)}]
    assert wire.session.is_simulated


def test_few_keys_go_by_rest_and_none_by_nothing(wire: Wire) -> None:
    rows = list(wire.reader.query_by(ACCOUNTS, "Name", ["Acme", "Globex", "Acme"]))

    assert sorted(str(row["Name"]) for row in rows) == ["Acme", "Globex"]
    assert list(wire.reader.query_by(ACCOUNTS, "Name", [])) == []
    assert wire.requests() == ["GET query"]


def test_many_keys_go_by_query_jobs_with_the_same_rows(tmp_path: Path) -> None:
    wire = Wire(demo(), tmp_path, job_delay_ms=1)
    select = Select("User", ("Username", "IsActive", "UserRole.Name", "Profile.UserLicense.TotalLicenses", "ContactId"))
    keys = [f"nobody{number:05}@quite-a-long-name.example" for number in range(3_000)]

    few = list(wire.reader.query_by(select, "Username", [SONIA, "noah.berg@globex.example"]))
    many = list(wire.reader.query_by(select, "Username", [*keys, SONIA, "noah.berg@globex.example"]))

    assert sorted(many, key=str) == sorted(few, key=str)
    assert "POST jobs/query" in wire.requests()
    assert wire.requests().count("GET sobjects/UserLicense/describe") >= 1
    wire.log.close()


def test_pages_are_followed_to_the_end(wire: Wire) -> None:
    wire.session.http.headers["Sforce-Query-Options"] = "batchSize=200"
    records = [{"Name": f"Page {number}"} for number in range(450)]
    list(wire.writer.create("Account", records, Via.COLLECTIONS))

    rows = list(wire.reader.query(ACCOUNTS, "WHERE Name LIKE 'Page%'"))

    assert len(rows) == 450
    assert wire.requests().count("POST composite/sobjects") == 3
    assert len([line for line in wire.requests() if line.startswith("GET query/")]) == 2


@pytest.mark.parametrize(
    "faults", ["unavailable:2@GET query", "concurrent-limit:3@GET query", "lost-response:1@GET query"]
)
def test_reads_are_repeated_until_they_succeed(tmp_path: Path, faults: str) -> None:
    assert len(list(faulty(tmp_path, faults).reader.query(ACCOUNTS))) == 3


def test_a_read_that_never_succeeds_ends_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(RequestRefused) as caught:
        list(faulty(tmp_path, "unavailable:99@GET query").reader.query(ACCOUNTS))

    assert (caught.value.status, caught.value.code) == (503, "SERVER_UNAVAILABLE")


def test_an_expired_session_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(LoginFailed, match="log in again"):
        list(faulty(tmp_path, "session-expired:1").reader.query(ACCOUNTS))


def test_a_refused_query_is_not_repeated(wire: Wire) -> None:
    with pytest.raises(RequestRefused) as caught:
        list(wire.reader.query(Select("Account", ("Nonsense",))))

    assert caught.value.code == "INVALID_FIELD"
    assert wire.requests() == ["GET query"]


def scripted(*answers: dict[str, Any]) -> Session:
    """A session whose server gives these JSON answers, one after the other."""
    remaining = iter(answers)

    def application(_environ: Any, start_response: Any) -> list[bytes]:
        answer = next(remaining)
        start_response(f"{answer.get('status', 200)} X", list(answer.get("headers", {}).items()))
        return [answer["body"] if isinstance(answer["body"], bytes) else json.dumps(answer["body"]).encode()]

    http = requests.Session()
    http.mount(URL, WsgiAdapter(application))
    return Session(URL, http)


def test_a_read_that_lacks_rows_is_refused() -> None:
    session = scripted({"body": {"totalSize": 2, "done": True, "records": [{"Name": "A", "OwnerId": "x"}]}})

    with pytest.raises(IncompleteRead, match="counts 2 records but sent 1"):
        list(Reader(session, QUICK).query(ACCOUNTS))


def test_a_query_job_that_fails_is_refused() -> None:
    answers = [{"body": {"id": "750x"}}, {"body": {"id": "750x", "state": "Failed", "errorMessage": "too much"}}]
    keys = [f"{number:05}-{'x' * 30}" for number in range(2_000)]

    with pytest.raises(RequestRefused, match="too much"):
        list(Reader(scripted(*answers), QUICK).query_by(ACCOUNTS, "Name", keys))


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"status": 500, "body": b"<html>broken</html>"}, "HTTP_500"),
        ({"status": 400, "body": ["odd"]}, "HTTP_400"),
        ({"status": 400, "body": {"error": "invalid_grant", "error_description": "no"}}, "invalid_grant: no"),
        ({"status": 302, "body": {}, "headers": {"Location": "https://elsewhere.example"}}, "HTTP_302"),
    ],
)
def test_odd_refusals_become_one_sentence(answer: dict[str, Any], message: str) -> None:
    with pytest.raises(RequestRefused, match=message):
        scripted(answer).send("GET", "limits")


def test_an_answer_that_is_no_json_is_no_answer() -> None:
    with pytest.raises(NoAnswer, match="is it a Salesforce org"):
        scripted({"body": b"<html>"}).json("GET", "limits")


def test_no_connection_is_told_without_internals() -> None:
    session = Session("http://127.0.0.1:9", requests.Session())

    with pytest.raises(ConnectionFailed) as caught:
        Reader(session, Patience(tries=2, first_wait=0.001)).describe("User")

    assert str(caught.value) == "no answer from http://127.0.0.1:9: the connection failed"
    session.close()


@pytest.mark.parametrize("via", [Via.COLLECTIONS, Via.BULK])
def test_rows_are_told_in_the_order_in_which_they_were_given(wire: Wire, via: Via) -> None:
    records: list[dict[str, str | bool | None]] = [
        {"LastName": "B"},
        {"FirstName": "x"},
        {"LastName": 'A, "quoted"\nline'},
    ]

    made = list(wire.writer.create("Contact", records, via))

    assert [row.outcome for row in made] == [Outcome.DONE, Outcome.FAILED, Outcome.DONE]
    assert (made[1].code, made[1].message) == ("REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]")
    assert (wire.org.store.get("Contact", str(made[2].id)) or {})["LastName"] == 'A, "quoted"\nline'


@pytest.mark.parametrize("via", [Via.COLLECTIONS, Via.BULK])
def test_null_empties_and_absent_leaves(wire: Wire, via: Via) -> None:
    sonia = str(user(wire.org)["Id"])
    noah = str(user(wire.org, "noah.berg@globex.example")["Id"])
    list(wire.writer.update("User", [{"Id": sonia, "Title": "Dr", "City": "Rome"}], via))

    rows = list(
        wire.writer.update(
            "User", [{"Id": sonia, "Title": None}, {"Id": noah, "City": "Oslo", "ReceivesInfoEmails": True}], via
        )
    )

    after = user(wire.org)
    assert [row.outcome for row in rows] == [Outcome.DONE, Outcome.DONE]
    assert (after["Title"], after["City"]) == (None, "Rome")
    assert user(wire.org, "noah.berg@globex.example")["ReceivesInfoEmails"] is True


def test_a_job_asks_only_for_result_files_that_have_rows(wire: Wire) -> None:
    list(wire.writer.create("Contact", [{"LastName": "B"}], Via.BULK))

    assert [line.rpartition("/")[2] if "750" in line else line for line in wire.requests()] == [
        "POST jobs/ingest",
        "batches",
        wire.requests()[2].rpartition("/")[2],
        wire.requests()[3].rpartition("/")[2],
        "successfulResults",
    ]


def test_a_create_whose_answer_is_lost_is_unknown_and_never_repeated(tmp_path: Path) -> None:
    wire = faulty(tmp_path, "lost-response:1@POST composite")

    rows = list(wire.writer.create("Account", [{"Name": "Once"}], Via.COLLECTIONS))

    assert [row.outcome for row in rows] == [Outcome.UNKNOWN]
    assert len(wire.org.store.find("Account", Name="Once")) == 1


def test_an_update_whose_answer_is_lost_is_repeated(tmp_path: Path) -> None:
    wire = faulty(tmp_path, "lost-response:2@PATCH composite")

    rows = list(wire.writer.update("User", [{"Id": str(user(wire.org)["Id"]), "Title": "Dr"}], Via.COLLECTIONS))

    assert [row.outcome for row in rows] == [Outcome.DONE]


@pytest.mark.parametrize(
    ("faults", "via"),
    [
        ("row-lock:2@POST composite", Via.COLLECTIONS),
        ("concurrent-limit:2@POST composite", Via.COLLECTIONS),
        ("row-lock:1@PATCH jobs", Via.BULK),
    ],
)
def test_what_was_not_executed_is_tried_again(tmp_path: Path, faults: str, via: Via) -> None:
    wire = faulty(tmp_path, faults)

    rows = list(wire.writer.create("Account", [{"Name": "Once"}, {"Name": "Twice"}], via))

    assert [row.outcome for row in rows] == [Outcome.DONE, Outcome.DONE]
    assert len(wire.org.store.find("Account", Name="Once")) == 1


def test_a_lock_that_lasts_fails_with_salesforces_words(tmp_path: Path) -> None:
    rows = list(faulty(tmp_path, "row-lock:99").writer.create("Account", [{"Name": "x"}], Via.COLLECTIONS))

    assert (rows[0].outcome, rows[0].code) == (Outcome.FAILED, "UNABLE_TO_LOCK_ROW")


def test_an_expired_session_fails_the_rows(tmp_path: Path) -> None:
    rows = list(faulty(tmp_path, "session-expired:1").writer.create("Account", [{"Name": "x"}], Via.COLLECTIONS))

    assert (rows[0].outcome, rows[0].code) == (Outcome.FAILED, "INVALID_SESSION_ID")


@pytest.mark.parametrize(
    ("faults", "outcome"),
    [
        ("unavailable:1@POST jobs/ingest", Outcome.FAILED),
        ("session-expired:1@PUT jobs", Outcome.FAILED),
        ("unavailable:99@GET jobs", Outcome.UNKNOWN),
        ("session-expired:1@GET jobs", Outcome.UNKNOWN),
    ],
)
def test_a_job_that_can_not_be_followed_is_told_truthfully(tmp_path: Path, faults: str, outcome: Outcome) -> None:
    wire = faulty(tmp_path, faults)

    rows = list(wire.writer.create("Account", [{"Name": "x"}], Via.BULK))

    assert [row.outcome for row in rows] == [outcome]
    assert len(wire.org.store.find("Account", Name="x")) == (1 if outcome is Outcome.UNKNOWN else 0)


def test_a_job_that_fails_as_a_whole_fails_its_rows(wire: Wire) -> None:
    rows = list(wire.writer.create("Account", [{"Nonsense": "x"}], Via.BULK))

    assert (rows[0].outcome, rows[0].code) == (Outcome.FAILED, "BULK_JOB_FAILED")
    assert "Field name not found : Nonsense" in str(rows[0].message)


class Lost(WsgiAdapter):
    """Loses the answers to requests whose path has one of these parts, after they were executed."""

    def __init__(self, org: Org, method: str, part: str, times: int) -> None:
        super().__init__(Application(org))
        self.method, self.part, self.times = method, part, times

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        response = super().send(request, **options)
        if self.times and request.method == self.method and self.part in str(request.url):
            self.times -= 1
            raise requests.ConnectionError
        return response


def losing(method: str, part: str, times: int = 1) -> tuple[Org, Writer]:
    org = demo()
    http = requests.Session()
    http.mount(URL, Lost(org, method, part, times))
    return org, Writer(open_session(URL, issue_token(org), http), QUICK)


@pytest.mark.parametrize(
    ("method", "part", "times"),
    [("POST", "jobs/ingest", 1), ("PUT", "batches", 1), ("PATCH", "jobs", 1), ("GET", "jobs", 2)],
)
def test_a_job_survives_a_lost_answer_at_each_of_its_requests(method: str, part: str, times: int) -> None:
    org, writer = losing(method, part, times)

    rows = list(writer.create("Account", [{"Name": "Once"}], Via.BULK))

    assert [row.outcome for row in rows] == [Outcome.DONE]
    assert len(org.store.find("Account", Name="Once")) == 1


def test_a_result_file_that_never_comes_leaves_the_rows_unknown() -> None:
    org, writer = losing("GET", "successfulResults", 99)

    rows = list(writer.create("Account", [{"Name": "Once"}], Via.BULK))

    assert [row.outcome for row in rows] == [Outcome.UNKNOWN]
    assert len(org.store.find("Account", Name="Once")) == 1


def test_a_connection_lost_under_a_collection_is_unknown_for_creates() -> None:
    org, writer = losing("POST", "composite")

    rows = list(writer.create("Account", [{"Name": "Once"}], Via.COLLECTIONS))

    assert [row.outcome for row in rows] == [Outcome.UNKNOWN]
    assert len(org.store.find("Account", Name="Once")) == 1


def test_a_job_that_never_ends_is_given_up() -> None:
    clock = iter(range(0, 100_000, 1000))
    waits: list[float] = []

    with pytest.raises(ConnectionFailed, match="after an hour"):
        wait_for(lambda: {"id": "750x", "state": "InProgress"}, waits.append, clock=lambda: float(next(clock)))

    assert waits[:3] == pytest.approx([0.05, 0.075, 0.1125])


@pytest.mark.parametrize(
    ("code", "message", "status", "verdict"),
    [
        ("UNABLE_TO_LOCK_ROW", "x", 200, Verdict.NOT_EXECUTED),
        ("UNKNOWN_EXCEPTION", "group membership operation already in progress", 200, Verdict.NOT_EXECUTED),
        ("UNKNOWN_EXCEPTION", "portal account owner must have a role", 200, Verdict.REFUSED),
        (
            "REQUEST_LIMIT_EXCEEDED",
            "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
            403,
            Verdict.NOT_EXECUTED,
        ),
        ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 403, Verdict.REFUSED),
        ("SERVER_UNAVAILABLE", "", 503, Verdict.UNKNOWN),
        (None, None, 502, Verdict.UNKNOWN),
        ("DUPLICATE_VALUE", "x", 400, Verdict.REFUSED),
    ],
)
def test_errors_are_judged_by_one_table(code: str | None, message: str | None, status: int, verdict: Verdict) -> None:
    assert judge(code, message, status) is verdict


def test_patience_ends_with_its_time() -> None:
    assert len(list(Patience(budget_seconds=0.0).waits())) == 1


@pytest.mark.parametrize("text", ["O'Neil", "a\\b", "line\nbreak", "tab\t", "'; DELETE", 'quote " here', "Zoë \b\f\r"])
def test_quoted_text_comes_back_as_it_was(wire: Wire, text: str) -> None:
    list(wire.writer.create("Account", [{"Name": f"x{text}x"}], Via.COLLECTIONS))

    rows = list(wire.reader.query_by(ACCOUNTS, "Name", [f"x{text}x"]))

    assert [row["Name"] for row in rows] == [f"x{text}x"]


def test_a_name_that_is_none_never_reaches_a_query() -> None:
    with pytest.raises(ValueError, match="is no field name"):
        Select("User", ("Id FROM User--",)).text()


@pytest.mark.parametrize(
    "url",
    ["http://example.com", "ftp://x.example", "https://user:pw@x.example", "https://x.example/path", "https://", "x"],
)
def test_an_address_that_would_leak_the_token_is_refused(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        checked_url(url)

    assert "pw" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["https://acme.my.salesforce.com", "https://acme.my.salesforce.com/", "http://127.0.0.1:8080"]
)
def test_addresses_of_orgs_are_taken(url: str) -> None:
    assert checked_url(url) == url.rstrip("/")


def test_a_token_is_in_no_text_of_ours(tmp_path: Path) -> None:
    wire = faulty(tmp_path, "session-expired:99")
    token = str(wire.session.http.headers["Authorization"]).split()[1]

    with pytest.raises(LoginFailed) as caught:
        wire.reader.describe("User")

    assert token not in repr(wire.session) + repr(wire.reader) + repr(wire.writer) + repr(caught.value)
    assert id_of(wire.org, "Account", Name="Acme")
