"""What is refused, with which code, and pointing where."""

import sqlite3

import pytest

from tests.simulator.soql_world import World


@pytest.fixture(scope="module")
def world() -> World:
    """An org with one contact: a refusal does not depend on records."""
    world = World()
    world.add("Contact", LastName="Lee")
    return world


def _framed(line: str, caret: int, place: str, message: str) -> str:
    return f"\n{line}\n{' ' * caret}^\nERROR at {place}\n{message}"


def _custom(what: str, suffix: str, name: str) -> str:
    hint = f"If you are attempting to use a custom {what}, be sure to append the '{suffix}' after the {name} name."
    return f"{hint} Please reference your WSDL or the describe call for the appropriate names."


NO_COLUMN = f"No such column 'Foo' on entity 'User'. {_custom('field', '__c', 'custom field')}"
NO_OBJECT = f"sObject type 'Foo' is not supported. {_custom('object', '__c', 'entity')}"
NO_PARENT = (
    f"Didn't understand relationship 'Foo' in field path. {_custom('relationship', '__r', 'custom relationship')}"
)
NO_CHILDREN = (
    "Didn't understand relationship 'Foos' in FROM part of query call. "
    f"{_custom('relationship', '__r', 'custom relationship')}"
)
CHILDREN = "SELECT (SELECT Id FROM Foos) FROM Account"


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("SELECT Foo FROM User", "INVALID_FIELD", _framed("SELECT Foo FROM User", 7, "Row:1:Column:8", NO_COLUMN)),
        ("SELECT Id FROM Foo", "INVALID_TYPE", _framed("SELECT Id FROM Foo", 15, "Row:1:Column:16", NO_OBJECT)),
        ("SELECT Id,\n  Foo.Name\nFROM User", "INVALID_FIELD", _framed("  Foo.Name", 2, "Row:2:Column:3", NO_PARENT)),
        (CHILDREN, "INVALID_TYPE", _framed(CHILDREN, 23, "Row:1:Column:24", NO_CHILDREN)),
        ("FOO", "MALFORMED_QUERY", _framed("FOO", 0, "Row:1:Column:1", "unexpected token: 'FOO'")),
        ("", "MALFORMED_QUERY", _framed("", 0, "Row:1:Column:1", "unexpected token: '<EOF>'")),
        ("SELECT Id, Id FROM User", "INVALID_FIELD", "duplicate field selected: Id"),
        ("SELECT Id, FIELDS(ALL) FROM User LIMIT 1", "INVALID_FIELD", "duplicate field selected: Id"),
    ],
)
def test_a_refusal_says_what_salesforce_says(world: World, text: str, code: str, message: str) -> None:
    refusal = world.refusal(text)

    assert (refusal.status, refusal.code, refusal.message) == (400, code, message)


def test_a_long_query_is_shown_around_the_place_only(world: World) -> None:
    names = [field.name for field in world.org.schema.objects["user"]]
    text = f"SELECT {', '.join([*names[:20], 'Foo', *names[20:]])} FROM User"

    _, shown, caret, place, _ = world.refusal(text).message.split("\n")

    assert len(shown) == 100
    assert shown[caret.index("^") :].startswith("Foo, ")
    assert place == f"ERROR at Row:1:Column:{text.index('Foo') + 1}"


