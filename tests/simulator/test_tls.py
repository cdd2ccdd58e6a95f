"""The simulated org behind https: clients that know no other way need no help but its authority's certificate."""

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from simple_salesforce.api import Salesforce

from tests.served import ServedOrg, serve, sfrec

DOCUMENT = "user: sonia.james@acme.example\nfields: {Title: Buyer}\n"


@pytest.fixture(name="org", scope="module")
def _org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedOrg]:
    with serve(tmp_path_factory.mktemp("org"), "--tls") as org:
        yield org


def authority(org: ServedOrg) -> Path:
    return org.state.with_name("org.db.ca.pem")


def test_simple_salesforce_is_served_as_it_is(org: ServedOrg) -> None:
    session = requests.Session()
    session.trust_env = False
    session.verify = str(authority(org))
    client: Any = Salesforce(instance_url=org.url, session_id=org.token, version="66.0", session=session)

    found = client.query("SELECT Name FROM Organization")
    made = client.Contact.create({"LastName": "Over TLS"})
    assert found["totalSize"] == 1
    assert client.Contact.get(made["id"])["LastName"] == "Over TLS"
    session.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_both_names_of_this_machine_are_certified(org: ServedOrg, host: str) -> None:
    port = urlsplit(org.url).port
    answer = requests.get(f"https://{host}:{port}/services/data", verify=str(authority(org)), timeout=10)

    assert answer.status_code == 200


def test_sfrec_speaks_to_it_when_it_trusts_its_authority(tmp_path: Path, org: ServedOrg) -> None:
    users = tmp_path / "desired" / "users"
    users.mkdir(parents=True)
    (users / "sonia.yaml").write_text(DOCUMENT)

    trusting = sfrec(tmp_path, org, "plan", SFREC_CA_FILE=str(authority(org)))
    wary = sfrec(tmp_path, org, "plan")

    assert trusting.returncode == 0, trusting.stderr
    assert trusting.stdout.startswith("Org: Acme Group (simulated org, nothing real is touched) at https://127.0.0.1:")
    assert (wary.returncode, wary.stdout) == (1, "")
    assert "certificate is not trusted" in wary.stderr


def test_no_key_is_left_that_could_sign_anything_else(org: ServedOrg) -> None:
    kept = [path for path in org.state.parent.iterdir() if b"PRIVATE KEY" in path.read_bytes()]

    assert kept == []
    assert authority(org).read_text().count("BEGIN CERTIFICATE") == 1


def test_clients_that_say_nothing_or_no_tls_hold_up_nobody(org: ServedOrg) -> None:
    parts = urlsplit(org.url)
    address = (str(parts.hostname), int(parts.port or 0))
    with socket.create_connection(address) as silent, socket.create_connection(address) as plain:
        plain.sendall(b"GET /services/data HTTP/1.1\r\nHost: x\r\n\r\n")
        context = ssl.create_default_context(cafile=str(authority(org)))
        answer = requests.get(f"{org.url}/services/data", verify=str(authority(org)), timeout=10)

        assert answer.status_code == 200
        assert context.get_ca_certs()
        assert silent.fileno() >= 0


def test_an_authority_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "org.db.ca.pem").mkdir()
    done = sfrec(tmp_path, None, "simulate", "serve", "--tls", "--state", str(tmp_path / "org.db"))

    assert done.returncode == 64
    assert "org.db.ca.pem can't be written" in done.stderr
