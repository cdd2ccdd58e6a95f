"""What describe tells, against facts of a recorded describe result of a Developer Edition."""

from collections.abc import Iterator
from typing import Any

import pytest

from reconciler.simulator.coerce import read_row
from reconciler.simulator.describe import describe_global, describe_object
from reconciler.simulator.objects import SCHEMA
from reconciler.simulator.seed import demo_seed
from tests.simulator.orgs import demo, made_of
from tests.simulator.wired import Api, served_api

Described = dict[str, Any]

FLAGS = {
    "a": "aggregatable",
    "c": "createable",
    "d": "defaultedOnCreate",
    "f": "filterable",
    "g": "groupable",
    "i": "idLookup",
    "k": "searchPrefilterable",
    "m": "nameField",
    "n": "nillable",
    "p": "permissionable",
    "q": "queryByDistance",
    "r": "restrictedPicklist",
    "s": "sortable",
    "u": "updateable",
}

# Name, type, length, and the letters of the flags that are on, of fields of each kind.
ACCOUNT = """
Id                     id        18    adfgis
IsDeleted              boolean   0     dfgs
MasterRecordId         reference 18    afgns
Type                   picklist  40    acfgnpsu
RecordTypeId           reference 18    acfgnsu
ParentId               reference 18    acfgknpsu
BillingStreet          textarea  255   acfgnpsu
BillingLatitude        double    0     acfnpsu
BillingGeocodeAccuracy picklist  40    acfgnprsu
BillingAddress         address   0     fnpq
PhotoUrl               url       255   afgns
AnnualRevenue          currency  0     acfnpsu
NumberOfEmployees      int       0     acfgnpsu
Description            textarea  32000 cnpu
OwnerId                reference 18    acdfgsu
CreatedDate            datetime  0     adfs
LastActivityDate       date      0     afgns
IsPartner              boolean   0     dfgsu
ChannelProgramName     string    255   agn
DunsNumber             string    9     acfgnpsu
"""
CONTACT = """
AccountId              reference 18    acfgknpsu
LastName               string    80    acfgsu
FirstName              string    40    acfgnsu
Name                   string    121   afgms
Email                  email     80    acfginpsu
Birthdate              date      0     acfgnpsu
LeadSource             picklist  255   acfgnpsu
EmailBouncedReason     string    255   acfgnsu
EmailBouncedDate       datetime  0     acfnsu
IsEmailBounced         boolean   0     dfgs
"""


def words(text: str) -> list[str]:
    return text.split()


FIELD_KEYS: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(
        words("""aggregatable aiPredictionField autoNumber calculated cascadeDelete caseSensitive createable custom
        defaultedOnCreate dependentPicklist deprecatedAndHidden displayLocationInDecimal encrypted externalId filterable
        formulaTreatNullNumberAsZero groupable highScaleNumber htmlFormatted idLookup nameField namePointing nillable
        permissionable polymorphicForeignKey queryByDistance restrictedDelete restrictedPicklist searchPrefilterable
        sortable unique updateable writeRequiresMasterRead"""),
        bool,
    ),
    **dict.fromkeys(words("byteLength digits length precision scale"), int),
    **dict.fromkeys(words("label name soapType type"), str),
    **dict.fromkeys(words("picklistValues referenceTo"), list),
    **dict.fromkeys(
        words("""calculatedFormula compoundFieldName controllerName defaultValueFormula extraTypeInfo filteredLookupInfo
        inlineHelpText mask maskType referenceTargetField relationshipName relationshipOrder"""),
        (str, type(None)),
    ),
    "defaultValue": (bool, type(None)),
}
OBJECT_KEYS = frozenset(
    words("""actionOverrides activateable associateEntityType associateParentEntity childRelationships compactLayoutable
    createable custom customSetting deepCloneable defaultImplementation deletable deprecatedAndHidden extendedBy
    extendsInterfaces feedEnabled fields hasSubtypes implementedBy implementsInterfaces isInterface isSubtype keyPrefix
    label labelPlural layoutable listviewable lookupLayoutable mergeable mruEnabled name namedLayoutInfos
    networkScopeFieldName queryable recordTypeInfos replicateable retrieveable searchLayoutable searchable
    sobjectDescribeOption supportedScopes triggerable undeletable updateable urls""")
)


