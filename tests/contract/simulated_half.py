"""The simulated half: an org in this process behind a real listener."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from reconciler.simulator.seed import demo_seed, open_org
from reconciler.simulator.server import running_server
from reconciler.simulator.wire import issue_token
from tests.contract.tenant import Bearer, Connection

_FEW_SEATS = {"Name": "Partner Community", "TotalLicenses": 2}


def contract_seed() -> Mapping[str, Any]:
    """The demo org with an external id, a license soon used up, a user without a role, and requests for all tests."""
    seed = demo_seed()
    licenses = [_FEW_SEATS if item["Name"] == _FEW_SEATS["Name"] else item for item in seed["UserLicense"]]
    profile = {"Profile": "System Administrator", "LastName": "Integration"}
    integration = {"Username": "integration@acme.example", "Email": "integration@acme.example", **profile}
    return {
        **seed,
        "fields": {"Account": [{"name": "Contract_Key__c", "type": "text", "length": 40, "external_id": True}]},
        "settings": {**seed["settings"], "daily_api_requests": 1_000_000},
        "UserLicense": licenses,
        "User": [*seed["User"], integration],
    }


@contextmanager
def simulated_org(seed: Mapping[str, Any] | None = None) -> Iterator[Connection]:
    """A connection to a new simulated org."""
    org = open_org(":memory:", seed or contract_seed())
    try:
        with running_server(org) as server:
            connection = Connection(server.url, Bearer(issue_token(org)), is_real=False)
            connection.http.trust_env = False
            with connection.http:
                yield connection
    finally:
        org.close()
