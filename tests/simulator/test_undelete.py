"""What lies in the recycle bin comes back whole, and nothing else does."""

from typing import Any

from reconciler.simulator.dml import Operation
from reconciler.simulator.errors import RowError
from tests.rule_org import RuleOrg, rule_org

NOT_IN_BIN = RowError("UNDELETE_FAILED", "entity is not in the recycle bin")


def undeleted(org: RuleOrg, sobject: str, *ids: str) -> list[Any]:
    results = org.run(Operation.UNDELETE, sobject, *({"Id": record_id} for record_id in ids))
    return [result.errors[0] if result.errors else result.id for result in results]


def test_a_deleted_contact_comes_back_as_it_was() -> None:
    with rule_org() as org:
        contact = org.contact(Title="Buyer")
        before = org.get("Contact", contact)
        org.delete("Contact", contact)

        assert undeleted(org, "Contact", contact[:15]) == [contact]
        assert org.get("Contact", contact) == before


def test_an_account_takes_its_contacts_along_and_brings_them_back() -> None:
    with rule_org() as org:
        alone, together = org.contact(), org.contact()
        org.delete("Contact", alone)
        org.delete("Account", org.acme)

        assert undeleted(org, "Contact", together) == [NOT_IN_BIN]
        assert undeleted(org, "Account", org.acme) == [org.acme]

        assert org.get("Contact", together)["IsDeleted"] is False
        assert org.org.store.get("Contact", alone) is None
        assert undeleted(org, "Contact", alone) == [alone]


def test_a_record_that_was_never_deleted_is_not_in_the_bin() -> None:
    with rule_org() as org:
        again = org.contact()
        org.delete("Contact", again)

        assert undeleted(org, "Account", org.acme, "001000000000ZZZ") == [NOT_IN_BIN, NOT_IN_BIN]
        assert undeleted(org, "Contact", again, again) == [again, NOT_IN_BIN]


def test_an_object_without_a_bin_and_an_id_of_another_object_are_refused() -> None:
    with rule_org() as org:
        user = org.user()

        [no_bin] = undeleted(org, "User", user)
        [wrong] = undeleted(org, "Account", user)

    assert no_bin == RowError("INVALID_TYPE_FOR_OPERATION", "entity type User does not support undelete")
    assert wrong.code == "MALFORMED_ID"


def test_a_call_that_is_all_or_none_restores_all_or_none() -> None:
    with rule_org() as org:
        contact = org.contact()
        org.delete("Contact", contact)

        results = org.run(Operation.UNDELETE, "Contact", {"Id": contact}, {"Id": org.contact()}, all_or_none=True)

        assert [result.success for result in results] == [False, False]
        assert org.org.store.get("Contact", contact) is None
        assert undeleted(org, "Contact", contact) == [contact]


def test_a_contact_of_a_deleted_account_waits_for_its_account() -> None:
    with rule_org() as org:
        contact = org.contact()
        org.delete("Contact", contact)
        org.delete("Account", org.acme)

        assert undeleted(org, "Contact", contact) == [
            RowError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        ]

        undeleted(org, "Account", org.acme)
        assert undeleted(org, "Contact", contact) == [contact]
