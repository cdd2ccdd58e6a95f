"""Rules on the link from a user to its contact, and on the account behind it."""

import pytest

from reconciler.simulator import messages
from reconciler.simulator.dml import Operation
from reconciler.simulator.errors import RowError
from tests.rule_org import rule_org

OWNER_NEEDS_ROLE = RowError("UNKNOWN_EXCEPTION", "portal account owner must have a role")
CONTACT_TAKEN = RowError("PORTAL_USER_ALREADY_EXISTS_FOR_CONTACT", "portal user already exists for contact")
CONTACT_FIXED = RowError("FIELD_INTEGRITY_EXCEPTION", messages.CONTACT_FIXED, ("ContactId",))
CONTACT_OF_USER = RowError("DELETE_FAILED", messages.CONTACT_OF_USER)


def test_a_contact_that_is_set_can_neither_be_changed_nor_cleared() -> None:
    with rule_org() as org:
        sonia = org.linked()

        changed = org.refused_update("User", sonia, ContactId=org.contact())
        cleared = org.refused_update("User", sonia, ContactId=None)

    assert (changed, cleared) == (CONTACT_FIXED, CONTACT_FIXED)


def test_the_contact_that_a_user_has_may_be_given_again() -> None:
    with rule_org() as org:
        sonia = org.linked()
        contact = org.get("User", sonia)["ContactId"]

        org.update("User", sonia, ContactId=contact)

        assert org.get("User", sonia)["ContactId"] == contact


def test_changing_a_contact_is_a_setting() -> None:
    with rule_org(contact_can_change=True) as org:
        sonia, contact = org.linked("Plus"), org.contact(org.globex)

        org.update("User", sonia, ContactId=contact)

        assert org.get("User", sonia)["AccountId"] == org.globex
        assert org.get("User", sonia)["UserRoleId"] == org.roles(org.globex)["Globex Customer User"]["Id"]


def test_clearing_a_contact_leaves_no_community_user_without_one_even_where_contacts_can_change() -> None:
    with rule_org(contact_can_change=True) as org:
        plus, identity = org.linked("Plus"), org.linked("Identity", "kim@acme.example")

        refused = org.refused_update("User", plus, ContactId=None)
        org.update("User", identity, ContactId=None)

        assert refused.code == "INVALID_CROSS_REFERENCE_KEY"
        assert org.get("User", identity)["AccountId"] is None


def test_an_internal_user_can_have_no_contact() -> None:
    with rule_org() as org:
        updated = org.refused_update("User", org.integration, ContactId=org.contact())
        created = org.refused_insert("User", **org.user_row("kim@acme.example", "Sales", ContactId=org.contact()))

    assert updated == created
    assert created == RowError("FIELD_INTEGRITY_EXCEPTION", messages.CONTACT_OF_INTERNAL, ("ContactId",))


def test_contacts_of_internal_users_are_a_setting() -> None:
    with rule_org(internal_users_with_contact=True) as org:
        contact = org.contact()

        org.update("User", org.integration, ContactId=contact)

        assert org.get("User", org.integration)["ContactId"] == contact


def test_a_contact_without_an_account_can_have_no_user() -> None:
    with rule_org() as org:
        sonia, private = org.user(), org.insert("Contact", LastName="James")

        linked = org.refused_update("User", sonia, ContactId=private)
        created = org.refused_insert("User", **org.user_row("kim@acme.example", "Plus", ContactId=private))

    assert (linked, created) == (OWNER_NEEDS_ROLE, OWNER_NEEDS_ROLE)


def test_a_contact_has_one_user() -> None:
    with rule_org() as org:
        contact, kim = org.contact(), org.user("kim@acme.example")
        org.user("sonia@acme.example", ContactId=contact)

        linked = org.refused_update("User", kim, ContactId=contact)
        created = org.refused_insert("User", **org.user_row("omar@acme.example", ContactId=contact))

    assert (linked, created) == (CONTACT_TAKEN, CONTACT_TAKEN)


def test_an_inactive_user_keeps_its_contact_and_a_disabled_one_frees_it() -> None:
    with rule_org() as org:
        contact, kim = org.contact(), org.user("kim@acme.example")
        sonia = org.user("sonia@acme.example", ContactId=contact)

        org.update("User", sonia, IsActive=False)
        while_inactive = org.refused_update("User", kim, ContactId=contact)
        org.update("User", sonia, IsPortalEnabled=False)
        org.update("User", kim, ContactId=contact)

        assert while_inactive == CONTACT_TAKEN
        assert org.get("User", kim)["ContactId"] == contact


def test_inactive_users_that_free_their_contact_are_a_setting_and_must_find_it_free_again() -> None:
    with rule_org(inactive_users_free_contact=True) as org:
        contact, kim = org.contact(), org.user("kim@acme.example")
        sonia = org.user("sonia@acme.example", ContactId=contact)

        org.update("User", sonia, IsActive=False)
        org.update("User", kim, ContactId=contact)
        org.update("User", sonia, Title="Buyer")
        activated = org.refused_update("User", sonia, IsActive=True)

    assert activated == CONTACT_TAKEN


