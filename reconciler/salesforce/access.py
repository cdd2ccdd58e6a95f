"""The access token of a session: renewed once when the org refuses it, whichever thread meets that first."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from reconciler.errors import LoginFailed, SfrecError, UsageError

_TOKEN = re.compile(r"[!-~]+\Z")

_NOT_RENEWABLE = (
    "the org does not accept the access token: it is wrong or has expired, and a plain token can't be renewed; log in "
    "again and set SFREC_ACCESS_TOKEN anew, or choose a login that can be: jwt, client_credentials or sf_cli"
)
_SAME_AGAIN = (
    "the org refuses the access token, and logging in again gave the same one; end that session and log in again"
)


def checked_token(token: str) -> str:
    """A token without the line end of the file that it was read from; raises UsageError for one that is none."""
    token = token.strip()
    if not _TOKEN.match(token):
        msg = "the access token holds spaces or characters that no token has; copy it again"
        raise UsageError(msg)
    return token


@dataclass
class Access:
    """A token, and how another is got where that is possible; safe for several threads at once."""

    token: str = field(repr=False)
    renew: Callable[[], str] | None = field(default=None, repr=False)
    _lock: Lock = field(default_factory=Lock, init=False, repr=False)
    _failure: str | None = field(default=None, init=False, repr=False)

    def instead_of(self, refused: str) -> str:
        """The token to use after the org refused that one; raises LoginFailed when there is none.

        Threads that meet one refusal together log in once together. A login that failed is not tried by the next
        thread again: too many lock the user out.
        """
        with self._lock:
            if self.token == refused:
                self.token = self._fresh(refused)
            return self.token

    def _fresh(self, refused: str) -> str:
        if self.renew is None:
            raise LoginFailed(_NOT_RENEWABLE)
        if self._failure is None:
            try:
                fresh = checked_token(self.renew())
            except SfrecError as error:
                self._failure = f"the access token has expired, and logging in again failed: {error}"
            else:
                if fresh != refused:
                    return fresh
                self._failure = _SAME_AGAIN
        raise LoginFailed(self._failure)
