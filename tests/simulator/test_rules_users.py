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
