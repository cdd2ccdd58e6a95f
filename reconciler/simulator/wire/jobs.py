"""Bulk API 2.0: ingest and query jobs, their states and their CSV files.

Source: https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/bulk_api_2_0.htm
"""

import csv
import json
import time
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

from werkzeug.wrappers import Response

from reconciler.simulator.dml import Call, Operation, RowResult, execute
from reconciler.simulator.errors import ApiError, RowError
from reconciler.simulator.ids import new_id
from reconciler.simulator.soql import run_query
from reconciler.simulator.wire.context import Context, json_response
from reconciler.simulator.wire.csv_file import csv_text, flat

_CHUNK = 200
_NULL = "#N/A"
_OPERATIONS = {
    "insert": Operation.INSERT,
    "update": Operation.UPDATE,
    "upsert": Operation.UPSERT,
    "delete": Operation.DELETE,
}
_DELIMITERS = {"COMMA": ",", "SEMICOLON": ";", "PIPE": "|", "TAB": "\t", "CARET": "^", "BACKQUOTE": "`"}
_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
_FINISHED = frozenset({"JobComplete", "Failed", "Aborted"})
_LOCKED = RowError("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")

Job = dict[str, Any]


def create(context: Context, kind: str) -> Response:
    """`POST /jobs/ingest` or `/jobs/query`."""
    body = context.json_object()
    job = _new_job(context, kind, body)
    if kind == "query":
        result = run_query(
            context.org,
            str(body.get("query")),
            all_rows=body["operation"] == "queryAll",
            version=float(context.version),
        )
        if any(column.is_aggregate for column in result.columns) or result.is_count:
            raise ApiError(400, "FEATURENOTENABLED", "aggregate queries are not supported by Bulk API 2.0")
        _keep(context, job, "results", json.dumps(list(flat(result))))
        job |= {
            "state": "UploadComplete",
            "rows": len(result.records),
            "ready_at": time.time() + context.job_delay_ms / 1000,
        }
    _save(context, job)
    return json_response(_shown(job))


def upload(context: Context, job_id: str) -> Response:
    """`PUT /jobs/ingest/{id}/batches`: the rows, once."""
    job = _load(context, job_id, "ingest")
    if job["state"] != "Open" or job.get("has_data"):
        raise ApiError(400, "INVALIDJOBSTATE", f"job is not open for data: {job['state']}")
    _keep(context, job, "data", context.request.get_data().decode("utf-8", "replace"))
    job["has_data"] = True
    _save(context, job)
    return Response(status=201)


def change(context: Context, kind: str, job_id: str) -> Response:
    """`PATCH`: close the job, or abort it."""
    job = _load(context, job_id, kind)
    state = context.json_object().get("state")
    if state == "Aborted" and job["state"] not in _FINISHED:
        job["state"] = "Aborted"
    elif state == "UploadComplete" and kind == "ingest" and job["state"] == "Open":
        job |= {"state": "UploadComplete", "ready_at": time.time() + context.job_delay_ms / 1000}
        _process(context, job)
    else:
        raise ApiError(400, "INVALIDJOBSTATE", f"can't go from {job['state']} to {state}")
    _save(context, job)
    return json_response(_shown(job))


def read(context: Context, kind: str, job_id: str) -> Response:
    """`GET`: the job and its counters."""
    job = _load(context, job_id, kind)
    if job["state"] == "UploadComplete":
        is_ready = time.time() >= float(job["ready_at"])
        job["state"] = str(job.get("outcome") or "JobComplete") if is_ready else "InProgress"
        if is_ready:
            _save(context, job)
    return json_response(_shown(job))


def delete(context: Context, kind: str, job_id: str) -> Response:
    """`DELETE`: forget a finished job."""
    job = _load(context, job_id, kind)
    if job["state"] not in _FINISHED:
        raise ApiError(400, "INVALIDJOBSTATE", f"a job in state {job['state']} can't be deleted")
    context.org.store.meta_set(f"job {job['id']}", "")
    return Response(status=204)


