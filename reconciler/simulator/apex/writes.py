"""DML of scripts: statements, which throw, and `Database` methods, which may tell row by row.

Source: https://developer.salesforce.com/docs/atlas.en-us.apexcode.meta/apexcode/langCon_apex_dml_section.htm
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from reconciler.simulator.apex.failure import exception, null_reference
from reconciler.simulator.apex.problem import CompileProblem, Thrown
from reconciler.simulator.apex.run import Run
from reconciler.simulator.apex.tree import Place
from reconciler.simulator.apex.values import ApexList, Box, Record, Value, stored
from reconciler.simulator.dml import Call, Operation, RowResult

RESULTS: Mapping[Operation, str] = {
    Operation.INSERT: "Database.SaveResult",
    Operation.UPDATE: "Database.SaveResult",
    Operation.UPSERT: "Database.UpsertResult",
    Operation.DELETE: "Database.DeleteResult",
    Operation.UNDELETE: "Database.UndeleteResult",
}
"""What a `Database` method answers for each record."""

_ROLLED_BACK = "ALL_OR_NONE_OPERATION_ROLLED_BACK"


class _Undone(Exception):
    """Leaves the savepoint of a statement of which not every row is right."""


@dataclass(frozen=True, slots=True)
class Write:
    """What is to be written, and how."""

    operation: Operation
    records: Sequence[Record]
    key: str | None = None
    is_all_or_none: bool = True
    allow_duplicates: bool = False
    notify: bool = False


def records_of(value: Value, at: Place) -> Sequence[Record]:
    """The records that a DML statement is given; raises Thrown and CompileProblem."""
    items = value.items if isinstance(value, ApexList) else [value]
    if value is None or any(item is None for item in items):
        raise null_reference(at)
    records = [item for item in items if isinstance(item, Record)]
    if len(records) < len(items):
        raise CompileProblem(at, "DML requires SObject or SObject list type")
    return records


def write(run: Run, asked: Write, at: Place) -> Sequence[RowResult]:
    """One statement; one result a record. All or none throws, otherwise rows fail alone."""
    _check_ids(asked, at)
    run.budget.take("DML statements")
    run.budget.take("DML rows", len(asked.records))
    results = _executed(run, asked)
    failed = [number for number, result in enumerate(results) if not result.success]
    if failed and asked.is_all_or_none:
        raise _refused(asked, results, at)
    for record, result in zip(asked.records, results, strict=True):
        if result.success:
            record.values["Id"] = result.id
            record.changed.clear()
    return results


def _check_ids(asked: Write, at: Place) -> None:
    """An insert of a record that has an Id, and an update of one that has none, are refused as a whole."""
    for number, record in enumerate(asked.records):
        has_id = record.values.get("Id") is not None
        if asked.operation is Operation.INSERT and has_id:
            message = "INVALID_FIELD_FOR_INSERT_UPDATE, cannot specify Id in an insert call: [Id]"
            raise _dml_exception(asked, number, message, at)
        if asked.operation not in {Operation.INSERT, Operation.UPSERT} and not has_id:
            message = "MISSING_ARGUMENT, Id not specified in an update call: []"
            raise _dml_exception(asked, number, message, at)


def _executed(run: Run, asked: Write) -> Sequence[RowResult]:
    results: list[RowResult] = []
    try:
        with run.org.store.transaction():
            for name, group in groupby(asked.records, key=lambda record: record.sobject):
                rows = [_row(record, asked.operation) for record in group]
                call = Call(
                    asked.operation,
                    name,
                    rows,
                    external_id_field=asked.key,
                    allow_duplicates=asked.allow_duplicates,
                    notify=asked.notify,
                )
                results += run.transaction.execute(call)
            _keep_whole(asked, results)
    except _Undone:
        pass
    return results


def _keep_whole(asked: Write, results: Sequence[RowResult]) -> None:
    if asked.is_all_or_none and not all(result.success for result in results):
        raise _Undone


def _row(record: Record, operation: Operation) -> Mapping[str, object]:
    """What is sent of a record: its Id and what the script set."""
    own = {"Id": record.values.get("Id")} if record.values.get("Id") is not None else {}
    if operation in {Operation.DELETE, Operation.UNDELETE}:
        return own
    return own | {name: stored(record.values.get(name)) for name in record.values if name in record.changed}


def _refused(asked: Write, results: Sequence[RowResult], at: Place) -> Thrown:
    rows = [(number, result) for number, result in enumerate(results) if not result.success]
    number, first = next((row for row in rows if row[1].errors[0].code != _ROLLED_BACK), rows[0])
    error = first.errors[0]
    detail = f"{error.code}, {error.message}: [{', '.join(error.fields)}]"
    told = [
        Box("row", {"index": index, "id": asked.records[index].values.get("Id"), "errors": errors_of(result)})
        for index, result in rows
    ]
    return _dml_exception(asked, number, detail, at, told)


def _dml_exception(asked: Write, number: int, detail: str, at: Place, rows: Sequence[Box] = ()) -> Thrown:
    record_id = asked.records[number].values.get("Id")
    where = f"row {number}" + (f" with id {record_id}" if record_id else "")
    verb = asked.operation.value.capitalize()
    message = f"{verb} failed. First exception on {where}; first error: {detail}"
    return Thrown(at, exception("System.DmlException", message, at, rows))


def errors_of(result: RowResult) -> ApexList:
    """The errors of a row as a list of Database.Error."""
    return ApexList(
        [
            Box(
                "Database.Error",
                {"message": error.message, "statusCode": error.code, "fields": ApexList(list(error.fields))},
            )
            for error in result.errors
        ]
    )


def told(asked: Write, results: Sequence[RowResult]) -> ApexList:
    """What a `Database` method answers."""
    kind = RESULTS[asked.operation]
    answers: list[Value] = []
    for record, result in zip(asked.records, results, strict=True):
        values: dict[str, Value] = {
            "success": result.success,
            "id": result.id or record.values.get("Id"),
            "created": bool(result.created),
            "errors": errors_of(result),
        }
        answers.append(Box(kind, values))
    return ApexList(answers)
