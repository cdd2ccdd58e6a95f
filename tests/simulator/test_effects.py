"""What Salesforce does besides what it was asked."""

import re

import pytest

from reconciler.simulator.effects import ensure_roles
from tests.rule_org import STAMP, RuleOrg, rule_org


def _above(org: RuleOrg, role: dict[str, object]) -> object:
    parent = role["ParentRoleId"]
    return org.get("UserRole", str(parent))["Name"] if parent else None


def test_a_new_record_bears_who_made_it_and_when() -> None:
    with rule_org() as org:
        record = org.get("Contact", org.contact())

    assert (record["CreatedById"], record["CreatedDate"]) == (org.admin, STAMP)
    assert (record["LastModifiedById"], record["LastModifiedDate"], record["SystemModstamp"]) == (
        org.admin,
        STAMP,
        STAMP,
    )
    assert record["OwnerId"] == org.admin


def test_a_change_bears_who_made_it_and_leaves_the_creator() -> None:
    with rule_org() as org:
        contact = org.contact(OwnerId=org.integration)
        org.org.store.update("Contact", contact, {"CreatedById": org.integration, "LastModifiedById": None})

        org.update("Contact", contact, Title="Buyer")

        record = org.get("Contact", contact)
        assert (record["CreatedById"], record["LastModifiedById"]) == (org.integration, org.admin)
        assert record["OwnerId"] == org.integration


def test_a_username_is_lower_case() -> None:
    with rule_org() as org:
        sonia = org.user("Sonia@ACME.example")
        org.update("User", sonia, Username="Sonia.James@acme.example")

        assert org.get("User", sonia)["Username"] == "sonia.james@acme.example"


def test_a_nickname_is_made_when_none_is_given() -> None:
    with rule_org() as org:
        sonia, kim = org.user(), org.user("kim@acme.example", CommunityNickname="kim")
        made, given = org.get("User", sonia)["CommunityNickname"], org.get("User", kim)["CommunityNickname"]

    assert re.fullmatch(r"User\d{20}", made)
    assert given == "kim"


def test_a_new_email_is_unverified_silently_and_the_same_email_stays_verified() -> None:
    with rule_org() as org:
        sonia = org.user()
        verified = []
        for email in ("sonia@acme.example", "new@acme.example"):
            org.update("User", sonia, Email=email)
            verified.append(org.get("User", sonia)["HasUserVerifiedEmail"])

    assert verified == [True, False]


def test_a_contact_makes_its_user_a_portal_user_of_its_account() -> None:
    with rule_org() as org:
        sonia = org.user()
        before = org.get("User", sonia)
        org.update("User", sonia, ContactId=org.contact())
        after = org.get("User", sonia)
        account = org.get("Account", org.acme)

    assert (before["IsPortalEnabled"], before["AccountId"]) == (False, None)
    assert (after["IsPortalEnabled"], after["AccountId"]) == (True, org.acme)
    assert (account["IsCustomerPortal"], account["IsPartner"]) == (True, False)


def test_a_partner_user_makes_its_account_a_partner_account() -> None:
    with rule_org() as org:
        org.linked("Partner")
        account = org.get("Account", org.acme)

    assert (account["IsCustomerPortal"], account["IsPartner"]) == (False, True)


def test_a_user_without_a_role_based_license_makes_no_roles() -> None:
    with rule_org() as org:
        users = [org.linked("Identity"), org.linked("Customer", "kim@acme.example")]
        roles = [org.get("User", user)["UserRoleId"] for user in users]

        assert org.roles() == {}
        assert roles == [None, None]


def test_the_first_role_based_user_of_an_account_makes_its_roles_below_the_owners_role() -> None:
    with rule_org() as org:
        sonia = org.linked()
        org.update("User", sonia, ProfileId=org.profile("Plus"))
        roles = org.roles()
        user = org.get("User", sonia)
        parents = {name: _above(org, role) for name, role in roles.items()}

    assert parents == {
        "Acme Customer User": "Acme Customer Manager",
        "Acme Customer Manager": "Acme Customer Executive",
        "Acme Customer Executive": "CEO",
    }
    assert {role["PortalRole"] for role in roles.values()} == {"Worker", "Manager", "Executive"}
    assert {(role["PortalType"], role["PortalAccountOwnerId"]) for role in roles.values()} == {
        ("CustomerPortal", org.admin)
    }
    assert len({role["DeveloperName"] for role in roles.values()}) == 3
    assert (user["UserRoleId"], user["PortalRole"]) == (roles["Acme Customer User"]["Id"], "Worker")


def test_partner_users_have_roles_of_their_own() -> None:
    with rule_org() as org:
        org.linked("Plus")
        kim = org.linked("Partner", "kim@acme.example")
        roles = org.roles()
        held = org.get("User", kim)["UserRoleId"]

    assert len(roles) == 6
    assert held == roles["Acme Partner User"]["Id"]


@pytest.mark.parametrize(
    ("levels", "names"), [(1, {"Acme Customer User"}), (2, {"Acme Customer User", "Acme Customer Manager"})]
)
def test_the_org_says_how_many_roles_an_account_gets(levels: int, names: set[str]) -> None:
    with rule_org(portal_role_levels=levels) as org:
        org.linked("Plus")

        assert set(org.roles()) == names


def test_the_second_user_of_an_account_makes_no_more_roles() -> None:
    with rule_org() as org:
        org.linked("Plus")
        before = org.roles()
        org.linked("Plus Login", "kim@acme.example")

        assert org.roles() == before


