"""What a fault makes of a request and of its answer."""

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import ceil
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from reconciler.simulator import messages
from reconciler.simulator.errors import ApiError
from reconciler.simulator.faults import KINDS, Encounter, Fault, Met, Moment
from reconciler.simulator.wire.stale_licenses import has_licenses, tell_old_licenses
from reconciler.simulator.wire.tokens import invalid_session

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_LINE = re.compile(r'(?:[^"\n]|"[^"]*")*\n')
"""A line of a CSV file; what is quoted may hold line ends."""

_PAGE = """<html>
<head><title>{status}</title></head>
<body>
<center><h1>{status}</h1></center>
</body>
</html>
"""
_HUNDRED = 100


class ConnectionCut(Exception):
    """Raised to the listener in place of (the rest of) an answer."""


def _limit(kind: str) -> ApiError:
    return ApiError(403, "REQUEST_LIMIT_EXCEEDED", f"{kind} Limit exceeded.")


_REFUSALS: Mapping[Fault, Callable[[], ApiError]] = {
    Fault.SESSION_EXPIRED: invalid_session,
    Fault.CONCURRENT_LIMIT: lambda: _limit("ConcurrentRequests (Concurrent API Requests)"),
    Fault.DAILY_LIMIT: lambda: _limit("TotalRequests"),
    Fault.UNAVAILABLE: lambda: ApiError(503, "SERVER_UNAVAILABLE", "the server is busy"),
    Fault.LOST_RESPONSE: lambda: ApiError(503, "SERVER_UNAVAILABLE", "the answer was lost on its way"),
}
_GATEWAY: Mapping[Fault, tuple[int, str]] = {
    Fault.BAD_GATEWAY: (502, "502 Bad Gateway"),
    Fault.GATEWAY_TIMEOUT: (504, "504 Gateway Time-out"),
}
_NEVER_SENT = frozenset({Fault.CUT_BEFORE, Fault.CUT_AFTER})


def answered(encounter: Encounter, answer: Callable[[], Response], refused: Callable[[ApiError], Response]) -> Response:
    """The answer that the client gets; `answer` is what there would be without faults, `refused` shows an error."""
    met = encounter.at(Moment.REQUEST)
    if met is None:
        return _changed(encounter, answer())
    if met.fault is Fault.SLOW:
        time.sleep(met.amount / 1000)
        return answer()
    done = Response() if KINDS[met.fault].executed == "no" else answer()
    if met.fault in _GATEWAY:
        status, title = _GATEWAY[met.fault]
        return Response(_PAGE.format(status=title), status, content_type="text/html")
    return refused(_REFUSALS[met.fault]()) if met.fault in _REFUSALS else done


def check_query(encounter: Encounter) -> None:
    """Refuse a query that takes too long; raises ApiError."""
    if encounter.at(Moment.QUERY) is not None:
        raise ApiError(400, "QUERY_TIMEOUT", messages.QUERY_TIMEOUT)


def is_sent(met: Met | None) -> bool:
    """Whether the client gets any byte."""
    return met is None or met.fault not in _NEVER_SENT


def sent(
    met: Met | None, response: Response, environ: "WSGIEnvironment", start_response: "StartResponse"
) -> Iterable[bytes]:
    """The answer's body, as far as the connection holds; raises ConnectionCut."""
    if not is_sent(met):
        raise ConnectionCut
    body = response(environ, start_response)
    return _half(body) if met is not None and met.fault is Fault.CUT_MIDWAY else body


def _half(body: Iterable[bytes]) -> Iterator[bytes]:
    content = b"".join(body)
    yield content[: len(content) // 2]
    raise ConnectionCut


def _changed(encounter: Encounter, response: Response) -> Response:
    """An answer to which happens what can happen to an answer of its sort."""
    for moment, can_change, change in _CHANGES:
        if encounter.faults.is_armed(moment) and can_change(encounter, response):
            met = encounter.at(moment)
            if met is not None:
                change(encounter, met, response)
    return response


def _has_body(_encounter: Encounter, response: Response) -> bool:
    return bool(response.get_data())


def _cut_body(_encounter: Encounter, met: Met, response: Response) -> None:
    content = response.get_data()
    if met.fault is Fault.TRUNCATED:
        response.set_data(content[: len(content) // 2])


def _is_page(encounter: Encounter, response: Response) -> bool:
    path = encounter.path.lower()
    return response.status_code == 200 and ("/query/" in f"{path}/" or path.endswith("results")) and _rows(response) > 1


def _rows(response: Response) -> int:
    """How many rows an answer has, the header of a CSV file not counted."""
    if response.mimetype == "text/csv":
        return len(_LINE.findall(response.get_data(as_text=True))) - 1
    content = _content(response)
    return len(content["records"]) if "records" in content else 0


def _content(response: Response) -> dict[str, Any]:
    """The JSON object of an answer; empty for anything else."""
    content = json.loads(response.get_data()) if response.mimetype == "application/json" else None
    return content if isinstance(content, dict) else {}


def _shuffle(_encounter: Encounter, met: Met, response: Response) -> None:
    if response.mimetype == "text/csv":
        header, *lines = _LINE.findall(response.get_data(as_text=True))
        response.set_data("".join([header, *_shuffled(met, lines)]))
    else:
        content = _content(response)
        response.set_data(json.dumps({**content, "records": _shuffled(met, content["records"])}))


def _shuffled(met: Met, rows: Sequence[Any]) -> Sequence[Any]:
    """The rows with some twice, or in an order that is surely another."""
    drawn = sorted(range(len(rows)), key=met.chance)
    if met.fault is Fault.DUPLICATED_ROWS:
        twice = set(drawn[: ceil(len(rows) * met.amount / _HUNDRED)])
        return [row for at, row in enumerate(rows) for _ in range(1 + (at in twice))]
    if drawn == sorted(drawn):
        drawn.reverse()
    return [rows[at] for at in drawn]


def _is_foreign(_encounter: Encounter, response: Response) -> bool:
    return not _plain(response).isascii()


def _plain(response: Response) -> str:
    """The text of an answer, in JSON without escapes."""
    if response.mimetype == "application/json" and response.get_data():
        return json.dumps(json.loads(response.get_data()), ensure_ascii=False)
    return response.get_data(as_text=True)


def _miscoded(_encounter: Encounter, _met: Met, response: Response) -> None:
    response.set_data(_plain(response).encode("latin-1", errors="replace"))


_CHANGES: Sequence[tuple[Moment, Callable[[Encounter, Response], bool], Callable[[Encounter, Met, Response], None]]] = (
    (Moment.LICENSES, has_licenses, tell_old_licenses),
    (Moment.PAGE, _is_page, _shuffle),
    (Moment.FOREIGN, _is_foreign, _miscoded),
    (Moment.CONTENT, _has_body, _cut_body),
)
