"""Mails to users: nobody gets any, but the org counts whom Salesforce would have written to, and what about.

What is not known is counted: a rehearsal that tells of a mail too many harms nobody.
"""

from collections.abc import Callable
from dataclasses import dataclass

from reconciler.simulator.outbox import count_mail
from reconciler.simulator.store import Scalar
from reconciler.simulator.write import Write

_API = "https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/"
_HELP = "https://help.salesforce.com/s/articleView?id="


@dataclass(frozen=True, slots=True)
class Mail:
    """A kind of mail: when it goes out, and what says so."""

    kind: str
    when: str
    is_sent: Callable[[Write], bool]
    fact: str
    tag: str
    source: str


def _is_new(write: Write) -> bool:
    """Only a caller who asks for mails by a header makes Salesforce write to a new user."""
    return write.is_insert and write.notify


def _joins_site(write: Write) -> bool:
    """Whether an active user gets a profile, or with one becomes active, that makes it a member of a live site."""
    if write.after.get("IsActive") is not True:
        return False
    was_member = write.was("IsActive") is True and _is_member(write, write.was("ProfileId"))
    return not was_member and _is_member(write, write.after.get("ProfileId"))


def _is_member(write: Write, profile_id: Scalar) -> bool:
    groups = write.org.store.find("NetworkMemberGroup", ParentId=profile_id) if profile_id else []
    sites = (write.get("Network", group["NetworkId"]) for group in groups)
    return any(site.get("Status") == "Live" and site.get("OptionsSendWelcomeEmail") is True for site in sites)


MAILS: tuple[Mail, ...] = (
    Mail(
        "new-user",
        "a user is created by a call whose e-mail header asks for mails to users",
        _is_new,
        "F9.5",
        "documented",
        f"{_API}sforce_api_header_emailheader.htm",
    ),
    Mail(
        "site-welcome",
        "a profile, or becoming active with it, makes a user a member of a live site that sends welcome mails",
        _joins_site,
        "F9.5",
        "documented",
        f"{_HELP}sf.networks_customize_members.htm",
    ),
)
"""Every kind of mail that is counted."""


def send_mails(write: Write, user_id: str) -> None:
    """Count the mails that follow from a user's record, as part of the transaction that wrote it."""
    if write.sobject.name != "User":
        return
    for mail in MAILS:
        if mail.is_sent(write):
            count_mail(write.org.store, mail.kind, user_id, str(write.after.get("Email") or ""), write.org.now())
