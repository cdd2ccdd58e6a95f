"""Methods of records, exceptions and the results of DML.

Source: https://developer.salesforce.com/docs/atlas.en-us.apexref.meta/apexref/apex_methods_system_sobject.htm
and its sisters
"""

from collections.abc import Mapping

from reconciler.simulator.apex.failure import out_of_bounds
from reconciler.simulator.apex.fields import read_member, set_field
from reconciler.simulator.apex.methods.method import Method, Site, Table
from reconciler.simulator.apex.tree import Type
from reconciler.simulator.apex.values import ApexList, ApexMap, Box, Record, Value, key_of


def _put(site: Site, record: Record, name: str, value: Value) -> None:
    set_field(site.run.org.schema, record, name, value, site.at)


def _populated(_: Site, record: Record) -> ApexMap:
    pairs: dict[object, tuple[Value, Value]] = {key_of(name): (name, value) for name, value in record.values.items()}
    return ApexMap(pairs, Type("String"))


def _clone(_: Site, record: Record, *keeps: bool) -> Record:
    values = {name: value for name, value in record.values.items() if name != "Id" or (keeps and keeps[0])}
    return Record(record.sobject, values, None, set(values) - {"Id"})


RECORD: Table = {
    "get": Method(lambda site, record, name: read_member(site.run.org.schema, record, name, site.at), (str,)),
    "put": Method(_put, (str, object), takes_null=True),
    "getsobject": Method(lambda site, record, name: read_member(site.run.org.schema, record, name, site.at), (str,)),
    "getsobjects": Method(lambda site, record, name: read_member(site.run.org.schema, record, name, site.at), (str,)),
    "getsobjecttype": Method(lambda _, record: record.sobject),
    "getpopulatedfieldsasmap": Method(_populated),
    "isset": Method(lambda _, record, name: name.lower() in {known.lower() for known in record.values}, (str,)),
    "clone": Method(_clone, (bool, bool, bool, bool), 4),
}
"""Methods of an sObject."""


def _value(name: str) -> Method:
    return Method(lambda _, box: box.get(name))


def _row(site: Site, box: Box, index: int) -> Box:
    rows = box.get("rows")
    items = rows.items if isinstance(rows, ApexList) else []
    if not 0 <= index < len(items):
        raise out_of_bounds(site.at, index)
    found = items[index]
    return found if isinstance(found, Box) else Box("row")


def _first_error(site: Site, box: Box, index: int) -> Box:
    errors = _row(site, box, index).get("errors")
    found = errors.items[0] if isinstance(errors, ApexList) else None
    return found if isinstance(found, Box) else Box("Database.Error")


def _number_of_rows(_: Site, box: Box) -> int:
    rows = box.get("rows")
    return len(rows.items) if isinstance(rows, ApexList) else 0


def _stack(_: Site, box: Box) -> str:
    return f"AnonymousBlock: line {box.get('line')}, column 1"


def _set_message(_: Site, box: Box, text: str) -> None:
    box.values["message"] = text


EXCEPTION: Table = {
    "getmessage": _value("message"),
    "setmessage": Method(_set_message, (str,)),
    "getcause": _value("cause"),
    "getlinenumber": _value("line"),
    "getstacktracestring": Method(_stack),
    "gettypename": Method(lambda _, box: box.kind),
    "getnumdml": Method(_number_of_rows),
    "getdmlindex": Method(lambda site, box, index: _row(site, box, index).get("index"), (int,)),
    "getdmlid": Method(lambda site, box, index: _row(site, box, index).get("id"), (int,)),
    "getdmlmessage": Method(lambda site, box, index: _first_error(site, box, index).get("message"), (int,)),
    "getdmltype": Method(lambda site, box, index: _first_error(site, box, index).get("statusCode"), (int,)),
    "getdmlstatuscode": Method(lambda site, box, index: _first_error(site, box, index).get("statusCode"), (int,)),
    "getdmlfieldnames": Method(lambda site, box, index: _first_error(site, box, index).get("fields"), (int,)),
}
"""Methods of any exception; those about rows tell of a DmlException's."""

_RESULT: Table = {"issuccess": _value("success"), "getid": _value("id"), "geterrors": _value("errors")}

BOXES: Mapping[str, Table] = {
    "database.saveresult": _RESULT,
    "database.deleteresult": _RESULT,
    "database.undeleteresult": _RESULT,
    "database.upsertresult": {**_RESULT, "iscreated": _value("created")},
    "database.error": {
        "getmessage": _value("message"),
        "getstatuscode": _value("statusCode"),
        "getfields": _value("fields"),
    },
    "aggregateresult": {
        "get": Method(
            lambda _, box, name: next((v for key, v in box.values.items() if key.lower() == name.lower()), None), (str,)
        )
    },
}
"""Methods of the objects of Salesforce's own classes, by lower-cased class."""
