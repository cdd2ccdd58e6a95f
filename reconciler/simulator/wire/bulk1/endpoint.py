"""`/services/async/{version}/job...`: which answers to what, in the format that the client speaks."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from werkzeug.wrappers import Response

from reconciler.simulator.errors import ApiError
from reconciler.simulator.ids import new_id
from reconciler.simulator.soql import run_as_table, run_query
from reconciler.simulator.wire.bulk1.job import Batch, Job, keep_file, kept_file, load, refused, save
from reconciler.simulator.wire.bulk1.rows import BadRows, document, read_rows, written_records, written_results
from reconciler.simulator.wire.bulk_query import check_bulk_query
from reconciler.simulator.wire.context import Context
from reconciler.simulator.wire.csv_text import csv_text
from reconciler.simulator.wire.ingest import OPERATIONS, write_rows
from reconciler.simulator.wire.jobs import next_number, ready_at
from reconciler.simulator.wire.limits import take_request
from reconciler.simulator.wire.markup import BadMarkup, leaf, parsed
from reconciler.simulator.wire.tokens import user_of
from reconciler.simulator.wire.versions import NEWEST, OLDEST

MOST_ROWS = 10_000
"""Records of one batch.

Source: https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/asynch_api_concepts_limits.htm
"""

_BLOCK = 10_000
_PATH = re.compile(r"/services/async/(\d{1,2})\.0/job(?:/(.*))?", re.IGNORECASE)
_TYPES: Mapping[str, str] = {"CSV": "text/csv", "JSON": "application/json", "XML": "application/xml"}
_MODES: Mapping[str, bool] = {"0": False, "1": True, "parallel": False, "serial": True, "": False}


def answer(context: Context) -> Response:
    """Answer one request."""
    try:
        match = _PATH.fullmatch(context.request.path.rstrip("/"))
        if match is None:
            raise refused("InvalidUrl", "Destination URL not reset. The URL returned from login must be set")
        known = _entered(context, match[1])
        with known.org.store.asked_by(known.user_id):
            return _routed(known, [part for part in (match[2] or "").split("/") if part])
    except ApiError as error:
        return refusal(context, error)


def refusal(context: Context, error: ApiError) -> Response:
    """A refused request."""
    code = _CODES.get(error.code, error.code)
    told = {"exceptionCode": code, "exceptionMessage": error.message}
    return _told(context, "error", told, None, status=error.status)


_CODES: Mapping[str, str] = {
    "INVALID_SESSION_ID": "InvalidSessionId",
    "REQUEST_LIMIT_EXCEEDED": "ExceededQuota",
    "FEATURENOTENABLED": "FeatureNotEnabled",
    "MALFORMED_QUERY": "InvalidBatch",
}


def _entered(context: Context, version: str) -> Context:
    """The request as its user's, in its version; raises ApiError."""
    if not OLDEST <= int(version) <= NEWEST:
        raise refused("InvalidVersion", f"Version {version}.0 is not supported")
    bearer = (
        context.request.headers.get("Authorization") or f"Bearer {context.request.headers.get('X-SFDC-Session', '')}"
    )
    try:
        user_id = user_of(context.org, bearer)
    except ApiError:
        raise refused("InvalidSessionId", "Invalid session id") from None
    take_request(context.org)
    return replace(context, version=f"{version}.0", user_id=user_id)


def _routed(context: Context, parts: Sequence[str]) -> Response:
    """By method and by how deep the path goes: job, batch, request or result, result of a query."""
    words = tuple(part.lower() if number in {1, 3} else "" for number, part in enumerate(parts))
    found = _ROUTES.get((context.request.method, words))
    if found is None:
        raise refused("InvalidUrl", f"there is nothing at {context.request.method} {context.request.path}")
    return found(context, *(part for part, word in zip(parts, words, strict=True) if not word))


