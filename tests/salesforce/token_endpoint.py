"""A token endpoint over real HTTP that answers what a test tells it to, and remembers what it was sent."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.salesforce.scripted_org import Answer

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()
SECRET = "planted-client-secret"


@dataclass
class TokenEndpoint:
    """Where it listens, what it answers (the last one again and again) and the forms that came."""

    url: str
    answers: list[Answer]
    forms: list[dict[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


def a_session() -> requests.Session:
    http = requests.Session()
    http.trust_env = False
    return http


@contextmanager
def token_endpoint(*answers: Answer | Callable[[str], Answer]) -> Iterator[TokenEndpoint]:
    """Listen on this machine; an answer may be made from the endpoint's own address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            endpoint.forms.append(dict(parse_qsl(body.decode())))
            endpoint.headers.append(dict(self.headers))
            endpoint.paths.append(self.path)
            answer = endpoint.answers.pop(0) if len(endpoint.answers) > 1 else endpoint.answers[0]
            content = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, value in {**answer.headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
            """Keep the test's output clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        url = f"http://127.0.0.1:{server.server_port}"
        endpoint = TokenEndpoint(url, [answer if isinstance(answer, Answer) else answer(url) for answer in answers])
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield endpoint
        finally:
            server.shutdown()
            thread.join(timeout=5)


def granted(url: str) -> Answer:
    """A token that is good where it was asked for."""
    return Answer(body={"access_token": "00D000000000001!AQ.planted-granted", "instance_url": url})
