"""From a name and an environment to an open org."""

import datetime as dt
import ipaddress
import ssl
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from reconciler.connect import Org, open_org, open_simulated_org
from reconciler.errors import ConnectionFailed, InvalidFiles, UsageError
from reconciler.salesforce.reader import Reads, Select
from reconciler.salesforce.session import CONNECTIONS
from reconciler.simulator import open_org as open_records
from reconciler.simulator.server import running_server
from reconciler.simulator.wire import Application, Options, issue_token

TOKEN = "00D000000000001!AQ.planted-secret"
URL = "https://acme.my.salesforce.com"
NOT_THE_DEMO = """\
organization: {Name: Tiny}
UserLicense: [{Name: Salesforce, TotalLicenses: 1}]
Profile: [{Name: System Administrator, UserLicense: Salesforce}]
User: [{Username: only@tiny.example, LastName: Only, Email: only@tiny.example, Profile: System Administrator}]
"""
ORGS = """\
default_org: production
orgs:
  production: {instance_url: "https://acme.my.salesforce.com"}
  staging: {instance_url: "https://acme--staging.my.salesforce.com", login: access_token}
"""


def usernames(org: Org) -> set[str]:
    return {str(row["Username"]) for row in org.reader.query(Select("User", ("Username",)))}


def url_of(org: Org) -> str:
    return org.reader.session.instance_url


def test_a_newcomer_gets_the_simulated_demo_org(tmp_path: Path) -> None:
    with open_org(tmp_path, None, {}) as org:
        assert org.name == "simulated"
        assert "sonia.james@acme.example" in usernames(org)
        assert org.reader.session.is_simulated
        assert org.is_in_process

    assert (tmp_path / ".sfrec" / "simulated-org.db").is_file()
    assert [path.name for path in (tmp_path / ".sfrec").iterdir()] == ["simulated-org.db"]


def test_a_projects_own_seed_makes_its_simulated_org(tmp_path: Path) -> None:
    (tmp_path / "simulated-org.yaml").write_text(NOT_THE_DEMO, encoding="utf-8")

    with open_org(tmp_path, None, {}) as org:
        assert usernames(org) == {"only@tiny.example"}


def test_the_simulated_org_keeps_its_records_and_is_not_seeded_twice(tmp_path: Path) -> None:
    with open_org(tmp_path, None, {}):
        pass
    (tmp_path / "simulated-org.yaml").write_text(NOT_THE_DEMO, encoding="utf-8")

    with open_org(tmp_path, None, {}) as org:
        assert "sonia.james@acme.example" in usernames(org)


@pytest.mark.parametrize(
    ("seed", "told"),
    [
        (b"User: [{Username: a@b.example, LastName: A, Profile: Nope}]", "Nope"),
        (b"- a list", "mapping"),
        (b"a: [", "YAML"),
        (b"\xff\xfe", "not UTF-8"),
    ],
)
def test_a_seed_that_can_not_be_used_is_told_and_leaves_nothing_behind(tmp_path: Path, seed: bytes, told: str) -> None:
    (tmp_path / "simulated-org.yaml").write_bytes(seed)

    with pytest.raises(UsageError, match=told) as refused:
        open_org(tmp_path, None, {})

    assert "simulated-org.yaml" in str(refused.value)
    assert list(tmp_path.glob(".sfrec/*")) == []


def test_a_file_that_is_something_else_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / ".sfrec" / "simulated-org.db"
    path.parent.mkdir()
    path.write_bytes(b"somebody's own notes, by no means a database" * 100)
    before = path.read_bytes()

    with pytest.raises(UsageError, match=r"simulated-org\.db"):
        open_org(tmp_path, None, {})

    assert path.read_bytes() == before


def test_a_seed_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere\.yaml"):
        open_simulated_org(tmp_path, seed=tmp_path / "nowhere.yaml")


def test_in_ci_the_simulated_org_is_never_guessed(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="in CI") as refused:
        open_org(tmp_path, None, {"CI": "true"})

    assert refused.value.exit_code == 64
    assert not (tmp_path / ".sfrec").exists()


def test_in_ci_the_simulated_org_may_be_asked_for_by_name(tmp_path: Path) -> None:
    with open_org(tmp_path, "simulated", {"CI": "true"}) as org:
        assert org.name == "simulated"

    (tmp_path / "sfrec.yaml").write_text("default_org: simulated\n", encoding="utf-8")
    with open_org(tmp_path, None, {"CI": "true"}) as org:
        assert org.name == "simulated"


