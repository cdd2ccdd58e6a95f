"""Bulk API 2.0: the life of ingest and query jobs.

Source: https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/bulk_api_2_0.htm
"""

import csv
import json
import time
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

from werkzeug.wrappers import Response

from reconciler.simulator.errors import ApiError
from reconciler.simulator.ids import new_id, to_18
from reconciler.simulator.soql import run_as_table
from reconciler.simulator.wire.bulk_query import check_bulk_query
from reconciler.simulator.wire.context import Context, json_response, not_found
from reconciler.simulator.wire.csv_text import DELIMITERS, ENDINGS, csv_lines
from reconciler.simulator.wire.ingest import OPERATIONS, Load, process
from reconciler.simulator.wire.job_weather import job_weather

_FINISHED = frozenset({"JobComplete", "Failed", "Aborted"})
_LARGEST_PAGE = 50_000
_BLOCK = 10_000
"""Rows of a query's answer that are kept together."""

_FILES = {"successfulresults": "successful", "failedresults": "failed", "unprocessedrecords": "unprocessed"}
_ALL_FILES = ("data", *_FILES.values())
_HIDDEN = frozenset(
    {"kind", "rows", "failed", "has_data", "ready_at", "polls_left", "outcome", "problem", "blocks", "header"}
)

Job = dict[str, Any]
"""A job as it is kept: what Salesforce shows of it, and `_HIDDEN`. Its state moves on with time, see `_state`."""


def create_ingest(context: Context) -> Response:
    """`POST /jobs/ingest`."""
    body = context.json_object()
    sobject = context.org.schema.object(str(body.get("object")))
    if sobject is None:
        raise _invalid_job(f"Unable to find object: {body.get('object')}")
    key = body.get("externalIdFieldName")
    if body.get("operation") == "upsert" and not (isinstance(key, str) and sobject.field(key)):
        raise _invalid_job(f"InvalidBatch : Field name not found : {key}")
    job = _new_job(context, "ingest", body, tuple(OPERATIONS))
    job |= {"object": sobject.name, "externalIdFieldName": key}
    _save(context, job)
    return json_response(_shown(job))


def create_query(context: Context) -> Response:
    """`POST /jobs/query`: the query is answered as of now."""
    body = context.json_object()
    job = _new_job(context, "query", body, ("query", "queryAll"))
    text = str(body.get("query") or "")
    check_bulk_query(text)
    all_rows = job["operation"] == "queryAll"
    found = run_as_table(context.org, text, _BLOCK, all_rows=all_rows, version=float(context.version))
    job |= {"object": found.entity, "state": "UploadComplete", "ready_at": 0.0, "blocks": 0}
    job["header"] = [".".join(column.path) for column in found.columns]
    with context.org.store.transaction():
        for rows in found.blocks:
            _keep(context, job, f"results {job['blocks']}", csv_lines(rows, *_dialect(job)))
            job |= {"blocks": job["blocks"] + 1, "rows": job["rows"] + len(rows)}
        job |= {"ready_at": ready_at(context), **job_weather(context.encounter).told}
        _save(context, job)
    return json_response(_shown(job))


def upload(context: Context, job_id: str) -> Response:
    """`PUT /jobs/ingest/{id}/batches`: the rows, once."""
    with context.org.store.transaction():
        job = _load(context, job_id, "ingest")
        if job["state"] != "Open" or job.get("has_data"):
            raise _wrong_state(f"the job takes no data: it is {job['state']}")
        # Latin-1 keeps each byte, so that bytes that are not UTF-8 are found when the job is processed.
        _keep(context, job, "data", context.request.get_data().decode("latin-1"))
        _save(context, {**job, "has_data": True})
    return Response(status=201)


def change(context: Context, kind: str, job_id: str) -> Response:
    """`PATCH`: close an ingest job, which processes it, or abort any job.

    One transaction: a job is processed once, and a process that dies meanwhile leaves it open with nothing written.
    """
    state = context.json_object().get("state")
    with context.org.store.transaction():
        job = _load(context, job_id, kind)
        if state == "Aborted" and job["state"] not in _FINISHED:
            job["state"] = "Aborted"
        elif state == "UploadComplete" and kind == "ingest" and job["state"] == "Open":
            _process(context, job)
        else:
            raise _wrong_state(f"can't go from {job['state']} to {state}")
        _save(context, job)
    return json_response(_shown(job))


