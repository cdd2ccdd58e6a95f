"""Comparing while reading says of a user that nothing is to be done exactly where a plan finds nothing to do."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler import pipeline
from reconciler.live.columns import USER_COLUMNS
from reconciler.live.screen import Screen
from reconciler.model import License, Value
from reconciler.salesforce.reader import Cell
from tests.live.simulated import a_seed, account, contact, simulated, unscreened, user

PEOPLE = ("ann", "bob", "cy")

documents = st.fixed_dictionaries(
    {},
    optional={
        "account": st.sampled_from(["Acme", "acme", "Globex", "Twin"]),
        "contact": st.sampled_from(["{}", "null", "{Title: Buyer}", "{Title: null, Email: ANN@acme.example}"]),
        "license": st.sampled_from(["Customer Community Plus", "PID_Customer_Community_Plus", "External Identity"]),
        "profile": st.sampled_from(["Acme Plus", "Acme Identity", "Acme Partner"]),
        "role": st.sampled_from(["User", "Manager", "null"]),
        "active": st.sampled_from(["true", "false"]),
        "fields": st.sampled_from(["{Title: Dr}", "{Title: null}", "{Email: BOB@acme.example}", "{Division: North}"]),
    },
)
people = st.fixed_dictionaries(
    {},
    optional={
        "Title": st.just("Dr"),
        "Division": st.just("North"),
        "IsActive": st.just(value=False),
        "PortalRole": st.sampled_from(["Worker", "Manager"]),
    },
)


def is_valid(document: dict[str, str]) -> bool:
    """Whether a document's keys go together."""
    has_contact = document.get("contact", "null") != "null"
    return has_contact == ("account" in document) and (document.get("role", "null") == "null" or has_contact)


@given(
    wanted=st.lists(documents.filter(is_valid), min_size=3, max_size=3),
    records=st.lists(st.tuples(st.sampled_from(["", "Acme", "Globex"]), people), min_size=3, max_size=3),
)
def test_a_screened_read_gives_the_same_plan_as_one_that_keeps_everything(
    tmp_path_factory: pytest.TempPathFactory,
    wanted: list[dict[str, str]],
    records: list[tuple[str, dict[str, Any]]],
) -> None:
    seed = a_seed(Account=[account("Twin"), account("Twin")])
    for name, (of, fields) in zip(PEOPLE, records, strict=True):
        email = f"{name}@acme.example"
        plain = {key: value for key, value in fields.items() if key != "PortalRole"}
        if of:
            seed.setdefault("Contact", []).append(contact(name, of, Title="Buyer"))
            seed["User"].append(user(name, "Acme Plus", Contact=email, **fields))
        else:
            seed["User"].append(user(name, **plain))
    texts = [
        "\n".join([f"user: {name}@acme.example", *(f"{key}: {value}" for key, value in document.items())])
        for name, document in zip(PEOPLE, wanted, strict=True)
    ]
    with simulated(tmp_path_factory.mktemp("project"), seed) as org:
        desired = org.declares(*texts)
        live, whole = pipeline.read(org.org, desired), pipeline.read(org.org, unscreened(desired))

    plan, expected = pipeline.build(desired, live), pipeline.build(unscreened(desired), whole)
    assert (plan.steps, plan.problems, plan.seats) == (expected.steps, expected.problems, expected.seats)
    assert plan.summary == expected.summary
    changed = {change.address.key for step in plan.steps for change in step.changes}
    assert changed <= set(live.unsettled or ())


COLUMNS = (*USER_COLUMNS, "Score__c", "Flag__c", "Contact.Account.Name", "Contact.AccountId", "Contact.Title")
LICENSES = (License("100", "Plus", "PID_Plus", 5, 1),)


@pytest.mark.parametrize(
    ("column", "declared", "present", "is_settled"),
    [
        ("Score__c", "1.50", Decimal("1.5"), True),
        ("Score__c", True, Decimal(1), False),
        ("Flag__c", True, True, True),
        ("Flag__c", "true", True, False),
        ("Email", "A@x.example", "a@X.example", True),
        ("FirstName", "ann", "Ann", False),
        ("Contact.Title", None, None, True),
        ("Contact.Title", None, "Dr", False),
        ("Contact.Title", "Dr", None, False),
        ("Contact.Account.Name", "ACME", "Acme", True),
        ("Contact.AccountId", "001000000000001", "001000000000001AAA", True),
        ("Profile.UserLicense.Name", "PID_Plus", "Plus", True),
        ("Profile.UserLicense.Name", "PID_Other", "Plus", False),
    ],
)
def test_a_value_is_settled_when_its_canonical_form_is(
    column: str, declared: Value, present: Cell, *, is_settled: bool
) -> None:
    cells: list[Cell] = [None] * len(COLUMNS)
    cells[COLUMNS.index(column)] = present
    screen = Screen(COLUMNS, LICENSES)

    assert bool(screen.settled(cells, ((column,), "a.yaml", 1, (declared,)))) is is_settled


def test_a_role_of_another_account_is_no_answer_to_a_level() -> None:
    screen = Screen(COLUMNS, LICENSES)
    row: dict[str, Cell] = {"UserRole.PortalRole": "Manager", "UserRole.PortalAccountId": "001A", "AccountId": "001B"}
    wanted = (("UserRole.PortalRole",), "a.yaml", 1, ("Manager",))

    assert not screen.settled([row.get(column) for column in COLUMNS], wanted)
    assert screen.settled([{**row, "AccountId": "001A"}.get(column) for column in COLUMNS], wanted)
