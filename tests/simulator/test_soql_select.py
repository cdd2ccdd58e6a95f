"""What a query selects, nests, sorts, cuts and groups."""

import pytest

from tests.simulator.soql_world import World


@pytest.fixture
def world() -> World:
    """Two accounts, three contacts, two users: one with a contact, one without."""
    world = World()
    plus = world.add("UserLicense", Name="Customer Community Plus", TotalLicenses=5)
    profile = world.add("Profile", Name="Acme Plus", UserLicenseId=plus, UserType="PowerCustomerSuccess")
    acme = world.add("Account", Name="Acme")
    globex = world.add("Account", Name="Globex")
    sonia = world.add("Contact", FirstName="Sonia", LastName="James", AccountId=acme, Email="sonia@acme.example")
    world.add("Contact", FirstName="Kim", LastName="Lee", AccountId=acme, Vip__c=True)
    world.add("Contact", LastName="Nair", AccountId=globex)
    world.add("User", Username="sonia@acme.example", LastName="James", ProfileId=profile, ContactId=sonia)
    world.add("User", Username="mei@acme.example", LastName="Tanaka", FirstName="Mei", ProfileId=profile)
    return world


def test_a_record_carries_its_type_and_url_of_the_asked_version(world: World) -> None:
    result = world.ask("SELECT Name FROM Account WHERE Name = 'Acme'", version=60.0)

    [record] = result.records
    assert record["attributes"]["type"] == "Account"
    assert record["attributes"]["url"].startswith("/services/data/v60.0/sobjects/Account/001")
    assert result.entity == "Account"
    assert result.total_size == 1


def test_names_are_answered_in_the_schemas_spelling_and_in_the_asked_order(world: World) -> None:
    [record, *_] = world.ask("select LASTNAME, profile.USERLICENSE.name, firstname from USER").records

    assert list(record) == ["attributes", "LastName", "Profile", "FirstName"]
    assert record["Profile"]["UserLicense"]["Name"] == "Customer Community Plus"
    assert record["Profile"]["attributes"]["type"] == "Profile"


def test_a_parent_that_is_missing_is_null_at_the_first_missing_level(world: World) -> None:
    records = world.ask("SELECT Contact.Account.Name, Contact.LastName FROM User ORDER BY LastName").records

    assert records[0]["Contact"]["Account"]["Name"] == "Acme"
    assert records[1]["Contact"] is None


def test_a_path_may_begin_with_the_queried_object_itself(world: World) -> None:
    [record, *_] = world.ask("SELECT Account.Name FROM Account ORDER BY Name").records

    assert record["Name"] == "Acme"


def test_derived_fields_can_be_selected_filtered_and_sorted(world: World) -> None:
    text = "SELECT Name, UserType, Account.Name FROM User WHERE Name LIKE 'mei%' ORDER BY Name"

    [record] = world.ask(text).records

    assert (record["Name"], record["UserType"], record["Account"]) == ("Mei Tanaka", "PowerCustomerSuccess", None)


def test_booleans_are_json_booleans(world: World) -> None:
    assert world.values("SELECT Vip__c FROM Contact WHERE LastName = 'Lee'") == [True]
    assert world.values("SELECT IsDeleted FROM Contact WHERE LastName = 'Lee'") == [False]


def test_children_are_nested_with_their_own_size_order_and_limit(world: World) -> None:
    text = "SELECT Id, (SELECT AccountId, LastName FROM Contacts ORDER BY LastName DESC LIMIT 1), Name FROM Account"

    acme, globex = world.ask(text).records

    assert list(acme) == ["attributes", "Id", "Contacts", "Name"]
    assert acme["Contacts"]["totalSize"] == 1
    assert acme["Contacts"]["done"] is True
    assert [(row["LastName"], row["AccountId"]) for row in acme["Contacts"]["records"]] == [("Lee", acme["Id"])]
    assert globex["Contacts"]["records"][0]["LastName"] == "Nair"


def test_a_parent_without_matching_children_has_null(world: World) -> None:
    text = "SELECT Name, (SELECT Id FROM Contacts WHERE LastName IN ('James', 'Lee')) FROM Account ORDER BY Name"

    acme, globex = world.ask(text).records

    assert acme["Contacts"]["totalSize"] == 2
    assert globex["Contacts"] is None


def test_a_result_names_its_child_relationships(world: World) -> None:
    assert world.ask("SELECT Id, (SELECT Id FROM contacts) FROM Account").children == ("Contacts",)
    assert world.ask("SELECT Id FROM Account").children == ()


def test_children_may_be_asked_through_a_derived_reference_and_select_parents(world: World) -> None:
    text = "SELECT Name, (SELECT LastName, Profile.Name FROM Account.Users) FROM Account WHERE Name = 'Acme'"

    [acme] = world.ask(text).records

    [user] = acme["Users"]["records"]
    assert (user["LastName"], user["Profile"]["Name"]) == ("James", "Acme Plus")


def test_an_offset_of_children_skips_in_the_one_parent(world: World) -> None:
    text = "SELECT Id, (SELECT LastName FROM Contacts ORDER BY LastName OFFSET 1) FROM Account ORDER BY Name LIMIT 1"

    [acme] = world.ask(text).records

    assert [row["LastName"] for row in acme["Contacts"]["records"]] == ["Lee"]


def test_fields_standard_is_every_standard_field(world: World) -> None:
    [record, *_] = world.ask("SELECT FIELDS(STANDARD) FROM Contact").records

    standard = [field.name for field in world.org.schema.objects["contact"] if not field.custom]
    assert list(record) == ["attributes", *standard]


