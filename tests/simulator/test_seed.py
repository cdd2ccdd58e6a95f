"""Seeds load whole or not at all, and a dump loads into the same org again."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.simulator import SeedError, open_org, parse_seed, seed_text
from reconciler.simulator.ids import new_id, to_18
from reconciler.simulator.objects import SCHEMA
from reconciler.simulator.store import Store, StoreError
from tests.simulator.orgs import demo, do, give_contact, made_of, profile, user

BASE: dict[str, Any] = {
    "UserLicense": [
        {"Name": "Salesforce", "TotalLicenses": 5},
        {"Name": "Customer Community Plus", "TotalLicenses": 5},
    ],
    "Profile": [
        {"Name": "Admin", "UserLicense": "Salesforce"},
        {"Name": "Plus", "UserLicense": "Customer Community Plus"},
    ],
    "UserRole": [{"Name": "CEO"}],
    "User": [
        {"Username": "a@x.example", "LastName": "A", "Email": "a@x.example", "Profile": "Admin", "UserRole": "CEO"}
    ],
    "Account": [{"Name": "Acme", "Owner": "a@x.example"}],
}


def findings(seed: dict[str, Any]) -> list[str]:
    with pytest.raises(SeedError) as caught:
        made_of({**BASE, **seed})
    return list(caught.value.findings)


def test_the_demo_org_is_a_round_trip() -> None:
    first = seed_text(demo())

    again = seed_text(made_of(parse_seed(first)))

    assert again == first


def test_an_org_that_has_lived_is_a_round_trip() -> None:
    org = demo()
    give_contact(org)
    do(org, "update", "User", {"Id": user(org)["Id"], "ProfileId": profile(org)})
    do(org, "update", "User", {"Id": user(org)["Id"], "PortalRole": "Manager"})
    do(org, "insert", "Account", {"Name": "Twin"}, {"Name": "Twin"})
    twin = org.store.find("Account", Name="Twin")[1]["Id"]
    do(org, "insert", "Contact", {"LastName": "James", "AccountId": twin}, {"LastName": "James"})

    first = seed_text(org)
    again = seed_text(made_of(parse_seed(first)))

    assert again == first
    assert "Acme Customer Manager" in first
    assert "Account: '#4'" in first


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("ab"), st.booleans()), max_size=6))
def test_generated_orgs_are_round_trips(people: list[tuple[str, str, bool]]) -> None:
    contacts = [
        {"LastName": last, **({"Email": f"{mail}@x.example"} if has else {}), "Account": "Acme"}
        for last, mail, has in people
    ]

    first = seed_text(made_of({**BASE, "Contact": contacts}))

    assert seed_text(made_of(parse_seed(first))) == first


def test_all_findings_come_at_once_with_their_place() -> None:
    found = findings(
        {
            "Users": [],
            "Contact": [{"LastNam": "x"}, {"LastName": "x", "Account": "Acmee"}, "x", {"LastName": "x" * 81}],
            "Account": [{"Name": "Acme", "AnnualRevenue": "much"}],
        }
    )

    assert [line.partition(":")[0] for line in found] == [
        "Account[0].AnnualRevenue",
        "Contact[0].LastNam",
        "Contact[1].Account",
        "Contact[2]",
        "Contact[3].LastName",
        "Users",
    ]
    assert 'did you mean "LastName"?' in found[1]
    assert 'no Account "Acmee"; did you mean "acme"?' in found[2]


def test_users_that_salesforce_could_not_hold_are_refused() -> None:
    lost = {"Username": "p@x.example", "LastName": "P", "Email": "p@x.example", "Profile": "Plus"}
    twice = [*BASE["User"], BASE["User"][0]]
    contact = [{"LastName": "P", "Account": "Acme"}]
    wrong_role = {**lost, "Contact": "P", "UserRole": "Acme Customer Manager"}

    assert "needs a Contact" in findings({"User": [*BASE["User"], lost]})[0]
    assert "stands twice" in findings({"User": twice})[0]
    assert "PortalRole sets its level" in findings({"User": [*BASE["User"], wrong_role], "Contact": contact})[0]


@pytest.mark.parametrize(
    "settings", [{"contactles_users": True}, {"contactless_users": "yes"}, {"portal_role_levels": True}, ["x"]]
)
def test_settings_are_checked(settings: Any) -> None:
    assert findings({"settings": settings})[0].startswith("settings")


@pytest.mark.parametrize("text", ["a: [", "- x", "x"])
def test_a_seed_that_is_no_mapping_is_refused(text: str) -> None:
    with pytest.raises(SeedError):
        parse_seed(text)


def test_the_file_keeps_the_org(tmp_path: Path) -> None:
    first = open_org(tmp_path / "org.db", BASE)
    text, org_id = seed_text(first), first.id
    first.close()

    again = open_org(tmp_path / "org.db")

    assert (seed_text(again), again.id) == (text, org_id)
    again.close()


def test_a_bad_seed_leaves_no_half_org(tmp_path: Path) -> None:
    with pytest.raises(SeedError):
        open_org(tmp_path / "org.db", {"Nonsense": []})

    org = open_org(tmp_path / "org.db", BASE)
    assert len(org.store.find("User")) == 1
    org.close()


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "org.db").write_bytes(b"not a database, but long enough to be looked at" * 10)
    other = Store.open(tmp_path / "newer.db", SCHEMA)
    other.meta_set("format", "999")
    other.close()

    with pytest.raises(StoreError, match="is not a simulated org"):
        Store.open(tmp_path / "org.db", SCHEMA)
    with pytest.raises(StoreError, match="version 999"):
        Store.open(tmp_path / "newer.db", SCHEMA)


def fail_inside(store: Store, name: str) -> None:
    with store.transaction():
        store.insert("Account", {"Name": name})
        raise RuntimeError


def test_a_failed_transaction_takes_back_its_own_writes_only() -> None:
    store = demo().store
    with store.transaction():
        store.insert("Account", {"Name": "Kept"})
        with pytest.raises(RuntimeError):
            fail_inside(store, "Inner")
    with pytest.raises(RuntimeError):
        fail_inside(store, "Outer")

    assert [len(store.find("Account", Name=name)) for name in ("Kept", "Inner", "Outer")] == [1, 0, 0]


def test_odd_calls_of_the_store_are_told() -> None:
    store = demo().store

    store.update("Account", "x", {})
    with pytest.raises(LookupError):
        store.find("Nonsense")


def test_ids_carry_a_checksum_of_their_case() -> None:
    # Salesforce Help's own example of the two forms.
    assert to_18("001A0000006Vm9u") == "001A0000006Vm9uIAC"
    assert to_18("001A0000006Vm9uIAC") == "001A0000006Vm9uIAC"
    assert to_18("001A0000006Vm9uAAA") is None
    assert to_18("") is None
    assert to_18("001A0000006Vm9-") is None
    assert new_id("005", 63) == to_18("005000000000011")


def test_a_seed_in_flow_style_that_is_no_json_is_yaml() -> None:
    assert parse_seed("{organization: {Name: Acme}}") == {"organization": {"Name": "Acme"}}
    assert parse_seed('{"organization": {"Name": "Acme"}}') == {"organization": {"Name": "Acme"}}
