"""OAuth: tokens by jwt-bearer, client credentials, password and refresh; userinfo and identity.

The org knows no secrets, so that any client id, secret, password and signature is taken; the user must exist.
Source: https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_endpoints.htm
"""

import base64
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from werkzeug.wrappers import Request, Response

from reconciler.simulator.org import Org
from reconciler.simulator.wire.context import json_response
from reconciler.simulator.wire.tokens import default_user, issue_token, revoke_token, user_of

_JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class _Denied(Exception):
    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


def token(org: Org, request: Request) -> Response:
    """`POST /services/oauth2/token`."""
    form = request.form
    try:
        user_id = _GRANTS.get(form.get("grant_type", ""), _unknown_grant)(org, request)
    except _Denied as denied:
        return json_response({"error": denied.error, "error_description": denied.description}, 400)
    host = request.host_url.rstrip("/")
    answer: dict[str, Any] = {
        "access_token": issue_token(org, user_id),
        "instance_url": host,
        "id": f"{host}/id/{org.id}/{user_id}",
        "token_type": "Bearer",
        "issued_at": str(int(time.time() * 1000)),
        "signature": base64.b64encode(b"simulated").decode(),
        "scope": "api",
    }
    if form.get("grant_type") == "client_credentials":
        answer["api_instance_url"] = host
    return json_response(answer)


def revoke(org: Org, request: Request) -> Response:
    """`POST /services/oauth2/revoke`."""
    revoke_token(org, request.values.get("token", ""))
    return Response(status=200)


def userinfo(org: Org, request: Request) -> Response:
    """`GET /services/oauth2/userinfo`."""
    user_id = user_of(org, request.headers.get("Authorization", ""))
    user = org.store.get("User", user_id) or {}
    host = request.host_url.rstrip("/")
    return json_response(
        {
            "sub": f"{host}/id/{org.id}/{user_id}",
            "user_id": user_id,
            "organization_id": org.id,
            "preferred_username": user.get("Username"),
            "nickname": user.get("CommunityNickname"),
            "name": user.get("Name"),
            "email": user.get("Email"),
            "email_verified": user.get("HasUserVerifiedEmail"),
            "given_name": user.get("FirstName"),
            "family_name": user.get("LastName"),
            "zoneinfo": user.get("TimeZoneSidKey"),
            "active": user.get("IsActive"),
            "user_type": "STANDARD",
            "language": user.get("LanguageLocaleKey"),
            "locale": user.get("LocaleSidKey"),
            "utcOffset": 0,
            "updated_at": user.get("SystemModstamp"),
            "urls": {},
        }
    )


def identity(org: Org, request: Request) -> Response:
    """`GET /id/{org}/{user}`."""
    header = request.headers.get("Authorization") or f"Bearer {request.args.get('oauth_token', '')}"
    user_id = user_of(org, header)
    user = org.store.get("User", user_id) or {}
    host = request.host_url.rstrip("/")
    return json_response(
        {
            "id": f"{host}/id/{org.id}/{user_id}",
            "user_id": user_id,
            "organization_id": org.id,
            "username": user.get("Username"),
            "display_name": user.get("Name"),
            "email": user.get("Email"),
            "active": user.get("IsActive"),
            "urls": {"rest": f"{host}/services/data/v{{version}}/"},
        }
    )


def _unknown_grant(_: Org, __: Request) -> str:
    raise _Denied("unsupported_grant_type", "grant type not supported")


def _by_name(org: Org, username: str) -> str:
    found = org.store.find("User", Username=username)
    if not found:
        raise _Denied("invalid_grant", "authentication failure")
    if found[0]["IsActive"] is not True:
        raise _Denied("inactive_user", "user is inactive")
    return str(found[0]["Id"])


def _by_default(org: Org) -> str:
    user_id = default_user(org)
    if user_id is None:
        raise _Denied("inactive_user", "the org has no active internal user")
    return user_id


def _jwt(org: Org, request: Request) -> str:
    parts = request.form.get("assertion", "").split(".")
    try:
        padded = parts[1] + "=" * (-len(parts[1]) % 4)
        claims: Mapping[str, Any] = json.loads(base64.urlsafe_b64decode(padded))
        username = str(claims["sub"])
    except (IndexError, KeyError, TypeError, ValueError):
        raise _Denied("invalid_grant", "invalid assertion") from None
    return _by_name(org, username)


def _client_credentials(org: Org, request: Request) -> str:
    if not (request.authorization or request.form.get("client_id")):
        raise _Denied("invalid_client", "invalid client credentials")
    return _by_default(org)


def _password(org: Org, request: Request) -> str:
    return _by_name(org, request.form.get("username", ""))


def _refresh(org: Org, request: Request) -> str:
    if not request.form.get("refresh_token"):
        raise _Denied("invalid_grant", "expired access/refresh token")
    return _by_default(org)


_GRANTS: Mapping[str, Callable[[Org, Request], str]] = {
    _JWT: _jwt,
    "client_credentials": _client_credentials,
    "password": _password,
    "refresh_token": _refresh,
}
