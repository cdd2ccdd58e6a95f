"""The same reader and writer against a simulated org, in this process and over real loopback HTTP."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeAlias

import pytest
import requests

from reconciler.model import Outcome, Via
from reconciler.salesforce import Reader, Writer, open_session
from reconciler.salesforce.outcome import Record
from reconciler.salesforce.reader import Row, Select
from reconciler.salesforce.retry import Patience
from reconciler.salesforce.wsgi import WsgiAdapter
from reconciler.simulator import open_org
from reconciler.simulator.faults import Faults
from reconciler.simulator.server import running_server
from reconciler.simulator.wire import Application, Options, issue_token

Opened: TypeAlias = tuple[Reader, Writer]
Open: TypeAlias = Callable[[str], Opened]
NAMES = [f"lena{number}" for number in range(450)]
EVERY_COLUMN = Select(
    "User",
    ("Id", "Username", "FirstName", "Email", "IsActive", "ContactId", "Profile.UserLicense.Name", "Contact.Email"),
)
CONTACTS = Select("Contact", ("Id", "LastName", "Email"))


@contextmanager
def _over_http(path: Path, faults: str) -> Iterator[Opened]:
    org = open_org(path)
    with running_server(org, Options(faults=Faults(faults))) as server, requests.Session() as http:
        session = open_session(server.url, issue_token(org), http)
        yield Reader(session, Patience(first_wait=0.001)), Writer(session, Patience(first_wait=0.001))
    org.close()


@contextmanager
def _in_process(path: Path, faults: str) -> Iterator[Opened]:
    org = open_org(path)
    with requests.Session() as http:
        http.mount("https://simulated.example", WsgiAdapter(Application(org, Options(faults=Faults(faults)))))
        session = open_session("https://simulated.example", issue_token(org), http)
        yield Reader(session, Patience(first_wait=0.001)), Writer(session, Patience(first_wait=0.001))
    org.close()


@pytest.fixture(params=[_in_process, _over_http])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens the demo org with faults."""
    with ExitStack() as stack:
        yield lambda faults: stack.enter_context(request.param(tmp_path / "org.db", faults))


def account(reader: Reader) -> str:
    (row,) = reader.query_by(Select("Account", ("Id",)), "Name", ["Acme"])
    return str(row["Id"])


def lenas(account_id: str, count: int = len(NAMES)) -> list[Record]:
    return [{"AccountId": account_id, "LastName": name, "Email": f"{name}@x.example"} for name in NAMES[:count]]


def by_id(row: Row) -> str:
    return str(row["Id"])


def made(reader: Reader) -> list[Row]:
    return [row for row in reader.query(CONTACTS) if str(row["LastName"]).startswith("lena")]


@pytest.mark.parametrize("via", Via)
def test_what_is_reported_done_is_in_the_org_once(opened: Open, via: Via) -> None:
    reader, writer = opened("")

    outcomes = list(writer.create("Contact", lenas(account(reader)), via))

    assert {outcome.outcome for outcome in outcomes} == {Outcome.DONE}
    names = {row["Id"]: row["LastName"] for row in made(reader)}
    assert [names[outcome.id] for outcome in outcomes] == NAMES
    assert len(names) == len(NAMES)


@pytest.mark.parametrize("via", Via)
def test_a_record_that_breaks_a_rule_fails_alone(opened: Open, via: Via) -> None:
    reader, writer = opened("")
    records = [*lenas(account(reader), 2), {"AccountId": account(reader), "LastName": "x" * 81, "Email": "x@x.example"}]

    outcomes = list(writer.create("Contact", records, via))

    assert [outcome.outcome for outcome in outcomes] == [Outcome.DONE, Outcome.DONE, Outcome.FAILED]
    assert outcomes[2].code == "STRING_TOO_LONG"
    assert "80" in str(outcomes[2].message)


@pytest.mark.parametrize("via", Via)
def test_null_empties_a_field_and_what_is_not_named_stays(opened: Open, via: Via) -> None:
    reader, writer = opened("")
    (outcome,) = writer.create("Contact", lenas(account(reader), 1), via)

    (updated,) = writer.update("Contact", [{"Id": str(outcome.id), "Email": None}], via)

    assert updated.outcome is Outcome.DONE
    assert made(reader) == [{"Id": outcome.id, "LastName": "lena0", "Email": None}]


