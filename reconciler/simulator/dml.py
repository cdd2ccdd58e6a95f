"""Inserts, updates, upserts and deletes, with Salesforce's transactions: rows fail alone, or all together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from reconciler.simulator import messages
from reconciler.simulator.coerce import coerce
from reconciler.simulator.effects import complete, portal_effects
from reconciler.simulator.errors import ApiError, RowError
from reconciler.simulator.ids import to_18
from reconciler.simulator.org import Org
from reconciler.simulator.rules import check
from reconciler.simulator.schema import Field, SObject
from reconciler.simulator.store import Scalar
from reconciler.simulator.write import Write

Row = Mapping[str, object]

_SETUP_USER_FIELDS = frozenset(
    {"UserRoleId", "IsActive", "ForecastEnabled", "IsPortalEnabled", "Username", "ProfileId"}
)
"""A user update that touches none of these may share a transaction with other objects (F6.2)."""

_SYSTEM_ROLE_FIELDS = frozenset({"PortalType", "PortalAccountId", "PortalRole", "PortalAccountOwnerId"})


class Operation(StrEnum):
    """A kind of write."""

    INSERT = "insert"
    UPDATE = "update"
    UPSERT = "upsert"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Call:
    """One write call: rows of one object."""

    operation: Operation
    sobject: str
    rows: Sequence[Row]
    all_or_none: bool = False
    external_id_field: str | None = None


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one row; `created` is told by upserts only."""

    id: str | None
    success: bool
    created: bool | None = None
    errors: tuple[RowError, ...] = ()


def execute(org: Org, actor: str, call: Call) -> list[RowResult]:
    """Run one call in a transaction of its own; one result a row, in order."""
    return Transaction(org, actor).execute(call)


class _RolledBack(Exception):
    """Leaves the transaction of a call that is all or none."""


