"""simple-salesforce's handlers of Bulk API 1.0 and 2.0, as they are published, over https."""

import csv
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.bulk2 import ColumnDelimiter, LineEnding
from simple_salesforce.exceptions import SalesforceError, SalesforceOperationError

from tests.clients.asked import VERSION, Asked


@pytest.fixture(name="client")
def _client(secure: Asked) -> Iterator[Any]:
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(secure.ca_file)
        yield Salesforce(instance_url=secure.url, session_id=secure.org.token, version=VERSION, session=session)


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text, newline="")))


def named(org: Asked, pattern: str, field: str = "Phone") -> dict[str, Any]:
    """Name -> that field, of the accounts with such names."""
    rows = org.rows(f"SELECT Name, {field} FROM Account WHERE Name LIKE '{pattern}' ORDER BY Name")
    return {row["Name"]: row[field] for row in rows}


def test_bulk2_inserts_in_several_jobs_at_once(secure: Asked, client: Any) -> None:
    records = [{"Name": f"Two I{number}", "Phone": str(number)} for number in range(5)]

    done = client.bulk2.Account.insert(records=records, batch_size=2, concurrency=2, wait=0)

    assert sorted(job["numberRecordsProcessed"] for job in done) == [1, 2, 2]
    assert [job["numberRecordsFailed"] for job in done] == [0, 0, 0]
    assert named(secure, "Two I%") == {record["Name"]: record["Phone"] for record in records}


def test_bulk2_updates_from_a_file_in_another_dialect(secure: Asked, client: Any, tmp_path: Path) -> None:
    ids = secure.make("Account", [{"Name": "Two U1", "Phone": "1"}, {"Name": "Two U2", "Phone": "1"}])
    file = tmp_path / "update.csv"
    file.write_text(f"Id|Phone\r\n{ids[0]}|#N/A\r\n{ids[1]}|2\r\n", newline="")

    [done] = client.bulk2.Account.update(
        str(file), column_delimiter=ColumnDelimiter.PIPE, line_ending=LineEnding.CRLF, wait=0
    )

    assert (done["numberRecordsProcessed"], done["numberRecordsFailed"], done["numberRecordsTotal"]) == (2, 0, 2)
    assert named(secure, "Two U_") == {"Two U1": None, "Two U2": "2"}


def test_bulk2_upserts_and_tells_of_each_row(secure: Asked, client: Any, tmp_path: Path) -> None:
    client.Account.upsert("ERP_Key__c/B2-1", {"Name": "Two P1"})
    records = [
        {"ERP_Key__c": "B2-1", "Name": "Two P1 again"},
        {"ERP_Key__c": "B2-2", "Name": "Two P2"},
        {"ERP_Key__c": "B2-3", "Name": "x" * 256},
    ]
    handler = client.bulk2.Account

    [done] = handler.upsert(records=records, external_id_field="ERP_Key__c", wait=0)

    job = done["job_id"]
    saved = {row["ERP_Key__c"]: row["sf__Created"] for row in table(handler.get_successful_records(job))}
    [failed] = table(handler.get_failed_records(job))
    handler.get_failed_records(job, file=str(tmp_path / "failed.csv"))
    every = handler.get_all_ingest_records(job)
    assert (done["numberRecordsProcessed"], done["numberRecordsFailed"]) == (3, 1)
    assert saved == {"B2-1": "false", "B2-2": "true"}
    assert failed["sf__Error"].startswith("STRING_TOO_LONG:")
    assert table(handler.get_unprocessed_records(job)) == []
    assert table((tmp_path / "failed.csv").read_text()) == [failed]
    assert [len(every[kind]) for kind in ("successfulRecords", "failedRecords", "unprocessedRecords")] == [2, 1, 0]
    assert named(secure, "Two P%", "ERP_Key__c") == {"Two P1 again": "B2-1", "Two P2": "B2-2"}


def test_bulk2_deletes(secure: Asked, client: Any) -> None:
    soft, hard = secure.make("Account", [{"Name": "Two D1"}, {"Name": "Two D2"}])

    [deleted] = client.bulk2.Account.delete(records=[{"Id": soft}], wait=0)
    [erased] = client.bulk2.Account.hard_delete(records=[{"Id": hard}], wait=0)

    binned = secure.get("queryAll", q="SELECT Name FROM Account WHERE Name LIKE 'Two D_'")["records"]
    assert (deleted["numberRecordsFailed"], erased["numberRecordsFailed"]) == (0, 0)
    assert named(secure, "Two D_") == {}
    assert "Two D1" in {row["Name"] for row in binned}