def read(context: Context, kind: str, job_id: str) -> Response:
    """`GET`: the job and its counters."""
    with context.org.store.transaction():
        job = _load(context, job_id, kind)
        if job.get("polls_left"):
            _save(context, {**job, "state": "UploadComplete", "polls_left": job["polls_left"] - 1})
    return json_response(_shown(job))


def delete(context: Context, kind: str, job_id: str) -> Response:
    """`DELETE`: forget a finished job and its files."""
    with context.org.store.transaction():
        job = _load(context, job_id, kind)
        if job["state"] not in _FINISHED:
            raise _wrong_state(f"a job in state {job['state']} can't be deleted")
        for name in (*_ALL_FILES, *(f"results {number}" for number in range(job.get("blocks", 0)))):
            if _kept(context, job, name):
                _keep(context, job, name, "")
        context.org.store.meta_set(f"job {job['id']}", "")
    return Response(status=204)


def listed(context: Context, kind: str) -> Response:
    """`GET /jobs/ingest` or `/jobs/query`: all jobs."""
    found = context.org.store.select("SELECT value FROM _meta WHERE key LIKE 'job 750%' AND value != '' ORDER BY key")
    jobs = (json.loads(row["value"]) for row in found)
    records = [_shown({**job, "state": _state(job)}) for job in jobs if job["kind"] == kind]
    return json_response({"done": True, "nextRecordsUrl": None, "records": records})


def ingest_file(context: Context, job_id: str, name: str) -> Response:
    """`successfulResults`, `failedResults` or `unprocessedrecords`, whatever the case of the name."""
    job = _load(context, job_id, "ingest")
    key = _FILES.get(name.lower())
    if key is None:
        raise not_found()
    if job["state"] not in _FINISHED:
        raise _wrong_state(f"the job is {job['state']}")
    return Response(_kept(context, job, key), 200, content_type="text/csv")


