"""External users: from contactless to a user of an account with a role, and what is refused on the way."""

from typing import Any

import pytest
import requests

from tests.contract.sources import (
    ACCOUNT,
    ASSIGNMENT,
    CONTACT,
    CONTACTLESS,
    DOCUMENTED,
    DOWNGRADE,
    ELIGIBLE,
    EMAILS,
    INFERRED,
    MIXED_DML,
    OWNER_ROLE,
    REPORTED,
    ROLES,
    UPGRADE,
    USER,
    USER_ROLE,
    USERNAMES,
)
from tests.contract.tenant import VERSION, Tenant, skip_what_is_switched_off

PLUS, CUSTOMER, PARTNER, IDENTITY = (
    "Customer Community Plus",
    "Customer Community",
    "Partner Community",
    "External Identity",
)
FORBIDDEN_MOVE = "You can only assign profiles that are compatible with the user's license."
OWNER_NEEDS_ROLE = "portal account owner must have a role"
NO_CONTACT = "Cannot create a portal user without contact"


def changed(org: Tenant, user: str, **fields: Any) -> requests.Response:
    """The answer to a change of a user."""
    return org.patch(f"sobjects/User/{user}", fields)


def refused(answer: requests.Response) -> tuple[str, str]:
    """Code and sentence of a refusal; a test whose license can't be had here is skipped."""
    assert answer.status_code >= 400, f"accepted: {answer.status_code}"
    error = answer.json()[0]
    return str(error["errorCode"]), str(error["message"])


@pytest.mark.fact(CONTACTLESS, DOCUMENTED)
def test_a_user_of_external_identity_may_be_without_a_contact(org: Tenant) -> None:
    user = org.contactless()

    found = org.row("User", user, "IsActive", "UserType", "ContactId", "AccountId", "Profile.UserLicense.Name")

    assert found["Profile"]["UserLicense"]["Name"] == IDENTITY
    told = (found["IsActive"], found["UserType"], found["ContactId"], found["AccountId"])
    org.expect("user", told, (True, "CspLitePortal", None, None))


@pytest.mark.fact(USER, INFERRED)
def test_a_contactless_user_is_not_portal_enabled_until_it_has_a_contact(org: Tenant) -> None:
    user, contact = org.contactless(), org.contact(org.account(OwnerId=org.owner()))

    before = org.row("User", user, "IsPortalEnabled")["IsPortalEnabled"]
    org.update("User", user, ContactId=contact)

    after = org.row("User", user, "IsPortalEnabled")["IsPortalEnabled"]
    org.expect("IsPortalEnabled", (before, after), (False, True))


@pytest.mark.fact(UPGRADE, DOCUMENTED)
def test_a_contactless_user_is_given_a_contact_and_with_it_an_account(org: Tenant) -> None:
    account = org.account(OwnerId=org.owner())
    user, contact = org.contactless(), org.contact(account)

    answer = changed(org, user, ContactId=contact)

    org.expect("status", answer.status_code, 204)
    org.expect("user", org.row("User", user, "ContactId", "AccountId"), {"ContactId": contact, "AccountId": account})


@pytest.mark.fact(UPGRADE, DOCUMENTED)
@pytest.mark.parametrize(
    ("license_name", "user_type"),
    [(CUSTOMER, "CspLitePortal"), (PLUS, "PowerCustomerSuccess"), (PARTNER, "PowerPartner")],
)
def test_a_user_with_a_contact_is_upgraded_by_its_profile(org: Tenant, license_name: str, user_type: str) -> None:
    user = org.upgraded(license_name)

    found = org.row("User", user, "UserType", "Profile.UserLicense.Name", "IsActive", "Username")

    assert found["Profile"]["UserLicense"]["Name"] == license_name
    org.expect("user", (found["UserType"], found["IsActive"]), (user_type, True))


