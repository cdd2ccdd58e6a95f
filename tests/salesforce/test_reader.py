"""Reading: every row, in the same shape by whatever way, or an error."""

import json
from decimal import Decimal
from typing import Any
from urllib.parse import unquote_plus

import pytest

from reconciler.errors import ConnectionFailed, IncompleteRead, LoginFailed, RequestRefused
from reconciler.salesforce import Reader, Reads
from reconciler.salesforce.reader import Row, Select
from tests.salesforce.scripted_org import LOST, NO_CONNECTION, Answer, Clock, ScriptedOrg, reader_of, refusal, scripted

USERS = Select("User", ("Id", "Username", "Profile.UserLicense.Name"))
NAMES = Select("User", ("Id", "Username"))
MANY = [f"user{number:05}@a-rather-long-company-name.example" for number in range(2_000)]


def page(*records: object, total: int | None = None, following: str | None = None) -> Answer:
    body: dict[str, object] = {"totalSize": len(records) if total is None else total, "records": records}
    if following:
        body["nextRecordsUrl"] = f"/services/data/v66.0/query/{following}"
    return Answer(body={**body, "done": following is None})


def user(id_: str, **fields: object) -> dict[str, object]:
    return {"attributes": {"type": "User", "url": "/x"}, "Id": id_, "Username": f"{id_}@x", **fields}


def job(state: str, **fields: object) -> Answer:
    return Answer(body={"id": "750000000000001AAA", "state": state, **fields})


def results(text: str, locator: str = "null") -> Answer:
    return Answer(body=text.encode(), headers={"Sforce-Locator": locator, "Content-Type": "text/csv"})


def test_a_query_gives_rows_by_column_and_a_missing_parent_empties_its_columns() -> None:
    org = scripted(page(user("1", Profile={"UserLicense": {"Name": "External Identity"}}), user("2", Profile=None)))

    rows = list(reader_of(org).query(USERS, "WHERE IsActive = true"))

    assert rows == [
        {"Id": "1", "Username": "1@x", "Profile.UserLicense.Name": "External Identity"},
        {"Id": "2", "Username": "2@x", "Profile.UserLicense.Name": None},
    ]
    assert org.asked[0].query == {"q": "SELECT Id,Username,Profile.UserLicense.Name FROM User WHERE IsActive = true"}


def test_numbers_are_exact_and_booleans_are_booleans() -> None:
    org = scripted(Answer(body=b'{"totalSize":1,"done":true,"records":[{"A__c":0.10,"B__c":3,"IsActive":false}]}'))

    (row,) = reader_of(org).query(Select("User", ("A__c", "B__c", "IsActive")))

    assert row == {"A__c": Decimal("0.10"), "B__c": Decimal(3), "IsActive": False}
    assert row["IsActive"] is False


def test_a_field_is_found_however_its_name_is_spelt() -> None:
    org = scripted(page(user("1", TimeZoneSidKey="Europe/Paris")))

    assert list(reader_of(org).query(Select("User", ("timezonesidkey",)))) == [{"timezonesidkey": "Europe/Paris"}]


def test_all_pages_are_followed() -> None:
    org = scripted(
        page(user("1"), total=3, following="01g-1"),
        page(user("2"), total=3, following="01g-2"),
        page(user("3"), total=3),
    )

    assert [row["Id"] for row in reader_of(org).query(NAMES)] == ["1", "2", "3"]
    assert org.lines() == ["GET query", "GET query/01g-1", "GET query/01g-2"]


@pytest.mark.parametrize(
    "answers",
    [
        [page(user("1"), total=2)],
        [page(user("1"), user("2"), total=1)],
        [page(user("1"), total=3, following="01g-1"), page(user("2"), total=3)],
        [Answer(body={})],
        [Answer(body=[])],
        [Answer(body={"totalSize": 0, "done": False, "records": []})],
    ],
)
def test_a_read_that_is_not_proved_complete_is_an_error(answers: list[Answer]) -> None:
    with pytest.raises(IncompleteRead):
        list(reader_of(scripted(*answers)).query(NAMES))


def test_a_locator_that_is_no_locator_leads_nowhere() -> None:
    org = scripted(page(user("1"), total=2, following="..?x=1"))

    with pytest.raises(ConnectionFailed, match="nothing was sent"):
        list(reader_of(org).query(NAMES))

    assert len(org.asked) == 1


