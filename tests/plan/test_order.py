"""Steps come in the order that the platform demands."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from reconciler.model import Action, Address, Kind, Live, Plan, State, Via
from reconciler.plan import build
from tests.worlds import PARTNER, World, to_profile

MANAGER = "Manager"


def planned(world: World) -> Plan:
    return build(*world.states())


def team(count: int, accounts: int = 1) -> World:
    world = World(seats={"Customer Community Plus": (100_000, 0)})
    for number in range(accounts):
        world.account(f"Account {number}", f"001{number}")
    for number in range(count):
        name = f"user{number:05}@acme.example"
        account = f"Account {number % accounts}"
        world.user(name)
        world.upgrade(name, {}, account, Title="Dr", UserRoleId=Address(Kind.ROLE, f"{account}/{MANAGER}"))
    return world


def test_an_upgrade_goes_contact_link_fields_license_role() -> None:
    plan = planned(team(1))

    assert [(s.object, s.action.value, s.phase.name.lower(), s.via.value) for s in plan.steps] == [
        ("Contact", "create", "contact", "collections"),
        ("User", "update", "link", "soap"),
        ("User", "update", "plain", "collections"),
        ("User", "update", "license", "collections"),
        ("User", "update", "role", "collections"),
    ]
    assert [s.number for s in plan.steps] == [1, 2, 3, 4, 5]


def test_each_account_gets_its_first_role_based_user_alone() -> None:
    plan = planned(team(6, accounts=2))

    licensed = [[c.address.key for c in s.changes] for s in plan.steps if s.phase.name == "LICENSE"]
    assert licensed == [
        ["user00000@acme.example", "user00001@acme.example"],
        [f"user0000{number}@acme.example" for number in (2, 3, 4, 5)],
    ]


def test_an_account_that_has_roles_takes_all_its_users_at_once() -> None:
    world = team(3)
    world.role("00E9", "0010", MANAGER)

    licensed = [s for s in planned(world).steps if s.phase.name == "LICENSE"]

    assert [len(s.changes) for s in licensed] == [3]


def test_roles_of_customers_and_partners_of_an_account_are_made_apart() -> None:
    world = World()
    world.account("Acme", "001A")
    world.role("00E9", "001A", "User", "Partner")
    for name in ("a@acme.example", "b@acme.example"):
        world.user(name)
        world.upgrade(name)
    world.user("p@acme.example")
    world.wants("p@acme.example", {}, **to_profile(PARTNER))

    licensed = [[c.address.key[0] for c in s.changes] for s in planned(world).steps if s.phase.name == "LICENSE"]

    assert licensed == [["a"], ["b", "p"]]


def test_many_records_go_by_bulk() -> None:
    plan = planned(team(2001))

    assert {s.phase.name: s.via for s in plan.steps if len(s.changes) > 1} == {
        "CONTACT": Via.BULK,
        "LINK": Via.BULK,
        "PLAIN": Via.BULK,
        "LICENSE": Via.COLLECTIONS,
        "ROLE": Via.BULK,
    }


def test_the_expected_requests_follow_from_the_steps() -> None:
    plan = planned(team(201))

    # Contacts 2, link 2, fields 2, first license 1, other licenses 1, role re-read 2, roles 2.
    assert plan.requests.planned_write == 2 + 2 + 2 + 1 + 1 + 2 + 2 + 5
    assert plan.requests.read == 9


def test_a_deactivation_is_its_own_action() -> None:
    world = team(1)
    world.wants("user00000@acme.example", IsActive=False)

    plan = planned(world)

    assert [s.action for s in plan.steps] == [Action.DEACTIVATE]
    assert plan.summary.deactivate == 1


@given(st.randoms(use_true_random=False))
def test_the_order_of_files_and_rows_does_not_change_the_plan(random: Random) -> None:
    desired, live = team(5, accounts=2).states()
    wanted, have = list(desired.resources.items()), list(live.state.resources.items())
    random.shuffle(wanted)
    random.shuffle(have)

    shuffled = build(State(dict(wanted)), Live(State(dict(have)), live.facts))

    assert shuffled == build(desired, live)
