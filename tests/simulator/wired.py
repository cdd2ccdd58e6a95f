"""A simulated org behind a real listener in this process, and a session that is logged in to it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from reconciler.simulator import Org, open_org
from reconciler.simulator.server import running_server
from reconciler.simulator.wire import Options, issue_token

VERSION = "66.0"


@dataclass(frozen=True)
class Api:
    """The data API of a running org."""

    org: Org
    url: str
    http: requests.Session

    def call(self, method: str, path: str, *, version: str = VERSION, **options: Any) -> requests.Response:
        """Send a request; the path starts after the version, or is a whole one."""
        whole = path if path.startswith("/") else f"/services/data/v{version}/{path}"
        return self.http.request(method, self.url + whole, timeout=30, **options)

    def get(self, path: str, **options: Any) -> requests.Response:
        """Send a GET."""
        return self.call("GET", path, **options)

    def post(self, path: str, body: object, **options: Any) -> requests.Response:
        """Send a POST with a JSON body."""
        return self.call("POST", path, json=body, **options)

    def patch(self, path: str, body: object, **options: Any) -> requests.Response:
        """Send a PATCH with a JSON body."""
        return self.call("PATCH", path, json=body, **options)

    def rows(self, soql: str) -> list[dict[str, Any]]:
        """The records of a query that fits one page, without their attributes."""
        answer = self.get("query", params={"q": soql})
        assert answer.status_code == 200, answer.text
        return [{key: value for key, value in row.items() if key != "attributes"} for row in answer.json()["records"]]

    def id_of(self, sobject: str, name: str) -> str:
        """The Id of the record of that name."""
        return str(self.rows(f"SELECT Id FROM {sobject} WHERE Name = '{name}'")[0]["Id"])

    def count(self, soql: str) -> int:
        """The size of a query."""
        return int(self.get("query", params={"q": soql}).json()["totalSize"])


def refusal(answer: requests.Response) -> tuple[int, str]:
    """The status and the code of a refused request, in the shape that all of them have."""
    assert answer.headers["Content-Type"].startswith("application/json")
    (error,) = answer.json()
    assert isinstance(error["message"], str)
    return answer.status_code, error["errorCode"]


def accounts(names: Sequence[str], **fields: Any) -> list[Mapping[str, Any]]:
    """New accounts as records of sObject Collections."""
    return [{"attributes": {"type": "Account"}, "Name": name, **fields} for name in names]


@contextmanager
def served_api(options: Options | None = None, path: str | Path = ":memory:", **opened: Any) -> Iterator[Api]:
    """Serve an org, the demo org when its file is new; stop and close it at the end."""
    org = open_org(path, **opened)
    options = options or Options()
    try:
        with running_server(org, options) as server, requests.Session() as http:
            http.trust_env = False
            http.headers["Authorization"] = f"Bearer {issue_token(org)}"
            yield Api(org, server.url, http)
    finally:
        options.log.close()
        org.close()
