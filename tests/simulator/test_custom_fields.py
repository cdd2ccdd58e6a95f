"""Fields that a seed declares are fields of the org in every API, in its file and in its dump."""

from pathlib import Path
from typing import Any

import pytest

from reconciler.simulator import SeedError, open_org, parse_seed, seed_text
from reconciler.simulator.seed import demo_seed
from tests.simulator.orgs import do, id_of, made_of, records, refusal
from tests.simulator.wired import refusal as refused
from tests.simulator.wired import served_api

FIELDS: dict[str, Any] = {
    "Account": [
        {"name": "ERP_Key__c", "type": "text", "length": 20, "unique": True, "external_id": True},
        {"name": "Score__c", "type": "number", "precision": 5, "scale": 1, "label": "Rating Score"},
        {"name": "Region__c", "type": "picklist", "values": ["EMEA", "APAC"], "restricted": True, "default": "EMEA"},
        {"name": "Tags__c", "type": "multipicklist", "values": ["new", "hot", "old"], "restricted": True},
        {"name": "Main_Contact__c", "type": "lookup", "reference_to": "Contact", "relationship_name": "Main_Accounts"},
        {"name": "Notes__c", "type": "textarea", "length": 5000},
        {"name": "Discount__c", "type": "percent"},
        {"name": "Founded__c", "type": "date"},
    ],
    "Contact": [
        {"name": "Number__c", "type": "double", "scale": 0, "external_id": True},
        {"name": "Code__c", "type": "text", "unique": True, "case_sensitive": True},
        {"name": "Must__c", "type": "email", "required": True, "default": "it's@acme.example"},
    ],
    "user": [{"name": "Vip__c", "type": "checkbox", "default": True}],
}


def seed(**more: Any) -> dict[str, Any]:
    demo = demo_seed()
    accounts = [{**account, "ERP_Key__c": f"A-{number}"} for number, account in enumerate(demo["Account"])]
    return {**demo, "fields": FIELDS, "Account": accounts, **more}


def findings(fields: Any) -> list[str]:
    with pytest.raises(SeedError) as caught:
        made_of({**demo_seed(), "fields": fields})
    return list(caught.value.findings)


def test_soql_asks_for_custom_fields_and_over_custom_relationships() -> None:
    org = made_of(seed())
    kim = id_of(org, "Contact", Email="kim.lee@acme.example")
    acme = id_of(org, "Account", Name="Acme")
    do(org, "update", "Account", {"Id": acme, "Main_Contact__c": kim, "Score__c": "7.25", "Discount__c": 12.5})

    found = records(org, "SELECT ERP_Key__c, Score__c, Main_Contact__r.Email FROM Account WHERE Score__c > 7")
    children = records(org, "SELECT (SELECT Name FROM Main_Accounts__r) FROM Contact WHERE Email LIKE 'kim%'")
    cheap = records(org, "SELECT Name FROM Account WHERE Discount__c >= 12.5 AND ERP_Key__c = 'a-0'")

    assert found == [{"ERP_Key__c": "A-0", "Score__c": 7.3, "Main_Contact__r": {"Email": "kim.lee@acme.example"}}]
    assert children[0]["Main_Accounts__r"]["records"] == [{"Name": "Acme"}]
    assert cheap == [{"Name": "Acme"}]


def test_defaults_are_those_of_the_declaration() -> None:
    org = made_of(seed())

    do(org, "insert", "Account", {"Name": "Umbrella"})
    do(org, "insert", "Contact", {"LastName": "New"})

    assert records(org, "SELECT Region__c FROM Account WHERE Name = 'Umbrella'") == [{"Region__c": "EMEA"}]
    assert records(org, "SELECT Must__c FROM Contact WHERE LastName = 'New'") == [{"Must__c": "it's@acme.example"}]
    assert {row["Vip__c"] for row in records(org, "SELECT Vip__c FROM User")} == {True}


@pytest.mark.parametrize("text", ["A-1", "a-1"])
def test_a_unique_value_is_taken_without_regard_to_case(text: str) -> None:
    org = made_of(seed())
    globex = id_of(org, "Account", Name="Globex")
    taken = ("DUPLICATE_VALUE", f"duplicate value found: ERP_Key__c duplicates value on record with id: {globex}", ())

    assert refusal(org, "insert", "Account", {"Name": "Twin", "ERP_Key__c": text}) == taken
    acme = id_of(org, "Account", Name="Acme")
    assert refusal(org, "update", "Account", {"Id": acme, "ERP_Key__c": text}) == taken
    assert do(org, "update", "Account", {"Id": globex, "ERP_Key__c": text})[0].success


