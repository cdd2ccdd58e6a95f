"""Each refusal of the catalogue, provoked through each API and read in that API's own shape."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from reconciler.simulator.faults import Faults
from reconciler.simulator.rules.catalogue import REFUSALS, Refusal
from reconciler.simulator.server import running_server
from reconciler.simulator.wire import Options, issue_token
from tests.rule_org import RuleOrg, rule_org
from tests.simulator.apis import APIS, Asked, Seen, Told
from tests.simulator.wired import Api

SONIA = "sonia@acme.example"
BY_NUMBER: Mapping[int, Refusal] = {row.number: row for row in REFUSALS}


@dataclass(frozen=True)
class Case:
    """How a refusal is provoked: the org it needs, what is written, and what its sentence names of it.

    `refused_row` is the row that is refused; `fields` and `sentence`, a pattern, stand where they depend on the record.
    """

    ask: Callable[[RuleOrg], Asked]
    named: Mapping[str, str] = field(default_factory=dict)
    fields: tuple[str, ...] | None = None
    seats: Mapping[str, int] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)
    fault: str = ""
    refused_row: int = 0
    sentence: str = ""


def new_user(org: RuleOrg, profile: str = "Identity", **fields: Any) -> Asked:
    return Asked("insert", "User", [org.user_row("kim@acme.example", profile, **fields)])


def changed(sobject: str, record_id: str, **fields: Any) -> Asked:
    return Asked("update", sobject, [{"Id": record_id, **fields}])


def without_required_fields(org: RuleOrg) -> Asked:
    row = org.user_row("kim@acme.example")
    return Asked("insert", "User", [{key: row[key] for key in row if key not in {"Email", "ProfileId"}}])


def with_a_taken_contact(org: RuleOrg) -> Asked:
    contact = org.contact()
    org.user(ContactId=contact)
    return new_user(org, ContactId=contact)


def with_a_deleted_account(org: RuleOrg) -> Asked:
    account = org.insert("Account", Name="Gone")
    org.delete("Account", account)
    return Asked("insert", "Contact", [{"LastName": "James", "AccountId": account}])


def twin(org: RuleOrg) -> Asked:
    row = {"LastName": "James", "Email": SONIA}
    org.insert("Contact", **row)
    return Asked("insert", "Contact", [row])


def assigned(org: RuleOrg, license_name: str | None, *, twice: bool) -> Asked:
    license_id = org.find("UserLicense", Name=license_name)["Id"] if license_name else None
    permission_set = org.insert("PermissionSet", Name="Readers", Label="Read Promotion", LicenseId=license_id)
    row = {"PermissionSetId": permission_set, "AssigneeId": org.user()}
    if twice:
        org.insert("PermissionSetAssignment", **row)
    return Asked("insert", "PermissionSetAssignment", [row])


def partner_owned(org: RuleOrg) -> Asked:
    partner = org.linked("Partner", "partner@acme.example")
    org.update("Account", org.globex, OwnerId=partner)
    return new_user(org, "Partner", ContactId=org.contact(org.globex, OwnerId=org.admin))


def portal_role(org: RuleOrg) -> Asked:
    org.linked("Plus")
    return changed("UserRole", org.roles()["Acme Customer User"]["Id"], Name="Renamed")


def account_and_user(org: RuleOrg) -> Asked:
    user = {
        "type": "User",
        **org.user_row("kim@acme.example", "Sales", UserRoleId=org.find("UserRole", Name="CEO")["Id"]),
    }
    return Asked("insert", "Account", [{"type": "Account", "Name": "Initech"}, user])


CASES: Mapping[int, Case] = {
    1: Case(lambda org: new_user(org, "Plus", ContactId=org.contact(org.roleless))),
    2: Case(
        lambda org: new_user(org, "Customer", ContactId=org.contact()),
        {"license": "Customer Community"},
        seats={"Customer Community": 0},
    ),
    3: Case(with_a_taken_contact),
    4: Case(lambda org: new_user(org, "Plus")),
    5: Case(lambda org: new_user(org, ContactId=org.insert("Contact", LastName="James"))),
    6: Case(lambda org: changed("User", org.linked(), ContactId=None)),
    7: Case(lambda org: changed("User", org.linked("Partner"), ProfileId=org.profile("Plus"))),
    8: Case(lambda org: new_user(org, "Customer Community Plus User", ContactId=org.contact())),
    9: Case(lambda org: changed("User", org.linked("Plus"), UserRoleId=org.find("UserRole", Name="CEO")["Id"])),
    10: Case(portal_role),
    11: Case(lambda org: changed("User", org.user(), Username="sonia")),
    12: Case(lambda org: changed("User", org.user(), Username="ADMIN@acme.example")),
    13: Case(lambda org: new_user(org, CommunityNickname=org.get("User", org.user())["CommunityNickname"])),
    14: Case(without_required_fields, {"fields": "Email, ProfileId"}, ("Email", "ProfileId")),
    15: Case(account_and_user, {"sobject": "User", "original": "Account"}, refused_row=1),
    16: Case(lambda org: changed("User", org.user(), Title="Buyer"), fault="group-lock"),
    17: Case(
        lambda org: changed("User", org.user(), Title="Buyer"),
        fault="row-lock",
        sentence=r"unable to obtain exclusive access to this record( or \d+ records: \w{18}(,\w{18})*)?",
    ),
    18: Case(twin, settings={"duplicate_contact_rule": True}),
    19: Case(lambda org: assigned(org, "Partner Community", twice=False), {"label": "Read Promotion"}),
    20: Case(lambda org: assigned(org, None, twice=True), {"field": "<unknown>", "id": "<unknown>"}),
    21: Case(partner_owned),
    22: Case(lambda org: changed("User", org.linked(), AccountId=org.globex), {"fields": "AccountId"}),
    23: Case(with_a_deleted_account),
    24: Case(lambda org: Asked("delete", "User", [{"Id": org.user()}]), {"sobject": "User", "operation": "delete"}),
    25: Case(
        lambda _: Asked("insert", "Account", [{"Name": "Initech"}, {"Site": "Paris"}], all_or_none=True),
    ),
}

IMPOSSIBLE: Mapping[tuple[int, str], str] = {
    (15, "rest"): "a request for one record writes one object",
    (15, "bulk"): "a job writes one object",
    (25, "rest"): "a request for one record has no other record",
    (25, "bulk"): "a job is never all or none",
}
"""Refusals that an API can't give, and why."""