def listed(context: Context, kind: str) -> Response:
    """`GET /jobs/ingest`: all jobs."""
    rows = context.org.store.select("SELECT value FROM _meta WHERE key LIKE 'job 750%' AND value != '' ORDER BY key")
    jobs = [json.loads(found["value"]) for found in rows]
    return json_response(
        {"done": True, "nextRecordsUrl": None, "records": [_shown(j) for j in jobs if j["kind"] == kind]}
    )


def ingest_file(context: Context, job_id: str, name: str) -> Response:
    """`successfulResults`, `failedResults` or `unprocessedrecords`, whatever the case of the name."""
    job = _load(context, job_id, "ingest")
    key = {"successfulresults": "successful", "failedresults": "failed", "unprocessedrecords": "unprocessed"}.get(
        name.lower()
    )
    if key is None:
        raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
    return Response(_kept(context, job, key) or "", 200, content_type="text/csv")


def query_file(context: Context, job_id: str) -> Response:
    """A page of a query job's rows; the header line stands on every page, the last locator is the text `null`."""
    job = _load(context, job_id, "query")
    if job["state"] != "JobComplete":
        raise ApiError(400, "INVALIDJOBSTATE", f"the job is {job['state']}")
    header, *rows = json.loads(_kept(context, job, "results") or "[[]]")
    start = int(context.request.args.get("locator") or 0)
    size = int(context.request.args.get("maxRecords") or 50_000)
    page = rows[start : start + size]
    text = csv_text(header, page, _DELIMITERS[job["columnDelimiter"]], _ENDINGS[job["lineEnding"]], csv.QUOTE_ALL)
    response = Response(text, 200, content_type="text/csv")
    response.headers["Sforce-NumberOfRecords"] = str(len(page))
    response.headers["Sforce-Locator"] = str(start + size) if start + size < len(rows) else "null"
    return response


def _new_job(context: Context, kind: str, body: Mapping[str, Any]) -> Job:
    known = {"query", "queryAll"} if kind == "query" else set(_OPERATIONS) | {"hardDelete"}
    if body.get("operation") not in known:
        raise ApiError(400, "INVALIDJOB", f"invalid operation {body.get('operation')}")
    sobject = context.org.schema.object(str(body.get("object"))) if kind == "ingest" else None
    if kind == "ingest" and sobject is None:
        raise ApiError(400, "INVALIDJOB", f"Unable to find object: {body.get('object')}")
    delimiter, ending = str(body.get("columnDelimiter") or "COMMA"), str(body.get("lineEnding") or "LF")
    if delimiter not in _DELIMITERS or ending not in _ENDINGS:
        raise ApiError(400, "INVALIDJOB", "invalid columnDelimiter or lineEnding")
    number = int(context.org.store.meta_get("next job") or 1)
    context.org.store.meta_set("next job", str(number + 1))
    return {
        "id": new_id("750", number),
        "kind": kind,
        "operation": body["operation"],
        "object": sobject.name if sobject else None,
        "externalIdFieldName": body.get("externalIdFieldName"),
        "createdById": context.user_id,
        "createdDate": context.org.now(),
        "state": "Open",
        "apiVersion": float(context.version),
        "lineEnding": ending,
        "columnDelimiter": delimiter,
        "rows": 0,
        "failed": 0,
    }


def _shown(job: Job) -> Mapping[str, Any]:
    hidden = {"kind", "rows", "failed", "has_data", "ready_at", "outcome"}
    is_ingest = job["kind"] == "ingest"
    answer = {key: value for key, value in job.items() if key not in hidden and value is not None}
    answer |= {
        "systemModstamp": job["createdDate"],
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "jobType": "V2Ingest" if is_ingest else "V2Query",
        "numberRecordsProcessed": job["rows"] if job["state"] in _FINISHED else 0,
        "retries": 0,
        "totalProcessingTime": 1,
    }
    if is_ingest:
        answer |= {
            "contentUrl": f"services/data/v{job['apiVersion']:.1f}/jobs/ingest/{job['id']}/batches",
            "numberRecordsFailed": job["failed"] if job["state"] in _FINISHED else 0,
            "apiActiveProcessingTime": 1,
            "apexProcessingTime": 0,
        }
    return answer