def described(name: str) -> Described:
    return dict(describe_object(SCHEMA.objects[name.lower()], "66.0"))


def by_name(description: Described) -> dict[str, Described]:
    return {field["name"]: field for field in description["fields"]}


@pytest.fixture
def api() -> Iterator[Api]:
    with served_api() as served:
        yield served


@pytest.mark.parametrize(("name", "facts"), [("Account", ACCOUNT), ("Contact", CONTACT)])
def test_fields_have_the_types_lengths_and_flags_that_were_recorded(name: str, facts: str) -> None:
    fields = by_name(described(name))

    for line in facts.strip().splitlines():
        field, kind, length, letters = line.split()
        told = fields[field]
        assert (told["type"], told["length"]) == (kind, int(length)), field
        assert {key for key, value in told.items() if value is True} == {FLAGS[letter] for letter in letters}, field


def test_fields_tell_their_sizes_soap_types_and_compounds_as_recorded() -> None:
    fields = by_name(described("Account")) | {f"Contact.{name}": f for name, f in by_name(described("Contact")).items()}

    assert {name: fields[name]["byteLength"] for name in ("Id", "Type", "BillingStreet", "CreatedDate")} == {
        "Id": 18,
        "Type": 120,
        "BillingStreet": 765,
        "CreatedDate": 0,
    }
    assert [fields["BillingLatitude"][key] for key in ("precision", "scale", "digits")] == [18, 15, 0]
    assert fields["NumberOfEmployees"]["digits"] == 8
    assert {name: fields[name]["soapType"] for name in ("BillingAddress", "ParentId", "AnnualRevenue", "Phone")} == {
        "BillingAddress": "urn:address",
        "ParentId": "tns:ID",
        "AnnualRevenue": "xsd:double",
        "Phone": "xsd:string",
    }
    assert fields["BillingCity"]["compoundFieldName"] == "BillingAddress"
    assert fields["Contact.LastName"]["compoundFieldName"] == "Name"
    assert fields["BillingStreet"]["extraTypeInfo"] == "plaintextarea"
    assert fields["PhotoUrl"]["extraTypeInfo"] == "imageurl"
    assert (fields["OwnerId"]["referenceTo"], fields["OwnerId"]["relationshipName"]) == (["User"], "Owner")


def test_picklists_tell_their_values_with_labels() -> None:
    fields = by_name(described("Account"))

    assert fields["CleanStatus"]["picklistValues"][0] == {
        "active": True,
        "defaultValue": False,
        "label": "In Sync",
        "validFor": None,
        "value": "Matched",
    }
    assert [value["value"] for value in fields["Rating"]["picklistValues"]] == ["Hot", "Warm", "Cold"]
    level = by_name(described("User"))["PortalRole"]["picklistValues"]
    assert {value["value"]: value["label"] for value in level}["Worker"] == "User"


def test_an_object_tells_its_children_and_what_its_deletion_means_to_them() -> None:
    children = {
        (c["childSObject"], c["field"]): c
        for name in ("Account", "Contact")
        for c in described(name)["childRelationships"]
    }

    def told(*key: str) -> tuple[str | None, bool, bool]:
        child = children[key[0], key[1]]
        return child["relationshipName"], child["cascadeDelete"], child["restrictedDelete"]

    assert told("Account", "ParentId") == ("ChildAccounts", False, False)
    assert told("Contact", "AccountId") == ("Contacts", True, False)
    assert told("User", "ContactId") == ("Users", False, True)
    assert told("Contact", "ReportsToId") == (None, False, False)


def test_a_reference_to_several_objects_is_polymorphic() -> None:
    member = by_name(described("GroupMember"))["UserOrGroupId"]

    assert (member["referenceTo"], member["namePointing"], member["polymorphicForeignKey"]) == (
        ["User", "Group"],
        True,
        True,
    )
    assert any(child["field"] == "UserOrGroupId" for child in described("Group")["childRelationships"])