@pytest.mark.fact(CONTACTLESS, REPORTED)
@pytest.mark.parametrize("license_name", [CUSTOMER, PLUS, PARTNER])
def test_a_contactless_user_gets_no_license_that_needs_a_contact(org: Tenant, license_name: str) -> None:
    user, profile = org.contactless(), org.profile(license_name)

    answer = changed(org, user, ProfileId=profile)

    if answer.status_code >= 400 and refused(answer)[1] != NO_CONTACT:
        skip_what_is_switched_off(answer)
    org.expect("refusal", refused(answer), ("INVALID_CROSS_REFERENCE_KEY", NO_CONTACT))
    org.expect(
        "status and fields", (answer.status_code, answer.json()[0].get("fields")), (400, ["ContactId"]), is_known=False
    )


@pytest.mark.fact(CONTACTLESS, REPORTED)
def test_a_new_user_of_such_a_license_needs_a_contact(org: Tenant) -> None:
    answer = org.post("sobjects/User", org.user_fields(PLUS))

    if answer.status_code >= 400 and refused(answer)[1] != NO_CONTACT:
        skip_what_is_switched_off(answer)
    org.expect("refusal", refused(answer), ("INVALID_CROSS_REFERENCE_KEY", NO_CONTACT))


@pytest.mark.fact(USER, INFERRED)
def test_contact_and_license_are_not_set_in_one_change(org: Tenant) -> None:
    user, contact, profile = org.contactless(), org.contact(org.account(OwnerId=org.owner())), org.profile(PLUS)

    answer = changed(org, user, ContactId=contact, ProfileId=profile)

    told = refused(answer) if answer.status_code >= 400 else answer.status_code
    org.expect("answer", told, ("INVALID_CROSS_REFERENCE_KEY", NO_CONTACT))


@pytest.mark.fact(USER, DOCUMENTED)
def test_a_contact_without_an_account_gets_no_user(org: Tenant) -> None:
    answer = changed(org, org.contactless(), ContactId=org.contact())

    assert answer.status_code >= 400
    org.expect(
        "refusal", (answer.status_code, *refused(answer)), (400, "UNKNOWN_EXCEPTION", OWNER_NEEDS_ROLE), is_known=False
    )


@pytest.mark.fact(OWNER_ROLE, INFERRED)
def test_a_contact_of_an_owner_without_a_role_gets_no_user_of_external_identity(org: Tenant) -> None:
    contact = org.contact(org.account(OwnerId=org.owner_without_role()))

    answer = changed(org, org.contactless(), ContactId=contact)

    told = refused(answer) if answer.status_code >= 400 else answer.status_code
    org.expect("answer", told, ("UNKNOWN_EXCEPTION", OWNER_NEEDS_ROLE))


@pytest.mark.fact(OWNER_ROLE, DOCUMENTED)
def test_a_user_of_a_community_license_needs_an_owner_with_a_role(org: Tenant) -> None:
    """Where even the link is refused, the upgrade can't be tried: the link's refusal is then the same."""
    account = org.account(OwnerId=org.owner_without_role())
    user, contact, profile = org.contactless(), org.contact(account), org.profile(PLUS)
    link = changed(org, user, ContactId=contact)

    answer = link if link.status_code >= 400 else changed(org, user, ProfileId=profile)

    if answer.status_code >= 400 and refused(answer)[1] != OWNER_NEEDS_ROLE:
        skip_what_is_switched_off(answer)
    org.expect("refusal", refused(answer), ("UNKNOWN_EXCEPTION", OWNER_NEEDS_ROLE))
    org.expect("status", answer.status_code, 400, is_known=False)


@pytest.mark.fact(USER, REPORTED)
def test_a_second_user_of_a_contact_is_refused(org: Tenant) -> None:
    user = org.linked()
    contact = org.row("User", user, "ContactId")["ContactId"]

    answer = changed(org, org.contactless(), ContactId=contact)

    error = answer.json()[0]
    told = (answer.status_code, error["errorCode"], error["message"])
    org.expect(
        "refusal", told, (400, "PORTAL_USER_ALREADY_EXISTS_FOR_CONTACT", "portal user already exists for contact")
    )


@pytest.mark.fact(USER, INFERRED)
def test_an_inactive_user_still_holds_its_contact(org: Tenant) -> None:
    user = org.linked()
    contact = org.row("User", user, "ContactId")["ContactId"]
    org.update("User", user, IsActive=False)

    answer = changed(org, org.contactless(), ContactId=contact)

    told = refused(answer)[0] if answer.status_code >= 400 else answer.status_code
    org.update("User", user, IsActive=True)
    org.expect("answer", told, "PORTAL_USER_ALREADY_EXISTS_FOR_CONTACT")


