"""How licenses, profiles and roles are found by name, and which moves are refused."""

import pytest

from reconciler.model import Address, Kind, Plan, Profile, Severity, Undo
from reconciler.plan import build
from tests.worlds import ADMIN, IDENTITY, LITE, PARTNER, PLUS, PROFILES, World, address, to_license, to_profile

SONIA = "sonia@acme.example"


def planned(world: World) -> Plan:
    return build(*world.states())


def contactless(profiles: tuple[Profile, ...] = PROFILES) -> World:
    world = World(profiles=profiles)
    world.account("Acme", "001A")
    world.user(SONIA)
    return world


def after(plan: Plan, name: str) -> object:
    return next(f.after for step in plan.steps for c in step.changes for f in c.fields if f.name == name)


def test_a_license_alone_stands_for_its_only_profile() -> None:
    world = contactless()
    world.wants(SONIA, {}, **to_license("Customer Community Plus"))

    plan = planned(world)

    assert after(plan, "ProfileId") == address("profile/Acme Customer Plus")
    assert plan.ids[address("profile/Acme Customer Plus")] == "00e3"


def test_a_license_is_also_known_by_its_definition_key() -> None:
    world = contactless()
    world.wants(SONIA, {}, **to_license("PID_Customer Community Plus"))

    plan = planned(world)

    assert after(plan, "Profile.UserLicenseId") == address("license/Customer Community Plus")


def test_a_license_that_the_user_has_keeps_the_users_profile() -> None:
    world = contactless((*PROFILES, Profile("00e9", "Other Identity", "CspLitePortal", "External Identity")))
    world.wants(SONIA, **to_license("External Identity"))

    assert planned(world).is_empty


@pytest.mark.parametrize(
    ("extra", "count"), [((Profile("00e9", "Second", "PowerCustomerSuccess", PLUS.license),), 2), ((), 0)]
)
def test_a_license_of_several_or_no_profiles_needs_the_profile_named(extra: tuple[Profile, ...], count: int) -> None:
    kept = PROFILES if extra else tuple(p for p in PROFILES if p is not PLUS)
    world = contactless((*kept, *extra))
    if not extra:
        world.profiles = (*kept, Profile("00e8", "Ghost", "Standard", "Ghost"))
        world.wants(SONIA, {}, **to_license("Customer Community Plus"))
        assert [p.code for p in planned(world).problems] == ["SF105"]
        return
    world.wants(SONIA, {}, **to_license("Customer Community Plus"))

    problem = planned(world).problems[0]

    assert problem.code == "SF105"
    assert problem.message.startswith(f"{count} profiles")
    assert "Acme Customer Plus, Second" in problem.remedy


def test_a_license_that_the_org_does_not_have_is_a_problem() -> None:
    world = contactless()
    world.wants(SONIA, **to_license("Customer Comunity"))

    problem = planned(world).problems[0]

    assert (problem.code, problem.remedy) == ("SF105", 'did you mean "Customer Community"?')


def test_a_misspelt_profile_is_a_problem_with_the_closest_of_its_license() -> None:
    world = contactless()
    world.wants(
        SONIA, {}, **to_license("Customer Community Plus"), ProfileId=Address(Kind.PROFILE, "Acme Custmer Plus")
    )
    world.user("kim@acme.example")
    world.wants("kim@acme.example", ProfileId=Address(Kind.PROFILE, "zzz"))

    first, second = planned(world).problems

    assert first.remedy == 'did you mean "Acme Customer Plus"?'
    assert second.remedy.startswith("choose one of: Acme Customer, Acme Customer Plus")


def test_a_profile_of_another_license_is_a_problem() -> None:
    world = contactless()
    world.wants(SONIA, {}, **to_license("Customer Community"), **to_profile(PLUS))

    problem = planned(world).problems[0]

    assert (
        problem.message == 'profile "Acme Customer Plus" is of license Customer Community Plus, not Customer Community'
    )
    assert problem.remedy == "choose one of: Acme Customer"


def test_a_user_without_any_declared_license_keeps_its_own() -> None:
    world = contactless()
    world.wants(SONIA, {}, LastName="Janes")

    plan = planned(world)

    assert [f.name for step in plan.steps for c in step.changes if c.address.kind is Kind.USER for f in c.fields] == [
        "ContactId",
        "LastName",
    ]