@pytest.mark.parametrize("name", [item.name for item in SCHEMA])
def test_every_description_has_every_key_with_the_right_kind_of_value(name: str) -> None:
    told = described(name)

    assert told.keys() == OBJECT_KEYS
    for field in told["fields"]:
        assert field.keys() == FIELD_KEYS.keys()
        for key, kind in FIELD_KEYS.items():
            assert isinstance(field[key], kind), f"{field['name']}.{key}"
            assert kind is not int or type(field[key]) is int
    assert sum(field["nameField"] for field in told["fields"]) <= 1
    assert set(told["urls"]) >= {"sobject", "describe", "rowTemplate"}


def test_every_reference_leads_to_an_object_of_the_org() -> None:
    targets = {name for item in SCHEMA for field in item for name in field.reference_to}

    assert targets <= {item.name for item in SCHEMA}


def test_no_two_objects_share_a_key_prefix() -> None:
    assert len({item.key_prefix for item in SCHEMA}) == len(list(SCHEMA))


def test_the_list_of_objects_has_the_flags_that_were_recorded() -> None:
    told = describe_global(demo(), "66.0")
    flags = {item["name"]: {key for key, value in item.items() if value is True} for item in told["sobjects"]}

    assert (told["encoding"], told["maxBatchSize"]) == ("UTF-8", 200)
    assert list(flags) == sorted(flags)
    assert flags["UserLicense"] == {"queryable", "retrieveable"}
    assert flags["Organization"] == {"queryable", "replicateable", "retrieveable", "updateable"}
    assert flags["UserRole"] == set(
        words("createable deletable queryable replicateable retrieveable searchable updateable")
    )
    assert flags["User"] == set(
        words(
            "createable feedEnabled layoutable mruEnabled queryable replicateable retrieveable searchable triggerable "
            "updateable"
        )
    )
    assert flags["Account"] == flags["User"] | {"deletable", "mergeable", "undeletable"}


def test_record_types_are_told_beside_the_master() -> None:
    record_types = [
        {"DeveloperName": "Household", "SobjectType": "Account"},
        {"Name": "Old One", "SobjectType": "Account", "IsActive": False},
        {"Name": "Other", "SobjectType": "Contact"},
    ]
    with served_api(seed={**demo_seed(), "RecordType": record_types}) as api:
        told = api.get("sobjects/Account/describe").json()["recordTypeInfos"]

    assert [(info["name"], info["developerName"], info["active"], info["master"]) for info in told] == [
        ("Household", "Household", True, False),
        ("Old One", "Old_One", False, False),
        ("Master", "Master", True, True),
    ]
    assert described("UserLicense")["recordTypeInfos"] == []


def test_a_description_that_the_client_knows_is_not_sent_again(api: Api) -> None:
    first = api.get("sobjects/Account/describe")
    known = first.headers["Last-Modified"]

    again = api.get("sobjects/Account/describe", headers={"If-Modified-Since": known})
    older = api.get("sobjects/Account/describe", headers={"If-Modified-Since": "Fri, 01 Jan 2010 00:00:00 GMT"})
    senseless = api.get("sobjects/Account/describe", headers={"If-Modified-Since": "yesterday"})

    assert (again.status_code, again.content) == (304, b"")
    assert (older.status_code, senseless.status_code) == (200, 200)


def test_every_url_that_describe_tells_is_answered(api: Api) -> None:
    user = api.rows("SELECT Id FROM User LIMIT 1")[0]["Id"]
    urls = api.get("sobjects/User/describe").json()["urls"]

    answers = {name: api.get(url.replace("{ID}", user)).status_code for name, url in urls.items()}

    assert answers == dict.fromkeys(("sobject", "describe", "rowTemplate", "passwordUtilities"), 200)


def test_a_form_and_a_csv_mapping_can_be_built_from_the_description() -> None:
    """What a generic client sends: each field that can be created, with a value of its type."""
    org = made_of({})
    values: dict[str, Any] = {"string": "1", "textarea": "1", "phone": "1", "url": "x.example", "email": "a@x.example"}
    values |= {"int": 1, "double": 1, "currency": 1, "date": "2026-01-02", "datetime": "2026-01-02T03:04:05Z"}
    row = {
        field["name"]: field["picklistValues"][0]["value"] if field["type"] == "picklist" else values[field["type"]]
        for field in described("Account")["fields"]
        if field["createable"] and field["type"] != "reference"
    }

    stored = read_row(org, org.schema.objects["account"], row, is_insert=True)

    assert stored.keys() == row.keys()
