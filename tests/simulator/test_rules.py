"""Salesforce's rules: each refusal has Salesforce's code, sentence and fields; each effect is seen in the org."""

from typing import Any

import pytest

from reconciler.simulator import Org, messages
from reconciler.simulator.dml import Call, Operation, Transaction
from reconciler.simulator.errors import ApiError
from reconciler.simulator.rules import RULES
from tests.simulator.orgs import demo, do, give_contact, id_of, made_of, profile, records, refusal, user

SONIA = "sonia.james@acme.example"
NOAH = "noah.berg@globex.example"
JONAS = "jonas.weber@initech.example"


@pytest.fixture
def org() -> Org:
    return demo()


def update(org: Org, name: str = SONIA, **values: Any) -> dict[str, Any]:
    return {"Id": user(org, name)["Id"], **values}


def test_every_rule_names_its_fact_and_a_public_source() -> None:
    assert all(rule.fact.startswith("F") and rule.source.startswith("https://") for rule in RULES)
    assert {rule.tag for rule in RULES} <= {"documented", "reported", "inferred"}
    assert len({rule.id for rule in RULES}) == len(RULES)


def test_the_upgrade_of_the_help_article_works_in_its_order(org: Org) -> None:
    contact = give_contact(org)
    moved = do(org, "update", "User", update(org, ProfileId=profile(org)))[0]

    sonia = user(org)
    assert moved.success
    assert sonia["ContactId"] == contact
    assert sonia["AccountId"] == id_of(org, "Account", Name="Acme")
    assert (sonia["UserType"], sonia["IsPortalEnabled"], sonia["PortalRole"]) == (
        "PowerCustomerSuccess",
        True,
        "Worker",
    )
    assert records(
        org, "SELECT Name FROM UserRole WHERE PortalType = 'CustomerPortal' AND PortalAccount.Name = 'Acme'"
    ) == [
        {"Name": "Acme Customer Executive"},
        {"Name": "Acme Customer Manager"},
        {"Name": "Acme Customer User"},
    ]
    assert org.store.get("Account", sonia["AccountId"])["IsCustomerPortal"] is True  # type: ignore[index]


def test_a_community_license_needs_a_contact_first(org: Org) -> None:
    assert refusal(org, "update", "User", update(org, ProfileId=profile(org))) == (
        "INVALID_CROSS_REFERENCE_KEY",
        "Cannot create a portal user without contact",
        ("ContactId",),
    )


def test_contact_and_license_in_one_update_is_a_setting(org: Org) -> None:
    values = {"ContactId": id_of(org, "Contact", LastName="Lee"), "ProfileId": profile(org)}
    lenient = demo(combined_contact_profile=True)

    assert refusal(org, "update", "User", update(org, **values))[0] == "INVALID_CROSS_REFERENCE_KEY"
    assert do(lenient, "update", "User", update(lenient, **values))[0].success


def test_contactless_users_are_a_setting() -> None:
    seed = {
        "settings": {"contactless_users": False},
        "UserLicense": [{"Name": "External Identity", "TotalLicenses": 9}, {"Name": "Salesforce", "TotalLicenses": 1}],
        "Profile": [
            {"Name": "Identity", "UserLicense": "External Identity"},
            {"Name": "Admin", "UserLicense": "Salesforce"},
        ],
        "User": [{"Username": "admin@acme.example", "LastName": "A", "Email": "a@acme.example", "Profile": "Admin"}],
    }
    org = made_of(seed)
    row = {**NEW_USER, "ProfileId": id_of(org, "Profile", Name="Identity")}

    assert refusal(org, "insert", "User", row)[1] == messages.NO_CONTACT


def test_a_contact_serves_one_user(org: Org) -> None:
    contact = id_of(org, "Contact", LastName="Berg")

    assert refusal(org, "update", "User", update(org, ContactId=contact)) == (
        "PORTAL_USER_ALREADY_EXISTS_FOR_CONTACT",
        "portal user already exists for contact",
        (),
    )


@pytest.mark.parametrize("other", [None, "Lee"])
def test_a_contact_is_set_once(org: Org, other: str | None) -> None:
    contact = id_of(org, "Contact", LastName=other) if other else None

    assert refusal(org, "update", "User", update(org, NOAH, ContactId=contact))[2] == ("ContactId",)