@pytest.mark.parametrize(
    "hiccup",
    [
        LOST,
        Answer(503, b"<html>busy</html>"),
        Answer(502, b""),
        refusal(500, "UNKNOWN_EXCEPTION"),
        refusal(400, "UNABLE_TO_LOCK_ROW"),
        refusal(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded."),
    ],
)
def test_a_read_is_repeated_after_what_passes(hiccup: Answer) -> None:
    clock = Clock()
    org = scripted(hiccup, hiccup, page(user("1")))

    assert len(list(reader_of(org, clock).query(NAMES))) == 1
    assert len(org.asked) == 3
    assert len(clock.waited) == 2


@pytest.mark.parametrize("hiccup", [LOST, Answer(503, b"")])
def test_a_read_is_not_repeated_for_ever(hiccup: Answer) -> None:
    org = scripted(hiccup)

    with pytest.raises(ConnectionFailed):
        list(reader_of(org).query(NAMES))

    assert len(org.asked) == 8


def test_an_org_that_was_never_reached_is_reported_at_once() -> None:
    org = scripted(NO_CONNECTION)

    with pytest.raises(ConnectionFailed, match="no connection within 10 seconds"):
        list(reader_of(org).query(NAMES))

    assert len(org.asked) == 1


def test_a_connection_that_is_lost_on_the_way_is_tried_again() -> None:
    org = scripted(page(user("1"), total=2, following="01g-1"), NO_CONNECTION, page(user("2"), total=2))

    assert len(list(reader_of(org).query(NAMES))) == 2


def test_a_final_refusal_is_not_repeated() -> None:
    org = scripted(refusal(400, "INVALID_FIELD", "No such column 'Foo' on entity 'User'"))

    with pytest.raises(RequestRefused, match="INVALID_FIELD: No such column 'Foo'"):
        list(reader_of(org).query(Select("User", ("Foo",))))

    assert len(org.asked) == 1


def test_the_daily_limit_and_a_dead_login_are_not_repeated() -> None:
    limit = scripted(refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."))
    login = scripted(refusal(401, "INVALID_SESSION_ID"))

    with pytest.raises(RequestRefused, match="TotalRequests"):
        list(reader_of(limit).query(NAMES))
    with pytest.raises(LoginFailed):
        list(reader_of(login).query(NAMES))

    assert (len(limit.asked), len(login.asked)) == (1, 1)


def test_no_values_cost_no_request() -> None:
    org = scripted(page())

    assert list(reader_of(org).query_by(NAMES, "Username", [])) == []
    assert org.asked == []


def test_a_value_can_not_leave_its_literal() -> None:
    org = scripted(page())

    list(reader_of(org).query_by(NAMES, "Username", ["x') OR (Id != '"]))

    assert org.asked[0].query["q"] == r"SELECT Id,Username FROM User WHERE Username IN ('x\') OR (Id != \'')"


def test_a_short_list_goes_in_a_few_requests_below_the_uri_limit() -> None:
    org = scripted(page())

    list(reader_of(org).query_by(NAMES, "Username", MANY[:600]))

    assert set(org.lines()) == {"GET query"}
    assert 2 <= len(org.asked) <= 3
    assert sum(asked.query["q"].count("'") for asked in org.asked) == 2 * 600


def test_a_record_that_answers_to_two_spellings_comes_once() -> None:
    org = scripted(page(user("1")))

    rows = list(reader_of(org).query_by(NAMES, "Email", [*MANY[:300], *(name.upper() for name in MANY[:300])]))

    assert len(org.asked) > 1
    assert rows == [{"Id": "1", "Username": "1@x"}]


def test_rows_without_an_id_are_never_taken_for_one_another() -> None:
    org = scripted(page({"Username": "a"}, {"Username": "a"}))

    assert len(list(reader_of(org).query_by(Select("User", ("Username",)), "Email", ["a"]))) == 2


def composite(*pages: Answer, status: int = 200) -> Answer:
    return Answer(
        body={
            "compositeResponse": [
                {"referenceId": f"query{number}", "httpStatusCode": status, "httpHeaders": {}, "body": answer.body}
                for number, answer in enumerate(pages)
            ]
        }
    )


def test_a_long_list_goes_by_one_request_that_holds_several_queries() -> None:
    answered = composite(page(user("1"), total=2, following="01g-1"), page(user("3")))
    in_another_order: Any = answered.body
    in_another_order["compositeResponse"].reverse()
    org = scripted(answered, page(user("2"), total=2))

    rows = list(reader_of(org).query_by(NAMES, "Username", [*MANY, "one more"]))

    assert [row["Id"] for row in rows] == ["1", "2", "3"]
    assert org.lines() == ["POST composite", "GET query/01g-1"]


def test_a_query_of_a_long_list_keeps_below_its_limit_and_to_one_page() -> None:
    org = scripted(composite(*[page()] * 5), composite(*[page()] * 1))
    values = [*MANY, *(f"x{name}" for name in MANY), *(f"{number}" for number in range(7_000))]

    list(reader_of(org).query_by(NAMES, "Username", values))

    asked = [json.loads(request.body)["compositeRequest"] for request in org.asked]
    queries = [unquote_plus(part["url"].partition("?q=")[2]) for parts in asked for part in parts]
    assert [len(parts) for parts in asked] == [5, len(queries) - 5]
    assert all(len(query) < 100_000 and query.count(",") <= 2_000 for query in queries)
    assert sum(query.count("'") for query in queries) == 2 * len(values)


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ([composite(refusal(400, "INVALID_FIELD", "no such column"), status=400)], "INVALID_FIELD"),
        ([composite(Answer(body="odd"), status=404)], "HTTP_404"),
    ],
)
def test_a_query_that_is_refused_for_good_inside_a_request_is_refused(answers: list[Answer], code: str) -> None:
    org = scripted(*answers)

    with pytest.raises(RequestRefused) as refused:
        list(reader_of(org).query_by(NAMES, "Username", MANY[:1_000]))

    assert refused.value.code == code
    assert len(org.asked) == 1