def test_a_user_gets_the_level_that_is_asked_for() -> None:
    with rule_org() as org:
        sonia = org.linked("Plus", PortalRole="Manager")
        kim = org.linked("Plus", "kim@acme.example")
        org.update("User", kim, PortalRole="Executive")
        omar = org.linked("Plus", "omar@acme.example")
        org.update("User", omar, UserRoleId=org.roles()["Acme Customer Manager"]["Id"])
        levels = [
            (org.get("User", user)["PortalRole"], org.get("User", user)["UserRoleId"]) for user in (sonia, kim, omar)
        ]
        roles = org.roles()

    manager, executive = roles["Acme Customer Manager"]["Id"], roles["Acme Customer Executive"]["Id"]
    assert levels == [("Manager", manager), ("Executive", executive), ("Manager", manager)]


def test_the_label_of_the_lowest_level_is_taken_for_its_value() -> None:
    with rule_org() as org:
        sonia = org.linked("Plus", PortalRole="User")

        assert org.get("User", sonia)["PortalRole"] == "Worker"


def test_a_role_that_is_cleared_becomes_the_lowest() -> None:
    with rule_org() as org:
        sonia = org.linked("Plus", PortalRole="Executive")
        org.update("User", sonia, UserRoleId=None)

        assert org.get("User", sonia)["PortalRole"] == "Worker"


def test_a_move_within_the_family_keeps_the_role() -> None:
    with rule_org() as org:
        sonia = org.linked("Plus", PortalRole="Executive")
        org.update("User", sonia, ProfileId=org.profile("Plus Login"))

        assert org.get("User", sonia)["PortalRole"] == "Executive"


def test_an_update_of_a_plain_field_changes_no_role() -> None:
    with rule_org() as org:
        sonia = org.linked("Plus", PortalRole="Executive")
        before = org.get("User", sonia)
        org.update("User", sonia, Title="Buyer")

        assert org.get("User", sonia) == {**before, "Title": "Buyer"}


def test_a_long_account_name_is_cut_in_the_names_of_its_roles() -> None:
    with rule_org() as org:
        account = org.insert("Account", Name="A" * 255)
        org.user("sonia@acme.example", "Plus", ContactId=org.contact(account))

        assert {len(name) for name in org.roles(account)} == {80}


def test_roles_can_be_ensured_twice() -> None:
    with rule_org() as org:
        first, second = (ensure_roles(org.org, org.acme, "CustomerPortal") for _ in range(2))

        assert set(first) == {"Worker", "Manager", "Executive"}
        assert first == second


def test_disabling_a_portal_user_deactivates_and_renames_it_and_frees_its_contact_and_seat() -> None:
    with rule_org() as org:
        sonia = org.linked("Plus")
        org.update("User", sonia, IsPortalEnabled=False)
        user = org.get("User", sonia)
        used = org.find("UserLicense", Name="Customer Community Plus")["UsedLicenses"]

    assert (user["IsActive"], user["IsPortalEnabled"], user["Username"]) == (False, False, "sonia@acme.example_")
    assert (user["ContactId"], user["AccountId"], user["UserRoleId"], user["PortalRole"]) == (None, None, None, None)
    assert used == 0


def test_deactivating_a_user_keeps_its_contact_its_name_and_its_role() -> None:
    with rule_org() as org:
        sonia = org.linked("Plus")
        before = org.get("User", sonia)
        org.update("User", sonia, IsActive=False)

        assert org.get("User", sonia) == {**before, "IsActive": False}


def test_the_user_of_a_contact_that_moves_gets_the_lowest_role_of_the_other_account() -> None:
    with rule_org() as org:
        sonia = org.linked("Plus", PortalRole="Executive")
        kim = org.linked("Customer", "kim@acme.example")
        for user in (sonia, kim):
            org.update("Contact", org.get("User", user)["ContactId"], AccountId=org.globex)
        moved, plain = org.get("User", sonia), org.get("User", kim)
        account = org.get("Account", org.globex)
        roles = org.roles(org.globex)

    assert (moved["AccountId"], moved["PortalRole"]) == (org.globex, "Worker")
    assert moved["UserRoleId"] == roles["Globex Customer User"]["Id"]
    assert (plain["AccountId"], plain["UserRoleId"]) == (org.globex, None)
    assert account["IsCustomerPortal"] is True


def test_the_roles_of_an_account_follow_its_new_owner() -> None:
    with rule_org() as org:
        org.linked("Plus")
        director = str(org.find("UserRole", Name="Director")["Id"])
        org.update("User", org.integration, UserRoleId=director)
        org.update("Account", org.acme, OwnerId=org.integration)
        roles = org.roles()
        parents = {name: _above(org, role) for name, role in roles.items()}

    assert parents["Acme Customer Executive"] == "Director"
    assert parents["Acme Customer User"] == "Acme Customer Manager"
    assert {role["PortalAccountOwnerId"] for role in roles.values()} == {org.integration}


def test_the_roles_of_all_accounts_follow_the_role_of_their_owner() -> None:
    with rule_org() as org:
        org.linked("Plus")
        org.user("kim@globex.example", "Partner", ContactId=org.contact(org.globex))
        org.update("User", org.admin, UserRoleId=str(org.find("UserRole", Name="Director")["Id"]))
        roles = {**org.roles(), **org.roles(org.globex)}
        tops = {name for name, role in roles.items() if _above(org, role) == "Director"}

    assert tops == {"Acme Customer Executive", "Globex Partner Executive"}


def test_the_contacts_of_a_deleted_account_go_with_it() -> None:
    with rule_org() as org:
        contact, other = org.contact(org.globex), org.contact()
        org.delete("Account", org.globex)

        assert org.org.store.get("Contact", contact) is None
        assert org.org.store.get("Contact", other) is not None
