"""Inserts, updates, upserts and deletes; transactions; what rows of one call see of one another."""

import threading
from pathlib import Path

import pytest

from reconciler.simulator import messages
from reconciler.simulator.dml import Call, Operation, RowResult, Transaction, execute, execute_all
from reconciler.simulator.errors import ApiError, RowError
from reconciler.simulator.seed import open_org
from tests.rule_org import rule_org

ROLLED_BACK = RowError(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
)


def _codes(results: list[RowResult]) -> list[str | None]:
    return [result.errors[0].code if result.errors else None for result in results]


def _mixed(sobject: str, original: str) -> RowError:
    message = (
        "DML operation on setup object is not permitted after you have updated a non-setup object (or vice versa): "
        f"{sobject}, original object: {original}"
    )
    return RowError("MIXED_DML_OPERATION", message)


def test_names_of_objects_and_fields_have_no_case() -> None:
    with rule_org() as org:
        contact = org.insert("CONTACT", lastname="James", ACCOUNTID=org.acme)
        org.run(Operation.UPDATE, "contact", {"id": contact, "TITLE": "Buyer"})

        record = org.get("Contact", contact)
        assert (record["LastName"], record["AccountId"], record["Title"]) == ("James", org.acme, "Buyer")


def test_an_unknown_object_refuses_the_whole_call() -> None:
    with rule_org() as org, pytest.raises(ApiError) as caught:
        org.run(Operation.INSERT, "Opportunity", {"Name": "x"})

    assert (caught.value.status, caught.value.code) == (400, "INVALID_TYPE")


def test_an_unknown_field_refuses_its_row() -> None:
    with rule_org() as org:
        error = org.refused_insert("User", Nickname="sunny")

    assert error == RowError("INVALID_FIELD", "No such column 'Nickname' on sobject of type User", ("Nickname",))


def test_all_missing_fields_are_named_at_once() -> None:
    with rule_org() as org:
        row = org.user_row("sonia@acme.example")
        error = org.refused_insert("User", **{**row, "Email": None, "ProfileId": ""})

    message = "Required fields are missing: [Email, ProfileId]"
    assert error == RowError("REQUIRED_FIELD_MISSING", message, ("Email", "ProfileId"))


@pytest.mark.parametrize("name", ["Username", "LastName", "Email", "Alias", "TimeZoneSidKey", "LocaleSidKey"])
def test_a_required_field_of_a_user_can_be_neither_left_out_nor_cleared(name: str) -> None:
    with rule_org() as org:
        row = org.user_row("sonia@acme.example")
        left_out = org.refused_insert("User", **{key: value for key, value in row.items() if key != name})
        cleared = org.refused_update("User", org.user(), **{name: None})

    assert left_out == cleared == RowError("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{name}]", (name,))


def test_a_made_nickname_can_not_be_cleared() -> None:
    with rule_org() as org:
        error = org.refused_update("User", org.user(), CommunityNickname=None)

    assert error.fields == ("CommunityNickname",)


def test_a_contact_needs_a_last_name_and_an_account_a_name() -> None:
    with rule_org() as org:
        errors = [org.refused_insert("Contact", FirstName="Sonia"), org.refused_insert("Account", Phone="1")]

    assert [error.message for error in errors] == [
        "Required fields are missing: [LastName]",
        "Required fields are missing: [Name]",
    ]


def test_fields_that_are_left_out_or_null_get_their_default() -> None:
    with rule_org() as org:
        record = org.get("User", org.user(IsActive=None, DigestFrequency=None))

    assert (record["IsActive"], record["DigestFrequency"], record["ReceivesInfoEmails"]) == (True, "D", False)


def test_read_only_fields_are_refused_together() -> None:
    with rule_org() as org:
        error = org.refused_update("User", org.user(), AccountId=org.acme, UserType="Standard", Title="x")

    assert error == RowError(
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        "Unable to create/update fields: AccountId, UserType. Please check the security settings of this field and "
        "verify that it is read/write for your profile or permission set.",
        ("AccountId", "UserType"),
    )


def test_the_portal_flag_of_a_user_is_set_by_updates_only() -> None:
    with rule_org() as org:
        error = org.refused_insert("User", **org.user_row("sonia@acme.example", IsPortalEnabled=True))

    assert error.fields == ("IsPortalEnabled",)


