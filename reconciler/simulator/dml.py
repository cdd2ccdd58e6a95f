"""Inserts, updates, upserts, deletes and undeletes, with Salesforce's transactions: rows fail alone, or all together.

Within a call rows are applied one after another, and each sees what the rows before it did: seats, usernames and
contacts that they took are taken.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from reconciler.simulator import messages
from reconciler.simulator.coerce import coerce, read_row
from reconciler.simulator.effects import complete, follow, send_mails
from reconciler.simulator.errors import ApiError, RowError, RowErrors
from reconciler.simulator.ids import to_18
from reconciler.simulator.integrity import (
    keep_parents,
    keep_record_type,
    keep_unique,
    require,
    stored,
    with_defaults,
)
from reconciler.simulator.org import Org
from reconciler.simulator.rules import check, check_saved
from reconciler.simulator.schema import SObject
from reconciler.simulator.store import Scalar
from reconciler.simulator.write import Lookups, Operation, Write

__all__ = ["Call", "Operation", "RowResult", "Transaction", "execute", "execute_all"]

Row = Mapping[str, object]
Refuse = Callable[[str, Row], RowError | None]
"""Why a row of an object can't be written now, whatever is in it; None where it can."""

_CHUNK = 200
"""Rows that triggers are given together.

Source: https://developer.salesforce.com/docs/atlas.en-us.apexcode.meta/apexcode/apex_triggers_bulk_idioms.htm
"""


