"""Rules on what the caller may do."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from reconciler.simulator import parse_seed, seed_text
from reconciler.simulator.dml import Call, Operation, RowResult, execute
from reconciler.simulator.errors import RowError
from reconciler.simulator.wire import issue_token
from tests.rule_org import RuleOrg, rule_org
from tests.simulator.orgs import made_of
from tests.simulator.test_seed import BASE
from tests.simulator.wired import refusal, served_api

NO_ACCESS = RowError("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
MANAGERS = ("ManageInternalUsers", "ManagePartners")


@contextmanager
def org_of(*permissions: str, **settings: Any) -> Iterator[tuple[RuleOrg, str]]:
    """An org, and a caller in it who has these permissions and no others."""
    with rule_org(**settings) as org:
        caller = org.user("caller@acme.example", "Sales")
        row = dict.fromkeys((f"Permissions{name}" for name in permissions), True)
        granted = org.insert("PermissionSet", Name="Granted", Label="Granted", **row)
        org.insert("PermissionSetAssignment", PermissionSetId=granted, AssigneeId=caller)
        yield org, caller


def write(org: RuleOrg, caller: str, operation: Operation, sobject: str, row: Mapping[str, Any]) -> RowResult:
    return execute(org.org, caller, Call(operation, sobject, [row]))[0]


def changed(org: RuleOrg, caller: str, sobject: str, record_id: str, **fields: Any) -> RowResult:
    return write(org, caller, Operation.UPDATE, sobject, {"Id": record_id, **fields})


@pytest.mark.parametrize(
    ("permissions", "internal", "customer", "partner"),
    [
        ((), False, False, False),
        (("ManageInternalUsers",), True, False, False),
        (("ManageUsers",), True, False, False),
        (("ManagePartners",), False, False, False),
        (("ManageUsers", "ManageCssUsers"), True, False, False),
        (MANAGERS, True, True, True),
        (("ManageUsers", "ManagePartners"), True, True, True),
    ],
)
def test_a_caller_writes_the_users_that_its_permissions_let_it_manage(
    permissions: tuple[str, ...],
    internal: bool,  # noqa: FBT001 - a column of the table above
    customer: bool,  # noqa: FBT001
    partner: bool,  # noqa: FBT001
) -> None:
    with org_of(*permissions) as (org, caller):
        users = [org.integration, org.linked("Plus"), org.linked("Partner", "partner@acme.example")]

        results = [changed(org, caller, "User", user, Title="Buyer") for user in users]

    assert [result.success for result in results] == [internal, customer, partner]
    assert {error for result in results for error in result.errors} <= {NO_ACCESS}


def test_whether_managing_customer_users_suffices_for_these_is_a_setting() -> None:
    with org_of("ManageUsers", "ManageCssUsers", customer_users_by_own_permission=True) as (org, caller):
        customer, partner = org.linked("Plus"), org.linked("Partner", "partner@acme.example")

        results = [changed(org, caller, "User", user, Title="Buyer") for user in (customer, partner)]

    assert [result.errors for result in results] == [(), (NO_ACCESS,)]


@pytest.mark.parametrize("permission", ["ManageUsers", "ManagePartners", "ManageCssUsers"])
def test_any_manager_of_users_gives_a_contactless_user_its_contact(permission: str) -> None:
    with org_of(permission) as (org, caller):
        sonia, contact = org.user(), org.contact()

        linked = changed(org, caller, "User", sonia, ContactId=contact)
        upgraded = changed(org, caller, "User", sonia, ProfileId=org.profile("Plus"))

    assert (linked.errors, upgraded.errors) == ((), (NO_ACCESS,))


def test_users_change_their_own_record_but_not_what_they_may_do() -> None:
    with org_of() as (org, caller):
        titled = changed(org, caller, "User", caller, Title="Buyer")
        promoted = changed(org, caller, "User", caller, ProfileId=org.profile("System Administrator"))

    assert (titled.errors, promoted.errors) == ((), (NO_ACCESS,))


@pytest.mark.parametrize(
    ("permission", "sobject", "row"),
    [
        ("ManageRoles", "UserRole", {"Name": "Director of Sales"}),
        ("ManageProfilesPermissionsets", "PermissionSet", {"Name": "More", "Label": "More"}),
    ],
)
def test_roles_and_permission_sets_are_written_by_who_manages_them(
    permission: str, sobject: str, row: Mapping[str, Any]
) -> None:
    with org_of() as (org, caller):
        without = write(org, caller, Operation.INSERT, sobject, row)
    with org_of(permission) as (org, caller):
        having = write(org, caller, Operation.INSERT, sobject, row)

    assert (without.errors, having.errors) == ((NO_ACCESS,), ())


def test_permission_sets_are_assigned_by_who_assigns_them() -> None:
    for permissions, errors in (((), (NO_ACCESS,)), (("AssignPermissionSets",), ())):
        with org_of(*permissions) as (org, caller):
            readers = org.insert("PermissionSet", Name="Readers", Label="Readers")
            row = {"PermissionSetId": readers, "AssigneeId": org.user()}

            assert write(org, caller, Operation.INSERT, "PermissionSetAssignment", row).errors == errors


def test_the_first_contact_of_a_user_in_an_account_is_moved_there_by_a_manager_of_users() -> None:
    with org_of() as (org, caller):
        contact, free = org.get("User", org.linked())["ContactId"], org.contact()

        first = changed(org, caller, "Contact", contact, AccountId=org.globex)
        without_user = changed(org, caller, "Contact", free, AccountId=org.globex)
        org.linked(username="kim@acme.example")
        org.update("Contact", free, AccountId=org.acme)
        org.user("omar@acme.example", ContactId=org.contact(org.globex))
        second = changed(org, caller, "Contact", contact, AccountId=org.globex)

    assert [result.errors for result in (first, without_user, second)] == [(NO_ACCESS,), (), ()]


def test_who_does_not_modify_all_data_gives_and_takes_no_profile_that_does() -> None:
    with org_of(*MANAGERS) as (org, caller):
        given = changed(
            org, caller, "User", org.user("kim@acme.example", "Sales"), ProfileId=org.profile("System Administrator")
        )
        taken = changed(org, caller, "User", org.integration, ProfileId=org.profile("Sales"))
    with org_of(*MANAGERS, "ModifyAllData") as (org, caller):
        allowed = changed(org, caller, "User", org.integration, ProfileId=org.profile("Sales"))

    message = (
        "Cannot grant or remove a profile with modify all data, without having the modify all data permission yourself."
    )
    refused = RowError("FIELD_INTEGRITY_EXCEPTION", message, ("ProfileId",))
    assert (given.errors, taken.errors, allowed.errors) == ((refused,), (refused,), ())


def test_nobody_inserts_a_guest() -> None:
    with rule_org() as org:
        org.org.store.update("Profile", org.profile("Identity"), {"UserType": "Guest"})

        error = org.refused_insert("User", **org.user_row("guest@acme.example"))

    assert error == RowError("INSUFFICIENT_ACCESS_OR_READONLY", "Cannot insert a user of type guest.")


def test_permissions_of_callers_are_a_setting() -> None:
    with org_of(callers_need_permissions=False) as (org, caller):
        assert changed(org, caller, "User", org.integration, Title="Buyer").success


def test_each_caller_is_told_its_own_permissions_over_http() -> None:
    granted = {"Name": "Users", "UserLicense": "Salesforce", "PermissionsManageUsers": True}
    seed = {
        **BASE,
        "Profile": [*BASE["Profile"], granted, {"Name": "System Administrator", "UserLicense": "Salesforce"}],
        "User": [
            *BASE["User"],
            {"Username": "u@x.example", "LastName": "U", "Email": "u@x.example", "Profile": "Users"},
            {"Username": "s@x.example", "LastName": "S", "Email": "s@x.example", "Profile": "System Administrator"},
        ],
    }
    soql = "SELECT PermissionsManageUsers, PermissionsManagePartners FROM UserPermissionAccess"
    told: list[object] = []
    with served_api(seed=seed) as api:
        for username in ("a@x.example", "u@x.example", "s@x.example"):
            (user,) = api.org.store.find("User", Username=username)
            api.http.headers["Authorization"] = f"Bearer {issue_token(api.org, str(user['Id']))}"
            told.append(tuple(api.rows(soql)[0].values()))
            answer = api.patch(f"sobjects/User/{user['Id']}", {"IsActive": True})
            told.append(refusal(answer) if answer.content else answer.status_code)

    forbidden = (403, "INSUFFICIENT_ACCESS_OR_READONLY")
    assert told == [(False, False), forbidden, (True, False), 204, (True, True), 204]


def test_permissions_of_profiles_are_a_round_trip_and_the_administrators_go_without_saying() -> None:
    profiles = [{"Name": "System Administrator", "UserLicense": "Salesforce"}, BASE["Profile"][1]]
    some = {"Name": "Admin", "UserLicense": "Salesforce", "PermissionsViewSetup": True}

    org = made_of({**BASE, "Profile": [*profiles, some]})
    first = seed_text(org)

    assert org.store.find("Profile", Name="System Administrator")[0]["PermissionsManageUsers"] is True
    assert seed_text(made_of(parse_seed(first))) == first
    assert first.count("Permissions") == first.count("PermissionsViewSetup: true") == 1
