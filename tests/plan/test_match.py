"""How declared users and contacts find their records."""

from reconciler.model import Action, Address, FieldChange, Kind, Plan
from reconciler.plan import build
from reconciler.plan.facts import Similar
from tests.worlds import IDENTITY, PLUS, World, address, to_profile

SONIA = "sonia@acme.example"


def codes(plan: Plan) -> list[str]:
    return [problem.code for problem in plan.problems]


def change(plan: Plan, at: str, field: str) -> FieldChange:
    found = [
        f for step in plan.steps for c in step.changes if c.address == address(at) for f in c.fields if f.name == field
    ]
    assert len(found) == 1
    return found[0]


def contactless() -> World:
    world = World()
    world.account("Acme", "001A")
    world.user(SONIA)
    return world


def test_a_contact_is_created_from_the_user_when_the_account_has_none() -> None:
    world = contactless()
    world.upgrade(SONIA)

    plan = build(*world.states())

    create = plan.steps[0]
    assert (create.object, create.action) == ("Contact", Action.CREATE)
    assert {f.name: f.after for f in create.changes[0].fields} == {
        "AccountId": address("account/Acme"),
        "FirstName": "Sonia",
        "LastName": "James",
        "Email": SONIA,
    }


def test_a_new_contact_takes_the_name_that_the_document_gives_the_user() -> None:
    world = contactless()
    world.upgrade(SONIA, LastName="Janes")

    plan = build(*world.states())

    assert change(plan, f"contact/{SONIA}", "LastName").after == "Janes"


def test_what_the_contact_declares_wins_over_the_user() -> None:
    world = contactless()
    world.upgrade(SONIA, {"LastName": "Other", "Title": None})

    plan = build(*world.states())

    assert change(plan, f"contact/{SONIA}", "LastName").after == "Other"
    assert all(f.name != "Title" for f in plan.steps[0].changes[0].fields)


def test_the_one_contact_with_the_same_account_email_and_name_is_adopted() -> None:
    world = contactless()
    world.contact("id=003K", "Acme", FirstName="SONIA", LastName="james", Email="Sonia@Acme.example", Title="Dr")
    world.upgrade(SONIA, {"Title": "Prof"})

    plan = build(*world.states())

    assert plan.summary.create == 0
    assert change(plan, f"contact/{SONIA}", "Title").before == "Dr"
    assert plan.ids[address(f"contact/{SONIA}")] == "003K"
    assert not change(plan, f"user/{SONIA}", "ContactId").known_after_apply


def test_a_contact_of_another_account_or_email_or_name_is_left_alone() -> None:
    world = contactless()
    world.account("Globex", "001G")
    same = {"FirstName": "Sonia", "LastName": "James", "Email": SONIA}
    world.contact("id=1", "Globex", **same)
    world.contact("id=2", "Acme", **{**same, "Email": "other@acme.example"})
    world.contact("id=3", "Acme", **{**same, "LastName": "Jones"})
    world.contact("id=4", None, **same)
    world.upgrade(SONIA)

    plan = build(*world.states())

    assert plan.summary.create == 1


def test_several_candidates_are_a_problem_that_lists_them() -> None:
    world = contactless()
    same = {"FirstName": "Sonia", "LastName": "James", "Email": SONIA}
    world.contact("id=003A", "Acme", **same)
    world.contact("id=003B", "Acme", **same)
    world.upgrade(SONIA)

    plan = build(*world.states())

    assert codes(plan) == ["SF131"]
    assert "003A, 003B" in plan.problems[0].message
    assert plan.is_empty


def test_a_user_that_the_org_does_not_have_is_a_problem_with_the_closest_name() -> None:
    world = contactless()
    world.wants("sonja@acme.example", **to_profile(PLUS))
    world.wants("completely.different@elsewhere.example")

    plan = build(*world.states())

    assert codes(plan) == ["SF130", "SF130"]
    assert plan.problems[0].remedy == f'did you mean "{SONIA}"?'
    assert "spelling" in plan.problems[1].remedy


def test_an_account_that_the_org_does_not_have_is_a_problem() -> None:
    world = contactless()
    world.upgrade(SONIA, account="Acne")
    world.user("kim@acme.example")
    world.upgrade("kim@acme.example", account="Nothing alike")

    plan = build(*world.states())

    assert codes(plan) == ["SF132", "SF132"]
    assert {problem.remedy for problem in plan.problems} == {
        'did you mean "Acme"?',
        "check the spelling, or create the account in Salesforce first",
    }


