"""`/query` and `/queryAll`: pages, locators, column metadata."""

import json
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from werkzeug.wrappers import Response

from reconciler.simulator.errors import ApiError
from reconciler.simulator.schema import FieldType, SObject
from reconciler.simulator.soql import ID_LENGTH, Column, QueryResult, explained, run_first_page, run_for_ids
from reconciler.simulator.wire.context import Context, json_response
from reconciler.simulator.wire.weather import check_query

Page: TypeAlias = Mapping[str, Any]
"""`totalSize`, `done`, `records`, and `nextRecordsUrl` unless it is the last."""

SMALLEST_PAGE, LARGEST_PAGE = 200, 2000
"""`batchSize` of Sforce-Query-Options.

Source: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/headers_queryoptions.htm
"""


_ONE_PAGE = "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch"

_IDS = "#"
"""Begins a kept page of which only the ids are kept."""

CURSOR_SECONDS = 2 * 24 * 60 * 60
"""A cursor lives for two days.

Source: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_query_more_results.htm
"""


def query(context: Context, *, all_rows: bool = False) -> Response:
    """The first page of a query; what its columns are, or how it would be answered, where that is asked for."""
    text = context.request.args.get("q", "")
    if "explain" in context.request.args:
        asked = _given(context.request.args["explain"])
        return json_response(explained(context.org, asked, all_rows=all_rows, version=float(context.version)))
    if context.request.args.get("columns") == "true":
        page = run_first_page(context.org, _given(text), 1, all_rows=all_rows, version=float(context.version))
        return json_response(_column_metadata(context, page.result))
    return json_response(first_page(context, text, _page_size(context), all_rows=all_rows))


def first_page(context: Context, text: str, size: int, *, all_rows: bool) -> Page:
    """A query's first page of that size, as REST shows it; further ones are kept. Raises ApiError."""
    check_query(context.encounter)
    page = run_first_page(context.org, _given(text), size, all_rows=all_rows, version=float(context.version))
    if page.result.is_count:
        return {"totalSize": page.result.total_size, "done": True, "records": []}
    if page.result.is_grouped and page.result.total_size > size:
        # Inferred code.
        raise ApiError(400, "EXCEEDED_ID_LIMIT", _ONE_PAGE)
    if page.ids is None:
        return _whole(context, page.result.records, size)
    total = len(page.ids) // ID_LENGTH
    about = {"q": text, "all": all_rows, "version": context.version, "size": size, "total": total}
    cuts = {start: (start * ID_LENGTH, (start + size) * ID_LENGTH) for start in range(size, total, size)}
    cursor = _keep(context, {start: _IDS + page.ids[first:last] for start, (first, last) in cuts.items()}, about)
    return _shown(cursor, about, page.result.records, 0)


def _given(text: str) -> str:
    if not text:
        raise ApiError(400, "MALFORMED_QUERY", "A query string has to be specified")
    return text


def query_all(context: Context) -> Response:
    """The first page of a query that sees the recycle bin too."""
    return query(context, all_rows=True)


def more(context: Context, locator: str) -> Response:
    """A further page."""
    return json_response(next_page(context, locator))


def next_page(context: Context, locator: str) -> Page:
    """A further page as REST shows it; the locator is `<cursor>-<first row>`. Raises ApiError.

    Its records are as they are by now, without those that were deleted meanwhile (F6.6, inferred).
    """
    kept = context.org.store.meta_get(f"cursor {locator}") if _is_alive(context, locator) else None
    if not kept:
        raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    if not kept.startswith(_IDS):
        page: Page = json.loads(kept)
        return page
    cursor, _, start = locator.rpartition("-")
    about = json.loads(context.org.store.meta_get(f"cursor {cursor}") or "{}")
    text = kept.removeprefix(_IDS)
    ids = [text[at : at + ID_LENGTH] for at in range(0, len(text), ID_LENGTH)]
    records = run_for_ids(context.org, about["q"], ids, all_rows=about["all"], version=float(about["version"]))
    return _shown(cursor, about, records, int(start))


def _whole(context: Context, records: Sequence[Mapping[str, Any]], size: int) -> Page:
    """The first page of an answer that is there whole; its other pages are kept as they are."""
    about = {"version": context.version, "size": size, "total": len(records)}
    first = records[:size]
    starts = range(size, len(records), size)
    if not starts:
        return _shown("", about, first, 0)
    cursor = _new_cursor(context)
    pages = {start: json.dumps(_shown(cursor, about, records[start : start + size], start)) for start in starts}
    _keep(context, pages, about, cursor)
    return _shown(cursor, about, first, 0)


