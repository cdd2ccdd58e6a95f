"""Many clients at once, by real HTTP: what is promised to one of them holds whatever the others do."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
import requests

from reconciler.simulator.seed import demo_seed
from reconciler.simulator.server import running_server
from reconciler.simulator.wire import issue_token
from tests.rule_org import RuleOrg, rule_org
from tests.simulator.many import at_once
from tests.simulator.wired import Api, accounts, served_api

CLIENTS = 6


@contextmanager
def served(**seats: int) -> Iterator[tuple[RuleOrg, Api]]:
    """The org of the rules behind HTTP, with that many seats."""
    named = {name.replace("_", " "): number for name, number in seats.items()}
    with rule_org(named) as org, running_server(org.org) as server, requests.Session() as http:
        http.trust_env = False
        http.headers["Authorization"] = f"Bearer {issue_token(org.org, org.admin)}"
        yield org, Api(org.org, server.url, http)


def insert(sobject: str, rows: Sequence[Mapping[str, Any]]) -> Callable[[Api], list[int]]:
    """Insert rows one by one; the statuses."""
    return lambda api: [api.post(f"sobjects/{sobject}", row).status_code for row in rows]


def successes(answers: Sequence[Sequence[int]]) -> int:
    assert {status for one in answers for status in one} <= {201, 204, 400}
    return sum(status < 400 for one in answers for status in one)


def test_seats_are_never_oversold() -> None:
    with served(Customer_Community=7) as (org, api):
        rows = [
            [org.user_row(f"u{client}-{at}@acme.example", "Customer", ContactId=org.contact()) for at in range(3)]
            for client in range(CLIENTS)
        ]
        answers = at_once(api, [insert("User", some) for some in rows])
        active = api.count("SELECT COUNT() FROM User WHERE Profile.UserLicense.Name = 'Customer Community'")

    assert successes(answers) == active == 7


def test_seats_are_never_oversold_to_users_that_are_activated() -> None:
    with served(External_Identity=10) as (org, api):
        users = [org.user(f"u{at}@acme.example", IsActive=False) for at in range(14)]
        bodies = [
            {"records": [{"attributes": {"type": "User"}, "Id": user, "IsActive": True} for user in users[at::2]]}
            for at in range(2)
        ]
        answers = at_once(api, [partial(_patched, body=body) for body in bodies * 2])
        active = api.count(
            "SELECT COUNT() FROM User WHERE Profile.UserLicense.Name = 'External Identity' AND IsActive = true"
        )

    assert {row["success"] for rows in answers for row in rows} == {True, False}
    assert active == 10


def _patched(api: Api, body: Mapping[str, Any]) -> Any:
    return api.patch("composite/sobjects", body).json()


def test_a_username_is_given_once() -> None:
    with served() as (org, api):
        rows = [[org.user_row(name) for name in ("KIM@acme.example", "kim@acme.example")] for _ in range(CLIENTS)]
        answers = at_once(api, [insert("User", some) for some in rows])
        found = api.count("SELECT COUNT() FROM User WHERE Username = 'kim@acme.example'")

    assert successes(answers) == found == 1


def test_the_daily_limit_is_not_passed_by_many_at_once() -> None:
    seed = demo_seed()
    limited = {**seed, "settings": {**seed["settings"], "daily_api_requests": 30}}
    with served_api(seed=limited) as api:
        answers = at_once(api, [_asked_often] * CLIENTS)

    assert sum(status == 200 for one in answers for status in one) + CLIENTS == 30


def _asked_often(api: Api) -> list[int]:
    return [api.get("limits").status_code for _ in range(8)]


def test_a_contact_gets_one_user() -> None:
    with served() as (org, api):
        contact = org.contact()
        rows = [[org.user_row(f"u{at}@acme.example", "Identity", ContactId=contact)] for at in range(CLIENTS)]
        answers = at_once(api, [insert("User", some) for some in rows])
        found = api.count(f"SELECT COUNT() FROM User WHERE ContactId = '{contact}'")

    assert successes(answers) == found == 1


def test_no_update_of_another_field_is_lost() -> None:
    fields = ["Phone", "Fax", "Site", "Website", "BillingCity", "ShippingCity"]
    with served() as (org, api):
        answers = at_once(api, [partial(_set_often, record=org.acme, field=field) for field in fields])
        [found] = api.rows(f"SELECT {','.join(fields)} FROM Account WHERE Id = '{org.acme}'")

    assert successes(answers) == len(fields) * 10
    assert found == dict.fromkeys(fields, "9")


def _set_often(api: Api, record: str, field: str) -> list[int]:
    return [api.patch(f"sobjects/Account/{record}", {field: str(number)}).status_code for number in range(10)]


def test_counting_under_entity_tags_loses_nothing() -> None:
    with served() as (org, api):
        api.patch(f"sobjects/Account/{org.acme}", {"NumberOfEmployees": 0})
        at_once(api, [partial(_count_up, record=org.acme)] * 4)
        [found] = api.rows(f"SELECT NumberOfEmployees FROM Account WHERE Id = '{org.acme}'")

    assert found["NumberOfEmployees"] == 4 * 10


def _count_up(api: Api, record: str) -> None:
    """Count ten times, each time as often as it takes."""
    done = 0
    while done < 10:
        read = api.get(f"sobjects/Account/{record}")
        body = {"NumberOfEmployees": read.json()["NumberOfEmployees"] + 1}
        status = api.patch(f"sobjects/Account/{record}", body, headers={"If-Match": read.headers["ETag"]}).status_code
        assert status in {204, 412}
        done += status == 204


def test_records_that_are_upserted_at_once_are_made_once() -> None:
    fields = [{"name": "Key__c", "type": "text", "length": 20, "external_id": True, "unique": True}]
    with served_api(seed={**demo_seed(), "fields": {"Account": fields}}) as api:
        answers = at_once(api, [_upserted] * CLIENTS)
        found = api.count("SELECT COUNT() FROM Account WHERE Key__c != null")

    assert sorted(status for one in answers for status in one) == [200] * 5 * (CLIENTS - 1) + [201] * 5
    assert found == 5


def _upserted(api: Api) -> list[int]:
    return [
        api.patch(f"sobjects/Account/Key__c/k{number}", {"Name": f"Account {number}"}).status_code
        for number in range(5)
    ]


def _write_pairs(api: Api, way: str, ids: Sequence[str]) -> None:
    """Give all accounts the same phone, again and again, each time all or none."""
    for number in range(12):
        if way == "collections":
            rows = [{"attributes": {"type": "Account"}, "Id": given, "Phone": str(number)} for given in ids]
            answer = api.patch("composite/sobjects", {"allOrNone": True, "records": rows})
        elif way == "composite":
            requests_ = [
                {
                    "method": "PATCH",
                    "url": f"/services/data/v66.0/sobjects/Account/{given}",
                    "referenceId": f"r{at}",
                    "body": {"Phone": str(number)},
                }
                for at, given in enumerate(ids)
            ]
            answer = api.post("composite", {"allOrNone": True, "compositeRequest": requests_})
        else:
            job = api.post("jobs/ingest", {"operation": "update", "object": "Account"}).json()["id"]
            content = "Id,Phone\n" + "".join(f"{given},{number}\n" for given in ids)
            api.call("PUT", f"jobs/ingest/{job}/batches", data=content.encode())
            answer = api.patch(f"jobs/ingest/{job}", {"state": "UploadComplete"})
        assert answer.status_code == 200


def _read_pairs(api: Api, way: str, ids: Sequence[str]) -> None:
    """Read all accounts again and again: they never differ."""
    listed = ",".join(f"'{given}'" for given in ids)
    for _ in range(40):
        phones = {row["Phone"] for row in api.rows(f"SELECT Phone FROM Account WHERE Id IN ({listed})")}
        assert len(phones) == 1, f"{way}: {phones}"


@pytest.mark.parametrize("way", ["collections", "composite", "bulk"])
def test_a_reader_never_sees_half_of_a_write(way: str) -> None:
    with served_api() as api:
        made = api.post("composite/sobjects", {"records": accounts([f"Pair {at}" for at in range(20)])}).json()
        ids = [row["id"] for row in made]
        work = [partial(_write_pairs, way=way, ids=ids), *[partial(_read_pairs, way=way, ids=ids)] * 3]

        at_once(api, work)

        [[number]] = {tuple(row.values()) for row in api.rows("SELECT Phone FROM Account WHERE Name LIKE 'Pair%'")}
    assert number == "11"


def _insert_many(api: Api) -> int:
    """Insert accounts in collections; how many."""
    bodies = [{"records": accounts([f"New {at}" for at in range(50)])} for _ in range(6)]
    return sum(row["success"] for body in bodies for row in api.post("composite/sobjects", body).json())


def _page_through(api: Api) -> int:
    """Read all accounts by pages of 200; how many there were when the query began."""
    page = api.get(
        "query", params={"q": "SELECT Id FROM Account"}, headers={"Sforce-Query-Options": "batchSize=200"}
    ).json()
    told, seen = page["totalSize"], [row["Id"] for row in page["records"]]
    while not page["done"]:
        page = api.get(page["nextRecordsUrl"]).json()
        seen += [row["Id"] for row in page["records"]]
    assert len(seen) == len(set(seen)) == told
    return int(told)


def _export(api: Api) -> int:
    """Read all accounts by a query job; how many there were."""
    job = api.post("jobs/query", {"operation": "query", "query": "SELECT Id FROM Account"}).json()["id"]
    lines = api.get(f"jobs/query/{job}/results").text.splitlines()[1:]
    assert len(lines) == len(set(lines))
    return len(lines)


def test_pages_and_exports_during_writes_are_whole() -> None:
    with served_api() as api:
        before = api.count("SELECT COUNT() FROM Account")
        inserted, paged, exported, more = at_once(api, [_insert_many, _page_through, _export, _insert_many])
        after = api.count("SELECT COUNT() FROM Account")

    assert inserted == more == 300
    assert after == before + 600
    assert before <= min(paged, exported) <= max(paged, exported) <= after


def test_a_job_is_processed_once_by_however_many_it_is_closed() -> None:
    with served_api() as api:
        job = api.post("jobs/ingest", {"operation": "insert", "object": "Account"}).json()["id"]
        api.call("PUT", f"jobs/ingest/{job}/batches", data=b"Name\nOnly Once\n")

        answers = at_once(api, [partial(_closed, job=job)] * CLIENTS)

        assert sorted(answers) == [200] + [400] * (CLIENTS - 1)
        assert api.count("SELECT COUNT() FROM Account WHERE Name = 'Only Once'") == 1


def _closed(api: Api, job: str) -> int:
    return api.patch(f"jobs/ingest/{job}", {"state": "UploadComplete"}).status_code