def _create(context: Context) -> Response:
    given = _body(context)
    sobject = context.org.schema.object(str(given.get("object")))
    operation = next((name for name in (*OPERATIONS, "query", "queryAll") if name == given.get("operation")), None)
    content_type = str(given.get("contentType") or "XML").upper()
    mode = _MODES.get(str(given.get("concurrencyMode", "")).lower())
    if sobject is None:
        raise refused("InvalidJob", f"Unable to find object: {given.get('object')}")
    if operation is None or content_type not in _TYPES or mode is None:
        raise refused("InvalidJob", "Unable to parse Job: operation, contentType or concurrencyMode is not known")
    key = given.get("externalIdFieldName")
    if operation == "upsert" and not (key and sobject.field(str(key))):
        raise refused("InvalidJob", f"External ID was blank or is no field: {key}")
    job = Job(
        _new_id(context, "750"),
        operation,
        sobject.name,
        content_type,
        created=context.org.now(),
        created_by=context.user_id,
        version=float(context.version),
        key=key,
        serial=mode,
    )
    save(context, job)
    return _told(context, "jobInfo", job.told(), job, status=201)


def _new_id(context: Context, prefix: str) -> str:
    return new_id(prefix, next_number(context))


def _body(context: Context) -> Mapping[str, Any]:
    """A jobInfo; raises ApiError InvalidJob."""
    try:
        if "json" in context.request.headers.get("Content-Type", ""):
            given = json.loads(context.request.get_data())
            return given if isinstance(given, Mapping) else {}
        return {child.name: child.text.strip() for child in parsed(context.request.get_data()).children}
    except (ValueError, RecursionError, BadMarkup) as error:
        raise refused("InvalidJob", f"Unable to parse Job: {error}") from None


def _read(context: Context, job_id: str) -> Response:
    job = load(context, job_id)
    return _told(context, "jobInfo", job.told(), job)


def _change(context: Context, job_id: str) -> Response:
    """Close or abort."""
    state = _body(context).get("state")
    with context.org.store.transaction():
        job = load(context, job_id)
        if state not in {"Closed", "Aborted"} or job.state != "Open":
            raise refused("InvalidJobState", f"can't go from {job.state} to {state}")
        job.state = str(state)
        save(context, job)
    return _told(context, "jobInfo", job.told(), job)


def _add(context: Context, job_id: str) -> Response:
    """A batch is processed as soon as it is there, and told when its time has come."""
    content = context.request.get_data()
    with context.org.store.transaction():
        job = load(context, job_id)
        if job.state != "Open":
            raise refused("InvalidJobState", f"Job {job.id} is not open: {job.state}")
        batch = Batch(_new_id(context, "751"), context.org.now(), ready_at(context))
        # A batch may hold any bytes, and text columns none that are no UTF-8.
        keep_file(context, batch.id, "request", content.decode("latin-1"))
        try:
            (_query if job.is_query else _write)(context, job, batch, content)
        except BadRows as bad:
            batch.problem = str(bad)
        job.batches.append(batch)
        save(context, job)
    return _told(context, "batchInfo", job.told_of(batch), job, status=201)


def _write(context: Context, job: Job, batch: Batch, content: bytes) -> None:
    sobject = context.org.schema.objects[job.object.lower()]
    rows = read_rows(content, job.content_type, sobject)
    if len(rows) > MOST_ROWS:
        raise BadRows(f"InvalidBatch : Batch has {len(rows)} records, the maximum is {MOST_ROWS}")
    results = write_rows(context, OPERATIONS[job.operation], sobject, job.key, rows)
    batch.rows, batch.failed = len(results), sum(not result.success for result in results)
    keep_file(context, batch.id, "result", written_results(results, job.content_type))


