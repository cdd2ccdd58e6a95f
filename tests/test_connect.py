"""Which org a command speaks to, and why."""

from pathlib import Path

import pytest

from reconciler.connect import open_org, open_simulated_org
from reconciler.errors import InvalidFiles, UsageError

TOKEN = "00D000000000001EAA!AQ.SECRET"


def settings(folder: Path, text: str) -> Path:
    (folder / "sfrec.yaml").write_text(text)
    return folder


def test_the_environment_names_an_org(tmp_path: Path) -> None:
    environ = {"SFREC_INSTANCE_URL": "https://acme.my.salesforce.com/", "SFREC_ACCESS_TOKEN": TOKEN}

    with open_org(tmp_path, None, environ) as org:
        assert (org.name, org.reader.session.instance_url) == ("environment", "https://acme.my.salesforce.com")
        assert "SECRET" not in repr(org)


@pytest.mark.parametrize("given", [{"SFREC_INSTANCE_URL": "https://x.example"}, {"SFREC_ACCESS_TOKEN": TOKEN}])
def test_half_an_environment_is_refused(tmp_path: Path, given: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="is not set") as caught:
        open_org(tmp_path, None, given)

    assert "SECRET" not in str(caught.value)


def test_the_file_names_orgs_and_the_environment_holds_the_token(tmp_path: Path) -> None:
    folder = settings(
        tmp_path, "default_org: uat\norgs: {uat: {instance_url: https://uat.my.salesforce.com, login: access_token}}\n"
    )

    with open_org(folder, "uat", {"SFREC_ACCESS_TOKEN": TOKEN}) as org:
        assert (org.name, org.reader.session.instance_url) == ("uat", "https://uat.my.salesforce.com")
    with pytest.raises(UsageError, match="SFREC_ACCESS_TOKEN is not set"):
        open_org(folder, None, {})
    with pytest.raises(UsageError, match="choose one of: simulated, uat"):
        open_org(folder, "prod", {"SFREC_ACCESS_TOKEN": TOKEN})


def test_the_simulated_org_may_be_named_though_another_is_default(tmp_path: Path) -> None:
    folder = settings(tmp_path, "default_org: uat\norgs: {uat: {instance_url: https://uat.my.salesforce.com}}\n")

    with open_org(folder, "simulated", {}) as org:
        assert org.name == "simulated"


def test_a_bad_settings_file_is_told_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(InvalidFiles) as caught:
        open_org(settings(tmp_path, "orgz: {}\n"), None, {})

    assert str(caught.value.problems[0].source) == "sfrec.yaml:1:1"


def test_ci_never_guesses_an_org(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="never guessed"):
        open_org(tmp_path, None, {"CI": "true"})


def test_a_certificate_authority_is_a_file(tmp_path: Path) -> None:
    environ = {"SFREC_INSTANCE_URL": "https://x.example", "SFREC_ACCESS_TOKEN": TOKEN}
    ca_file = tmp_path / "ca.pem"
    ca_file.write_text("x")

    with open_org(tmp_path, None, {**environ, "SFREC_CA_FILE": str(ca_file)}) as org:
        assert org.reader.session.http.verify == str(ca_file)
    with pytest.raises(UsageError, match="is no file"):
        open_org(tmp_path, None, {**environ, "SFREC_CA_FILE": str(tmp_path / "none")})


def test_a_projects_own_seed_makes_its_simulated_org(tmp_path: Path) -> None:
    (tmp_path / "simulated-org.yaml").write_text("organization: {Name: Mine}\n")

    org = open_simulated_org(tmp_path)

    assert org.store.find("Organization")[0]["Name"] == "Mine"
    org.close()


def test_a_bad_seed_is_told_with_its_findings(tmp_path: Path) -> None:
    (tmp_path / "simulated-org.yaml").write_text("Users: []\n")

    with pytest.raises(UsageError, match="Users: no such object"):
        open_simulated_org(tmp_path)
    assert not (tmp_path / ".sfrec" / "simulated-org.db").exists()


def test_a_state_file_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "org.db").write_text("something else, and long enough to be looked at by SQLite" * 20)

    with pytest.raises(UsageError, match="not a simulated org"):
        open_simulated_org(tmp_path, path=tmp_path / "org.db")
