"""What a condition holds for: Salesforce's notion of equality, not SQL's."""

import pytest

from tests.simulator.soql_world import World


@pytest.fixture
def world() -> World:
    """Four contacts that differ in what conditions look at."""
    world = World()
    acme = world.add("Account", Name="Acme")
    rows = (
        {"LastName": "Ada", "FirstName": "100%", "Score__c": 1.5, "Languages__c": "EN;FR", "Birthdate": "2026-03-10"},
        {"LastName": "Bob", "FirstName": "O'Neil", "Score__c": 10.0, "Languages__c": "FR", "AccountId": acme},
        {"LastName": "Cat", "FirstName": "a\\b", "Vip__c": True, "Birthdate": "2026-03-11", "Secret__c": "Abc"},
        {"LastName": "Dan", "Vip__c": False, "Languages__c": "DE;EN", "Secret__c": "abc"},
    )
    for row in rows:
        world.add("Contact", **row)  # type: ignore[arg-type] # rows of mixed values
    return world


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("LastName = 'aDA'", "Ada"),
        ("LastName != 'ADA'", "Bob Cat Dan"),
        ("LastName <> 'ADA'", "Bob Cat Dan"),
        ("FirstName != 'a\\\\b'", "Ada Bob Dan"),
        ("FirstName = null", "Dan"),
        ("FirstName != NULL", "Ada Bob Cat"),
        ("FirstName = ''", "Dan"),
        ("FirstName IN ('', 'O\\'Neil')", "Bob Dan"),
        ("LastName > 'bob'", "Cat Dan"),
        ("LastName >= 'bob' AND LastName < 'DAN'", "Bob Cat"),
        ("Secret__c = 'abc'", "Dan"),
        ("Secret__c IN ('ABC', 'Abc')", "Cat"),
        ("Score__c = 10", "Bob"),
        ("Score__c < 10", "Ada"),
        ("Score__c <= +10.0", "Ada Bob"),
        ("Score__c > -1", "Ada Bob"),
        ("Score__c IN (1.5, 7)", "Ada"),
        ("Score__c < 99999999999999999999999999", "Ada Bob"),
        ("Vip__c = TRUE", "Cat"),
        ("Vip__c = false", "Dan"),
        ("Vip__c = null", "Dan"),
        ("Vip__c IN (true, null)", "Cat Dan"),
        ("Birthdate = 2026-03-10", "Ada"),
        ("Birthdate > 2026-03-10", "Cat"),
        ("Birthdate IN (2026-03-10, 2026-03-11)", "Ada Cat"),
    ],
)
def test_a_comparison_holds_as_in_salesforce(world: World, where: str, names: str) -> None:
    assert world.contacts(where) == names.split()


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("LastName IN ('ada', 'DAN', 'Eve')", "Ada Dan"),
        ("FirstName IN (null, 'O\\'NEIL')", "Bob Dan"),
        ("FirstName NOT IN ('100%')", "Bob Cat Dan"),
        ("FirstName NOT IN ('100%', null)", "Bob Cat"),
        ("AccountId IN ('')", "Ada Cat Dan"),
        ("AccountId = ''", "Ada Cat Dan"),
    ],
)
def test_membership_knows_null(world: World, where: str, names: str) -> None:
    assert world.contacts(where) == names.split()


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("LastName LIKE 'a%'", "Ada"),
        ("LastName LIKE '_A_'", "Cat Dan"),
        ("FirstName LIKE '100\\%'", "Ada"),
        ("FirstName LIKE '%\\%%'", "Ada"),
        ("FirstName LIKE '1\\_0%'", ""),
        ("FirstName LIKE 'a\\\\%'", "Cat"),
        ("FirstName LIKE '%\\\\'", ""),
        ("FirstName LIKE '%\\'%'", "Bob"),
        ("FirstName LIKE '%'", "Ada Bob Cat"),
        ("(NOT FirstName LIKE '%')", "Dan"),
    ],
)
def test_like_matches_patterns_with_escapes(world: World, where: str, names: str) -> None:
    assert world.contacts(where) == names.split()


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("Languages__c INCLUDES ('fr')", "Ada Bob"),
        ("Languages__c INCLUDES ('EN;FR')", "Ada"),
        ("Languages__c INCLUDES ('EN;FR', 'DE')", "Ada Dan"),
        ("Languages__c EXCLUDES ('EN')", "Bob Cat"),
        ("Languages__c EXCLUDES ('EN', 'FR')", "Cat"),
        ("Languages__c = 'en;fr'", "Ada"),
    ],
)
def test_multi_select_picklists_are_searched_by_value(world: World, where: str, names: str) -> None:
    assert world.contacts(where) == names.split()


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("LastName = 'Ada' OR LastName = 'Bob' OR Vip__c = true", "Ada Bob Cat"),
        ("LastName < 'C' AND Score__c > 2", "Bob"),
        ("(LastName = 'Ada' OR LastName = 'Bob') AND Score__c > 2", "Bob"),
        ("LastName = 'Ada' OR (LastName = 'Bob' AND Score__c > 20)", "Ada"),
        ("NOT LastName = 'Ada'", "Bob Cat Dan"),
        ("NOT (LastName = 'Ada' OR LastName = 'Bob')", "Cat Dan"),
        ("NOT Score__c > 2", "Ada Cat Dan"),
        ("NOT NOT LastName = 'Ada'", "Ada"),
        ("NOT (NOT (NOT LastName = 'Ada'))", "Bob Cat Dan"),
        ("NOT LastName = 'Ada' AND Vip__c = true", "Cat"),
    ],
)
def test_conditions_combine(world: World, where: str, names: str) -> None:
    assert world.contacts(where) == names.split()


