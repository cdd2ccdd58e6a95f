"""Rules on roles."""

import pytest

from reconciler.simulator import messages
from reconciler.simulator.errors import RowError
from tests.rule_org import RuleOrg, rule_org

ROLE_TYPE = RowError("FIELD_INTEGRITY_EXCEPTION", "role type must match user type")
SYSTEM_ROLE = RowError("FIELD_INTEGRITY_EXCEPTION", "Cannot specify system-maintained portal role field", ("Name",))
OWNER_NEEDS_ROLE = RowError("UNKNOWN_EXCEPTION", "portal account owner must have a role")


def _ceo(org: RuleOrg) -> str:
    return str(org.find("UserRole", Name="CEO")["Id"])


@pytest.mark.parametrize("profile", ["Identity", "Customer", "Plus", "Partner"])
def test_an_external_user_gets_no_internal_role(profile: str) -> None:
    with rule_org() as org:
        sonia = org.linked(profile)

        error = org.refused_update("User", sonia, UserRoleId=_ceo(org))

    assert error == ROLE_TYPE


@pytest.mark.parametrize(("profile", "other"), [("Plus", "Partner"), ("Partner", "Plus")])
def test_a_role_based_user_gets_no_role_of_the_other_portal(profile: str, other: str) -> None:
    with rule_org() as org:
        sonia, kim = org.linked(profile), org.linked(other, "kim@acme.example")

        error = org.refused_update("User", sonia, UserRoleId=org.get("User", kim)["UserRoleId"])

    assert error == ROLE_TYPE


def test_neither_a_high_volume_nor_an_internal_user_gets_a_portal_role() -> None:
    with rule_org() as org:
        role = org.get("User", org.linked("Plus"))["UserRoleId"]
        kim = org.linked("Customer", "kim@acme.example")

        errors = [org.refused_update("User", user, UserRoleId=role) for user in (kim, org.integration)]

    assert errors == [ROLE_TYPE, ROLE_TYPE]


def test_a_wrong_role_is_refused_together_with_the_license_that_it_does_not_fit() -> None:
    with rule_org() as org:
        sonia = org.linked()

        error = org.refused_update("User", sonia, ProfileId=org.profile("Plus"), UserRoleId=_ceo(org))

        assert error == ROLE_TYPE
        assert org.roles() == {}


def test_an_internal_user_may_have_an_internal_role_and_lose_it() -> None:
    with rule_org() as org:
        org.update("User", org.integration, UserRoleId=_ceo(org))
        org.update("User", org.integration, UserRoleId=None)

        assert org.get("User", org.integration)["UserRoleId"] is None


def test_a_role_of_another_account_is_refused() -> None:
    with rule_org() as org:
        sonia = org.linked("Plus")
        kim = org.user("kim@acme.example", "Plus", ContactId=org.contact(org.globex))

        error = org.refused_update("User", sonia, UserRoleId=org.get("User", kim)["UserRoleId"])

    assert error == RowError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")


def test_roles_of_other_accounts_are_a_setting() -> None:
    with rule_org(roles_of_other_accounts=True) as org:
        sonia = org.linked("Plus")
        kim = org.user("kim@acme.example", "Plus", ContactId=org.contact(org.globex))
        role = org.get("User", kim)["UserRoleId"]

        org.update("User", sonia, UserRoleId=role)

        assert org.get("User", sonia)["UserRoleId"] == role


@pytest.mark.parametrize("profile", ["Identity", "Customer"])
def test_a_user_of_a_license_without_roles_has_no_role_level(profile: str) -> None:
    with rule_org() as org:
        sonia = org.linked(profile)

        error = org.refused_update("User", sonia, PortalRole="Manager")

    assert error == ROLE_TYPE


@pytest.mark.parametrize("level", ["Manager", "Executive", "PersonAccount"])
def test_a_role_level_that_the_org_does_not_make_is_refused(level: str) -> None:
    with rule_org(portal_role_levels=1) as org:
        sonia = org.linked("Plus")

        later = org.refused_update("User", sonia, PortalRole=level)
        row = org.user_row("kim@globex.example", "Plus", ContactId=org.contact(org.globex), PortalRole=level)
        at_once = org.refused_insert("User", **row)

    assert later == at_once
    message = messages.MISSING_LEVEL.format(level=level)
    assert at_once == RowError("FIELD_INTEGRITY_EXCEPTION", message, ("PortalRole",))