def test_a_unique_field_with_case_tells_cases_apart() -> None:
    org = made_of(seed())

    results = do(org, "insert", "Contact", *({"LastName": code, "Code__c": code} for code in ("x", "X", "x")))

    assert [result.success for result in results] == [True, True, False]


def test_a_value_that_lies_in_the_bin_is_free_until_its_record_comes_back() -> None:
    org = made_of(seed())
    acme = id_of(org, "Account", Name="Acme")
    do(org, "delete", "Account", {"Id": acme})

    assert do(org, "insert", "Account", {"Name": "New Acme", "ERP_Key__c": "A-0"})[0].success
    assert refusal(org, "undelete", "Account", {"Id": acme})[0] == "DUPLICATE_VALUE"


def test_values_are_held_to_their_types() -> None:
    org = made_of(seed())

    def why(**values: Any) -> tuple[str, str]:
        return refusal(org, "insert", "Account", {"Name": "x", **values})[:2]

    assert why(ERP_Key__c="x" * 21)[0] == "STRING_TOO_LONG"
    assert why(Region__c="LATAM")[0] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    assert why(Tags__c="new;cold")[1] == "Tags: bad value for restricted picklist field: cold"
    assert why(Score__c=123456) == (
        "NUMBER_OUTSIDE_VALID_RANGE",
        "Rating Score: value outside of valid range on numeric field: 123456.0",
    )
    assert why(Score__c="9999.96")[0] == "NUMBER_OUTSIDE_VALID_RANGE"
    assert why(Founded__c="soon")[0] == "INVALID_TYPE_ON_FIELD_IN_RECORD"
    assert why(Main_Contact__c=id_of(org, "Account", Name="Acme"))[0] == "FIELD_INTEGRITY_EXCEPTION"
    assert do(org, "insert", "Account", {"Name": "x", "Tags__c": "old;new;old"})[0].success
    assert records(org, "SELECT Tags__c FROM Account WHERE Tags__c INCLUDES ('old')") == [{"Tags__c": "new;old"}]


def test_a_required_field_must_be_there() -> None:
    fields = {"Contact": [{"name": "Must__c", "type": "text", "required": True}]}
    org = made_of({**demo_seed(), "fields": fields})

    code, _, names = refusal(org, "insert", "Contact", {"LastName": "x"})

    assert (code, names) == ("REQUIRED_FIELD_MISSING", ("Must__c",))


def test_parents_are_named_by_an_external_id() -> None:
    org = made_of(seed())
    rows: list[dict[str, Any]] = [
        {"LastName": "Json", "Account": {"ERP_Key__c": "a-1"}},
        {"LastName": "Csv", "Account.ERP_Key__c": "A-1"},
        {"LastName": "Typed", "Owner:User.Username": "admin@acme.example"},
        {"LastName": "Lost", "Account": {"ERP_Key__c": "A-9"}},
        {"LastName": "Unkeyed", "Account": {"Score__c": 1}},
    ]

    results = do(org, "insert", "Contact", *rows)

    assert [result.success for result in results] == [True, True, True, False, False]
    assert (
        results[3].errors[0].message == "Foreign key external ID: A-9 not found for field ERP_Key__c in entity Account"
    )
    found = records(
        org, "SELECT LastName FROM Contact WHERE Account.ERP_Key__c = 'A-1' AND LastName IN ('Json', 'Csv')"
    )
    assert len(found) == 2


def test_a_number_is_an_external_id_too() -> None:
    org = made_of(seed())

    first = do(org, "upsert", "Contact", {"LastName": "One", "Number__c": "17"}, external_id_field="Number__c")[0]
    again = do(org, "upsert", "Contact", {"LastName": "Uno", "Number__c": 17}, external_id_field="number__c")[0]
    child = do(org, "insert", "Contact", {"LastName": "Child", "ReportsTo": {"Number__c": "17.0"}})[0]
    lost = do(org, "insert", "Contact", {"LastName": "Child", "ReportsTo": {"Number__c": "many"}})[0]

    assert (first.created, again.created, again.id) == (True, False, first.id)
    assert records(org, f"SELECT ReportsTo.LastName FROM Contact WHERE Id = '{child.id}'")[0]["ReportsTo"] == {
        "LastName": "Uno"
    }
    assert lost.errors[0].code == "INVALID_FIELD"


