"""Applying real plans to a simulated org: what is written, in which order, and what is left alone."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from reconciler import pipeline
from reconciler.model import Outcome, Result
from tests.live.simulated import Seed, Simulated, a_seed, contact, simulated, upgrade, user


def apply(org: Simulated, *documents: str) -> list[Result]:
    """Plan these documents and apply the plan."""
    plan = org.plans(*documents)
    assert plan.errors == ()
    return list(pipeline.run(plan, org.org))


def outcomes(results: list[Result]) -> list[tuple[str, str]]:
    return [(str(result.change.address), result.outcome.value) for result in results]


def undone(results: list[Result]) -> list[tuple[str, str, str]]:
    return [
        (str(result.change.address), result.outcome.value, result.message or "")
        for result in results
        if result.outcome is not Outcome.DONE
    ]


def person(org: Simulated, name: str) -> Mapping[str, Any]:
    (found,) = org.records("User", Username=f"{name}@acme.example")
    return found


def test_an_upgrade_writes_the_contact_then_the_link_then_the_license_then_the_role(tmp_path: Path) -> None:
    with simulated(tmp_path, a_seed(User=[user("sonia")])) as org:
        results = apply(org, upgrade("sonia", contact="{Title: Buyer}", more="role: Manager"))

        assert outcomes(results) == [
            ("contact/sonia@acme.example", "done"),
            ("user/sonia@acme.example", "done"),
            ("user/sonia@acme.example", "done"),
            ("user/sonia@acme.example", "done"),
        ]
        assert [line.partition("/7")[0] for line in org.writes()] == [
            "POST composite/sobjects",
            "POST jobs/ingest",
            "PUT jobs/ingest",
            "PATCH jobs/ingest",
            "PATCH composite/sobjects",
            "PATCH composite/sobjects",
        ]
        assert org.plans(upgrade("sonia", contact="{Title: Buyer}", more="role: Manager")).is_empty
        sonia = person(org, "sonia")
        (made,) = org.records("Contact")
    assert (sonia["Contact"], sonia["Profile"]) == ("sonia@acme.example", "Acme Plus")
    assert sonia["UserRole"] == "Acme Customer Manager"
    assert (made["FirstName"], made["LastName"], made["Title"], made["Account"]) == ("Sonia", "James", "Buyer", "Acme")


def test_results_tell_the_ids_of_what_was_made(tmp_path: Path) -> None:
    with simulated(tmp_path, a_seed(User=[user("sonia")])) as org:
        results = apply(org, upgrade("sonia"))

    assert results[0].change.id is None
    assert str(results[0].id).startswith("003")
    assert {result.id for result in results[1:]} == {results[1].change.id}


def test_a_result_is_told_before_the_next_step_is_sent(tmp_path: Path) -> None:
    with simulated(tmp_path, a_seed(User=[user("sonia")])) as org:
        results = pipeline.run(org.plans(upgrade("sonia")), org.org)

        first = next(results)

        assert first.outcome is Outcome.DONE
        assert org.writes() == ["POST composite/sobjects"]


def test_an_empty_plan_asks_for_nothing(tmp_path: Path) -> None:
    with simulated(tmp_path, a_seed(User=[user("sonia")])) as org:
        plan = org.plans("user: sonia@acme.example\nprofile: Acme Identity")
        before = org.asked()

        assert list(pipeline.run(plan, org.org)) == []
        assert org.asked() == before


def test_a_contact_that_is_there_already_is_adopted_and_completed(tmp_path: Path) -> None:
    seed = a_seed(User=[user("sonia")], Contact=[contact("sonia", Department="North")])
    with simulated(tmp_path, seed) as org:
        apply(org, upgrade("sonia", contact="{Title: Buyer}"))

        (kept,) = org.records("Contact")
        assert (kept["Title"], kept["Department"]) == ("Buyer", "North")
        assert person(org, "sonia")["Contact"] == "sonia@acme.example"


def test_a_field_that_is_declared_null_is_emptied(tmp_path: Path) -> None:
    with simulated(tmp_path, a_seed(User=[user("sonia", Division="North", Department="East")])) as org:
        apply(org, "user: sonia@acme.example\nfields: {Division: null}")

        sonia = person(org, "sonia")
    assert "Division" not in sonia
    assert sonia["Department"] == "East"


def test_text_that_was_written_as_a_number_or_a_switch_arrives_as_such(tmp_path: Path) -> None:
    document = upgrade(
        "sonia", contact='{MailingLatitude: "52.50"}', more="fields: {UserPermissionsMarketingUser: true}"
    )
    with simulated(tmp_path, a_seed(User=[user("sonia")])) as org:
        apply(org, document)

        assert org.plans(document).is_empty


def untouched(dump: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Every user and contact but what an upgrade of Sonia may change."""
    moved = {"Contact", "Profile", "UserRole", "IsPortalEnabled", "PortalRole"}
    people = [*dump["User"], *dump["Contact"]]
    return {
        f"{record.get('Username')} {record['Email']}": {
            name: value
            for name, value in record.items()
            if not (record.get("Username") == "sonia@acme.example" and name in moved)
        }
        for record in people
    }