@pytest.mark.parametrize(
    ("escaped", "meant"),
    [
        ("\\n", "\n"),
        ("\\T", "\t"),
        ("\\R", "\r"),
        ("\\b", "\b"),
        ("\\F", "\f"),
        ('\\"', '"'),
        ("\\u00e9", "é"),
        ("é", "é"),
    ],
)
def test_a_quoted_string_means_its_escapes(escaped: str, meant: str) -> None:
    world = World()
    world.add("Contact", LastName=f"x{meant}y")

    assert world.contacts(f"LastName = 'x{escaped}y'") == [f"x{meant}y"]
    assert world.contacts(f"LastName LIKE 'x{escaped}_'") == [f"x{meant}y"]


def test_an_id_may_have_15_or_18_characters_and_keeps_its_case(world: World) -> None:
    [record_id] = world.values("SELECT Id FROM Contact WHERE LastName = 'Bob'")

    assert world.contacts(f"Id = '{record_id}'") == ["Bob"]
    assert world.contacts(f"Id IN ('{record_id[:15]}')") == ["Bob"]
    assert world.contacts(f"Id > '{record_id}'") == ["Cat", "Dan"]
    assert world.contacts(f"Account.Id != null AND Id = '{record_id}'") == ["Bob"]


def test_a_condition_on_a_missing_parent_sees_null(world: World) -> None:
    assert world.contacts("Account.Name = null") == ["Ada", "Cat", "Dan"]
    assert world.contacts("Account.Name != 'Globex'") == ["Ada", "Bob", "Cat", "Dan"]
    assert world.contacts("Account.Owner.Profile.UserLicense.Name = null AND AccountId != null") == ["Bob"]


def test_a_value_can_never_become_sql(world: World) -> None:
    hostile = "x\\' OR 1=1 --"

    assert world.contacts(f"LastName = '{hostile}'") == []
    assert world.contacts(f"LastName IN ('{hostile}', '\\\"]; DROP TABLE Contact')") == []
    assert world.contacts(f"LastName LIKE '{hostile}'") == []


def test_used_licenses_can_be_filtered_before_64_only() -> None:
    world = World()
    license_id = world.add("UserLicense", Name="Salesforce", TotalLicenses=1)
    profile = world.add("Profile", Name="Admin", UserLicenseId=license_id)
    world.add("User", LastName="Admin", ProfileId=profile)

    own = "SELECT Name FROM UserLicense WHERE UsedLicenses = 1"
    through_parent = "SELECT Name FROM Profile WHERE UserLicense.UsedLicenses = 1"

    assert world.values(own, version=63.0) == ["Salesforce"]
    assert world.values(through_parent, version=63.0) == ["Admin"]
    for text in (own, through_parent):
        refusal = world.refusal(text, version=64.0)
        assert refusal.code == "INVALID_FIELD"
        assert "field 'UsedLicenses' can not be filtered in a query call" in refusal.message


@pytest.fixture
def linked() -> World:
    """Two users, of whom one has a contact; a contact without account."""
    world = World()
    acme = world.add("Account", Name="Acme")
    world.add("Account", Name="Empty")
    linked = world.add("Contact", LastName="Linked", AccountId=acme)
    world.add("Contact", LastName="Loose")
    world.add("User", LastName="With", ContactId=linked)
    world.add("User", LastName="Without")
    return world


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("SELECT LastName FROM User WHERE ContactId IN (SELECT Id FROM Contact)", "With"),
        ("SELECT LastName FROM User WHERE ContactId NOT IN (SELECT Id FROM Contact)", "Without"),
        ("SELECT Name FROM Account WHERE Id IN (SELECT AccountId FROM Contact)", "Acme"),
        ("SELECT Name FROM Account WHERE Id NOT IN (SELECT AccountId FROM Contact)", "Empty"),
        ("SELECT LastName FROM Contact WHERE AccountId IN (SELECT AccountId FROM User)", "Linked"),
        ("SELECT LastName FROM User WHERE ContactId IN (SELECT Id FROM Contact WHERE Account.Name = 'acme')", "With"),
        ("SELECT LastName FROM User WHERE ContactId IN (SELECT Id FROM Contact WHERE LastName = 'Loose')", ""),
        (
            "SELECT LastName FROM User WHERE Name != 'x' AND ContactId IN (SELECT Id FROM Contact WHERE Name != 'y')",
            "With",
        ),
        (
            "SELECT Id FROM User WHERE ContactId IN (SELECT Id FROM Contact) AND ProfileId IN (SELECT Id FROM Profile)",
            "",
        ),
        (
            "SELECT LastName FROM User WHERE AccountId IN (SELECT Id FROM Account WHERE Name = 'Acme')",
            "With",
        ),
    ],
)
def test_a_semi_join_compares_ids_and_null_is_equal_to_nothing(linked: World, text: str, names: str) -> None:
    assert linked.values(text) == names.split()


def test_a_semi_join_does_not_see_the_recycle_bin(linked: World) -> None:
    [contact] = linked.values("SELECT Id FROM Contact WHERE LastName = 'Linked'")
    linked.store.delete("Contact", contact)

    text = "SELECT LastName FROM User WHERE ContactId IN (SELECT Id FROM Contact)"

    assert linked.values(text) == []
    assert linked.values(text, all_rows=True) == ["With"]


def test_a_semi_join_may_stand_in_a_subquery(linked: World) -> None:
    text = "SELECT Name, (SELECT LastName FROM Contacts WHERE Id IN (SELECT ContactId FROM User)) FROM Account"

    acme, empty = linked.ask(text).records

    assert acme["Contacts"]["totalSize"] == 1
    assert empty["Contacts"] is None
