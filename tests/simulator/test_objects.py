"""The objects beside accounts, contacts and users: their plain shape, in seeds, writes, files and dumps."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from reconciler.simulator import SeedError, open_org, parse_seed, seed_text
from reconciler.simulator.errors import RowError
from reconciler.simulator.seed import demo_seed
from reconciler.simulator.soql import run_query
from tests.simulator.orgs import demo, do, id_of, made_of, records, refusal
from tests.simulator.wired import served_api

KIM = "kim.lee@acme.example"
MORE: dict[str, Any] = {
    "PermissionSetLicense": [{"DeveloperName": "IdentityConnect", "TotalLicenses": 2}],
    "PermissionSetLicenseAssign": [{"PermissionSetLicense": "IdentityConnect", "Assignee": KIM}],
    "CustomPermission": [{"DeveloperName": "Can_Refund"}],
    "PermissionSetGroup": [{"DeveloperName": "Support_Agents"}],
    "PermissionSet": [
        {"Name": "Knowledge_Reader"},
        {"Name": "Connected", "License": {"PermissionSetLicense": "IdentityConnect"}},
        {"Name": "Identity_Only", "License": "External Identity"},
    ],
    "PermissionSetGroupComponent": [{"PermissionSetGroup": "Support_Agents", "PermissionSet": "Knowledge_Reader"}],
    "PermissionSetAssignment": [
        {"Assignee": KIM, "PermissionSet": "Knowledge_Reader"},
        {"Assignee": KIM, "PermissionSetGroup": "Support_Agents", "ExpirationDate": "2027-01-01T00:00:00Z"},
    ],
    "SetupEntityAccess": [{"Parent": "Knowledge_Reader", "SetupEntity": "Can_Refund"}],
    "Group": [{"Name": "All Sales"}, {"Name": "Support", "Type": "Queue", "Email": "support@acme.example"}],
    "GroupMember": [
        {"Group": "All Sales", "UserOrGroup": KIM},
        {"Group": "Support", "UserOrGroup": {"Group": "All Sales"}},
    ],
    "QueueSobject": [{"Queue": "Support", "SobjectType": "Case"}],
    "Network": [{"Name": "Help Center", "Status": "Live"}],
    "NetworkMemberGroup": [
        {"Network": "Help Center", "Parent": "Acme Identity"},
        {"Network": "Help Center", "Parent": {"PermissionSet": "Knowledge_Reader"}},
    ],
    "NetworkMember": [{"Network": "Help Center", "Member": KIM}],
    "LoginHistory": [{"User": KIM, "LoginTime": "2026-03-01T08:00:00Z", "SourceIp": "192.0.2.1"}],
    "RecordType": [{"Name": "Household", "SobjectType": "Account"}, {"Name": "Staff", "SobjectType": "Contact"}],
}


def org_of(**more: Any) -> Any:
    return made_of({**demo_seed(), **MORE, **more})


def test_a_seed_of_every_object_is_a_round_trip() -> None:
    first = seed_text(org_of())

    assert seed_text(made_of(parse_seed(first))) == first
    assert "- License:\n    PermissionSetLicense: IdentityConnect" not in first
    assert parse_seed(first)["PermissionSet"][1]["License"] == {"PermissionSetLicense": "IdentityConnect"}
    assert parse_seed(first)["GroupMember"][1]["UserOrGroup"] == {"Group": "All Sales"}


def test_left_out_names_are_made_of_others() -> None:
    org = org_of()

    assert records(org, "SELECT DeveloperName, OwnerId FROM Group WHERE Name = 'All Sales'")[0]["DeveloperName"] == (
        "All_Sales"
    )
    assert records(org, "SELECT MasterLabel, PermissionSetLicenseKey FROM PermissionSetLicense") == [
        {"MasterLabel": "IdentityConnect", "PermissionSetLicenseKey": "IdentityConnect"}
    ]


def test_a_reference_to_several_objects_that_names_none_is_told() -> None:
    with pytest.raises(SeedError) as caught:
        org_of(
            GroupMember=[
                {"Group": "Support", "UserOrGroup": "All Sale"},
                {"Group": "Support", "UserOrGroup": {"Group": KIM}},
            ]
        )

    first, second = caught.value.findings
    assert first == 'GroupMember[0].UserOrGroup: no User or Group "All Sale"; did you mean "all sales"?'
    assert second.startswith("GroupMember[1].UserOrGroup: no User or Group")


def test_used_permission_set_licenses_are_counted() -> None:
    org = org_of()
    license_id, sonia = (
        id_of(org, "PermissionSetLicense", DeveloperName="IdentityConnect"),
        id_of(org, "User", Username="sonia.james@acme.example"),
    )

    made = do(org, "insert", "PermissionSetLicenseAssign", {"PermissionSetLicenseId": license_id, "AssigneeId": sonia})
    used = records(org, "SELECT TotalLicenses, UsedLicenses FROM PermissionSetLicense")
    do(org, "delete", "PermissionSetLicenseAssign", {"Id": made[0].id})

    assert used == [{"TotalLicenses": 2, "UsedLicenses": 2}]
    assert records(org, "SELECT UsedLicenses FROM PermissionSetLicense") == [{"UsedLicenses": 1}]


def test_an_assignment_may_be_of_a_permission_set_group() -> None:
    org = org_of()
    columns = "PermissionSetGroup.DeveloperName, ExpirationDate, IsRevoked"

    [found] = records(org, f"SELECT {columns} FROM PermissionSetAssignment WHERE PermissionSetGroupId != null")

    assert found == {
        "PermissionSetGroup": {"DeveloperName": "Support_Agents"},
        "ExpirationDate": "2027-01-01T00:00:00.000+0000",
        "IsRevoked": False,
    }


def test_a_user_gets_several_permission_set_groups_each_once() -> None:
    org = org_of()
    kim = id_of(org, "User", Username=KIM)
    row = {"DeveloperName": "Managers", "MasterLabel": "Managers"}
    group = do(org, "insert", "PermissionSetGroup", row)[0].id

    results = do(org, "insert", "PermissionSetAssignment", *[{"AssigneeId": kim, "PermissionSetGroupId": group}] * 2)

    assert [result.success for result in results] == [True, False]
    assert results[1].errors[0].code == "DUPLICATE_VALUE"


@pytest.mark.parametrize(
    ("sobject", "row", "field"),
    [
        ("Group", {"Name": "Other", "DeveloperName": "all_sales"}, "DeveloperName"),
        ("PermissionSet", {"Name": "knowledge_reader", "Label": "x"}, "Name"),
        ("PermissionSetGroup", {"DeveloperName": "Support_Agents", "MasterLabel": "x"}, "DeveloperName"),
    ],
)
def test_a_name_of_the_orgs_setup_is_taken_once(sobject: str, row: dict[str, Any], field: str) -> None:
    code, message, fields = refusal(org_of(), "insert", sobject, row)

    assert (code, fields) == ("DUPLICATE_DEVELOPER_NAME", (field,))
    assert message.endswith("already exists or has been previously used. Please choose a different name.")


def test_a_queue_may_have_the_name_of_a_group_and_a_name_may_change_to_a_free_one() -> None:
    org = org_of()
    group = id_of(org, "Group", Name="All Sales")

    assert do(org, "insert", "Group", {"Name": "All Sales", "DeveloperName": "All_Sales", "Type": "Queue"})[0].success
    assert do(org, "update", "Group", {"Id": group, "DeveloperName": "all_sales"})[0].success


@pytest.mark.parametrize(
    ("sobject", "row", "missing"),
    [
        ("Group", {"DeveloperName": "x"}, ("Name",)),
        ("GroupMember", {}, ("GroupId", "UserOrGroupId")),
        ("PermissionSetGroup", {"MasterLabel": "x"}, ("DeveloperName",)),
        ("PermissionSetLicenseAssign", {}, ("PermissionSetLicenseId", "AssigneeId")),
        ("RecordType", {"Name": "x"}, ("DeveloperName", "SobjectType")),
        ("PermissionSetAssignment", {}, ("PermissionSetId", "AssigneeId")),
    ],
)
def test_required_fields_are_missed(sobject: str, row: dict[str, Any], missing: tuple[str, ...]) -> None:
    code, _, fields = refusal(org_of(), "insert", sobject, row)

    assert (code, fields) == ("REQUIRED_FIELD_MISSING", missing)


def test_a_member_is_a_user_or_a_group_and_nothing_else() -> None:
    org = org_of()
    group, member = id_of(org, "Group", Name="Support"), id_of(org, "User", Username=KIM)
    account = id_of(org, "Account", Name="Acme")

    assert do(org, "insert", "GroupMember", {"GroupId": group, "UserOrGroupId": member})[0].success
    assert do(
        org,
        "insert",
        "GroupMember",
        {"GroupId": group, "UserOrGroup": {"attributes": {"type": "Group"}, "Name": "All Sales"}},
    )[0].success
    assert refusal(org, "insert", "GroupMember", {"GroupId": group, "UserOrGroupId": account})[0] == (
        "FIELD_INTEGRITY_EXCEPTION"
    )


@pytest.mark.parametrize("sobject", ["PermissionSetLicense", "CustomPermission", "LoginHistory", "NetworkMember"])
def test_what_salesforce_alone_keeps_cant_be_made(sobject: str) -> None:
    assert refusal(org_of(), "insert", sobject, {})[0] == "INVALID_TYPE_FOR_OPERATION"


@pytest.mark.parametrize("sobject", ["GroupMember", "PermissionSetLicenseAssign", "PermissionSetGroupComponent"])
def test_what_joins_two_records_is_never_changed(sobject: str) -> None:
    org = org_of()
    record = str(org.store.find(sobject)[0]["Id"])

    assert refusal(org, "update", sobject, {"Id": record})[0] == "INVALID_TYPE_FOR_OPERATION"
    assert do(org, "delete", sobject, {"Id": record})[0].success


def test_a_record_type_is_of_its_own_object() -> None:
    org = org_of()
    household, staff = (id_of(org, "RecordType", Name=name) for name in ("Household", "Staff"))

    assert do(org, "insert", "Account", {"Name": "x", "RecordTypeId": household})[0].success
    assert do(org, "insert", "Account", {"Name": "x", "RecordTypeId": staff})[0].errors == (
        RowError(
            "INVALID_CROSS_REFERENCE_KEY",
            f"Record Type ID: this ID value isn't valid for the user: {staff}",
            ("RecordTypeId",),
        ),
    )
    assert records(org, "SELECT RecordType.DeveloperName FROM Account WHERE Name = 'x'") == [
        {"RecordType": {"DeveloperName": "Household"}}
    ]


def test_login_history_is_filtered_by_few_fields() -> None:
    org = org_of()

    assert records(org, "SELECT SourceIp, Status FROM LoginHistory WHERE LoginTime > 2026-01-01T00:00:00Z") == [
        {"SourceIp": "192.0.2.1", "Status": "Success"}
    ]
    with pytest.raises(Exception, match="can not be filtered"):
        run_query(org, "SELECT Id FROM LoginHistory WHERE SourceIp = '192.0.2.1'")


def test_an_address_is_shown_whole_and_asked_in_parts() -> None:
    acme = {"BillingStreet": "Via Roma 1", "BillingCity": "Rome", "BillingLatitude": 41.9}
    whole = dict.fromkeys(("country", "geocodeAccuracy", "longitude", "postalCode", "state"))
    whole |= {"street": "Via Roma 1", "city": "Rome", "latitude": 41.9}
    with served_api() as api:
        account = api.id_of("Account", "Acme")
        api.patch(f"sobjects/Account/{account}", acme)
        read = api.get(f"sobjects/Account/{account}").json()
        found = api.rows(
            "SELECT BillingAddress, ShippingAddress, Owner.Address FROM Account WHERE BillingCity = 'rome'"
        )
        refused = api.patch(f"sobjects/Account/{account}", {"BillingAddress": {"city": "Paris"}})

    assert (read["BillingAddress"], read["ShippingAddress"]) == (whole, None)
    assert found[0]["BillingAddress"] == whole
    assert found[0]["Owner"]["Address"] is None
    assert refused.json()[0]["errorCode"] in {"INVALID_FIELD_FOR_INSERT_UPDATE", "JSON_PARSER_ERROR"}


@pytest.mark.parametrize("operator", ["=", "LIKE"])
def test_an_address_is_not_compared(operator: str) -> None:
    with pytest.raises(Exception, match="invalid operator on address field"):
        run_query(demo(), f"SELECT Id FROM Account WHERE BillingAddress {operator} 'Rome'")


def test_a_bulk_query_refuses_an_address() -> None:
    with served_api() as api:
        job = api.post("jobs/query", {"operation": "query", "query": "SELECT Id, BillingAddress FROM Account"})
        told = job.text if job.status_code >= 400 else api.get(f"jobs/query/{job.json()['id']}").text

    assert "Selecting compound data not supported in Bulk Query" in told


def test_a_bounced_email_is_told() -> None:
    org = demo()
    kim = id_of(org, "Contact", Email=KIM)

    do(org, "update", "Contact", {"Id": kim, "EmailBouncedReason": "no such mailbox"})

    assert records(org, "SELECT IsEmailBounced FROM Contact WHERE IsEmailBounced = true") == [{"IsEmailBounced": True}]


def test_a_file_of_an_older_program_gets_the_objects_and_fields_that_it_lacks(tmp_path: Path) -> None:
    path = tmp_path / "org.db"
    open_org(path).close()
    with sqlite3.connect(path) as connection:
        for statement in (
            'DROP TABLE "GroupMember"',
            'DROP TABLE "_deleted"',
            'ALTER TABLE "User" DROP COLUMN "UserPreferencesSortFeedByComment"',
            'ALTER TABLE "User" DROP COLUMN "UserPreferencesShowTitleToExternalUsers"',
        ):
            connection.execute(statement)
    connection.close()

    org = open_org(path)

    soql = "SELECT UserPreferencesSortFeedByComment, UserPreferencesShowTitleToExternalUsers FROM User LIMIT 1"
    assert list(records(org, soql)[0].values()) == [False, True]
    assert records(org, "SELECT Id FROM GroupMember") == []
    org.close()
