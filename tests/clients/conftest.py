"""Simulated orgs that are served by `sfrec simulate serve` to the clients, over http and over https."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from reconciler.simulator.seed import demo_seed
from tests.clients.asked import Asked
from tests.served import serve

FIELDS: Mapping[str, Any] = {
    "Account": [{"name": "ERP_Key__c", "type": "text", "length": 20, "unique": True, "external_id": True}],
    "Contact": [{"name": "Number__c", "type": "text", "length": 20, "unique": True, "external_id": True}],
}


def _served(folder: Path, *options: str) -> Iterator[Asked]:
    seed = folder / "seed.yaml"
    seed.write_text(yaml.safe_dump({**demo_seed(), "fields": dict(FIELDS)}), encoding="utf-8")
    with serve(folder, *options, seed=seed) as org, requests.Session() as http:
        ca_file = org.state.with_name("org.db.ca.pem")
        http.trust_env = False
        http.verify = str(ca_file) if ca_file.exists() else True
        http.headers["Authorization"] = f"Bearer {org.token}"
        yield Asked(org, http, ca_file if ca_file.exists() else None)


@pytest.fixture(name="plain", scope="session")
def _plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """An org behind http."""
    yield from _served(tmp_path_factory.mktemp("plain"))


@pytest.fixture(name="secure", scope="session")
def _secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """An org behind https."""
    yield from _served(tmp_path_factory.mktemp("secure"), "--tls")
