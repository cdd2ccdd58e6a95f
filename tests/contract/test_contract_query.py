"""Queries: pages, what SOQL means, and what it answers."""

from collections.abc import Sequence
from urllib.parse import urlsplit

import pytest

from tests.contract.sources import (
    DOCUMENTED,
    INFERRED,
    QUERY,
    QUERY_ALL,
    QUERY_MORE,
    QUERY_OPTIONS,
    REPORTED,
    SOQL,
    SOQL_DATES,
    SOQL_GROUPS,
    SOQL_JOINS,
    SOQL_ORDER,
    SOQL_WHERE,
)
from tests.contract.tenant import VERSION, Tenant, refusal

SITES = ("apple", "Banana", None, "cherry_1", "cherry%1", "o'Neil")


def many(org: Tenant, number: int) -> None:
    """That many accounts."""
    for start in range(0, number, 200):
        records = org.typed("Account", *({"Name": org.name()} for _ in range(min(200, number - start))))
        answer = org.post("composite/sobjects", {"allOrNone": True, "records": records})
        assert all(row["success"] for row in answer.json()), answer.text


def sited(org: Tenant, sites: Sequence[str | None] = SITES) -> None:
    """Accounts with those sites."""
    records = org.typed("Account", *({"Name": org.name(), "Site": site} for site in sites))
    answer = org.post("composite/sobjects", {"allOrNone": True, "records": records})
    assert all(row["success"] for row in answer.json()), answer.text


def sites(org: Tenant, condition: str, order: str = "ORDER BY Name") -> list[str | None]:
    """The sites of the test's own accounts for which a condition holds."""
    soql = f"SELECT Site FROM Account WHERE Name LIKE '{org.marker}%' AND ({condition}) {order}"
    return [row["Site"] for row in org.rows(soql)]


@pytest.mark.fact(QUERY, DOCUMENTED)
def test_an_answer_that_fits_a_page_is_done(org: Tenant) -> None:
    account = org.account(Site="Here")

    body = org.query(f"SELECT Id, Site FROM Account WHERE Id = '{account}'").json()

    org.expect("answer", (body["totalSize"], body["done"]), (1, True))
    assert "nextRecordsUrl" not in body
    url = f"/services/data/v{VERSION}/sobjects/Account/{account}"
    org.expect(
        "record",
        body["records"],
        [{"attributes": {"type": "Account", "url": url}, "Id": account, "Site": "Here"}],
    )


@pytest.mark.fact(QUERY, DOCUMENTED)
def test_a_query_that_finds_nothing_is_answered_so(org: Tenant) -> None:
    body = org.query(f"SELECT Id FROM Account WHERE Name = '{org.name()}'").json()

    org.expect("answer", body, {"totalSize": 0, "done": True, "records": []})


@pytest.mark.fact(QUERY_MORE, DOCUMENTED)
def test_a_long_answer_comes_in_pages(org: Tenant) -> None:
    many(org, 205)
    soql = f"SELECT Name FROM Account WHERE Name LIKE '{org.marker}%' ORDER BY Name"

    first = org.query(soql, headers={"Sforce-Query-Options": "batchSize=200"}).json()

    assert (first["totalSize"], first["done"]) == (205, False)
    assert urlsplit(first["nextRecordsUrl"]).netloc == ""
    assert first["nextRecordsUrl"].startswith(f"/services/data/v{VERSION}/query/")
    names, page = [row["Name"] for row in first["records"]], first
    while not page["done"]:
        page = org.get(page["nextRecordsUrl"]).json()
        names += [row["Name"] for row in page["records"]]
    assert "nextRecordsUrl" not in page
    assert len(set(names)) == len(names) == 205
    org.expect("first page", len(first["records"]), 200, is_known=False)


@pytest.mark.fact(QUERY_OPTIONS, INFERRED)
def test_a_page_has_200_rows_at_least(org: Tenant) -> None:
    many(org, 3)
    soql = f"SELECT Name FROM Account WHERE Name LIKE '{org.marker}%'"

    body = org.query(soql, headers={"Sforce-Query-Options": "batchSize=1"}).json()

    org.expect("rows", len(body["records"]), 3)