@pytest.mark.fact(USER, REPORTED)
@pytest.mark.parametrize("is_cleared", [True, False])
def test_a_contact_once_set_is_neither_changed_nor_cleared(org: Tenant, *, is_cleared: bool) -> None:
    account = org.account(OwnerId=org.owner())
    user = org.linked(account)
    contact = org.row("User", user, "ContactId")["ContactId"]

    answer = changed(org, user, ContactId=None if is_cleared else org.contact(account))

    told = refused(answer) if answer.status_code >= 400 else answer.status_code
    own_words = "ContactId can't be changed or cleared once it is set"
    org.expect("code", told[0] if isinstance(told, tuple) else told, "FIELD_INTEGRITY_EXCEPTION", is_known=False)
    org.expect("message", str(told).partition(own_words)[1], own_words, is_known=False)
    org.expect("contact", org.row("User", user, "ContactId")["ContactId"], contact)


@pytest.mark.fact(ELIGIBLE, REPORTED)
@pytest.mark.parametrize(("held", "wanted"), [(PARTNER, PLUS), (PARTNER, CUSTOMER)])
def test_a_license_is_not_given_back(org: Tenant, held: str, wanted: str) -> None:
    user = org.upgraded(held)

    answer = changed(org, user, ProfileId=org.profile(wanted))

    assert refused(answer)[0] == "FIELD_INTEGRITY_EXCEPTION"
    org.expect("message", refused(answer)[1].startswith(FORBIDDEN_MOVE), expected=True)
    org.expect("fields", answer.json()[0].get("fields"), ["ProfileId"])


@pytest.mark.fact(ELIGIBLE, INFERRED)
@pytest.mark.parametrize(
    ("held", "wanted"), [(PLUS, CUSTOMER), (PLUS, PARTNER), (PLUS, IDENTITY), (CUSTOMER, IDENTITY)]
)
def test_a_move_that_no_page_tells_of_is_refused(org: Tenant, held: str, wanted: str) -> None:
    user = org.upgraded(held)

    answer = changed(org, user, ProfileId=org.profile(wanted))

    told = refused(answer)[0] if answer.status_code >= 400 else answer.status_code
    org.expect("answer", told, "FIELD_INTEGRITY_EXCEPTION")


@pytest.mark.fact(ELIGIBLE, DOCUMENTED)
@pytest.mark.parametrize(("wanted", "user_type"), [(PLUS, "PowerCustomerSuccess"), (PARTNER, "PowerPartner")])
def test_a_customer_community_user_moves_up(org: Tenant, wanted: str, user_type: str) -> None:
    user = org.upgraded(CUSTOMER)

    answer = changed(org, user, ProfileId=org.profile(wanted))

    skip_what_is_switched_off(answer)
    org.expect("status", answer.status_code, 204)
    org.expect("user", org.row("User", user, "UserType"), {"UserType": user_type})


# Roles


@pytest.mark.fact(ROLES, DOCUMENTED)
def test_the_first_role_based_user_of_an_account_brings_its_roles(org: Tenant) -> None:
    name = org.name("Acme")
    account = org.account(Name=name, OwnerId=org.owner())
    asked = f"SELECT Id, Name, PortalRole, PortalType FROM UserRole WHERE PortalAccountId = '{account}' ORDER BY Name"
    before = org.rows(asked)

    user = org.upgraded(PLUS, account)

    roles = {role["Id"]: role for role in org.rows(asked)}
    assert before == []
    levels = {"Worker": "User", "Manager": "Manager", "Executive": "Executive"}
    assert 1 <= len(roles) <= 3
    for role in roles.values():
        assert role["PortalType"] == "CustomerPortal"
        assert role["Name"] == f"{name} Customer {levels[role['PortalRole']]}"
    held = roles[org.row("User", user, "UserRoleId")["UserRoleId"]]
    org.expect("level", held["PortalRole"], "Worker", is_known=False)
    org.expect("level of the user", org.row("User", user, "PortalRole")["PortalRole"], "Worker", is_known=False)
    org.expect("number of roles", len(roles), 3 if not org.is_real else len(roles), is_known=False)


