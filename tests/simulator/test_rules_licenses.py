"""Rules about licenses: moves, contacts, seats, profiles, permission sets bound to a license."""

from dataclasses import replace

import pytest

from reconciler.simulator import messages
from reconciler.simulator.dml import Operation
from reconciler.simulator.errors import RowError
from reconciler.simulator.rules.licenses import MOVES, Family, Verdict
from reconciler.simulator.settings import Settings
from tests.rule_org import RuleOrg, rule_org

NO_CONTACT = RowError("INVALID_CROSS_REFERENCE_KEY", "Cannot create a portal user without contact", ("ContactId",))
FORBIDDEN = RowError(
    "FIELD_INTEGRITY_EXCEPTION",
    "You can only assign profiles that are compatible with the user's license. "
    "For a list of compatible licenses and profiles, see the Salesforce Help.",
    ("ProfileId",),
)

_OK = ("Identity", "Identity B", "Customer", "Customer Login", "Plus", "Plus Login", "Partner", "Gold", "Sales")
MOVES_OF_USERS_WITH_CONTACT = [
    # from, permitted to; every other profile is refused
    ("Identity", {"Identity B", "Customer", "Customer Login", "Plus", "Plus Login", "Partner", "Gold"}),
    ("Customer", {"Customer Login", "Plus", "Plus Login", "Partner", "Gold"}),
    ("Customer Login", {"Customer", "Plus", "Plus Login", "Partner", "Gold"}),
    ("Plus", {"Plus Login"}),
    ("Plus Login", {"Plus"}),
    ("Partner", {"Gold"}),
    ("Gold", {"Partner"}),
]


def _move(org: RuleOrg, user: str, profile: str) -> RowError | None:
    results = org.run(Operation.UPDATE, "User", {"Id": user, "ProfileId": org.profile(profile)})
    return results[0].errors[0] if results[0].errors else None


@pytest.mark.parametrize(("held", "permitted"), MOVES_OF_USERS_WITH_CONTACT)
def test_a_user_with_a_contact_moves_only_to_the_permitted_licenses(held: str, permitted: set[str]) -> None:
    for wanted in set(_OK) - {held}:
        with rule_org() as org:
            user = org.linked(held)

            error = _move(org, user, wanted)

            assert error == (None if wanted in permitted else FORBIDDEN), wanted
            assert org.get("User", user)["ProfileId"] == org.profile(wanted if error is None else held)


@pytest.mark.parametrize("wanted", ["Customer", "Customer Login", "Plus", "Partner"])
def test_a_contactless_user_needs_its_contact_before_another_license(wanted: str) -> None:
    with rule_org() as org:
        sonia = org.user()

        error = _move(org, sonia, wanted)

    assert error == NO_CONTACT


def test_a_contactless_user_never_becomes_internal_but_may_change_its_identity_profile() -> None:
    with rule_org() as org:
        sonia = org.user()

        to_sales, to_identity = _move(org, sonia, "Sales"), _move(org, sonia, "Identity B")

    assert (to_sales, to_identity) == (FORBIDDEN, None)


@pytest.mark.parametrize("wanted", ["Identity", "Customer", "Plus", "Partner"])
def test_an_internal_user_never_becomes_external(wanted: str) -> None:
    with rule_org() as org:
        error = _move(org, org.integration, wanted)

    assert error is not None
    assert error.code in {"FIELD_INTEGRITY_EXCEPTION", "INVALID_CROSS_REFERENCE_KEY"}


def test_a_customer_portal_user_moves_nowhere() -> None:
    with rule_org() as org:
        sonia = org.linked("Customer")
        org.org.store.update("Profile", org.profile("Customer"), {"UserType": "CustomerSuccess"})

        error = _move(org, sonia, "Plus")

    assert error == FORBIDDEN


