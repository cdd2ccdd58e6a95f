"""Account Role Optimization: accounts of one user share a role of their owner; and what clearing a flag takes away."""

from typing import Any

import pytest

from reconciler.simulator import messages, parse_seed, seed_text
from reconciler.simulator.errors import RowError
from tests.rule_org import RuleOrg, rule_org
from tests.simulator.orgs import made_of

OPTIMIZED: dict[str, Any] = {"account_role_optimization": True}


def role_of(org: RuleOrg, user: str) -> tuple[str, str]:
    record = org.get("User", user)
    role = org.get("UserRole", record["UserRoleId"])
    assert role["PortalRole"] == record["PortalRole"]
    return role["Name"], record["PortalRole"]


def owner_below_the_ceo(org: RuleOrg) -> str:
    director = org.find("UserRole", Name="Director")["Id"]
    return org.user("owner@acme.example", "Sales", UserRoleId=director, Alias="own")


@pytest.mark.parametrize(("profile", "kind"), [("Plus", "Customer"), ("Partner", "Partner")])
def test_the_only_user_of_an_account_shares_a_role_of_the_accounts_owner(profile: str, kind: str) -> None:
    with rule_org(**OPTIMIZED) as org:
        sonia = org.linked(profile)
        omar = org.user("omar@globex.example", profile, ContactId=org.contact(org.globex))
        admin = org.get("User", org.admin)

        role = org.get("UserRole", org.get("User", sonia)["UserRoleId"])

        assert role_of(org, sonia) == role_of(org, omar) == (f"{admin['Alias']} {kind} Person Account", "PersonAccount")
        assert org.get("User", omar)["UserRoleId"] == role["Id"]
        assert (role["ParentRoleId"], role["PortalAccountOwnerId"]) == (admin["UserRoleId"], org.admin)
        assert role["PortalAccountId"] is None
        assert org.roles() == org.roles(org.globex) == {}


def test_the_second_user_gives_the_account_its_roles_and_takes_the_first_along() -> None:
    with rule_org(**OPTIMIZED) as org:
        sonia = org.linked("Plus")

        kim = org.linked("Plus", "kim@acme.example")

        assert set(org.roles()) == {"Acme Customer User", "Acme Customer Manager", "Acme Customer Executive"}
        assert role_of(org, sonia) == role_of(org, kim) == ("Acme Customer User", "Worker")


def test_families_and_inactive_users_do_not_count_for_one_another() -> None:
    with rule_org(**OPTIMIZED) as org:
        org.linked("Plus", "gone@acme.example", IsActive=False)
        partner, customer = org.linked("Partner", "partner@acme.example"), org.linked("Plus")
        org.linked("Customer", "lite@acme.example")

        assert {role_of(org, user)[1] for user in (partner, customer)} == {"PersonAccount"}


def test_a_level_that_is_asked_for_gives_the_account_its_roles_at_once() -> None:
    with rule_org(**OPTIMIZED) as org:
        sonia = org.linked("Plus", PortalRole="Manager")

        assert role_of(org, sonia) == ("Acme Customer Manager", "Manager")


def test_a_user_moves_to_the_shared_role_by_its_level_or_by_the_role_and_back() -> None:
    with rule_org(**OPTIMIZED) as org:
        sonia, kim = org.linked("Plus"), org.linked("Plus", "kim@acme.example")

        org.update("User", sonia, PortalRole="PersonAccount")
        shared = org.get("User", sonia)["UserRoleId"]
        org.update("User", sonia, ProfileId=org.profile("Plus Login"))
        kept = role_of(org, sonia)
        org.update("User", kim, UserRoleId=shared)
        by_role = role_of(org, kim)
        org.update("User", kim, UserRoleId=org.roles()["Acme Customer Executive"]["Id"])

        assert kept == by_role == (org.get("UserRole", shared)["Name"], "PersonAccount")
        assert role_of(org, kim) == ("Acme Customer Executive", "Executive")


