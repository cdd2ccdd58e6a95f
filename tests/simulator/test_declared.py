"""Validation rules, duplicate rules and triggers that a seed declares."""

from typing import Any

import pytest

from reconciler.simulator import messages, parse_seed, seed_text
from reconciler.simulator.declared import EVENTS
from reconciler.simulator.dml import Call, Operation, Transaction
from reconciler.simulator.errors import RowError
from tests.rule_org import rule_org
from tests.simulator.orgs import made_of
from tests.simulator.test_seed import BASE, findings

NEEDS_EMAIL = {"object": "Contact", "name": "Needs_email", "when": "Email = null", "message": "Give an e-mail"}
NO_ACME = {
    "object": "contact",
    "name": "No_Acme",
    "when": "Account.Name = 'Acme' AND Account.Owner.IsActive = true",
    "message": "Acme is closed",
    "field": "accountid",
}
SAME_PERSON = {"object": "Contact", "name": "Same_person", "match": ["lastname", "Email"]}
NULL = "System.NullPointerException: Attempt to de-reference a null object"


def validation(message: str, *fields: str) -> RowError:
    return RowError("FIELD_CUSTOM_VALIDATION_EXCEPTION", message, fields)


def thrown(event: str, exception: str = NULL) -> RowError:
    message = f"Sync: execution of {event}\n\ncaused by: {exception}\n\nTrigger.Sync: line 1, column 1"
    return RowError("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message)


def trigger(sobject: str, *on: str, **does: str) -> dict[str, Any]:
    return {"triggers": [{"object": sobject, "name": "Sync", "on": list(on), **does}]}


def test_a_record_that_meets_the_condition_of_a_validation_rule_is_refused() -> None:
    with rule_org({}, {"validation_rules": [NEEDS_EMAIL]}) as org:
        error = org.refused_insert("Contact", LastName="James")
        contact = org.insert("Contact", LastName="James", Email="sonia@acme.example")
        cleared = org.refused_update("Contact", contact, Email=None)

        assert error == cleared == validation("Give an e-mail")
        assert org.get("Contact", contact)["Email"] == "sonia@acme.example"
        assert len(org.org.store.find("Contact")) == 1


def test_a_condition_reaches_the_parents_of_the_record_as_it_would_be_saved() -> None:
    with rule_org({}, {"validation_rules": [NO_ACME]}) as org:
        contact = org.insert("Contact", LastName="James", AccountId=org.globex)

        error = org.refused_update("Contact", contact, AccountId=org.acme)

        assert error == validation("Acme is closed", "AccountId")
        assert org.get("Contact", contact)["AccountId"] == org.globex


def test_all_validation_rules_that_fail_are_told_at_once() -> None:
    with rule_org({}, {"validation_rules": [NEEDS_EMAIL, NO_ACME]}) as org:
        (result,) = org.run(Operation.INSERT, "Contact", {"LastName": "James", "AccountId": org.acme})

    assert result.errors == (validation("Give an e-mail"), validation("Acme is closed", "AccountId"))


def test_validation_rules_hold_for_their_own_object_and_not_for_deleting() -> None:
    always = {"object": "Contact", "name": "Frozen", "when": "Id != null", "message": "frozen"}
    with rule_org({}, {"validation_rules": [always]}) as org:
        org.insert("Account", Name="Initech")
        contact = org.org.store.insert("Contact", {"LastName": "James", "OwnerId": org.admin})

        org.delete("Contact", contact)

        assert org.org.store.get("Contact", contact) is None


def test_a_blocking_duplicate_rule_cannot_be_overruled_and_an_alerting_one_can() -> None:
    row = {"LastName": "James", "Email": "sonia@acme.example"}
    for action, saved in (("block", False), ("alert", True)):
        rule = {**SAME_PERSON, "action": action, "message": "Known already"}
        with rule_org({}, {"duplicate_rules": [rule]}) as org:
            org.insert("Contact", **row)

            error = org.refused_insert("Contact", **{**row, "LastName": "JAMES"})
            (result,) = org.run(Operation.INSERT, "Contact", row, allow_duplicates=True)

        assert error == RowError("DUPLICATES_DETECTED", "Known already")
        assert result.success is saved


def test_a_duplicate_rule_alerts_in_salesforces_words_unless_it_has_its_own() -> None:
    with rule_org({}, {"duplicate_rules": [SAME_PERSON]}) as org:
        org.insert("Contact", LastName="James", Email="sonia@acme.example")
        other = org.insert("Contact", LastName="Lee", Email="sonia@acme.example")

        error = org.refused_update("Contact", other, LastName="James")
        org.update("Contact", other, Title="Buyer")
        org.insert("Contact", LastName="James")
        org.insert("Contact", LastName="James")

    assert error == RowError("DUPLICATES_DETECTED", messages.DUPLICATES_DETECTED)


@pytest.mark.parametrize("time", ["before", "after"])
def test_a_trigger_adds_errors_to_the_records_that_meet_its_condition(time: str) -> None:
    declared = trigger("Contact", f"{time} update", when="Title = 'Boss'", error="no bosses", field="Title")
    with rule_org({}, declared) as org:
        contacts = [org.contact(Title="Boss"), org.contact()]
        rows = [{"Id": contact, "Title": title} for contact, title in zip(contacts, ("Boss", "Buyer"), strict=True)]

        results = org.run(Operation.UPDATE, "Contact", *rows)

    assert [result.errors for result in results] == [(validation("no bosses", "Title"),), ()]


def test_a_trigger_may_keep_a_record_from_being_deleted() -> None:
    with rule_org({}, trigger("Contact", "before delete", when="LastName = 'James'", error="kept")) as org:
        contact, other = org.contact(), org.contact(LastName="Lee")

        error = org.refused_delete("Contact", contact)
        org.delete("Contact", other)

        assert error == validation("kept")
        assert org.org.store.get("Contact", contact) is not None


def test_an_exception_that_a_trigger_throws_fails_all_rows_of_its_chunk() -> None:
    with rule_org({}, trigger("Account", "after insert", when="Name = 'Bad'", exception=NULL)) as org:
        names = [f"A{number}" for number in range(250)]
        names[3] = ""
        names[10] = "Bad"

        results = org.run(Operation.INSERT, "Account", *({"Name": name} for name in names))

        errors = [result.errors[0] if result.errors else None for result in results]
        assert errors[3] == RowError("REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]", ("Name",))
        assert errors[:3] + errors[4:200] == [thrown("AfterInsert")] * 199
        assert errors[200:] == [None] * 50
        assert not org.org.store.find("Account", Name="A0")
        assert org.org.store.find("Account", Name="A249")


def test_a_seat_that_a_failed_chunk_took_is_free_again() -> None:
    declared = trigger("User", "after insert", when="LastName = 'Bad'", exception=NULL)
    with rule_org({"External Identity": 1}, declared) as org:
        bad = org.refused_insert("User", **org.user_row("bad@acme.example", LastName="Bad"))
        org.user()

    assert bad == thrown("AfterInsert")


def test_what_is_wrong_before_a_trigger_is_told_instead_of_it() -> None:
    with rule_org({}, trigger("User", "before update", error="closed")) as org:
        taken = org.org.store.insert("User", org.user_row("kim@acme.example", CommunityNickname="kim"))
        sonia = org.user()

        error = org.refused_update("User", sonia, Username="kim@acme.example")
        closed = org.refused_update("User", sonia, Title="Buyer")

        assert org.get("User", taken)["Username"] == "kim@acme.example"
    assert (error.code, closed) == ("DUPLICATE_USERNAME", validation("closed"))


def test_a_trigger_that_updates_contacts_of_setup_users_is_mixed_dml_wrapped_in_its_exception() -> None:
    with rule_org({}, trigger("User", "after update", updates="contact")) as org:
        sonia = org.user()
        org.update("User", sonia, ProfileId=org.profile("Identity B"))
        contact = org.contact()

        org.update("User", sonia, Title="Buyer")
        error = org.refused_update("User", sonia, ProfileId=org.profile("Identity"))

    mixed = messages.MIXED_DML.format(sobject="Contact", original="User")
    exception = (
        f"System.DmlException: Update failed. First exception on row 0 with id {contact}; "
        f"first error: MIXED_DML_OPERATION, {mixed}: []"
    )
    assert error == thrown("AfterUpdate", exception)


def test_what_a_trigger_updates_counts_as_written_in_its_transaction() -> None:
    with rule_org({}, trigger("Contact", "after insert", updates="User")) as org:
        transaction = Transaction(org.org, org.admin)

        first = transaction.execute(Call(Operation.INSERT, "Contact", [{"LastName": "James"}]))

    assert first[0].errors == (
        thrown(
            "AfterInsert",
            f"System.DmlException: Update failed. First exception on row 0 with id {org.admin}; "
            f"first error: MIXED_DML_OPERATION, {messages.MIXED_DML.format(sobject='User', original='Contact')}: []",
        ),
    )


def everything_declared() -> dict[str, Any]:
    return {
        "validation_rules": [NEEDS_EMAIL, NO_ACME],
        "duplicate_rules": [SAME_PERSON, {**SAME_PERSON, "name": "Block", "action": "block", "message": "Known"}],
        "triggers": [
            {"object": "User", "name": "Sync", "on": [*EVENTS], "when": "Title = 'x'", "error": "no", "field": "Title"},
            {"object": "Account", "name": "Sync", "on": ["after update"], "exception": NULL},
            {"object": "User", "name": "Touch", "on": ["before insert"], "updates": "contact", "when": None},
        ],
    }


def test_declarations_are_a_round_trip() -> None:
    first = seed_text(made_of({**BASE, **everything_declared()}))

    again = seed_text(made_of(parse_seed(first)))

    assert again == first
    assert "message: Acme is closed\n  field: AccountId" in first
    assert "updates: Contact" in first


def test_a_seed_in_yaml_needs_no_quotes_around_on() -> None:
    text = "triggers:\n  - {object: Contact, name: Sync, on: [before insert], error: closed}\n"

    org = made_of({**BASE, **parse_seed(text)})

    (declared,) = org.declared.triggers
    assert declared.on == ("before insert",)


@pytest.mark.parametrize(
    ("item", "finding"),
    [
        ({"validation_rules": "x"}, "validation_rules: a list was expected"),
        ({"triggers": ["x"]}, "triggers[0]: a mapping was expected"),
        ({"validation_rules": [{**NEEDS_EMAIL, "name": ""}]}, "validation_rules[0].name: is required"),
        ({"validation_rules": [{**NEEDS_EMAIL, "object": 1}]}, "validation_rules[0].object: a text was expected"),
        (
            {"validation_rules": [{**NEEDS_EMAIL, "wen": "x"}]},
            'validation_rules[0].wen: no such key; did you mean "when"?',
        ),
        (
            {"validation_rules": [{**NEEDS_EMAIL, "object": "Contakt"}]},
            'validation_rules[0].object: no such object; did you mean "Contact"?',
        ),
        (
            {"validation_rules": [{**NEEDS_EMAIL, "field": "Emai"}]},
            'validation_rules[0].field: Contact has no field "Emai"; did you mean "Email"?',
        ),
        (
            {"validation_rules": [{**NEEDS_EMAIL, "when": "Email ="}]},
            "validation_rules[0].when: unexpected token: '<EOF>'",
        ),
        (
            {"validation_rules": [{**NEEDS_EMAIL, "when": "Email = null LIMIT 1"}]},
            "validation_rules[0].when: a condition was expected, without GROUP BY, ORDER BY, LIMIT or OFFSET",
        ),
        ({"duplicate_rules": [{**SAME_PERSON, "match": []}]}, "duplicate_rules[0].match: is required"),
        (
            {"duplicate_rules": [{**SAME_PERSON, "match": "Email"}]},
            "duplicate_rules[0].match: a list of texts was expected",
        ),
        (
            {"duplicate_rules": [{**SAME_PERSON, "match": ["Name", "Nam"]}]},
            "duplicate_rules[0].match: Name is made of other fields",
        ),
        (
            {"duplicate_rules": [{**SAME_PERSON, "object": "User", "match": ["Email"]}]},
            "duplicate_rules[0].match: User has no duplicate rules",
        ),
        (
            {"duplicate_rules": [{**SAME_PERSON, "action": "stop"}]},
            'duplicate_rules[0].action: "stop" is none of block, alert',
        ),
        (trigger("Contact", "after lunch", error="x"), f'triggers[0].on: "after lunch" is none of {", ".join(EVENTS)}'),
        (trigger("Contact", "after insert"), "triggers[0]: one of error, exception, updates was expected"),
        (
            trigger("Contact", "after insert", error="x", exception="y"),
            "triggers[0]: one of error, exception, updates was expected",
        ),
        (
            trigger("Contact", "after insert", updates="Users"),
            'triggers[0].updates: no such object; did you mean "User"?',
        ),
    ],
)
def test_a_wrong_declaration_is_told_with_its_place(item: dict[str, Any], finding: str) -> None:
    assert finding in findings(item)


def test_wrong_declarations_are_told_together_with_wrong_records() -> None:
    found = findings({"Users": [], "triggers": [{}], "validation_rules": [{**NEEDS_EMAIL, "when": "Emial = null"}]})

    assert [finding.split(";")[0] for finding in found] == [
        "Users: no such object in a seed",
        "triggers[0].name: is required",
        "triggers[0].object: is required",
        "triggers[0].on: is required",
        *[finding.split(";")[0] for finding in found if finding.startswith("validation_rules[0].when: No such column")],
    ]
    assert len(found) == 5


def test_an_org_without_declarations_dumps_none() -> None:
    assert "triggers" not in seed_text(made_of(BASE))