@pytest.mark.fact(ROLES, DOCUMENTED)
def test_partners_have_roles_of_their_own(org: Tenant) -> None:
    name = org.name("Acme")
    account = org.account(Name=name, OwnerId=org.owner())

    user = org.upgraded(PARTNER, account)

    role = org.row("User", user, "UserRole.Name", "UserRole.PortalType")["UserRole"]
    org.expect("role", (role["Name"], role["PortalType"]), (f"{name} Partner User", "Partner"))


@pytest.mark.fact(ROLES, DOCUMENTED)
def test_portal_roles_stand_below_the_owners_role(org: Tenant) -> None:
    owner = org.owner()
    account = org.account(OwnerId=owner)
    org.upgraded(PLUS, account)

    roles = org.rows(f"SELECT Id, ParentRoleId FROM UserRole WHERE PortalAccountId = '{account}'")

    own = {role["Id"] for role in roles}
    (top,) = [role["ParentRoleId"] for role in roles if role["ParentRoleId"] not in own]
    org.expect("top", top, org.row("User", owner, "UserRoleId")["UserRoleId"])


@pytest.mark.fact(USER, REPORTED)
@pytest.mark.parametrize("license_name", [IDENTITY, CUSTOMER])
def test_a_user_of_a_high_volume_license_has_no_role(org: Tenant, license_name: str) -> None:
    user = org.linked() if license_name == IDENTITY else org.upgraded(license_name)

    org.expect("role", org.row("User", user, "UserRoleId")["UserRoleId"], None)


@pytest.mark.fact(USER_ROLE, REPORTED)
def test_an_internal_role_is_not_given_to_an_external_user(org: Tenant) -> None:
    role = org.row("User", org.owner(), "UserRoleId")["UserRoleId"]

    answer = changed(org, org.linked(), UserRoleId=role)

    org.expect("refusal", refused(answer), ("FIELD_INTEGRITY_EXCEPTION", "role type must match user type"))
    org.expect("fields", answer.json()[0].get("fields", []), [], is_known=False)


@pytest.mark.fact(ROLES, DOCUMENTED)
def test_a_user_moves_to_another_level_of_its_account(org: Tenant) -> None:
    account = org.account(OwnerId=org.owner())
    user = org.upgraded(PLUS, account)
    roles = org.rows(f"SELECT Id FROM UserRole WHERE PortalAccountId = '{account}' AND PortalRole = 'Manager'")
    if not roles:
        pytest.skip("the org makes one role an account")

    answer = changed(org, user, UserRoleId=roles[0]["Id"])

    org.expect("status", answer.status_code, 204)
    org.expect("level", org.row("User", user, "PortalRole")["PortalRole"], "Manager", is_known=False)


@pytest.mark.fact(USER_ROLE, INFERRED)
def test_a_role_of_another_account_is_refused(org: Tenant) -> None:
    other = org.account(OwnerId=org.owner())
    org.upgraded(PLUS, other)
    role = org.rows(f"SELECT Id FROM UserRole WHERE PortalAccountId = '{other}' AND PortalRole = 'Worker'")[0]["Id"]
    user = org.upgraded(PLUS)

    answer = changed(org, user, UserRoleId=role)

    told = refused(answer)[0] if answer.status_code >= 400 else answer.status_code
    org.expect("answer", told, "INVALID_CROSS_REFERENCE_KEY")


@pytest.mark.fact(USER_ROLE, DOCUMENTED)
def test_a_portal_role_is_not_changed_by_hand(org: Tenant) -> None:
    account = org.account(OwnerId=org.owner())
    org.upgraded(PLUS, account)
    role = org.rows(f"SELECT Id FROM UserRole WHERE PortalAccountId = '{account}'")[0]["Id"]

    answer = org.patch(f"sobjects/UserRole/{role}", {"Name": org.name()})

    assert answer.status_code >= 400
    told = refused(answer)
    expected = ("FIELD_INTEGRITY_EXCEPTION", "Cannot specify system-maintained portal role field")
    org.expect("refusal", told, expected, is_known=False)


