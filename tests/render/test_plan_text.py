"""What a person reads of a plan."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from reconciler.model import Address, Kind, Plan, Profile
from reconciler.plan import build
from reconciler.render import plan_text
from reconciler.render.safe_text import shown
from tests.worlds import ORG, PLUS, World, to_profile

SONIA = "sonia@acme.example"


def upgrade() -> World:
    world = World()
    world.account("Acme", "001A")
    world.user(SONIA)
    world.upgrade(SONIA, UserRoleId=Address(Kind.ROLE, "Acme/Manager"))
    return world


def planned(world: World) -> Plan:
    return build(*world.states())


def test_the_first_line_names_the_org_and_says_that_it_is_simulated() -> None:
    text = plan_text(planned(upgrade()))

    assert text.splitlines()[0] == "Org: Acme (simulated org, nothing real is touched) at http://127.0.0.1:1"


def test_a_real_org_shows_its_edition_and_whether_it_is_a_sandbox() -> None:
    plan = planned(upgrade())
    real = replace(ORG, is_simulated=False)

    assert plan_text(replace(plan, org=real)).startswith("Org: Acme (Developer Edition) at ")
    assert plan_text(replace(plan, org=replace(real, is_sandbox=True))).startswith(
        "Org: Acme (sandbox, Developer Edition)"
    )


def test_an_upgrade_reads_contact_first_and_says_what_can_not_be_undone() -> None:
    text = plan_text(planned(upgrade()))

    body = text.split("\n", 2)[2]
    assert (
        body
        == """\
Plan: 1 to create, 1 to update, 0 to deactivate, 0 unchanged; 9 requests read, about 9 to write.

Cannot be undone
  contact: 1 user
  license: 1 user

Seats                      owned    now  after
  Customer Community Plus    100      1      2
  External Identity          100      1      0

Steps, in this order
  1  create Contact (contacts)                          1  by sObject Collections
  2  update User (contact of the user)                  1  by the SOAP API: no mails, and no more requests than a job
  3  update User (license, profile, active)             1  by sObject Collections
  4  update User (role)                                 1  by sObject Collections

sonia@acme.example  (desired/users/team.yaml:1)
  + step 1  create Contact: no contact of Acme has this e-mail and name
      account    account/Acme
      Email      "sonia@acme.example"
      FirstName  "Sonia"
      LastName   "James"
  ~ step 2  update User
      contact  none -> contact/sonia@acme.example (known after apply)  cannot be undone
  ~ step 3  update User
      license  External Identity -> Customer Community Plus  cannot be undone
      profile  Acme Identity -> Acme Customer Plus  cannot be undone
  ~ step 4  update User
      role  none -> Manager (known after apply)

Legend: + create, ~ update
Next: sfrec apply
"""
    )


def test_an_org_in_sync_says_so_in_one_line() -> None:
    world = upgrade()
    world.desired.clear()
    world.wants(SONIA, IsActive=True)

    assert plan_text(planned(world)).splitlines()[2:] == ["In sync: 1 record as declared, nothing to do."]


def test_errors_come_first_and_refuse_the_plan() -> None:
    world = upgrade()
    world.account("Acme", "001A", role=None)

    lines = plan_text(planned(world)).splitlines()

    assert lines[2] == "Refused: 1 error. Nothing can be applied until the files or the org change."
    assert lines[5] == "Errors"
    assert lines[6].startswith("  desired/users/team.yaml:1:10: error SF102: ")
    assert lines[-1] == "Next: correct the errors above"


def test_a_refused_plan_without_steps_shows_its_errors() -> None:
    world = upgrade()
    world.desired.clear()
    world.wants("ghost@acme.example")
    world.wants("phantom@acme.example")

    lines = plan_text(planned(world)).splitlines()

    assert lines[2].startswith("Refused: 2 errors.")
    assert len([line for line in lines if "SF130" in line]) == 2


def test_warnings_are_shown_and_refuse_nothing() -> None:
    standard = Profile("00e9", "Customer Community Plus User", "PowerCustomerSuccess", "Customer Community Plus")
    world = World(profiles=(PLUS, standard))
    world.user(SONIA, PLUS, contact=f"contact/{SONIA}")
    world.wants(SONIA, **to_profile(standard), IsActive=False, Flag__c=True)

    text = plan_text(planned(world))

    assert "\nWarnings\n" in text
    assert "Flag__c  none -> true" in text
    assert "- deactivate" in text


def test_what_needs_no_seat_shows_no_seats() -> None:
    world = upgrade()
    world.desired.clear()
    world.wants(SONIA, Title="Dr")

    assert "Seats" not in plan_text(planned(world))


def test_a_document_without_place_has_no_place() -> None:
    plan = planned(upgrade())
    steps = tuple(replace(s, changes=tuple(replace(c, source=None) for c in s.changes)) for s in plan.steps)

    assert f"\n{SONIA}\n" in plan_text(replace(plan, steps=steps))


@given(st.text())
def test_no_text_reaches_the_terminal_unescaped(text: str) -> None:
    world = upgrade()
    world.desired.clear()
    world.wants(SONIA, Title=text)

    lines = plan_text(planned(world)).splitlines()

    assert all(line.isprintable() for line in lines)


def test_hostile_characters_are_shown_as_their_escapes() -> None:
    assert shown("a\x1b[2Jb\u202ec\u2028") == "a\\x1b[2Jb\\u202ec\\u2028"
    assert shown("Zoë 東京") == "Zoë 東京"
    assert shown("x" * 300) == "x" * 200 + "... (300 characters)"