@pytest.mark.fact(QUERY_MORE, DOCUMENTED)
def test_a_locator_that_is_none_is_refused(org: Tenant) -> None:
    answer = org.get("query/01g000000000000AAA-2000")

    org.expect("refusal", refusal(answer), (400, "INVALID_QUERY_LOCATOR"))


@pytest.mark.fact(QUERY, REPORTED)
def test_columns_are_told_to_those_who_ask(org: Tenant) -> None:
    """The sf CLI asks so for each query."""
    soql = "SELECT Id, Name, Owner.Name FROM Account LIMIT 1"

    body = org.get("query", params={"q": soql, "columns": "true"}).json()

    org.expect("entity", (body["entityName"], body["keyPrefix"], body["idSelected"]), ("Account", "001", True))
    names = [column["columnName"] for column in body["columnMetadata"]]
    org.expect("columns", names, ["Id", "Name", "Owner"])
    assert [column["columnName"] for column in body["columnMetadata"][2]["joinColumns"]] == ["Name"]


@pytest.mark.fact(SOQL, DOCUMENTED)
def test_count_without_a_field_answers_a_size_alone(org: Tenant) -> None:
    sited(org)

    body = org.query(f"SELECT COUNT() FROM Account WHERE Name LIKE '{org.marker}%'").json()

    org.expect("answer", body, {"totalSize": 6, "done": True, "records": []})


@pytest.mark.fact(SOQL_WHERE, DOCUMENTED)
@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("Site = 'APPLE'", ["apple"]),
        ("Site = null", [None]),
        ("Site != null", ["apple", "Banana", "cherry_1", "cherry%1", "o'Neil"]),
        ("Site = 'o\\'Neil'", ["o'Neil"]),
        ("Site LIKE 'B%'", ["Banana"]),
        ("Site LIKE 'b_n%'", ["Banana"]),
        ("Site LIKE 'cherry\\_1'", ["cherry_1"]),
        ("Site LIKE 'cherry_1'", ["cherry_1", "cherry%1"]),
        ("Site LIKE 'cherry\\%1'", ["cherry%1"]),
        ("Site IN ('apple', 'banana')", ["apple", "Banana"]),
        ("Site NOT IN ('apple', 'banana') AND Site != null", ["cherry_1", "cherry%1", "o'Neil"]),
        ("Site = 'apple' OR Site = 'banana'", ["apple", "Banana"]),
        ("NOT Site = 'apple'", ["Banana", None, "cherry_1", "cherry%1", "o'Neil"]),
        ("Site > 'b' AND Site < 'd'", ["Banana", "cherry_1", "cherry%1"]),
    ],
)
def test_a_condition_holds_for_those_rows(org: Tenant, condition: str, expected: list[str | None]) -> None:
    sited(org)

    org.expect(condition, sites(org, condition), expected)


@pytest.mark.fact(SOQL_WHERE, INFERRED)
@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("Site != 'apple'", ["Banana", None, "cherry_1", "cherry%1", "o'Neil"]),
        ("Site IN ('apple', null)", ["apple", None]),
        ("Site NOT IN ('apple')", ["Banana", None, "cherry_1", "cherry%1", "o'Neil"]),
        ("NOT Site LIKE 'a%'", ["Banana", None, "cherry_1", "cherry%1", "o'Neil"]),
        ("Site < 'b'", ["apple"]),
        ("Site = ''", [None]),
    ],
)
def test_a_condition_on_rows_without_a_value_is_read_so(
    org: Tenant, condition: str, expected: list[str | None]
) -> None:
    sited(org)

    org.expect(condition, sites(org, condition), expected)


