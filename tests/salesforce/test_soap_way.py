"""SOAP against the simulated org over real HTTP, and against answers that Salesforce and proxies may give."""

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model import Outcome
from reconciler.salesforce import Budget, open_session
from reconciler.salesforce.outcome import Attempt, Record
from reconciler.salesforce.soap import SoapWay
from reconciler.salesforce.wsgi import WsgiAdapter
from tests.salesforce.scripted_org import LOST, NO_CONNECTION, TOKEN, URL, Answer, scripted
from tests.salesforce.wired_ways import fault, markup, soap, wired
from tests.simulator.orgs import do, user

UPDATES: list[Record] = [{"Id": "005000000000001", "Title": "Dr"}, {"Id": "005000000000002", "Title": None}]


def told(*rows: str) -> Answer:
    """The answer of an update."""
    results = "".join(f"<result>{row}</result>" for row in rows)
    return markup(f'<updateResponse xmlns="urn:partner.soap.sforce.com">{results}</updateResponse>')


def done(id_: str) -> str:
    return f"<id>{id_}</id><success>true</success>"


def row_error(code: str, message: str) -> str:
    return (
        f"<errors><fields>ContactId</fields><message>{message}</message><statusCode>{code}</statusCode></errors>"
        '<id xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/><success>false</success>'
    )


def sent(answer: Answer, *, is_update: bool = True) -> list[Attempt]:
    """What becomes of two records whose call gets that answer."""
    return soap(scripted(answer).session()).send("User", UPDATES, is_update=is_update)


def test_a_contact_is_linked_to_its_user_and_no_mail_goes_out() -> None:
    with wired() as org:
        sonia, contact = str(user(org.org)["Id"]), org.contact()

        (attempt,) = soap(org.session).send("User", [{"Id": sonia, "ContactId": contact}], is_update=True)

        assert (attempt.row.outcome, attempt.row.id) == (Outcome.DONE, sonia)
        assert org.values("User", sonia)["ContactId"] == contact
        (envelope,) = org.envelopes
    for flag in ("triggerAutoResponseEmail", "triggerOtherEmail", "triggerUserEmail"):
        assert f"{flag}>false<" in envelope
    assert "allOrNone>false<" in envelope


def test_only_the_mail_to_the_user_goes_out_where_mails_are_wanted() -> None:
    with wired() as org:
        record = {"Id": str(user(org.org)["Id"]), "Title": "Dr"}

        soap(org.session, notify=True).send("User", [record], is_update=True)

        (envelope,) = org.envelopes
    assert "triggerUserEmail>true<" in envelope
    assert "triggerOtherEmail>false<" in envelope
    assert "triggerAutoResponseEmail>false<" in envelope


def test_records_are_created_under_new_ids() -> None:
    with wired() as org:
        acme = org.id("Account", Name="Acme")
        records: list[Record] = [{"LastName": name, "AccountId": acme} for name in ("Ann", "Bob")]

        attempts = soap(org.session).send("Contact", records, is_update=False)

        assert [org.values("Contact", str(attempt.row.id))["LastName"] for attempt in attempts] == ["Ann", "Bob"]


@pytest.mark.parametrize("nothing", [None, ""])
def test_null_and_empty_text_empty_a_field_and_false_is_a_value(nothing: str | None) -> None:
    with wired() as org:
        sonia = str(user(org.org)["Id"])
        do(org.org, "update", "User", {"Id": sonia, "Title": "Dr", "Department": "North"})
        record: Record = {"Id": sonia, "Title": nothing, "IsActive": False}

        (attempt,) = soap(org.session).send("User", [record], is_update=True)

        assert attempt.row.outcome is Outcome.DONE, attempt
        values = org.values("User", sonia)
    assert (values["Title"], values["Department"], bool(values["IsActive"])) == (None, "North", False)