def test_fields_all_and_custom_need_a_small_limit(world: World) -> None:
    [record] = world.ask("SELECT fields(all) FROM Contact LIMIT 1").records
    [custom] = world.ask("SELECT Id, FIELDS(Custom) FROM Contact LIMIT 1").records

    assert record["Languages__c"] is None
    assert list(custom) == ["attributes", "Id", "Languages__c", "Score__c", "Vip__c", "Secret__c"]
    for refused in ("SELECT FIELDS(ALL) FROM Contact", "SELECT FIELDS(CUSTOM) FROM Contact LIMIT 201"):
        assert "LIMIT of at most 200" in world.refusal(refused).message


def test_fields_all_in_a_subquery_looks_at_the_limit_of_the_subquery(world: World) -> None:
    [acme] = world.ask(
        "SELECT Id, (SELECT FIELDS(ALL) FROM Contacts LIMIT 5) FROM Account ORDER BY Name LIMIT 1"
    ).records

    assert acme["Contacts"]["totalSize"] == 2


def test_nulls_come_first_unless_told_otherwise(world: World) -> None:
    assert world.values("SELECT FirstName FROM Contact ORDER BY FirstName") == [None, "Kim", "Sonia"]
    assert world.values("SELECT FirstName FROM Contact ORDER BY FirstName DESC") == [None, "Sonia", "Kim"]
    assert world.values("SELECT FirstName FROM Contact ORDER BY FirstName ASC NULLS LAST") == ["Kim", "Sonia", None]
    assert world.values("SELECT FirstName FROM Contact ORDER BY FirstName desc nulls last") == ["Sonia", "Kim", None]


def test_order_has_no_case_and_further_keys_break_ties() -> None:
    world = World()
    for first, last in (("b", "lee"), ("a", "Lee"), ("c", "ABE")):
        world.add("Contact", FirstName=first, LastName=last)

    names = world.values("SELECT FirstName FROM Contact ORDER BY LastName, FirstName DESC")

    assert names == ["c", "b", "a"]


def test_order_may_follow_a_parent(world: World) -> None:
    names = world.values("SELECT LastName FROM Contact ORDER BY Account.Name DESC, LastName")

    assert names == ["Nair", "James", "Lee"]


def test_limit_and_offset_cut_the_sorted_rows(world: World) -> None:
    assert world.values("SELECT LastName FROM Contact ORDER BY LastName LIMIT 1 OFFSET 1") == ["Lee"]
    assert world.values("SELECT LastName FROM Contact ORDER BY LastName OFFSET 2") == ["Nair"]
    assert world.values("SELECT LastName FROM Contact LIMIT 0") == []


def test_count_has_a_size_and_no_rows(world: World) -> None:
    result = world.ask("SELECT COUNT() FROM Contact WHERE Account.Name = 'Acme'")

    assert (result.total_size, result.records, result.is_count) == (2, (), True)
    assert world.ask("SELECT count() FROM Contact LIMIT 1").total_size == 1


def test_count_of_a_field_leaves_nulls_out(world: World) -> None:
    [record] = world.ask("SELECT COUNT(Id), COUNT(FirstName) named, COUNT(Email) FROM Contact").records

    assert record == {"attributes": {"type": "AggregateResult"}, "expr0": 3, "named": 2, "expr1": 1}


def test_groups_are_counted_named_and_sorted(world: World) -> None:
    order = "ORDER BY COUNT(Id) DESC, Account.Name LIMIT 5"

    result = world.ask(f"SELECT Account.Name, COUNT(Id) FROM Contact GROUP BY Account.Name {order}")

    assert [(row["Name"], row["expr0"]) for row in result.records] == [("Acme", 2), ("Globex", 1)]
    assert [column.is_aggregate for column in result.columns] == [False, True]


def test_groups_have_no_case_and_keep_booleans() -> None:
    world = World()
    for title in ("CEO", "ceo", None):
        world.add("Contact", LastName="x", Title=title, Vip__c=True)

    rows = world.ask("SELECT Title t, Vip__c, COUNT(Id) n FROM Contact GROUP BY Title, Vip__c ORDER BY Title").records

    assert [(row["n"], row["Vip__c"]) for row in rows] == [(1, True), (2, True)]


def test_the_recycle_bin_is_seen_only_when_all_rows_are_asked_for(world: World) -> None:
    [record] = world.ask("SELECT Id FROM Contact WHERE LastName = 'Lee'").records
    world.store.delete("Contact", record["Id"])

    kept = world.contacts("IsDeleted = true OR IsDeleted = false")
    everything = world.values("SELECT LastName FROM Contact ORDER BY LastName", all_rows=True)
    children = world.ask("SELECT Id, (SELECT Id FROM Contacts) FROM Account WHERE Name = 'Acme'").records

    assert kept == ["James", "Nair"]
    assert everything == ["James", "Lee", "Nair"]
    assert children[0]["Contacts"]["totalSize"] == 1
    assert world.ask("SELECT COUNT() FROM Contact", all_rows=True).total_size == 3


def test_columns_tell_path_and_field(world: World) -> None:
    name, email = world.ask("SELECT Account.Name, Email FROM Contact").columns

    assert (name.path, name.field and name.field.label) == (("Account", "Name"), "Account Name")
    assert (email.path, email.alias, email.is_aggregate) == (("Email",), None, False)
