"""What is read of an org: only what the files speak of, complete, with few requests."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
import requests

from reconciler.errors import IncompleteRead, InvalidFiles, RequestRefused
from reconciler.live import read
from reconciler.live.facts import org_info
from reconciler.model import Address, Kind, Position, Resource, State, Value
from reconciler.salesforce import Reader, open_session
from reconciler.salesforce.wsgi import WsgiAdapter
from reconciler.simulator import Org
from reconciler.simulator.access_log import AccessLog
from reconciler.simulator.wire import Application, Options, issue_token
from tests.simulator.orgs import demo, do, give_contact, id_of, made_of, user
from tests.worlds import address

URL = "http://simulated-org.localhost"
SONIA = "sonia.james@acme.example"
NOAH = "noah.berg@globex.example"


def reader_of(org: Org, log: AccessLog | None = None) -> Reader:
    http = requests.Session()
    http.mount(URL, WsgiAdapter(Application(org, Options(log=log or AccessLog(None)))))
    return Reader(open_session(URL, issue_token(org), http))


def wants(
    name: str, contact: Mapping[str, Value] | None = None, account: str = "Acme", **fields: Value
) -> list[Resource]:
    at = address(f"user/{name}")
    source = Position("a.yaml", 1, 1)
    if contact is None:
        return [Resource(at, fields, source=source)]
    own = address(f"contact/{name}")
    values = {"AccountId": address(f"account/{account}"), **contact}
    return [Resource(own, values, source=source), Resource(at, {"ContactId": own, **fields}, source=source)]


def state(*documents: list[Resource]) -> State:
    return State({resource.address: resource for document in documents for resource in document})


def test_a_contactless_user_comes_with_its_names_and_license() -> None:
    live = read(reader_of(demo()), state(wants(SONIA, Title=None)))

    assert live.state.resources[address(f"user/{SONIA}")].fields == {
        "FirstName": "Sonia",
        "LastName": "James",
        "Email": SONIA,
        "IsActive": True,
        "Title": None,
        "ContactId": None,
        "ProfileId": address("profile/Acme Identity"),
        "Profile.UserLicenseId": address("license/External Identity"),
        "UserRoleId": None,
    }


def test_a_user_with_contact_comes_with_the_declared_fields_of_it() -> None:
    live = read(reader_of(demo()), state(wants(NOAH, {"Title": "x"}, "Globex")))

    noah = live.state.resources[address(f"user/{NOAH}")]
    assert noah.fields["ContactId"] == address(f"contact/{NOAH}")
    assert noah.fields["UserRoleId"] == address("role/Globex/User")
    assert live.state.resources[address(f"contact/{NOAH}")].fields == {
        "Title": None,
        "AccountId": address("account/Globex"),
    }
    assert [(role.level, role.type) for role in live.facts.roles] == [
        ("Executive", "CustomerPortal"),
        ("Manager", "CustomerPortal"),
        ("User", "CustomerPortal"),
    ]


def test_the_account_of_a_contact_that_no_file_names_is_read_too() -> None:
    live = read(reader_of(demo()), state(wants(NOAH)))

    account = live.state.of(Kind.ACCOUNT)[0]
    assert account.address.key.startswith("Id=001")
    assert account.fields["Owner.Username"] == "owner@acme.example"
    assert live.state.resources[address(f"user/{NOAH}")].fields["UserRoleId"] == Address(
        Kind.ROLE, f"{account.address.key}/User"
    )


def test_accounts_come_under_each_key_that_names_them() -> None:
    org = demo()
    acme = id_of(org, "Account", Name="Acme")
    do(org, "insert", "Account", {"Name": "Twin"}, {"Name": "twin"})
    names = ["Acme", "ACME", f"Id={acme}", f"Id={acme[:15]}", "Name=Acme", "Twin", "Nowhere"]
    documents = [wants(f"u{number}@x.example", {}, name) for number, name in enumerate(names)]

    live = read(reader_of(org), state(*documents))

    found = [resource.address.key for resource in live.state.of(Kind.ACCOUNT)]
    twins = [record["Id"] for record in org.store.find("Account", Name="Twin")]
    assert sorted(found) == sorted(
        ["Acme", "ACME", f"Id={acme}", f"Id={acme[:15]}", "Name=Acme", *(f"Twin#{i}" for i in twins)]
    )
    assert {r.id for r in live.state.of(Kind.ACCOUNT) if "Twin" not in r.address.key} == {acme}


def test_candidates_are_contacts_with_the_email_that_the_contact_will_have() -> None:
    org = demo()
    account = {"AccountId": id_of(org, "Account", Name="Acme")}
    do(
        org,
        "insert",
        "Contact",
        {"LastName": "A", "Email": SONIA, **account},
        {"LastName": "B", "Email": "o@x.example"},
    )
    declared = {"Email": "O@x.example"}

    by_user = read(reader_of(org), state(wants(SONIA, {}))).state.of(Kind.CONTACT)
    by_contact = read(reader_of(org), state(wants(SONIA, declared))).state.of(Kind.CONTACT)
    by_field = read(reader_of(org), state(wants(SONIA, {}, Email="o@x.example"))).state.of(Kind.CONTACT)
    none = read(reader_of(org), state(wants(SONIA, ContactId=None))).state.of(Kind.CONTACT)

    assert [c.fields["LastName"] for c in by_user] == ["A"]
    assert [c.fields["LastName"] for c in by_contact] == ["B"]
    assert [c.fields["LastName"] for c in by_field] == ["B"]
    assert none == ()


def test_the_user_that_holds_a_candidate_is_read_too() -> None:
    org = demo()
    contact = give_contact(org, "omar.haddad@acme.example")
    do(org, "update", "Contact", {"Id": contact, "Email": SONIA})

    live = read(reader_of(org), state(wants(SONIA, {})))

    holder = live.state.resources[address("user/omar.haddad@acme.example")]
    assert holder.fields["ContactId"] == address(f"contact/id={contact}")


def test_a_user_without_email_has_no_candidates() -> None:
    org = demo()
    org.store.update("User", str(user(org)["Id"]), {"Email": None})

    assert read(reader_of(org), state(wants(SONIA, {}))).state.of(Kind.CONTACT) == ()


def test_a_read_sends_no_write_and_counts_its_requests(tmp_path: Path) -> None:
    log = AccessLog(tmp_path / "log.jsonl")
    reader = reader_of(demo(), log)

    live = read(reader, state(wants(SONIA, {}), wants(NOAH, {}, "Globex")))

    log.close()
    entries = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert {entry["method"] for entry in entries} == {"GET"}
    assert live.facts.requests == len(entries) == 7
    assert (live.facts.org.name, live.facts.org.is_simulated) == ("Acme Group", True)


def test_fields_that_the_org_does_not_have_are_findings() -> None:
    documents = state(wants(SONIA, {"Titel": "x", "LastName": "y"}, Department="z", Zzzzzz__c="q"))

    with pytest.raises(InvalidFiles) as caught:
        read(reader_of(demo()), documents)

    assert [(p.code, p.remedy) for p in caught.value.problems] == [
        ("SF020", "did you mean Title?"),
        ("SF020", "remove it, or give the login access to it"),
    ]


def test_an_account_key_of_an_unknown_field_is_refused_in_the_orgs_words() -> None:
    with pytest.raises(RequestRefused, match="Nonsense__c"):
        read(reader_of(demo()), state(wants(SONIA, {}, "Nonsense__c=1")))


def test_another_refusal_is_passed_on() -> None:
    with pytest.raises(RequestRefused, match="invalid ID field"):
        read(reader_of(demo()), state(wants(SONIA, {}, "Id=nonsense")))


def test_an_org_that_hides_itself_is_not_planned_for() -> None:
    org = demo()
    org.store.delete("Organization", org.id)

    with pytest.raises(IncompleteRead, match="View Setup"):
        org_info(reader_of(org))


def test_roles_of_person_accounts_are_no_level() -> None:
    org = demo()
    role = id_of(org, "UserRole", Name="Globex Customer Executive")
    org.store.update("UserRole", role, {"PortalRole": "PersonAccount"})

    live = read(reader_of(org), state(wants(NOAH)))

    assert sorted(found.level for found in live.facts.roles) == ["Manager", "User"]


def test_an_internal_user_has_a_role_by_name() -> None:
    live = read(reader_of(demo()), state(wants("owner@acme.example")))

    assert live.state.resources[address("user/owner@acme.example")].fields["UserRoleId"] == address(
        "role/Account Director"
    )


def test_an_org_of_another_seed_is_another_org() -> None:
    org = made_of(
        {
            "UserLicense": [{"Name": "Salesforce", "TotalLicenses": 1}],
            "Profile": [{"Name": "Admin", "UserLicense": "Salesforce"}],
            "User": [{"Username": "a@x.example", "LastName": "A", "Email": "a@x.example", "Profile": "Admin"}],
        }
    )

    assert read(reader_of(org), state(wants("b@x.example"))).state.resources == {}
