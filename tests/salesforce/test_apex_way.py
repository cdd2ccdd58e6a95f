"""Anonymous Apex against the simulated org over real HTTP, and against answers that Salesforce and proxies may give."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, unescape

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model import Outcome
from reconciler.salesforce import Budget, open_session
from reconciler.salesforce.apex import ApexWay
from reconciler.salesforce.outcome import Attempt, Record
from reconciler.salesforce.wsgi import WsgiAdapter
from tests.salesforce.scripted_org import LOST, NO_CONNECTION, TOKEN, URL, Answer, scripted
from tests.salesforce.wired_ways import Wired, apex, fault, markup, wired
from tests.simulator.orgs import do, user

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

UPDATES: list[Record] = [{"Id": "005000000000001", "Title": "Dr"}, {"Id": "005000000000002", "Title": None}]
SCRIPT = re.compile(r"<t:String>(.*)</t:String>", re.DOTALL)


def scripts(org: Wired) -> list[str]:
    """The scripts sent so far."""
    found = (SCRIPT.search(envelope) for envelope in org.envelopes)
    return [unescape(match[1], {"&#13;": "\r"}) for match in found if match]


def result(success: str, **told: str) -> str:
    """The result of a script."""
    values = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in told.items())
    answer = f"<result><compiled>true</compiled>{values}<success>{success}</success></result>"
    return f'<executeAnonymousResponse xmlns="http://soap.sforce.com/2006/08/apex">{answer}</executeAnonymousResponse>'


def with_log(log: str) -> Answer:
    """The answer of a script that ran, with its log."""
    return markup(result("true") + f"<DebuggingInfo><debugLog>{escape(log)}</debugLog></DebuggingInfo>")


def sent(answer: Answer, *, is_update: bool = True) -> list[Attempt]:
    """What becomes of two records whose script gets that answer."""
    return apex(scripted(answer).session()).send("User", UPDATES, is_update=is_update)


def test_a_contact_is_linked_to_its_user_and_no_mail_goes_out() -> None:
    with wired() as org:
        sonia, contact = str(user(org.org)["Id"]), org.contact()

        (attempt,) = apex(org.session).send("User", [{"Id": sonia, "ContactId": contact}], is_update=True)

        assert (attempt.row.outcome, attempt.row.id) == (Outcome.DONE, sonia)
        assert org.values("User", sonia)["ContactId"] == contact
        (script,) = scripts(org)
    assert "optAllOrNone = false" in script
    for flag in ("triggerAutoResponseEmail", "triggerOtherEmail", "triggerUserEmail"):
        assert f"EmailHeader.{flag} = false" in script


def test_only_the_mail_to_the_user_goes_out_where_mails_are_wanted() -> None:
    with wired() as org:
        apex(org.session, notify=True).send("User", [{"Id": str(user(org.org)["Id"]), "Title": "Dr"}], is_update=True)

        (script,) = scripts(org)
    assert "EmailHeader.triggerUserEmail = true" in script
    assert "EmailHeader.triggerOtherEmail = false" in script
    assert "EmailHeader.triggerAutoResponseEmail = false" in script


def test_records_are_created_under_new_ids() -> None:
    with wired() as org:
        acme = org.id("Account", Name="Acme")
        records: list[Record] = [{"LastName": name, "AccountId": acme} for name in ("Ann", "Bob")]

        attempts = apex(org.session).send("Contact", records, is_update=False)

        assert [org.values("Contact", str(attempt.row.id))["LastName"] for attempt in attempts] == ["Ann", "Bob"]


@pytest.mark.parametrize("nothing", [None, ""])
def test_null_and_empty_text_empty_a_field_and_false_is_a_value(nothing: str | None) -> None:
    with wired() as org:
        sonia = str(user(org.org)["Id"])
        do(org.org, "update", "User", {"Id": sonia, "Title": "Dr", "Department": "North"})
        record: Record = {"Id": sonia, "Title": nothing, "IsActive": False}

        (attempt,) = apex(org.session).send("User", [record], is_update=True)

        assert attempt.row.outcome is Outcome.DONE, attempt
        values = org.values("User", sonia)
    assert (values["Title"], values["Department"], bool(values["IsActive"])) == (None, "North", False)


def test_any_text_is_written_as_the_other_apis_write_it_and_stays_a_text() -> None:
    with wired() as org:
        acme = org.id("Account", Name="Acme")

        @given(st.text(st.characters(codec="utf-8"), max_size=60))
        def writes(text: str) -> None:
            record: Record = {"LastName": "Lee", "AccountId": acme, "Description": f"a{text}b"}

            (attempt,) = apex(org.session).send("Contact", [record], is_update=False)

            assert attempt.row.outcome is Outcome.DONE, attempt
            same = do(org.org, "insert", "Contact", record)[0]
            written = org.values("Contact", str(attempt.row.id))["Description"]
            assert written == org.values("Contact", str(same.id))["Description"]

        writes()


def test_a_text_that_no_script_can_hold_fails_its_own_record_alone() -> None:
    with wired() as org:
        sonia = str(user(org.org)["Id"])
        records: list[Record] = [{"Id": sonia, "Department": "\ud800"}, {"Id": sonia, "Title": "Dr"}]

        hostile, plain = apex(org.session).send("User", records, is_update=True)

        assert org.values("User", sonia)["Title"] == "Dr"
    assert (hostile.row.outcome, plain.row.outcome) == (Outcome.FAILED, Outcome.DONE)
    assert not hostile.may_repeat


@pytest.mark.parametrize(
    "record",
    [
        {"Id": "005000000000001'); delete [SELECT Id FROM Contact]; //"},
        {"Id": ""},
        {"Id": "005000000000001", "ContactId": "x"},
        {"Id": "005000000000001", "Title = 'x', Phone": "1"},
        {"Id": "005000000000001", "Title\n": "1"},
    ],
)
def test_an_id_or_a_name_that_is_none_is_not_sent_and_the_others_go(record: Record) -> None:
    with wired() as org:
        sonia = str(user(org.org)["Id"])

        hostile, plain = apex(org.session).send("User", [record, {"Id": sonia, "Title": "Dr"}], is_update=True)
        alone = apex(org.session).send("User", [record], is_update=True)

        assert len(scripts(org)) == 1
        assert "delete" not in scripts(org)[0]
    assert plain.row.outcome is Outcome.DONE
    for attempt in (hostile, *alone):
        assert (attempt.row.outcome, attempt.may_repeat) == (Outcome.FAILED, False)
        assert "not put into a script" in str(attempt.row.message)


def test_a_row_that_is_refused_keeps_the_orgs_words_and_does_not_stop_the_others() -> None:
    hostile = "no 'mail' <at> \\ all\u2028 \u0085 \U0001f600"
    with wired() as org:
        sonia, contact = str(user(org.org)["Id"]), org.contact()
        records: list[Record] = [{"Id": sonia, "Email": hostile}, {"Id": sonia, "ContactId": contact}]

        refused, linked = apex(org.session).send("User", records, is_update=True)

    assert (refused.row.outcome, refused.row.code) == (Outcome.FAILED, "INVALID_EMAIL_ADDRESS")
    assert hostile in str(refused.row.message)
    assert not refused.may_repeat
    assert linked.row.outcome is Outcome.DONE


def test_an_update_that_would_be_too_long_a_script_goes_in_several_and_each_record_is_told() -> None:
    with wired() as org:
        acme = org.id("Account", Name="Acme")
        records: list[Record] = [
            {"LastName": f"lena{number}", "AccountId": acme, "Description": "\u00e9" * 100} for number in range(201)
        ]

        attempts = apex(org.session).send("Contact", records, is_update=False)

        names = [org.values("Contact", str(attempt.row.id))["LastName"] for attempt in attempts]
        lengths = [len(script) for script in scripts(org)]
    assert names == [record["LastName"] for record in records]
    assert len(lengths) > 1
    assert max(lengths) <= 30_000
    assert sum(lengths) / len(lengths) > 20_000


def test_a_record_that_no_script_has_room_for_is_not_sent_and_the_others_go() -> None:
    with wired() as org:
        acme = org.id("Account", Name="Acme")
        records: list[Record] = [
            {"LastName": name, "AccountId": acme, "Description": text}
            for name, text in (("Ann", "a"), ("Bob", "b" * 31_000), ("Cy", "c"))
        ]

        ann, bob, cy = apex(org.session).send("Contact", records, is_update=False)

        assert max(len(script) for script in scripts(org)) <= 30_000
        assert not org.org.store.find("Contact", LastName="Bob")
    assert [attempt.row.outcome for attempt in (ann, bob, cy)] == [Outcome.DONE, Outcome.FAILED, Outcome.DONE]
    assert not bob.may_repeat


def test_a_script_that_is_not_compiled_fails_every_record_with_the_place_and_writes_nothing() -> None:
    with wired() as org:
        sonia = str(user(org.org)["Id"])
        records: list[Record] = [{"Id": sonia, "Title": "Dr"}, {"Id": sonia, "NoSuchField": "x"}]

        attempts = apex(org.session).send("User", records, is_update=True)

        assert org.values("User", sonia)["Title"] is None
    for attempt in attempts:
        assert (attempt.row.outcome, attempt.may_repeat) == (Outcome.FAILED, False)
        assert "NoSuchField" in str(attempt.row.message)
        assert "line " in str(attempt.row.message)


def test_a_script_that_throws_fails_every_record_because_all_of_it_is_rolled_back() -> None:
    told = "System.LimitException: Apex CPU time limit exceeded"

    for attempt in sent(markup(result("false", exceptionMessage=told)), is_update=False):
        assert (attempt.row.outcome, attempt.row.message, attempt.may_repeat) == (Outcome.FAILED, told, False)


def test_a_lock_that_a_script_throws_is_worth_another_try() -> None:
    lock = "unable to obtain exclusive access to this record or 1 records: 001000000000001"
    told = f"System.DmlException: Update failed. First exception on row 0; first error: UNABLE_TO_LOCK_ROW, {lock}: []"

    for attempt in sent(markup(result("false", exceptionMessage=told)), is_update=False):
        assert (attempt.row.code, attempt.may_repeat) == ("UNABLE_TO_LOCK_ROW", True)


def test_no_records_cost_no_request() -> None:
    org = scripted(with_log(""))

    assert apex(org.session()).send("User", [], is_update=True) == []
    assert org.asked == []


@pytest.mark.parametrize("kind", ["lost-response", "cut-after", "gateway-timeout", "cut-midway"])
@pytest.mark.parametrize("is_update", [True, False])
def test_a_script_that_ran_and_whose_answer_is_lost_is_unknown(kind: str, *, is_update: bool) -> None:
    with wired(kind) as org:
        sonia, acme = str(user(org.org)["Id"]), org.id("Account", Name="Acme")
        name, record = ("User", {"Id": sonia, "Title": "Dr"})
        if not is_update:
            name, record = ("Contact", {"LastName": "Lost", "AccountId": acme})

        (attempt,) = apex(org.session).send(name, [record], is_update=is_update)

        happened = org.values("User", sonia)["Title"] == "Dr" or bool(org.org.store.find("Contact", LastName="Lost"))
    assert happened
    assert attempt.row.outcome is Outcome.UNKNOWN
    assert attempt.may_repeat is is_update


def mark_of(script: str) -> str:
    """The mark of a script's result, in one piece whether its code writes it so or in several."""
    (line,) = re.findall(r"System\.debug\((.*) \+ JSON\.serialize", script)
    return "".join(re.findall(r"'([^']*)'", line))


