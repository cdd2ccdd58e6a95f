"""Which license moves Salesforce permits for an existing user, and whether they can be taken back.

Facts F2.8 to F2.12. Sources: Salesforce Help "Experience Cloud Licenses Eligible for Upgrades", "Migrate Community
Users Between Licenses", "Upgrade a Contactless User to a Community License". Where the documents are silent or
contradict one another the move is refused (inferred).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from reconciler.kinds import EXTERNAL_IDENTITY
from reconciler.model import Profile, Undo


class Family(StrEnum):
    """Licenses that move alike."""

    CONTACTLESS = "External Identity without a contact"
    IDENTITY = "External Identity"
    LITE = "high-volume"
    CUSTOMER = "Customer Community Plus"
    PARTNER = "Partner Community"
    INTERNAL = "internal"


_FAMILIES: Mapping[str, Family] = {
    "CspLitePortal": Family.LITE,
    "PowerCustomerSuccess": Family.CUSTOMER,
    "PowerPartner": Family.PARTNER,
}

_ALLOWED: Mapping[tuple[Family, Family], Undo] = {
    (Family.CONTACTLESS, Family.CONTACTLESS): Undo.YES,
    (Family.IDENTITY, Family.IDENTITY): Undo.YES,
    (Family.IDENTITY, Family.LITE): Undo.NEVER,
    (Family.IDENTITY, Family.CUSTOMER): Undo.NEVER,
    (Family.IDENTITY, Family.PARTNER): Undo.NEVER,
    (Family.LITE, Family.LITE): Undo.YES,
    (Family.LITE, Family.CUSTOMER): Undo.NEVER,
    (Family.LITE, Family.PARTNER): Undo.NEVER,
    (Family.CUSTOMER, Family.CUSTOMER): Undo.YES,
    (Family.PARTNER, Family.PARTNER): Undo.YES,
}

_REASONS: Mapping[Family, tuple[str, str]] = {
    Family.CONTACTLESS: (
        "a community license needs a contact",
        "declare account and contact in this document",
    ),
    Family.IDENTITY: (
        "External Identity users move to community licenses only",
        "choose a community license",
    ),
    Family.LITE: (
        "high-volume users move within their family or up to Customer Community Plus and Partner Community",
        "choose such a license, or disable the user and reactivate it as External Identity in Salesforce first",
    ),
    Family.CUSTOMER: (
        "Customer Community Plus users stay within their family",
        "keep the license, or disable the user and reactivate it as External Identity in Salesforce first",
    ),
    Family.PARTNER: (
        "Partner Community users stay within their family",
        "keep the license, or disable the user and reactivate it as External Identity in Salesforce first",
    ),
    Family.INTERNAL: (
        "sfrec moves external users between external licenses only",
        "leave internal users out of desired/",
    ),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a move is permitted: `undo` when it is, else why not and what to do."""

    undo: Undo | None
    reason: str = ""
    remedy: str = ""


def family(profile: Profile, *, has_contact: bool) -> Family:
    """The family of a profile's users."""
    if profile.license == EXTERNAL_IDENTITY:
        return Family.IDENTITY if has_contact else Family.CONTACTLESS
    return _FAMILIES.get(profile.user_type, Family.INTERNAL)


def judge(source: Profile, target: Profile, *, has_contact: bool) -> Verdict:
    """Judge the move of a user from one profile to another; `has_contact` tells whether it has one by then."""
    if source.license == target.license:
        return Verdict(Undo.YES)
    move = (family(source, has_contact=has_contact), family(target, has_contact=has_contact))
    undo = _ALLOWED.get(move)
    if undo is not None:
        return Verdict(undo)
    reason, remedy = _REASONS[move[0]]
    return Verdict(None, reason, remedy)