@pytest.mark.parametrize(
    "text",
    [
        "SELECT Id FROM User ALL ROWS",
        "SELECT Id FROM User FOR UPDATE",
        "SELECT Id FROM User UPDATE TRACKING",
        "SELECT Id FROM User FOR VIEW FOR VIEW",
        "SELECT Id FROM User where",
        "SELECT Id FROM Contact c, x.Account a",
        "SELECT Id FROM Contact c, c.Account c",
        "SELECT Id FROM User WHERE SUM(NumberOfEmployees) > 1",
        "SELECT Id FROM User WHERE convertCurrency(AnnualRevenue) > 1",
        "SELECT CALENDAR_YEAR(CreatedDate) FROM User",
        "SELECT SUM(Name) FROM Account",
        "SELECT CALENDAR_YEAR(Name) FROM Account GROUP BY CALENDAR_YEAR(Name)",
        "SELECT COUNT(Id) FROM Account HAVING Name = 'x'",
        "SELECT Name FROM Account GROUP BY Name HAVING Id IN (SELECT AccountId FROM Contact)",
        "SELECT COUNT(Id) FROM Account GROUP BY CUBE(Name, Phone, Fax, Site)",
        "SELECT GROUPING(Phone) FROM Account GROUP BY ROLLUP(Name)",
        "SELECT Id FROM User WITH SECURITY_ENFORCED",
        "SELECT * FROM User",
        "SELECT Id FROM User WHERE Id IN ()",
        "SELECT Id FROM User WHERE Id = :id",
        "SELECT Id FROM User WHERE Name = Foo",
        'SELECT Id FROM User WHERE Name = "Foo"',
        "SELECT Id FROM User WHERE Name = 'a' AND Name = 'b' OR Name = 'c'",
        "SELECT Id FROM User WHERE Name == 'a'",
        "SELECT Id FROM User WHERE Name = 'a",
        "SELECT Id FROM User WHERE",
        "SELECT Id FROM User ORDER",
        "SELECT Id FROM User ORDER BY COUNT()",
        "SELECT Id FROM User ORDER BY COUNT(Id)",
        "SELECT Id FROM User LIMIT 1.5",
        "SELECT Id FROM User LIMIT -1",
        "SELECT Id FROM User LIMIT 99999999999",
        "SELECT Id FROM User LIMIT \u0661",
        "SELECT Id FROM User OFFSET 1 LIMIT 1",
        "SELECT Id FROM User; DROP TABLE User",
        "SELECT Id FROM User -- comment",
        "SELECT Id FROM User WHERE CreatedDate = SOMEDAY",
        "SELECT Id FROM User WHERE CreatedDate = LAST_N_DAYS",
        "SELECT Id FROM User WHERE CreatedDate = LAST_N_DAYS:1.5",
        "SELECT Id FROM Contact WHERE Score__c = 1" + "0" * 400 + ".0",
        "SELECT FIELDS(SOME) FROM User",
        "SELECT Id n FROM User",
        "SELECT Name n, Id FROM User",
        "SELECT Name, COUNT(Id) FROM User",
        "SELECT Id, COUNT() FROM User",
        "SELECT COUNT() FROM User GROUP BY Name",
        "SELECT COUNT() FROM User ORDER BY Name",
        "SELECT COUNT(Id) FROM User LIMIT 1",
        "SELECT COUNT(Id) a, COUNT(Name) A FROM User",
        "SELECT Contact.LastName, LastName FROM User GROUP BY Contact.LastName, LastName",
        "SELECT LastName FROM User GROUP BY LastName ORDER BY FirstName",
        "SELECT LastName FROM User GROUP BY LastName ORDER BY COUNT()",
        "SELECT COUNT(Id), (SELECT Id FROM Contacts) FROM Account",
        "SELECT (SELECT COUNT() FROM Contacts) FROM Account",
        "SELECT (SELECT LastName FROM Contacts GROUP BY LastName) FROM Account",
        "SELECT (SELECT Id FROM Contacts), (SELECT Name FROM contacts) FROM Account",
        "SELECT (SELECT Id FROM Contacts OFFSET 1) FROM Account",
        "SELECT (SELECT Id, LastName n FROM Contacts) FROM Account",
        "SELECT Manager.Manager.Manager.Manager.Manager.Manager.Name FROM User",
        "SELECT Id FROM User WHERE ContactId IN (SELECT Id FROM Contact) OR Name = 'x'",
        "SELECT Id FROM User WHERE (ContactId IN (SELECT Id FROM Contact) OR Name = 'x') AND Name = 'y'",
        "SELECT Id FROM User WHERE NOT ContactId IN (SELECT Id FROM Contact)",
        "SELECT Id FROM User WHERE ContactId IN (SELECT Id FROM Contact WHERE AccountId IN (SELECT Id FROM Account))",
        "SELECT Id FROM User WHERE ContactId IN (SELECT Id, Name FROM Contact)",
        "SELECT Id FROM User WHERE ContactId IN (SELECT COUNT() FROM Contact)",
        "SELECT Id FROM User WHERE ContactId IN (SELECT Id c FROM Contact)",
        "SELECT Id FROM User WHERE ContactId IN (SELECT Name FROM Contact)",
        "SELECT Id FROM User WHERE ContactId IN (SELECT Account.Id FROM Contact)",
        "SELECT Id FROM User WHERE ContactId IN (SELECT AccountId FROM Contact)",
        "SELECT Id FROM User WHERE ContactId IN (SELECT Id FROM Contact LIMIT 1)",
        "SELECT Id FROM User WHERE ContactId IN (SELECT Id FROM Contact ORDER BY Id)",
        "SELECT Id FROM User WHERE Contact.AccountId IN (SELECT Id FROM Account)",
        "SELECT Id FROM User WHERE Name IN (SELECT Id FROM Contact)",
        "SELECT Id FROM User WHERE ManagerId IN (SELECT Id FROM User)",
        f"SELECT Id FROM User WHERE {' AND '.join(['ContactId IN (SELECT Id FROM Contact)'] * 3)}",
        "SELECT Id FROM User WHERE Name = 'a\\%'",
        "SELECT Id FROM User WHERE Name = 'a\\z'",
        "SELECT Id FROM User WHERE Name = 'a\\ud800'",
        f"SELECT Id FROM User WHERE Name = '{'a' * 4001}'",
        f"SELECT Id FROM User WHERE Name = '{'a' * 100_000}'",
        "SELECT Id FROM User WHERE Name = '\ud800'",
    ],
)
def test_what_lies_outside_the_subset_is_malformed_and_never_answered(world: World, text: str) -> None:
    assert world.refusal(text).code == "MALFORMED_QUERY"


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("LastName = 5", "'LastName' must be of type string and should be enclosed in quotes"),
        ("LastName = TODAY", "'LastName' must be of type string and should be enclosed in quotes"),
        ("LastName LIKE 5", "'LastName' must be of type string and should be enclosed in quotes"),
        ("Languages__c INCLUDES (5)", "'Languages__c' must be of type string and should be enclosed in quotes"),
        ("Id = 5", "'Id' must be of type ID and should be enclosed in quotes"),
        ("AccountId = true", "'AccountId' must be of type ID and should be enclosed in quotes"),
        ("Vip__c = 'true'", "'Vip__c' must be of type boolean and should not be enclosed in quotes"),
        ("Score__c = '5'", "'Score__c' must be of type double and should not be enclosed in quotes"),
        ("Birthdate = '2026-01-01'", "'Birthdate' must be of type date and should not be enclosed in quotes"),
        ("Birthdate = 2026-01-01T00:00:00Z", "'Birthdate' must be of type date and should not be enclosed in quotes"),
        ("Birthdate = 2026-02-30", "'Birthdate' must be of type date and should not be enclosed in quotes"),
        ("CreatedDate > '2026'", "'CreatedDate' must be of type dateTime and should not be enclosed in quotes"),
        ("CreatedDate > 2026-01-01", "'CreatedDate' must be of type dateTime and should not be enclosed in quotes"),
        ("CreatedDate IN (TODAY)", "'CreatedDate' must be of type dateTime and should not be enclosed in quotes"),
    ],
)
def test_a_literal_of_the_wrong_type_is_an_invalid_field(world: World, where: str, message: str) -> None:
    refusal = world.refusal(f"SELECT Id FROM Contact WHERE {where}")

    assert refusal.code == "INVALID_FIELD"
    assert refusal.message.endswith(f"ERROR at Row:1:Column:30\nvalue of filter criterion for field {message}")


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("Id LIKE '003%'", "invalid operator on id field"),
        ("AccountId LIKE '001%'", "invalid operator on id field"),
        ("Score__c LIKE '1%'", "invalid operator on double field"),
        ("CreatedDate LIKE '2026%'", "invalid operator on datetime field"),
        ("Birthdate LIKE TODAY", "invalid operator on date field"),
        ("Vip__c > true", "invalid operator on boolean field"),
        ("LastName > null", "invalid operator on string field"),
        ("LastName INCLUDES ('a')", "invalid operator on string field"),
        ("Id = 'abc'", "invalid ID field: abc"),
        ("AccountId IN ('001000000000001AAB')", "invalid ID field: 001000000000001AAB"),
    ],
)
def test_an_operator_that_a_field_does_not_know_is_refused(world: World, where: str, message: str) -> None:
    refusal = world.refusal(f"SELECT Id FROM Contact WHERE {where}")

    assert refusal.code == "INVALID_QUERY_FILTER_OPERATOR"
    assert refusal.message.endswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT Id FROM Contact WHERE Description = 'x'", "field 'Description' can not be filtered in a query call"),
        (
            "SELECT Id FROM User WHERE Contact.Description != null",
            "field 'Description' can not be filtered in a query call",
        ),
        ("SELECT Id FROM Contact ORDER BY Secret__c", "field 'Secret__c' can not be sorted in a query call"),
        ("SELECT Secret__c FROM Contact GROUP BY Secret__c", "field 'Secret__c' can not be grouped in a query call"),
    ],
)
def test_a_field_says_what_it_can_not_be_used_for(world: World, text: str, message: str) -> None:
    refusal = world.refusal(text)

    assert refusal.code == "INVALID_FIELD"
    assert message in refusal.message