def query_file(context: Context, job_id: str) -> Response:
    """A page of a query job's rows; the header line stands on every page, the last locator is the text `null`."""
    job = _load(context, job_id, "query")
    if job["state"] != "JobComplete":
        raise _wrong_state(f"the job is {job['state']}")
    if float(context.version) != job["apiVersion"]:
        message = f"the results are read with the version of the job, {job['apiVersion']}"
        raise ApiError(409, "API_ERROR", message)
    start = min(_number(context, "locator", 0), job["rows"])
    end = min(start + max(1, _number(context, "maxRecords", _LARGEST_PAGE)), job["rows"])
    blocks = range(start // _BLOCK, -(-end // _BLOCK) if end > start else 0)
    parts = [_part_of_block(context, job, number, start, end) for number in blocks]
    response = Response([csv_lines([job["header"]], *_dialect(job)), *parts], 200, content_type="text/csv")
    response.headers["Sforce-NumberOfRecords"] = str(end - start)
    response.headers["Sforce-Locator"] = str(end) if end < job["rows"] else "null"
    return response


def _part_of_block(context: Context, job: Job, number: int, start: int, end: int) -> str:
    """Those lines of a block of rows that belong to the rows from start to end."""
    text = _kept(context, job, f"results {number}")
    first, last = number * _BLOCK, min((number + 1) * _BLOCK, job["rows"])
    if start <= first and last <= end:
        return text
    delimiter, ending = _dialect(job)
    rows = list(csv.reader(StringIO(text, newline=""), delimiter=delimiter))
    return csv_lines(rows[max(0, start - first) : end - first], delimiter, ending)


def _dialect(job: Job) -> tuple[str, str]:
    """The delimiter and the line ending of a job's files."""
    return DELIMITERS[job["columnDelimiter"]], ENDINGS[job["lineEnding"]]


def _number(context: Context, name: str, default: int) -> int:
    text = context.request.args.get(name, str(default))
    if not text.isdecimal() or len(text) > 9:
        raise ApiError(400, "INVALID_QUERY_LOCATOR" if name == "locator" else "INVALID_FIELD", f"{name}: {text[:40]}")
    return int(text)


def _new_job(context: Context, kind: str, body: Mapping[str, Any], operations: Sequence[str]) -> Job:
    if body.get("operation") not in operations:
        raise _invalid_job(f"invalid operation {body.get('operation')}")
    delimiter, ending = str(body.get("columnDelimiter") or "COMMA"), str(body.get("lineEnding") or "LF")
    if delimiter not in DELIMITERS or ending not in ENDINGS:
        raise _invalid_job("invalid columnDelimiter or lineEnding")
    return {
        "id": new_id("750", next_number(context)),
        "kind": kind,
        "operation": body["operation"],
        "createdById": context.user_id,
        "createdDate": context.org.now(),
        "state": "Open",
        "apiVersion": float(context.version),
        "lineEnding": ending,
        "columnDelimiter": delimiter,
        "rows": 0,
        "failed": 0,
    }


def next_number(context: Context) -> int:
    """A number for a new job, batch or result."""
    store = context.org.store
    with store.transaction():
        number = int(store.meta_get("next job") or 1)
        store.meta_set("next job", str(number + 1))
    return number


def _process(context: Context, job: Job) -> None:
    sobject = context.sobject(job["object"])
    content = _kept(context, job, "data").encode("latin-1")
    weather, operation = job_weather(context.encounter), OPERATIONS[job["operation"]]
    load = Load(operation, sobject, job["externalIdFieldName"], *_dialect(job), content, weather.share)
    done = process(context, load)
    for name, text in (("successful", done.successful), ("failed", done.failed), ("unprocessed", done.unprocessed)):
        _keep(context, job, name, text)
    job |= {"state": "UploadComplete", "ready_at": ready_at(context), "rows": done.rows, "failed": done.failures}
    job |= weather.told if done.problem is None else {"outcome": "Failed", "problem": done.problem}


def ready_at(context: Context) -> float:
    """When what is begun now will be done, in seconds of the epoch."""
    return time.time() + context.job_delay_ms / 1000


def _state(job: Job) -> str:
    """A job that was closed is in progress until its time has come."""
    if job["state"] != "UploadComplete":
        return str(job["state"])
    is_ready = time.time() >= job["ready_at"] and not job.get("polls_left")
    return str(job.get("outcome") or "JobComplete") if is_ready else "InProgress"


def _shown(job: Job) -> Mapping[str, Any]:
    is_ingest, is_finished = job["kind"] == "ingest", job["state"] in _FINISHED
    answer = {key: value for key, value in job.items() if key not in _HIDDEN and value is not None}
    answer |= {
        "systemModstamp": job["createdDate"],
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "jobType": "V2Ingest" if is_ingest else "V2Query",
        "numberRecordsProcessed": job["rows"] if is_finished else 0,
        "retries": 0,
        "totalProcessingTime": 1 if is_finished else 0,
    }
    if is_ingest:
        answer |= {
            "contentUrl": f"services/data/v{job['apiVersion']:.1f}/jobs/ingest/{job['id']}/batches",
            "numberRecordsFailed": job["failed"] if is_finished else 0,
            "apiActiveProcessingTime": 1 if is_finished else 0,
            "apexProcessingTime": 0,
        }
    if is_finished and job.get("problem"):
        answer["errorMessage"] = job["problem"]
    return answer


def _invalid_job(message: str) -> ApiError:
    return ApiError(400, "INVALIDJOB", message)


def _wrong_state(message: str) -> ApiError:
    return ApiError(400, "INVALIDJOBSTATE", message)


def _load(context: Context, job_id: str, kind: str) -> Job:
    kept = context.org.store.meta_get(f"job {to_18(job_id) or job_id}")
    job: Job = json.loads(kept) if kept else {}
    if job.get("kind") != kind:
        raise not_found()
    return {**job, "state": _state(job)}


def _save(context: Context, job: Job) -> None:
    context.org.store.meta_set(f"job {job['id']}", json.dumps(job))


def _keep(context: Context, job: Job, name: str, content: str) -> None:
    context.org.store.meta_set(f"file {job['id']} {name}", content)


def _kept(context: Context, job: Job, name: str) -> str:
    return context.org.store.meta_get(f"file {job['id']} {name}") or ""