def test_a_query_that_a_busy_org_refuses_inside_a_request_is_asked_again() -> None:
    busy = composite(refusal(500, "QUERY_TIMEOUT", "too slow"), status=500)
    org = scripted(busy, composite(page(user("1"))))

    assert len(list(reader_of(org).query_by(NAMES, "Username", MANY[:1_000]))) == 1

    with pytest.raises(ConnectionFailed, match="busy"):
        list(reader_of(scripted(*[busy] * 20)).query_by(NAMES, "Username", MANY[:1_000]))


@pytest.mark.parametrize("body", [{}, {"compositeResponse": []}, []])
def test_an_answer_that_leaves_a_query_out_is_no_complete_read(body: object) -> None:
    with pytest.raises(IncompleteRead):
        list(reader_of(scripted(Answer(body=body))).query_by(NAMES, "Username", MANY[:1_000]))


def test_a_count_is_one_request() -> None:
    org = scripted(Answer(body={"totalSize": 7, "done": True, "records": []}))

    assert reader_of(org).count("User", "WHERE IsActive = true") == 7
    assert org.asked[0].query["q"] == "SELECT COUNT() FROM User WHERE IsActive = true"


@pytest.mark.parametrize(
    ("reads", "rows", "is_worth_it"),
    [
        (Reads.AUTO, 10_000, False),
        (Reads.AUTO, 10_001, True),
        (Reads.BULK, 2_001, True),
        (Reads.BULK, 2_000, False),
        (Reads.REST, 1_000_000, False),
    ],
)
def test_a_job_is_used_where_it_saves_requests_and_is_allowed(reads: Reads, rows: int, *, is_worth_it: bool) -> None:
    reader = reader_of(scripted())
    reader.reads = reads

    assert reader.is_job_worth_it(rows) is is_worth_it


def job_rows(org: ScriptedOrg, select: Select) -> list[Row]:
    return list(map(select.row, reader_of(org).job(select, "WHERE IsActive = true").cells()))


def test_a_job_gives_all_rows_of_all_pages() -> None:
    org = scripted(
        job("UploadComplete"),
        job("InProgress"),
        job("JobComplete", numberRecordsProcessed=3),
        results('"Id","Username"\n"1","a, ""b""\nc"\n', "MTA"),
        results('"Username","Id"\n"","2"\n"Zoë","3"\n'),
    )

    rows = job_rows(org, NAMES)

    assert rows == [
        {"Id": "1", "Username": 'a, "b"\nc'},
        {"Id": "2", "Username": None},
        {"Id": "3", "Username": "Zoë"},
    ]
    path = "jobs/query/750000000000001AAA"
    assert org.lines() == [
        "POST jobs/query",
        f"GET {path}",
        f"GET {path}",
        f"GET {path}/results",
        f"GET {path}/results",
    ]
    assert org.asked[-1].query["locator"] == "MTA"


