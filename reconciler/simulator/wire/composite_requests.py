"""Composite: up to 25 requests in one, each of which may use what those before it answered.

Source: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_composite.htm
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any, TypeAlias
from urllib.parse import quote, unquote, urlsplit

from werkzeug.exceptions import HTTPException
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from reconciler.simulator.errors import ApiError
from reconciler.simulator.wire.context import Context, error_response, flag, not_found, parser_error

MOST_REQUESTS = 25
MOST_QUERIES = 5
"""Of the requests, how many may be queries or sObject Collections (F6.4, inferred)."""

_HALTED = ApiError(
    400,
    "PROCESSING_HALTED",
    "The transaction was rolled back since another operation in the same transaction failed.",
)
_URL = re.compile(r"/services/data/v([1-9][0-9]?\.0)/(.+)", re.DOTALL)
_REFERENCE = re.compile(r"@\{([A-Za-z]\w*)((?:\.\w+|\[\d+\])*)\}")
_PART = re.compile(r"\.(\w+)|\[(\d+)\]")
_COUNTED = re.compile(r"(query|queryAll|composite/sobjects)\b", re.IGNORECASE)
_METHODS = frozenset({"GET", "POST", "PATCH", "PUT", "DELETE"})

Dispatch: TypeAlias = Callable[[Context, str], Response]
"""Answers a request for what stands behind the version in its path."""


class _Failed(Exception):
    """Leaves the transaction of a request that is all or none."""


@dataclass(frozen=True, slots=True)
class _Part:
    """One request of a body."""

    method: str
    url: str
    reference: str
    body: Any

    @classmethod
    def of(cls, given: Any) -> "_Part":
        """The request that an object of the body describes."""
        known = given if isinstance(given, Mapping) else {}
        method, url, reference = (known.get(name) for name in ("method", "url", "referenceId"))
        if method not in _METHODS or not isinstance(url, str) or not isinstance(reference, str) or not reference:
            raise parser_error("each subrequest needs a method, a url and a referenceId")
        if _URL.fullmatch(url) is None:
            raise ApiError(400, "INVALID_INPUT", f"the url of {reference} must begin with /services/data/vNN.0/")
        return cls(str(method), url, reference, known.get("body"))


def composite(context: Context, dispatch: Dispatch) -> Response:
    """`POST /composite`."""
    body = context.json_object()
    given = body.get("compositeRequest")
    if not isinstance(given, list) or not given:
        raise parser_error("compositeRequest: a list of requests is required")
    parts = [_Part.of(item) for item in given]
    _check(parts)
    run = _Run(context, dispatch)
    answers = run.together(parts) if flag(body, "allOrNone") else [run.answer(part) for part in parts]
    text = ",".join(answer.text() for answer in answers)
    return Response(f'{{"compositeResponse":[{text}]}}', content_type="application/json;charset=UTF-8")


def _check(parts: Sequence[_Part]) -> None:
    if len(parts) > MOST_REQUESTS:
        raise ApiError(400, "LIMIT_EXCEEDED", f"a composite request takes {MOST_REQUESTS} subrequests at most")
    if sum(_COUNTED.match(part.url.split("/", 4)[4]) is not None for part in parts) > MOST_QUERIES:
        message = f"a composite request takes {MOST_QUERIES} query or sObject Collections subrequests at most"
        raise ApiError(400, "LIMIT_EXCEEDED", message)
    if len({part.reference for part in parts}) < len(parts):
        raise ApiError(400, "INVALID_INPUT", "each referenceId must be another")


@dataclass(frozen=True, slots=True)
class _Answer:
    """What became of one request; its body is put into the whole as it is, for it may be long."""

    reference: str
    status: int
    location: str | None
    body: str

    @classmethod
    def of(cls, reference: str, response: Response) -> "_Answer":
        """The answer that a response is."""
        location = response.headers.get("Location")
        return cls(reference, response.status_code, location, response.get_data(as_text=True) or "null")

    def text(self) -> str:
        """The answer as JSON."""
        headers = json.dumps({"Location": self.location} if self.location else {})
        reference = json.dumps(self.reference)
        return (
            f'{{"body":{self.body},"httpHeaders":{headers},"httpStatusCode":{self.status},"referenceId":{reference}}}'
        )


@dataclass
class _Run:
    context: Context
    dispatch: Dispatch
    answers: dict[str, _Answer] = field(default_factory=dict)

    def together(self, parts: Sequence[_Part]) -> list[_Answer]:
        """All or none: after a failure the others are halted, and nothing is kept."""
        answers: list[_Answer] = []
        try:
            with self.context.org.store.transaction():
                for part in parts:
                    answers.append(self.answer(part))
                    _keep_going(answers[-1])
        except _Failed:
            failed = len(answers) - 1
            halted = error_response(_HALTED)
            return [
                answers[number] if number == failed else _Answer.of(part.reference, halted)
                for number, part in enumerate(parts)
            ]
        return answers

    def answer(self, part: _Part) -> _Answer:
        """What became of one request."""
        try:
            response = self._response(part)
        except ApiError as error:
            response = error_response(error)
        except HTTPException:
            response = error_response(not_found())
        answer = _Answer.of(part.reference, response)
        if answer.status < 300:
            self.answers[part.reference] = answer
        return answer

    def _response(self, part: _Part) -> Response:
        url, body = self._filled(part.url, in_url=True), self._filled_in(part.body)
        _, _, _, version, path = url.split("/", 4)
        parts = urlsplit(url)
        content = b"" if body is None else json.dumps(body).encode()
        environ = EnvironBuilder(
            path=unquote(parts.path), method=part.method, query_string=parts.query, input_stream=BytesIO(content)
        ).get_environ()
        environ |= {"CONTENT_LENGTH": str(len(content)), "CONTENT_TYPE": "application/json"}
        known = replace(self.context, request=Request(environ), version=version.removeprefix("v"))
        return self.dispatch(known, unquote(path.partition("?")[0]))

    def _filled_in(self, value: Any) -> Any:
        """A body with what its references stand for."""
        if isinstance(value, str):
            return self._filled(value, in_url=False)
        if isinstance(value, list):
            return [self._filled_in(item) for item in value]
        return {key: self._filled_in(item) for key, item in value.items()} if isinstance(value, dict) else value

    def _filled(self, text: str, *, in_url: bool) -> str:
        def found(match: re.Match[str]) -> str:
            value = self._found(match)
            return quote(value, safe="") if in_url else value

        return _REFERENCE.sub(found, text)

    def _found(self, match: re.Match[str]) -> str:
        """The text that a reference stands for; whatever hangs on a failed request is halted with it."""
        if match[1] not in self.answers:
            raise _HALTED
        value = json.loads(self.answers[match[1]].body)
        for name, index in _PART.findall(match[2]):
            try:
                value = value[name] if name else value[int(index)]
            except (KeyError, IndexError, TypeError):
                raise ApiError(400, "INVALID_INPUT", f"{match[0]} leads to nothing") from None
        return str(value)


def _keep_going(answer: _Answer) -> None:
    if answer.status >= 300:
        raise _Failed
