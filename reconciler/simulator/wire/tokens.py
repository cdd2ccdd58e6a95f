"""Access tokens: `<org id>!<random>`, kept as digests so that the org's file holds none that works."""

import hashlib
import secrets

from reconciler.simulator.errors import ApiError
from reconciler.simulator.org import Org


def issue_token(org: Org, user_id: str | None = None) -> str:
    """A token for a user, or else for the org's first active internal user; raises ApiError when there is none."""
    owner = user_id or default_user(org)
    if owner is None:
        raise ApiError(400, "INVALID_LOGIN", "the org has no active internal user")
    token = f"{org.id}!AQ.{secrets.token_hex(24)}"
    org.store.meta_set(f"token {_digest(token)}", owner)
    return token


def revoke_token(org: Org, token: str) -> None:
    """Make a token worthless."""
    org.store.meta_set(f"token {_digest(token)}", "")


def invalid_session() -> ApiError:
    """The answer to a token that is unknown, revoked or expired."""
    return ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid")


def user_of(org: Org, authorization: str) -> str:
    """The user id behind an Authorization header; raises ApiError 401."""
    kind, _, token = authorization.partition(" ")
    user_id = org.store.meta_get(f"token {_digest(token.strip())}") if kind in {"Bearer", "OAuth"} else None
    if not user_id:
        raise invalid_session()
    return user_id


def default_user(org: Org) -> str | None:
    """The org's first active internal user."""
    found = (user for user in org.store.find("User", IsActive=True) if user["UserType"] == "Standard")
    return next((str(user["Id"]) for user in found), None)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