def test_an_id_is_refused_in_an_insert_and_needed_in_an_update_and_a_delete() -> None:
    with rule_org() as org:
        inserted = org.refused_insert("Contact", Id=org.contact(), LastName="James")
        updated = org.run(Operation.UPDATE, "Contact", {"LastName": "James"})[0].errors[0]
        deleted = org.run(Operation.DELETE, "Contact", {"Id": ""})[0].errors[0]

    assert inserted == RowError("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", ("Id",))
    assert updated.code == deleted.code == "MISSING_ARGUMENT"


@pytest.mark.parametrize("record_id", ["nonsense", "003", 17, "005000000000000"])
def test_an_id_that_is_no_id_of_the_object_is_malformed(record_id: object) -> None:
    with rule_org() as org:
        error = org.refused_update("Contact", record_id, LastName="x")  # type: ignore[arg-type]

    assert error == RowError("MALFORMED_ID", f"Contact ID: id value of incorrect type: {record_id}", ("Id",))


def test_a_record_that_never_was_and_one_that_is_gone_have_different_errors() -> None:
    with rule_org() as org:
        gone = org.contact()
        org.delete("Contact", gone)

        errors = [org.refused_update("Contact", record_id, Title="x") for record_id in ("003000000000zzz", gone)]
        again = org.refused_delete("Contact", gone)

    assert errors[0] == RowError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    assert errors[1] == again == RowError("ENTITY_IS_DELETED", "entity is deleted")


def test_an_id_of_15_characters_will_do() -> None:
    with rule_org() as org:
        contact = org.contact()

        org.update("Contact", contact[:15], AccountId=org.globex[:15])

        assert org.get("Contact", contact)["AccountId"] == org.globex


def test_a_user_is_never_deleted() -> None:
    with rule_org() as org:
        error = org.refused_delete("User", org.user())

    assert error == RowError("INVALID_TYPE_FOR_OPERATION", "entity type User does not support delete")


@pytest.mark.parametrize(("sobject", "field"), [("Profile", "Name"), ("UserLicense", "Name")])
def test_profiles_and_licenses_are_query_only(sobject: str, field: str) -> None:
    with rule_org() as org:
        record = str(org.org.store.find(sobject)[0]["Id"])
        errors = [
            org.refused_insert(sobject, **{field: "x"}),
            org.refused_update(sobject, record, **{field: "x"}),
            org.refused_delete(sobject, record),
        ]

    assert [error.code for error in errors] == ["INVALID_TYPE_FOR_OPERATION"] * 3


def test_a_row_that_fails_leaves_the_others_and_nothing_of_itself() -> None:
    with rule_org() as org:
        contact = org.contact()
        rows = [
            {"Id": contact, "Title": "Buyer"},
            {"Id": contact, "Title": "x" * 200},
            {"Id": org.contact(), "Title": "b"},
        ]

        results = org.run(Operation.UPDATE, "Contact", *rows)

        assert [result.success for result in results] == [True, False, True]
        assert results[0].id == contact
        assert org.get("Contact", contact)["Title"] == "Buyer"


def test_a_call_that_is_all_or_none_tells_the_culprit_from_the_innocent() -> None:
    with rule_org() as org:
        rows = [{"LastName": "James"}, {"FirstName": "Kim"}, {"LastName": "Lee"}]

        results = org.run(Operation.INSERT, "Contact", *rows, all_or_none=True)

        assert [result.id for result in results] == [None, None, None]
        assert [result.errors[0] for result in results][::2] == [ROLLED_BACK, ROLLED_BACK]
        assert results[1].errors[0].code == "REQUIRED_FIELD_MISSING"
        assert org.org.store.find("Contact") == []


def test_a_call_that_is_all_or_none_and_right_is_kept() -> None:
    with rule_org() as org:
        results = org.run(Operation.INSERT, "Contact", {"LastName": "James"}, {"LastName": "Lee"}, all_or_none=True)

        assert all(result.success for result in results)
        assert len(org.org.store.find("Contact")) == 2