def test_a_row_that_is_refused_keeps_the_orgs_words_and_does_not_stop_the_others() -> None:
    with wired() as org:
        sonia, contact = str(user(org.org)["Id"]), org.contact()
        records: list[Record] = [
            {"Id": sonia, "Email": "no mail <at> all"},
            {"Id": sonia, "ContactId": contact},
            {"Id": contact[:15], "Title": "Dr"},
        ]

        refused, linked, foreign = soap(org.session).send("User", records, is_update=True)

        assert (refused.row.outcome, refused.row.code) == (Outcome.FAILED, "INVALID_EMAIL_ADDRESS")
        assert "no mail <at> all" in str(refused.row.message)
        assert linked.row.outcome is Outcome.DONE
        assert foreign.row.outcome is Outcome.FAILED
        assert not any(attempt.may_repeat for attempt in (refused, linked, foreign))


def test_xml_carries_a_text_as_it_is_or_the_record_is_not_sent() -> None:
    with wired() as org:
        acme = org.id("Account", Name="Acme")

        @given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=40))
        def carries(text: str) -> None:
            records: list[Record] = [
                {"LastName": "Lee", "AccountId": acme, "Description": f"a{text}b"},
                {"LastName": "Poe", "AccountId": acme},
            ]

            hostile, plain = soap(org.session).send("Contact", records, is_update=False)

            assert plain.row.outcome is Outcome.DONE
            if hostile.row.outcome is Outcome.DONE:
                stored = org.values("Contact", str(hostile.row.id))["Description"]
                same = do(org.org, "insert", "Contact", records[0])[0]
                assert stored == org.values("Contact", str(same.id))["Description"]
            else:
                assert "characters that XML can't carry" in str(hostile.row.message)
                assert not hostile.may_repeat
                assert any(ord(character) < 32 or ord(character) > 0xFFFD for character in text)

        carries()


@pytest.mark.parametrize("text", ["a\x00b", "a\x1fb", "a\ufffeb", "\uffff", "\ud800"])
def test_what_xml_cannot_carry_never_leaves_this_machine_and_the_others_go(text: str) -> None:
    with wired() as org:
        acme = org.id("Account", Name="Acme")
        records: list[Record] = [{"LastName": text, "AccountId": acme}, {"LastName": "Poe", "AccountId": acme}]

        hostile, plain = soap(org.session).send("Contact", records, is_update=False)
        alone = soap(org.session).send("Contact", records[:1], is_update=False)

        assert plain.row.outcome is Outcome.DONE
        assert len(org.envelopes) == 1
        assert len(org.org.store.find("Contact", LastName="Poe")) == 1
    for attempt in (hostile, *alone):
        assert attempt.row.outcome is Outcome.FAILED
        assert "--via bulk" in str(attempt.row.message)
        assert not attempt.may_repeat


@pytest.mark.parametrize(
    "text",
    ["</o:Title><o:IsActive>false</o:IsActive><o:Title>", "]]>&lt;<![CDATA[", "<!DOCTYPE a>", "&x;", "a\rb\r\nc"],
)
def test_markup_in_a_value_stays_text(text: str) -> None:
    with wired() as org:
        acme = org.id("Account", Name="Acme")
        record: Record = {"LastName": "Lee", "AccountId": acme, "Description": text}

        (attempt,) = soap(org.session).send("Contact", [record], is_update=False)

        same = do(org.org, "insert", "Contact", record)[0]
        written = org.values("Contact", str(attempt.row.id))["Description"]
        assert written == org.values("Contact", str(same.id))["Description"]


@pytest.mark.parametrize("value", ["x", None])
@pytest.mark.parametrize("name", ["Title><o:IsActive", "Title x='1'", "", "Title\n", "\u00c9tat"])
def test_a_name_that_is_none_never_becomes_markup_and_the_others_go(name: str, value: str | None) -> None:
    with wired() as org:
        sonia = str(user(org.org)["Id"])

        hostile, plain = soap(org.session).send(
            "User", [{"Id": sonia, name: value}, {"Id": sonia, "Title": "Dr"}], is_update=True
        )

        assert len(org.envelopes) == 1
        assert bool(org.values("User", sonia)["IsActive"])
        assert org.values("User", sonia)["Title"] == "Dr"
    assert (hostile.row.outcome, plain.row.outcome) == (Outcome.FAILED, Outcome.DONE)
    assert not hostile.may_repeat