@dataclass(frozen=True, slots=True)
class Call:
    """One write call: rows of one object; duplicates are saved, and users notified, when its headers say so."""

    operation: Operation
    sobject: str
    rows: Sequence[Row]
    all_or_none: bool = False
    external_id_field: str | None = None
    allow_duplicates: bool = False
    notify: bool = False


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one row; `created` is told by upserts only."""

    id: str | None
    success: bool
    created: bool | None = None
    errors: tuple[RowError, ...] = ()


class _RolledBack(Exception):
    """Leaves the transaction of calls that are all or none."""


def execute(org: Org, actor: str, call: Call) -> list[RowResult]:
    """Run one call in a transaction of its own; one result a row, in order; raises ApiError for an unknown object."""
    return execute_all(org, actor, [call])


def execute_all(org: Org, actor: str, calls: Sequence[Call]) -> list[RowResult]:
    """Run calls in one transaction; where one of them is all or none, they all are."""
    return _run(Transaction(org, actor), calls)


def _run(transaction: "Transaction", calls: Sequence[Call]) -> list[RowResult]:
    results: list[RowResult] = []
    try:
        with transaction.org.store.transaction():
            for call in calls:
                results += transaction.apply(call)
            _keep_all_or_none(results, all_or_none=any(call.all_or_none for call in calls))
    except _RolledBack:
        return _undone(results)
    return results


def _keep_all_or_none(results: Sequence[RowResult], *, all_or_none: bool) -> None:
    if all_or_none and not all(result.success for result in results):
        raise _RolledBack


def _undone(results: Sequence[RowResult]) -> list[RowResult]:
    innocent = (RowError("ALL_OR_NONE_OPERATION_ROLLED_BACK", messages.ROLLED_BACK),)
    return [RowResult(None, success=False, errors=result.errors or innocent) for result in results]


@dataclass(slots=True)
class Transaction:
    """Calls that share one transaction as the rule on setup and other objects sees it (F6.1).

    `written` holds the first object of either sort that was written: setup (True) and other (False).
    `refuse` is asked before each row.
    """

    org: Org
    actor: str
    written: dict[bool, str] = field(default_factory=dict)
    refuse: Refuse = lambda _sobject, _row: None

    def execute(self, call: Call) -> list[RowResult]:
        """Run one call; if it is all or none, it is undone alone."""
        return _run(self, [call])

    def apply(self, call: Call) -> list[RowResult]:
        """Run one call row by row; a row that fails leaves nothing behind."""
        sobject = self.org.schema.object(call.sobject)
        if sobject is None:
            raise ApiError(400, "INVALID_TYPE", messages.NO_SUCH_OBJECT.format(sobject=call.sobject))
        with self.org.store.transaction():
            batch = _Batch(self, call, sobject, Lookups(self.org))
            chunks = (call.rows[start : start + _CHUNK] for start in range(0, len(call.rows), _CHUNK))
            return [result for chunk in chunks for result in batch.write_chunk(chunk)]


@dataclass(frozen=True, slots=True)
class _Batch:
    """The rows of one call on their way."""

    transaction: Transaction
    call: Call
    sobject: SObject
    lookups: Lookups

    @property
    def org(self) -> Org:
        return self.transaction.org

    def write_chunk(self, rows: Sequence[Row]) -> list[RowResult]:
        """The rows one by one; an exception that a trigger throws at one of them fails them all (F9.6)."""
        results: list[RowResult] = []
        try:
            with self.org.store.transaction():
                results = [self.write(row) for row in rows]
                if self.lookups.unhandled is not None:
                    raise self.lookups.unhandled
        except RowError as error:
            self.lookups.unhandled = None
            self.lookups.forget_all()
            return [RowResult(None, success=False, errors=result.errors or (error,)) for result in results]
        return results

    def write(self, row: Row) -> RowResult:
        try:
            with self.org.store.transaction():
                refused = self.transaction.refuse(self.sobject.name, row)
                if refused is not None:
                    raise refused
                return self._written(row)
        except (RowError, RowErrors) as error:
            # What the row changed of other records is undone, so what was read of them may be wrong.
            self.lookups.forget_all()
            return RowResult(None, success=False, errors=error.errors)

    def _written(self, row: Row) -> RowResult:
        match self.call.operation:
            case Operation.INSERT:
                return RowResult(self._insert(row), success=True)
            case Operation.UPDATE:
                return RowResult(self._update(_id_of(row), row), success=True)
            case Operation.DELETE:
                return RowResult(self._delete(_id_of(row)), success=True)
            case Operation.UNDELETE:
                return RowResult(self._undelete(_id_of(row)), success=True)
            case Operation.UPSERT:
                return self._upsert(row)

    def _insert(self, row: Row) -> str:
        self._permit("create", is_supported=self.sobject.createable)
        if _given_id(row):
            raise RowError("INVALID_FIELD_FOR_INSERT_UPDATE", messages.ID_IN_INSERT, ("Id",))
        write = self._judged(Operation.INSERT, None, read_row(self.org, self.sobject, row, is_insert=True))
        return self._saved(write, self.org.store.insert(self.sobject.name, stored(self.sobject, write.after)))

    def _update(self, record_id: str, row: Row) -> str:
        before = self._existing(record_id)
        self._permit("update", is_supported=self.sobject.updateable)
        write = self._judged(Operation.UPDATE, before, read_row(self.org, self.sobject, row, is_insert=False))
        changed = {name: value for name, value in write.after.items() if value != before.get(name)}
        self.org.store.update(self.sobject.name, str(before["Id"]), stored(self.sobject, changed))
        self.lookups.forget(self.sobject.name, before["Id"])
        return self._saved(write, str(before["Id"]))

    def _saved(self, write: Write, record_id: str) -> str:
        """What follows when a record is stored."""
        check_saved(write, record_id)
        send_mails(write, record_id)
        return record_id

    def _delete(self, record_id: str) -> str:
        before = self._existing(record_id)
        self._permit("delete", is_supported=self.sobject.deletable)
        check_saved(self._judged(Operation.DELETE, before, {}), str(before["Id"]))
        self.org.store.delete(self.sobject.name, str(before["Id"]), at=self.org.now())
        self.lookups.forget(self.sobject.name, before["Id"])
        return str(before["Id"])

    def _undelete(self, record_id: str) -> str:
        """Restore a record and what went with it; one that went with another comes back with that one only."""
        self._permit("undelete", is_supported=self.sobject.undeletable)
        found = self._own_id(record_id)
        before = self.org.store.binned(self.sobject.name, found)
        if before is None:
            raise RowError("UNDELETE_FAILED", messages.NOT_IN_BIN)
        write = self._judged(Operation.UNDELETE, before, {"IsDeleted": False})
        for sobject, restored in self.org.store.undelete(found, at=self.org.now()):
            self.lookups.forget(sobject, restored)
        return check_saved(write, found)

    def _upsert(self, row: Row) -> RowResult:
        key = self.call.external_id_field or "Id"
        item = self.sobject.field(key)
        if item is None or not (item.external_id or item.id_lookup):
            message = messages.NOT_EXTERNAL_ID.format(field=key, sobject=self.sobject.name)
            raise RowError("INVALID_FIELD", message)
        if item.name == "Id":
            record_id = _given_id(row)
        else:
            record_id = self._found(item.name, next((row[name] for name in row if name.lower() == key.lower()), None))
        if record_id is None:
            return RowResult(self._insert(row), success=True, created=True)
        rest = {name: value for name, value in row.items() if name.lower() != key.lower()}
        return RowResult(self._update(record_id, rest), success=True, created=False)

    def _found(self, name: str, value: object) -> str | None:
        """The record whose external id that is."""
        item = self.sobject.fields[name.lower()]
        wanted = coerce(self.org, item, value)
        if wanted is None:
            raise RowError("MISSING_ARGUMENT", messages.NO_KEY.format(field=name), (name,))
        found = self.org.store.find(self.sobject.name, **{name: wanted})
        if len(found) > 1:
            raise RowError("DUPLICATE_EXTERNAL_ID", messages.MANY_FOUND.format(field=name), (name,))
        return str(found[0]["Id"]) if found else None

    def _judged(self, operation: Operation, before: Mapping[str, Scalar] | None, given: Mapping[str, Scalar]) -> Write:
        """Required fields, values of Salesforce's own, rules, then roles and flags."""
        after = with_defaults(self.sobject, given) if before is None else {**before, **given}
        write = Write(self.org, self.transaction.actor, operation, self.sobject, before, given, after, self.lookups)
        write.allow_duplicates, write.written = self.call.allow_duplicates, self.transaction.written
        write.notify = self.call.notify
        if operation in {Operation.INSERT, Operation.UPDATE}:
            require(write)
        if operation is Operation.UNDELETE:
            keep_parents(write)
        complete(write)
        check(write)
        if operation is not Operation.DELETE:
            keep_record_type(write)
            keep_unique(write)
        follow(write)
        return write

    def _permit(self, operation: str, *, is_supported: bool) -> None:
        if not is_supported:
            message = messages.UNSUPPORTED.format(sobject=self.sobject.name, operation=operation)
            raise RowError("INVALID_TYPE_FOR_OPERATION", message)

    def _own_id(self, record_id: str) -> str:
        found = to_18(record_id)
        if found is None or not found.startswith(self.sobject.key_prefix):
            message = messages.MALFORMED_ID.format(label=self.sobject.fields["id"].label, value=record_id)
            raise RowError("MALFORMED_ID", message, ("Id",))
        return found

    def _existing(self, record_id: str) -> dict[str, Scalar]:
        found = self._own_id(record_id)
        record = self.org.store.get(self.sobject.name, found)
        if record is None:
            is_deleted = bool(self.org.store.select(f'SELECT 1 FROM "{self.sobject.name}" WHERE Id=?', [found]))
            code = "ENTITY_IS_DELETED" if is_deleted else "INVALID_CROSS_REFERENCE_KEY"
            raise RowError(code, messages.DELETED if is_deleted else messages.BAD_REFERENCE)
        return record


def _given_id(row: Row) -> str | None:
    found = next((value for name, value in row.items() if name.lower() == "id"), None)
    return str(found) if found else None


def _id_of(row: Row) -> str:
    found = _given_id(row)
    if found is None:
        raise RowError("MISSING_ARGUMENT", messages.NO_ID, ("Id",))
    return found
