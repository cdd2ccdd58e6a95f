"""What a handler of a request is given, and the answers that it can give."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NoReturn

from werkzeug.wrappers import Request, Response

from reconciler.simulator.dml import Call, Transaction
from reconciler.simulator.errors import ApiError, RowError
from reconciler.simulator.faults import Encounter, Faults, refusal
from reconciler.simulator.org import Org
from reconciler.simulator.schema import SObject

_LARGEST_WHOLE = 2**63 - 1
_STATUS: Mapping[str, int] = {"ENTITY_IS_DELETED": 404, "NOT_FOUND": 404, "INSUFFICIENT_ACCESS_OR_READONLY": 403}
"""The status of a request for one record that is refused so, where it is not 400 (F9.7)."""


@dataclass(frozen=True, slots=True)
class Context:
    """One request to a data API: who asks what of which org in which version.

    `encounter` is the fault that the request meets, if any.
    `noted` is what the access log tells of the request besides its line: object, operation and number of rows.
    """

    org: Org
    request: Request
    version: str
    user_id: str
    encounter: Encounter = field(default_factory=lambda: Faults().encounter("", ""))
    job_delay_ms: int = 0
    noted: dict[str, Any] = field(default_factory=dict)
    transaction: Transaction | None = None

    def begin(self) -> Transaction:
        """The transaction that this request is part of, or else one of its own."""
        if self.transaction is not None:
            return self.transaction
        return Transaction(self.org, self.user_id, refuse=partial(refusal, self.encounter))

    def json(self) -> Any:
        """The request's JSON body; raises ApiError JSON_PARSER_ERROR."""
        body = self.request.get_data()
        if not body:
            raise parser_error("The HTTP entity body is required, but this request has no entity body.")
        try:
            text = body.decode()
            content = json.loads(text, parse_int=_whole, parse_float=_decimal, parse_constant=_no_number)
            if "\\u" in text:
                # An escape can spell half of a surrogate pair, which no text can hold.
                json.dumps(content, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            raise parser_error(f"Unexpected input: {error}") from None
        return content

    def json_object(self) -> Mapping[str, Any]:
        """The request's JSON body, which must be an object."""
        body = self.json()
        if not isinstance(body, dict):
            raise parser_error("a JSON object was expected")
        return body

    def sobject(self, name: str) -> SObject:
        """The object of that name in the URI; raises ApiError NOT_FOUND."""
        found = self.org.schema.object(name)
        if found is None:
            raise not_found()
        return found

    def note(self, call: Call) -> None:
        """Tell the access log of a write."""
        self.noted["object"] = ",".join(dict.fromkeys([*filter(None, [self.noted.get("object")]), call.sobject]))
        self.noted["operation"] = call.operation.value
        self.noted["rows"] = self.noted.get("rows", 0) + len(call.rows)


Handler = Callable[..., Response]


def _whole(text: str) -> int:
    number = int(text)
    if abs(number) > _LARGEST_WHOLE:
        _no_number(text)
    return number


def _decimal(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        _no_number(text)
    return number


def _no_number(text: str) -> NoReturn:
    msg = f"numeric value ({text[:40]}) out of range"
    raise ValueError(msg)


def json_response(content: object, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(json.dumps(content), status, content_type="application/json;charset=UTF-8")


def error_response(error: ApiError) -> Response:
    """A top-level error: a list, mostly with one object, whose key is `errorCode`."""
    return json_response([_shown_error(one) for one in (error, *error.also)], error.status)


def _shown_error(error: ApiError) -> Mapping[str, object]:
    fields = {"fields": list(error.fields)} if error.fields else {}
    return {"message": error.message, "errorCode": error.code, **fields}


def parser_error(message: str) -> ApiError:
    """The refusal of a body that is not what its resource takes."""
    return ApiError(400, "JSON_PARSER_ERROR", message)


def not_found(message: str = "The requested resource does not exist") -> ApiError:
    """The refusal of a URI that names nothing."""
    return ApiError(404, "NOT_FOUND", message)


def as_api_error(error: RowError, *also: RowError) -> ApiError:
    """A refused record, as a request for that record alone tells it."""
    status = _STATUS.get(error.code, 400)
    return ApiError(status, error.code, error.message, error.fields, tuple(map(as_api_error, also)))


def row_error(error: RowError) -> Mapping[str, object]:
    """A refused record among others; its key is `statusCode`."""
    return {"statusCode": error.code, "message": error.message, "fields": list(error.fields)}


def flag(body: Mapping[str, Any], name: str) -> bool:
    """A boolean of a body, false when absent; text is refused, because "false" would pass for true."""
    value = body.get(name)
    if not isinstance(value, bool | None):
        raise parser_error(f"{name}: a boolean was expected")
    return bool(value)


def texts(body: Mapping[str, Any], name: str) -> Sequence[str]:
    """A list of texts of a body."""
    value = body.get(name)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise parser_error(f"{name}: a list of texts was expected")
    return value
