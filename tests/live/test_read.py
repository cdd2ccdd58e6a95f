"""What one read of an org says, and what it asks for."""

from decimal import Decimal
from pathlib import Path

import pytest

from reconciler.errors import InvalidFiles, RequestRefused
from reconciler.model import Address, Kind, Resource
from reconciler.salesforce import Reads
from tests.live.simulated import Seed, Simulated, a_seed, account, contact, simulated, upgrade, user

SONIA = Address(Kind.USER, "sonia@acme.example")
ACME = Address(Kind.ACCOUNT, "Acme")


def at(live_org: Simulated, text: str, *documents: str) -> Resource:
    """The live resource at that address."""
    kind, _, key = text.partition("/")
    found = live_org.reads(*documents).state.get(Address(Kind(kind), key))
    assert found is not None
    return found


def addresses(live_org: Simulated, *documents: str) -> list[str]:
    return [str(address) for address in sorted(live_org.reads(*documents).state.resources)]


def with_contact(name: str = "sonia", profile: str = "Acme Plus", **more: object) -> Seed:
    """An org with one upgraded user."""
    email = f"{name}@acme.example"
    return a_seed(Contact=[contact(name)], User=[user(name, profile, Contact=email, **more)])


def test_a_contactless_user_is_read_with_what_every_plan_needs(tmp_path: Path) -> None:
    with simulated(tmp_path, a_seed(User=[user("sonia")])) as org:
        sonia = at(org, "user/sonia@acme.example", upgrade("sonia"))

    assert sonia.id is not None
    assert sonia.id.startswith("005")
    assert sonia.fields == {
        "FirstName": "Sonia",
        "LastName": "James",
        "Email": "sonia@acme.example",
        "IsActive": True,
        "ContactId": None,
        "ProfileId": Address(Kind.PROFILE, "Acme Identity"),
        "Profile.UserLicenseId": Address(Kind.LICENSE, "External Identity"),
        "UserRoleId": None,
    }


def test_a_users_own_contact_and_role_are_read_with_the_user(tmp_path: Path) -> None:
    with simulated(tmp_path, with_contact()) as org:
        live = org.reads(upgrade("sonia", contact="{Title: Buyer}", more="role: Manager"))
        asked = org.asked()

    sonia = live.state.resources[SONIA]
    assert sonia.fields["ContactId"] == Address(Kind.CONTACT, "sonia@acme.example")
    assert sonia.fields["UserRoleId"] == Address(Kind.ROLE, "Acme/User")
    own = live.state.resources[Address(Kind.CONTACT, "sonia@acme.example")]
    assert own.id is not None
    assert own.id.startswith("003")
    assert own.fields == {
        "AccountId": ACME,
        "FirstName": "Sonia",
        "LastName": "James",
        "Email": "sonia@acme.example",
        "Title": None,
    }
    assert len(asked) == 6


def test_declared_fields_keep_their_type_and_an_empty_one_is_null(tmp_path: Path) -> None:
    fields = "fields: {TimeZoneSidKey: Europe/Paris, UserPermissionsMarketingUser: true, Division: null}"
    with simulated(tmp_path, a_seed(User=[user("sonia", Division="")])) as org:
        sonia = at(org, "user/sonia@acme.example", f"user: sonia@acme.example\n{fields}")

    assert type(sonia.fields["UserPermissionsMarketingUser"]) is bool
    assert isinstance(sonia.fields["TimeZoneSidKey"], str)
    assert sonia.fields["Division"] is None


def test_a_number_is_read_as_a_decimal(tmp_path: Path) -> None:
    with simulated(tmp_path, a_seed(Contact=[contact("sonia", MailingLatitude=52.5)], User=[user("sonia")])) as org:
        live = org.reads(upgrade("sonia", contact='{MailingLatitude: "52.5"}'))

    (found,) = live.state.of(Kind.CONTACT)
    assert found.fields["MailingLatitude"] == Decimal("52.5")


def test_a_username_is_found_in_any_case_under_its_casefolded_key(tmp_path: Path) -> None:
    with simulated(tmp_path, a_seed(User=[user("sonia")])) as org:
        live = org.reads("user: SONIA@Acme.Example\nfields: {Title: Dr}")

    assert list(live.state.resources) == [SONIA]


def test_only_what_is_declared_is_read(tmp_path: Path) -> None:
    with simulated(tmp_path, a_seed(User=[user("sonia"), user("kim")], Contact=[contact("kim")])) as org:
        assert addresses(org, "user: sonia@acme.example\nfields: {Title: Dr}") == ["user/sonia@acme.example"]