def test_the_table_of_moves_has_a_verdict_for_each_pair() -> None:
    wanted = {Family.IDENTITY, Family.LITE, Family.CUSTOMER, Family.PARTNER, Family.INTERNAL}

    assert set(MOVES) == set(Family)
    assert all(set(row) == wanted for row in MOVES.values())
    assert {verdict for row in MOVES.values() for verdict in row.values()} == set(Verdict)


@pytest.mark.parametrize(("setting", "wanted"), [("plus_to_lite", "Customer"), ("plus_to_partner", "Partner")])
def test_a_doubtful_move_is_a_setting(setting: str, wanted: str) -> None:
    with rule_org(None, **{setting: True}) as org:
        sonia = org.linked("Plus")

        error = _move(org, sonia, wanted)

        assert error is None


def test_contact_and_license_in_one_update_are_refused_by_default() -> None:
    with rule_org() as org:
        sonia = org.user()

        error = org.refused_update("User", sonia, ContactId=org.contact(), ProfileId=org.profile("Plus"))

        assert error == NO_CONTACT
        assert org.get("User", sonia)["ContactId"] is None


def test_contact_and_license_in_one_update_are_a_setting() -> None:
    with rule_org(combined_contact_profile=True) as org:
        sonia = org.user()

        org.update("User", sonia, ContactId=org.contact(), ProfileId=org.profile("Plus"))

        assert org.get("User", sonia)["UserType"] == "PowerCustomerSuccess"


@pytest.mark.parametrize("profile", ["Customer", "Plus", "Partner"])
def test_a_new_community_user_needs_a_contact(profile: str) -> None:
    with rule_org() as org:
        error = org.refused_insert("User", **org.user_row("sonia@acme.example", profile))

    assert error == NO_CONTACT


def test_where_contactless_users_are_off_a_new_identity_user_needs_a_contact() -> None:
    with rule_org(contactless_users=False) as org:
        error = org.refused_insert("User", **org.user_row("sonia@acme.example"))
        linked = org.linked(username="kim@acme.example")

        assert error == NO_CONTACT
        assert org.get("User", linked)["AccountId"] == org.acme


def test_a_user_from_when_contactless_users_were_on_can_still_be_linked() -> None:
    with rule_org() as org:
        sonia, contact = org.user(), org.contact()
        org.org = replace(org.org, settings=Settings(contactless_users=False))

        org.update("User", sonia, ContactId=contact)

        assert org.get("User", sonia)["ContactId"] == contact


def test_a_disabled_community_user_can_neither_be_activated_nor_linked_before_it_is_contactless_again() -> None:
    with rule_org() as org:
        sonia = org.linked("Plus")
        org.update("User", sonia, IsPortalEnabled=False)

        activated = org.refused_update("User", sonia, IsActive=True)
        linked = org.refused_update("User", sonia, ContactId=org.contact())

    assert (activated, linked) == (NO_CONTACT, NO_CONTACT)


@pytest.mark.parametrize("profile", ["Customer", "Plus", "Partner"])
def test_a_disabled_user_comes_back_as_a_contactless_one(profile: str) -> None:
    with rule_org() as org:
        sonia = org.linked(profile)
        org.update("User", sonia, IsPortalEnabled=False)

        org.update("User", sonia, Username="sonia@acme.example", ProfileId=org.profile("Identity"), IsActive=True)

        record = org.get("User", sonia)
        assert (record["Username"], record["ContactId"], record["IsActive"]) == ("sonia@acme.example", None, True)


def test_a_user_that_is_only_inactive_does_not_come_back_as_a_contactless_one() -> None:
    with rule_org() as org:
        sonia = org.linked("Plus")
        org.update("User", sonia, IsActive=False)

        error = _move(org, sonia, "Identity")

    assert error == FORBIDDEN


