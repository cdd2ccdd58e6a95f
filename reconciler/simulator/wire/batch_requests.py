"""Batch: up to 25 requests in one that know nothing of one another.

Source: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_batch.htm
"""

import re
from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Response

from reconciler.simulator.errors import ApiError
from reconciler.simulator.wire.context import Context, error_response, flag, json_response, parser_error
from reconciler.simulator.wire.subrequest import METHODS, Dispatch, Subrequest

MOST_REQUESTS = 25

_URL = re.compile(r"/?(?:services/data/)?v([1-9][0-9]?\.0)/(.+)", re.DOTALL)
_HALTED = ApiError(412, "BATCH_PROCESSING_HALTED", "Batch processing halted per request")


def batch(context: Context, dispatch: Dispatch) -> Response:
    """`POST /composite/batch`."""
    body = context.json_object()
    given = body.get("batchRequests")
    if not isinstance(given, list) or not given:
        raise parser_error("batchRequests: a list of requests is required")
    if len(given) > MOST_REQUESTS:
        raise ApiError(400, "LIMIT_EXCEEDED", f"a batch takes {MOST_REQUESTS} requests at most")
    requests = [_subrequest(item) for item in given]
    halts = flag(body, "haltOnError")
    results: list[Mapping[str, Any]] = []
    has_errors = False
    for request in requests:
        is_halted = has_errors and halts
        response = error_response(_HALTED) if is_halted else request.answer(context, dispatch)
        results.append({"statusCode": response.status_code, "result": response.get_json(silent=True)})
        has_errors = has_errors or response.status_code >= 400
    return json_response({"hasErrors": has_errors, "results": results})


def _subrequest(given: Any) -> Subrequest:
    known = given if isinstance(given, Mapping) else {}
    method, url = known.get("method"), known.get("url")
    if method not in METHODS or not isinstance(url, str):
        raise parser_error("each request needs a method and a url")
    match = _URL.fullmatch(url)
    if match is None:
        raise ApiError(400, "INVALID_INPUT", "the url of a request must begin with vNN.0/")
    return Subrequest(str(method), match[1], match[2], known.get("richInput"))
