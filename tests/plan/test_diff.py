"""Equal values are no change, whatever their spelling; unequal ones always are."""

from decimal import Decimal

import pytest

from reconciler.kinds import CONTACT, USER, same
from reconciler.model import Address, Kind, Resource, Value
from reconciler.plan.diff import field_changes
from reconciler.plan.digest import digest_live, digest_state
from tests.worlds import World


@pytest.mark.parametrize(
    ("name", "declared", "present", "equal"),
    [
        ("Title", "Dr", "Dr", True),
        ("Title", "Dr", "dr", False),
        ("Email", "A@x.example", "a@X.example", True),
        ("Title", None, None, True),
        ("Title", None, "Dr", False),
        ("Title", "Dr", None, False),
        ("Score__c", "1.50", Decimal("1.5"), True),
        ("Score__c", "2", Decimal("1.5"), False),
        ("Score__c", "many", Decimal("1.5"), False),
        ("Flag__c", True, True, True),
        ("Flag__c", True, False, False),
        ("Flag__c", True, Decimal(1), False),
        ("Title", "True", True, False),
    ],
)
def test_values_are_compared_in_their_canonical_form(
    name: str, declared: Value, present: Value, *, equal: bool
) -> None:
    assert same(USER, name, declared, present) is equal


def test_a_contacts_email_has_no_case() -> None:
    assert same(CONTACT, "Email", "A@x.example", "a@x.example")


def test_a_new_record_does_not_set_what_must_be_empty() -> None:
    resource = Resource(Address(Kind.CONTACT, "a"), {"Title": None, "LastName": "James"})

    assert [item.name for item in field_changes(resource, None)] == ["LastName"]


def test_digests_see_every_value_and_no_request_count() -> None:
    world = World()
    world.account("Acme", "001A")
    world.user("a@acme.example", Score__c=Decimal("1.5"))
    desired, live = world.states()
    world.user("a@acme.example", Score__c="1.5")
    _, other = world.states()

    assert digest_state(desired).startswith("sha256:")
    assert digest_live(live.state, live.facts) != digest_live(other.state, other.facts)