def test_roles_made_for_a_row_that_fails_are_undone_with_it() -> None:
    with rule_org() as org:
        sonia = org.linked()
        tx = Transaction(org.org, org.admin)
        tx.execute(Call(Operation.INSERT, "Contact", [{"LastName": "Lee"}]))

        results = tx.execute(Call(Operation.UPDATE, "User", [{"Id": sonia, "ProfileId": org.profile("Plus")}]))

        assert [result.success for result in results] == [False]
        assert org.roles() == {}


def test_the_rows_of_a_call_take_seats_one_after_another() -> None:
    with rule_org({"Customer Community Plus": 2}) as org:
        users = [org.linked("Identity", f"user{number}@acme.example") for number in range(4)]
        rows = [{"Id": user, "ProfileId": org.profile("Plus")} for user in users]

        results = org.run(Operation.UPDATE, "User", *rows)

        assert _codes(results) == [None, None, "LICENSE_LIMIT_EXCEEDED", "LICENSE_LIMIT_EXCEEDED"]
        assert org.find("UserLicense", Name="Customer Community Plus")["UsedLicenses"] == 2


def test_a_row_that_frees_a_seat_makes_room_for_a_later_row_of_the_call() -> None:
    with rule_org({"External Identity": 2}) as org:
        sonia, idle = org.user(), org.user("idle@acme.example", IsActive=False)
        org.user("kim@acme.example")
        rows = [{"Id": idle, "IsActive": True}, {"Id": sonia, "IsActive": False}, {"Id": idle, "IsActive": True}]

        results = org.run(Operation.UPDATE, "User", *rows)

        assert _codes(results) == ["LICENSE_LIMIT_EXCEEDED", None, None]


def test_a_seat_of_a_row_that_fails_is_free_for_the_next() -> None:
    with rule_org({"External Identity": 1}) as org:
        good, bad = org.user_row("kim@acme.example"), org.user_row("sonia@acme.example", PortalRole="Worker")

        results = org.run(Operation.INSERT, "User", bad, good)

        assert _codes(results) == ["FIELD_INTEGRITY_EXCEPTION", None]


def test_the_rows_of_a_call_see_the_names_and_contacts_that_earlier_rows_took() -> None:
    with rule_org() as org:
        contact = org.contact()
        rows = [
            org.user_row("sonia@acme.example", CommunityNickname="sunny", ContactId=contact),
            org.user_row("sonia@acme.example"),
            org.user_row("kim@acme.example", CommunityNickname="sunny"),
            org.user_row("omar@acme.example", ContactId=contact),
            org.user_row("ines@acme.example"),
        ]

        results = org.run(Operation.INSERT, "User", *rows)

        expected = ["DUPLICATE_USERNAME", "DUPLICATE_COMM_NICKNAME", "PORTAL_USER_ALREADY_EXISTS_FOR_CONTACT"]
        assert _codes(results) == [None, *expected, None]


def test_a_name_that_an_earlier_row_gave_up_is_free_for_a_later_one() -> None:
    with rule_org() as org:
        sonia, kim = org.user("sonia@acme.example"), org.user("kim@acme.example")
        rows = [{"Id": sonia, "Username": "new@acme.example"}, {"Id": kim, "Username": "sonia@acme.example"}]

        results = org.run(Operation.UPDATE, "User", *rows)

        assert _codes(results) == [None, None]


def test_the_first_role_based_row_of_an_account_makes_its_roles_for_the_others() -> None:
    with rule_org() as org:
        users = [org.linked("Identity", f"user{number}@acme.example") for number in range(3)]

        org.run(Operation.UPDATE, "User", *({"Id": user, "ProfileId": org.profile("Plus")} for user in users))

        assert len(org.roles()) == 3
        assert len({org.get("User", user)["UserRoleId"] for user in users}) == 1


def test_a_role_given_to_the_owner_by_an_earlier_row_counts_for_later_ones() -> None:
    with rule_org() as org:
        contact = org.contact(org.roleless)
        sonia, ceo = org.user(), str(org.find("UserRole", Name="CEO")["Id"])
        link = {"Id": sonia, "ContactId": contact}

        results = org.run(Operation.UPDATE, "User", link, {"Id": org.integration, "UserRoleId": ceo}, link)

        assert _codes(results) == ["UNKNOWN_EXCEPTION", None, None]


