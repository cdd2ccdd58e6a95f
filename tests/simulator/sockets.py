"""Requests as bytes, for what no HTTP client sends."""

import socket
from typing import IO

from tests.simulator.wired import Api


def connected(api: Api) -> socket.socket:
    """A connection to the org."""
    host, port = api.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=10)


def answer_of(connection: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the next answer, which must tell its length."""
    return next_answer(connection.makefile("rb"))


def next_answer(reader: IO[bytes]) -> tuple[int, dict[str, str], bytes]:
    """The same of answers that come one behind another."""
    status = int(reader.readline().split()[1])
    headers: dict[str, str] = {}
    while line := reader.readline().strip():
        name, _, value = line.decode().partition(":")
        headers[name.lower()] = value.strip()
    return status, headers, reader.read(int(headers.get("content-length", "0")))


def request_text(api: Api, method: str, path: str, *headers: str) -> bytes:
    """The head of a request to the data API."""
    lines = [
        f"{method} /services/data/v66.0/{path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: {api.http.headers['Authorization']!s}",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode()