def test_a_user_of_a_profile_that_can_not_be_read_keeps_it() -> None:
    world = contactless()
    world.user(SONIA, Profile("00eX", "Hidden", "CspLitePortal", "Hidden"))
    world.wants(SONIA, LastName="Janes", UserRoleId=Address(Kind.ROLE, "Acme/User"))

    plan = planned(world)

    assert not plan.errors
    assert plan.seats == ()


MOVES = [
    (IDENTITY, LITE, Undo.NEVER),
    (IDENTITY, PLUS, Undo.NEVER),
    (IDENTITY, PARTNER, Undo.NEVER),
    (LITE, PLUS, Undo.NEVER),
    (LITE, PARTNER, Undo.NEVER),
    (LITE, IDENTITY, None),
    (PLUS, LITE, None),
    (PLUS, PARTNER, None),
    (PLUS, IDENTITY, None),
    (PARTNER, PLUS, None),
    (PARTNER, LITE, None),
    (IDENTITY, ADMIN, None),
    (ADMIN, PLUS, None),
    (PLUS, Profile("00e9", "Plus Login", "PowerCustomerSuccess", "Customer Community Plus Login"), Undo.YES),
    (PLUS, Profile("00e9", "Other Plus", "PowerCustomerSuccess", "Customer Community Plus"), Undo.YES),
    (LITE, Profile("00e9", "Lite Login", "CspLitePortal", "Customer Community Login"), Undo.YES),
    (PARTNER, Profile("00e9", "Gold", "PowerPartner", "Gold Partner"), Undo.YES),
]


@pytest.mark.parametrize(("source", "target", "undo"), MOVES)
def test_a_user_with_contact_moves_as_salesforce_permits(source: Profile, target: Profile, undo: Undo | None) -> None:
    world = contactless(tuple({p.name: p for p in (*PROFILES, target)}.values()))
    world.user(SONIA, source, contact=f"contact/{SONIA}")
    world.contact(SONIA, "Acme")
    world.wants(SONIA, **to_profile(target))

    plan = planned(world)

    if undo is None:
        assert [p.code for p in plan.problems] == ["SF106"]
        assert plan.problems[0].remedy
        return
    assert not plan.problems
    assert {f.undo for step in plan.steps for c in step.changes for f in c.fields} == {undo}


def test_a_contactless_user_can_not_take_a_community_license() -> None:
    world = contactless()
    world.wants(SONIA, **to_license("Customer Community Plus"))

    problem = planned(world).problems[0]

    assert problem.code == "SF106"
    assert problem.remedy == "declare account and contact in this document"


def test_a_contactless_user_may_change_to_another_identity_profile() -> None:
    other = Profile("00e9", "Other Identity", "CspLitePortal", "External Identity")
    world = contactless((*PROFILES, other))
    world.wants(SONIA, ContactId=None, **to_profile(other))

    assert not planned(world).problems


def test_a_role_is_known_after_apply_until_the_account_has_roles() -> None:
    world = contactless()
    world.upgrade(SONIA, UserRoleId=Address(Kind.ROLE, "Acme/Manager"))

    plan = planned(world)

    role = next(f for step in plan.steps for c in step.changes for f in c.fields if f.name == "UserRoleId")
    assert role.known_after_apply
    assert plan.steps[-1].changes[0].fields == (role,)


def test_a_level_that_the_account_was_not_made_with_is_a_problem() -> None:
    world = contactless()
    world.role("00E1", "001A", "User")
    world.upgrade(SONIA, UserRoleId=Address(Kind.ROLE, "Acme/Manager"))

    problem = planned(world).problems[0]

    assert problem.code == "SF108"
    assert problem.message.endswith("Salesforce made it with: User")


def test_a_role_for_a_license_without_roles_is_a_problem() -> None:
    world = contactless()
    world.wants(SONIA, {}, **to_profile(LITE), UserRoleId=Address(Kind.ROLE, "Acme/User"))

    assert [p.code for p in planned(world).problems] == ["SF108"]


def test_a_role_that_must_be_empty_is_no_problem() -> None:
    world = contactless()
    world.wants(SONIA, UserRoleId=None)

    assert planned(world).is_empty


def test_a_standard_profile_is_a_warning() -> None:
    standard = Profile("00e9", "Customer Community Plus User", "PowerCustomerSuccess", "Customer Community Plus")
    world = contactless((*PROFILES, standard))
    world.wants(SONIA, {}, **to_profile(standard))

    plan = planned(world)

    assert [(p.code, p.severity) for p in plan.problems] == [("SF105", Severity.WARNING)]
    assert not plan.errors
