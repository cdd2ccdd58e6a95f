"""Requests that no client would send, from right ones by chance: each is answered, none by a defect, none never."""

import gzip
import http.client
import json
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from reconciler.simulator.seed import demo_seed
from tests.simulator.wired import Api, served_api

LONGEST_SECONDS = 20
DATA = "/services/data/v66.0"
NO_ID = "001000000000000AAA"
QUERY = "SELECT Id, Name, (SELECT Id FROM Contacts) FROM Account WHERE Name LIKE 'A%' ORDER BY Name LIMIT 5"
PART = {"method": "GET", "url": f"{DATA}/query/?q=SELECT+Id+FROM+User", "referenceId": "a"}
CREATE = {
    "method": "POST",
    "url": f"{DATA}/sobjects/Contact",
    "referenceId": "b",
    "body": {"LastName": "Lee", "AccountId": "@{a.records[0].Id}"},
}
NODE = {"attributes": {"type": "Account", "referenceId": "r"}, "Name": "Tree", "Contacts": {"records": []}}
TYPED = {"attributes": {"type": "Account"}, "Name": "Acme"}

SOAP = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com"><s:Header>'
    "<SessionHeader><sessionId>{token}</sessionId></SessionHeader></s:Header><s:Body>{body}</s:Body></s:Envelope>"
)
CALLS = (
    "<getUserInfo/>",
    "<create><sObjects><type>Account</type><Name>Acme</Name></sObjects></create>",
    f"<update><sObjects><type>Account</type><fieldsToNull>Site</fieldsToNull><Id>{NO_ID}</Id></sObjects></update>",
    f"<query><queryString>{QUERY}</queryString></query>",
    f"<delete><ids>{NO_ID}</ids></delete>",
)

RIGHT: Sequence[tuple[str, str, object]] = (
    ("GET", "/services/data", None),
    ("GET", DATA, None),
    ("GET", f"{DATA}/limits", None),
    ("GET", "/services/oauth2/userinfo", None),
    ("POST", "/services/oauth2/token", "grant_type=password&username=admin@acme.example&password=x"),
    ("GET", f"{DATA}/query?q={quote(QUERY)}&columns=true", None),
    ("GET", f"{DATA}/queryAll?q={quote(QUERY)}", None),
    ("GET", f"{DATA}/query/01g000000000000AAA-2000", None),
    ("GET", f"{DATA}/sobjects", None),
    ("GET", f"{DATA}/sobjects/Account", None),
    ("GET", f"{DATA}/sobjects/User/describe", None),
    ("GET", f"{DATA}/sobjects/Account/{NO_ID}?fields=Id,Name", None),
    ("POST", f"{DATA}/sobjects/Account", {"Name": "Acme", "NumberOfEmployees": 5, "AnnualRevenue": 1.5}),
    ("POST", f"{DATA}/sobjects/User", {"Username": "a@acme.example", "LastName": "A", "ProfileId": None}),
    ("PATCH", f"{DATA}/sobjects/Account/{NO_ID}", {"Name": "Acme"}),
    ("PATCH", f"{DATA}/sobjects/Contact/Email/kim.lee@acme.example", {"LastName": "Lee", "Birthdate": "2000-01-01"}),
    ("DELETE", f"{DATA}/sobjects/Contact/{NO_ID}", None),
    ("POST", f"{DATA}/composite", {"allOrNone": True, "compositeRequest": [PART, CREATE]}),
    ("POST", f"{DATA}/composite/batch", {"batchRequests": [{"method": "GET", "url": "v66.0/limits"}]}),
    ("POST", f"{DATA}/composite/graph", {"graphs": [{"graphId": "g", "compositeRequest": [PART, CREATE]}]}),
    ("POST", f"{DATA}/composite/tree/Account", {"records": [NODE]}),
    ("POST", f"{DATA}/composite/sobjects", {"allOrNone": False, "records": [TYPED]}),
    ("PATCH", f"{DATA}/composite/sobjects", {"allOrNone": True, "records": [{**TYPED, "id": NO_ID}]}),
    ("PATCH", f"{DATA}/composite/sobjects/Contact/Email", {"records": [{"attributes": {"type": "Contact"}}]}),
    ("DELETE", f"{DATA}/composite/sobjects?ids={NO_ID},{NO_ID}&allOrNone=true", None),
    ("GET", f"{DATA}/composite/sobjects/Account?ids={NO_ID}&fields=Id,Name", None),
    ("POST", f"{DATA}/composite/sobjects/Account", {"ids": [NO_ID], "fields": ["Id"]}),
    ("POST", f"{DATA}/jobs/ingest", {"object": "Account", "operation": "insert", "lineEnding": "LF"}),
    ("POST", f"{DATA}/jobs/query", {"operation": "query", "query": "SELECT Id, Name FROM Account"}),
    ("GET", f"{DATA}/jobs/ingest", None),
    ("PUT", f"{DATA}/jobs/ingest/{{job}}/batches", "Name,Site\nAcme,Here\n"),
    ("PATCH", f"{DATA}/jobs/ingest/{{job}}", {"state": "UploadComplete"}),
    ("GET", f"{DATA}/jobs/ingest/{{job}}/failedResults", None),
    ("GET", f"{DATA}/jobs/query/{{job}}/results?maxRecords=2&locator=2", None),
    ("DELETE", f"{DATA}/jobs/ingest/{{job}}", None),
    *(("POST", "/services/Soap/u/66.0", SOAP.replace("{body}", call)) for call in CALLS),
)
"""Method, path and body of requests that are right, or would be with other ids."""