def test_a_contact_needs_an_account(org: Org) -> None:
    contact = do(org, "insert", "Contact", {"LastName": "Private"})[0].id

    assert refusal(org, "update", "User", update(org, ContactId=contact)) == (
        "UNKNOWN_EXCEPTION",
        "portal account owner must have a role",
        (),
    )


def test_an_account_owner_needs_a_role(org: Org) -> None:
    do(org, "update", "User", {"Id": id_of(org, "User", Username="owner@acme.example"), "UserRoleId": None})
    contact = id_of(org, "Contact", LastName="Lee")

    assert refusal(org, "update", "User", update(org, ContactId=contact))[:2] == (
        "UNKNOWN_EXCEPTION",
        "portal account owner must have a role",
    )


def test_whether_that_holds_for_identity_users_too_is_a_setting() -> None:
    org = demo(contact_identity_needs_owner_role=False)
    do(org, "update", "User", {"Id": id_of(org, "User", Username="owner@acme.example"), "UserRoleId": None})
    linked = do(org, "update", "User", update(org, ContactId=id_of(org, "Contact", LastName="Lee")))[0]

    assert linked.success
    assert refusal(org, "update", "User", update(org, ProfileId=profile(org)))[0] == "UNKNOWN_EXCEPTION"


MOVES = [
    (JONAS, "Acme Partner", True),
    (JONAS, "Acme Customer Plus", True),
    (JONAS, "Acme Identity", False),
    (JONAS, "System Administrator", False),
    (NOAH, "Acme Customer", False),
    (NOAH, "Acme Partner", False),
    (NOAH, "Acme Identity", False),
    ("admin@acme.example", "Acme Identity", False),
]


@pytest.mark.parametrize(("name", "target", "is_permitted"), MOVES)
def test_license_moves_follow_the_table(org: Org, name: str, target: str, *, is_permitted: bool) -> None:
    result = do(org, "update", "User", update(org, name, ProfileId=profile(org, target)))[0]

    assert result.success is is_permitted
    if not is_permitted:
        assert (result.errors[0].code, result.errors[0].message, result.errors[0].fields) == (
            "FIELD_INTEGRITY_EXCEPTION",
            messages.FORBIDDEN_MOVE,
            ("ProfileId",),
        )


def test_the_way_back_from_plus_is_a_setting() -> None:
    org = demo(plus_to_lite=True)

    assert do(org, "update", "User", update(org, NOAH, ProfileId=profile(org, "Acme Customer")))[0].success
    assert user(org, NOAH)["UserRoleId"] is None


def test_the_documented_downgrade_disables_renames_and_reactivates(org: Org) -> None:
    disabled = do(org, "update", "User", update(org, NOAH, IsPortalEnabled=False))[0]
    after = user(org, f"{NOAH}_")
    values = {"Username": NOAH, "ProfileId": profile(org, "Acme Identity"), "IsActive": True}
    back = do(org, "update", "User", {"Id": after["Id"], **values})[0]

    assert disabled.success
    assert (after["IsActive"], after["ContactId"], after["UserRoleId"]) == (False, None, None)
    assert back.success, back
    assert user(org, NOAH)["UserType"] == "CspLitePortal"


def test_standard_external_profiles_are_behind_a_gate(org: Org) -> None:
    give_contact(org)
    row = update(org, ProfileId=profile(org, "Customer Community Plus User"))
    open_org = demo(standard_external_profiles=True)
    give_contact(open_org)
    open_row = update(open_org, ProfileId=profile(open_org, "Customer Community Plus User"))

    assert refusal(org, "update", "User", row) == (
        "FIELD_INTEGRITY_EXCEPTION",
        messages.STANDARD_PROFILE,
        ("ProfileId",),
    )
    assert do(open_org, "update", "User", open_row)[0].success


