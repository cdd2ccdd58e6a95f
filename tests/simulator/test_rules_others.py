"""Rules on accounts, permission sets and their assignments, and on the table of rules itself."""

from dataclasses import fields

import pytest

from reconciler.simulator import messages
from reconciler.simulator.dml import Operation
from reconciler.simulator.effects import EFFECTS, Effect
from reconciler.simulator.errors import RowError
from reconciler.simulator.rules import RULES, Rule
from reconciler.simulator.settings import Settings
from tests.rule_org import RuleOrg, rule_org

OWNER_NEEDS_ROLE = RowError("UNKNOWN_EXCEPTION", "portal account owner must have a role")


def _permission_set(org: RuleOrg, license_name: str | None = None) -> str:
    license_id = str(org.find("UserLicense", Name=license_name)["Id"]) if license_name else None
    return org.insert("PermissionSet", Name="Reader", Label="Reader", LicenseId=license_id)


@pytest.mark.parametrize(("profile", "flag", "most"), [("Plus", "IsCustomerPortal", 100), ("Partner", "IsPartner", 15)])
def test_a_flag_is_not_cleared_over_more_users_than_that_disables(profile: str, flag: str, most: int) -> None:
    licenses = {"Customer Community Plus": 200, "Partner Community": 200}
    for settings in ({}, {"portal_flag_limits": False}):
        with rule_org(licenses, **settings) as org:
            first = org.linked(profile)
            for number in range(most):
                org.linked(profile, f"user{number}@acme.example")
            results = org.run(Operation.UPDATE, "Account", {"Id": org.acme, flag: False})
            is_active = org.get("User", first)["IsActive"]

        assert (results[0].success, is_active) == ((True, False) if settings else (False, True))
        if not settings:
            message = messages.PORTAL_FLAG.format(field=flag, most=most)
            assert results[0].errors == (RowError("FIELD_INTEGRITY_EXCEPTION", message, (flag,)),)


def test_a_permission_set_for_administrators_is_not_assigned_to_external_users() -> None:
    refused, saved = {}, []
    for allowed in (False, True):
        with rule_org(external_users_have_no_admin_permissions=not allowed) as org:
            admins = org.insert("PermissionSet", Name="Admins", Label="Admins", PermissionsManagePartners=True)
            callers = org.insert("PermissionSet", Name="Api", Label="Api", PermissionsApiEnabled=True)
            sonia = org.user()
            org.insert("PermissionSetAssignment", PermissionSetId=callers, AssigneeId=sonia)
            org.insert("PermissionSetAssignment", PermissionSetId=admins, AssigneeId=org.integration)
            row = {"PermissionSetId": admins, "AssigneeId": sonia}
            (result,) = org.run(Operation.INSERT, "PermissionSetAssignment", row)
            saved.append(result.success)
            refused[allowed] = result.errors

    message = "The user license doesn't allow the permission: Manage External Users"
    assert (saved, refused[False]) == ([False, True], (RowError("FIELD_INTEGRITY_EXCEPTION", message),))


def test_an_account_with_portal_users_gets_no_owner_without_a_role() -> None:
    with rule_org() as org:
        org.linked()

        error = org.refused_update("Account", org.acme, OwnerId=org.integration)
        org.update("Account", org.globex, OwnerId=org.integration)

    assert error == OWNER_NEEDS_ROLE


def test_owners_without_a_role_are_a_setting() -> None:
    with rule_org(portal_account_owner_keeps_role=False) as org:
        org.linked()

        org.update("Account", org.acme, OwnerId=org.integration)

        assert org.get("Account", org.acme)["OwnerId"] == org.integration


def test_a_partner_account_gets_no_partner_user_as_its_owner() -> None:
    with rule_org() as org:
        partner = org.linked("Partner")

        error = org.refused_update("Account", org.acme, OwnerId=partner)

    assert error == RowError("UNKNOWN_EXCEPTION", "portal users cannot own partner accounts")