@pytest.mark.fact(USER_ROLE, REPORTED)
def test_a_portal_role_is_not_made_by_hand(org: Tenant) -> None:
    answer = org.post("sobjects/UserRole", {"Name": org.name(), "PortalType": "CustomerPortal"})

    expected = ("FIELD_INTEGRITY_EXCEPTION", "Cannot specify system-maintained portal role field")
    org.expect("refusal", refused(answer), expected)


@pytest.mark.fact(ACCOUNT, INFERRED)
@pytest.mark.parametrize(("license_name", "flag"), [(PLUS, "IsCustomerPortal"), (PARTNER, "IsPartner")])
def test_an_account_is_flagged_by_its_portal_users(org: Tenant, license_name: str, flag: str) -> None:
    account = org.account(OwnerId=org.owner())

    org.upgraded(license_name, account)

    org.expect(flag, org.row("Account", account, flag)[flag], expected=True)


# Names


@pytest.mark.fact(USERNAMES, REPORTED)
@pytest.mark.parametrize("username", ["nonsense", "no domain@x", "@contract.example"])
def test_a_username_has_the_form_of_an_address(org: Tenant, username: str) -> None:
    answer = org.post("sobjects/User", org.user_fields(IDENTITY, Username=username))

    message = "Username must be in the form of an email address (for example, john@acme.com): Username"
    org.expect("refusal", refused(answer), ("FIELD_INTEGRITY_EXCEPTION", message))
    org.expect("fields", answer.json()[0]["fields"], ["Username"])


@pytest.mark.fact(USERNAMES, DOCUMENTED)
@pytest.mark.parametrize("is_upper", [True, False])
def test_a_username_that_is_taken_is_refused(org: Tenant, *, is_upper: bool) -> None:
    taken = org.row("User", org.contactless(), "Username")["Username"]

    answer = org.post("sobjects/User", org.user_fields(IDENTITY, Username=taken.upper() if is_upper else taken))

    code, message = refused(answer)
    org.expect("code", code, "DUPLICATE_USERNAME")
    assert message.startswith("Duplicate Username")
    org.expect("fields", answer.json()[0]["fields"], ["Username"])


@pytest.mark.fact(USER, DOCUMENTED)
def test_a_username_is_in_lower_case(org: Tenant) -> None:
    username = f"{org.marker}.X@Contract.example"

    user = org.contactless(Username=username)

    org.expect("Username", org.row("User", user, "Username")["Username"], username.lower())


@pytest.mark.fact(USER, REPORTED)
def test_a_nickname_that_is_taken_is_refused(org: Tenant) -> None:
    taken = org.row("User", org.contactless(), "CommunityNickname")["CommunityNickname"]

    answer = org.post("sobjects/User", org.user_fields(IDENTITY, CommunityNickname=taken))

    code, message = refused(answer)
    org.expect("code", code, "DUPLICATE_COMM_NICKNAME")
    assert message.startswith("Duplicate Nickname")
    org.expect("fields", answer.json()[0].get("fields"), ["CommunityNickname"], is_known=False)


@pytest.mark.fact(USER, REPORTED)
def test_a_federation_identifier_that_is_taken_is_refused(org: Tenant) -> None:
    taken = org.name()
    org.contactless(FederationIdentifier=taken)

    answer = org.post("sobjects/User", org.user_fields(IDENTITY, FederationIdentifier=taken))

    org.expect("code", refused(answer)[0], "DUPLICATE_VALUE", is_known=False)
    assert answer.status_code == 400


@pytest.mark.fact(EMAILS, DOCUMENTED)
def test_an_address_that_an_administrator_changes_is_unverified(org: Tenant) -> None:
    user = org.contactless()

    org.update("User", user, Email=f"{org.marker}.new@contract.example")

    found = org.row("User", user, "Email", "HasUserVerifiedEmail")
    expected = {"Email": f"{org.marker}.new@contract.example", "HasUserVerifiedEmail": False}
    org.expect("user", found, expected)


# Seats