def test_the_environment_names_an_org(tmp_path: Path) -> None:
    with open_org(tmp_path, None, {"SFREC_INSTANCE_URL": f"{URL}/", "SFREC_ACCESS_TOKEN": TOKEN}) as org:
        assert (org.name, url_of(org)) == ("environment", URL)
        assert not org.is_in_process
        assert org.reader.requests == 0


def test_the_environment_goes_before_the_default_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "sfrec.yaml").write_text(ORGS, encoding="utf-8")
    environ = {"SFREC_INSTANCE_URL": "https://other.my.salesforce.com", "SFREC_ACCESS_TOKEN": TOKEN}

    with open_org(tmp_path, None, environ) as org:
        assert url_of(org) == "https://other.my.salesforce.com"
    with open_org(tmp_path, "staging", environ) as org:
        assert (org.name, url_of(org)) == ("staging", "https://acme--staging.my.salesforce.com")


def test_the_file_names_the_default_org_and_the_environment_its_token(tmp_path: Path) -> None:
    (tmp_path / "sfrec.yaml").write_text(ORGS, encoding="utf-8")

    with open_org(tmp_path, None, {"SFREC_ACCESS_TOKEN": TOKEN, "CI": "true"}) as org:
        assert (org.name, url_of(org)) == ("production", URL)


@pytest.mark.parametrize(
    ("name", "environ", "told"),
    [
        (None, {"SFREC_INSTANCE_URL": URL}, "SFREC_ACCESS_TOKEN is not set"),
        (None, {"SFREC_INSTANCE_URL": URL, "SFREC_ACCESS_TOKEN": ""}, "SFREC_ACCESS_TOKEN is not set"),
        (None, {"SFREC_ACCESS_TOKEN": TOKEN}, "SFREC_INSTANCE_URL"),
        (None, {"SFREC_INSTANCE_URL": "http://acme.example", "SFREC_ACCESS_TOKEN": TOKEN}, "https://"),
        (None, {"SFREC_INSTANCE_URL": URL, "SFREC_ACCESS_TOKEN": f"{TOKEN} {TOKEN}"}, "copy it again"),
        (None, {"SFREC_INSTANCE_URL": URL, "SFREC_ACCESS_TOKEN": TOKEN, "SFREC_CA_FILE": "no.pem"}, "SFREC_CA_FILE"),
        ("nowhere", {}, "choose one of: simulated"),
    ],
)
def test_half_a_configuration_is_refused_with_what_is_missing(
    tmp_path: Path, name: str | None, environ: Mapping[str, str], told: str
) -> None:
    with pytest.raises(UsageError, match=told) as refused:
        open_org(tmp_path, name, environ)

    assert "planted-secret" not in str(refused.value)
    assert not (tmp_path / ".sfrec").exists()


def test_an_org_of_the_file_needs_its_token_and_its_right_name(tmp_path: Path) -> None:
    (tmp_path / "sfrec.yaml").write_text(ORGS, encoding="utf-8")

    with pytest.raises(UsageError, match="SFREC_ACCESS_TOKEN is not set"):
        open_org(tmp_path, None, {})
    with pytest.raises(UsageError, match="choose one of: simulated, production, staging"):
        open_org(tmp_path, "productoin", {"SFREC_ACCESS_TOKEN": TOKEN})


def test_how_many_records_are_read_can_be_chosen(tmp_path: Path) -> None:
    (tmp_path / "sfrec.yaml").write_text(ORGS.replace("login: access_token", "reads: rest"))
    environ = {"SFREC_ACCESS_TOKEN": TOKEN}

    for name, more, reads in (
        ("production", {}, Reads.AUTO),
        ("staging", {}, Reads.REST),
        ("staging", {"SFREC_READS": "bulk"}, Reads.BULK),
        ("simulated", {"SFREC_READS": "bulk"}, Reads.BULK),
    ):
        with open_org(tmp_path, name, {**environ, **more}) as org:
            assert org.reader.reads is reads

    with pytest.raises(UsageError, match="choose one of: auto, rest, bulk"):
        open_org(tmp_path, "production", {**environ, "SFREC_READS": "quickly"})