STRANGE: Sequence[Any] = (
    *(None, True, False, 0, -1, 2**31, 2**63, 2**64, 1e308, 0.1, "", " ", "null", "a" * 5_000, "é\u2028\U0001f600"),
    *("\0", "'", '"', "%", "@{a.id}", "@{a[0].b}", "@{", "#N/A", "2026-13-45", "005000000000001", "\uff21" * 15),
    *([], {}, [[]], [None], {"": None}, {"attributes": None}, {"attributes": {"type": 5}}, [1, {"a": [2]}]),
)
PIECES = (
    *("", ".", "..", "%", "%00", "%ff", "%2F", "%C3%A9", "'", "*", "null", "describe", "Account", "User", "Id", "0"),
    *("query", "composite", "sobjects", "jobs", "ingest", "x" * 300, "v66.0", "v31.0", "v0.0", NO_ID, ";a=b", "+"),
)
PARAMETERS = ("q", "columns", "fields", "ids", "allOrNone", "locator", "maxRecords", "updateOnly", "start")
HEADERS: Sequence[tuple[str, str]] = (
    ("Content-Type", "text/plain"),
    ("Content-Type", "application/json; charset=utf-16"),
    ("Content-Type", "multipart/form-data; boundary=x"),
    ("Content-Type", "application/x-www-form-urlencoded"),
    ("Content-Encoding", "gzip"),
    ("Content-Encoding", "deflate, br"),
    ("Accept-Encoding", "gzip;q=x, *;q=0"),
    ("Authorization", "Bearer"),
    ("Authorization", "Basic YTpi"),
    ("Authorization", "Bearer 00D000000000001!x"),
    ("Sforce-Query-Options", "batchSize=99999999999999999999"),
    ("Sforce-Query-Options", "batchSize=-5, x"),
    ("Sforce-Duplicate-Rule-Header", "allowSave=perhaps"),
    ("Sforce-Call-Options", "client=\xff"),
    ("If-Modified-Since", "yesterday"),
    ("If-Unmodified-Since", "Wed, 32 Foo 2026 99:99:99 GMT"),
    ("If-None-Match", '"'),
    ("Range", "bytes=5-1"),
    ("X-HTTP-Method-Override", "DELETE"),
)


