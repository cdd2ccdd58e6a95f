"""Which account a record hangs on: rows of one account are kept together, because writing them locks it (F9.4)."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from reconciler.salesforce.outcome import Record

_WAYS = ("AccountId", "ContactId", "Id")


@dataclass
class Parents:
    """The accounts of contacts and users, as far as the records that were written tell them.

    A contact names its account; a user is linked to such a contact; later changes of the user have only its id.
    """

    _known: dict[str, str] = field(default_factory=dict)

    def of(self, record: Record) -> str:
        """The id of the record's account; empty when it is not known."""
        for name in _WAYS:
            value = record.get(name)
            account = value if name == "AccountId" else self._known.get(str(value))
            if account:
                return str(account)
        return ""

    def learn(self, written: Iterable[tuple[Record, str | None]]) -> None:
        """Remember the accounts of records by their ids."""
        for record, id_ in written:
            account = self.of(record)
            if id_ is not None and account:
                self._known[id_] = account
