"""Writing records by the SOAP Partner API: the one data API that can be told to send no mails (F9.5).

Sources: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_update.htm
https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_header_emailheader.htm
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar
from xml.etree.ElementTree import Element

from reconciler.apex_text import NotApex, api_name
from reconciler.errors import OrgError
from reconciler.model import Outcome
from reconciler.salesforce.envelope import call, can_carry, element, found, text_of
from reconciler.salesforce.outcome import Attempt, Cell, Record, RowOutcome, lost, refused, unknown
from reconciler.salesforce.session import Session

_PARTNER = "urn:partner.soap.sforce.com"
_SOBJECT = "urn:sobject.partner.soap.sforce.com"


@dataclass(frozen=True, slots=True)
class SoapWay:
    """Sends up to `size` records a call; mails go out only when `notify` says so."""

    session: Session
    notify: bool = False
    size: ClassVar[int] = 200

    def send(self, sobject: str, records: Sequence[Record], *, is_update: bool) -> list[Attempt]:
        """Write records; one attempt each, in order. What XML can't carry is not sent."""
        rows: dict[int, str] = {}
        attempts: dict[int, Attempt] = {}
        for index, record in enumerate(records):
            try:
                rows[index] = _sobject(sobject, record)
            except (_NotXml, NotApex) as refusal:
                attempts[index] = Attempt(RowOutcome(Outcome.FAILED, None, None, str(refusal)))
        sent = self._call(list(rows.values()), is_update=is_update) if rows else []
        attempts |= dict(zip(rows, sent, strict=True))
        return [attempts[index] for index in range(len(records))]

    def _call(self, rows: Sequence[str], *, is_update: bool) -> list[Attempt]:
        verb = "update" if is_update else "create"
        try:
            answer = call(self.session, "u", _PARTNER, self._headers(), f"<t:{verb}>{''.join(rows)}</t:{verb}>")
        except OrgError as error:
            return [lost(error, may_repeat=is_update)] * len(rows)
        results = list(found(answer, "result"))
        if len(results) != len(rows):
            message = "the answer does not tell what became of each record"
            return [unknown(message, may_repeat=is_update)] * len(rows)
        return [_attempt(result) for result in results]

    def _headers(self) -> str:
        """Some records may fail and others not; only the mail to the user itself is ever asked for."""
        user = element("t:triggerUserEmail", str(self.notify).lower())
        others = element("t:triggerAutoResponseEmail", "false") + element("t:triggerOtherEmail", "false")
        all_or_none = element("t:allOrNone", "false")
        return f"<t:AllOrNoneHeader>{all_or_none}</t:AllOrNoneHeader><t:EmailHeader>{others}{user}</t:EmailHeader>"


class _NotXml(ValueError):
    """A text that XML can't carry."""


def _sobject(sobject: str, record: Record) -> str:
    """A record in the order of the WSDL: type, fields to empty, id, the other fields; raises _NotXml or NotApex."""
    emptied = [api_name(name) for name, value in record.items() if value is None or value == ""]
    filled = sorted(record.keys() - set(emptied), key=lambda name: (name != "Id", name))
    nulls = "".join(element("o:fieldsToNull", name) for name in emptied)
    fields = "".join(element(f"o:{api_name(name)}", _text(record[name])) for name in filled)
    return f'<t:sObjects xmlns:o="{_SOBJECT}">{element("o:type", api_name(sobject))}{nulls}{fields}</t:sObjects>'


def _text(value: Cell) -> str:
    if not isinstance(value, str):
        return str(value).lower()
    if not can_carry(value):
        msg = "a value has characters that XML can't carry; it was not sent: choose --via bulk"
        raise _NotXml(msg)
    return value


def _attempt(result: Element) -> Attempt:
    if text_of(result, "success") == "true":
        return Attempt(RowOutcome(Outcome.DONE, text_of(result, "id")))
    error = next(found(result, "errors"), result)
    return refused(text_of(error, "statusCode") or "UNKNOWN_EXCEPTION", text_of(error, "message"))