@dataclass(frozen=True)
class Sent:
    """A request as it goes over the wire."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


def _path(chance: random.Random, sent: Sent) -> Sent:
    path, mark, query = sent.path.partition("?")
    parts = path.split("/")
    at = chance.randrange(len(parts))
    change = chance.choice(["replace", "insert", "remove", "case", "end"])
    if change == "replace":
        parts[at] = chance.choice(PIECES)
    elif change == "insert":
        parts.insert(at + 1, chance.choice(PIECES))
    elif change == "remove":
        parts.pop(at)
    elif change == "case":
        parts[at] = parts[at].swapcase()
    else:
        parts += [""] * chance.randrange(1, 4)
    return replace(sent, path=f"/{'/'.join(parts).lstrip('/')}{mark}{query}")


def _query(chance: random.Random, sent: Sent) -> Sent:
    path, _, query = sent.path.partition("?")
    cut = query[: chance.randrange(1 + len(query))]
    value = chance.choice([quote(str(chance.choice(STRANGE))), chance.choice(PIECES), cut])
    names = [*PARAMETERS, chance.choice(PIECES)]
    return replace(sent, path=f"{path}?{query}&{chance.choice(names)}={value}")


def _changed(chance: random.Random, value: Any) -> Any:
    """A JSON value with one of its parts another."""
    if isinstance(value, dict) and value and chance.random() < 0.8:
        key = chance.choice(sorted(value))
        if chance.random() < 0.2:
            return {name: item for name, item in value.items() if name != key}
        return {**value, key: _changed(chance, value[key]), **({"x": 1} if chance.random() < 0.1 else {})}
    if isinstance(value, list) and value and chance.random() < 0.8:
        at = chance.randrange(len(value))
        return [*value[:at], _changed(chance, value[at]), *value[at + 1 :]] * chance.choice([1, 1, 1, 2, 30])
    return chance.choice(STRANGE)


def _json(chance: random.Random, sent: Sent) -> Sent:
    try:
        content = json.loads(sent.body)
    except (ValueError, RecursionError):
        return _bytes(chance, sent)
    return replace(sent, body=json.dumps(_changed(chance, content)).encode())


def _bytes(chance: random.Random, sent: Sent) -> Sent:
    body = bytearray(sent.body or b"{}")
    at = chance.randrange(len(body))
    change = chance.choice(["cut", "byte", "insert", "repeat", "gzip", "nest"])
    if change == "cut":
        body = body[:at]
    elif change == "byte":
        body[at] = chance.randrange(256)
    elif change == "insert":
        body[at:at] = bytes(chance.randrange(256) for _ in range(5))
    elif change == "repeat":
        body *= 3
    elif change == "gzip":
        packed = gzip.compress(bytes(body))
        headers = {**sent.headers, "Content-Encoding": "gzip"}
        return replace(sent, body=packed[: chance.choice([len(packed), len(packed) // 2])], headers=headers)
    else:
        body = bytearray(b"[" * 3_000)
    return replace(sent, body=bytes(body))


def _header(chance: random.Random, sent: Sent) -> Sent:
    name, value = chance.choice(HEADERS)
    return replace(sent, headers={**sent.headers, name: value})


def _method(chance: random.Random, sent: Sent) -> Sent:
    return replace(sent, method=chance.choice(["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS", "NONSENSE"]))


def _version(chance: random.Random, sent: Sent) -> Sent:
    return replace(sent, path=sent.path.replace("v66.0", f"v{chance.randrange(20, 70)}.0"))


CHANGES: Sequence[Callable[[random.Random, Sent], Sent]] = (
    *(_path, _path, _query, _json, _json, _json, _bytes, _header, _method, _version),
)


def requests_by_chance(chance: random.Random, token: str, jobs: Sequence[str]) -> Sent:
    """A right request, changed once, twice or three times, and now and then not at all."""
    method, path, body = chance.choice(RIGHT)
    content = b"" if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    headers = {"Authorization": token, "Content-Type": "application/json"}
    content = content.replace(b"{token}", token.removeprefix("Bearer ").encode())
    sent = Sent(method, path.replace("{job}", chance.choice(jobs)), headers, content)
    for _ in range(chance.choice([0, 1, 1, 1, 2, 2, 3])):
        sent = chance.choice(CHANGES)(chance, sent)
    return sent


def bombard(api: Api, chance: random.Random, number: int) -> None:
    """Send that many requests over one connection, which is kept as long as the server keeps it."""
    token = str(api.http.headers["Authorization"])
    jobs = [api.post("jobs/ingest", {"object": "Account", "operation": "insert"}).json()["id"] for _ in range(3)]
    jobs.append(api.post("jobs/query", {"operation": "query", "query": "SELECT Id FROM User"}).json()["id"])
    with closing(http.client.HTTPConnection(urlsplit(api.url).netloc, timeout=LONGEST_SECONDS)) as connection:
        for _ in range(number):
            sent = requests_by_chance(chance, token, jobs)
            status, told = exchange(connection, sent)
            assert status < 500 or is_fault(status, told, sent), (sent, told)
            assert status < 400 or sent.method == "HEAD" or told, sent


def is_fault(status: int, told: bytes, sent: Sent) -> bool:
    """Whether that is how SOAP refuses a call; HEAD is never told what it was."""
    return status == 500 and (b":Fault>" in told or (sent.method == "HEAD" and "/soap/" in sent.path.lower()))


def exchange(connection: http.client.HTTPConnection, sent: Sent) -> tuple[int, bytes]:
    """The status and body of an answer."""
    connection.putrequest(sent.method, sent.path, skip_accept_encoding=True)
    for name, value in {**sent.headers, "Content-Length": str(len(sent.body))}.items():
        connection.putheader(name, value.encode("latin-1"))
    connection.endheaders(sent.body)
    answer = connection.getresponse()
    return answer.status, answer.read()


@pytest.mark.parametrize("seed", range(2))
def test_a_request_by_chance_is_answered(seed: int) -> None:
    _survives(seed, 400)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 120))
def test_thousands_of_requests_by_chance_are_answered(seed: int) -> None:
    _survives(seed, 1_000)


def _survives(seed: int, number: int) -> None:
    demo = demo_seed()
    settings = {**demo["settings"], "daily_api_requests": 1_000_000_000}
    with served_api(seed={**demo, "settings": settings}) as api:
        bombard(api, random.Random(seed), number)

        assert api.get("limits").status_code == 200
        assert api.count("SELECT COUNT() FROM User") >= len(demo["User"])
