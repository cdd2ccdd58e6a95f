"""SOAP and anonymous Apex as ways to write records: what is sent, and what each answer means."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from reconciler.errors import LoginFailed
from reconciler.model import Outcome
from reconciler.salesforce import Session
from reconciler.salesforce.apex import ApexWay
from reconciler.salesforce.outcome import Attempt, Record
from reconciler.salesforce.soap import SoapWay
from tests.salesforce.scripted_org import LOST, NO_CONNECTION, TOKEN, Answer, ScriptedOrg, scripted

IDS = ("005000000000001AAA", "005000000000002AAA")
CONTACT = "003000000000001AAA"
LINKS: Sequence[Record] = [{"Id": id_, "ContactId": CONTACT} for id_ in IDS]
ROW = "<result><id>{}</id><success>true</success></result>"
ERROR = (
    "<result><errors><message>no &amp; never</message><statusCode>FIELD_INTEGRITY_EXCEPTION</statusCode></errors>"
    '<id xsi:nil="true"/><success>false</success></result>'
)


SPACES = (
    'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com" '
    'xmlns:sf="urn:fault.partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)


def envelope(body: str, header: str = "") -> bytes:
    inner = f"{header}<soapenv:Body>{body}</soapenv:Body>"
    return f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope {SPACES}>{inner}</soapenv:Envelope>'.encode()


def updated(*rows: str) -> Answer:
    return Answer(body=envelope(f"<updateResponse>{''.join(rows)}</updateResponse>"))


def fault(code: str, message: str = "told by the org") -> Answer:
    detail = f"<sf:exceptionCode>{code}</sf:exceptionCode><sf:exceptionMessage>{message}</sf:exceptionMessage>"
    text = f"<faultcode>sf:{code}</faultcode><faultstring>{code}: {message}</faultstring><detail>{detail}</detail>"
    return Answer(500, envelope(f"<soapenv:Fault>{text}</soapenv:Fault>"))


RAN = "<executeAnonymousResponse><result><success>true</success></result></executeAnonymousResponse>"


class Logged:
    """Answers a script with a log in which its own mark stands."""

    def __init__(self, told: str, *, lines: str = "12:00:00.0 (1)|USER_DEBUG|[20]|DEBUG|{}") -> None:
        self.told, self.lines = told, lines

    def __call__(self, environ: Any, start_response: Any) -> Any:
        script = environ["wsgi.input"].read().decode()
        mark = re.findall(r"sfrec-[0-9a-f]+:", script)[0]
        log = f"Execute Anonymous: System.debug({mark}\n" + self.lines.format(mark + self.told)
        header = f"<soapenv:Header><DebuggingInfo><debugLog>{log}</debugLog></DebuggingInfo></soapenv:Header>"
        start_response("200 OK", [])
        return [envelope(RAN, header)]


def result(**told: str) -> Answer:
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in told.items())
    return Answer(body=envelope(f"<executeAnonymousResponse><result>{inner}</result></executeAnonymousResponse>"))


def thrown(message: str) -> Answer:
    return result(success="false", exceptionMessage=message)


NOT_COMPILED = result(success="false", compileProblem="Unexpected token", line="3", column="7")
FIRST = "System.DmlException: Update failed. First exception on row 0; first error:"


def session_of(application: Any) -> Session:
    import requests

    from reconciler.salesforce import open_session
    from reconciler.salesforce.wsgi import WsgiAdapter
    from tests.salesforce.scripted_org import URL

    http = requests.Session()
    http.mount(URL, WsgiAdapter(application))
    return open_session(URL, TOKEN, http)


def outcomes(attempts: Sequence[Attempt]) -> list[tuple[str, str | None, str | None]]:
    return [(attempt.row.outcome.value, attempt.row.code, attempt.row.message) for attempt in attempts]


def by_soap(org: ScriptedOrg, records: Sequence[Record] = LINKS, *, is_update: bool = True) -> list[Attempt]:
    return SoapWay(org.session()).send("User", records, is_update=is_update)


def by_apex(application: Any, records: Sequence[Record] = LINKS) -> list[Attempt]:
    return ApexWay(session_of(application), "00D000000000001AAA").send("User", records, is_update=True)


def test_soap_tells_what_became_of_each_record() -> None:
    org = scripted(updated(ROW.format(IDS[0]), ERROR))

    attempts = by_soap(org)

    assert outcomes(attempts) == [
        ("done", None, None),
        ("failed", "FIELD_INTEGRITY_EXCEPTION", "no & never"),
    ]
    sent = org.asked[0].body.decode()
    assert f"<t:sessionId>{TOKEN}</t:sessionId>" in sent
    assert "<t:triggerUserEmail>false</t:triggerUserEmail>" in sent
    assert sent.index(IDS[0]) < sent.index(IDS[1])


def test_soap_lets_mails_go_out_when_it_is_told_to() -> None:
    org = scripted(updated(ROW.format(IDS[0]), ROW.format(IDS[1])))

    SoapWay(org.session(), notify=True).send("User", LINKS, is_update=True)

    assert b"<t:triggerUserEmail>true</t:triggerUserEmail>" in org.asked[0].body


def test_soap_escapes_texts_empties_fields_and_leaves_out_what_xml_can_not_carry() -> None:
    org = scripted(updated(ROW.format(IDS[0])))
    records: Sequence[Record] = [
        {"Id": IDS[0], "Title": "</o:Title><&\r'", "Phone": None, "IsActive": True, "City": ""},
        {"Id": IDS[1], "Title": "\x00"},
    ]

    done, refused = by_soap(org, records)

    assert (done.row.outcome, refused.row.outcome) == (Outcome.DONE, Outcome.FAILED)
    assert "XML can't carry" in str(refused.row.message)
    sent = org.asked[0].body.decode()
    assert "<o:Title>&lt;/o:Title&gt;&lt;&amp;&#13;'</o:Title>" in sent
    assert "<o:fieldsToNull>Phone</o:fieldsToNull><o:fieldsToNull>City</o:fieldsToNull>" in sent
    assert "<o:IsActive>true</o:IsActive>" in sent
    assert IDS[1] not in sent


def test_nothing_is_sent_when_xml_can_carry_no_record() -> None:
    org = scripted(updated())

    assert [attempt.row.outcome for attempt in by_soap(org, [{"Id": IDS[0], "Title": "\x01"}])] == [Outcome.FAILED]
    assert org.asked == []


@pytest.mark.parametrize(
    ("answer", "outcome", "may_repeat"),
    [
        (LOST, Outcome.UNKNOWN, True),
        (NO_CONNECTION, Outcome.NOT_SENT, True),
        (Answer(body=b"<html>proxy</html"), Outcome.UNKNOWN, True),
        (Answer(body=b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"), Outcome.UNKNOWN, True),
        (Answer(503, b"unavailable"), Outcome.UNKNOWN, True),
        (updated(), Outcome.UNKNOWN, True),
        (Answer(404, envelope("<x/>")), Outcome.FAILED, False),
        (fault("INVALID_FIELD"), Outcome.FAILED, False),
        (fault("UNABLE_TO_LOCK_ROW"), Outcome.FAILED, True),
        (fault("SERVER_UNAVAILABLE"), Outcome.UNKNOWN, True),
        (fault("UNKNOWN_EXCEPTION"), Outcome.UNKNOWN, True),
    ],
)
def test_what_an_answer_of_soap_means(answer: Answer, outcome: Outcome, may_repeat: bool) -> None:  # noqa: FBT001
    attempts = by_soap(scripted(answer))

    assert {(attempt.row.outcome, attempt.may_repeat) for attempt in attempts} == {(outcome, may_repeat)}


def test_a_create_whose_answer_was_lost_is_not_repeated() -> None:
    (attempt,) = by_soap(scripted(LOST), [{"LastName": "A"}], is_update=False)

    assert (attempt.row.outcome, attempt.may_repeat) == (Outcome.UNKNOWN, False)


def test_soap_takes_no_token_that_is_a_jwt() -> None:
    from reconciler.salesforce.envelope import call

    session = session_of(scripted(updated()))
    session.access.token = "eyJhbGciOi.J9.x"

    with pytest.raises(LoginFailed, match="--via bulk"):
        call(session, "u", "urn:x", "", "")


def test_apex_tells_what_became_of_each_record() -> None:
    told = Logged('[["005000000000001AAA"],["FIELD_INTEGRITY_EXCEPTION","no, never"]]')

    assert outcomes(by_apex(told)) == [
        ("done", None, None),
        ("failed", "FIELD_INTEGRITY_EXCEPTION", "no, never"),
    ]


@pytest.mark.parametrize(
    ("application", "outcome", "code"),
    [
        (Logged('[["005000000000001AAA"]]'), Outcome.UNKNOWN, None),
        (Logged("[[1,2,3],[1]]"), Outcome.UNKNOWN, None),
        (Logged('[["0050'), Outcome.UNKNOWN, None),
        (Logged("[]", lines="12:00:00.0 (1)|CODE_UNIT|{}"), Outcome.UNKNOWN, None),
        (scripted(LOST), Outcome.UNKNOWN, None),
        (scripted(NOT_COMPILED), Outcome.FAILED, "APEX_COMPILE_PROBLEM"),
        (scripted(thrown("System.LimitException: Too many")), Outcome.FAILED, "APEX_EXCEPTION"),
        (scripted(thrown(f"{FIRST} MIXED_DML_OPERATION, DML operation")), Outcome.FAILED, "MIXED_DML_OPERATION"),
    ],
)
def test_what_an_answer_of_apex_means(application: Callable[..., Any], outcome: Outcome, code: str | None) -> None:
    attempts = by_apex(application)

    assert {(attempt.row.outcome, attempt.row.code) for attempt in attempts} == {(outcome, code)}


@pytest.mark.parametrize(
    "record",
    [
        {"Id": "005'; delete x; //", "ContactId": CONTACT},
        {"Id": IDS[0], "Con tact": "x"},
        {"Id": IDS[0], "ContactId": "1"},
    ],
)
def test_what_is_no_id_or_name_is_not_put_into_a_script(record: Mapping[str, Any]) -> None:
    org = scripted(LOST)

    (attempt,) = by_apex(org, [record])

    assert attempt.row.outcome is Outcome.FAILED
    assert org.asked == []


def test_many_records_take_several_scripts() -> None:
    org = scripted(LOST)
    records = [{"Id": f"005{number:012}AAA", "Title": "x" * 900} for number in range(60)]

    attempts = by_apex(org, records)

    assert len(attempts) == 60
    assert len(org.asked) == 3
    assert all(len(asked.body) < 32_000 for asked in org.asked)