def test_bulk2_queries(secure: Asked, client: Any, tmp_path: Path) -> None:
    ids = secure.make("Account", [{"Name": f"Two Q{number}", "Site": 'a "b",\nc'} for number in range(5)])
    client.Account.delete(ids[0])
    soql = "SELECT Name, Site FROM Account WHERE Name LIKE 'Two Q_' ORDER BY Name"

    pages = list(client.bulk2.Account.query(soql, max_records=3, wait=0))
    every = list(client.bulk2.Account.query_all(soql, wait=0))
    files = client.bulk2.Account.download(soql, str(tmp_path), max_records=3, wait=0)

    found = [row for page in pages for row in table(page)]
    assert [len(table(page)) for page in pages] == [3, 1]
    assert found == [{"Name": f"Two Q{number}", "Site": 'a "b",\nc'} for number in range(1, 5)]
    assert [row["Name"] for row in table(every[0])] == [f"Two Q{number}" for number in range(5)]
    assert [page["number_of_records"] for page in files] == [3, 1]
    assert [row for page in files for row in table(Path(page["file"]).read_bytes().decode())] == found


def test_bulk2_tells_of_a_job_that_failed(secure: Asked, client: Any) -> None:
    with pytest.raises(SalesforceOperationError):
        client.bulk2.Account.insert(records=[{"Name": "Two F", "Nope__c": "1"}], wait=0)

    assert named(secure, "Two F") == {}


def test_bulk1_inserts_updates_and_upserts(secure: Asked, client: Any) -> None:
    inserted = client.bulk.Account.insert(
        [{"Name": f"One I{number}", "Phone": "1"} for number in range(3)], batch_size=2
    )
    ids = [row["id"] for row in inserted]
    updated = client.bulk.Account.update(
        [{"Id": ids[0], "Phone": None}, {"Id": ids[1], "Phone": "2"}], use_serial=True, include_detailed_results=True
    )
    upserted = client.bulk.Account.upsert(
        [{"ERP_Key__c": "B1-1", "Name": "One I3", "Phone": "3"}], "ERP_Key__c", batch_size=1
    )

    assert [(row["success"], row["created"], row["errors"]) for row in inserted] == [(True, True, [])] * 3
    assert {(row["success"], row["created"]) for row in updated} == {(True, False)}
    assert [(row["success"], row["created"]) for row in upserted] == [(True, True)]
    assert named(secure, "One I%") == {"One I0": None, "One I1": "2", "One I2": "1", "One I3": "3"}


def test_bulk1_tells_of_each_row(client: Any) -> None:
    good, bad = client.bulk.Contact.insert([{"LastName": "One row"}, {"FirstName": "No last name"}])

    assert good["success"]
    assert (bad["success"], bad["errors"][0]["statusCode"]) == (False, "REQUIRED_FIELD_MISSING")
    assert bad["errors"][0]["fields"] == ["LastName"]


def test_bulk1_deletes(secure: Asked, client: Any) -> None:
    soft, hard, third = secure.make("Account", [{"Name": "One D1"}, {"Name": "One D2"}, {"Name": "One D3"}])

    deleted = client.bulk.Account.delete([{"Id": soft}])
    erased = client.bulk.Account.hard_delete([{"Id": hard}])
    by_name = client.bulk.submit_dml("Account", "delete", [{"Id": third}])

    binned = secure.get("queryAll", q="SELECT Name FROM Account WHERE Name LIKE 'One D_' ORDER BY Name")["records"]
    assert [row["success"] for row in (*deleted, *erased, *by_name)] == [True] * 3
    assert named(secure, "One D_") == {}
    assert {"One D1", "One D3"} <= {row["Name"] for row in binned}


def test_bulk1_queries(secure: Asked, client: Any) -> None:
    ids = secure.make("Account", [{"Name": "One Q1"}, {"Name": "One Q2", "Site": None}])
    client.Account.delete(ids[0])
    soql = "SELECT Id, Name, Owner.Username FROM Account WHERE Name LIKE 'One Q_' ORDER BY Name"

    found = client.bulk.Account.query(soql)
    every = client.bulk.Account.query_all(soql)
    lazily = [row for page in client.bulk.Account.query(soql, lazy_operation=True) for row in page]

    assert [(row["Id"], row["Name"], row["Owner"]["Username"]) for row in found] == [
        (ids[1], "One Q2", "admin@acme.example")
    ]
    assert [row["Name"] for row in every] == ["One Q1", "One Q2"]
    assert lazily == found


def test_bulk1_refuses_what_it_does_not_know(client: Any) -> None:
    with pytest.raises(SalesforceError):
        client.bulk.Nothing__c.insert([{"Name": "x"}])
