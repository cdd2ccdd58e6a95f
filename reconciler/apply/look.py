"""Looks at records: before a step is sent, after an answer was lost, and when all is done.

A record with a field that is neither as it was planned from nor as it shall be was changed by others: it is left alone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reconciler.apply.record import Known, written
from reconciler.apply.seen import Seen, Standing, moved
from reconciler.kinds import CONTACT, KINDS, same
from reconciler.model import Address, Change, FieldChange, Kind, Step, Value
from reconciler.salesforce import Reader
from reconciler.salesforce.reader import Cell, Row, Select

_PERSON = ("Email", "FirstName", "LastName")

TwinKey = tuple[str, ...]
"""Account id, e-mail, first and last name of a contact, without case: by these the next plan would take it for ours."""


@dataclass(frozen=True, slots=True)
class Look:
    """Reads records by few requests, however many there are."""

    reader: Reader
    known: Known

    def at(self, step: Step, changes: Sequence[Change]) -> Mapping[Address, Seen]:
        """How the records of some updates stand; raises OrgError."""
        names = tuple(sorted({item.name for change in changes for item in written(change)}))
        select = Select(step.object, ("Id", *(name for name in names if name != "Id")))
        ids = [change.id for change in changes if change.id]
        rows = {str(row["Id"]): row for row in self.reader.query_by(select, "Id", ids)}
        return {change.address: self._seen(change, rows.get(change.id or "")) for change in changes}

    def _seen(self, change: Change, row: Row | None) -> Seen:
        if row is None:
            return Seen(Standing.MOVED, "the record is gone")
        fields = [(item, row[item.name]) for item in written(change)]
        if all(self.is_(change, item, item.after, cell) for item, cell in fields):
            return Seen(Standing.AFTER)
        for item, cell in fields:
            if not any(self.is_(change, item, value, cell) for value in (item.before, item.after)):
                return Seen(Standing.MOVED, moved(item.name))
        return Seen(Standing.BEFORE)

    def is_(self, change: Change, item: FieldChange, value: Value, cell: Cell) -> bool:
        """Whether a cell shows that value; a reference is told by its id."""
        if isinstance(value, Address):
            return cell is not None and cell == self.known.id_of(value)
        return same(KINDS[change.address.kind], item.name, value, cell)

    def twins(self, changes: Iterable[Change]) -> Mapping[TwinKey, Sequence[str]]:
        """The ids of contacts that are like those that are to be created, by what they are told by.

        A contact of another user is none of them.
        """
        wanted: dict[TwinKey, set[str]] = {}
        for change in changes:
            if (key := self.twin_key(change)) is not None:
                wanted.setdefault(key, set()).add(change.address.key)
        found: dict[TwinKey, list[str]] = {}
        for row in self._alike(wanted):
            key = _twin_key(row, row["AccountId"])
            if key in wanted:
                found.setdefault(key, []).append(str(row["Id"]))
        holders = self._holders([id_ for ids in found.values() for id_ in ids])
        free = {
            key: sorted(id_ for id_ in ids if holders.get(id_) in {None, *wanted[key]}) for key, ids in found.items()
        }
        return {key: ids for key, ids in free.items() if ids}

    def twin_key(self, change: Change) -> TwinKey | None:
        """What a contact that is to be created is told by; None for another object."""
        if change.address.kind is not Kind.CONTACT:
            return None
        fields = {item.name: item.after for item in written(change)}
        account = fields.get("AccountId")
        return _twin_key(fields, self.known.id_of(account) if isinstance(account, Address) else account)

    def _alike(self, wanted: Iterable[TwinKey]) -> Iterator[Row]:
        """Contacts with one of the e-mails; of contacts without one, those with the last name."""
        emails = {key[1] for key in wanted if key[1]}
        names = {key[3] for key in wanted if not key[1]}
        select = Select(CONTACT.sobject, ("Id", "AccountId", *_PERSON))
        yield from self.reader.query_by(select, "Email", emails)
        yield from (row for row in self.reader.query_by(select, "LastName", names) if row["Email"] is None)

    def _holders(self, ids: Sequence[str]) -> Mapping[str, str]:
        """The keys of the users that have those contacts."""
        rows = self.reader.query_by(Select("User", ("Id", "Username", "ContactId")), "ContactId", ids)
        return {str(row["ContactId"]): str(row["Username"]).casefold() for row in rows}


def _twin_key(fields: Mapping[str, Value], account: object) -> TwinKey:
    person = [str(fields.get(name) or "").casefold() for name in _PERSON]
    return (str(account or ""), *person)
