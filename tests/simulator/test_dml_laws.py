"""Whatever is asked, in whatever order: an org never holds what Salesforce could not hold."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reconciler.simulator.dml import Operation
from reconciler.simulator.write import ROLE_BASED
from tests.rule_org import PROFILES, RuleOrg, rule_org

_NUMBER = st.integers(0, 3)
_PROFILE = st.sampled_from(sorted(PROFILES))
_CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "ProfileId": _PROFILE,
        "ContactId": st.none() | _NUMBER,
        "IsActive": st.booleans(),
        "IsPortalEnabled": st.booleans(),
        "PortalRole": st.sampled_from(["Worker", "Manager", "Executive", None]),
        "Username": st.sampled_from(["a@acme.example", "b@acme.example"]),
        "UserRoleId": st.none() | st.just("CEO"),
    },
)
_STEP = st.one_of(
    st.tuples(st.just("update"), _NUMBER, _CHANGES),
    st.tuples(st.just("insert"), _NUMBER, _CHANGES),
    st.tuples(st.just("move"), _NUMBER, st.sampled_from(["acme", "globex", "roleless", None])),
    st.tuples(st.just("owner"), _NUMBER, st.sampled_from(["admin", "integration"])),
)


def _row(org: RuleOrg, contacts: list[str], changes: dict[str, Any]) -> dict[str, Any]:
    row = dict(changes)
    if "ProfileId" in row:
        row["ProfileId"] = org.profile(row["ProfileId"])
    if row.get("ContactId") is not None:
        row["ContactId"] = contacts[row["ContactId"]]
    if row.get("UserRoleId") is not None:
        row["UserRoleId"] = org.find("UserRole", Name="CEO")["Id"]
    return row


def _take(org: RuleOrg, contacts: list[str], users: list[str], step: tuple[str, int, Any]) -> None:
    verb, number, detail = step
    match verb:
        case "update":
            row = {**_row(org, contacts, detail), "Id": users[number % len(users)]}
            org.run(Operation.UPDATE, "User", row)
        case "insert":
            changes = _row(org, contacts, {name: value for name, value in detail.items() if name != "IsPortalEnabled"})
            created = org.run(Operation.INSERT, "User", {**org.user_row(f"new{number}@acme.example"), **changes})[0]
            users.extend([created.id] if created.id else [])
        case "move":
            account = getattr(org, detail) if detail else None
            org.run(Operation.UPDATE, "Contact", {"Id": contacts[number], "AccountId": account})
        case _:
            org.run(Operation.UPDATE, "Account", {"Id": org.acme, "OwnerId": getattr(org, detail)})


def _assert_possible(org: RuleOrg) -> None:
    users = org.org.store.find("User")
    linked = [user for user in users if user["ContactId"] is not None]
    assert len({user["ContactId"] for user in linked}) == len(linked)
    assert len({str(user["Username"]).lower() for user in users}) == len(users)
    for bought in org.org.store.find("UserLicense"):
        assert int(bought["UsedLicenses"] or 0) <= int(bought["TotalLicenses"] or 0)
    for user in users:
        _assert_user_possible(org, user)


def _assert_user_possible(org: RuleOrg, user: dict[str, Any]) -> None:
    profile = org.get("Profile", user["ProfileId"])
    license_name = org.get("UserLicense", profile["UserLicenseId"])["Name"]
    is_external = user["UserType"] != "Standard"
    assert user["ContactId"] is None or (is_external and user["AccountId"] is not None)
    if is_external and license_name != "External Identity" and user["IsActive"]:
        assert user["ContactId"] is not None
    role = org.get("UserRole", user["UserRoleId"]) if user["UserRoleId"] else None
    portal = ROLE_BASED.get(user["UserType"]) if user["ContactId"] else None
    if is_external:
        assert (role is not None) == (portal is not None)
    if role is not None:
        assert role["PortalType"] == (portal or "None")
        assert role["PortalAccountId"] == user["AccountId"]
        assert role["PortalRole"] == user["PortalRole"] or not is_external


@given(steps=st.lists(_STEP, max_size=12))
def test_no_sequence_of_writes_brings_an_org_into_an_impossible_state(steps: list[tuple[str, int, Any]]) -> None:
    with rule_org({"External Identity": 3, "Customer Community Plus": 2, "Partner Community": 1}) as org:
        contacts = [org.contact(account) for account in (org.acme, org.acme, org.globex, org.globex)]
        users = [org.user("a@acme.example"), org.user("b@acme.example")]

        for step in steps:
            _take(org, contacts, users, step)
            _assert_possible(org)


@given(
    row=st.dictionaries(
        st.sampled_from(["LastName", "Email", "Birthdate", "AccountId", "Title", "Id", "Account"]),
        st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=3),
    )
)
def test_no_value_brings_a_write_down(row: dict[str, Any]) -> None:
    with rule_org() as org:
        results = [org.run(operation, "Contact", row)[0] for operation in Operation]

    assert all(result.success or result.errors[0].code for result in results)