DESCRIBED = {
    "fields": [
        {"name": "LastLoginDate", "type": "datetime", "relationshipName": None, "referenceTo": []},
        {"name": "Score__c", "type": "double", "relationshipName": None, "referenceTo": []},
        {"name": "Flag__c", "type": "boolean", "relationshipName": None, "referenceTo": []},
        {"name": "Note__c", "type": "textarea", "relationshipName": None, "referenceTo": []},
        {"name": "OwnerId", "type": "reference", "relationshipName": "Owner", "referenceTo": ["Group", "User"]},
    ]
}


def test_a_job_gives_values_the_types_that_a_query_gives_them() -> None:
    columns = ("Id", "IsActive", "score__c", "Flag__c", "Note__c", "LastLoginDate")
    org = scripted(
        Answer(body=DESCRIBED),
        job("UploadComplete"),
        job("JobComplete", numberRecordsProcessed=2),
        results(
            "Id,IsActive,Score__c,Flag__c,Note__c,LastLoginDate\n"
            "1,true,1.50,false,1.50,2026-01-01T00:00:00.000Z\n2,false,,,,\n"
        ),
    )

    rows = job_rows(org, Select("User", columns))

    values = (True, Decimal("1.50"), False, "1.50", "2026-01-01T00:00:00.000+0000")
    assert rows == [
        dict(zip(columns, ("1", *values), strict=True)),
        dict(zip(columns, ("2", False, None, None, None, None), strict=True)),
    ]
    assert org.lines().count("GET sobjects/User/describe") == 1


def test_the_type_of_a_parents_field_is_its_own_objects() -> None:
    group: object = {
        "fields": [{"name": "DeveloperName", "type": "string", "relationshipName": None, "referenceTo": []}]
    }
    org = scripted(
        Answer(body=DESCRIBED),
        Answer(body=group),
        Answer(body=DESCRIBED),
        job("UploadComplete"),
        job("JobComplete", numberRecordsProcessed=1),
        results("Owner.Flag__c\ntrue\n"),
    )

    rows = job_rows(org, Select("Account", ("Owner.Flag__c",)))

    assert rows == [{"Owner.Flag__c": True}]
    assert [line for line in org.lines() if "describe" in line] == [
        f"GET sobjects/{name}/describe" for name in ("Account", "Group", "User")
    ]


@pytest.mark.parametrize("column", ["Nope__c", "Nope__r.Name__c", "Owner.Nope__c"])
def test_a_field_that_the_org_lacks_is_refused_alike_by_either_way(column: str) -> None:
    org = scripted(Answer(body=DESCRIBED))

    with pytest.raises(RequestRefused) as refused:
        job_rows(org, Select("User", (column,)))

    assert refused.value.code == "INVALID_FIELD"
    assert column in str(refused.value)


@pytest.mark.parametrize(
    "answers",
    [
        [job("JobComplete", numberRecordsProcessed=2), results("Id,Username\n1,a\n")],
        [job("JobComplete", numberRecordsProcessed=1), results("Id,Email\n1,a\n")],
        [job("JobComplete", numberRecordsProcessed=1), results("")],
        [job("JobComplete", numberRecordsProcessed=1), results("Id,Username\n1\n")],
    ],
)
def test_a_job_whose_rows_are_not_proved_complete_is_an_error(answers: list[Answer]) -> None:
    with pytest.raises(IncompleteRead):
        job_rows(scripted(job("UploadComplete"), *answers), NAMES)


@pytest.mark.parametrize(
    ("failed", "told"),
    [(job("Failed", errorMessage="InvalidBatch"), "InvalidBatch"), (job("Aborted"), "Aborted")],
)
def test_a_query_job_that_fails_says_why(failed: Answer, told: str) -> None:
    with pytest.raises(RequestRefused, match=told):
        job_rows(scripted(job("UploadComplete"), failed), NAMES)


@pytest.mark.parametrize("body", [{}, [], {"id": "750"}, {"state": "Open"}])
def test_an_answer_that_shows_no_job_is_no_answer(body: object) -> None:
    with pytest.raises(ConnectionFailed, match="no job"):
        job_rows(scripted(Answer(body=body)), NAMES)


def test_an_object_is_described_once() -> None:
    org = scripted(Answer(body=DESCRIBED))
    reader = reader_of(org)

    assert reader.describe("User") == reader.describe("User")
    assert len(org.asked) == 1


def test_a_reader_has_no_way_to_write() -> None:
    public = {name for name in vars(Reader) if not name.startswith("_")}

    assert public == {
        "requests",
        "reads",
        "query",
        "query_by",
        "cells_by",
        "count",
        "is_job_worth_it",
        "job",
        "describe",
    }
