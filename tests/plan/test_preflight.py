"""What Salesforce would refuse is refused by the plan."""

from typing import Any

from reconciler.model import Address, Kind, Plan, Profile
from reconciler.plan import build
from tests.worlds import IDENTITY, LITE, PLUS, World, address, to_license, to_profile

SONIA = "sonia@acme.example"
KIM = "kim@acme.example"


def planned(world: World) -> Plan:
    return build(*world.states())


def contactless(**account: Any) -> World:
    world = World()
    world.account("Acme", "001A", **account)
    world.user(SONIA)
    return world


def test_an_account_owner_without_role_is_a_problem_at_the_line_of_the_account() -> None:
    world = contactless(role=None)
    world.upgrade(SONIA)

    problem = planned(world).problems[0]

    assert problem.code == "SF102"
    assert "owner@acme.example, who has no role" in problem.message
    assert str(problem.source) == "desired/users/team.yaml:1:10"


def test_an_inactive_account_owner_is_a_problem() -> None:
    world = contactless(active=False)
    world.upgrade(SONIA)

    problem = planned(world).problems[0]

    assert (problem.code, problem.remedy) == ("SF102", "choose an active owner who has a role")


def test_an_owner_without_role_does_not_matter_to_users_who_neither_link_nor_move() -> None:
    world = contactless(role=None)
    world.user(SONIA, PLUS, contact=f"contact/{SONIA}")
    world.contact(SONIA, "Acme")
    world.upgrade(SONIA, LastName="Janes")

    assert not planned(world).problems


def test_an_owner_without_role_stops_the_license_move_of_a_document_without_contact() -> None:
    world = contactless(role=None)
    world.user(SONIA, IDENTITY, contact=f"contact/{SONIA}")
    world.contact(SONIA, "Acme")
    world.wants(SONIA, **to_profile(PLUS))

    assert [p.code for p in planned(world).problems] == ["SF102"]


def test_a_contact_that_another_user_has_is_a_problem_that_names_the_user() -> None:
    world = contactless()
    world.user("taker@acme.example", PLUS, contact="contact/id=003K")
    world.contact("id=003K", "Acme", FirstName="Sonia", LastName="James", Email=SONIA)
    world.upgrade(SONIA)

    problem = planned(world).problems[0]

    assert problem.code == "SF103"
    assert "already belongs to user taker@acme.example" in problem.message


def test_a_contact_is_never_cleared() -> None:
    world = contactless()
    world.user(SONIA, PLUS, contact=f"contact/{SONIA}")
    world.contact(SONIA, "Acme")
    world.wants(SONIA, ContactId=None)

    plan = planned(world)

    assert [p.code for p in plan.problems] == ["SF104"]
    assert plan.is_empty


def test_a_contact_without_account_stops_a_license_move() -> None:
    world = contactless()
    world.user(SONIA, IDENTITY, contact=f"contact/{SONIA}")
    world.contact(SONIA, None)
    world.wants(SONIA, **to_profile(PLUS))

    assert [p.code for p in planned(world).problems] == ["SF101"]


def test_a_community_user_without_contact_can_not_change_license() -> None:
    login = Profile("00e9", "Lite Login", "CspLitePortal", "Customer Community Login")
    world = contactless()
    world.profiles = (*world.profiles, login)
    world.user(SONIA, LITE)
    world.wants(SONIA, **to_profile(login))

    assert [p.message for p in planned(world).problems] == ["license Customer Community Login needs a contact"]


def test_one_seat_too_few_names_license_counts_and_users() -> None:
    world = contactless()
    world.seats = {"Customer Community Plus": (10, 9)}
    world.user(KIM)
    world.upgrade(SONIA)
    world.upgrade(KIM)

    problem = planned(world).problems[0]

    assert problem.code == "SF107"
    assert problem.message == (
        f"license Customer Community Plus is short of 1 seat: 10 owned, 9 used, 2 needed for {KIM}, {SONIA}"
    )


def test_many_users_without_seats_are_counted_not_listed() -> None:
    world = World(seats={"Customer Community Plus": (5, 5)})
    world.account("Acme", "001A")
    for number in range(25):
        name = f"user{number:02}@acme.example"
        world.user(name)
        world.wants(name, {}, **to_license("Customer Community Plus"))

    problem = planned(world).problems[0]

    assert "short of 25 seats" in problem.message
    assert problem.message.endswith("user19@acme.example and 5 more")


def test_a_deactivated_user_frees_the_seat_that_another_takes() -> None:
    world = contactless()
    world.seats = {"Customer Community Plus": (10, 10)}
    world.user(KIM, PLUS, contact=f"contact/{KIM}")
    world.contact(KIM, "Acme")
    world.wants(KIM, IsActive=False)
    world.upgrade(SONIA)

    plan = planned(world)

    assert not plan.problems
    assert [(s.license, s.used, s.after) for s in plan.seats] == [
        ("Customer Community Plus", 10, 10),
        ("External Identity", 1, 0),
    ]
    licensed = [(step.action.value, step.changes[0].address.key) for step in plan.steps if step.phase.name == "LICENSE"]
    assert licensed == [("deactivate", KIM), ("update", SONIA)]


def test_an_inactive_user_takes_no_seat_and_a_reactivated_one_does() -> None:
    world = contactless()
    world.seats = {"External Identity": (1, 1)}
    world.user(SONIA, IsActive=False)
    world.wants(SONIA, IsActive=True)

    assert [p.code for p in planned(world).problems] == ["SF107"]


def test_moves_wait_for_the_seats_that_other_moves_free() -> None:
    world = contactless()
    world.seats = {"Customer Community Plus": (2, 1), "Customer Community": (1, 1)}
    world.user(KIM, LITE, contact=f"contact/{KIM}")
    world.contact(KIM, "Acme")
    world.wants(KIM, **to_profile(PLUS))
    world.wants(SONIA, {}, **to_profile(LITE))

    plan = planned(world)

    assert not plan.problems
    licensed = [step.changes[0].address.key for step in plan.steps if step.phase.name == "LICENSE"]
    assert licensed == [KIM, SONIA]


def test_problems_come_by_place() -> None:
    world = contactless()
    world.wants("ghost@acme.example")
    world.wants(SONIA, UserRoleId=Address(Kind.ROLE, "Acme/User"))

    problems = planned(world).problems

    assert [str(p.source) for p in problems] == ["desired/users/team.yaml:1:1", "desired/users/team.yaml:2:5"]


def test_a_candidate_of_a_user_without_id_is_no_holder() -> None:
    world = contactless()
    world.user("taker@acme.example", PLUS, contact="contact/unread")
    world.upgrade(SONIA)

    plan = planned(world)

    assert not plan.problems
    assert plan.ids[address("account/Acme")] == "001A"