def test_an_account_with_portal_users_is_not_deleted() -> None:
    with rule_org() as org:
        org.linked()

        error = org.refused_delete("Account", org.acme)
        org.delete("Account", org.globex)

    assert error == RowError("DELETE_FAILED", messages.ACCOUNT_OF_USERS)


def test_deleting_accounts_with_portal_users_is_a_setting() -> None:
    with rule_org(contacts_of_users_are_kept=False) as org:
        org.linked()

        org.delete("Account", org.acme)

        assert org.org.store.get("Account", org.acme) is None


def test_a_permission_set_of_another_license_is_not_assigned() -> None:
    with rule_org() as org:
        sonia, reader = org.user(), _permission_set(org, "Customer Community Plus")

        error = org.refused_insert("PermissionSetAssignment", AssigneeId=sonia, PermissionSetId=reader)

    assert error == RowError("FIELD_INTEGRITY_EXCEPTION", "The user license doesn't allow the permission: Reader")


def test_a_permission_set_of_the_users_license_or_of_none_is_assigned_once() -> None:
    with rule_org() as org:
        sonia, kim, reader = org.user(), org.user("kim@acme.example"), _permission_set(org, "External Identity")
        org.insert("PermissionSetAssignment", AssigneeId=sonia, PermissionSetId=reader)
        org.insert("PermissionSetAssignment", AssigneeId=kim, PermissionSetId=reader)

        error = org.refused_insert("PermissionSetAssignment", AssigneeId=sonia, PermissionSetId=reader)

    message = "duplicate value found: <unknown> duplicates value on record with id: <unknown>"
    assert error == RowError("DUPLICATE_VALUE", message)


def test_only_the_expiry_of_an_assignment_is_changed() -> None:
    with rule_org() as org:
        sonia, reader = org.user(), _permission_set(org)
        assignment = org.insert("PermissionSetAssignment", AssigneeId=sonia, PermissionSetId=reader)

        error = org.refused_update("PermissionSetAssignment", assignment, AssigneeId=org.admin)
        org.update("PermissionSetAssignment", assignment, ExpirationDate="2027-01-01T00:00:00Z")

        assert error.code == "INVALID_FIELD_FOR_INSERT_UPDATE"
        assert error.fields == ("AssigneeId",)


def test_an_assigned_permission_set_is_not_deleted() -> None:
    with rule_org() as org:
        reader = _permission_set(org)
        assignment = org.insert("PermissionSetAssignment", AssigneeId=org.user(), PermissionSetId=reader)

        error = org.refused_delete("PermissionSet", reader)
        org.delete("PermissionSetAssignment", assignment)
        org.delete("PermissionSet", reader)

    assert error == RowError("DEPENDENCY_EXISTS", messages.IN_USE.format(label="permission set"))


def test_deleting_an_assigned_permission_set_is_a_setting() -> None:
    with rule_org(records_in_use_are_kept=False) as org:
        reader = _permission_set(org)
        org.insert("PermissionSetAssignment", AssigneeId=org.user(), PermissionSetId=reader)

        org.delete("PermissionSet", reader)

        assert org.org.store.get("PermissionSet", reader) is None


def test_every_rule_and_every_effect_has_its_own_id_and_a_public_source() -> None:
    rows: tuple[Rule | Effect, ...] = (*RULES, *EFFECTS)

    assert len({row.id for row in rows}) == len(rows)
    assert [row.id for row in rows if not row.source.startswith("https://")] == []
    assert [row.id for row in rows if not row.fact or not row.operations] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_names_real_settings_and_an_inferred_one_has_a_setting(rule: Rule) -> None:
    known = {item.name for item in fields(Settings)}
    fixed = {"portal-flags-stay", "portal-role-stays"}

    assert set(rule.settings) <= known
    assert rule.tag != "inferred" or rule.settings or rule.id in fixed