@dataclass
class LoggingOrg:
    """A WSGI application that logs a script and then `told`, in which MARK stands for the script's own mark."""

    told: str

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        found = SCRIPT.search(environ["wsgi.input"].read().decode())
        assert found is not None
        script = unescape(found[1])
        echo = "".join(f"Execute Anonymous: {line}\n" for line in script.splitlines())
        told = self.told.replace("MARK", mark_of(script))
        answer = with_log(f"66.0 APEX_CODE,DEBUG\n{echo}12:00:00.0 (1)|USER_DEBUG|[20]|DEBUG|{told}\n")
        assert isinstance(answer.body, bytes)
        start_response("200 OK", [])
        return [answer.body]


def run_with(told: str, *, is_update: bool = True) -> list[Attempt]:
    """What becomes of two records whose script leaves that in the log."""
    with requests.Session() as http:
        http.mount(URL, WsgiAdapter(LoggingOrg(told)))
        return apex(open_session(URL, TOKEN, http)).send("User", UPDATES, is_update=is_update)


DONE = json.dumps([["005000000000001"], ["005000000000002"]])


def test_a_whole_log_tells_each_record() -> None:
    told = json.dumps([["005000000000001"], ["UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access"]])

    first, second = run_with(f"MARK{told}")

    assert (first.row.outcome, first.row.id) == (Outcome.DONE, "005000000000001")
    assert (second.row.outcome, second.row.code, second.may_repeat) == (Outcome.FAILED, "UNABLE_TO_LOCK_ROW", True)