def test_seats_are_counted_row_by_row(org: Org) -> None:
    license_id = id_of(org, "UserLicense", Name="Customer Community Plus")
    org.store.update("UserLicense", license_id, {"TotalLicenses": 2})
    names = [SONIA, "omar.haddad@acme.example"]
    for name in names:
        give_contact(org, name)

    results = do(org, "update", "User", *(update(org, name, ProfileId=profile(org)) for name in names))

    assert [result.success for result in results] == [True, False]
    assert (results[1].errors[0].code, results[1].errors[0].message) == (
        "LICENSE_LIMIT_EXCEEDED",
        "License Limit Exceeded - Customer Community Plus",
    )


def test_a_deactivated_user_frees_its_seat_and_takes_one_again(org: Org) -> None:
    used = "SELECT UsedLicenses FROM UserLicense WHERE Name = 'Customer Community Plus'"
    do(org, "update", "User", update(org, NOAH, IsActive=False))
    freed = records(org, used)
    do(org, "update", "User", update(org, NOAH, IsActive=True))

    assert freed == [{"UsedLicenses": 0}]
    assert records(org, used) == [{"UsedLicenses": 1}]


def test_a_role_must_fit_user_and_account(org: Org) -> None:
    customer = id_of(org, "UserRole", Name="Globex Customer Manager")
    internal = id_of(org, "UserRole", Name="CEO")
    give_contact(org)
    do(org, "update", "User", update(org, ProfileId=profile(org)))

    assert refusal(org, "update", "User", update(org, NOAH, UserRoleId=internal)) == (
        "FIELD_INTEGRITY_EXCEPTION",
        "role type must match user type",
        (),
    )
    assert refusal(org, "update", "User", update(org, JONAS, UserRoleId=customer))[1] == messages.ROLE_TYPE
    assert refusal(org, "update", "User", update(org, UserRoleId=customer))[0] == "INVALID_CROSS_REFERENCE_KEY"
    assert do(org, "update", "User", update(org, NOAH, UserRoleId=customer))[0].success
    assert user(org, NOAH)["PortalRole"] == "Manager"


def test_a_level_moves_the_user_to_its_role(org: Org) -> None:
    do(org, "update", "User", update(org, NOAH, PortalRole="Executive"))
    executive = records(org, f"SELECT UserRole.Name FROM User WHERE Username = '{NOAH}'")
    do(org, "update", "User", update(org, NOAH, PortalRole="User"))

    assert executive == [{"UserRole": {"Name": "Globex Customer Executive"}}]
    assert user(org, NOAH)["PortalRole"] == "Worker"


def test_partners_get_partner_roles_and_mark_their_account(org: Org) -> None:
    do(org, "update", "User", update(org, JONAS, ProfileId=profile(org, "Acme Partner")))

    role = records(org, f"SELECT UserRole.Name, Account.IsPartner FROM User WHERE Username = '{JONAS}'")[0]
    assert role == {"UserRole": {"Name": "Initech Partner User"}, "Account": {"IsPartner": True}}


def test_the_number_of_levels_is_a_setting() -> None:
    org = demo(portal_role_levels=1)

    assert records(org, "SELECT Name FROM UserRole WHERE PortalType != 'None'") == [{"Name": "Globex Customer User"}]


NEW_USER: dict[str, Any] = {
    "Username": "New.User@Acme.example",
    "LastName": "New",
    "Email": "new@acme.example",
    "Alias": "new",
    "TimeZoneSidKey": "Europe/Paris",
    "LocaleSidKey": "en_US",
    "EmailEncodingKey": "UTF-8",
    "LanguageLocaleKey": "en_US",
}


def test_a_new_user_gets_what_salesforce_gives_it(org: Org) -> None:
    made = do(org, "insert", "User", {**NEW_USER, "ProfileId": profile(org, "Acme Identity")})[0]

    new = user(org, "new.user@acme.example")
    assert made.id == new["Id"]
    assert new["Username"] == "new.user@acme.example"
    assert new["CommunityNickname"].startswith("User")
    assert (new["IsActive"], new["DigestFrequency"], new["Name"]) == (True, "D", "New")
    assert new["CreatedById"] == id_of(org, "User", Username="admin@acme.example")


