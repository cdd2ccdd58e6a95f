"""The WSGI application: routes, login check, limits, faults, access log."""

import gzip
import io
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from reconciler.simulator.access_log import AccessLog
from reconciler.simulator.errors import ApiError
from reconciler.simulator.faults import Fault, Faults
from reconciler.simulator.org import Org
from reconciler.simulator.wire import jobs, login, query, records
from reconciler.simulator.wire.context import Context, Handler, error_response, json_response
from reconciler.simulator.wire.tokens import INVALID_SESSION, user_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

OLDEST, NEWEST = 31, 67
LONGEST_URI = 16_384
"""Bytes of a URI, and of URI and headers together.

Source: https://help.salesforce.com/s/articleView?id=000386264
"""

_ROUTES: Mapping[str, tuple[tuple[str, ...], Handler]] = {
    "query": (("GET",), query.query),
    "queryall": (("GET",), query.query_all),
    "query/<locator>": (("GET",), query.more),
    "queryall/<locator>": (("GET",), query.more),
    "sobjects": (("GET",), records.objects),
    "sobjects/<name>": (("GET", "POST"), records.basic),
    "sobjects/<name>/describe": (("GET",), records.describe),
    "sobjects/<name>/<record_id>": (("GET", "PATCH", "DELETE"), records.row),
    "sobjects/<name>/<key>/<path:value>": (("GET", "PATCH", "DELETE"), records.external),
    "composite/sobjects": (("POST", "PATCH", "DELETE"), records.collections),
    "composite/sobjects/<name>": (("GET", "POST"), records.collection),
    "composite/sobjects/<name>/<key>": (("PATCH",), records.upsert_collection),
    "limits": (("GET",), records.limits),
}
_JOB_ROUTES: Mapping[str, tuple[tuple[str, ...], Handler]] = {
    "jobs/<any(ingest,query):kind>": (("POST",), jobs.create),
    "jobs/<any(ingest,query):kind>/": (("GET",), jobs.listed),
    "jobs/ingest/<job_id>/batches": (("PUT",), jobs.upload),
    "jobs/ingest/<job_id>/<name>": (("GET",), jobs.ingest_file),
    "jobs/query/<job_id>/results": (("GET",), jobs.query_file),
    "jobs/<any(ingest,query):kind>/<job_id>": (("GET",), jobs.read),
}


@dataclass(frozen=True)
class Options:
    """How the application behaves besides being a Salesforce."""

    latency_ms: int = 0
    job_delay_ms: int = 0
    faults: Faults = field(default_factory=Faults)
    log: AccessLog = field(default_factory=lambda: AccessLog(None))


def _rules() -> Iterable[Rule]:
    for path, (methods, handler) in _ROUTES.items():
        yield Rule(f"/{path}", methods=list(methods), endpoint=handler)
    for path, (methods, handler) in _JOB_ROUTES.items():
        yield Rule(f"/{path.rstrip('/')}", methods=list(methods), endpoint=handler)
    kind = "/jobs/<any(ingest,query):kind>/<job_id>"
    yield Rule(kind, methods=["PATCH"], endpoint=jobs.change)
    yield Rule(kind, methods=["DELETE"], endpoint=jobs.delete)


_MAP = Map(list(_rules()), strict_slashes=False, merge_slashes=True)


class Application:
    """Answers HTTP requests for one org; safe to be called by many threads at once."""

    def __init__(self, org: Org, options: Options | None = None) -> None:
        self._org = org
        self._options = options or Options()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        started = time.perf_counter()
        request = Request(environ)
        # Read now: a body left unread would be taken for the next request of a kept connection.
        body = request.get_data()
        if request.headers.get("Content-Encoding") == "gzip":
            request = _unzipped(environ, body)
        if self._options.latency_ms:
            time.sleep(self._options.latency_ms / 1000)
        response = self._answer(request)
        response.headers["X-Simulated-Org"] = "1"
        response.headers["Sforce-Limit-Info"] = f"api-usage={self._used()}/{records.DAILY_REQUESTS}"
        _compress(request, response)
        self._log(request, response, started)
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        too_long = _too_long(request)
        if too_long is not None:
            return too_long
        fault = self._options.faults.next(request.method, request.path)
        refused = _refused(fault)
        if refused is not None:
            return error_response(refused)
        try:
            response = self._route(request, is_row_locked=fault is Fault.ROW_LOCK)
        except ApiError as error:
            response = error_response(error)
        except MethodNotAllowed as error:
            allowed = ",".join(error.valid_methods or ())
            message = f"HTTP Method '{request.method}' not allowed. Allowed are {allowed}"
            response = error_response(ApiError(405, "METHOD_NOT_ALLOWED", message))
        except HTTPException:
            response = error_response(ApiError(404, "NOT_FOUND", "The requested resource does not exist"))
        if fault is Fault.LOST_RESPONSE:
            return error_response(ApiError(503, "SERVER_UNAVAILABLE", "the answer was lost on its way"))
        return response

    def _route(self, request: Request, *, is_row_locked: bool) -> Response:
        path = request.path.rstrip("/")
        parts = path.lstrip("/").split("/")
        if path.lower() in _OPEN:
            return _OPEN[path.lower()](self._org, request)
        if parts[0] == "id" and len(parts) == 3:
            return login.identity(self._org, request)
        if parts[:2] != ["services", "data"]:
            raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
        if len(parts) == 2:
            return json_response([_version(number) for number in range(OLDEST, NEWEST + 1)])
        version = _checked_version(parts[2])
        user_id = user_of(self._org, request.headers.get("Authorization", ""))
        self._org.store.meta_set("requests", str(self._used() + 1))
        context = Context(self._org, request, version, user_id, is_row_locked, self._options.job_delay_ms)
        return _dispatch(context, parts[3:])

    def _used(self) -> int:
        return int(self._org.store.meta_get("requests") or 0)

    def _log(self, request: Request, response: Response, started: float) -> None:
        query_string = request.query_string.decode("latin-1")
        # A token may stand in the query of /id/ and /revoke only.
        is_login = request.path.startswith(("/id/", "/services/oauth2/"))
        self._options.log.add(
            {
                "at": self._org.now(),
                "method": request.method,
                "path": request.path if is_login or not query_string else f"{request.path}?{query_string}",
                "status": response.status_code,
                "bytes_in": request.content_length or 0,
                "bytes_out": response.calculate_content_length() or 0,
                "ms": round((time.perf_counter() - started) * 1000, 1),
            }
        )