def test_an_upsert_creates_then_updates_by_its_key() -> None:
    with rule_org() as org:
        row = {"Email": "sonia@acme.example", "LastName": "James", "Id": ""}

        created = org.run(Operation.UPSERT, "Contact", row, external_id_field="email")[0]
        updated = org.run(Operation.UPSERT, "Contact", {**row, "Title": "Buyer"}, external_id_field="Email")[0]

        assert (created.created, updated.created) == (True, False)
        assert created.id == updated.id
        assert org.get("Contact", str(created.id))["Title"] == "Buyer"


def test_an_upsert_within_a_call_finds_what_an_earlier_row_made() -> None:
    row = {"Email": "sonia@acme.example", "LastName": "James"}
    with rule_org() as org:
        results = org.run(Operation.UPSERT, "Contact", row, row, external_id_field="Email")

        assert [result.created for result in results] == [True, False]


def test_an_upsert_by_id_updates_what_exists_and_never_makes_a_record_of_that_id() -> None:
    with rule_org() as org:
        contact = org.contact()

        updated = org.run(Operation.UPSERT, "Contact", {"Id": contact, "Title": "Buyer"})[0]
        created = org.run(Operation.UPSERT, "Contact", {"LastName": "Lee"}, external_id_field="Id")[0]
        missing = org.run(Operation.UPSERT, "Contact", {"Id": "003000000000zzz", "LastName": "Lee"})[0]

        assert (updated.created, created.created) == (False, True)
        assert missing.errors[0].code == "INVALID_CROSS_REFERENCE_KEY"


def test_an_upsert_needs_a_key_that_is_one_and_a_value_for_it() -> None:
    with rule_org() as org:
        row = {"LastName": "James", "Title": "Buyer"}

        no_key = org.run(Operation.UPSERT, "Contact", row, external_id_field="Title")[0].errors[0]
        no_field = org.run(Operation.UPSERT, "Contact", row, external_id_field="Ext__c")[0].errors[0]
        no_value = org.run(Operation.UPSERT, "Contact", row, external_id_field="Email")[0].errors[0]

    assert no_key.code == no_field.code == "INVALID_FIELD"
    assert no_value == RowError("MISSING_ARGUMENT", "Email not specified", ("Email",))


def test_an_upsert_whose_key_names_several_records_changes_none() -> None:
    row = {"Email": "sonia@acme.example", "LastName": "James"}
    with rule_org() as org:
        org.run(Operation.INSERT, "Contact", row, row)

        error = org.run(Operation.UPSERT, "Contact", {**row, "Title": "x"}, external_id_field="Email")[0].errors[0]

        assert error.code == "DUPLICATE_EXTERNAL_ID"
        assert {record["Title"] for record in org.org.store.find("Contact")} == {None}


@pytest.mark.parametrize("profile", ["Plus", "Partner"])
def test_a_license_is_not_changed_in_a_transaction_that_wrote_a_contact(profile: str) -> None:
    with rule_org() as org:
        sonia = org.linked()
        tx = Transaction(org.org, org.admin)
        tx.execute(Call(Operation.INSERT, "Contact", [{"LastName": "Lee"}]))

        refused = tx.execute(Call(Operation.UPDATE, "User", [{"Id": sonia, "ProfileId": org.profile(profile)}]))
        again = tx.execute(Call(Operation.INSERT, "Contact", [{"LastName": "Kim"}]))

        assert refused[0].errors == (_mixed("User", "Contact"),)
        assert again[0].success


def test_contact_and_link_may_share_a_transaction() -> None:
    with rule_org() as org:
        sonia = org.user()
        tx = Transaction(org.org, org.admin)
        contact = tx.execute(Call(Operation.INSERT, "Contact", [{"LastName": "James", "AccountId": org.acme}]))[0].id

        linked = tx.execute(Call(Operation.UPDATE, "User", [{"Id": sonia, "ContactId": contact, "Title": "Buyer"}]))
        more = tx.execute(Call(Operation.UPDATE, "Account", [{"Id": org.acme, "Phone": "1"}]))

        assert linked[0].success
        assert more[0].success


@pytest.mark.parametrize("field", ["UserRoleId", "IsActive", "ForecastEnabled", "Username", "ProfileId"])
def test_a_user_update_that_sets_one_of_these_fields_is_setup(field: str) -> None:
    with rule_org() as org:
        record = org.get("User", org.integration)
        tx = Transaction(org.org, org.admin)

        first = tx.execute(Call(Operation.UPDATE, "User", [{"Id": org.integration, field: record[field]}]))
        second = tx.execute(Call(Operation.INSERT, "Contact", [{"LastName": "Lee"}]))

        assert first[0].success
        assert second[0].errors == (_mixed("Contact", "User"),)