def test_a_login_that_is_not_supported_is_a_finding_in_the_file(tmp_path: Path) -> None:
    text = f"orgs:\n  production:\n    instance_url: {URL}\n    login: by magic\n"
    (tmp_path / "sfrec.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(InvalidFiles) as refused:
        open_org(tmp_path, "production", {"SFREC_ACCESS_TOKEN": TOKEN})

    assert [str(problem.source) for problem in refused.value.problems] == ["sfrec.yaml:4:12"]


def test_a_token_is_in_no_repr_of_an_open_org(tmp_path: Path) -> None:
    with open_org(tmp_path, None, {"SFREC_INSTANCE_URL": URL, "SFREC_ACCESS_TOKEN": TOKEN}) as org:
        assert "planted-secret" not in f"{org!r} {org.reader!r} {org.writer!r}"


@pytest.mark.parametrize(
    ("url", "environ", "proxies"),
    [
        (URL, {"HTTPS_PROXY": "http://proxy:3128"}, {"https": "http://proxy:3128"}),
        (URL, {"https_proxy": "http://proxy:3128", "NO_PROXY": "internal.example"}, {"https": "http://proxy:3128"}),
        (URL, {"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "my.salesforce.com"}, {}),
        ("http://127.0.0.1:8080", {"HTTPS_PROXY": "http://proxy:3128", "HTTP_PROXY": "http://proxy:3128"}, {}),
    ],
)
def test_a_proxy_is_used_for_other_machines_only(
    tmp_path: Path, url: str, environ: Mapping[str, str], proxies: Mapping[str, str]
) -> None:
    with open_org(tmp_path, None, {"SFREC_INSTANCE_URL": url, "SFREC_ACCESS_TOKEN": TOKEN, **environ}) as org:
        assert org.reader.session.http.proxies == proxies


def test_a_netrc_file_does_not_replace_the_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password other\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    records = open_records(tmp_path / "org.db")

    with running_server(records) as server:
        environ = {"SFREC_INSTANCE_URL": server.url, "SFREC_ACCESS_TOKEN": issue_token(records)}
        with open_org(tmp_path, None, environ) as org:
            assert "sonia.james@acme.example" in usernames(org)

    records.close()


def test_as_many_threads_as_there_are_connections_keep_one_each(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    records = open_records(tmp_path / "org.db")
    start = threading.Barrier(CONNECTIONS)

    with running_server(records, Options(latency_ms=30)) as server:
        environ = {"SFREC_INSTANCE_URL": server.url, "SFREC_ACCESS_TOKEN": issue_token(records)}
        with open_org(tmp_path, None, environ) as org, ThreadPoolExecutor(CONNECTIONS) as pool:

            def ask(_: int) -> int:
                start.wait()
                return org.reader.session.send("GET", "limits").status_code

            assert set(pool.map(ask, range(CONNECTIONS))) == {200}

    records.close()
    assert "pool is full" not in caplog.text


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Keep the test's output clean."""


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for this machine that is its own authority, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sfrec test")])
    now = dt.datetime.now(dt.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, key_pem = folder / "ca.pem", folder / "key.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return pem, key_pem


@pytest.fixture
def tls(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The settings for a simulated org behind TLS, without its authority; that is in ca.pem."""
    certificate, key = _certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    records = open_records(tmp_path / "org.db")
    with make_server("127.0.0.1", 0, Application(records), handler_class=_Quiet) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        url = f"https://127.0.0.1:{server.server_port}"
        yield {"SFREC_INSTANCE_URL": url, "SFREC_ACCESS_TOKEN": issue_token(records)}
        server.shutdown()
        thread.join(timeout=5)
    records.close()


@pytest.mark.parametrize("variable", ["SFREC_CA_FILE", "REQUESTS_CA_BUNDLE"])
def test_a_named_authority_is_trusted(tmp_path: Path, tls: dict[str, str], variable: str) -> None:
    with open_org(tmp_path, None, {**tls, variable: str(tmp_path / "ca.pem")}) as org:
        assert "sonia.james@acme.example" in usernames(org)


def test_the_process_can_not_swap_the_named_authority(
    tmp_path: Path, tls: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "key.pem"))

    with open_org(tmp_path, None, {**tls, "SFREC_CA_FILE": str(tmp_path / "ca.pem")}) as org:
        assert "sonia.james@acme.example" in usernames(org)


def test_an_org_whose_certificate_is_not_trusted_is_not_spoken_to(tmp_path: Path, tls: dict[str, str]) -> None:
    with open_org(tmp_path, None, tls) as org:
        with pytest.raises(ConnectionFailed, match="SFREC_CA_FILE"):
            usernames(org)

        assert org.reader.requests == 1


@pytest.mark.parametrize("content", [b"", b"no certificate"])
def test_a_file_without_certificates_is_told_before_anything_is_sent(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "empty.pem"
    file.write_bytes(content)
    environ = {"SFREC_INSTANCE_URL": URL, "SFREC_ACCESS_TOKEN": TOKEN, "SFREC_CA_FILE": str(file)}

    with pytest.raises(UsageError, match=r"SFREC_CA_FILE: .*empty\.pem holds no certificate"):
        open_org(tmp_path, None, environ)