def _dispatch(context: Context, parts: list[str]) -> Response:
    if not parts:
        return json_response(_resources(context))
    # Names have no case, but values of external ids do: only the first segments choose the route.
    head = [part.lower() if index < 2 and parts[0].lower() != "sobjects" else part for index, part in enumerate(parts)]
    head[0] = head[0].lower()
    if head[0] == "sobjects" and len(head) == 3 and head[2].lower() == "describe":
        head[2] = "describe"
    path = "/" + "/".join(head)
    adapter = _MAP.bind("simulated-org")
    endpoint, arguments = adapter.match(path, method=context.request.method)
    handler: Handler = endpoint
    return handler(context, **arguments)


def _unzipped(environ: "WSGIEnvironment", body: bytes) -> Request:
    content = gzip.decompress(body)
    return Request({**environ, "wsgi.input": io.BytesIO(content), "CONTENT_LENGTH": str(len(content))})


def _resources(context: Context) -> Mapping[str, Any]:
    base = f"/services/data/v{context.version}"
    names = ("sobjects", "query", "queryAll", "limits", "composite", "jobs")
    host = context.request.host_url.rstrip("/")
    return {
        **{name: f"{base}/{name}" for name in names},
        "identity": f"{host}/id/{context.org.id}/{context.user_id}",
    }


def _version(number: int) -> Mapping[str, str]:
    season = ("Spring", "Summer", "Winter")[(number - 30) % 3]
    year = 14 + (number - 30 + 2) // 3
    return {"label": f"{season} '{year}", "url": f"/services/data/v{number}.0", "version": f"{number}.0"}


def _checked_version(text: str) -> str:
    number = text[1:-2] if text.startswith("v") and text.endswith(".0") else ""
    if not number.isdigit() or int(number) > NEWEST:
        raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
    if int(number) < OLDEST:
        raise ApiError(
            410, "UNSUPPORTED_API_VERSION", f"The requested API version {number}.0 is retired or not supported"
        )
    return f"{number}.0"


def _too_long(request: Request) -> Response | None:
    uri = len(request.full_path)
    headers = sum(len(name) + len(value) + 4 for name, value in request.headers.items())
    if uri > LONGEST_URI:
        return Response("<h1>Bad Message 414</h1><pre>reason: URI Too Long</pre>", 414, content_type="text/html")
    if uri + headers > LONGEST_URI:
        body = "<h1>Bad Message 431</h1><pre>reason: Request Header Fields Too Large</pre>"
        return Response(body, 431, content_type="text/html")
    return None


def _refused(fault: Fault | None) -> ApiError | None:
    """The answers of those faults that keep a request from being executed."""
    if fault is Fault.SESSION_EXPIRED:
        return INVALID_SESSION
    if fault is Fault.CONCURRENT_LIMIT:
        message = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
        return ApiError(403, "REQUEST_LIMIT_EXCEEDED", message)
    if fault is Fault.UNAVAILABLE:
        return ApiError(503, "SERVER_UNAVAILABLE", "the server is busy")
    return None


def _compress(request: Request, response: Response) -> None:
    content = response.get_data()
    if "gzip" in request.headers.get("Accept-Encoding", "") and len(content) > 1024:
        response.set_data(gzip.compress(content, compresslevel=1))
        response.headers["Content-Encoding"] = "gzip"


_OPEN = {
    "/services/oauth2/token": login.token,
    "/services/oauth2/revoke": login.revoke,
    "/services/oauth2/userinfo": login.userinfo,
}