@pytest.mark.fact(USER, DOCUMENTED)
def test_users_beyond_the_seats_of_a_license_are_refused(org: Tenant) -> None:
    licenses = org.rows(f"SELECT TotalLicenses, UsedLicenses FROM UserLicense WHERE Name = '{PARTNER}'")
    if not licenses or (free := licenses[0]["TotalLicenses"] - licenses[0]["UsedLicenses"]) > 3:
        pytest.skip("Partner Community has more seats left than are worth taking up")
    account = org.account(OwnerId=org.owner())
    for _ in range(free):
        org.upgraded(PARTNER, account)

    answer = changed(org, org.linked(account), ProfileId=org.profile(PARTNER))

    code, message = refused(answer)
    org.expect("code", code, "LICENSE_LIMIT_EXCEEDED")
    assert message.startswith("License Limit Exceeded")
    org.expect("message", message, f"License Limit Exceeded - {PARTNER}")


@pytest.mark.fact(USER, DOCUMENTED)
def test_only_active_users_take_seats(org: Tenant) -> None:
    asked = f"SELECT UsedLicenses FROM UserLicense WHERE Name = '{IDENTITY}'"
    user = org.contactless()
    used = org.rows(asked)[0]["UsedLicenses"]

    org.update("User", user, IsActive=False)

    # Whoever else is at work in a real org changes the count too.
    org.expect("used", org.rows(asked)[0]["UsedLicenses"], used - 1, is_known=False)


# The way back


@pytest.mark.fact(DOWNGRADE, DOCUMENTED)
def test_a_disabled_user_is_inactive_renamed_and_without_a_contact(org: Tenant) -> None:
    user = org.upgraded(PLUS)
    before = org.row("User", user, "Username")["Username"]

    org.update("User", user, IsPortalEnabled=False)

    found = org.row("User", user, "IsActive", "Username", "ContactId", "UserRoleId")
    org.expect("IsActive", found["IsActive"], expected=False)
    assert found["Username"] != before
    org.expect("Username", found["Username"], f"{before}_", is_known=False)
    org.expect("ContactId", found["ContactId"], None)
    org.expect("UserRoleId", found["UserRoleId"], None, is_known=False)


@pytest.mark.fact(DOWNGRADE, DOCUMENTED)
@pytest.mark.parametrize("license_name", [CUSTOMER, PLUS, PARTNER])
def test_a_disabled_user_comes_back_as_contactless(org: Tenant, license_name: str) -> None:
    user = org.upgraded(license_name)
    username = org.row("User", user, "Username")["Username"]
    org.update("User", user, IsPortalEnabled=False)

    answer = changed(org, user, Username=username, ProfileId=org.profile(IDENTITY), IsActive=True)

    org.expect("status", answer.status_code, 204)
    found = org.row("User", user, "Username", "IsActive", "ContactId", "UserType")
    expected = {"Username": username, "IsActive": True, "ContactId": None, "UserType": "CspLitePortal"}
    org.expect("user", found, expected)


@pytest.mark.fact(DOWNGRADE, REPORTED)
def test_the_contact_of_a_disabled_user_is_free(org: Tenant) -> None:
    user = org.linked()
    contact = org.row("User", user, "ContactId")["ContactId"]
    org.update("User", user, IsPortalEnabled=False)

    answer = changed(org, org.contactless(), ContactId=contact)

    org.expect("status", answer.status_code, 204)


# Accounts and contacts of users


@pytest.mark.fact(CONTACT, INFERRED)
@pytest.mark.parametrize("what", ["contact", "account"])
def test_a_record_behind_a_user_is_not_deleted(org: Tenant, what: str) -> None:
    account = org.account(OwnerId=org.owner())
    user = org.linked(account)
    contact = org.row("User", user, "ContactId")["ContactId"]
    path = f"sobjects/Contact/{contact}" if what == "contact" else f"sobjects/Account/{account}"

    answer = org.call("DELETE", path)

    told = (answer.status_code, refused(answer)[0]) if answer.status_code >= 400 else answer.status_code
    org.expect("answer", told, (400, "DELETE_FAILED"))


@pytest.mark.fact(CONTACT, INFERRED)
def test_a_contact_of_a_user_keeps_an_account(org: Tenant) -> None:
    user = org.linked()
    contact = org.row("User", user, "ContactId")["ContactId"]

    answer = org.patch(f"sobjects/Contact/{contact}", {"AccountId": None})

    told = refused(answer)[0] if answer.status_code >= 400 else answer.status_code
    org.expect("answer", told, "FIELD_INTEGRITY_EXCEPTION")