def test_a_new_user_shares_a_transaction_with_other_objects_unless_it_has_a_role() -> None:
    with rule_org() as org:
        ceo = str(org.find("UserRole", Name="CEO")["Id"])
        rows = [org.user_row("a@acme.example"), org.user_row("b@acme.example", "Sales", UserRoleId=ceo)]
        tx = Transaction(org.org, org.admin)
        tx.execute(Call(Operation.INSERT, "Account", [{"Name": "Initech"}]))

        results = tx.execute(Call(Operation.INSERT, "User", rows))

        assert results[0].success
        assert results[1].errors == (_mixed("User", "Account"),)


def test_deleting_counts_as_writing() -> None:
    with rule_org() as org:
        role, contact = org.insert("UserRole", Name="Buyer"), org.contact()
        tx = Transaction(org.org, org.admin)
        tx.execute(Call(Operation.DELETE, "UserRole", [{"Id": role}]))

        results = tx.execute(Call(Operation.DELETE, "Contact", [{"Id": contact}]))

        assert results[0].errors == (_mixed("Contact", "UserRole"),)


def test_calls_that_are_all_or_none_together_are_undone_together() -> None:
    with rule_org() as org:
        calls = [
            Call(Operation.INSERT, "Account", [{"Name": "Initech"}], all_or_none=True),
            Call(Operation.INSERT, "Contact", [{"FirstName": "Kim"}], all_or_none=True),
        ]

        results = execute_all(org.org, org.admin, calls)

        assert _codes(results) == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING"]
        assert org.org.store.find("Account", Name="Initech") == []


def test_an_unknown_object_in_the_second_call_undoes_the_first() -> None:
    with rule_org() as org:
        calls = [Call(Operation.INSERT, "Account", [{"Name": "Initech"}]), Call(Operation.INSERT, "Lead", [{}])]

        with pytest.raises(ApiError):
            execute_all(org.org, org.admin, calls)

        assert org.org.store.find("Account", Name="Initech") == []


def test_two_threads_never_give_away_the_same_seat() -> None:
    with rule_org({"External Identity": 5}) as org:
        results: list[RowResult] = []

        def create(thread: int) -> None:
            rows = [org.user_row(f"user{thread}-{number}@acme.example") for number in range(5)]
            for row in rows:
                results.extend(execute(org.org, org.admin, Call(Operation.INSERT, "User", [row])))

        threads = [threading.Thread(target=create, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert _codes(results).count(None) == 5
        assert org.find("UserLicense", Name="External Identity")["UsedLicenses"] == 5


def test_what_was_written_is_there_when_the_org_is_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "org.db"
    first = open_org(path)
    admin = str(first.store.find("User", Username="admin@acme.example")[0]["Id"])
    created = execute(first, admin, Call(Operation.INSERT, "Contact", [{"LastName": "James"}]))[0]
    first.close()

    second = open_org(path)
    found = second.store.get("Contact", str(created.id))
    second.close()

    assert found is not None
    assert found["LastName"] == "James"


def test_a_row_that_failed_is_no_reason_to_keep_objects_apart() -> None:
    with rule_org() as org:
        tx = Transaction(org.org, org.admin)
        bad = tx.execute(Call(Operation.INSERT, "Contact", [{"FirstName": "Kim"}]))
        sonia = org.linked()

        moved = tx.execute(Call(Operation.UPDATE, "User", [{"Id": sonia, "ProfileId": org.profile("Plus")}]))

        assert not bad[0].success
        assert moved[0].success


def test_every_sentence_that_is_not_salesforces_says_so() -> None:
    own = [
        messages.CONTACT_FIXED,
        messages.CONTACT_OF_INTERNAL,
        messages.MISSING_LEVEL,
        messages.CONTACT_OF_USER,
        messages.ACCOUNT_OF_USERS,
        messages.IN_USE,
        messages.PORTAL_FLAG,
        messages.MOVED_CONTACTS,
    ]

    assert all("simulated org" in sentence for sentence in own)