@pytest.mark.parametrize(
    "log",
    [
        "",
        f"MARK{DONE[:-1]}",
        f"MARK{DONE[:20]}",
        "MARK",
        'MARK[["005000000000001"]]',
        'MARK[["005000000000001"],["005000000000002"],["005000000000003"]]',
        "MARK[1,2]",
        "MARK{}",
        "MARK null",
        'MARK[["005000000000001"],[]]',
        f"another-mark:{DONE}",
        DONE,
    ],
)
def test_a_log_that_is_cut_or_tells_something_else_leaves_every_record_unknown(log: str) -> None:
    assert {(attempt.row.outcome, attempt.may_repeat) for attempt in run_with(log)} == {(Outcome.UNKNOWN, True)}
    assert {(attempt.row.outcome, attempt.may_repeat) for attempt in run_with(log, is_update=False)} == {
        (Outcome.UNKNOWN, False)
    }


@pytest.mark.parametrize(
    "lost",
    [
        LOST,
        Answer(503, b""),
        Answer(502, b"<html><br></html>"),
        Answer(200, b"<html>not closed"),
        Answer(200, b"<html><body>a proxy's page</body></html>"),
        Answer(200, b""),
        markup(result("true")),
        markup("<executeAnonymousResponse/>"),
        fault("UNKNOWN_EXCEPTION", "An unexpected error occurred."),
    ],
)
def test_an_answer_that_does_not_tell_leaves_every_record_unknown(lost: Answer) -> None:
    assert {(attempt.row.outcome, attempt.may_repeat) for attempt in sent(lost)} == {(Outcome.UNKNOWN, True)}
    assert {(attempt.row.outcome, attempt.may_repeat) for attempt in sent(lost, is_update=False)} == {
        (Outcome.UNKNOWN, False)
    }