def test_falling_back_to_the_lowest_level_is_a_setting() -> None:
    with rule_org(portal_role_levels=1, missing_role_level_falls_back=True) as org:
        sonia = org.linked("Plus", PortalRole="Executive")

        assert org.get("User", sonia)["PortalRole"] == "Worker"


def test_the_owner_of_an_account_with_portal_users_keeps_its_role() -> None:
    with rule_org() as org:
        org.update("User", org.admin, UserRoleId=None)
        org.update("User", org.admin, UserRoleId=_ceo(org))
        org.linked()

        error = org.refused_update("User", org.admin, UserRoleId=None)

    assert error == OWNER_NEEDS_ROLE


def test_an_owner_that_loses_its_role_is_a_setting() -> None:
    with rule_org(portal_account_owner_keeps_role=False) as org:
        org.linked()

        org.update("User", org.admin, UserRoleId=None)

        assert org.get("User", org.admin)["UserRoleId"] is None


@pytest.mark.parametrize("field", ["PortalType", "PortalRole", "PortalAccountId", "PortalAccountOwnerId"])
def test_nobody_makes_a_portal_role(field: str) -> None:
    values = {"PortalType": "Partner", "PortalRole": "Worker"}
    with rule_org() as org:
        ids = {"PortalAccountId": org.acme, "PortalAccountOwnerId": org.admin}

        error = org.refused_insert("UserRole", Name="Acme Partner User", **{field: {**values, **ids}[field]})

    assert error == SYSTEM_ROLE


def test_nobody_changes_a_portal_role_or_deletes_one_that_others_stand_below() -> None:
    with rule_org() as org:
        role = org.get("User", org.linked("Plus"))["UserRoleId"]
        manager = org.roles()["Acme Customer Manager"]["Id"]

        changed, deleted = org.refused_update("UserRole", role, Name="Boss"), org.refused_delete("UserRole", manager)
        used = org.refused_delete("UserRole", role)

    assert (changed, deleted) == (SYSTEM_ROLE, SYSTEM_ROLE)
    assert used == RowError("DEPENDENCY_EXISTS", messages.IN_USE.format(label="role"))


def test_without_its_user_role_the_manager_role_of_an_account_becomes_that() -> None:
    with rule_org() as org:
        sonia = org.linked("Plus", PortalRole="Manager")
        roles = org.roles()

        org.delete("UserRole", roles["Acme Customer User"]["Id"])

        user, left = org.get("User", sonia), org.roles()
        assert set(left) == {"Acme Customer User", "Acme Customer Executive"}
        assert left["Acme Customer User"]["Id"] == roles["Acme Customer Manager"]["Id"] == user["UserRoleId"]
        assert (left["Acme Customer User"]["PortalRole"], user["PortalRole"]) == ("Worker", "Worker")
        org.update("User", sonia, PortalRole="Executive")
        assert org.refused_delete("UserRole", left["Acme Customer User"]["Id"]) == SYSTEM_ROLE


def test_the_only_role_of_an_account_is_deleted_and_made_again_with_the_next_user() -> None:
    with rule_org(portal_role_levels=1) as org:
        sonia = org.linked("Plus")
        role = org.get("User", sonia)["UserRoleId"]
        org.update("User", sonia, IsPortalEnabled=False)

        org.delete("UserRole", role)
        org.linked("Plus", "kim@acme.example")

        assert set(org.roles()) == {"Acme Customer User"}


def test_an_internal_role_may_be_made_and_renamed_and_deleted() -> None:
    with rule_org() as org:
        role = org.insert("UserRole", Name="Buyer", ParentRoleId=_ceo(org))

        org.update("UserRole", role, Name="Head of purchase")
        org.delete("UserRole", role)

        assert org.org.store.get("UserRole", role) is None


def test_a_role_in_use_is_not_deleted() -> None:
    with rule_org() as org:
        director = str(org.find("UserRole", Name="Director")["Id"])
        org.update("User", org.integration, UserRoleId=director)

        errors = [org.refused_delete("UserRole", role) for role in (director, _ceo(org))]

    assert errors == [RowError("DEPENDENCY_EXISTS", messages.IN_USE.format(label="role"))] * 2


def test_deleting_a_role_in_use_is_a_setting() -> None:
    with rule_org(records_in_use_are_kept=False) as org:
        org.delete("UserRole", _ceo(org))

        assert org.org.store.find("UserRole", Name="CEO") == []