def test_rest_upserts_reads_and_describes_by_a_custom_external_id() -> None:
    with served_api(seed=seed()) as api:
        created = api.patch("sobjects/Account/ERP_Key__c/B-7", {"Name": "Umbrella"})
        updated = api.patch("sobjects/Account/erp_key__c/b-7", {"Score__c": 1})
        twin = api.post("sobjects/Account", {"Name": "Twin", "ERP_Key__c": "B-7"})
        read = api.get("sobjects/Account/ERP_Key__c/B-7", params={"fields": "Name,Score__c"})
        fields = {field["name"]: field for field in api.get("sobjects/Account/describe").json()["fields"]}

    assert (created.status_code, updated.status_code) == (201, 200)
    assert refused(twin) == (400, "DUPLICATE_VALUE")
    assert (read.json()["Name"], read.json()["Score__c"]) == ("Umbrella", 1.0)
    key = fields["ERP_Key__c"]
    assert all(key[flag] for flag in ("custom", "unique", "externalId", "idLookup", "createable", "permissionable"))
    assert (fields["Score__c"]["label"], fields["Score__c"]["precision"], fields["Score__c"]["scale"]) == (
        "Rating Score",
        5,
        1,
    )
    assert fields["Region__c"]["picklistValues"][0]["defaultValue"] is True
    assert fields["Notes__c"]["filterable"] is False
    assert fields["Main_Contact__c"]["relationshipName"] == "Main_Contact__r"


def test_bulk_takes_custom_columns_and_parents_by_external_id() -> None:
    csv = "LastName,Number__c,Account.ERP_Key__c\nBulk,99,A-2\nLost,100,Z-9\n"
    with served_api(seed=seed()) as api:
        body = {"object": "Contact", "operation": "upsert", "externalIdFieldName": "Number__c", "lineEnding": "LF"}
        job = api.post("jobs/ingest", body).json()["id"]
        api.call("PUT", f"jobs/ingest/{job}/batches", data=csv, headers={"Content-Type": "text/csv"})
        api.patch(f"jobs/ingest/{job}", {"state": "UploadComplete"})
        done = api.get(f"jobs/ingest/{job}").json()
        failed = api.get(f"jobs/ingest/{job}/failedResults").text

        assert (done["numberRecordsProcessed"], done["numberRecordsFailed"]) == (2, 1)
        assert "Foreign key external ID: Z-9 not found" in failed
        assert api.rows("SELECT Account.Name FROM Contact WHERE Number__c = 99")[0]["Account"]["Name"] == "Initech"


def test_the_file_keeps_the_fields_and_the_dump_is_a_round_trip(tmp_path: Path) -> None:
    contacts = [{"LastName": "Byname", "Account": {"ERP_Key__c": "a-1"}}]
    first = open_org(tmp_path / "org.db", seed(Contact=[*demo_seed()["Contact"], *contacts]))
    text = seed_text(first)
    first.close()

    again = open_org(tmp_path / "org.db")

    assert seed_text(again) == text
    assert seed_text(made_of(parse_seed(text))) == text
    assert records(again, "SELECT Account.Name FROM Contact WHERE LastName = 'Byname'") == [
        {"Account": {"Name": "Globex"}}
    ]
    again.close()


def test_references_by_an_external_id_that_leads_nowhere_are_told() -> None:
    contacts = [
        {"LastName": "x", "Account": {"ERP_Key__c": "Z-9"}},
        {"LastName": "x", "Account": {"Nope__c": "Z"}},
        {"LastName": "x", "Account": {}},
    ]
    with pytest.raises(SeedError) as caught:
        made_of(seed(Contact=[*demo_seed()["Contact"], *contacts]))

    assert [line.partition(":")[0] for line in caught.value.findings] == [
        "Contact[3].Account",
        "Contact[4].Account",
        "Contact[5].Account",
    ]


