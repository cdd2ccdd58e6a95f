"""The WSGI application: versions, login check, limits, faults, access log."""

import gzip
import io
import re
import time
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Request, Response

from reconciler.simulator.access_log import AccessLog
from reconciler.simulator.errors import ApiError
from reconciler.simulator.faults import Encounter, Faults, Moment, chance
from reconciler.simulator.org import Org
from reconciler.simulator.wire import bulk1, login, soap, weather
from reconciler.simulator.wire.context import Context, error_response, json_response, not_found
from reconciler.simulator.wire.fault_page import FAULT_PAGE, fault_page
from reconciler.simulator.wire.limits import take_request, used_requests
from reconciler.simulator.wire.mail_page import MAIL_PAGE, mail_page
from reconciler.simulator.wire.routes import dispatch
from reconciler.simulator.wire.stale_licenses import remember_licenses
from reconciler.simulator.wire.tokens import user_of
from reconciler.simulator.wire.versions import NEWEST, OLDEST

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LONGEST_URI = 16_384
"""Bytes of a URI, and of URI and headers together.

Source: https://help.salesforce.com/s/articleView?id=000386264
"""

LARGEST_BODY = 150 * 1024 * 1024
"""The largest file of a bulk job, and so the largest body of all.

Source: https://developer.salesforce.com/docs/atlas.en-us.salesforce_app_limits_cheatsheet.meta/salesforce_app_limits_cheatsheet/salesforce_app_limits_platform_bulkapi.htm
"""

_VERSION = re.compile(r"v([1-9][0-9]?)\.0")
_SMALLEST_ZIPPED = 1024
_STANDS_FOR = frozenset({"GET", "PATCH", "PUT", "DELETE"})
_OPEN = {
    "/services/oauth2/token": login.token,
    "/services/oauth2/revoke": login.revoke,
    "/services/oauth2/userinfo": login.userinfo,
}


@dataclass(frozen=True)
class Options:
    """How the application behaves besides being a Salesforce.

    Each answer waits for `latency_ms`, and for up to `latency_spread_ms` more, which the seed of the faults decides.
    """

    latency_ms: int = 0
    job_delay_ms: int = 0
    faults: Faults = field(default_factory=Faults)
    log: AccessLog = field(default_factory=lambda: AccessLog(None))
    latency_spread_ms: int = 0


@dataclass(frozen=True, slots=True)
class _Entrance:
    """An API with a session of its own, which shows refusals in its own way."""

    answer: Callable[[Context], Response]
    refusal: Callable[[Context, ApiError], Response]


_ENTRANCES: Mapping[str, _Entrance] = {
    "/services/soap/": _Entrance(soap.answer, soap.refusal),
    "/services/async/": _Entrance(bulk1.answer, bulk1.refusal),
}


class Application:
    """Answers HTTP requests for one org; safe to be called by many threads at once."""

    def __init__(self, org: Org, options: Options | None = None) -> None:
        self._org = org
        self._options = options or Options()
        if self._options.faults.is_armed(Moment.LICENSES):
            remember_licenses(org, self._options.faults)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        started = time.perf_counter()
        request = _as_meant(Request(environ))
        # Read now: a body left unread would be taken for the next request of a kept connection.
        size = len(request.get_data())
        if request.path == MAIL_PAGE:
            return mail_page(self._org, request)(environ, start_response)
        if request.path == FAULT_PAGE:
            return fault_page(self._org, self._options.faults, request)(environ, start_response)
        encounter = self._options.faults.encounter(request.method, request.path)
        self._wait(encounter)
        noted: dict[str, Any] = {}
        response = self._answer(request, noted, encounter)
        response.headers["X-Simulated-Org"] = "1"
        most = self._org.settings.daily_api_requests
        response.headers["Sforce-Limit-Info"] = f"api-usage={used_requests(self._org)}/{most}"
        _compress(request, response)
        self._options.log.add(
            {
                "at": self._org.now(),
                "method": request.method,
                "path": _loggable(request),
                "status": response.status_code if weather.is_sent(encounter.met) else None,
                "bytes_in": size,
                "bytes_out": response.calculate_content_length() or 0,
                "ms": round((time.perf_counter() - started) * 1000, 1),
                **noted,
                **({"fault": encounter.met.fault.value} if encounter.met else {}),
            }
        )
        return weather.sent(encounter.met, response, environ, start_response)

    def _wait(self, encounter: Encounter) -> None:
        spread = self._options.latency_spread_ms * chance(self._options.faults.seed, encounter.ordinal)
        if self._options.latency_ms + spread:
            time.sleep((self._options.latency_ms + spread) / 1000)

    def _answer(self, request: Request, noted: dict[str, Any], encounter: Encounter) -> Response:
        too_long = _too_long(request)
        if too_long is not None:
            return too_long
        return weather.answered(
            encounter,
            lambda: self._executed(request, noted, encounter),
            lambda error: self._refusal(request, error),
        )

    def _refusal(self, request: Request, error: ApiError) -> Response:
        entrance = _entrance(request)
        return entrance.refusal(Context(self._org, request, "", ""), error) if entrance else error_response(error)

    def _executed(self, request: Request, noted: dict[str, Any], encounter: Encounter) -> Response:
        try:
            return self._route(_unzipped(request), noted, encounter)
        except ApiError as error:
            return error_response(error)
        except MethodNotAllowed as error:
            allowed = ",".join(error.valid_methods or ())
            message = f"HTTP Method '{request.method}' not allowed. Allowed are {allowed}"
            return error_response(ApiError(405, "METHOD_NOT_ALLOWED", message))
        except HTTPException:
            return error_response(not_found())

    def _route(self, request: Request, noted: dict[str, Any], encounter: Encounter) -> Response:
        path = request.path.rstrip("/")
        if path.lower() in _OPEN:
            return _OPEN[path.lower()](self._org, request)
        if path.startswith("/id/"):
            return login.identity(self._org, request)
        if path == "/services/data":
            return json_response([_version(number) for number in range(OLDEST, NEWEST + 1)])
        delay = self._options.job_delay_ms
        entrance = _entrance(request)
        if entrance is not None:
            return entrance.answer(Context(self._org, request, "", "", encounter, delay, noted))
        prefix, _, rest = path.removeprefix("/services/data/").partition("/")
        if prefix == path:
            raise not_found()
        version = _checked_version(prefix)
        user_id = user_of(self._org, request.headers.get("Authorization", ""))
        take_request(self._org)
        with self._org.store.asked_by(user_id):
            return dispatch(Context(self._org, request, version, user_id, encounter, delay, noted), rest)