def test_nothing_but_declared_fields_moves(tmp_path: Path) -> None:
    seed = a_seed(
        User=[
            user("sonia", Title="Buyer", Division="North", Department="East"),
            user("kim", Title="Clerk"),
            user("noah", "Acme Plus", Contact="noah@acme.example", Title="Clerk"),
        ],
        Contact=[contact("sonia", Title="Boss", Department="South"), contact("noah", Title="Boss")],
    )
    with simulated(tmp_path, seed) as org:
        before = org.dump()

        apply(org, upgrade("sonia", more="role: Manager"), "user: kim@acme.example", upgrade("noah"))

        after = org.dump()
    assert untouched(after) == untouched(before)
    for sobject in ("Account", "Profile", "UserLicense"):
        assert after[sobject] == before[sobject]


def test_the_lowest_role_comes_by_itself_and_is_not_written(tmp_path: Path) -> None:
    with simulated(tmp_path, a_seed(User=[user("sonia")])) as org:
        results = apply(org, upgrade("sonia", more="role: User"))

        assert results[-1].step == 4
        assert results[-1].outcome is Outcome.DONE
        assert org.writes().count("PATCH composite/sobjects") == 1
        assert person(org, "sonia")["UserRole"] == "Acme Customer User"


def test_an_account_with_customers_and_partners_gives_each_a_role_of_its_kind(tmp_path: Path) -> None:
    documents = (
        upgrade("sonia", more="role: Manager"),
        upgrade("pat", profile="Acme Partner", more="role: Manager"),
    )
    with simulated(tmp_path, a_seed(User=[user("sonia"), user("pat")])) as org:
        apply(org, *documents)

        assert person(org, "sonia")["UserRole"] == "Acme Customer Manager"
        assert person(org, "pat")["UserRole"] == "Acme Partner Manager"
        assert org.plans(*documents).is_empty


def test_roles_are_read_once_for_all_users_of_a_step(tmp_path: Path) -> None:
    names = ("ann", "bob", "cy", "dee")
    with simulated(tmp_path, a_seed(User=[user(name) for name in names])) as org:
        plan = org.plans(
            *(upgrade(name, account="Acme" if name < "c" else "Globex", more="role: Executive") for name in names)
        )
        before = len(org.asked())

        results = list(pipeline.run(plan, org.org))

        assert {result.outcome for result in results} == {Outcome.DONE}
        # The contacts and the users of three steps are looked at; before the last one, the accounts' roles as well.
        assert sum(line.startswith("GET query") for line in org.asked()[before:]) == 6
        roles = [person(org, name)["UserRole"] for name in names]
    assert roles == ["Acme Customer Executive"] * 2 + ["Globex Customer Executive"] * 2


def test_a_role_level_that_the_account_never_got_is_not_sent(tmp_path: Path) -> None:
    seed = {**a_seed(User=[user("sonia")]), "settings": {"portal_role_levels": 1}}
    with simulated(tmp_path, seed) as org:
        results = apply(org, upgrade("sonia", more="role: Manager"))

    assert undone(results) == [
        ("user/sonia@acme.example", "not_sent", "held back: the org has no role/Acme/Manager"),
    ]


def test_a_refused_contact_holds_back_its_user_only(tmp_path: Path) -> None:
    seed = a_seed(User=[user("sonia"), user("kim")])
    with simulated(tmp_path, seed) as org:
        results = apply(org, upgrade("sonia", contact=f"{{FirstName: {'S' * 41}}}"), upgrade("kim"))

        first, *held = undone(results)
        assert first[:2] == ("contact/sonia@acme.example", "failed")
        assert [result.code for result in results if result.code] == ["STRING_TOO_LONG"]
        assert held == [
            ("user/sonia@acme.example", "not_sent", "held back: contact/sonia@acme.example was not written"),
            (
                "user/sonia@acme.example",
                "not_sent",
                "held back: an earlier change of this record did not succeed",
            ),
        ]
        assert person(org, "sonia")["Profile"] == "Acme Identity"
        assert person(org, "kim")["Profile"] == "Acme Plus"


@pytest.mark.parametrize(
    "document",
    [
        "user: sonia@acme.example\nfields: {Title: Boss}",
        "user: sonia@acme.example\nprofile: Acme Customer",
        "user: sonia@acme.example\nactive: false",
    ],
)
def test_a_change_of_a_user_that_has_its_contact_already_is_one_write(tmp_path: Path, document: str) -> None:
    seed: Seed = a_seed(
        Contact=[contact("sonia")],
        User=[user("sonia", "Acme Identity", Contact="sonia@acme.example")],
    )
    with simulated(tmp_path, seed) as org:
        results = apply(org, document)

        assert outcomes(results) == [("user/sonia@acme.example", "done")]
        assert org.writes() == ["PATCH composite/sobjects"]
        assert org.plans(document).is_empty