def test_users_that_are_as_declared_are_counted_and_not_kept(tmp_path: Path) -> None:
    with simulated(tmp_path, with_contact(Title="Buyer")) as org:
        same = upgrade("sonia", contact="{Email: SONIA@acme.example}", more="role: User\nfields: {Title: Buyer}")
        live = org.reads(same, "user: owner@acme.example\nactive: true", "user: nobody@acme.example")

    assert live.state.resources == {}
    assert live.in_sync == 3
    assert live.unsettled == ("nobody@acme.example",)


def test_reading_sends_no_write(tmp_path: Path) -> None:
    with simulated(tmp_path, a_seed(User=[user("sonia")], Contact=[contact("sonia")])) as org:
        live = org.reads(upgrade("sonia"))

        assert org.writes() == []
        assert live.facts.requests == len(org.asked())


def test_a_user_that_the_org_does_not_have_is_left_out(tmp_path: Path) -> None:
    with simulated(tmp_path, a_seed()) as org:
        assert addresses(org, upgrade("sonia")) == ["account/Acme"]


def test_quotes_and_wildcards_in_names_stay_text(tmp_path: Path) -> None:
    odd = """O'Neil \\ "Sons" % _ + & Straße 株式会社"""
    with simulated(tmp_path, a_seed(User=[user("sonia")], Account=[account(odd)])) as org:
        document = upgrade("sonia", account=f"'{odd.replace(chr(39), chr(39) * 2)}'")

        assert f"account/{odd}" in addresses(org, document)


def test_an_account_is_found_by_name_in_any_case_by_id_and_by_another_field(tmp_path: Path) -> None:
    seed = a_seed(User=[user("a"), user("b"), user("c"), user("d")], Account=[account("Initech", AccountNumber="A-17")])
    with simulated(tmp_path, seed) as org:
        id_ = at(org, "account/Initech", upgrade("a", account="Initech")).id
        assert id_ is not None
        live = org.reads(
            upgrade("a", account="initech"),
            upgrade("b", account=f"{{id: {id_}}}"),
            upgrade("c", account=f"{{id: {id_[:15]}}}"),
            upgrade("d", account="{AccountNumber: A-17}"),
        )

    found = {str(account.address): account.id for account in live.state.of(Kind.ACCOUNT)}
    assert found == {
        "account/initech": id_,
        f"account/Id={id_}": id_,
        f"account/Id={id_[:15]}": id_,
        "account/AccountNumber=A-17": id_,
    }


def test_an_account_says_whether_its_owner_may_have_portal_users(tmp_path: Path) -> None:
    with simulated(tmp_path, a_seed(User=[user("sonia")])) as org:
        acme = at(org, "account/Acme", upgrade("sonia"))

    assert acme.fields["Owner.IsActive"] is True
    assert acme.fields["Owner.Username"] == "owner@acme.example"
    assert str(acme.fields["Owner.UserRoleId"]).startswith("00E")


def test_several_accounts_of_one_name_are_told_apart_by_id(tmp_path: Path) -> None:
    with simulated(tmp_path, a_seed(User=[user("sonia")], Account=[account("ACME")])) as org:
        live = org.reads(upgrade("sonia"))

    keys = [resource.address.key for resource in live.state.of(Kind.ACCOUNT)]
    assert keys == [f"Acme#{resource.id}" for resource in live.state.of(Kind.ACCOUNT)]
    assert len(keys) == 2


def test_the_account_of_a_contact_that_no_file_names_is_read_too(tmp_path: Path) -> None:
    with simulated(tmp_path, with_contact()) as org:
        live = org.reads("user: sonia@acme.example\nfields: {Title: Dr}", upgrade("kim", account="Globex"))

    found = {resource.fields["Name"]: resource.address.key for resource in live.state.of(Kind.ACCOUNT)}
    assert found["Globex"] == "Globex"
    assert found["Acme"].startswith("Id=001")
    assert live.state.resources[SONIA].fields["UserRoleId"] == Address(Kind.ROLE, f"{found['Acme']}/User")


def test_contacts_with_the_declared_email_are_candidates(tmp_path: Path) -> None:
    namesake = contact("sonia", of="Globex", Email="Shared@acme.example")
    no_account = contact("sonia", of=None, Email="shared@acme.example")
    seed = a_seed(User=[user("sonia")], Contact=[namesake, no_account, contact("sonia")])
    with simulated(tmp_path, seed) as org:
        live = org.reads(upgrade("sonia", contact="{Email: SHARED@acme.example, Title: Buyer}"))

    first, second = live.state.of(Kind.CONTACT)
    assert first.address.key == f"id={first.id}"
    assert {first.fields["Email"], second.fields["Email"]} == {"Shared@acme.example", "shared@acme.example"}
    accounts = {str(resource.fields["AccountId"]) for resource in (first, second)}
    globex = next(resource for resource in live.state.of(Kind.ACCOUNT) if resource.fields["Name"] == "Globex")
    assert accounts == {"None", str(globex.address)}
    assert first.fields["Title"] is None


