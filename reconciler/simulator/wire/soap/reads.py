"""query, queryAll, queryMore, retrieve, and the describes.

Source: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_query.htm and its sisters
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from reconciler.simulator import messages
from reconciler.simulator.describe import describe_global, describe_object
from reconciler.simulator.errors import ApiError
from reconciler.simulator.ids import to_18
from reconciler.simulator.schema import SObject
from reconciler.simulator.wire.markup import leaf, tag
from reconciler.simulator.wire.query import LARGEST_PAGE, SMALLEST_PAGE, first_page, next_page
from reconciler.simulator.wire.records import shown
from reconciler.simulator.wire.soap.call import Answer, Reply, SoapCall, unexpected
from reconciler.simulator.wire.soap.sobjects import result_markup, sobject_markup

LARGEST = 2_000
"""Ids of one retrieve.

Source: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_retrieve.htm
"""

_DEFAULT_PAGE = 500
"""Records of a page unless QueryOptions say otherwise.

Source: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_header_queryoptions.htm
"""

_REST_ONLY = frozenset({"urls", "objects", "sobjectDescribeOption"})
_SOAP_ONLY: dict[str, Any] = {
    "idEnabled": False,
    **dict.fromkeys(
        ("defaultImplementation", "implementedBy", "implementsInterfaces", "urlDetail", "urlEdit", "urlNew")
    ),
}
"""Members of an object that REST does not tell."""

_NIL = frozenset({*_SOAP_ONLY, "keyPrefix", "networkScopeFieldName", "recordTypeId"})
"""Members that the WSDL wants even where they are null; others are left out."""


def _query(*, all_rows: bool) -> Answer:
    def answer(call: SoapCall) -> Reply:
        size = call.option("QueryOptions", "batchSize")
        asked = int(size) if size.isascii() and size.isdigit() and len(size) < 9 else _DEFAULT_PAGE
        size_in_bounds = min(max(asked, SMALLEST_PAGE), LARGEST_PAGE)
        page = first_page(call.context, call.body.value("queryString"), size_in_bounds, all_rows=all_rows)
        return _result(call, page)

    return answer


def _query_more(call: SoapCall) -> Reply:
    return _result(call, next_page(call.context, call.body.value("queryLocator")))


def _result(call: SoapCall, page: Mapping[str, Any]) -> Reply:
    return Reply(tag("result", result_markup(call.context.org, page, call.dialect), xsi_type="QueryResult"))


def _retrieve(call: SoapCall) -> Reply:
    sobject = _sobject(call, call.body.value("sObjectType"))
    ids = [element.text.strip() for element in call.body.all("ids")]
    if len(ids) > LARGEST:
        raise unexpected("EXCEEDED_ID_LIMIT", f"retrieve id limit reached: {LARGEST}")
    names = [name.strip() for name in call.body.value("fieldList").split(",")]
    return Reply("".join(_retrieved(call, sobject, record_id, names) for record_id in ids))


def _retrieved(call: SoapCall, sobject: SObject, record_id: str, names: list[str]) -> str:
    record = call.context.org.store.get(sobject.name, to_18(record_id) or "")
    if record is None:
        return leaf("result", None)
    return sobject_markup(call.context.org, "result", shown(call.context, sobject, record, names), call.dialect)


def _describe_global(call: SoapCall) -> Reply:
    every = dict(describe_global(call.context.org, call.context.version))
    every["sobjects"] = [{"idEnabled": False, **item} for item in every["sobjects"]]
    return Reply(tag("result", "".join(_members(every))))


def _describe(argument: str) -> Answer:
    def answer(call: SoapCall) -> Reply:
        objects = [_sobject(call, element.text.strip()) for element in call.body.all(argument)]
        described = (describe_object(sobject, call.context.version) for sobject in objects)
        return Reply(
            "".join(tag("result", "".join(_members({**_SOAP_ONLY, **description}))) for description in described)
        )

    return answer


def _members(about: Mapping[str, Any]) -> Iterator[str]:
    """Members in alphabetical order, as the WSDL has them; a list is repeated."""
    for name in sorted(set(about) - _REST_ONLY):
        value = about[name]
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, Mapping):
                yield tag(name, "".join(_members(item)))
            elif item is not None or name in _NIL:
                yield leaf(name, item)


def _sobject(call: SoapCall, name: str) -> SObject:
    found = call.context.org.schema.object(name)
    if found is None:
        raise ApiError(500, "INVALID_TYPE", messages.NO_SUCH_OBJECT.format(sobject=name))
    return found


READS: Mapping[str, Callable[[SoapCall], Reply]] = {
    "query": _query(all_rows=False),
    "queryAll": _query(all_rows=True),
    "queryMore": _query_more,
    "retrieve": _retrieve,
    "describeGlobal": _describe_global,
    "describeSObject": _describe("sObjectType"),
    "describeSObjects": _describe("sObjectType"),
}
"""Calls that read."""
