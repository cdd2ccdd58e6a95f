"""Which handler answers which resource of a version of the data API."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Response

from reconciler.simulator.wire import changes, composite, composite_requests, jobs, passwords, query, records, tooling
from reconciler.simulator.wire.batch_requests import batch
from reconciler.simulator.wire.context import Context, Handler, json_response
from reconciler.simulator.wire.subrequest import Dispatch
from reconciler.simulator.wire.tree_requests import tree


def _nested(answer: Callable[[Context, Dispatch], Response]) -> Handler:
    """A handler of requests that hold others, which come here again."""
    return lambda context: answer(context, dispatch)


_KIND = "jobs/<any(ingest,query):kind>"

ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "query", query.query),
    ("GET", "queryall", query.query_all),
    ("GET", "query/<locator>", query.more),
    ("GET", "queryall/<locator>", query.more),
    ("GET", "sobjects", records.objects),
    ("GET", "sobjects/<name>", records.about),
    ("POST", "sobjects/<name>", records.create),
    ("GET", "sobjects/<name>/describe", records.describe),
    ("GET", "sobjects/<name>/deleted", changes.deleted),
    ("GET", "sobjects/<name>/updated", changes.updated),
    ("GET", "sobjects/<name>/<record_id>", records.read),
    ("PATCH", "sobjects/<name>/<record_id>", records.update),
    ("DELETE", "sobjects/<name>/<record_id>", records.delete),
    ("GET", "sobjects/User/<record_id>/password", passwords.tell),
    ("POST", "sobjects/User/<record_id>/password", passwords.change),
    ("DELETE", "sobjects/User/<record_id>/password", passwords.reset),
    ("GET", "sobjects/<name>/<key>/<path:value>", records.read_external),
    ("PATCH", "sobjects/<name>/<key>/<path:value>", records.upsert),
    ("DELETE", "sobjects/<name>/<key>/<path:value>", records.delete_external),
    ("POST", "composite", _nested(composite_requests.composite)),
    ("POST", "composite/graph", _nested(composite_requests.graph)),
    ("POST", "composite/batch", _nested(batch)),
    ("POST", "composite/tree/<name>", tree),
    ("POST", "composite/sobjects", composite.create),
    ("PATCH", "composite/sobjects", composite.update),
    ("DELETE", "composite/sobjects", composite.delete),
    ("GET", "composite/sobjects/<name>", composite.read),
    ("POST", "composite/sobjects/<name>", composite.read_many),
    ("PATCH", "composite/sobjects/<name>/<key>", composite.upsert),
    ("GET", "limits", records.limits),
    ("GET", "tooling/query", tooling.tooling_query),
    ("GET", "tooling/executeanonymous", tooling.run_script),
    ("POST", "jobs/ingest", jobs.create_ingest),
    ("POST", "jobs/query", jobs.create_query),
    ("GET", _KIND, jobs.listed),
    ("GET", f"{_KIND}/<job_id>", jobs.read),
    ("PATCH", f"{_KIND}/<job_id>", jobs.change),
    ("DELETE", f"{_KIND}/<job_id>", jobs.delete),
    ("PUT", "jobs/ingest/<job_id>/batches", jobs.upload),
    ("GET", "jobs/ingest/<job_id>/<name>", jobs.ingest_file),
    ("GET", "jobs/query/<job_id>/results", jobs.query_file),
)

_SPELLED = {"queryall": "queryAll"}

# Slashes are never merged: the value of an external id may hold two.
_MAP = Map(
    [Rule(f"/{path}", methods=[method], endpoint=handler) for method, path, handler in ROUTES], merge_slashes=False
)


def dispatch(context: Context, path: str) -> Response:
    """Answer a request for what stands behind the version in its path; raises werkzeug's HTTPException for no route."""
    if not path:
        return json_response(_resources(context))
    endpoint, arguments = _MAP.bind("simulated-org").match(f"/{_lowered(path)}", method=context.request.method)
    handler: Handler = endpoint
    return handler(context, **arguments)


def _lowered(path: str) -> str:
    """The path with its fixed words in lower case; ids and the values of external ids keep theirs."""
    head, *rest = path.split("/")
    if head.lower() in {"composite", "jobs", "tooling"}:
        rest[:1] = [part.lower() for part in rest[:1]]
    elif head.lower() == "sobjects":
        rest = _objects_path(rest)
    return "/".join([head.lower(), *rest])


def _objects_path(parts: Sequence[str]) -> list[str]:
    match [part.lower() for part in parts]:
        case [_, "describe" | "deleted" | "updated" as word]:
            return [parts[0], word]
        case ["user", _, "password"]:
            return ["User", parts[1], "password"]
        case _:
            return list(parts)


def _resources(context: Context) -> Mapping[str, Any]:
    base = f"/services/data/v{context.version}"
    names = dict.fromkeys(_SPELLED.get(first, first) for first in (path.split("/")[0] for _, path, _ in ROUTES))
    host = context.request.host_url.rstrip("/")
    return {
        **{name: f"{base}/{name}" for name in names},
        "identity": f"{host}/id/{context.org.id}/{context.user_id}",
    }
