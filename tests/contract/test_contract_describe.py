"""What an org tells of its objects and fields."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.contract.sources import (
    ACCOUNT,
    CONTACT,
    DESCRIBE,
    DESCRIBE_RESULT,
    DOCUMENTED,
    REPORTED,
    USER,
    USER_ROLE,
)
from tests.contract.tenant import Tenant

FIELD_KEYS = {
    "aggregatable",
    "aiPredictionField",
    "autoNumber",
    "byteLength",
    "calculated",
    "calculatedFormula",
    "cascadeDelete",
    "caseSensitive",
    "compoundFieldName",
    "controllerName",
    "createable",
    "custom",
    "defaultValue",
    "defaultValueFormula",
    "defaultedOnCreate",
    "dependentPicklist",
    "deprecatedAndHidden",
    "digits",
    "displayLocationInDecimal",
    "encrypted",
    "externalId",
    "extraTypeInfo",
    "filterable",
    "filteredLookupInfo",
    "formulaTreatNullNumberAsZero",
    "groupable",
    "highScaleNumber",
    "htmlFormatted",
    "idLookup",
    "inlineHelpText",
    "label",
    "length",
    "mask",
    "maskType",
    "name",
    "nameField",
    "namePointing",
    "nillable",
    "permissionable",
    "picklistValues",
    "polymorphicForeignKey",
    "precision",
    "queryByDistance",
    "referenceTargetField",
    "referenceTo",
    "relationshipName",
    "relationshipOrder",
    "restrictedDelete",
    "restrictedPicklist",
    "scale",
    "searchPrefilterable",
    "soapType",
    "sortable",
    "type",
    "unique",
    "updateable",
    "writeRequiresMasterRead",
}
OBJECT_KEYS = {
    "activateable",
    "childRelationships",
    "createable",
    "custom",
    "deletable",
    "fields",
    "keyPrefix",
    "label",
    "labelPlural",
    "layoutable",
    "mergeable",
    "name",
    "queryable",
    "recordTypeInfos",
    "replicateable",
    "retrieveable",
    "searchable",
    "triggerable",
    "undeletable",
    "updateable",
    "urls",
}

WRITABLE = {"createable": True, "updateable": True}
SALESFORCES = {"createable": False, "updateable": False}
FIELDS: tuple[tuple[str, str, str, Mapping[str, Any]], ...] = (
    (USER, "User", "Username", {**WRITABLE, "nillable": False, "idLookup": True, "type": "string"}),
    (USER, "User", "LastName", {**WRITABLE, "nillable": False, "type": "string", "length": 80}),
    (USER, "User", "Email", {**WRITABLE, "nillable": False, "idLookup": True, "type": "email"}),
    (USER, "User", "Alias", {**WRITABLE, "nillable": False, "type": "string", "length": 8}),
    (USER, "User", "CommunityNickname", {**WRITABLE, "nillable": False, "type": "string"}),
    (USER, "User", "ProfileId", {**WRITABLE, "nillable": False, "referenceTo": ["Profile"]}),
    (USER, "User", "ContactId", {**WRITABLE, "nillable": True, "referenceTo": ["Contact"], "filterable": True}),
    (USER, "User", "AccountId", {**SALESFORCES, "nillable": True, "referenceTo": ["Account"], "filterable": True}),
    (USER, "User", "UserType", {**SALESFORCES, "type": "picklist", "restrictedPicklist": True}),
    (USER, "User", "UserRoleId", {**WRITABLE, "nillable": True, "referenceTo": ["UserRole"]}),
    (USER, "User", "PortalRole", {**WRITABLE, "nillable": True, "type": "picklist"}),
    (USER, "User", "IsPortalEnabled", {"createable": False, "updateable": True, "type": "boolean"}),
    (USER, "User", "IsActive", {**WRITABLE, "type": "boolean"}),
    (USER, "User", "FederationIdentifier", {**WRITABLE, "nillable": True, "idLookup": True}),
    (CONTACT, "Contact", "LastName", {**WRITABLE, "nillable": False, "type": "string", "length": 80}),
    (CONTACT, "Contact", "FirstName", {**WRITABLE, "nillable": True, "type": "string", "length": 40}),
    (CONTACT, "Contact", "Name", {**SALESFORCES, "nameField": True, "type": "string"}),
    (CONTACT, "Contact", "Email", {**WRITABLE, "nillable": True, "idLookup": True, "type": "email", "length": 80}),
    (CONTACT, "Contact", "AccountId", {**WRITABLE, "nillable": True, "referenceTo": ["Account"]}),
    (CONTACT, "Contact", "IsDeleted", {**SALESFORCES, "type": "boolean"}),
    (ACCOUNT, "Account", "Name", {**WRITABLE, "nillable": False, "type": "string", "length": 255}),
    (ACCOUNT, "Account", "OwnerId", {**WRITABLE, "nillable": False, "referenceTo": ["User"]}),
    (ACCOUNT, "Account", "IsPartner", {"updateable": True, "type": "boolean", "defaultedOnCreate": True}),
    (ACCOUNT, "Account", "IsCustomerPortal", {"updateable": True, "type": "boolean", "defaultedOnCreate": True}),
    (ACCOUNT, "Account", "CreatedDate", {**SALESFORCES, "type": "datetime", "nillable": False}),
    (USER_ROLE, "UserRole", "PortalType", {"updateable": False, "type": "picklist"}),
    (USER_ROLE, "UserRole", "PortalAccountId", {"updateable": False, "referenceTo": ["Account"]}),
)


@pytest.mark.fact(DESCRIBE, DOCUMENTED)
def test_all_objects_are_listed(org: Tenant) -> None:
    body = org.get("sobjects").json()

    org.expect("head", (body["encoding"], body["maxBatchSize"]), ("UTF-8", 200))
    found = {item["name"]: item for item in body["sobjects"]}
    assert {"Account", "Contact", "User", "Profile", "UserLicense", "UserRole", "PermissionSet"} <= set(found)
    assert {"createable", "keyPrefix", "label", "labelPlural", "queryable", "urls"} <= set(found["Account"])
    prefixes = {name: found[name]["keyPrefix"] for name in ("Account", "Contact", "User", "Profile", "UserRole")}
    org.expect(
        "key prefixes",
        prefixes,
        {"Account": "001", "Contact": "003", "User": "005", "Profile": "00e", "UserRole": "00E"},
    )


@pytest.mark.fact(DESCRIBE_RESULT, DOCUMENTED)
@pytest.mark.parametrize("sobject", ["User", "Contact", "Account", "Profile", "UserLicense", "PermissionSetAssignment"])
def test_an_object_is_described_whole(org: Tenant, sobject: str) -> None:
    described = org.describe(sobject)

    assert set(described) >= OBJECT_KEYS
    for item in described["fields"]:
        assert set(item) >= FIELD_KEYS, item["name"]
    assert {"sobject", "describe", "rowTemplate"} <= set(described["urls"])


@pytest.mark.fact(DESCRIBE, DOCUMENTED)
@pytest.mark.parametrize(
    ("sobject", "expected"),
    [
        ("Account", (True, True, True, True)),
        ("Contact", (True, True, True, True)),
        ("User", (True, True, False, False)),
        ("UserLicense", (False, False, False, False)),
    ],
)
def test_what_may_be_done_to_an_object_is_told(
    org: Tenant, sobject: str, expected: tuple[bool, bool, bool, bool]
) -> None:
    described = org.describe(sobject)

    told = tuple(described[key] for key in ("createable", "updateable", "deletable", "undeletable"))

    org.expect("flags", told, expected)


@pytest.mark.parametrize(
    ("sobject", "name", "expected"),
    [
        pytest.param(sobject, name, expected, id=f"{sobject}.{name}", marks=pytest.mark.fact(source, DOCUMENTED))
        for source, sobject, name, expected in FIELDS
    ],
)
@pytest.mark.fact(DESCRIBE_RESULT, DOCUMENTED)
def test_a_field_is_described(org: Tenant, sobject: str, name: str, expected: Mapping[str, Any]) -> None:
    (described,) = [item for item in org.describe(sobject)["fields"] if item["name"] == name]

    org.expect("flags", {key: described[key] for key in expected}, dict(expected))


@pytest.mark.fact(USER, DOCUMENTED)
def test_the_values_of_a_picklist_are_told(org: Tenant) -> None:
    fields = {item["name"]: item for item in org.describe("User")["fields"]}

    values = {item["value"] for item in fields["PortalRole"]["picklistValues"]}

    assert {"Executive", "Manager", "PersonAccount"} <= values
    org.expect("the lowest level", sorted(values & {"Worker", "User"}), ["Worker"], is_known=False)
    assert all({"active", "defaultValue", "label", "value"} <= set(v) for v in fields["PortalRole"]["picklistValues"])


@pytest.mark.fact(DESCRIBE_RESULT, DOCUMENTED)
def test_the_relationships_of_an_object_are_told(org: Tenant) -> None:
    fields = {item["name"]: item for item in org.describe("Contact")["fields"]}
    children = {item["relationshipName"]: item for item in org.describe("Account")["childRelationships"]}

    org.expect("parent", fields["AccountId"]["relationshipName"], "Account")
    child = children["Contacts"]
    org.expect("children", (child["childSObject"], child["field"]), ("Contact", "AccountId"))


@pytest.mark.fact(DESCRIBE, REPORTED)
def test_every_field_that_is_described_can_be_asked_for(org: Tenant) -> None:
    """Clients that retrieve whole records build their query so."""
    account = org.account()
    names = [item["name"] for item in org.describe("Account")["fields"]]

    body = org.query(f"SELECT {','.join(names)} FROM Account WHERE Id = '{account}'").json()

    assert isinstance(body, dict), body
    assert set(body["records"][0]) == {*names, "attributes"}
