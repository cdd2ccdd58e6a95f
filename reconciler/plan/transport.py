"""Chooses what carries the contact of users, and says why (F1.5; mails F9.5)."""

from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.kinds import COLLECTION_SIZE
from reconciler.model import AS_ASKED, Facts, Problem, Severity, Transport, Via

_JOB_REQUESTS = 6
"""What a job takes at least: create, upload, close, two polls, results."""

_SOAP_CALL = COLLECTION_SIZE
"""Records of one SOAP call, as of one sObject Collections request."""

NAMES = {Transport.BULK: "Bulk API 2.0", Transport.SOAP: "the SOAP API", Transport.APEX: "anonymous Apex"}


@dataclass(frozen=True, slots=True)
class Links:
    """How contacts of users are to be set: by what, and whether the users may get mails of it."""

    asked: Transport
    notify: bool
    takes_soap: bool

    def way(self, count: int) -> tuple[Via, str]:
        """What carries so many links, and why."""
        if self.asked is not Transport.AUTO:
            return Via(self.asked.value), AS_ASKED
        calls = -(-count // _SOAP_CALL)
        if not self.takes_soap:
            return Via.BULK, "SOAP does not take the login's token, which is a JWT"
        if self.notify:
            return Via.SOAP, "only SOAP and Apex can let mails go out"
        if calls <= _JOB_REQUESTS:
            return Via.SOAP, "no mails, and no more requests than a job"
        return Via.BULK, f"a job takes fewer requests than {calls} calls"

    def may_notify(self, via: Via) -> bool:
        """Whether the way lets mails go out."""
        return self.notify and via in {Via.SOAP, Via.APEX}


def links(facts: Facts, via: Transport, *, notify: bool) -> Links:
    """How the links of a plan go."""
    return Links(via, notify, facts.takes_soap)


def transport_problems(facts: Facts, via: Transport) -> Iterator[Problem]:
    """What the login may not do."""
    if via is Transport.APEX and facts.may_run_apex is False:
        yield _problem("the login may not run anonymous Apex", "grant it Author Apex, or choose --via soap or bulk")
    if via in {Transport.SOAP, Transport.APEX} and not facts.takes_soap:
        message = "SOAP, which carries Apex too, does not take the login's token: it is a JWT"
        yield _problem(message, "choose --via bulk, or let the app issue opaque tokens")


def _problem(message: str, remedy: str) -> Problem:
    return Problem("SF112", Severity.ERROR, message, remedy)
