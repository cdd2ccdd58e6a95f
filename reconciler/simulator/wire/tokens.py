"""Access tokens: `<org id>!<random>`, kept as digests so that the org's file holds none that works."""

import hashlib
import secrets

from reconciler.simulator.errors import ApiError
from reconciler.simulator.org import Org

INVALID_SESSION = ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid")


def issue_token(org: Org, user_id: str | None = None) -> str:
    """A token for a user; for the org's first active administrator when none is named."""
    token = f"{org.id}!AQ.{secrets.token_hex(24)}"
    org.store.meta_set(f"token {_digest(token)}", user_id or default_user(org))
    return token


def revoke_token(org: Org, token: str) -> None:
    """Make a token worthless."""
    org.store.meta_set(f"token {_digest(token)}", "")


def user_of(org: Org, authorization: str) -> str:
    """The user id behind an Authorization header; raises ApiError 401."""
    kind, _, token = authorization.partition(" ")
    user_id = org.store.meta_get(f"token {_digest(token.strip())}") if kind in {"Bearer", "OAuth"} else None
    if not user_id:
        raise INVALID_SESSION
    return user_id


def default_user(org: Org) -> str:
    """The org's first active internal user."""
    for user in org.store.find("User", IsActive=True):
        if user["UserType"] == "Standard":
            return str(user["Id"])
    raise ApiError(400, "invalid_grant", "the org has no active internal user")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
