"""sObjects as SOAP spells them: generic ones of the Partner API, typed ones of the Enterprise API."""

from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.simulator import messages
from reconciler.simulator.errors import ApiError
from reconciler.simulator.org import Org
from reconciler.simulator.schema import FieldType, SObject
from reconciler.simulator.wire.markup import Element, leaf, tag
from reconciler.simulator.wire.soap.call import Dialect

_ABOUT = frozenset({"type", "fieldsToNull"})
_NUMBERS: Mapping[type, str] = {int: "xsd:int", float: "xsd:double"}


def read_sobject(org: Org, element: Element) -> tuple[SObject, dict[str, object]]:
    """An object and a row of it; raises ApiError for an unknown object or field.

    An element with elements inside names a parent by an external id; one that is nil is left alone; one without text
    empties its field (inferred), as `fieldsToNull` does.
    """
    name = element.value("type") or element.kind or ""
    sobject = org.schema.object(name)
    if sobject is None:
        raise ApiError(500, "INVALID_TYPE", messages.NO_SUCH_OBJECT.format(sobject=name))
    row: dict[str, object] = {field.text.strip(): None for field in element.all("fieldsToNull")}
    row |= {child.name: _value(child) for child in element.children if child.name not in _ABOUT and not child.is_nil}
    for given in row:
        if not sobject.field(given) and not sobject.relationship(given):
            raise ApiError(500, "INVALID_FIELD", messages.NO_SUCH_COLUMN.format(field=given, sobject=sobject.name))
    return sobject, row


def _value(element: Element) -> object:
    named = [child for child in element.children if child.name not in _ABOUT]
    return {child.name: child.text for child in named} if named else element.text


def sobject_markup(org: Org, name: str, record: Mapping[str, Any], dialect: Dialect) -> str:
    """A record of a query's answer, children and parents inside it, as an element of that name."""
    kind = record["attributes"]["type"]
    content = "".join(_fields(org, record, dialect))
    if dialect is Dialect.ENTERPRISE:
        return tag(name, content, xsi_type=f"sf:{kind}")
    # The generic sObject begins with its type and an Id, which is nil unless it was asked for.
    return tag(name, leaf("sf:type", kind) + leaf("sf:Id", record.get("Id")) + content, xsi_type="sf:sObject")


def _fields(org: Org, record: Mapping[str, Any], dialect: Dialect) -> Iterator[str]:
    sobject = org.schema.object(record["attributes"]["type"])
    for name, value in record.items():
        if name == "attributes" or (name == "Id" and dialect is Dialect.PARTNER and value is None):
            continue
        if isinstance(value, Mapping):
            yield _nested(org, f"sf:{name}", value, dialect)
        elif sobject is None:
            kind = _NUMBERS.get(type(value), "xsd:string")
            yield leaf(f"sf:{name}", value, xsi_type=kind)
        else:
            yield leaf(f"sf:{name}", _told(sobject, name, value))


def _nested(org: Org, name: str, value: Mapping[str, Any], dialect: Dialect) -> str:
    if "attributes" in value:
        return sobject_markup(org, name, value, dialect)
    return tag(name, result_markup(org, value, dialect), xsi_type="QueryResult")


def _told(sobject: SObject, name: str, value: object) -> object:
    """A value as XML Schema spells it: UTC is `Z`."""
    field = sobject.field(name)
    is_moment = field is not None and field.type is FieldType.DATETIME and isinstance(value, str)
    return f"{str(value).removesuffix('+0000')}Z" if is_moment else value


def result_markup(org: Org, page: Mapping[str, Any], dialect: Dialect) -> str:
    """What stands inside a QueryResult; `page` is what REST answers."""
    following = page.get("nextRecordsUrl")
    records = "".join(sobject_markup(org, "records", record, dialect) for record in page["records"])
    return (
        leaf("done", page["done"])
        + leaf("queryLocator", following.rpartition("/")[2] if following else None)
        + records
        + leaf("size", page["totalSize"])
    )
