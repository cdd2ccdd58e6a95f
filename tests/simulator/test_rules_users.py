"""Rules on a user's names."""

import pytest

from reconciler.simulator import messages
from reconciler.simulator.errors import RowError
from tests.rule_org import rule_org

_DUPLICATE_USERNAME = RowError("DUPLICATE_USERNAME", messages.USERNAME_TAKEN, ("Username",))


@pytest.mark.parametrize(
    "username", ["sonia", "sonia@acme", "@acme.example", "so nia@acme.example", "a@b@acme.example", "sonia@acme."]
)
def test_a_username_that_is_no_address_is_refused(username: str) -> None:
    with rule_org() as org:
        error = org.refused_insert("User", **org.user_row(username, Email="sonia@acme.example"))

    assert error == RowError(
        "FIELD_INTEGRITY_EXCEPTION",
        "Username must be in the form of an email address (for example, john@acme.com): Username",
        ("Username",),
    )


def test_a_username_that_another_user_has_is_refused_without_regard_to_case() -> None:
    with rule_org() as org:
        org.user("sonia@acme.example")

        error = org.refused_insert("User", **org.user_row("SONIA@acme.example"))

    assert error == _DUPLICATE_USERNAME
    assert error.message.startswith("Duplicate Username.<br>The username already exists in this or another Salesforce")
    assert error.message.endswith("match the user's email address). ")


def test_an_inactive_user_keeps_its_username() -> None:
    with rule_org() as org:
        org.user("sonia@acme.example", IsActive=False)
        kim = org.user("kim@acme.example")

        error = org.refused_update("User", kim, Username="sonia@acme.example")

    assert error == _DUPLICATE_USERNAME


def test_a_user_may_be_given_the_username_that_it_has() -> None:
    with rule_org() as org:
        sonia = org.user("sonia@acme.example")

        org.update("User", sonia, Username="Sonia@acme.example", Title="Buyer")

        assert org.get("User", sonia)["Username"] == "sonia@acme.example"


def test_a_nickname_that_another_user_has_is_refused() -> None:
    with rule_org() as org:
        org.user("sonia@acme.example", CommunityNickname="sunny")

        error = org.refused_insert("User", **org.user_row("kim@acme.example", CommunityNickname="Sunny"))

    assert error == RowError("DUPLICATE_COMM_NICKNAME", messages.NICKNAME_TAKEN, ("CommunityNickname",))
    assert error.message.startswith("Duplicate Nickname")


def test_a_federation_identifier_that_another_user_has_is_refused() -> None:
    with rule_org() as org:
        sonia = org.user("sonia@acme.example", FederationIdentifier="A17")
        kim = org.user("kim@acme.example", FederationIdentifier="a17")

        error = org.refused_update("User", kim, FederationIdentifier="A17")

    message = f"duplicate value found: FederationIdentifier duplicates value on record with id: {sonia}"
    assert error == RowError("DUPLICATE_VALUE", message, ("FederationIdentifier",))


def test_users_without_a_federation_identifier_are_no_duplicates() -> None:
    with rule_org() as org:
        org.user("sonia@acme.example")
        kim = org.user("kim@acme.example", FederationIdentifier="A17")

        org.update("User", kim, FederationIdentifier=None)

        assert org.get("User", kim)["FederationIdentifier"] is None


def test_an_address_of_another_domain_than_the_org_allows_is_refused() -> None:
    with rule_org(email_domains="acme.example, Globex.example") as org:
        sonia = org.user(Email="sonia@globex.EXAMPLE")

        created = org.refused_insert("User", **org.user_row("kim@acme.example", Email="kim@initech.example"))
        changed = org.refused_update("User", sonia, Email="sonia@initech.example")
        org.update("User", sonia, Title="Buyer")

    message = "Invalid Email Address: Must be in domain(s) acme.example,Globex.example: Email"
    assert created == changed == RowError("FIELD_INTEGRITY_EXCEPTION", message, ("Email",))


def test_a_feature_is_given_to_as_many_active_users_as_it_is_licensed_for() -> None:
    with rule_org(feature_licenses=1) as org:
        sonia = org.user(UserPermissionsMarketingUser=True)
        kim = org.user("kim@acme.example")

        given = org.refused_update("User", kim, UserPermissionsMarketingUser=True)
        org.update("User", kim, UserPermissionsKnowledgeUser=True)
        org.update("User", sonia, Title="Buyer", UserPermissionsMarketingUser=True)
        org.update("User", sonia, IsActive=False)
        org.update("User", kim, UserPermissionsMarketingUser=True)
        activated = org.refused_update("User", sonia, IsActive=True)
        org.update("User", kim, UserPermissionsMarketingUser=False)
        org.update("User", sonia, IsActive=True)

    assert given == activated == RowError("LICENSE_LIMIT_EXCEEDED", "License Limit Exceeded")


def test_an_inactive_user_takes_no_feature_license() -> None:
    with rule_org(feature_licenses=0) as org:
        sonia = org.user(IsActive=False, UserPermissionsMarketingUser=True)

        assert org.get("User", sonia)["UserPermissionsMarketingUser"] is True