def test_a_new_contact_elsewhere_leaves_the_shared_role_for_the_one_that_fits_there() -> None:
    with rule_org(**OPTIMIZED, contact_can_change=True) as org:
        sonia = org.linked("Plus")
        for name in ("kim@globex.example", "omar@globex.example"):
            org.user(name, "Plus", ContactId=org.contact(org.globex))

        org.update("User", sonia, ContactId=org.contact(org.globex))

        assert role_of(org, sonia) == ("Globex Customer User", "Worker")


def test_a_user_whose_contact_moves_shares_the_role_of_the_new_owner() -> None:
    with rule_org(**OPTIMIZED) as org:
        owner = org.user(
            "owner@acme.example", "Sales", UserRoleId=org.find("UserRole", Name="Director")["Id"], Alias="own"
        )
        org.update("Account", org.globex, OwnerId=owner)
        sonia = org.linked("Plus")

        org.update("Contact", org.get("User", sonia)["ContactId"], AccountId=org.globex)

        assert role_of(org, sonia) == ("own Customer Person Account", "PersonAccount")


def test_users_on_the_shared_role_follow_their_account_to_its_new_owner() -> None:
    with rule_org(**OPTIMIZED) as org:
        owner = org.user(
            "owner@acme.example", "Sales", UserRoleId=org.find("UserRole", Name="Director")["Id"], Alias="own"
        )
        sonia, partner = org.linked("Plus"), org.linked("Partner", "partner@acme.example", PortalRole="Manager")

        org.update("Account", org.acme, OwnerId=owner)

        assert role_of(org, sonia) == ("own Customer Person Account", "PersonAccount")
        assert role_of(org, partner) == ("Acme Partner Manager", "Manager")


def test_without_the_optimization_there_is_no_shared_role() -> None:
    with rule_org() as org:
        error = org.refused_update("User", org.linked("Plus"), PortalRole="PersonAccount")

    message = messages.MISSING_LEVEL.format(level="PersonAccount")
    assert error == RowError("FIELD_INTEGRITY_EXCEPTION", message, ("PortalRole",))


def test_shared_roles_are_a_round_trip() -> None:
    with rule_org(**OPTIMIZED) as org:
        org.linked("Plus")
        first = seed_text(org.org)
        again = made_of(parse_seed(first))

    assert seed_text(again) == first
    assert "PortalRole: PersonAccount" in first
    assert again.store.find("UserRole", PortalRole="PersonAccount", PortalType="CustomerPortal")


@pytest.mark.parametrize(
    ("flag", "lost", "kept"),
    [("IsCustomerPortal", ("plus", "lite"), ("partner",)), ("IsPartner", ("partner",), ("plus", "lite"))],
)
def test_an_account_that_loses_a_flag_loses_its_users_of_that_kind_and_their_roles(
    flag: str, lost: tuple[str, ...], kept: tuple[str, ...]
) -> None:
    with rule_org() as org:
        profiles = {"plus": "Plus", "lite": "Customer", "partner": "Partner"}
        users = {name: org.linked(profile, f"{name}@acme.example") for name, profile in profiles.items()}
        contacts = {name: org.get("User", user)["ContactId"] for name, user in users.items()}
        elsewhere = org.user("else@acme.example", "Plus", ContactId=org.contact(org.globex))

        org.update("Account", org.acme, **{flag: False})

        after: dict[str, Any] = {name: org.get("User", user) for name, user in users.items()}
        for name in lost:
            assert (after[name]["IsActive"], after[name]["IsPortalEnabled"]) == (False, False)
            assert after[name]["Username"] == f"{name}@acme.example_"
            assert [after[name][field] for field in ("ContactId", "UserRoleId", "PortalRole")] == [None] * 3
            assert org.org.store.get("Contact", contacts[name]) is not None
        assert all(after[name]["IsActive"] and after[name]["ContactId"] for name in kept)
        assert {role["PortalType"] for role in org.roles().values()} == (
            {"Partner"} if flag == "IsCustomerPortal" else {"CustomerPortal"}
        )
        assert org.get("User", elsewhere)["IsActive"] is True
        assert org.get("Account", org.acme)[flag] is False