def _as_meant(request: Request) -> Request:
    """A POST that stands for another method, of a client that knows only a few.

    Source: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/dome_update_fields.htm
    """
    meant = request.args.get("_HttpMethod", "").upper()
    if request.method != "POST" or meant not in _STANDS_FOR or not request.path.startswith("/services/data"):
        return request
    return Request({**request.environ, "REQUEST_METHOD": meant})


def _entrance(request: Request) -> _Entrance | None:
    """The API with a session of its own that is asked."""
    path = request.path.lower()
    return next((entrance for prefix, entrance in _ENTRANCES.items() if path.startswith(prefix)), None)


def _loggable(request: Request) -> str:
    """The path with its query, but for that of logins: a token may stand in it."""
    query_string = request.query_string.decode("latin-1")
    is_data = request.path.startswith("/services/data") and "token=" not in query_string
    return f"{request.path}?{query_string}" if is_data and query_string else request.path


def _unzipped(request: Request) -> Request:
    if request.headers.get("Content-Encoding", "").lower() != "gzip":
        return request
    unzip = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        content = unzip.decompress(request.get_data(), LARGEST_BODY)
    except zlib.error as error:
        raise ApiError(400, "JSON_PARSER_ERROR", f"the body is no gzip: {error}") from None
    if not unzip.eof:
        raise ApiError(413, "EXCEEDED_MAX_SIZE_REQUEST", "the body is too large, or cut short")
    return Request({**request.environ, "wsgi.input": io.BytesIO(content), "CONTENT_LENGTH": str(len(content))})


def _version(number: int) -> Mapping[str, str]:
    """Three releases a year, each named for the season that it comes before: 30.0 was Spring '14."""
    years, season = divmod(number - 30, 3)
    year = 14 + years + (season == 2)
    label = f"{('Spring', 'Summer', 'Winter')[season]} '{year}"
    return {"label": label, "url": f"/services/data/v{number}.0", "version": f"{number}.0"}


def _checked_version(text: str) -> str:
    match = _VERSION.fullmatch(text)
    if match is None or int(match[1]) > NEWEST:
        raise not_found()
    if int(match[1]) < OLDEST:
        message = f"The requested API version {match[1]}.0 is retired or not supported"
        raise ApiError(410, "UNSUPPORTED_API_VERSION", message)
    return f"{match[1]}.0"


def _too_long(request: Request) -> Response | None:
    # Our listener tells the URI as it was sent; without it, or with its path alone, what was decoded must do.
    uri = max(len(str(request.environ.get("REQUEST_URI", ""))), len(request.full_path))
    headers = sum(len(name) + len(value) + 4 for name, value in request.headers.items())
    if uri > LONGEST_URI:
        return Response("<h1>Bad Message 414</h1><pre>reason: URI Too Long</pre>", 414, content_type="text/html")
    if uri + headers > LONGEST_URI:
        body = "<h1>Bad Message 431</h1><pre>reason: Request Header Fields Too Large</pre>"
        return Response(body, 431, content_type="text/html")
    return None


def _compress(request: Request, response: Response) -> None:
    content = response.get_data()
    if request.accept_encodings["gzip"] and len(content) > _SMALLEST_ZIPPED:
        response.set_data(gzip.compress(content, compresslevel=1))
        response.headers["Content-Encoding"] = "gzip"