@pytest.mark.fact(CONTACT, INFERRED)
def test_a_user_follows_its_contact_to_another_account(org: Tenant) -> None:
    user = org.upgraded(PLUS)
    contact = org.row("User", user, "ContactId")["ContactId"]
    other = org.account(OwnerId=org.owner())

    answer = org.patch(f"sobjects/Contact/{contact}", {"AccountId": other})

    found = org.row("User", user, "AccountId", "UserRole.PortalAccountId", "PortalRole")
    told = (answer.status_code, found["AccountId"], (found["UserRole"] or {}).get("PortalAccountId"))
    org.expect("answer", told, (204, other, other))


# Transactions


@pytest.mark.fact(MIXED_DML, DOCUMENTED)
def test_a_contact_and_its_users_link_may_share_a_transaction(org: Tenant) -> None:
    user, account = org.contactless(), org.account(OwnerId=org.owner())
    base = f"/services/data/v{VERSION}/sobjects"
    contact = {"LastName": org.name(), "AccountId": account}
    parts = [
        {"method": "POST", "url": f"{base}/Contact", "referenceId": "contact", "body": contact},
        {"method": "PATCH", "url": f"{base}/User/{user}", "referenceId": "u", "body": {"ContactId": "@{contact.id}"}},
    ]

    answers = org.post("composite", {"allOrNone": True, "compositeRequest": parts}).json()["compositeResponse"]

    org.expect("statuses", [answer["httpStatusCode"] for answer in answers], [201, 204])


@pytest.mark.fact(MIXED_DML, INFERRED)
def test_a_contact_and_its_users_license_may_not(org: Tenant) -> None:
    user, profile = org.linked(), org.profile(PLUS)
    base = f"/services/data/v{VERSION}/sobjects"
    parts = [
        {"method": "POST", "url": f"{base}/Contact", "referenceId": "contact", "body": {"LastName": org.name()}},
        {"method": "PATCH", "url": f"{base}/User/{user}", "referenceId": "u", "body": {"ProfileId": profile}},
    ]

    answers = org.post("composite", {"allOrNone": True, "compositeRequest": parts}).json()["compositeResponse"]

    codes = [answer["body"][0]["errorCode"] if answer["httpStatusCode"] >= 400 else None for answer in answers]
    org.expect("codes", codes, ["PROCESSING_HALTED", "MIXED_DML_OPERATION"])


# Permission sets


@pytest.mark.fact(ASSIGNMENT, REPORTED)
def test_a_permission_set_is_assigned_once(org: Tenant) -> None:
    name = org.name("set")
    developer_name = name.replace("-", "_").replace(" ", "_")
    assigned = org.insert("PermissionSet", Name=developer_name, Label=name)
    pair = {"AssigneeId": org.contactless(), "PermissionSetId": assigned}
    assignment = org.insert("PermissionSetAssignment", **pair)

    answer = org.post("sobjects/PermissionSetAssignment", pair)

    org.expect("code", refused(answer)[0], "DUPLICATE_VALUE", is_known=False)
    assert answer.status_code == 400
    assert org.call("DELETE", f"sobjects/PermissionSetAssignment/{assignment}").status_code == 204


@pytest.mark.fact(ASSIGNMENT, DOCUMENTED)
def test_a_permission_set_of_a_license_fits_users_of_that_license_alone(org: Tenant) -> None:
    license_id = org.rows(f"SELECT UserLicenseId FROM Profile WHERE Id = '{org.profile(PLUS)}'")[0]["UserLicenseId"]
    name = org.name("set")
    values = {"Name": name.replace("-", "_").replace(" ", "_"), "Label": name, "LicenseId": license_id}
    bound = org.insert("PermissionSet", **values)

    answer = org.post("sobjects/PermissionSetAssignment", {"AssigneeId": org.contactless(), "PermissionSetId": bound})

    assert answer.status_code == 400
    org.expect("code", refused(answer)[0], "FIELD_INTEGRITY_EXCEPTION", is_known=False)
