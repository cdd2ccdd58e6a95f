"""An org that answers what a test tells it to, one answer a request, and remembers what it was asked."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import requests

from reconciler.salesforce import Budget, Reader, Session, Writer, open_session
from reconciler.salesforce.retry import Patience
from reconciler.salesforce.table import JobSize
from reconciler.salesforce.wsgi import WsgiAdapter

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

URL = "https://scripted.example"
TOKEN = "00D000000000001!AQ.planted-secret"


@dataclass(frozen=True)
class Answer:
    """A status, a body (JSON unless it is bytes) and headers; or an exception that the network raises instead."""

    status: int = 200
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    raises: type[requests.RequestException] | type[KeyboardInterrupt] | None = None


def refusal(status: int, code: str, message: str = "told by the org") -> Answer:
    """A top-level error as the data APIs write it."""
    return Answer(status, [{"errorCode": code, "message": message}])


LOST = Answer(raises=requests.ConnectionError)
NO_CONNECTION = Answer(raises=requests.ConnectTimeout)
INTERRUPT = Answer(raises=KeyboardInterrupt)


@dataclass(frozen=True)
class Asked:
    """One request as the org saw it."""

    method: str
    path: str
    query: Mapping[str, str]
    body: bytes
    headers: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass
class ScriptedOrg:
    """A WSGI application; when its answers are used up, the last one is given again."""

    answers: list[Answer]
    asked: list[Asked] = field(default_factory=list)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = str(environ["PATH_INFO"]).partition("/data/v66.0/")[2]
        query = {name: values[0] for name, values in parse_qs(str(environ["QUERY_STRING"])).items()}
        headers = {name[5:].replace("_", "-"): str(value) for name, value in environ.items() if name[:5] == "HTTP_"}
        self.asked.append(Asked(environ["REQUEST_METHOD"], path, query, environ["wsgi.input"].read(), headers))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer.raises:
            raise answer.raises
        body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        start_response(f"{answer.status} Whatever", list(answer.headers.items()))
        return [body]

    def session(self, budget: Budget | None = None) -> Session:
        """A session that speaks to this org."""
        http = requests.Session()
        http.mount(URL, WsgiAdapter(self))
        return open_session(URL, TOKEN, http, budget)

    def lines(self) -> list[str]:
        """The requests so far as `METHOD path`."""
        return [str(asked) for asked in self.asked]


@dataclass
class Clock:
    """Waits that take no time, and their sum."""

    waited: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)

    def patience(self, **changes: Any) -> Patience:
        return Patience(sleep=self.sleep, **changes)


def scripted(*answers: Answer) -> ScriptedOrg:
    """An org with these answers."""
    return ScriptedOrg(list(answers))


def reader_of(org: ScriptedOrg, clock: Clock | None = None) -> Reader:
    """A reader that does not really wait."""
    return Reader(org.session(), (clock or Clock()).patience())


def writer_of(
    org: ScriptedOrg,
    clock: Clock | None = None,
    *,
    budget: Budget | None = None,
    job_size: JobSize | None = None,
) -> Writer:
    """A writer that does not really wait."""
    return Writer(org.session(budget), (clock or Clock()).patience(), job_size or JobSize())
