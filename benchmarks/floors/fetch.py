"""The least that reading the org can cost: simple-salesforce's own iterator over the rows that the plan needs."""

import json
import os
import sys
import time
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce


class Loopback(HTTPAdapter):
    """simple-salesforce knows only https; the simulated org listens on plain HTTP of this machine."""

    def __init__(self, url: str) -> None:
        self._netloc = urlsplit(url).netloc
        super().__init__()

    def send(self, request: requests.PreparedRequest, *arguments: Any, **options: Any) -> requests.Response:
        """Send the request without TLS."""
        request.url = urlsplit(str(request.url))._replace(scheme="http", netloc=self._netloc).geturl()
        return super().send(request, *arguments, **options)


def main(soql: str) -> None:
    """Fetch every row of a query; print how many there were and the seconds, imports not counted."""
    url, token = os.environ["SFREC_INSTANCE_URL"], os.environ["SFREC_ACCESS_TOKEN"]
    session = requests.Session()
    session.trust_env = False
    session.mount(url.replace("http:", "https:"), Loopback(url))
    started = time.perf_counter()
    salesforce = Salesforce(instance_url=url, session_id=token, version="66.0", session=session)
    rows = sum(1 for _ in salesforce.query_all_iter(soql))
    print(json.dumps({"count": rows, "seconds": time.perf_counter() - started}))


if __name__ == "__main__":
    main(sys.argv[1])