def test_an_offset_above_2000_is_out_of_range(world: World) -> None:
    assert world.ask("SELECT Id FROM Contact OFFSET 2000").total_size == 0
    assert world.refusal("SELECT Id FROM Contact OFFSET 2001").code == "NUMBER_OUTSIDE_VALID_RANGE"
    nested = "SELECT (SELECT Id FROM Contacts OFFSET 2001) FROM Account LIMIT 1"
    assert world.refusal(nested).code == "NUMBER_OUTSIDE_VALID_RANGE"


def test_the_longest_allowed_string_and_query_are_answered(world: World) -> None:
    text = f"SELECT Id FROM Contact WHERE LastName = '{'a' * 4000}'"

    assert world.ask(text).total_size == 0
    assert world.ask(text + " " * (100_000 - len(text))).total_size == 0
    assert "100000" in world.refusal(text + " " * (100_001 - len(text))).message


def test_parentheses_in_a_string_are_no_nesting(world: World) -> None:
    assert world.contacts(f"LastName != '{'(' * 200}'") == ["Lee"]


def test_a_condition_that_is_too_deep_is_refused(world: World) -> None:
    parentheses = "(" * 51 + "Name = 'a'" + ")" * 51
    negations = "(Alias = 'x' OR NOT " * 45 + "(Name = 'a' AND Id = null)" + ")" * 45

    assert world.refusal(f"SELECT Id FROM User WHERE {parentheses}").code == "MALFORMED_QUERY"
    assert world.refusal(f"SELECT Id FROM User WHERE {negations}").code == "QUERY_TOO_COMPLICATED"


