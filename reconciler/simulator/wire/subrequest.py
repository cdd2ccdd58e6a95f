"""A request inside another one's body, answered as if it had come alone."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any, TypeAlias
from urllib.parse import unquote

from werkzeug.exceptions import HTTPException
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from reconciler.simulator.errors import ApiError
from reconciler.simulator.wire.context import Context, error_response, not_found

METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE")
"""Not a set: what a body holds in place of a method may be a list or an object, which no set is asked for."""

Dispatch: TypeAlias = Callable[[Context, str], Response]
"""Answers a request for what stands behind the version in its path."""


@dataclass(frozen=True, slots=True)
class Subrequest:
    """`path` stands behind the version, and may have a query; `body` is a JSON value, None for none."""

    method: str
    version: str
    path: str
    body: Any = None

    def answer(self, context: Context, dispatch: Dispatch) -> Response:
        """What it is answered, an error as its own response too."""
        try:
            return self._dispatched(context, dispatch)
        except ApiError as error:
            return error_response(error)
        except HTTPException:
            return error_response(not_found())

    def _dispatched(self, context: Context, dispatch: Dispatch) -> Response:
        given, _, query = self.path.partition("?")
        path = unquote(given).rstrip("/")
        content = b"" if self.body is None else json.dumps(self.body).encode()
        environ = EnvironBuilder(
            path=f"/services/data/v{self.version}/{path}",
            method=self.method,
            query_string=query,
            input_stream=BytesIO(content),
        ).get_environ()
        environ |= {"CONTENT_LENGTH": str(len(content)), "CONTENT_TYPE": "application/json"}
        return dispatch(replace(context, request=Request(environ), version=self.version), path)