def test_standard_external_profiles_are_refused_on_create_and_on_any_update() -> None:
    with rule_org(standard_external_profiles=False) as org:
        sonia = org.linked("Plus")
        org.org.store.update("User", sonia, {"ProfileId": org.profile("Customer Community Plus User")})

        updated = org.refused_update("User", sonia, Title="Buyer")
        row = org.user_row("kim@acme.example", "Customer Community Plus User", ContactId=org.contact())
        created = org.refused_insert("User", **row)

    assert updated == created
    assert created == RowError(
        "FIELD_INTEGRITY_EXCEPTION",
        "To create or update users for this profile, go to Setup > Digital Experiences > Settings and select Allow "
        "using standard external profiles for self-registration, user creation, and login.: Profile ID",
        ("ProfileId",),
    )


def test_standard_external_profiles_are_a_setting() -> None:
    with rule_org(standard_external_profiles=True) as org:
        sonia = org.linked()

        error = _move(org, sonia, "Customer Community Plus User")

    assert error is None


def test_a_license_without_a_free_seat_refuses_a_new_user() -> None:
    with rule_org({"External Identity": 1}) as org:
        org.user("sonia@acme.example")

        error = org.refused_insert("User", **org.user_row("kim@acme.example"))

    assert error == RowError("LICENSE_LIMIT_EXCEEDED", "License Limit Exceeded - External Identity")


def test_a_license_without_a_free_seat_refuses_a_move_and_an_activation() -> None:
    with rule_org({"Customer Community Plus": 1}) as org:
        sonia = org.linked("Plus")
        kim = org.linked("Identity", "kim@acme.example")
        idle = org.linked("Plus", "idle@acme.example", IsActive=False)

        moved, activated = _move(org, kim, "Plus"), org.refused_update("User", idle, IsActive=True)

        assert moved == activated
        assert moved == RowError("LICENSE_LIMIT_EXCEEDED", "License Limit Exceeded - Customer Community Plus")
        assert org.get("User", sonia)["IsActive"] is True


def test_inactive_users_take_no_seat_and_deactivating_frees_one() -> None:
    with rule_org({"External Identity": 1}) as org:
        sonia = org.user("sonia@acme.example")
        org.user("idle@acme.example", IsActive=False)

        org.update("User", sonia, IsActive=False)
        org.user("kim@acme.example")

        assert org.find("UserLicense", Name="External Identity")["UsedLicenses"] == 1


def test_a_user_that_has_a_seat_keeps_it_even_where_the_license_is_overdrawn() -> None:
    with rule_org() as org:
        sonia = org.user()
        org.org.store.update(
            "UserLicense", str(org.find("UserLicense", Name="External Identity")["Id"]), {"TotalLicenses": 0}
        )

        error = _move(org, sonia, "Identity B")

    assert error is None


def test_a_license_move_is_refused_while_a_permission_set_of_the_old_license_is_assigned() -> None:
    with rule_org() as org:
        sonia = org.linked()
        identity = str(org.find("UserLicense", Name="External Identity")["Id"])
        bound = org.insert("PermissionSet", Name="Bound", Label="Bound", LicenseId=identity)
        free = org.insert("PermissionSet", Name="Free", Label="Free")
        org.insert("PermissionSetAssignment", AssigneeId=sonia, PermissionSetId=free)
        assignment = org.insert("PermissionSetAssignment", AssigneeId=sonia, PermissionSetId=bound)

        error = _move(org, sonia, "Plus")
        org.delete("PermissionSetAssignment", assignment)
        again = _move(org, sonia, "Plus")

    message = messages.PERMISSION_LICENSE.format(label="Bound")
    assert error == RowError("FIELD_INTEGRITY_EXCEPTION", message)
    assert again is None


def test_permission_sets_that_hinder_a_license_move_are_a_setting() -> None:
    with rule_org(license_bound_permission_sets=False) as org:
        sonia = org.linked()
        identity = str(org.find("UserLicense", Name="External Identity")["Id"])
        bound = org.insert("PermissionSet", Name="Bound", Label="Bound", LicenseId=identity)
        org.insert("PermissionSetAssignment", AssigneeId=sonia, PermissionSetId=bound)

        error = _move(org, sonia, "Plus")

    assert error is None
