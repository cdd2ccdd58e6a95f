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


CURSOR_SECONDS = 2 * 24 * 60 * 60
"""A cursor lives for two days.

Source: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_query_more_results.htm
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
    return _page(context, result.records)


def query_all(context: Context) -> Response:
    """The first page of a query that sees the recycle bin too."""
    return query(context, all_rows=True)


def more(context: Context, locator: str) -> Response:
    """A further page; the locator is `<cursor>-<first row>`."""
    kept = context.org.store.meta_get(f"cursor {locator}") if _is_alive(context, locator) else None
    if not kept:
        raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    return Response(kept, 200, content_type="application/json;charset=UTF-8")


def _page(context: Context, records: Sequence[Mapping[str, Any]]) -> Response:
    """The first page; the others are kept under their locators, so that they survive a restart."""
    size, total = _page_size(context), len(records)
    cursor = f"{_cursor(context.org.clock().timestamp())}{secrets.randbits(28):07x}"
    pages = [
        json.dumps(_shown(context, cursor, records, start, start + size)) for start in range(0, max(total, 1), size)
    ]
    if len(pages) > 1:
        store = context.org.store
        with store.transaction():
            _forget_old(context)
            for number, page in enumerate(pages[1:], 1):
                store.meta_set(f"cursor {cursor}-{number * size}", page)
    return Response(pages[0], 200, content_type="application/json;charset=UTF-8")


def _shown(
    context: Context, cursor: str, records: Sequence[Mapping[str, Any]], start: int, end: int
) -> Mapping[str, Any]:
    is_done = end >= len(records)
    following = {} if is_done else {"nextRecordsUrl": f"/services/data/v{context.version}/query/{cursor}-{end}"}
    return {"totalSize": len(records), "done": is_done, **following, "records": records[start:end]}


def _cursor(moment: float) -> str:
    """The start of a cursor's id: cursors sort by the second that they were made in."""
    return f"01g{int(moment):08x}"


def _oldest(context: Context) -> str:
    return _cursor(context.org.clock().timestamp() - CURSOR_SECONDS)


def _is_alive(context: Context, locator: str) -> bool:
    return locator >= _oldest(context)


def _forget_old(context: Context) -> None:
    store = context.org.store
    oldest = f"cursor {_oldest(context)}"
    for row in store.select("SELECT key FROM _meta WHERE key > 'cursor ' AND key < ? AND value != ''", [oldest]):
        store.meta_set(row["key"], "")


def _page_size(context: Context) -> int:
    match = re.search(r"batchSize=(\d{1,9})", context.request.headers.get("Sforce-Query-Options", ""))
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
