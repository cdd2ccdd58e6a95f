"""`Database.*`: DML that may tell row by row, dynamic queries, savepoints.

Source: https://developer.salesforce.com/docs/atlas.en-us.apexref.meta/apexref/apex_methods_system_database.htm
"""

from reconciler.simulator.apex.failure import thrown
from reconciler.simulator.apex.methods.method import Method, Site, Table
from reconciler.simulator.apex.problem import CompileProblem
from reconciler.simulator.apex.queries import queried
from reconciler.simulator.apex.values import ApexList, Box, Record, Value
from reconciler.simulator.apex.writes import Write, records_of, told, write
from reconciler.simulator.dml import Operation


def _dml(operation: Operation) -> Method:
    """Records, then allOrNone or DMLOptions; an upsert may name its key between them, and access levels follow."""

    def run(site: Site, given: Value, *options: Value) -> Value:
        records = _records(site, given)
        key = next((option for option in options if isinstance(option, str) and option not in _ACCESS), None)
        asked = Write(operation, records, _field(key), *_options(options))
        answers = told(asked, write(site.run, asked, site.at)) if records else ApexList([])
        return answers if isinstance(given, ApexList) else answers.items[0]

    return Method(run, ((Record, ApexList, str), object, object, object), 3)


_ACCESS = frozenset({"USER_MODE", "SYSTEM_MODE"})


def _field(key: str | None) -> str | None:
    return key.rpartition(".")[2] if key else None


def _records(site: Site, given: Value) -> list[Record]:
    """Records, or what Ids stand for."""
    items = given.items if isinstance(given, ApexList) else [given]
    named: list[Value] = [
        Record(_object_of(site, item), {"Id": item}) if isinstance(item, str) else item for item in items
    ]
    return list(records_of(ApexList(named), site.at))


def _object_of(site: Site, record_id: str) -> str:
    found = next((item.name for item in site.run.org.schema if record_id.startswith(item.key_prefix)), None)
    if found is None:
        raise thrown(site.at, "System.StringException", f"Invalid id: {record_id}")
    return found


def _options(options: tuple[Value, ...]) -> tuple[bool, bool, bool]:
    """All or none, whether duplicates are saved all the same, whether users may get mails."""
    for option in options:
        if isinstance(option, bool):
            return option, False, False
        if isinstance(option, Box):
            saves = _is_set(option, "DuplicateRuleHeader", "allowSave")
            return option.get("optAllOrNone") is True, saves, _is_set(option, "EmailHeader", "triggerUserEmail")
    return True, False, False


def _is_set(options: Box, header: str, name: str) -> bool:
    found = options.get(header)
    return isinstance(found, Box) and found.get(name) is True


def _query(site: Site, text: str, *_: Value) -> Value:
    found = queried(site.run, text, site.at, is_dynamic=True)
    if isinstance(found, int):
        raise CompileProblem(site.at, "COUNT() queries are asked by Database.countQuery")
    return found


def _count(site: Site, text: str, *_: Value) -> Value:
    found = queried(site.run, text, site.at, is_dynamic=True)
    return found if isinstance(found, int) else len(found.items)


def _set_savepoint(site: Site) -> Value:
    site.run.budget.take("DML statements")
    site.run.savepoints += 1
    name = f"apex{site.run.savepoints}"
    site.run.org.store.savepoint(name)
    return Box("Savepoint", {"name": name})


def _rollback(site: Site, point: Box) -> None:
    site.run.budget.take("DML statements")
    site.run.org.store.rollback_to(str(point.get("name")))


DATABASE: Table = {
    "insert": _dml(Operation.INSERT),
    "update": _dml(Operation.UPDATE),
    "upsert": _dml(Operation.UPSERT),
    "delete": _dml(Operation.DELETE),
    "undelete": _dml(Operation.UNDELETE),
    "query": Method(_query, (str, object), 1),
    "countquery": Method(_count, (str, object), 1),
    "setsavepoint": Method(_set_savepoint),
    "rollback": Method(_rollback, (Box,)),
}
"""Methods of Database."""