@dataclass(slots=True)
class Transaction:
    """Calls that share one transaction, for the rule on setup and other objects (F6.1)."""

    org: Org
    actor: str
    written: dict[bool, str] = field(default_factory=dict)

    def execute(self, call: Call) -> list[RowResult]:
        """Run one call."""
        sobject = self.org.schema.object(call.sobject)
        if sobject is None:
            message = f"sObject type '{call.sobject}' is not supported."
            raise ApiError(400, "INVALID_TYPE", message)
        results: list[RowResult] = []
        try:
            with self.org.store.transaction():
                results.extend(self._row(sobject, call, row) for row in call.rows)
                _settle(call, results)
        except _RolledBack:
            undone = RowError("ALL_OR_NONE_OPERATION_ROLLED_BACK", messages.ROLLED_BACK)
            return [RowResult(None, success=False, errors=result.errors or (undone,)) for result in results]
        return results

    def _row(self, sobject: SObject, call: Call, row: Row) -> RowResult:
        try:
            with self.org.store.transaction():
                return self._write(sobject, call, row)
        except RowError as error:
            return RowResult(None, success=False, errors=(error,))

    def _write(self, sobject: SObject, call: Call, row: Row) -> RowResult:
        match call.operation:
            case Operation.INSERT:
                return RowResult(self._insert(sobject, row), success=True)
            case Operation.UPDATE:
                return RowResult(self._update(sobject, _id_of(row), row), success=True)
            case Operation.DELETE:
                return RowResult(self._delete(sobject, _id_of(row)), success=True)
            case Operation.UPSERT:
                return self._upsert(sobject, call.external_id_field or "Id", row)

    def _insert(self, sobject: SObject, row: Row) -> str:
        if not sobject.createable:
            raise RowError("INVALID_TYPE_FOR_OPERATION", f"entity type {sobject.name} does not support create")
        given = self._given(sobject, row, is_insert=True)
        defaults = {item.name: item.default for item in sobject if item.default is not None and not item.derived}
        write = Write(self.org, self.actor, sobject, None, given, {**defaults, **given})
        self._finish(write)
        return self.org.store.insert(sobject.name, _stored(sobject, write.after))

    def _update(self, sobject: SObject, record_id: str, row: Row) -> str:
        before = self._existing(sobject, record_id)
        if not sobject.updateable:
            raise RowError("INVALID_TYPE_FOR_OPERATION", f"entity type {sobject.name} does not support update")
        given = self._given(sobject, row, is_insert=False)
        write = Write(self.org, self.actor, sobject, before, given, {**before, **given})
        self._finish(write)
        changed = {name: value for name, value in write.after.items() if value != before.get(name)}
        self.org.store.update(sobject.name, str(before["Id"]), _stored(sobject, changed))
        return str(before["Id"])

    def _upsert(self, sobject: SObject, key: str, row: Row) -> RowResult:
        item = sobject.field(key)
        if item is None or not (item.external_id or item.id_lookup):
            raise RowError("INVALID_FIELD", f"{key} is not an external ID field on {sobject.name}")
        value = next((value for name, value in row.items() if name.lower() == key.lower()), None)
        if item.name == "Id":
            found = self.org.store.find(sobject.name, Id=to_18(str(value))) if value else []
        else:
            found = self.org.store.find(sobject.name, **{item.name: coerce(self.org, item, value)}) if value else []
        if len(found) > 1:
            raise RowError("DUPLICATE_EXTERNAL_ID", f"{item.name}: more than one record found for external id field")
        if found:
            rest = {name: value for name, value in row.items() if name.lower() not in {key.lower(), "id"}}
            return RowResult(self._update(sobject, str(found[0]["Id"]), rest), success=True, created=False)
        return RowResult(self._insert(sobject, row), success=True, created=True)

    def _delete(self, sobject: SObject, record_id: str) -> str:
        record = self._existing(sobject, record_id)
        if not sobject.deletable:
            message = messages.NOT_DELETABLE.format(sobject=sobject.name)
            raise RowError("INSUFFICIENT_ACCESS_OR_READONLY", message)
        if sobject.name == "Contact" and self.org.store.find("User", ContactId=record["Id"]):
            raise RowError("DELETE_FAILED", messages.CONTACT_OF_USER)
        self._keep_apart(sobject, frozenset())
        self.org.store.delete(sobject.name, str(record["Id"]))
        return str(record["Id"])

    def _existing(self, sobject: SObject, record_id: str) -> dict[str, Scalar]:
        found = to_18(record_id)
        if found is None:
            message = messages.MALFORMED_ID.format(label=f"{sobject.label} ID", value=record_id)
            raise RowError("MALFORMED_ID", message, ("Id",))
        record = self.org.store.get(sobject.name, found)
        if record is None:
            is_deleted = bool(self.org.store.select(f'SELECT 1 FROM "{sobject.name}" WHERE Id=?', [found]))
            code = "ENTITY_IS_DELETED" if is_deleted else "INVALID_CROSS_REFERENCE_KEY"
            raise RowError(code, messages.DELETED if is_deleted else messages.BAD_REFERENCE)
        return record

    def _given(self, sobject: SObject, row: Row, *, is_insert: bool) -> dict[str, Scalar]:
        """The row under the schema's own names, as stored values."""
        given: dict[str, Scalar] = {}
        forbidden: list[str] = []
        for name, value in row.items():
            if name.lower() in {"attributes", "id"}:
                continue
            item, value = self._resolved(sobject, name, value)  # noqa: PLW2901 - a parent's key becomes its id
            if sobject.name == "UserRole" and item.name in _SYSTEM_ROLE_FIELDS:
                raise RowError("FIELD_INTEGRITY_EXCEPTION", messages.PORTAL_ROLE_FIELD, ("Name",))
            if not (item.createable if is_insert else item.updateable):
                forbidden.append(item.name)
            else:
                given[item.name] = coerce(self.org, item, value)
        if forbidden:
            message = messages.READ_ONLY.format(fields=", ".join(forbidden))
            raise RowError("INVALID_FIELD_FOR_INSERT_UPDATE", message, tuple(forbidden))
        return given

    def _resolved(self, sobject: SObject, name: str, value: object) -> tuple[Field, object]:
        """A field and its value; `{"Account": {"Name": "x"}}` and `Account.Name` name a parent by an external id."""
        relation, _, key = name.partition(".")
        if key and not isinstance(value, dict):
            value = {key: value}
        link = sobject.relationship(relation)
        if link is not None and isinstance(value, dict):
            return link, self._parent_id(link, value)
        item = sobject.field(name)
        if item is None:
            message = messages.NO_SUCH_COLUMN.format(field=name, sobject=sobject.name)
            raise RowError("INVALID_FIELD", message, (name,))
        return item, value

    def _parent_id(self, link: Field, keys: Mapping[str, object]) -> str:
        wanted = {name: value for name, value in keys.items() if name.lower() not in {"attributes", "type"}}
        parent = self.org.schema.object(link.reference_to[0])
        name, value = next(iter(wanted.items()), ("", None))
        item = parent.field(name) if parent else None
        if parent is None or item is None or not (item.external_id or item.id_lookup) or len(wanted) != 1:
            message = f"Field name provided, {name} does not match an External ID, Salesforce Id, or indexed field"
            raise RowError("INVALID_FIELD", f"{message} for {link.reference_to[0]}")
        found = self.org.store.find(parent.name, **{item.name: str(value)})
        if len(found) != 1:
            message = f"Foreign key external ID: {value} not found for field {item.name} in entity {parent.name}"
            raise RowError("INVALID_FIELD", message)
        return str(found[0]["Id"])

    def _finish(self, write: Write) -> None:
        """Required fields, values of Salesforce's own, rules, the transaction's rule, then roles and flags."""
        _require(write)
        complete(write)
        check(write)
        self._keep_apart(
            write.sobject, frozenset(name for name in _SETUP_USER_FIELDS & write.given.keys() if write.changes(name))
        )
        if write.sobject.name == "User" and write.changes("ContactId", "ProfileId", "UserRoleId", "PortalRole"):
            portal_effects(write)

    def _keep_apart(self, sobject: SObject, setup_fields: frozenset[str]) -> None:
        is_setup = sobject.is_setup and (sobject.name != "User" or bool(setup_fields))
        if sobject.name == "User" and not is_setup:
            return
        self.written.setdefault(is_setup, sobject.name)
        if len(self.written) == 2:
            message = messages.MIXED_DML.format(sobject=sobject.name, original=self.written[not is_setup])
            raise RowError("MIXED_DML_OPERATION", message)


def _settle(call: Call, results: Sequence[RowResult]) -> None:
    """Leave the transaction of a call that is all or none and has a refused row."""
    if call.all_or_none and not all(result.success for result in results):
        raise _RolledBack


def _id_of(row: Row) -> str:
    found = next((value for name, value in row.items() if name.lower() == "id"), None)
    if not found:
        raise RowError("MISSING_ARGUMENT", "Id not specified in an update call")
    return str(found)


def _require(write: Write) -> None:
    made = {"CommunityNickname"} if write.is_insert else set()
    missing = tuple(
        item.name
        for item in write.sobject
        if not item.nillable
        and (item.createable or item.updateable)
        and not (write.is_insert and item.defaulted_on_create)
        and item.name not in made
        and write.after.get(item.name) is None
    )
    if write.sobject.name == "PermissionSet":
        missing = tuple(name for name in missing if name != "Label")
    if missing:
        raise RowError("REQUIRED_FIELD_MISSING", messages.REQUIRED.format(fields=", ".join(missing)), missing)


def _stored(sobject: SObject, values: Mapping[str, Scalar]) -> dict[str, Scalar]:
    return {item.name: values[item.name] for item in sobject if item.derived is None and item.name in values}