OTHERWISE: Mapping[tuple[int, str], Seen] = {
    (24, "rest"): Seen("METHOD_NOT_ALLOWED", "HTTP Method 'DELETE' not allowed. Allowed are HEAD,GET,PATCH"),
}
"""Refusals that an API words in its own way."""


def possible() -> Iterator[tuple[int, str]]:
    """The refusals of the catalogue, each with the APIs that can give it."""
    for number in CASES:
        for api in APIS:
            if (number, api) not in IMPOSSIBLE:
                yield number, api


@contextmanager
def served(case: Case) -> Iterator[tuple[RuleOrg, Api]]:
    options = Options(faults=Faults(case.fault))
    with (
        rule_org(case.seats, case.more, **case.settings) as org,
        running_server(org.org, options) as server,
        requests.Session() as http,
    ):
        http.trust_env = False
        http.headers["Authorization"] = f"Bearer {issue_token(org.org, org.admin)}"
        yield org, Api(org.org, server.url, http)


def expected(number: int, api: str) -> tuple[str, str, tuple[str, ...]]:
    """Code, a pattern of the sentence, fields."""
    row, case = BY_NUMBER[number], CASES[number]
    if (number, api) in OTHERWISE:
        seen = OTHERWISE[number, api]
        return seen.code, re.escape(seen.message), seen.fields
    sentence = case.sentence or re.escape(row.message.format(**case.named))
    return row.code, sentence, row.fields if case.fields is None else case.fields


def test_every_refusal_has_its_case() -> None:
    assert set(CASES) == set(BY_NUMBER)
    assert {number for number, _ in IMPOSSIBLE} <= set(CASES)


