"""Plans that are built by hand, and orgs that answer what they are told: the corners that real plans seldom reach."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pytest
import requests

from reconciler.apply import run
from reconciler.errors import PlanRefused
from reconciler.model import (
    Action,
    Address,
    Change,
    FieldChange,
    Kind,
    Outcome,
    Phase,
    Plan,
    Problem,
    Requests,
    Result,
    Severity,
    Step,
    Summary,
    Value,
    Via,
)
from reconciler.salesforce import Reader, Writer, open_session
from reconciler.salesforce.wsgi import WsgiAdapter
from tests.salesforce.scripted_org import (
    INTERRUPT,
    LOST,
    TOKEN,
    URL,
    Answer,
    Clock,
    ScriptedOrg,
    refusal,
    scripted,
    writer_of,
)
from tests.worlds import ORG

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

ACME = "001000000000001AAA"


@dataclass(frozen=True)
class OpenOrg:
    """Reader and writer of a scripted org."""

    reader: Reader
    writer: Writer


@dataclass(frozen=True)
class Untouched:
    """An org in which every record that is looked at before it is written has nothing in it yet, and no contact is.

    What is asked of roles is passed on to the scripted org.
    """

    org: ScriptedOrg

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        soql = parse_qs(str(environ["QUERY_STRING"]))["q"][0]
        if "UserRole " in soql or "UserType" in soql:
            return self.org(environ, start_response)
        columns = soql.removeprefix("SELECT ").partition(" FROM ")[0].split(",")
        ids = re.findall(r"'(005\w+)'", soql)
        records = [{**dict.fromkeys(columns), "Id": id_} for id_ in ids]
        start_response("200 OK", [])
        return [json.dumps({"totalSize": len(records), "done": True, "records": records}).encode()]


def opened(org: ScriptedOrg) -> OpenOrg:
    http = requests.Session()
    http.mount(URL, WsgiAdapter(Untouched(org)))
    reader = Reader(open_session(URL, TOKEN, http), Clock().patience())
    return OpenOrg(reader, writer_of(org))


@dataclass
class PlanOf:
    """A plan that grows by steps."""

    steps: list[Step] = field(default_factory=list)
    ids: dict[Address, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def step(
        self, action: Action, changes: Sequence[Change], *, phase: Phase = Phase.PLAIN, via: Via = Via.COLLECTIONS
    ) -> "PlanOf":
        """Add a step."""
        sobject = "Contact" if changes[0].address.kind is Kind.CONTACT else "User"
        self.steps.append(Step(len(self.steps) + 1, sobject, action, phase, via, tuple(changes)))
        return self

    def plan(self) -> Plan:
        """The finished plan."""
        return Plan(ORG, "", "", tuple(self.steps), self.problems, (), Requests(0, 0), Summary(0, 0, 0, 0, 0), self.ids)


def contacts(count: int) -> list[Change]:
    """New contacts."""
    names = [f"user{number:03}@acme.example" for number in range(count)]
    return [Change(Address(Kind.CONTACT, name), None, (FieldChange("LastName", None, name),)) for name in names]


def user(number: int, **fields: Value) -> Change:
    """An update of a user."""
    changes = tuple(FieldChange(name, None, value) for name, value in fields.items())
    return Change(Address(Kind.USER, f"user{number:03}@acme.example"), f"005{number:012}AAA", changes)


def made(count: int, prefix: str = "003") -> Answer:
    """The answer to a request that wrote so many records."""
    return Answer(body=[{"id": f"{prefix}{n:012}AAA", "success": True, "errors": []} for n in range(count)])


def counted(results: Sequence[Result]) -> Mapping[Outcome, int]:
    return {outcome: n for outcome in Outcome if (n := sum(result.outcome is outcome for result in results))}


def rows(*records: Mapping[str, object]) -> Answer:
    return Answer(body={"totalSize": len(records), "done": True, "records": list(records)})


def to_role(level: str, number: int = 1) -> Change:
    return user(number, UserRoleId=Address(Kind.ROLE, f"Acme/{level}"))


def with_role(*changes: Change) -> PlanOf:
    return PlanOf(ids={Address(Kind.ACCOUNT, "Acme"): ACME}).step(Action.UPDATE, changes, phase=Phase.ROLE)


def test_a_plan_with_errors_sends_nothing() -> None:
    org = scripted(made(1))
    problem = Problem("SF107", Severity.ERROR, "short of seats", "buy more")
    plan = PlanOf(problems=(problem,)).step(Action.CREATE, contacts(1)).plan()

    with pytest.raises(PlanRefused):
        list(run(plan, opened(org)))

    assert org.lines() == []


def test_an_interrupt_leaves_what_is_under_way_unknown_and_the_rest_unsent() -> None:
    org = scripted(made(200), INTERRUPT)
    plan = PlanOf().step(Action.CREATE, contacts(450)).step(Action.UPDATE, [user(1, Title="Boss")]).plan()

    results = list(run(plan, opened(org)))

    assert counted(results) == {Outcome.DONE: 200, Outcome.UNKNOWN: 200, Outcome.NOT_SENT: 51}
    assert [result.outcome for result in results[:400:399]] == [Outcome.DONE, Outcome.UNKNOWN]
    assert {result.message for result in results[400:]} == {"interrupted"}
    assert len(org.lines()) == 2


def test_an_interrupted_job_leaves_all_of_it_unknown() -> None:
    org = scripted(INTERRUPT, Answer(body={}))
    links = [user(number, ContactId=f"003{number}") for number in range(300)]
    plan = PlanOf().step(Action.UPDATE, links, phase=Phase.LINK, via=Via.BULK).plan()

    results = list(run(plan, opened(org)))

    assert counted(results) == {Outcome.UNKNOWN: 300}


def test_an_interrupt_while_roles_are_read_sends_nothing_more() -> None:
    org = scripted(INTERRUPT)
    plan = with_role(to_role("Manager")).step(Action.UPDATE, [to_role("Manager", 2)], phase=Phase.ROLE).plan()

    results = list(run(plan, opened(org)))

    assert counted(results) == {Outcome.NOT_SENT: 2}
    assert org.lines() == ["GET query"]


def test_roles_that_can_not_be_read_hold_back_their_users_and_the_report_goes_on() -> None:
    org = scripted(refusal(403, "INSUFFICIENT_ACCESS", "no role for you"), made(1, "005"))
    plan = with_role(to_role("Manager")).step(Action.UPDATE, [user(2, Title="Boss")]).plan()

    first, second = run(plan, opened(org))

    assert first.outcome is Outcome.NOT_SENT
    assert "no role for you" in str(first.message)
    assert second.outcome is Outcome.DONE


def test_a_lost_connection_while_roles_are_read_is_told_in_the_report() -> None:
    results = list(run(with_role(to_role("Manager")).plan(), opened(scripted(rows(), LOST))))

    assert counted(results) == {Outcome.NOT_SENT: 1}
    assert "the records could not be read" in str(results[0].message)


def role_row(id_: str, level: str, kind: str = "CustomerPortal", account: str = ACME) -> Mapping[str, object]:
    return {"Id": id_, "PortalAccountId": account, "PortalType": kind, "PortalRole": level}


def user_row(number: int, kind: str = "PowerCustomerSuccess", role: str | None = None) -> Mapping[str, object]:
    return {"Id": f"005{number:012}AAA", "UserType": kind, "UserRoleId": role}


def test_the_role_is_chosen_by_account_level_and_type_of_user() -> None:
    org = scripted(
        rows(
            role_row("00E1", "Manager", "Partner"),
            role_row("00E2", "Manager"),
            role_row("00E3", "Worker"),
            role_row("00E4", "PersonAccount"),
        ),
        rows(user_row(1), user_row(2, "PowerPartner"), user_row(3, role="00E3")),
        made(2, "005"),
    )
    plan = with_role(to_role("Manager"), to_role("Manager", 2), to_role("User", 3)).plan()

    results = list(run(plan, opened(org)))

    assert counted(results) == {Outcome.DONE: 3}
    assert results[0].change.address.key == "user003@acme.example"
    sent = org.asked[-1].body.decode()
    assert sent.count("00E2") == 1
    assert sent.index("00E2") < sent.index("00E1")
    assert "00E3" not in sent


@pytest.mark.parametrize("kind", ["CspLitePortal", "Standard"])
def test_a_user_of_a_type_without_roles_gets_none(kind: str) -> None:
    org = scripted(rows(role_row("00E2", "Manager")), rows(user_row(1, kind)))

    (result,) = run(with_role(to_role("Manager")).plan(), opened(org))

    assert (result.outcome, result.message) == (Outcome.NOT_SENT, "held back: the org has no role/Acme/Manager")


def test_a_shared_role_is_no_level() -> None:
    org = scripted(rows(role_row("00E4", "PersonAccount")), rows(user_row(1, role="00E4")))

    (result,) = run(with_role(to_role("User")).plan(), opened(org))

    assert result.outcome is Outcome.NOT_SENT


def test_a_role_is_taken_away_without_asking_for_the_roles_of_accounts() -> None:
    org = scripted(rows(user_row(1, role="00E9")), made(1, "005"))
    field_ = FieldChange("UserRoleId", Address(Kind.ROLE, "Some internal role"), None)
    change = Change(user(1).address, user(1).id, (field_,))
    plan = PlanOf().step(Action.UPDATE, [change], phase=Phase.ROLE).plan()

    results = list(run(plan, opened(org)))

    assert counted(results) == {Outcome.DONE: 1}
    assert org.lines() == ["GET query", "PATCH composite/sobjects"]
    assert b'"UserRoleId": null' in org.asked[1].body


def test_a_reference_to_what_the_org_does_not_have_is_not_sent() -> None:
    org = scripted(made(1, "005"))
    changes = [user(1, ProfileId=Address(Kind.PROFILE, "Acme Plus")), user(2, Title="Boss")]

    first, second = run(PlanOf().step(Action.UPDATE, changes).plan(), opened(org))

    assert (first.outcome, first.message) == (Outcome.NOT_SENT, "held back: the org has no profile/Acme Plus")
    assert second.outcome is Outcome.DONE
    assert b"ProfileId" not in org.asked[0].body


def test_a_derived_field_is_never_sent() -> None:
    org = scripted(made(1, "005"))
    profile = Address(Kind.PROFILE, "Acme Plus")
    moved = FieldChange("ProfileId", None, profile)
    shown = FieldChange("Profile.UserLicenseId", None, Address(Kind.LICENSE, "Customer Community Plus"), derived=True)
    change = Change(Address(Kind.USER, "user001@acme.example"), "005000000000001AAA", (moved, shown))
    plan = PlanOf(ids={profile: "00e000000000001AAA"}).step(Action.UPDATE, [change]).plan()

    list(run(plan, opened(org)))

    assert b"00e000000000001AAA" in org.asked[0].body
    assert b"UserLicense" not in org.asked[0].body


def test_the_id_of_a_contact_made_in_this_run_goes_before_one_in_the_plan() -> None:
    org = scripted(made(1), made(1, "005"))
    (change,) = contacts(1)
    plan = (
        PlanOf(ids={change.address: "003OLD"})
        .step(Action.CREATE, [change])
        .step(Action.UPDATE, [user(0, ContactId=change.address)])
        .plan()
    )

    list(run(plan, opened(org)))

    assert b"003000000000000AAA" in org.asked[1].body


def test_a_number_is_sent_as_the_text_that_it_is_written_with() -> None:
    org = scripted(made(1, "005"))

    list(run(PlanOf().step(Action.UPDATE, [user(1, Score__c=Decimal("12.50"))]).plan(), opened(org)))

    assert b'"Score__c": "12.50"' in org.asked[0].body