def test_many_records_go_two_hundred_a_call_and_each_is_told() -> None:
    with wired() as org:
        acme = org.id("Account", Name="Acme")
        records: list[Record] = [{"LastName": f"lena{number}", "AccountId": acme} for number in range(401)]
        way = SoapWay(org.session)

        attempts = [
            attempt
            for start in range(0, len(records), 200)
            for attempt in way.send("Contact", records[start : start + 200], is_update=False)
        ]

        assert len(org.envelopes) == 3
        names = [org.values("Contact", str(attempt.row.id))["LastName"] for attempt in attempts]
    assert names == [record["LastName"] for record in records]


def test_one_record_too_many_in_a_call_is_refused_as_a_whole_and_told_so() -> None:
    with wired() as org:
        records: list[Record] = [{"LastName": f"lena{number}"} for number in range(201)]

        attempts = soap(org.session).send("Contact", records, is_update=False)

        assert not org.org.store.find("Contact", LastName="lena0")
    assert {(attempt.row.outcome, attempt.row.code) for attempt in attempts} == {(Outcome.FAILED, "EXCEEDED_ID_LIMIT")}


def test_no_records_cost_no_request() -> None:
    org = scripted(told())

    assert soap(org.session()).send("User", [], is_update=True) == []
    assert org.asked == []


@pytest.mark.parametrize("kind", ["lost-response", "cut-after", "gateway-timeout", "cut-midway"])
@pytest.mark.parametrize("is_update", [True, False])
def test_a_call_that_was_done_and_whose_answer_is_lost_is_unknown(kind: str, *, is_update: bool) -> None:
    with wired(kind) as org:
        sonia, acme = str(user(org.org)["Id"]), org.id("Account", Name="Acme")
        name, record = ("User", {"Id": sonia, "Title": "Dr"})
        if not is_update:
            name, record = ("Contact", {"LastName": "Lost", "AccountId": acme})

        (attempt,) = soap(org.session).send(name, [record], is_update=is_update)

        happened = org.values("User", sonia)["Title"] == "Dr" or bool(org.org.store.find("Contact", LastName="Lost"))
    assert happened
    assert attempt.row.outcome is Outcome.UNKNOWN
    assert attempt.may_repeat is is_update


@pytest.mark.parametrize("kind", ["row-lock", "group-lock", "concurrent-limit"])
def test_what_was_not_done_and_may_pass_is_worth_another_try_which_succeeds(kind: str) -> None:
    with wired(kind) as org:
        record: Record = {"Id": str(user(org.org)["Id"]), "Title": "Dr"}

        (first,) = soap(org.session).send("User", [record], is_update=True)
        (second,) = soap(org.session).send("User", [record], is_update=True)

    assert first.row.outcome is not Outcome.DONE
    assert (first.may_repeat, first.ends_run) == (True, False)
    assert second.row.outcome is Outcome.DONE


@pytest.mark.parametrize("kind", ["daily-limit", "session-expired"])
def test_a_call_after_which_all_others_would_be_refused_ends_the_run(kind: str) -> None:
    with wired(kind) as org:
        record: Record = {"Id": str(user(org.org)["Id"]), "Title": "Dr"}

        (attempt,) = soap(org.session).send("User", [record], is_update=True)

        assert org.values("User", str(record["Id"]))["Title"] is None
    assert attempt.row.outcome is Outcome.FAILED
    assert attempt.ends_run