def _keep(context: Context, pages: Mapping[int, str], about: Mapping[str, Any], cursor: str | None = None) -> str:
    """Keep further pages under their locators, so that they survive a restart; the cursor."""
    cursor = cursor or _new_cursor(context)
    store = context.org.store
    with store.transaction():
        _forget_old(context)
        store.meta_set(f"cursor {cursor}", json.dumps(about))
        for start, page in pages.items():
            store.meta_set(f"cursor {cursor}-{start}", page)
    return cursor


def _shown(cursor: str, about: Mapping[str, Any], records: Sequence[Mapping[str, Any]], start: int) -> Page:
    end = start + about["size"]
    is_done = end >= about["total"]
    following = {} if is_done else {"nextRecordsUrl": f"/services/data/v{about['version']}/query/{cursor}-{end}"}
    return {"totalSize": about["total"], "done": is_done, **following, "records": records}


def _new_cursor(context: Context) -> str:
    return f"{_cursor(context.org.clock().timestamp())}{secrets.randbits(28):07x}"


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
    pairs = [(column.path, column) for column in result.columns]
    return {
        "columnMetadata": list(_columns(context, sobject, pairs)),
        "entityName": result.entity,
        "groupBy": result.is_grouped,
        "idSelected": any(column.path == ("Id",) for column in result.columns),
        "keyPrefix": sobject.key_prefix if sobject else None,
    }


def _columns(
    context: Context, sobject: SObject | None, columns: Sequence[tuple[tuple[str, ...], Column]]
) -> Iterator[Mapping[str, Any]]:
    """Columns of parents and of children are nested below their relationship's name."""
    nested: dict[str, list[tuple[tuple[str, ...], Column]]] = {}
    for path, column in columns:
        if len(path) > 1:
            nested.setdefault(path[0], []).append((path[1:], column))
    seen: set[str] = set()
    for path, column in columns:
        if len(path) == 1:
            inner = [(child.path, child) for child in column.children]
            link = sobject.relationship(path[0]) if sobject and inner else None
            about = _column(path[0], column, list(_columns(context, None, inner)))
            yield {**about, "foreignKeyName": link.name if link else None}
        elif path[0] not in seen:
            seen.add(path[0])
            link = sobject.relationship(path[0]) if sobject else None
            parent = context.org.schema.object(link.reference_to[0]) if link else None
            about = _column(path[0], None, list(_columns(context, parent, nested[path[0]])))
            yield {**about, "foreignKeyName": link.name if link else None}


_WORDLESS = frozenset({FieldType.BOOLEAN, FieldType.ID, FieldType.REFERENCE})
_NUMBERS = frozenset({FieldType.INT, FieldType.DOUBLE, FieldType.CURRENCY, FieldType.PERCENT})
_APEX_TYPES: Mapping[FieldType, str] = {
    FieldType.ID: "Id",
    FieldType.REFERENCE: "Id",
    FieldType.BOOLEAN: "Boolean",
    FieldType.INT: "Integer",
    FieldType.DOUBLE: "Double",
    FieldType.CURRENCY: "Double",
    FieldType.PERCENT: "Double",
    FieldType.DATE: "Date",
    FieldType.DATETIME: "Datetime",
    FieldType.ADDRESS: "Address",
}
"""The class of a field's values in Apex; all others are String."""


def _column(name: str, column: Column | None, joined: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    """One column; children count as an aggregate, and no aggregate has an Apex type."""
    field = column.field if column else None
    kind = field.type if field else None
    is_aggregate = column is not None and column.is_aggregate
    is_number = kind in _NUMBERS
    return {
        "aggregate": is_aggregate,
        "apexType": _APEX_TYPES.get(kind, "String") if kind and not is_aggregate else None,
        "booleanType": kind is FieldType.BOOLEAN,
        "columnName": name,
        "custom": bool(field and field.custom),
        "displayName": (column.function if column else None) or name,
        "foreignKeyName": None,
        "insertable": bool(field and field.createable),
        "joinColumns": joined,
        "numberType": is_number,
        "textType": kind is not None and not is_number and kind not in _WORDLESS,
        "updatable": bool(field and field.updateable),
    }
