"""Writing records by anonymous Apex: a script for each call, whose log tells what became of each record.

Sources: https://developer.salesforce.com/docs/atlas.en-us.apexcode.meta/apexcode/sforce_api_calls_executeanonymous.htm
https://developer.salesforce.com/docs/atlas.en-us.apexref.meta/apexref/apex_methods_system_database_dmloptions.htm
"""

import json
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar
from xml.etree.ElementTree import Element

from reconciler.apex_text import NotApex, Scalar, api_name, id_literal, literal
from reconciler.errors import OrgError
from reconciler.model import Outcome
from reconciler.salesforce.envelope import call, element, text_of
from reconciler.salesforce.outcome import Attempt, Record, RowOutcome, lost, refused, unknown
from reconciler.salesforce.session import Session

_APEX = "http://soap.sforce.com/2006/08/apex"
_LOGGED = "<t:DebuggingHeader><t:debugLevel>DEBUGONLY</t:debugLevel></t:DebuggingHeader>"

LONGEST_SCRIPT = 30_000
"""Characters of a script; 32,000 are reported to be allowed."""

_ROOM = LONGEST_SCRIPT - 2_000
"""Characters for the records of a script; the rest is for what stands around them."""

_BETWEEN = ",\n"

_FIRST_ERROR = re.compile(r"first error: ([A-Z_]+), (.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ApexWay:
    """Sends up to `size` records, in as many scripts as they need; mails go out only when `notify` says so.

    Values are texts, ids and truth values: a number or a date of a record would need its field's type.
    """

    session: Session
    org_id: str
    notify: bool = False
    size: ClassVar[int] = 200

    def send(self, sobject: str, records: Sequence[Record], *, is_update: bool) -> list[Attempt]:
        """Write records; one attempt each, in order. What must not stand in a script is not sent."""
        rows: dict[int, str] = {}
        attempts: dict[int, Attempt] = {}
        for index, record in enumerate(records):
            try:
                rows[index] = _constructed(sobject, record)
            except NotApex as refusal:
                attempts[index] = Attempt(RowOutcome(Outcome.FAILED, None, None, str(refusal)))
        ended: Attempt | None = None
        for part in _parts(rows):
            told = self._run(sobject, [rows[index] for index in part], is_update=is_update) if ended is None else []
            attempts |= dict(zip(part, told or [_after(ended)] * len(part), strict=True))
            ended = ended or next((attempt for attempt in told if attempt.ends_run), None)
        return [attempts[index] for index in range(len(records))]

    def _run(self, sobject: str, rows: Sequence[str], *, is_update: bool) -> list[Attempt]:
        mark = f"sfrec-{secrets.token_hex(8)}:"
        code = _script(sobject, rows, mark, "update" if is_update else "insert", notify=self.notify)
        body = f"<t:executeAnonymous>{element('t:String', code)}</t:executeAnonymous>"
        try:
            answer = call(self.session, f"s/{self.org_id}", _APEX, _LOGGED, body)
        except OrgError as error:
            return [lost(error, may_repeat=is_update)] * len(rows)
        success = text_of(answer, "success")
        if success == "false":
            return [_failure(answer)] * len(rows)
        told = list(_told(text_of(answer, "debugLog"), mark)) if success == "true" else []
        if len(told) != len(rows):
            message = "the answer does not tell what became of each record of the script"
            return [unknown(message, may_repeat=is_update)] * len(rows)
        return told


def _after(ended: Attempt | None) -> Attempt:
    """The attempt of a record whose script is not sent, because the org takes nothing more."""
    message = ended.row.message if ended else None
    return Attempt(RowOutcome(Outcome.NOT_SENT, None, None, f"not sent: {message}"), may_repeat=True)


def _constructed(sobject: str, record: Record) -> str:
    """A record as an expression; raises NotApex."""
    fields = ", ".join(f"{api_name(name)} = {_value(name, value)}" for name, value in record.items())
    row = f"new {api_name(sobject)}({fields})"
    if len(row) > _ROOM:
        msg = f"the record takes more than the {LONGEST_SCRIPT:,} characters of a script; choose --via bulk or soap"
        raise NotApex(msg)
    return row


def _value(name: str, value: Scalar) -> str:
    if isinstance(value, str) and name.endswith("Id"):
        return id_literal(value)
    return literal(None if value == "" else value)


def _parts(rows: Mapping[int, str]) -> Iterator[list[int]]:
    """The rows of each script."""
    part: list[int] = []
    used = 0
    for index, row in rows.items():
        if part and used + len(row) + len(_BETWEEN) > _ROOM:
            yield part
            part, used = [], 0
        part.append(index)
        used += len(row) + len(_BETWEEN)
    if part:
        yield part


def _script(sobject: str, rows: Sequence[str], mark: str, verb: str, *, notify: bool) -> str:
    return f"""Database.DMLOptions options = new Database.DMLOptions();
options.optAllOrNone = false;
options.EmailHeader.triggerUserEmail = {str(notify).lower()};
options.EmailHeader.triggerOtherEmail = false;
options.EmailHeader.triggerAutoResponseEmail = false;
List<{api_name(sobject)}> rows = new List<{api_name(sobject)}>{{
{_BETWEEN.join(rows)}
}};
List<Object> told = new List<Object>();
for (Database.SaveResult saved : Database.{verb}(rows, options)) {{
    if (saved.isSuccess()) {{
        told.add(new List<Object>{{saved.getId()}});
    }} else {{
        Database.Error error = saved.getErrors()[0];
        told.add(new List<Object>{{String.valueOf(error.getStatusCode()), error.getMessage()}});
    }}
}}
System.debug('{mark}' + JSON.serialize(told));
"""


def _told(log: str, mark: str) -> Iterator[Attempt]:
    """What the log tells of each record: its id, or code and sentence of its error."""
    try:
        # The log begins with the script, which has the mark too; the result is the last to have it. What is refused is
        # quoted in sentences, line separators too: the result ends where its list ends, not with its line.
        rows, _ = json.JSONDecoder().raw_decode(log.rpartition(mark)[2])
    except ValueError:
        return
    for row in rows if isinstance(rows, list) else ():
        match row:
            case [str(id_)]:
                yield Attempt(RowOutcome(Outcome.DONE, id_))
            case [code, message]:
                yield refused(str(code), str(message))
            case _:
                return


def _failure(answer: Element) -> Attempt:
    """Nothing of a script is done that was not compiled or that ended by an exception."""
    problem = text_of(answer, "compileProblem")
    if problem:
        where = f"line {text_of(answer, 'line')}, column {text_of(answer, 'column')}"
        return refused("APEX_COMPILE_PROBLEM", f"{problem} ({where})")
    message = text_of(answer, "exceptionMessage")
    first = _FIRST_ERROR.search(message)
    return refused(first[1], first[2]) if first else refused("APEX_EXCEPTION", message)