@pytest.mark.parametrize("profile", ["Identity", "Customer", "Plus", "Partner"])
def test_the_account_of_a_new_user_needs_an_owner_with_a_role(profile: str) -> None:
    with rule_org() as org:
        contact = org.contact(org.roleless)

        error = org.refused_insert("User", **org.user_row("sonia@acme.example", profile, ContactId=contact))

    assert error == OWNER_NEEDS_ROLE


def test_a_user_is_not_linked_to_an_account_whose_owner_has_no_role() -> None:
    with rule_org() as org:
        sonia = org.user()

        error = org.refused_update("User", sonia, ContactId=org.contact(org.roleless))

    assert error == OWNER_NEEDS_ROLE


def test_whether_identity_users_need_an_owner_with_a_role_is_a_setting() -> None:
    with rule_org(contact_identity_needs_owner_role=False) as org:
        sonia = org.user()

        org.update("User", sonia, ContactId=org.contact(org.roleless))
        upgraded = org.refused_update("User", sonia, ProfileId=org.profile("Plus"))

        assert org.get("User", sonia)["AccountId"] == org.roleless
        assert upgraded == OWNER_NEEDS_ROLE


def test_an_account_or_a_contact_of_a_partner_user_gets_no_partner_users() -> None:
    with rule_org() as org:
        partner = org.linked("Partner", "partner@acme.example")
        org.update("Account", org.globex, OwnerId=partner)
        of_account, of_contact = org.contact(org.globex, OwnerId=org.admin), org.contact(org.acme, OwnerId=partner)

        errors = [
            org.refused_insert("User", **org.user_row("kim@acme.example", "Partner", ContactId=contact))
            for contact in (of_account, of_contact)
        ]
        org.user("kim@acme.example", "Plus", ContactId=of_account)

    assert errors == [RowError("UNKNOWN_EXCEPTION", "portal users cannot own partner accounts")] * 2


def test_the_contact_of_a_user_moves_only_to_an_account_whose_owner_has_a_role() -> None:
    with rule_org() as org:
        sonia, free = org.linked(), org.contact()
        contact = org.get("User", sonia)["ContactId"]

        error = org.refused_update("Contact", contact, AccountId=org.roleless)
        org.update("Contact", free, AccountId=org.roleless)

        assert error == OWNER_NEEDS_ROLE
        assert org.get("User", sonia)["AccountId"] == org.acme


def test_moving_contacts_to_accounts_whose_owner_has_no_role_is_a_setting() -> None:
    with rule_org(moved_contact_needs_owner_role=False) as org:
        sonia = org.linked()

        org.update("Contact", org.get("User", sonia)["ContactId"], AccountId=org.roleless)

        assert org.get("User", sonia)["AccountId"] == org.roleless


def test_one_call_moves_so_many_contacts_of_users_and_any_number_of_others() -> None:
    with rule_org(moved_contacts=1) as org:
        users = [org.linked(), org.linked(username="kim@acme.example")]
        contacts = [org.get("User", user)["ContactId"] for user in users]
        rows = [{"Id": contact, "AccountId": org.globex} for contact in (org.contact(), *contacts)]

        results = org.run(Operation.UPDATE, "Contact", *rows)
        org.update("Contact", contacts[1], AccountId=org.globex)

    error = RowError("LIMIT_EXCEEDED", messages.MOVED_CONTACTS.format(most=1), ("AccountId",))
    assert [result.errors for result in results] == [(), (), (error,)]


def test_the_contact_of_a_user_keeps_its_account_and_is_not_deleted() -> None:
    with rule_org() as org:
        contact = org.get("User", org.linked())["ContactId"]

        cleared = org.refused_update("Contact", contact, AccountId=None)
        deleted = org.refused_delete("Contact", contact)

    assert cleared == RowError("FIELD_INTEGRITY_EXCEPTION", messages.CONTACT_OF_USER, ("AccountId",))
    assert deleted == CONTACT_OF_USER


def test_a_contact_without_a_user_may_lose_its_account_and_be_deleted() -> None:
    with rule_org() as org:
        contact = org.contact()

        org.update("Contact", contact, AccountId=None)
        org.delete("Contact", contact)

        assert org.org.store.get("Contact", contact) is None


def test_keeping_the_contacts_of_users_is_a_setting() -> None:
    with rule_org(contacts_of_users_are_kept=False) as org:
        contact = org.get("User", org.linked())["ContactId"]

        org.update("Contact", contact, AccountId=None)
        org.delete("Contact", contact)

        assert org.org.store.get("Contact", contact) is None


def test_a_duplicate_contact_is_refused_where_the_org_has_a_duplicate_rule() -> None:
    row = {"LastName": "James", "Email": "sonia@acme.example"}
    with rule_org(duplicate_contact_rule=True) as org:
        org.insert("Contact", **row)
        org.insert("Contact", LastName="James")

        error = org.refused_insert("Contact", **row)
        saved = org.run(Operation.INSERT, "Contact", row, allow_duplicates=True)
        other = org.run(Operation.INSERT, "Contact", {**row, "LastName": "Lee"})

    assert error == RowError("DUPLICATES_DETECTED", "Use one of these records?")
    assert [result.success for result in saved + other] == [True, True]


def test_an_org_has_no_duplicate_rule_unless_it_is_set() -> None:
    row = {"LastName": "James", "Email": "sonia@acme.example"}
    with rule_org() as org:
        results = org.run(Operation.INSERT, "Contact", row, row)

    assert [result.success for result in results] == [True, True]