@pytest.mark.parametrize(
    "lost",
    [
        LOST,
        Answer(503, b""),
        Answer(502, b"<html><br></html>"),
        Answer(200, b"<html>not closed"),
        Answer(200, b"<html><body>a proxy's page</body></html>"),
        Answer(200, b""),
        Answer(500, b"oops"),
        told(done("005000000000001")),
        told(done("005000000000001"), done("005000000000002"), done("005000000000003")),
        fault("UNKNOWN_EXCEPTION", "An unexpected error occurred. Please include this ErrorId: 1"),
        fault("SERVER_UNAVAILABLE", "down"),
        Answer(200, b'<!DOCTYPE a [<!ENTITY b "<result><success>true</success></result>">]><a>&b;&b;</a>'),
        Answer(200, '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode("utf-16")),
    ],
)
def test_an_answer_that_does_not_tell_leaves_every_record_unknown(lost: Answer) -> None:
    assert {(attempt.row.outcome, attempt.may_repeat) for attempt in sent(lost)} == {(Outcome.UNKNOWN, True)}
    assert {(attempt.row.outcome, attempt.may_repeat) for attempt in sent(lost, is_update=False)} == {
        (Outcome.UNKNOWN, False)
    }
    assert all(attempt.row.message is not None for attempt in sent(lost))


@pytest.mark.parametrize(
    ("code", "message", "may_repeat", "ends_run"),
    [
        ("INVALID_FIELD", "No such column 'X' on sobject of type User", False, False),
        ("INVALID_TYPE", "sObject type 'X' is not supported", False, False),
        ("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record", True, False),
        ("UNKNOWN_EXCEPTION", "group membership operation already in progress", True, False),
        ("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.", True, False),
        ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", False, True),
        ("API_DISABLED_FOR_ORG", "API is not enabled", False, True),
    ],
)
def test_a_fault_is_judged_by_its_code_as_a_refusal_of_rest_is(
    code: str, message: str, *, may_repeat: bool, ends_run: bool
) -> None:
    for attempt in sent(fault(code, message), is_update=False):
        assert (attempt.row.outcome, attempt.row.code, attempt.row.message) == (Outcome.FAILED, code, message)
        assert (attempt.may_repeat, attempt.ends_run) == (may_repeat, ends_run)


def test_rows_are_read_in_order_whatever_their_prefixes() -> None:
    rows = [done("005000000000001"), row_error("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access")]
    body = told(*rows)
    assert isinstance(body.body, bytes)
    prefixed = body.body.replace(b"<result>", b"<p:result>").replace(b"</result>", b"</p:result>")
    declared = prefixed.replace(b"<updateResponse ", b'<updateResponse xmlns:p="urn:partner.soap.sforce.com" ')

    for answer in (body, Answer(200, declared)):
        first, second = sent(answer)
        assert (first.row.outcome, first.row.id) == (Outcome.DONE, "005000000000001")
        assert (second.row.code, second.row.id, second.may_repeat) == ("UNABLE_TO_LOCK_ROW", None, True)


def test_a_row_that_fails_without_a_reason_is_still_a_failure() -> None:
    for attempt in sent(told("<success>false</success>", "")):
        assert attempt.row.outcome is Outcome.FAILED


def test_a_token_in_the_form_of_a_jwt_is_not_sent_and_the_remedy_is_told() -> None:
    token = "eyJhbGciOiJSUzI1NiJ9.planted.secret"
    org = scripted(told(done("x"), done("y")))

    with requests.Session() as http:
        http.mount(URL, WsgiAdapter(org))
        attempts = soap(open_session(URL, token, http)).send("User", UPDATES, is_update=True)

    assert org.asked == []
    for attempt in attempts:
        assert attempt.row.outcome is Outcome.FAILED
        assert attempt.ends_run
        assert "--via bulk" in str(attempt.row.message)
        assert token not in str(attempt)


def test_what_could_not_be_sent_at_all_is_not_sent() -> None:
    unreached = sent(NO_CONNECTION, is_update=False)
    broke = SoapWay(scripted(told()).session(Budget(allowed=0))).send("User", UPDATES, is_update=True)

    assert {(attempt.row.outcome, attempt.may_repeat) for attempt in unreached} == {(Outcome.NOT_SENT, True)}
    assert {(attempt.row.outcome, attempt.ends_run) for attempt in broke} == {(Outcome.NOT_SENT, True)}


def test_no_outcome_repeats_the_token() -> None:
    answers = [LOST, fault("INVALID_SESSION_ID", f"Invalid Session ID found: {TOKEN}"), Answer(503, b"")]

    assert not any(TOKEN in str(attempt) for answer in answers for attempt in sent(answer))
