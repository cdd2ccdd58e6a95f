"""A served org, and what it says of itself when it is asked over REST without any of the clients."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.served import ServedOrg

VERSION = "66.0"
ADMIN = "admin@acme.example"


@dataclass(frozen=True)
class Asked:
    """A served org with a session of our own; `ca_file` is its authority where it speaks https."""

    org: ServedOrg
    http: requests.Session
    ca_file: Path | None

    @property
    def url(self) -> str:
        """Where it listens."""
        return self.org.url

    def get(self, path: str, **params: str) -> Any:
        """The JSON of a resource below the version, which must be there."""
        answer = self.http.get(f"{self.url}/services/data/v{VERSION}/{path}", params=params, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def rows(self, soql: str) -> list[dict[str, Any]]:
        """The records of a query that fits one page, without their attributes."""
        found = self.get("query", q=soql)
        assert found["done"]
        return [{key: value for key, value in row.items() if key != "attributes"} for row in found["records"]]

    def values(self, soql: str) -> list[Any]:
        """The only column of a query."""
        return [value for row in self.rows(soql) for value in row.values()]

    def make(self, sobject: str, records: Sequence[Mapping[str, Any]]) -> list[str]:
        """Create records; their Ids."""
        body = {"records": [{"attributes": {"type": sobject}, **record} for record in records]}
        answer = self.http.post(f"{self.url}/services/data/v{VERSION}/composite/sobjects", json=body, timeout=30)
        assert all(row["success"] for row in answer.json()), answer.text
        return [row["id"] for row in answer.json()]