@pytest.mark.parametrize(("number", "api"), list(possible()))
def test_a_refusal_is_told_in_the_shape_of_each_api(number: int, api: str) -> None:
    case = CASES[number]
    with served(case) as (org, wire):
        asked = case.ask(org)
        told: Told = APIS[api](wire, asked)

    assert told.status == (BY_NUMBER[number].status if api == "rest" else 200)
    (seen,) = told.rows[case.refused_row]
    code, sentence, fields = expected(number, api)
    assert (seen.code, seen.fields) == (code, fields)
    assert re.fullmatch(sentence, seen.message)


@pytest.mark.parametrize("api", list(APIS))
def test_all_reasons_of_a_record_are_told_in_each_api(api: str) -> None:
    rules = [
        {
            "object": "Contact",
            "name": f"Rule_{name}",
            "when": f"{name} = null",
            "message": f"Give: {name}",
            "field": name,
        }
        for name in ("Email", "Title")
    ]
    with served(Case(lambda _: Asked("insert", "Contact", []), more={"validation_rules": rules})) as (_, wire):
        told = APIS[api](wire, Asked("insert", "Contact", [{"LastName": "James"}]))

    code = "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    assert told.status == (400 if api == "rest" else 200)
    assert told.rows == ((Seen(code, "Give: Email", ("Email",)), Seen(code, "Give: Title", ("Title",))),)


@pytest.mark.parametrize("api", list(APIS))
def test_what_a_trigger_throws_is_told_in_each_api(api: str) -> None:
    thrown = "System.NullPointerException: Attempt to de-reference a null object"
    trigger = {"object": "Contact", "name": "Sync", "on": ["after insert"], "exception": thrown}
    with served(Case(lambda _: Asked("insert", "Contact", []), more={"triggers": [trigger]})) as (_, wire):
        told = APIS[api](wire, Asked("insert", "Contact", [{"LastName": "James"}]))

    message = f"Sync: execution of AfterInsert\n\ncaused by: {thrown}\n\nTrigger.Sync: line 1, column 1"
    assert told.rows == ((Seen("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message),),)


WRONG_VALUES: Mapping[str, tuple[Mapping[str, Any], Seen]] = {
    "too long": (
        {"LastName": "x" * 81},
        Seen("STRING_TOO_LONG", f"Last Name: data value too large: {'x' * 81} (max length=80)", ("LastName",)),
    ),
    "no e-mail address": (
        {"Email": "sonia"},
        Seen("INVALID_EMAIL_ADDRESS", "Email: invalid email address: sonia", ("Email",)),
    ),
    "not in the picklist": (
        {"CleanStatus": "Dirty"},
        Seen(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "Clean Status: bad value for restricted picklist field: Dirty",
            ("CleanStatus",),
        ),
    ),
    "no id": ({"AccountId": "x"}, Seen("MALFORMED_ID", "Account ID: id value of incorrect type: x", ("AccountId",))),
    "an id of another object": (
        {"AccountId": "005000000000001AAA"},
        Seen(
            "FIELD_INTEGRITY_EXCEPTION",
            "Account ID: id value of incorrect type: 005000000000001AAA",
            ("AccountId",),
        ),
    ),
}


@pytest.mark.parametrize("api", list(APIS))
@pytest.mark.parametrize("wrong", list(WRONG_VALUES))
def test_a_wrong_value_is_told_in_each_api(wrong: str, api: str) -> None:
    fields, seen = WRONG_VALUES[wrong]
    with served(Case(lambda _: Asked("insert", "Contact", []))) as (_, wire):
        told = APIS[api](wire, Asked("insert", "Contact", [{"LastName": "James", **fields}]))

    assert told == Told(400 if api == "rest" else 200, ((seen,),))


@pytest.mark.parametrize("api", list(APIS))
def test_a_caller_who_may_not_write_users_is_told_so_in_each_api(api: str) -> None:
    with served(Case(lambda _: Asked("update", "User", []))) as (org, wire):
        sales = org.user("sales@acme.example", "Sales")
        wire.http.headers["Authorization"] = f"Bearer {issue_token(org.org, sales)}"

        told = APIS[api](wire, changed("User", org.user(), Title="Buyer"))

    seen = Seen("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
    assert told == Told(403 if api == "rest" else 200, ((seen,),))