def _process(context: Context, job: Job) -> None:
    """Run all rows, in chunks as triggers see them."""
    text = _kept(context, job, "data") or ""
    delimiter = _DELIMITERS[job["columnDelimiter"]]
    header, *rows = [row for row in csv.reader(StringIO(text, newline=""), delimiter=delimiter) if row] or [[]]
    problem = _problem(context, job, header, rows, text)
    if problem is not None:
        job |= {"outcome": "Failed", "errorMessage": problem}
        _keep(context, job, "unprocessed", csv_text(header, rows, delimiter))
        return
    done: list[list[str]] = []
    failed: list[list[str]] = []
    for start in range(0, len(rows), _CHUNK):
        chunk = rows[start : start + _CHUNK]
        for row, result in zip(chunk, _run(context, job, header, chunk), strict=True):
            if result.success:
                done.append([str(result.id), str(bool(result.created)).lower(), *row])
            else:
                failed.append([_id_in(header, row), _error_text(result.errors[0]), *row])
    _keep(context, job, "successful", csv_text(["sf__Id", "sf__Created", *header], done, delimiter))
    _keep(context, job, "failed", csv_text(["sf__Id", "sf__Error", *header], failed, delimiter))
    _keep(context, job, "unprocessed", csv_text(header, [], delimiter))
    job |= {"rows": len(rows), "failed": len(failed)}


def _problem(context: Context, job: Job, header: Sequence[str], rows: Sequence[Sequence[str]], text: str) -> str | None:
    """Why the whole job fails."""
    sobject = context.org.schema.object(str(job["object"]))
    if not header:
        return "InvalidBatch : Field name not found : the file is empty"
    if job["lineEnding"] == "LF" and "\r\n" in text.partition("\n")[0] + "\n":
        return "LineEnding is invalid on user data. Current LineEnding setting is LF"
    for name in header:
        relation = name.partition(".")[0] if "." in name else None
        if sobject and not (sobject.relationship(relation) if relation else sobject.field(name)):
            return f"InvalidBatch : Field name not found : {name}"
    if any(len(row) != len(header) for row in rows):
        return "InvalidBatch : The number of columns in a row differs from the header"
    return None


def _run(context: Context, job: Job, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Sequence[RowResult]:
    if context.is_row_locked:
        return [RowResult(None, success=False, errors=(_LOCKED,))] * len(rows)
    operation = _OPERATIONS.get(str(job["operation"]), Operation.DELETE)
    records = [_record(header, row) for row in rows]
    call = Call(operation, str(job["object"]), records, external_id_field=job["externalIdFieldName"])
    created = operation is Operation.INSERT
    results = execute(context.org, context.user_id, call)
    return [RowResult(r.id, r.success, r.created if r.created is not None else created, r.errors) for r in results]


def _record(header: Sequence[str], row: Sequence[str]) -> Mapping[str, object]:
    """An empty cell leaves its field alone, `#N/A` empties it."""
    return {name: None if cell == _NULL else cell for name, cell in zip(header, row, strict=True) if cell != ""}


def _id_in(header: Sequence[str], row: Sequence[str]) -> str:
    return next((cell for name, cell in zip(header, row, strict=True) if name.lower() == "id"), "")


def _error_text(error: RowError) -> str:
    return f"{error.code}:{error.message}:{' '.join(error.fields)} --"


def _load(context: Context, job_id: str, kind: str) -> Job:
    kept = context.org.store.meta_get(f"job {job_id}") or context.org.store.meta_get(f"job {job_id[:15]}")
    job: Job = json.loads(kept) if kept else {}
    if job.get("kind") != kind:
        raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
    return job


def _save(context: Context, job: Job) -> None:
    context.org.store.meta_set(f"job {job['id']}", json.dumps(job))


def _keep(context: Context, job: Job, name: str, content: str) -> None:
    context.org.store.meta_set(f"file {job['id']} {name}", content)


def _kept(context: Context, job: Job, name: str) -> str | None:
    return context.org.store.meta_get(f"file {job['id']} {name}")