@pytest.mark.parametrize(
    ("fields", "found"),
    [("", True), ("fields: {Email: moved@acme.example}", False)],
    ids=["the present e-mail", "the declared e-mail"],
)
def test_without_a_declared_contact_email_the_users_own_decides(tmp_path: Path, fields: str, found: bool) -> None:  # noqa: FBT001 - a column of a table
    with simulated(tmp_path, a_seed(User=[user("sonia")], Contact=[contact("sonia")])) as org:
        live = org.reads(upgrade("sonia", more=fields))

    assert bool(live.state.of(Kind.CONTACT)) is found


def test_a_contact_declared_to_have_no_email_is_looked_for_by_its_last_name(tmp_path: Path) -> None:
    seed = a_seed(User=[user("sonia")], Contact=[contact("sonia", Email=None), contact("kim")])
    with simulated(tmp_path, seed) as org:
        live = org.reads(upgrade("sonia", contact="{Email: null}"))

    assert [found.fields["FirstName"] for found in live.state.of(Kind.CONTACT)] == ["Sonia"]


def test_without_e_mail_and_last_name_nobody_is_looked_for(tmp_path: Path) -> None:
    with simulated(tmp_path, a_seed(User=[user("sonia")], Contact=[contact("sonia", Email=None)])) as org:
        live = org.reads(upgrade("sonia", contact="{Email: null, LastName: null}"))

    assert live.state.of(Kind.CONTACT) == ()


def test_a_candidate_that_another_user_has_brings_that_user(tmp_path: Path) -> None:
    seed = a_seed(
        Contact=[contact("sonia")],
        User=[user("sonia"), user("other", "Acme Customer", Contact="sonia@acme.example")],
    )
    with simulated(tmp_path, seed) as org:
        live = org.reads(upgrade("sonia"))

    (candidate,) = live.state.of(Kind.CONTACT)
    other = live.state.resources[Address(Kind.USER, "other@acme.example")]
    assert other.fields == {"ContactId": candidate.address, "IsActive": True}


def test_a_candidate_that_a_declared_user_has_stands_under_that_user(tmp_path: Path) -> None:
    seed = a_seed(
        Contact=[contact("shared")],
        User=[user("sonia"), user("other", "Acme Customer", Contact="shared@acme.example")],
    )
    with simulated(tmp_path, seed) as org:
        live = org.reads(
            upgrade("sonia", contact="{FirstName: Shared, Email: shared@acme.example}"),
            "user: other@acme.example\nfields: {Title: Dr}",
        )

    (found,) = live.state.of(Kind.CONTACT)
    assert found.address.key == "other@acme.example"
    assert found.fields["Email"] == "shared@acme.example"


def test_users_that_declare_no_contact_cost_no_query_for_one(tmp_path: Path) -> None:
    with simulated(tmp_path, a_seed(User=[user("sonia")], Contact=[contact("sonia")])) as org:
        live = org.reads("user: sonia@acme.example\nprofile: Acme Identity\ncontact: null")

        assert live.state.of(Kind.CONTACT) == ()
        assert len(org.asked()) == 4


def test_a_role_that_is_no_portal_role_has_its_name(tmp_path: Path) -> None:
    with simulated(tmp_path, a_seed()) as org:
        owner = at(org, "user/owner@acme.example", "user: owner@acme.example\nrole: null")

    assert owner.fields["UserRoleId"] == Address(Kind.ROLE, "CEO")


def test_two_spellings_of_a_field_are_asked_for_once(tmp_path: Path) -> None:
    with simulated(tmp_path, a_seed(User=[user("sonia", Title="Buyer"), user("kim", Title="Clerk")])) as org:
        live = org.reads(
            "user: sonia@acme.example\nfields: {title: Seller, FirstName: Sonia}",
            "user: kim@acme.example\nfields: {Title: Seller}",
        )

    sonia = live.state.resources[SONIA].fields
    assert (sonia["title"], sonia["FirstName"]) == ("Buyer", "Sonia")
    assert live.state.resources[Address(Kind.USER, "kim@acme.example")].fields["Title"] == "Clerk"


def test_the_facts_tell_what_the_org_offers(tmp_path: Path) -> None:
    with simulated(tmp_path, with_contact()) as org:
        facts = org.reads(upgrade("sonia", more="role: Manager")).facts

    assert facts.org.is_simulated
    assert facts.org.id.startswith("00D")
    plus = next(item for item in facts.licenses if item.name == "Customer Community Plus")
    assert (plus.total, plus.used, plus.key) == (50, 1, "PID_Customer_Community_Plus")
    profile = next(item for item in facts.profiles if item.name == "Acme Plus")
    assert (profile.user_type, profile.license) == ("PowerCustomerSuccess", "Customer Community Plus")
    assert {(role.level, role.type) for role in facts.roles} == {
        ("User", "CustomerPortal"),
        ("Manager", "CustomerPortal"),
        ("Executive", "CustomerPortal"),
    }


