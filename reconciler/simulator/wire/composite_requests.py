"""Composite and Graph: many requests in one, each of which may use what those before it answered.

Sources: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_composite.htm
https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_graph.htm
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from werkzeug.wrappers import Response

from reconciler.simulator.errors import ApiError
from reconciler.simulator.wire.context import Context, error_response, flag, parser_error
from reconciler.simulator.wire.subrequest import METHODS, Dispatch, Subrequest

MOST_REQUESTS = 25
MOST_QUERIES = 5
"""Of the requests, how many may be queries or sObject Collections (F6.4, inferred)."""

MOST_GRAPHS, MOST_NODES = 75, 500
"""Graphs of one request, and requests of all of them."""

_HALTED = ApiError(
    400,
    "PROCESSING_HALTED",
    "The transaction was rolled back since another operation in the same transaction failed.",
)
_URL = re.compile(r"/services/data/v([1-9][0-9]?\.0)/(.+)", re.DOTALL)
_REFERENCE = re.compile(r"@\{([A-Za-z]\w*)((?:\.\w+|\[\d+\])*)\}")
_PART = re.compile(r"\.(\w+)|\[(\d+)\]")
_COUNTED = re.compile(r"(query|queryAll|composite/sobjects)\b", re.IGNORECASE)


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
        if method not in METHODS or not isinstance(url, str) or not isinstance(reference, str) or not reference:
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
    if flag(body, "allOrNone"):
        answers = _Run.of_one_transaction(context, dispatch).together(parts)
    else:
        run = _Run(context, dispatch)
        answers = [run.answer(part) for part in parts]
    return Response(_texts(answers), content_type="application/json;charset=UTF-8")


def graph(context: Context, dispatch: Dispatch) -> Response:
    """`POST /composite/graph`: each graph is made whole or not at all."""
    graphs = context.json_object().get("graphs")
    if not isinstance(graphs, list) or not graphs:
        raise parser_error("graphs: a list of graphs is required")
    parts = {str(_of(item, "graphId")): [_Part.of(part) for part in _of(item, "compositeRequest")] for item in graphs}
    if len(parts) < len(graphs):
        raise ApiError(400, "INVALID_INPUT", "each graphId must be another")
    if len(graphs) > MOST_GRAPHS or sum(map(len, parts.values())) > MOST_NODES:
        message = f"a request takes {MOST_GRAPHS} graphs and {MOST_NODES} nodes at most"
        raise ApiError(400, "LIMIT_EXCEEDED", message)
    for listed in parts.values():
        _check_references(listed)
    texts = [_graph_text(context, dispatch, name, listed) for name, listed in parts.items()]
    return Response(f'{{"graphs":[{",".join(texts)}]}}', content_type="application/json;charset=UTF-8")


def _graph_text(context: Context, dispatch: Dispatch, name: str, parts: Sequence[_Part]) -> str:
    answers = _Run.of_one_transaction(context, dispatch).together(parts)
    is_successful = json.dumps(all(answer.status < 300 for answer in answers))
    return f'{{"graphId":{json.dumps(name)},"graphResponse":{_texts(answers)},"isSuccessful":{is_successful}}}'


def _of(graph_: Any, name: str) -> Any:
    value = graph_.get(name) if isinstance(graph_, Mapping) else None
    if not value or not isinstance(value, list if name == "compositeRequest" else str):
        raise parser_error("each graph needs a graphId and a compositeRequest")
    return value


def _texts(answers: Sequence["_Answer"]) -> str:
    return f'{{"compositeResponse":[{",".join(answer.text() for answer in answers)}]}}'


def _check(parts: Sequence[_Part]) -> None:
    if len(parts) > MOST_REQUESTS:
        raise ApiError(400, "LIMIT_EXCEEDED", f"a composite request takes {MOST_REQUESTS} subrequests at most")
    if sum(_COUNTED.match(part.url.split("/", 4)[4]) is not None for part in parts) > MOST_QUERIES:
        message = f"a composite request takes {MOST_QUERIES} query or sObject Collections subrequests at most"
        raise ApiError(400, "LIMIT_EXCEEDED", message)
    _check_references(parts)


def _check_references(parts: Sequence[_Part]) -> None:
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

    @classmethod
    def of_one_transaction(cls, context: Context, dispatch: Dispatch) -> "_Run":
        """A run whose requests share one transaction, in which setup and other objects can't be mixed (F6.1)."""
        return cls(replace(context, transaction=context.begin()), dispatch)

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
            url, body = self._filled(part.url, in_url=True), self._filled_in(part.body)
        except ApiError as error:
            return _Answer.of(part.reference, error_response(error))
        _, _, _, version, path = url.split("/", 4)
        request = Subrequest(part.method, version.removeprefix("v"), path, body)
        answer = _Answer.of(part.reference, request.answer(self.context, self.dispatch))
        if answer.status < 300:
            self.answers[part.reference] = answer
        return answer

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