def test_an_account_name_that_two_accounts_have_is_a_problem_with_their_ids() -> None:
    world = contactless()
    world.account("Twin#001X", "001X")
    world.account("Twin#001Y", "001Y")
    world.upgrade(SONIA, account="Twin")

    plan = build(*world.states())

    assert codes(plan) == ["SF133"]
    assert "001X, 001Y" in plan.problems[0].message


def test_a_contact_without_account_is_a_problem() -> None:
    world = contactless()
    world.upgrade(SONIA, {"AccountId": None})

    plan = build(*world.states())

    assert codes(plan) == ["SF101"]


def linked(account: str | None = "Acme") -> World:
    world = contactless()
    world.account("Id=001A", "001A", name="Acme")
    world.account("Globex", "001G")
    world.user(SONIA, PLUS, contact=f"contact/{SONIA}")
    world.contact(SONIA, account, LastName="James")
    return world


def test_the_users_own_contact_is_compared_field_by_field() -> None:
    world = linked("Id=001A")
    world.upgrade(SONIA, {"LastName": "Janes"})

    plan = build(*world.states())

    assert [(step.object, len(step.changes)) for step in plan.steps] == [("Contact", 1)]
    assert change(plan, f"contact/{SONIA}", "LastName").before == "James"


def test_a_user_as_declared_is_left_alone() -> None:
    world = linked()
    world.upgrade(SONIA, {"LastName": "James"})

    plan = build(*world.states())

    assert plan.is_empty
    assert plan.summary.unchanged == 2


def test_a_contact_in_another_account_is_never_moved() -> None:
    world = linked("Globex")
    world.upgrade(SONIA)

    plan = build(*world.states())

    assert codes(plan) == ["SF134"]
    assert plan.is_empty


def test_a_contact_without_account_gets_the_declared_one() -> None:
    world = linked(None)
    world.upgrade(SONIA)

    plan = build(*world.states())

    assert change(plan, f"contact/{SONIA}", "AccountId").after == address("account/Acme")


def test_two_users_can_not_adopt_one_contact() -> None:
    world = contactless()
    world.user("kim@acme.example", Email=SONIA)
    world.contact("id=003K", "Acme", FirstName="Sonia", LastName="James", Email=SONIA)
    world.upgrade(SONIA)
    world.upgrade("kim@acme.example")

    plan = build(*world.states())

    assert codes(plan) == ["SF135"]


def test_two_users_can_not_create_contacts_that_nobody_can_tell_apart() -> None:
    world = contactless()
    world.user("kim@acme.example", Email=SONIA)
    world.upgrade(SONIA)
    world.upgrade("kim@acme.example")

    plan = build(*world.states())

    assert codes(plan) == ["SF135"]
    assert SONIA in plan.problems[0].message


def test_a_role_is_the_same_under_each_key_of_its_account() -> None:
    world = linked("Id=001A")
    world.user(SONIA, PLUS, contact=f"contact/{SONIA}", UserRoleId=Address(Kind.ROLE, "Id=001A/Manager"))
    world.role("00E9", "001A", "Manager")
    world.upgrade(SONIA, UserRoleId=Address(Kind.ROLE, "Acme/Manager"))

    plan = build(*world.states())

    assert plan.is_empty


def test_another_level_is_a_change_of_role() -> None:
    world = linked()
    world.user(SONIA, PLUS, contact=f"contact/{SONIA}", UserRoleId=Address(Kind.ROLE, "Acme/User"))
    world.role("00E8", "001A", "User")
    world.role("00E9", "001A", "Manager")
    world.upgrade(SONIA, UserRoleId=Address(Kind.ROLE, "Acme/Manager"))

    plan = build(*world.states())

    item = change(plan, f"user/{SONIA}", "UserRoleId")
    assert not item.known_after_apply
    assert plan.ids[address("role/Acme/Manager")] == "00E9"


def test_a_user_whose_contact_is_not_ours_keeps_its_own_account() -> None:
    world = linked()
    world.wants(SONIA, **to_profile(IDENTITY))
    world.user("bare@acme.example", PLUS, contact="contact/gone")
    world.wants("bare@acme.example", **to_profile(PLUS))

    plan = build(*world.states())

    assert codes(plan) == ["SF106"]


def test_similar_names_are_looked_for_only_so_often() -> None:
    names = Similar(["acme", "globex"], searches=2)

    assert [names.to(wanted) for wanted in ("acne", "glob", "acne")] == ["acme", "globex", None]
    assert Similar(["acme"]).to("zeta") is None