def test_values_that_stand_twice_in_a_seed_are_told() -> None:
    accounts = [{"Name": "One", "ERP_Key__c": "A-1"}, {"Name": "Two", "ERP_Key__c": "a-1"}]
    bare = {key: value for key, value in seed().items() if key not in {"User", "Contact"}}
    with pytest.raises(SeedError) as caught:
        made_of({**bare, "Account": accounts, "PermissionSetAssignment": []})

    assert "Account[1].ERP_Key__c: a-1 stands twice" in caught.value.findings


@pytest.mark.parametrize(
    ("field", "finding"),
    [
        ("text", ": a field is a mapping"),
        ({"name": "X__c", "type": "text", "lenght": 3}, '.lenght: no such key; did you mean "length"?'),
        ({"name": "X__c", "type": "text", "length": "3"}, ".length: a number was expected"),
        ({"name": "X__c", "type": "text", "length": True}, ".length: a number was expected"),
        ({"name": "X__c", "type": "txt"}, ".type: one of text, number"),
        ({"name": "X", "type": "text"}, ".name: a name of letters"),
        ({"name": "X__y__c", "type": "text"}, ".name: a name of letters"),
        ({"type": "text"}, ".name: a name of letters"),
        ({"name": "X__c", "type": "text", "length": 300}, ".length: 1 to 255 was expected"),
        ({"name": "X__c", "type": "number", "precision": 3, "scale": 4}, ".scale: 0 to 3 was expected"),
        ({"name": "X__c", "type": "number", "precision": 19}, ".precision: 1 to 18 was expected"),
        ({"name": "X__c", "type": "date", "unique": True}, ".unique: a date field has none"),
        ({"name": "X__c", "type": "checkbox", "required": True}, ".required: a checkbox field has none"),
        ({"name": "X__c", "type": "picklist"}, ".values: a picklist field needs it"),
        ({"name": "X__c", "type": "picklist", "values": ["a", 1]}, ".values: a list of texts"),
        ({"name": "X__c", "type": "picklist", "values": ["a;b"]}, ".values: a list of texts"),
        ({"name": "X__c", "type": "picklist", "values": ["a", "A"]}, ".values: a value stands twice"),
        ({"name": "X__c", "type": "picklist", "values": ["a"], "default": "b"}, ".default: b is none of the values"),
        ({"name": "X__c", "type": "number", "default": "much"}, ".default: value not of required type: much"),
        ({"name": "X__c", "type": "lookup"}, ".reference_to: a lookup field needs it"),
        (
            {"name": "X__c", "type": "lookup", "reference_to": "Acount"},
            '.reference_to: no such object; did you mean "Acc',
        ),
        (
            {"name": "X__c", "type": "lookup", "reference_to": "Account", "relationship_name": "A b"},
            ".relationship_name: a name of letters",
        ),
        (
            {"name": "X__c", "type": "lookup", "reference_to": "Account", "default": "001"},
            ".default: a lookup field has none",
        ),
    ],
)
def test_a_wrong_declaration_is_told_with_its_place(field: Any, finding: str) -> None:
    found = findings({"Account": [field]})

    assert found[0].startswith(f"fields.Account[0]{finding}")


def test_all_findings_of_fields_and_records_come_at_once() -> None:
    twice = {"name": "X__c", "type": "text"}
    found = findings({"Acount": [], "Contact": "x", "Profile": [], "Account": [twice, {**twice, "name": "x__c"}, {}]})

    assert [line.partition(":")[0] for line in found] == [
        "fields.Account[1].name",
        "fields.Account[2].name",
        "fields.Account[2].type",
        "fields.Acount",
        "fields.Contact",
        "fields.Profile",
    ]
    assert found[0].endswith("x__c stands twice")
    assert findings(["x"]) == ["fields: a mapping of objects to lists of fields was expected"]


def test_names_end_in_a_small_c() -> None:
    assert findings({"Account": [{"name": "X__C", "type": "text"}]})[0].startswith("fields.Account[0].name")


def test_an_org_without_declarations_has_no_custom_field() -> None:
    org = made_of(demo_seed())

    assert not [field.name for item in org.schema for field in item if field.custom]
    assert refusal(org, "insert", "Account", {"Name": "x", "ERP_Key__c": "1"}) == (
        "INVALID_FIELD",
        "No such column 'ERP_Key__c' on sobject of type Account",
        ("ERP_Key__c",),
    )