@pytest.mark.fact(SOQL_ORDER, DOCUMENTED)
@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("ORDER BY Site", [None, "apple", "Banana", "cherry"]),
        ("ORDER BY Site ASC", [None, "apple", "Banana", "cherry"]),
        ("ORDER BY Site NULLS LAST", ["apple", "Banana", "cherry", None]),
        ("ORDER BY Site DESC NULLS LAST", ["cherry", "Banana", "apple", None]),
        ("ORDER BY Site DESC NULLS FIRST", [None, "cherry", "Banana", "apple"]),
        ("ORDER BY Site LIMIT 2", [None, "apple"]),
        ("ORDER BY Site LIMIT 2 OFFSET 1", ["apple", "Banana"]),
    ],
)
def test_rows_come_in_the_order_that_is_asked(org: Tenant, order: str, expected: list[str | None]) -> None:
    sited(org, ("cherry", "apple", None, "Banana"))

    org.expect(order, sites(org, "Id != null", order), expected)


@pytest.mark.fact(SOQL_ORDER, INFERRED)
def test_rows_without_a_value_come_first_in_descending_order_too(org: Tenant) -> None:
    sited(org, ("cherry", None, "apple"))

    org.expect("order", sites(org, "Id != null", "ORDER BY Site DESC"), [None, "cherry", "apple"])


@pytest.mark.fact(SOQL_DATES, DOCUMENTED)
@pytest.mark.parametrize(
    ("condition", "number"),
    [
        ("CreatedDate >= LAST_N_DAYS:1", 1),
        ("CreatedDate > 2000-01-01T00:00:00Z", 1),
        ("CreatedDate > 2000-01-01T00:00:00.000+0000", 1),
        ("CreatedDate < 2000-01-01T00:00:00Z", 0),
        ("CreatedDate > NEXT_YEAR", 0),
        ("CreatedDate >= YESTERDAY", 1),
        ("CreatedDate < LAST_YEAR", 0),
    ],
)
def test_a_date_is_compared_with_moments_and_spans(org: Tenant, condition: str, number: int) -> None:
    account = org.account()

    body = org.query(f"SELECT COUNT() FROM Account WHERE Id = '{account}' AND {condition}").json()

    org.expect(condition, body["totalSize"], number)


@pytest.mark.fact(SOQL_GROUPS, DOCUMENTED)
def test_groups_are_counted(org: Tenant) -> None:
    sited(org, ("a", "b", "a", None))
    soql = f"SELECT Site, COUNT(Id) FROM Account WHERE Name LIKE '{org.marker}%' GROUP BY Site ORDER BY Site"

    records = org.query(soql).json()["records"]

    org.expect("type", records[0]["attributes"], {"type": "AggregateResult"})
    counted = [(row["Site"], row["expr0"]) for row in records]
    org.expect("groups", counted, [(None, 1), ("a", 2), ("b", 1)])


@pytest.mark.fact(SOQL_GROUPS, DOCUMENTED)
def test_groups_are_chosen_by_their_size(org: Tenant) -> None:
    sited(org, ("a", "b", "a"))
    soql = (
        f"SELECT Site place, COUNT(Id) size FROM Account WHERE Name LIKE '{org.marker}%' "
        "GROUP BY Site HAVING COUNT(Id) > 1"
    )

    org.expect("groups", org.rows(soql), [{"place": "a", "size": 2}])


@pytest.mark.fact(SOQL_GROUPS, DOCUMENTED)
def test_aggregates_leave_out_what_is_null(org: Tenant) -> None:
    for employees in (1, 2, None):
        org.account(NumberOfEmployees=employees)
    what = "COUNT(NumberOfEmployees) n, SUM(NumberOfEmployees) s, AVG(NumberOfEmployees) a, MAX(NumberOfEmployees) m"

    found = org.rows(f"SELECT {what} FROM Account WHERE Name LIKE '{org.marker}%'")

    org.expect("aggregates", found, [{"n": 2, "s": 3, "a": 1.5, "m": 2}])


