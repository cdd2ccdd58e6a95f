"""`/query` and `/queryAll`: pages, locators, column metadata."""

import json
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from werkzeug.wrappers import Response

from reconciler.simulator.errors import ApiError
from reconciler.simulator.schema import FieldType
from reconciler.simulator.soql import Column, QueryResult, run_query
from reconciler.simulator.wire.context import Context, json_response

SMALLEST_PAGE, LARGEST_PAGE = 200, 2000
"""`batchSize` of Sforce-Query-Options.

Source: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/headers_queryoptions.htm
"""


def query(context: Context, *, all_rows: bool = False) -> Response:
    """The first page of a query."""
    text = context.request.args.get("q")
    if not text:
        raise ApiError(400, "MALFORMED_QUERY", "A query string has to be specified")
    result = run_query(context.org, text, all_rows=all_rows, version=float(context.version))
    if context.request.args.get("columns") == "true":
        return json_response(_column_metadata(context, result))
    if result.is_count:
        return json_response({"totalSize": result.total_size, "done": True, "records": []})
    return _page(context, result.records, 0, None)


def query_all(context: Context) -> Response:
    """The first page of a query that sees the recycle bin too."""
    return query(context, all_rows=True)


def more(context: Context, locator: str) -> Response:
    """A further page; the locator is `<id>-<first row>`."""
    key, _, start = locator.rpartition("-")
    kept = context.org.store.meta_get(f"cursor {key}") if start.isdigit() else None
    if kept is None:
        raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    return _page(context, json.loads(kept), int(start), key)


def _page(context: Context, records: Sequence[Mapping[str, Any]], start: int, key: str | None) -> Response:
    size = _page_size(context)
    page = records[start : start + size]
    answer: dict[str, Any] = {"totalSize": len(records), "done": start + size >= len(records)}
    if not answer["done"]:
        if key is None:
            key = f"01g{secrets.token_hex(8)}"
            context.org.store.meta_set(f"cursor {key}", json.dumps(records))
        answer["nextRecordsUrl"] = f"/services/data/v{context.version}/query/{key}-{start + size}"
    return json_response({**answer, "records": page})


def _page_size(context: Context) -> int:
    match = re.search(r"batchSize=(\d+)", context.request.headers.get("Sforce-Query-Options", ""))
    return min(max(int(match[1]), SMALLEST_PAGE), LARGEST_PAGE) if match else LARGEST_PAGE


def _column_metadata(context: Context, result: QueryResult) -> Mapping[str, Any]:
    sobject = context.org.schema.object(result.entity)
    return {
        "columnMetadata": list(_columns([(column.path, column) for column in result.columns])),
        "entityName": result.entity,
        "groupBy": any(column.is_aggregate for column in result.columns),
        "idSelected": any(column.path == ("Id",) for column in result.columns),
        "keyPrefix": sobject.key_prefix if sobject else None,
    }


def _columns(columns: Sequence[tuple[tuple[str, ...], Column]]) -> Iterator[Mapping[str, Any]]:
    """Columns of parents are nested below their relationship's name."""
    nested: dict[str, list[tuple[tuple[str, ...], Column]]] = {}
    for path, column in columns:
        if len(path) > 1:
            nested.setdefault(path[0], []).append((path[1:], column))
    seen: set[str] = set()
    for path, column in columns:
        if len(path) == 1:
            yield _column(column.alias or path[0], column, [])
        elif path[0] not in seen:
            seen.add(path[0])
            yield _column(path[0], None, list(_columns(nested[path[0]])))


def _column(name: str, column: Column | None, joined: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    field = column.field if column else None
    kind = field.type if field else None
    is_number = kind in {FieldType.INT, FieldType.DOUBLE, FieldType.CURRENCY} or bool(column and column.is_aggregate)
    return {
        "aggregate": bool(column and column.is_aggregate),
        "apexType": kind.value.capitalize() if kind else None,
        "booleanType": kind is FieldType.BOOLEAN,
        "columnName": name,
        "custom": bool(field and field.custom),
        "displayName": name,
        "foreignKeyName": None,
        "insertable": bool(field and field.createable),
        "joinColumns": joined,
        "numberType": is_number,
        "textType": kind is not None and not is_number and kind is not FieldType.BOOLEAN,
        "updatable": bool(field and field.updateable),
    }
