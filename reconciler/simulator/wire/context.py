"""What a handler of a request is given, and the answers that it can give."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request, Response

from reconciler.simulator.errors import ApiError, RowError
from reconciler.simulator.org import Org


@dataclass(frozen=True, slots=True)
class Context:
    """One request to a data API: who asks what of which org in which version."""

    org: Org
    request: Request
    version: str
    user_id: str
    is_row_locked: bool = False
    job_delay_ms: int = 0

    def json(self) -> Any:
        """The request's JSON body; raises ApiError JSON_PARSER_ERROR."""
        body = self.request.get_data()
        if not body:
            message = "The HTTP entity body is required, but this request has no entity body."
            raise ApiError(400, "JSON_PARSER_ERROR", message)
        try:
            return json.loads(body)
        except ValueError as error:
            raise ApiError(400, "JSON_PARSER_ERROR", f"Unexpected input: {error}") from None

    def json_object(self) -> Mapping[str, Any]:
        """The request's JSON body, which must be an object."""
        body = self.json()
        if not isinstance(body, dict):
            raise ApiError(400, "JSON_PARSER_ERROR", "Can not deserialize: a JSON object was expected")
        return body


Handler = Callable[..., Response]


def json_response(content: object, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(json.dumps(content), status, content_type="application/json;charset=UTF-8")


def error_response(error: ApiError) -> Response:
    """A top-level error: a list with one object, whose key is `errorCode`."""
    body: dict[str, object] = {"message": error.message, "errorCode": error.code}
    if error.fields:
        body["fields"] = list(error.fields)
    return json_response([body], error.status)


def as_api_error(error: RowError) -> ApiError:
    """A refused record, as a request for that record alone tells it."""
    status = 404 if error.code in {"ENTITY_IS_DELETED", "NOT_FOUND"} else 400
    return ApiError(status, error.code, error.message, error.fields)


def row_error(error: RowError) -> Mapping[str, object]:
    """A refused record among others; its key is `statusCode`."""
    return {"statusCode": error.code, "message": error.message, "fields": list(error.fields)}