@pytest.mark.parametrize("via", Via)
@pytest.mark.parametrize(
    "faults",
    [
        "concurrent-limit:2@POST composite/sobjects,concurrent-limit:1@POST jobs,concurrent-limit:1@PUT jobs",
        "row-lock:2@POST composite/sobjects,row-lock:1@PATCH jobs/ingest",
        "unavailable:1@PUT jobs,unavailable:1@GET jobs/ingest",
        "lost-response:1@POST jobs/ingest,lost-response:1@PUT jobs,lost-response:1@PATCH jobs,lost-response:2@GET jobs",
        "unavailable:1@PATCH jobs",
    ],
)
def test_faults_that_pass_leave_each_record_once_in_the_org(opened: Open, via: Via, faults: str) -> None:
    reader, writer = opened(faults)

    outcomes = list(writer.create("Contact", lenas(account(reader), 30), via))

    assert {outcome.outcome for outcome in outcomes} == {Outcome.DONE}
    assert Counter(row["LastName"] for row in made(reader)) == Counter(NAMES[:30])
    assert {outcome.id for outcome in outcomes} == {row["Id"] for row in made(reader)}


def test_a_create_whose_answer_is_lost_is_unknown_and_in_the_org_once(opened: Open) -> None:
    reader, writer = opened("lost-response:1@POST composite/sobjects")

    outcomes = list(writer.create("Contact", lenas(account(reader), 250), Via.COLLECTIONS))

    assert [outcome.outcome for outcome in outcomes] == [Outcome.UNKNOWN] * 200 + [Outcome.DONE] * 50
    assert Counter(row["LastName"] for row in made(reader)) == Counter(NAMES[:250])


def test_an_update_whose_answer_is_lost_is_repeated_and_done(opened: Open) -> None:
    reader, writer = opened("lost-response:2@PATCH composite/sobjects")
    created = list(writer.create("Contact", lenas(account(reader), 3), Via.COLLECTIONS))

    outcomes = list(
        writer.update("Contact", [{"Id": str(row.id), "Email": "same@x.example"} for row in created], Via.COLLECTIONS)
    )

    assert {outcome.outcome for outcome in outcomes} == {Outcome.DONE}
    assert {row["Email"] for row in made(reader)} == {"same@x.example"}


def test_every_way_reads_the_same_rows(opened: Open) -> None:
    reader, writer = opened("unavailable:1@POST jobs/query,lost-response:1@GET jobs/query")
    (created,) = writer.create("Contact", lenas(account(reader), 1), Via.COLLECTIONS)
    assert created.outcome is Outcome.DONE
    usernames = [str(row["Username"]) for row in reader.query(Select("User", ("Username",)))]
    filler = [f"nobody{number:06}@a-rather-long-company-name.example" for number in range(2_500)]

    by_query = list(reader.query_by(EVERY_COLUMN, "Username", usernames))
    before = reader.requests
    by_composite = list(reader.query_by(EVERY_COLUMN, "Username", usernames + filler))
    assert reader.requests - before == 1
    by_job = list(map(EVERY_COLUMN.row, reader.job(EVERY_COLUMN, "WHERE Username != null").cells()))

    assert len(by_query) == len(usernames)
    assert sorted(by_job, key=by_id) == sorted(by_query, key=by_id)
    assert sorted(by_composite, key=by_id) == sorted(by_query, key=by_id)


def test_pages_and_many_lists_together_give_each_record_once(opened: Open) -> None:
    reader, writer = opened("unavailable:1@GET query,lost-response:1@GET query")
    records = [
        {"AccountId": account(reader), "LastName": f"lena{n}", "Email": f"lena{n}@x.example"} for n in range(2_100)
    ]
    list(writer.create("Contact", records, Via.BULK))

    everything = made(reader)
    some = list(reader.query_by(CONTACTS, "Email", [f"LENA{n}@x.example" for n in range(700)]))

    assert len(everything) == 2_100
    assert len({row["Id"] for row in everything}) == 2_100
    assert {row["LastName"] for row in some} == {f"lena{n}" for n in range(700)}
    assert len(some) == 700


def test_a_dead_login_ends_the_run(opened: Open) -> None:
    reader, writer = opened("session-expired:1@POST composite/sobjects")

    outcomes = list(writer.create("Contact", lenas(account(reader), 401), Via.COLLECTIONS))

    assert Counter(outcome.outcome for outcome in outcomes) == {Outcome.FAILED: 200, Outcome.NOT_SENT: 201}
    assert made(reader) == []


def test_the_reader_notices_that_the_org_is_simulated(opened: Open) -> None:
    reader, _ = opened("")
    account(reader)

    assert reader.session.is_simulated


def test_describe_tells_an_objects_fields(opened: Open) -> None:
    reader, _ = opened("")

    assert "ContactId" in {field["name"] for field in reader.describe("User")["fields"]}
