"""`/__simulator__/faults`: what is armed and what was met; faults are armed and disarmed while the org is served.

It asks for no token, because it tells nothing of the org; a web page of another site that has its own name lead to this
machine is kept out by the names in `Host` and `Origin`.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from werkzeug.wrappers import Request, Response

from reconciler.simulator.errors import ApiError
from reconciler.simulator.faults import Faults, Moment
from reconciler.simulator.org import Org
from reconciler.simulator.wire.context import error_response, json_response, parser_error
from reconciler.simulator.wire.stale_licenses import remember_licenses

FAULT_PAGE = "/__simulator__/faults"

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_METHODS = ("GET", "HEAD", "POST", "DELETE")


def fault_page(org: Org, faults: Faults, request: Request) -> Response:
    """GET tells, POST `{"spec": "..."}` arms more, DELETE disarms all; each answers what is armed then."""
    try:
        check_neighbour(request, _METHODS)
        if request.method == "POST":
            if Moment.LICENSES in faults.arm(_spec(request)):
                remember_licenses(org, faults)
        elif request.method == "DELETE":
            faults.disarm()
    except ApiError as error:
        return error_response(error)
    except ValueError as error:
        return error_response(ApiError(400, "INVALID_INPUT", str(error)))
    return json_response(faults.shown())


def check_neighbour(request: Request, methods: Sequence[str]) -> None:
    """Raises ApiError for a request of another site, or of a method that there is not."""
    named = [f"//{request.headers.get('Host', '')}", *request.headers.get_all("Origin")]
    if not all(_is_loopback(url) for url in named):
        raise ApiError(403, "FORBIDDEN", "this is shown and set from this machine alone")
    if request.method not in methods:
        raise ApiError(405, "METHOD_NOT_ALLOWED", f"Allowed are {','.join(methods)}")


def _is_loopback(url: str) -> bool:
    try:
        return urlsplit(url).hostname in _LOOPBACK
    except ValueError:
        return False


def _spec(request: Request) -> str:
    body: Mapping[str, Any] | object = json.loads(request.get_data() or b"null")
    spec = body.get("spec") if isinstance(body, Mapping) else None
    if not isinstance(spec, str):
        raise parser_error('a JSON object with the text "spec" was expected')
    return spec
