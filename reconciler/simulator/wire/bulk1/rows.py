"""Rows in and out of batches: CSV, JSON, XML.

Source: https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/datafiles.htm
"""

import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from reconciler.simulator.dml import RowResult
from reconciler.simulator.errors import RowError
from reconciler.simulator.schema import SObject
from reconciler.simulator.wire.csv_text import csv_text, parse_csv
from reconciler.simulator.wire.ingest import error_text, record_of, unknown_column
from reconciler.simulator.wire.markup import BadMarkup, Element, leaf, parsed, tag

NAMESPACE = "http://www.force.com/2009/06/asyncapi/dataload"
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"

Rows: TypeAlias = Sequence[Mapping[str, object]]


class BadRows(Exception):
    """A batch that can't be read; the text is its state message."""


def read_rows(content: bytes, content_type: str, sobject: SObject) -> Rows:
    """The rows of a batch; raises BadRows."""
    try:
        return _READERS[content_type](content.decode("utf-8-sig"), sobject)
    except (UnicodeDecodeError, csv.Error, ValueError, RecursionError, BadMarkup) as error:
        raise BadRows(f"InvalidBatch : Failed to parse: {error}") from None


def _read_csv(text: str, sobject: SObject) -> Rows:
    header, rows = parse_csv(text, ",")
    if not header:
        raise BadRows("InvalidBatch : Field name not found : the file is empty")
    unknown = unknown_column(sobject, header)
    if unknown is not None:
        raise BadRows(f"InvalidBatch : Field name not found : {unknown}")
    if any(len(row) != len(header) for row in rows):
        raise BadRows("InvalidBatch : The number of columns in a row differs from the header")
    return [record_of(header, row) for row in rows]


def _read_json(text: str, _: SObject) -> Rows:
    rows = json.loads(text)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadRows("InvalidBatch : Failed to parse: a list of records is required")
    return rows


def _read_xml(text: str, _: SObject) -> Rows:
    root = parsed(text.encode())
    if root.name != "sObjects":
        raise BadRows("InvalidBatch : Failed to parse: sObjects are required")
    return [_xml_row(element) for element in root.all("sObject")]


def _xml_row(element: Element) -> Mapping[str, object]:
    return {child.name: _xml_value(child) for child in element.children if child.name != "type"}


def _xml_value(element: Element) -> object:
    """A nil element empties its field; one with an sObject inside names a parent by an external id."""
    if element.is_nil:
        return None
    inner = element.child("sObject") or element
    named = {child.name: child.text for child in inner.children if child.name != "type"}
    return named or element.text


_READERS: Mapping[str, Callable[[str, SObject], Rows]] = {"CSV": _read_csv, "JSON": _read_json, "XML": _read_xml}


def written_results(results: Sequence[RowResult], content_type: str) -> str:
    """What became of each row, in the order of the batch."""
    return _WRITERS[content_type](results)


def _csv_results(results: Sequence[RowResult]) -> str:
    rows = [
        [
            result.id or "",
            str(result.success).lower(),
            str(bool(result.created)).lower(),
            error_text(result.errors),
        ]
        for result in results
    ]
    return csv_text(["Id", "Success", "Created", "Error"], rows)


def _json_results(results: Sequence[RowResult]) -> str:
    return json.dumps(
        [
            {
                "success": result.success,
                "created": bool(result.created),
                "id": result.id,
                "errors": [_json_error(error) for error in result.errors],
            }
            for result in results
        ]
    )


def _json_error(error: RowError) -> Mapping[str, object]:
    return {
        "message": error.message,
        "fields": list(error.fields),
        "statusCode": error.code,
        "extendedErrorDetails": None,
    }


def _xml_results(results: Sequence[RowResult]) -> str:
    return document("results", "".join(map(_xml_result, results)))


def _xml_result(result: RowResult) -> str:
    errors = "".join(
        tag(
            "errors",
            "".join(leaf("fields", name) for name in error.fields)
            + leaf("message", error.message)
            + leaf("statusCode", error.code),
        )
        for error in result.errors
    )
    own = leaf("id", result.id) if result.id else ""
    return tag("result", errors + own + leaf("success", result.success) + leaf("created", bool(result.created)))


_WRITERS: Mapping[str, Callable[[Sequence[RowResult]], str]] = {
    "CSV": _csv_results,
    "JSON": _json_results,
    "XML": _xml_results,
}


def document(name: str, content: str) -> str:
    """An XML document of the API."""
    return '<?xml version="1.0" encoding="UTF-8"?>' + tag(name, content, xmlns=NAMESPACE, xmlns_xsi=_INSTANCE)


def written_records(records: Iterable[Mapping[str, Any]], content_type: str) -> str:
    """The answer to a query, as JSON or XML."""
    if content_type == "JSON":
        return json.dumps(list(records))
    return document("queryResult", "".join(_xml_record("records", record) for record in records))


def _xml_record(name: str, record: Mapping[str, Any]) -> str:
    content = leaf("type", record["attributes"]["type"])
    for key, value in record.items():
        if isinstance(value, Mapping):
            content += _xml_record(key, value) if key != "attributes" else ""
        else:
            content += leaf(key, value)
    return tag(name, content, xsi_type="sObject")