def test_fields_that_the_org_does_not_have_are_told_all_at_once_with_their_place(tmp_path: Path) -> None:
    document = (
        "user: sonia@acme.example\n"
        "account: {ERP_Key__c: A-17}\n"
        "contact:\n"
        "  Titel: Buyer\n"
        "fields:\n"
        "  Zodiac__c: Leo\n"
        "  title: Buyer\n"
    )
    with simulated(tmp_path, a_seed(User=[user("sonia")])) as org, pytest.raises(InvalidFiles) as refused:
        org.reads(document, "user: kim@acme.example\ncontact: null")

    problems = refused.value.problems
    assert [(problem.source and problem.source.line, problem.message.partition(",")[0]) for problem in problems] == [
        (2, "Account has no field ERP_Key__c"),
        (4, "Contact has no field Titel"),
        (6, "User has no field Zodiac__c"),
    ]
    assert [problem.code for problem in problems] == ["SF020"] * 3
    assert problems[1].remedy == "did you mean Title?"


def test_a_refusal_that_no_declared_field_explains_is_told_as_it_came(tmp_path: Path) -> None:
    document = upgrade("sonia", account="{NumberOfEmployees: seventeen}")
    with simulated(tmp_path, a_seed(User=[user("sonia")])) as org, pytest.raises(RequestRefused) as refused:
        org.reads(document)

    assert refused.value.code == "INVALID_FIELD"


def test_a_busy_org_is_asked_again(tmp_path: Path) -> None:
    with simulated(tmp_path, a_seed(User=[user("sonia")]), faults="unavailable:2@GET query") as org:
        assert addresses(org, upgrade("sonia")) == ["account/Acme", "user/sonia@acme.example"]


def team(size: int, accounts: int) -> tuple[Seed, list[str]]:
    """An org of contactless users, and the documents that upgrade them."""
    names = [f"user{number:04}.with-a-name" for number in range(size)]
    seed = a_seed(User=[user(name) for name in names], Account=[account(f"Team {n:03}") for n in range(accounts)])
    documents = [
        upgrade(name, account=f"Team {number % accounts:03}", contact="{Title: Buyer}")
        for number, name in enumerate(names)
    ]
    return seed, documents


def test_two_thousand_users_of_two_hundred_accounts_take_at_most_twelve_requests(tmp_path: Path) -> None:
    seed, documents = team(2_000, 200)
    with simulated(tmp_path, seed) as org:
        live = org.reads(*documents)

        assert len(live.state.of(Kind.USER)) == 2_000
        assert len(live.state.of(Kind.ACCOUNT)) == 200
        assert len(org.asked()) <= 12


@pytest.mark.parametrize(("reads", "way"), [(Reads.BULK, "jobs/query"), (Reads.REST, "composite"), (Reads.AUTO, "")])
def test_every_way_of_reading_gives_the_same_records(tmp_path: Path, reads: Reads, way: str) -> None:
    seed, documents = team(2_100, 3)
    seed["User"][1] |= {"Division": "North", "UserPermissionsMarketingUser": True}
    more = "\nfields: {Division: South, UserPermissionsMarketingUser: false}"
    with simulated(tmp_path, seed) as org:
        few = org.reads(documents[0] + more)
        assert {line.partition(" ")[2].split("/")[0] for line in org.asked()} == {"query"}
        org.org.reader.reads = reads
        many = org.reads(documents[0] + more, *documents[1:])
        assert any(way in line for line in org.asked())

    address = few.state.of(Kind.USER)[0].address
    assert len(many.unsettled or ()) == 2_100
    assert many.state.resources[address] == few.state.resources[address]


def test_users_that_a_job_over_all_external_users_leaves_out_are_asked_for_by_name(tmp_path: Path) -> None:
    seed, documents = team(2_100, 3)
    with simulated(tmp_path, seed) as org:
        org.org.reader.reads = Reads.BULK
        live = org.reads(*documents, "user: owner@acme.example\nfields: {Title: Boss}")
        assert any("jobs/query" in line for line in org.asked())

    assert live.state.get(Address(Kind.USER, "owner@acme.example")) is not None


def test_a_few_users_of_a_large_org_are_never_looked_for_by_reading_all(tmp_path: Path) -> None:
    seed, documents = team(2_100, 3)
    seed["User"] += [user(f"more{number}") for number in range(4 * 2_100)]
    with simulated(tmp_path, seed) as org:
        org.org.reader.reads = Reads.BULK
        assert len(org.reads(*documents).unsettled or ()) == 2_100
        assert not any("jobs/query" in line for line in org.asked())