@pytest.mark.parametrize("kind", ["row-lock", "group-lock", "concurrent-limit"])
def test_what_was_not_done_and_may_pass_is_worth_another_try_which_succeeds(kind: str) -> None:
    with wired(kind) as org:
        record: Record = {"Id": str(user(org.org)["Id"]), "Title": "Dr"}

        (first,) = apex(org.session).send("User", [record], is_update=True)
        (second,) = apex(org.session).send("User", [record], is_update=True)

    assert first.row.outcome is not Outcome.DONE
    assert (first.may_repeat, first.ends_run) == (True, False)
    assert second.row.outcome is Outcome.DONE


def test_once_the_org_takes_nothing_more_the_scripts_that_follow_are_not_sent() -> None:
    org = scripted(fault("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."))
    records: list[Record] = [{"Id": "005000000000001", "Title": "x" * 20_000} for _ in range(3)]

    first, *others = apex(org.session()).send("User", records, is_update=True)

    assert len(org.asked) == 1
    assert (first.row.outcome, first.ends_run) == (Outcome.FAILED, True)
    assert {attempt.row.outcome for attempt in others} == {Outcome.NOT_SENT}


def test_after_a_script_whose_answer_was_lost_the_next_one_is_sent() -> None:
    with wired("cut-after") as org:
        sonia = str(user(org.org)["Id"])
        records: list[Record] = [{"Id": sonia, "AboutMe": "x" * 900, "Title": f"t{number}"} for number in range(40)]

        attempts = apex(org.session).send("User", records, is_update=True)

    outcomes = [attempt.row.outcome for attempt in attempts]
    lost = outcomes.count(Outcome.UNKNOWN)
    assert 0 < lost < 40
    assert outcomes[:lost] == [Outcome.UNKNOWN] * lost
    assert Outcome.UNKNOWN not in outcomes[lost:]


def test_what_could_not_be_sent_at_all_is_not_sent() -> None:
    unreached = sent(NO_CONNECTION, is_update=False)
    broke = ApexWay(scripted(LOST).session(Budget(allowed=0)), "00D000000000001").send("User", UPDATES, is_update=True)

    assert {(attempt.row.outcome, attempt.may_repeat) for attempt in unreached} == {(Outcome.NOT_SENT, True)}
    assert {(attempt.row.outcome, attempt.ends_run) for attempt in broke} == {(Outcome.NOT_SENT, True)}


def test_a_token_in_the_form_of_a_jwt_is_not_sent_and_the_remedy_is_told() -> None:
    token = "eyJhbGciOiJSUzI1NiJ9.planted.secret"
    org = scripted(with_log(""))

    with requests.Session() as http:
        http.mount(URL, WsgiAdapter(org))
        attempts = apex(open_session(URL, token, http)).send("User", UPDATES, is_update=True)

    assert org.asked == []
    for attempt in attempts:
        assert (attempt.row.outcome, attempt.ends_run) == (Outcome.FAILED, True)
        assert "--via bulk" in str(attempt.row.message)
        assert token not in str(attempt)