@pytest.mark.fact(SOQL_JOINS, DOCUMENTED)
def test_a_parent_is_an_object_and_null_where_there_is_none(org: Tenant) -> None:
    account, name = org.account(), org.name()
    org.contact(account, LastName=name, FirstName="a")
    org.contact(LastName=name, FirstName="b")

    records = org.query(
        f"SELECT Account.Id, Account.Owner.IsActive FROM Contact WHERE LastName = '{name}' ORDER BY FirstName"
    ).json()["records"]

    assert records[0]["Account"]["attributes"]["type"] == "Account"
    org.expect(
        "parents",
        (records[0]["Account"]["Id"], records[0]["Account"]["Owner"]["IsActive"], records[1]["Account"]),
        (account, True, None),
    )


@pytest.mark.fact(SOQL_JOINS, DOCUMENTED)
def test_children_are_an_answer_of_their_own(org: Tenant) -> None:
    name = org.name()
    account = org.account(Name=name)
    contact, lonely = org.contact(account), org.account(Name=name)

    records = org.query(f"SELECT Id, (SELECT Id FROM Contacts) FROM Account WHERE Name = '{name}'").json()["records"]

    children = {row["Id"]: row["Contacts"] for row in records}
    inner = children[account]
    org.expect("children", (inner["totalSize"], inner["done"], inner["records"][0]["Id"]), (1, True, contact))
    org.expect("no children", children[lonely], None)


@pytest.mark.fact(SOQL_JOINS, DOCUMENTED)
def test_rows_are_chosen_by_what_refers_to_them(org: Tenant) -> None:
    name = org.name()
    account, lonely = org.account(Name=name), org.account(Name=name)
    org.contact(account)
    inner = "SELECT AccountId FROM Contact WHERE AccountId != null"

    chosen = [org.rows(f"SELECT Id FROM Account WHERE Name = '{name}' AND Id {word} ({inner})") for word in _IN]

    org.expect("chosen", [[row["Id"] for row in rows] for rows in chosen], [[account], [lonely]])


_IN = ("IN", "NOT IN")


@pytest.mark.fact(QUERY_ALL, DOCUMENTED)
def test_query_all_sees_the_recycle_bin(org: Tenant) -> None:
    name = org.name()
    kept, gone = org.account(Name=name), org.account(Name=name)
    org.call("DELETE", f"sobjects/Account/{gone}")
    soql = f"SELECT Id, IsDeleted FROM Account WHERE Name = '{name}'"

    found = {row["Id"]: row["IsDeleted"] for row in org.get("queryAll", params={"q": soql}).json()["records"]}

    org.expect("found", found, {kept: False, gone: True})
    assert [row["Id"] for row in org.rows(soql)] == [kept]


@pytest.mark.fact(SOQL, DOCUMENTED)
@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT Id FROM Account LIMIT -1", "MALFORMED_QUERY"),
        ("SELECT Site, COUNT(Id) FROM Account", "MALFORMED_QUERY"),
        ("SELECT Id, COUNT() FROM Account", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Description = 'a'", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE CreatedDate = 'a'", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE NumberOfEmployees = 'a'", "INVALID_FIELD"),
        ("SELECT Nonsense.Name FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact", "MALFORMED_QUERY"),
    ],
)
def test_a_query_without_a_meaning_is_refused(org: Tenant, soql: str, code: str) -> None:
    answer = org.query(soql)

    org.expect("status", answer.status_code, 400)
    org.expect("code", refusal(answer)[1], code, is_known=False)


@pytest.mark.fact(SOQL, DOCUMENTED)
def test_a_long_list_of_values_is_asked_inside_a_composite_request(org: Tenant) -> None:
    name = org.name()
    org.account(Name=name)
    values = ",".join(f"'{'x' * 30}{number}'" for number in range(600))
    soql = f"SELECT Name FROM Account WHERE Name IN ({values},'{name}')".replace(" ", "+")
    part = {"method": "GET", "url": f"/services/data/v{VERSION}/query?q={soql}", "referenceId": "long"}

    (answer,) = org.post("composite", {"compositeRequest": [part]}).json()["compositeResponse"]

    org.expect("answer", (answer["httpStatusCode"], answer["body"].get("totalSize")), (200, 1), is_known=False)
