"""Logging in: each OAuth flow, userinfo, revocation, and what becomes of tokens."""

import base64
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import requests

from reconciler.simulator.errors import ApiError
from reconciler.simulator.wire import issue_token
from tests.simulator.wired import Api, refusal, served_api

JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ADMIN = "admin@acme.example"


@pytest.fixture
def api() -> Iterator[Api]:
    with served_api() as served:
        yield served


def token(api: Api, **form: str) -> requests.Response:
    return requests.post(f"{api.url}/services/oauth2/token", data=form, timeout=30)


def assertion(claims: object) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{payload}.c2ln"


def works(api: Api, access_token: str) -> bool:
    headers = {"Authorization": f"Bearer {access_token}"}
    return requests.get(f"{api.url}/services/data/v66.0/limits", headers=headers, timeout=30).status_code == 200


@pytest.mark.parametrize(
    "form",
    [
        {"grant_type": JWT, "assertion": assertion({"sub": ADMIN, "exp": "9999999999"})},
        {"grant_type": "client_credentials", "client_id": "key", "client_secret": "made up"},
        {"grant_type": "password", "client_id": "key", "username": ADMIN, "password": "made up"},
        {"grant_type": "refresh_token", "client_id": "key", "refresh_token": "made up"},
    ],
    ids=lambda form: form["grant_type"].rpartition(":")[2],
)
def test_each_flow_gives_a_token_that_works(api: Api, form: Mapping[str, str]) -> None:
    answer = token(api, **form)

    body = answer.json()
    assert answer.status_code == 200
    assert body["instance_url"] == api.url
    assert body["token_type"] == "Bearer"
    assert body["access_token"].startswith(f"{api.org.id}!")
    assert body["id"].split("/")[-2] == api.org.id
    assert works(api, body["access_token"])


def test_client_credentials_may_stand_in_a_basic_header(api: Api) -> None:
    form = {"grant_type": "client_credentials"}

    answer = requests.post(f"{api.url}/services/oauth2/token", data=form, auth=("key", "made up"), timeout=30)

    assert answer.status_code == 200
    assert answer.json()["api_instance_url"] == api.url


def test_a_token_acts_as_the_user_who_logged_in(api: Api) -> None:
    sonia = "sonia.james@acme.example"

    body = token(api, grant_type=JWT, assertion=assertion({"sub": sonia.upper()})).json()
    told = requests.get(
        f"{api.url}/services/oauth2/userinfo", headers={"Authorization": f"Bearer {body['access_token']}"}, timeout=30
    ).json()

    assert told["preferred_username"] == sonia
    assert body["id"].endswith(told["user_id"])


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "unsupported_grant_type"),
        ({"grant_type": "magic"}, "unsupported_grant_type"),
        ({"grant_type": JWT}, "invalid_grant"),
        ({"grant_type": JWT, "assertion": "a.b.c"}, "invalid_grant"),
        ({"grant_type": JWT, "assertion": assertion(["sub"])}, "invalid_grant"),
        ({"grant_type": JWT, "assertion": assertion({"sub": "nobody@acme.example"})}, "invalid_grant"),
        ({"grant_type": "client_credentials"}, "invalid_client"),
        ({"grant_type": "password", "client_id": "key", "password": "x"}, "invalid_grant"),
        ({"grant_type": "refresh_token"}, "invalid_grant"),
    ],
)
def test_a_login_that_lacks_something_is_told_why(api: Api, form: Mapping[str, str], error: str) -> None:
    answer = token(api, **form)

    assert answer.status_code == 400
    assert answer.json()["error"] == error
    assert answer.json()["error_description"]


def test_an_inactive_user_cannot_log_in(api: Api) -> None:
    user = api.rows("SELECT Id FROM User WHERE Username = 'sonia.james@acme.example'")[0]["Id"]
    assert api.patch(f"sobjects/User/{user}", {"IsActive": False}).status_code == 204

    answer = token(api, grant_type=JWT, assertion=assertion({"sub": "sonia.james@acme.example"}))

    assert (answer.status_code, answer.json()["error"]) == (400, "inactive_user")


def test_identity_names_the_user_with_the_token_in_header_or_query(api: Api) -> None:
    root = api.get("").json()
    access_token = str(api.http.headers["Authorization"]).removeprefix("Bearer ")

    by_header = api.http.get(root["identity"], timeout=30).json()
    by_query = requests.get(root["identity"], params={"oauth_token": access_token}, timeout=30).json()

    assert by_header == by_query
    assert by_header["username"] == ADMIN
    assert by_header["organization_id"] == api.org.id


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer wrong", "Basic a2V5OnNlY3JldA=="])
def test_a_request_without_a_good_token_is_answered_401(api: Api, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}

    answers = [
        requests.get(f"{api.url}{path}", headers=headers, timeout=30)
        for path in ("/services/data/v66.0/limits", "/services/data/v66.0", "/services/oauth2/userinfo", "/id/a/b")
    ]

    assert [refusal(answer) for answer in answers] == [(401, "INVALID_SESSION_ID")] * 4


def test_a_revoked_token_is_worthless(api: Api) -> None:
    access_token = token(api, grant_type="client_credentials", client_id="key").json()["access_token"]
    assert works(api, access_token)

    revoked = requests.post(f"{api.url}/services/oauth2/revoke", data={"token": access_token}, timeout=30)

    assert revoked.status_code == 200
    assert not works(api, access_token)


def test_the_file_of_an_org_holds_no_token(tmp_path: Path) -> None:
    with served_api(path=tmp_path / "org.db") as api:
        access_token = token(api, grant_type="client_credentials", client_id="key").json()["access_token"]

        secret = access_token.partition("!")[2].encode()
        content = b"".join(file.read_bytes() for file in tmp_path.iterdir())

    assert content
    assert secret not in content


def test_a_token_outlives_the_server(tmp_path: Path) -> None:
    with served_api(path=tmp_path / "org.db") as api:
        header = api.http.headers["Authorization"]

    with served_api(path=tmp_path / "org.db") as again:
        answer = requests.get(f"{again.url}/services/data/v66.0/limits", headers={"Authorization": header}, timeout=30)

    assert answer.status_code == 200


def test_an_org_without_an_active_internal_user_gives_no_token(api: Api) -> None:
    for user in api.rows("SELECT Id FROM User WHERE UserType = 'Standard'"):
        api.org.store.update("User", user["Id"], {"IsActive": False})

    answer = token(api, grant_type="client_credentials", client_id="key")

    assert (answer.status_code, answer.json()["error"]) == (400, "inactive_user")
    with pytest.raises(ApiError, match="no active internal user"):
        issue_token(api.org)
