"""What an org tells of itself: versions, resources, identity, limits, and how large a request may be."""

import gzip
import json
import re
from collections.abc import Iterator

import pytest

from tests.contract.sources import (
    COMPRESSION,
    DOCUMENTED,
    INFERRED,
    LIMIT_INFO,
    LIMITS,
    REPORTED,
    RESOURCES,
    RETIRED,
    SIZES,
    USERINFO,
    VERSIONS,
)
from tests.contract.tenant import VERSION, Tenant, refusal


@pytest.mark.fact(VERSIONS, DOCUMENTED)
def test_versions_are_listed_in_ascending_order(org: Tenant) -> None:
    versions = org.get("/services/data").json()

    numbers = [version["version"] for version in versions]
    assert all(re.fullmatch(r"[1-9]\d\.0", number) for number in numbers)
    assert numbers == sorted(numbers, key=float)
    assert VERSION in numbers
    assert all(version["url"] == f"/services/data/v{version['version']}" for version in versions)
    assert all(set(version) >= {"label", "url", "version"} for version in versions)


@pytest.mark.fact(VERSIONS, INFERRED)
def test_versions_are_told_without_login(org: Tenant) -> None:
    org.expect("status", org.get("/services/data", auth=None).status_code, 200)


@pytest.mark.fact(RESOURCES, DOCUMENTED)
def test_a_version_names_its_resources(org: Tenant) -> None:
    resources = org.get(f"/services/data/v{VERSION}").json()

    wanted = ("sobjects", "query", "queryAll", "limits", "composite", "jobs")
    found = {name: resources.get(name) for name in wanted}
    org.expect("resources", found, {name: f"/services/data/v{VERSION}/{name}" for name in wanted})


@pytest.mark.fact(RETIRED, DOCUMENTED)
@pytest.mark.parametrize("version", ["21.0", "30.0"])
def test_a_retired_version_is_gone(org: Tenant, version: str) -> None:
    answer = org.get("limits", version=version)

    org.expect("status", answer.status_code, 410)
    org.expect("errorCode", refusal(answer)[1], "UNSUPPORTED_API_VERSION", is_known=False)


@pytest.mark.fact(VERSIONS, INFERRED)
def test_a_version_of_the_far_future_is_not_found(org: Tenant) -> None:
    org.expect("refusal", refusal(org.get("limits", version="99.0")), (404, "NOT_FOUND"))


@pytest.mark.fact(USERINFO, DOCUMENTED)
def test_the_running_user_is_told(org: Tenant) -> None:
    told = org.get("/services/oauth2/userinfo").json()

    assert {"sub", "user_id", "organization_id", "preferred_username"} <= set(told)
    assert org.row("User", told["user_id"], "Username")["Username"] == told["preferred_username"]


@pytest.mark.fact(USERINFO, DOCUMENTED)
def test_the_identity_names_org_and_user(org: Tenant) -> None:
    told = org.get("/services/oauth2/userinfo").json()

    identity = org.get(f"/id/{told['organization_id']}/{told['user_id']}", params={"format": "json"}).json()

    assert identity["organization_id"] == told["organization_id"]
    assert identity["user_id"] == told["user_id"]


@pytest.mark.fact(RESOURCES, REPORTED)
def test_an_org_has_one_organization(org: Tenant) -> None:
    """The sf CLI asks so on each login."""
    names = "Name, InstanceName, IsSandbox, TrialExpirationDate, NamespacePrefix, OrganizationType"

    (found,) = org.rows(f"SELECT {names} FROM Organization")

    assert isinstance(found["IsSandbox"], bool)
    assert set(found) == set(names.split(", "))


@pytest.mark.fact(RESOURCES, REPORTED)
def test_only_a_dev_hub_has_scratch_orgs(org: Tenant) -> None:
    """The sf CLI tells a Dev Hub so."""
    answer = org.query("SELECT Id FROM ScratchOrgInfo LIMIT 1")
    if answer.status_code == 200:
        pytest.skip("the org is a Dev Hub")

    org.expect("refusal", refusal(answer), (400, "INVALID_TYPE"))


@pytest.mark.fact(RESOURCES, REPORTED)
@pytest.mark.parametrize("path", ["limits/", "sobjects/", "query/?q=SELECT+Id+FROM+Organization"])
def test_a_slash_at_the_end_changes_nothing(org: Tenant, path: str) -> None:
    """simple-salesforce sends them."""
    org.expect("status", org.get(path).status_code, 200)


@pytest.mark.fact(RESOURCES, INFERRED)
@pytest.mark.parametrize("path", ["sobjects/account/describe", "sobjects/ACCOUNT/describe"])
def test_the_name_of_an_object_has_no_case(org: Tenant, path: str) -> None:
    org.expect("name", org.get(path).json()["name"], "Account")


@pytest.mark.fact(LIMITS, DOCUMENTED)
def test_limits_have_a_size_and_what_is_left(org: Tenant) -> None:
    limits = org.get("limits").json()

    wanted = {"DailyApiRequests", "DailyBulkApiBatches", "DailyBulkV2QueryJobs", "DataStorageMB"}
    assert wanted <= set(limits)
    assert all({"Max", "Remaining"} <= set(limit) for limit in limits.values())
    assert 0 <= limits["DailyApiRequests"]["Remaining"] <= limits["DailyApiRequests"]["Max"]


@pytest.mark.fact(LIMIT_INFO, DOCUMENTED)
def test_every_answer_tells_the_requests_that_were_used(org: Tenant) -> None:
    answers = [org.get("limits"), org.query("SELECT nothing FROM Account"), org.get("sobjects/Account/describe")]

    assert all(re.match(r"api-usage=\d+/\d+", answer.headers["Sforce-Limit-Info"]) for answer in answers)


@pytest.mark.fact(SIZES, DOCUMENTED)
def test_a_uri_has_16384_bytes(org: Tenant) -> None:
    org.expect("status", org.query(f"SELECT Id FROM Account WHERE Name = '{'x' * 16_400}'").status_code, 414)


@pytest.mark.fact(SIZES, DOCUMENTED)
def test_headers_and_uri_have_16384_bytes_together(org: Tenant) -> None:
    org.expect("status", org.get("limits", headers={"X-Padding": "x" * 16_400}).status_code, 431)


@pytest.mark.fact(COMPRESSION, DOCUMENTED)
def test_a_body_may_be_compressed(org: Tenant) -> None:
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    body = gzip.compress(json.dumps({"Name": org.name()}).encode())

    answer = org.call("POST", "sobjects/Account", data=body, headers=headers)

    org.expect("status", answer.status_code, 201)


@pytest.mark.fact(COMPRESSION, DOCUMENTED)
def test_an_answer_is_compressed_when_that_is_accepted(org: Tenant) -> None:
    path = "sobjects/Account/describe"

    plain = org.get(path, headers={"Accept-Encoding": "identity"})
    packed = org.get(path, headers={"Accept-Encoding": "gzip"})

    assert "Content-Encoding" not in plain.headers
    org.expect("encoding", packed.headers.get("Content-Encoding"), "gzip")
    assert packed.json() == plain.json()


@pytest.mark.fact(RESOURCES, REPORTED)
def test_a_body_may_come_in_chunks(org: Tenant) -> None:
    """jsforce and the sf CLI send such bodies."""
    text = json.dumps({"Name": org.name()}).encode()

    def parts() -> Iterator[bytes]:
        yield text[:5]
        yield text[5:]

    answer = org.call("POST", "sobjects/Account", data=parts(), headers={"Content-Type": "application/json"})

    org.expect("status", answer.status_code, 201)
