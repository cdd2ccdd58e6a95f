"""Writing records by the SOAP Partner API: the one data API that can be told to send no mails (F9.5).

Source: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_update.htm
"""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from reconciler.errors import OrgError
from reconciler.model import Outcome
from reconciler.salesforce.envelope import call, can_carry, element, found, text_of
from reconciler.salesforce.outcome import Attempt, Cell, Record, RowOutcome, lost, refused, unknown
from reconciler.salesforce.session import Session

_PARTNER = "urn:partner.soap.sforce.com"
_SOBJECT = "urn:sobject.partner.soap.sforce.com"


@dataclass(frozen=True, slots=True)
class SoapWay:
    """Sends up to 200 records a call; mails go out only when `notify` says so."""

    session: Session
    notify: bool = False

    def send(self, sobject: str, records: Sequence[Record], *, is_update: bool) -> list[Attempt]:
        """Write records; one attempt each, in order. What XML can't carry is not sent."""
        carried = [index for index, record in enumerate(records) if _is_carried(record)]
        answers = dict(
            zip(carried, self._call(sobject, [records[i] for i in carried], is_update=is_update), strict=True)
        )
        return [answers.get(index, _UNCARRIED) for index in range(len(records))]

    def _call(self, sobject: str, records: Sequence[Record], *, is_update: bool) -> list[Attempt]:
        if not records:
            return []
        verb = "update" if is_update else "create"
        rows = "".join(_sobject(sobject, record) for record in records)
        try:
            answer = call(self.session, "u", _PARTNER, self._headers(), f"<t:{verb}>{rows}</t:{verb}>")
        except OrgError as error:
            return [lost(error, may_repeat=is_update)] * len(records)
        results = list(found(answer, "result"))
        if len(results) != len(records):
            message = "the answer does not tell what became of each record"
            return [unknown(message, may_repeat=is_update)] * len(records)
        return [_attempt(result) for result in results]

    def _headers(self) -> str:
        """Some records may fail and others not; only the mail to the user itself is ever asked for."""
        user = element("t:triggerUserEmail", str(self.notify).lower())
        others = element("t:triggerAutoResponseEmail", "false") + element("t:triggerOtherEmail", "false")
        all_or_none = element("t:allOrNone", "false")
        return f"<t:AllOrNoneHeader>{all_or_none}</t:AllOrNoneHeader><t:EmailHeader>{others}{user}</t:EmailHeader>"


_UNCARRIED = Attempt(
    RowOutcome(Outcome.FAILED, None, None, "a value has characters that XML can't carry; choose --via bulk")
)


def _is_carried(record: Record) -> bool:
    return all(can_carry(value) for value in record.values() if isinstance(value, str))


def _sobject(sobject: str, record: Record) -> str:
    """A record in the order of the WSDL: type, fields to empty, id, the other fields."""
    emptied = [name for name, value in record.items() if value is None or value == ""]
    filled = sorted(record.keys() - set(emptied), key=lambda name: (name != "Id", name))
    nulls = "".join(element("o:fieldsToNull", name) for name in emptied)
    fields = "".join(element(f"o:{name}", _text(record[name])) for name in filled)
    return f'<t:sObjects xmlns:o="{_SOBJECT}">{element("o:type", sobject)}{nulls}{fields}</t:sObjects>'


def _text(value: Cell) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _attempt(result: Element) -> Attempt:
    if text_of(result, "success") == "true":
        return Attempt(RowOutcome(Outcome.DONE, text_of(result, "id")))
    error = next(found(result, "errors"), result)
    return refused(text_of(error, "statusCode") or "UNKNOWN_EXCEPTION", text_of(error, "message"))