BAD_USERS = [
    ({"Username": "no-address"}, "FIELD_INTEGRITY_EXCEPTION", messages.USERNAME_FORM, ("Username",)),
    ({"Username": SONIA.upper()}, "DUPLICATE_USERNAME", messages.USERNAME_TAKEN, ("Username",)),
    ({"Email": None, "LastName": ""}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName, Email]", None),
    ({"Email": "nowhere"}, "INVALID_EMAIL_ADDRESS", "Email: invalid email address: nowhere", ("Email",)),
    ({"EmailEncodingKey": "EBCDIC"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", None, ("EmailEncodingKey",)),
    ({"LastName": "x" * 81}, "STRING_TOO_LONG", f"Last Name: data value too large: {'x' * 81} (max length=80)", None),
    ({"IsActive": "perhaps"}, "INVALID_TYPE_ON_FIELD_IN_RECORD", None, ("IsActive",)),
    ({"LastName": 5}, "INVALID_TYPE_ON_FIELD_IN_RECORD", None, ("LastName",)),
    ({"LastName": ["x"]}, "INVALID_TYPE_ON_FIELD_IN_RECORD", None, ("LastName",)),
    ({"ProfileId": "nonsense"}, "MALFORMED_ID", None, ("ProfileId",)),
    ({"ProfileId": "00e00000000ZZZZ"}, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ("ProfileId",)),
    ({"ProfileId": "001000000000001"}, "FIELD_INTEGRITY_EXCEPTION", None, ("ProfileId",)),
    ({"AccountId": "001000000000001"}, "INVALID_FIELD_FOR_INSERT_UPDATE", None, ("AccountId",)),
    ({"Nonsense": 1}, "INVALID_FIELD", "No such column 'Nonsense' on sobject of type User", ("Nonsense",)),
]


@pytest.mark.parametrize(("values", "code", "message", "fields"), BAD_USERS)
def test_bad_values_are_refused_field_by_field(
    org: Org, values: dict[str, Any], code: str, message: str | None, fields: tuple[str, ...] | None
) -> None:
    row = {**NEW_USER, "ProfileId": profile(org, "Acme Identity"), **values}

    found = refusal(org, "insert", "User", row)

    assert found[0] == code
    assert message in {None, found[1]}
    assert fields in {None, found[2]}


def test_nicknames_and_federation_ids_are_unique(org: Org) -> None:
    nickname = user(org, NOAH)["CommunityNickname"]
    do(org, "update", "User", update(org, NOAH, FederationIdentifier="N1"))

    assert refusal(org, "update", "User", update(org, CommunityNickname=nickname)) == (
        "DUPLICATE_COMM_NICKNAME",
        messages.NICKNAME_TAKEN,
        ("CommunityNickname",),
    )
    assert refusal(org, "update", "User", update(org, FederationIdentifier="N1"))[0] == "DUPLICATE_VALUE"
    assert do(org, "update", "User", update(org, FederationIdentifier="n1"))[0].success


def test_an_admins_change_of_address_unverifies_it(org: Org) -> None:
    do(org, "update", "User", update(org, Email="new@acme.example"))

    assert user(org)["HasUserVerifiedEmail"] is False


def test_users_are_never_deleted(org: Org) -> None:
    assert refusal(org, "delete", "User", {"Id": user(org)["Id"]})[0] == "INSUFFICIENT_ACCESS_OR_READONLY"


def test_a_contact_of_a_user_keeps_its_account_and_stays(org: Org) -> None:
    contact = id_of(org, "Contact", LastName="Berg")

    assert refusal(org, "update", "Contact", {"Id": contact, "AccountId": None})[2] == ("AccountId",)
    assert refusal(org, "delete", "Contact", {"Id": contact})[0] == "DELETE_FAILED"
    free = id_of(org, "Contact", LastName="Lee")
    assert do(org, "update", "Contact", {"Id": free, "AccountId": None})[0].success
    assert do(org, "delete", "Contact", {"Id": free})[0].success
    assert refusal(org, "update", "Contact", {"Id": free, "LastName": "X"})[0] == "ENTITY_IS_DELETED"


def test_an_account_stays_enabled_for_its_portal_users(org: Org) -> None:
    account = id_of(org, "Account", Name="Globex")

    assert refusal(org, "update", "Account", {"Id": account, "IsCustomerPortal": False})[2] == ("IsCustomerPortal",)
    assert do(org, "update", "Account", {"Id": account, "IsPartner": False})[0].success


def test_portal_roles_are_salesforces_own(org: Org) -> None:
    made = {"Name": "Mine", "PortalType": "CustomerPortal"}
    role = id_of(org, "UserRole", Name="Globex Customer User")

    assert refusal(org, "insert", "UserRole", made) == (
        "FIELD_INTEGRITY_EXCEPTION",
        "Cannot specify system-maintained portal role field",
        ("Name",),
    )
    assert refusal(org, "update", "UserRole", {"Id": role, "Name": "Mine"})[1] == messages.PORTAL_ROLE_FIELD
    assert do(org, "insert", "UserRole", {"Name": "Mine"})[0].success


def test_permission_sets_fit_the_license_and_are_assigned_once(org: Org) -> None:
    plus = id_of(org, "UserLicense", Name="Customer Community Plus")
    bound = do(org, "insert", "PermissionSet", {"Name": "Plus_Only", "Label": "Plus only", "LicenseId": plus})[0].id
    free = id_of(org, "PermissionSet", Name="Knowledge_Reader")
    noah = {"AssigneeId": user(org, NOAH)["Id"]}

    assert refusal(org, "insert", "PermissionSetAssignment", {"AssigneeId": user(org)["Id"], "PermissionSetId": bound})[
        1
    ] == ("The user license doesn't allow the permission: Plus only")
    assert do(org, "insert", "PermissionSetAssignment", {**noah, "PermissionSetId": free})[0].success
    assert refusal(org, "insert", "PermissionSetAssignment", {**noah, "PermissionSetId": free})[0] == "DUPLICATE_VALUE"


def test_a_bound_permission_set_holds_its_user_in_the_license() -> None:
    org = demo()
    lite = id_of(org, "UserLicense", Name="Customer Community")
    bound = do(org, "insert", "PermissionSet", {"Name": "Lite_Only", "LicenseId": lite})[0].id
    do(org, "insert", "PermissionSetAssignment", {"AssigneeId": user(org, JONAS)["Id"], "PermissionSetId": bound})
    row = update(org, JONAS, ProfileId=profile(org))

    assert refusal(org, "update", "User", row)[1] == "The user license doesn't allow the permission: Lite_Only"
    assignment = org.store.find("PermissionSetAssignment")[0]["Id"]
    assert do(org, "delete", "PermissionSetAssignment", {"Id": assignment})[0].success
    assert do(org, "update", "User", row)[0].success


def test_setup_and_other_objects_do_not_share_a_transaction(org: Org) -> None:
    admin = id_of(org, "User", Username="admin@acme.example")
    account = id_of(org, "Account", Name="Acme")
    together = Transaction(org, admin)
    made = together.execute(Call(Operation.INSERT, "Contact", [{"LastName": "James", "AccountId": account}]))[0]
    linked = together.execute(Call(Operation.UPDATE, "User", [update(org, ContactId=made.id)]))[0]
    moved = together.execute(Call(Operation.UPDATE, "User", [update(org, ProfileId=profile(org))]))[0]

    assert linked.success
    assert (moved.errors[0].code, moved.errors[0].message) == (
        "MIXED_DML_OPERATION",
        messages.MIXED_DML.format(sobject="User", original="Contact"),
    )


def test_all_or_none_takes_back_the_good_rows_too(org: Org) -> None:
    results = do(org, "insert", "Account", {"Name": "Good"}, {"Phone": "1"}, all_or_none=True)

    assert [result.errors[0].code for result in results] == [
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "REQUIRED_FIELD_MISSING",
    ]
    assert org.store.find("Account", Name="Good") == []


def test_a_refused_row_leaves_nothing_behind(org: Org) -> None:
    results = do(org, "insert", "Account", {"Name": "Good"}, {"Phone": "1"})

    assert [result.success for result in results] == [True, False]
    assert len(org.store.find("Account", Name="Good")) == 1


def test_upsert_finds_by_id_lookup_fields_and_creates_otherwise(org: Org) -> None:
    by_name = {"Username": SONIA, "Title": "Dr"}
    updated = do(org, "upsert", "User", by_name, external_id_field="Username")[0]
    created = do(org, "upsert", "Contact", {"Email": "x@y.example", "LastName": "X"}, external_id_field="Email")[0]
    by_id = do(org, "upsert", "Contact", {"Id": created.id, "LastName": "Y"}, external_id_field="Id")[0]
    bad = do(org, "upsert", "Contact", {"LastName": "X"}, external_id_field="Title")[0]
    do(org, "insert", "Contact", {"Email": "x@y.example", "LastName": "Z"})
    twice = do(org, "upsert", "Contact", {"Email": "x@y.example"}, external_id_field="Email")[0]

    assert (updated.created, created.created, by_id.created) == (False, True, False)
    assert (bad.errors[0].code, twice.errors[0].code) == ("INVALID_FIELD", "DUPLICATE_EXTERNAL_ID")


def test_parents_may_be_named_by_their_unique_fields(org: Org) -> None:
    by_object = do(
        org,
        "update",
        "Account",
        {"Id": id_of(org, "Account", Name="Acme"), "Owner": {"Username": "admin@acme.example"}},
    )[0]
    by_column = do(
        org, "update", "Account", {"Id": id_of(org, "Account", Name="Acme"), "Owner.Username": "owner@acme.example"}
    )[0]
    nobody = do(
        org, "update", "Account", {"Id": id_of(org, "Account", Name="Acme"), "Owner.Username": "nobody@x.example"}
    )[0]
    no_key = do(org, "update", "Account", {"Id": id_of(org, "Account", Name="Acme"), "Owner": {"Title": "x"}})[0]

    assert by_object.success
    assert by_column.success
    assert (nobody.errors[0].code, no_key.errors[0].code) == ("INVALID_FIELD", "INVALID_FIELD")


@pytest.mark.parametrize(
    ("operation", "sobject", "row", "code"),
    [
        ("update", "User", {"LastName": "x"}, "MISSING_ARGUMENT"),
        ("update", "User", {"Id": "x", "LastName": "x"}, "MALFORMED_ID"),
        ("update", "User", {"Id": "00500000000ZZZZ", "LastName": "x"}, "INVALID_CROSS_REFERENCE_KEY"),
        ("insert", "Profile", {"Name": "x"}, "INVALID_TYPE_FOR_OPERATION"),
        ("update", "Profile", {"Id": "00e000000000001", "Name": "x"}, "INVALID_TYPE_FOR_OPERATION"),
        ("insert", "Contact", {"LastName": "x", "Birthdate": "someday"}, "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        ("insert", "Contact", {"LastName": "x", "EmailBouncedDate": "someday"}, "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        ("insert", "Account", {"Name": "x", "AnnualRevenue": "much"}, "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        ("insert", "Account", {"Name": "x", "AnnualRevenue": True}, "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        ("update", "User", {"Id": "005000000000003", "IsActive": 7}, "INVALID_TYPE_ON_FIELD_IN_RECORD"),
    ],
)
def test_odd_calls_are_refused(org: Org, operation: str, sobject: str, row: dict[str, Any], code: str) -> None:
    assert refusal(org, operation, sobject, row)[0] == code


def test_typed_values_are_stored_as_their_type(org: Org) -> None:
    row = {
        "LastName": " Trim ",
        "Birthdate": "2000-02-29",
        "EmailBouncedDate": "2026-01-01T01:00:00+01:00",
        "MailingLatitude": "1.5",
        "Title": "",
    }
    made = do(org, "insert", "Contact", row)[0]
    account = do(org, "insert", "Account", {"Name": "x", "NumberOfEmployees": "3"})[0]

    stored = org.store.get("Contact", str(made.id)) or {}
    assert (stored["LastName"], stored["Birthdate"], stored["MailingLatitude"]) == ("Trim", "2000-02-29", 1.5)
    assert (stored["EmailBouncedDate"], stored["Title"]) == ("2026-01-01T00:00:00.000+0000", None)
    assert (org.store.get("Account", str(account.id)) or {})["NumberOfEmployees"] == 3


def test_an_unknown_object_is_refused_as_a_whole(org: Org) -> None:
    with pytest.raises(ApiError) as caught:
        do(org, "insert", "Nonsense", {})

    assert caught.value.code == "INVALID_TYPE"