def test_too_many_columns_are_too_complicated(world: World) -> None:
    links = ("Manager", "CreatedBy", "LastModifiedBy")
    paths = [*links, *(f"{one}.{other}" for one in links for other in links), *(f"Manager.Manager.{x}" for x in links)]
    paths += [f"{one}.{other}.{link}" for one, other in (links[:2], links[1::-1]) for link in links]
    paths += [f"CreatedBy.CreatedBy.{link}" for link in links]
    names = sorted((field.name for field in world.org.schema.objects["user"]), key=len)[:90]
    columns = [f"{path}.{name}" for name in names for path in paths]
    text = f"SELECT {','.join(columns)} FROM User"

    refusal = world.refusal(text)

    assert len(columns) > 2000
    assert len(text) <= 100_000
    assert refusal.code == "QUERY_TOO_COMPLICATED"


def test_a_broken_file_is_not_blamed_on_the_query() -> None:
    world = World()
    world.store.select("DROP TABLE Network")

    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        world.ask("SELECT Id FROM Network")


def test_a_query_names_55_parents_at_most(world: World) -> None:
    links = ("Manager", "LastModifiedBy", "CreatedBy")
    paths = [f"{a}.{b}.{c}.{d}.Name" for a in links for b in links for c in links for d in links]

    assert "55 child-to-parent relationships" in world.refusal(f"SELECT {','.join(paths)} FROM User").message


def test_a_query_has_20_subqueries_at_most(world: World) -> None:
    text = f"SELECT {','.join(['(SELECT Id FROM Contacts)'] * 21)} FROM Account"

    assert "20 parent-to-child relationships" in world.refusal(text).message