def _query(context: Context, job: Job, batch: Batch, content: bytes) -> None:
    """The answer to a query, in one file."""
    text = content.decode(errors="replace").strip()
    all_rows, version = job.operation == "queryAll", float(context.version)
    try:
        check_bulk_query(text)
        if job.content_type == "CSV":
            found = run_as_table(context.org, text, _BLOCK, all_rows=all_rows, version=version)
            blocks = list(found.blocks)
            batch.rows = sum(map(len, blocks))
            header = [".".join(column.path) for column in found.columns]
            answered = csv_text(header, chain.from_iterable(blocks))
        else:
            result = run_query(context.org, text, all_rows=all_rows, version=version)
            batch.rows = len(result.records)
            answered = written_records(result.records, job.content_type)
    except ApiError as error:
        raise BadRows(f"InvalidBatch : Failed to process query: {error.code}: {error.message}") from None
    batch.results = [_new_id(context, "752")]
    keep_file(context, batch.id, batch.results[0], answered)


def _batches(context: Context, job_id: str) -> Response:
    job = load(context, job_id)
    told = [job.told_of(batch) for batch in job.batches]
    if _speaks_json(context, job):
        return _json({"batchInfo": told})
    return _xml("batchInfoList", "".join(f"<batchInfo>{_leaves(batch)}</batchInfo>" for batch in told))


def _batch(context: Context, job_id: str, batch_id: str) -> Response:
    job = load(context, job_id)
    return _told(context, "batchInfo", job.told_of(job.batch(batch_id)), job)


def _request(context: Context, job_id: str, batch_id: str) -> Response:
    job = load(context, job_id)
    content = kept_file(context, job.batch(batch_id).id, "request").encode("latin-1")
    return Response(content, 200, content_type=_TYPES[job.content_type])


def _result(context: Context, job_id: str, batch_id: str) -> Response:
    """The results of a batch's rows, or the ids of a query's answers."""
    job = load(context, job_id)
    batch = job.batch(batch_id)
    if batch.state != "Completed":
        raise refused("InvalidBatch", f"Batch not completed: {batch.state}")
    if not job.is_query:
        return Response(kept_file(context, batch.id, "result"), 200, content_type=_TYPES[job.content_type])
    if _speaks_json(context, job):
        return _json(batch.results)
    return _xml("result-list", "".join(leaf("result", result) for result in batch.results))


def _answer(context: Context, job_id: str, batch_id: str, result_id: str) -> Response:
    job = load(context, job_id)
    batch = job.batch(batch_id)
    if result_id not in batch.results or not batch.is_ready:
        raise refused("InvalidBatch", f"Unable to find result for id: {result_id}")
    return Response(kept_file(context, batch.id, result_id), 200, content_type=_TYPES[job.content_type])


def _speaks_json(context: Context, job: Job | None) -> bool:
    """Who sends JSON is answered JSON; where nothing is sent, the job's own type decides."""
    sent = context.request.headers.get("Content-Type", "")
    return "json" in sent or (not sent and job is not None and job.content_type == "JSON")


def _told(context: Context, name: str, about: Mapping[str, Any], job: Job | None, status: int = 200) -> Response:
    if _speaks_json(context, job):
        return _json(about, status)
    return _xml(name, _leaves(about), status)


def _leaves(about: Mapping[str, Any]) -> str:
    return "".join(leaf(name, value) for name, value in about.items() if value is not None)


def _json(content: object, status: int = 200) -> Response:
    return Response(json.dumps(content), status, content_type="application/json;charset=UTF-8")


def _xml(name: str, content: str, status: int = 200) -> Response:
    return Response(document(name, content), status, content_type="application/xml;charset=UTF-8")


_ROUTES: Mapping[tuple[str, tuple[str, ...]], Callable[..., Response]] = {
    ("POST", ()): _create,
    ("GET", ("",)): _read,
    ("POST", ("",)): _change,
    ("POST", ("", "batch")): _add,
    ("GET", ("", "batch")): _batches,
    ("GET", ("", "batch", "")): _batch,
    ("GET", ("", "batch", "", "request")): _request,
    ("GET", ("", "batch", "", "result")): _result,
    ("GET", ("", "batch", "", "result", "")): _answer,
}
"""By method and the fixed words of the path behind `job`."""
