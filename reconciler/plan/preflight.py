"""What Salesforce would refuse, found before anything is sent: a table of rules over the matched users.

Each rule cites the fact that it rests on; the codes are stable. P4 to P6 and P8 are found while names are resolved.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reconciler.kinds import EXTERNAL_IDENTITY, LICENSE_FIELD
from reconciler.model import Address, Kind, Problem, Profile, Resource, Seats, State
from reconciler.plan.finding import error, warning
from reconciler.plan.resolve import Resolved
from reconciler.plan.seats import Move

_SHOWN_USERS = 20

Holders = Mapping[str, tuple[Resource, ...]]
"""Contact id -> the users that have it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of Salesforce that a plan can know of; `check` yields the problems of one user."""

    code: str
    fact: str
    check: Callable[[Resolved, Holders], Iterator[Problem]]


def preflight(users: Sequence[Resolved], live: State) -> Iterator[Problem]:
    """All problems of all users, in their order."""
    holders = _holders(live)
    for user in users:
        yield from user.problems
        for rule in RULES:
            yield from rule.check(user, holders)


def seat_problems(
    seats: Iterable[Seats], moves: Sequence[Move], placed: Container[Address], users: Mapping[Address, Resolved]
) -> Iterator[Problem]:
    """Licenses with fewer seats than the plan needs, with the users that want one (F2.13)."""
    for license_ in seats:
        needing = sorted(move.address for move in moves if move.is_needed and move.after == license_.license)
        left = [address for address in needing if address not in placed]
        if left:
            yield _short_of_seats(license_, needing, len(left), users[left[0]].user)


def _short_of_seats(seats: Seats, needing: Sequence[Address], missing: int, user: Resource) -> Problem:
    shown = ", ".join(address.key for address in needing[:_SHOWN_USERS])
    more = f" and {len(needing) - _SHOWN_USERS} more" if len(needing) > _SHOWN_USERS else ""
    return error(
        "SF107",
        user,
        "ProfileId" if "ProfileId" in user.positions else LICENSE_FIELD,
        f"license {seats.license} is short of {missing} {'seat' if missing == 1 else 'seats'}: "
        f"{seats.total} owned, {seats.used} used, {len(needing)} needed for {shown}{more}",
        "free seats by deactivating users of that license, buy more, or declare fewer users",
    )


def _holders(live: State) -> Holders:
    found: dict[str, list[Resource]] = {}
    for user in live.of(Kind.USER):
        address = user.fields.get("ContactId")
        contact = live.get(address) if isinstance(address, Address) else None
        if contact is not None and contact.id is not None:
            found.setdefault(contact.id, []).append(user)
    return {contact: tuple(users) for contact, users in found.items()}


def _contact_has_account(user: Resolved, _: Holders) -> Iterator[Problem]:
    if user.case.record.fields.get("ContactId") is None or user.case.account is not None or not _changes_license(user):
        return
    yield error(
        "SF101", user.user, LICENSE_FIELD, "the user's contact has no account", "declare its account in this document"
    )


def _owner_has_role(user: Resolved, _: Holders) -> Iterator[Problem]:
    account = user.case.account
    if account is None or not (user.case.gets_contact or _changes_license(user)):
        return
    owner = account.fields.get("Owner.Username") or account.fields.get("Owner.Name") or "its owner"
    name = account.fields.get("Name") or account.address.key
    if account.fields.get("Owner.UserRoleId") is None:
        message = f'account "{name}" is owned by {owner}, who has no role; Salesforce refuses portal users there'
        yield error(
            "SF102", _declarer(user), "AccountId", message, "give the owner a role, or the account another owner"
        )
    elif account.fields.get("Owner.IsActive") is False:
        message = f'account "{name}" is owned by {owner}, who is inactive'
        yield error("SF102", _declarer(user), "AccountId", message, "choose an active owner who has a role")


def _contact_is_free(user: Resolved, holders: Holders) -> Iterator[Problem]:
    pair = user.case.contact
    if not user.case.gets_contact or pair is None or pair.live is None or pair.live.id is None:
        return
    others = [holder for holder in holders.get(pair.live.id, ()) if holder.address != user.user.address]
    for other in others[:1]:
        message = f"contact {pair.live.id} already belongs to user {other.address.key}; a contact serves one user"
        yield error("SF103", user.user, "ContactId", message, "give this user an e-mail or name of its own in contact:")


def _contact_stays(user: Resolved, _: Holders) -> Iterator[Problem]:
    fields = user.user.fields
    if "ContactId" in fields and fields["ContactId"] is None and user.case.record.fields.get("ContactId") is not None:
        message = "the user has a contact, and Salesforce never clears ContactId on its own"
        remedy = "remove contact: null, or disable the user in Salesforce and reactivate it as External Identity"
        yield error("SF104", user.user, "ContactId", message, remedy)


def _profile_is_own(user: Resolved, _: Holders) -> Iterator[Problem]:
    if user.target is None or user.target == user.source or user.target.name not in STANDARD_PROFILES:
        return
    message = (
        f'"{user.target.name}" is a standard profile, which Salesforce refuses unless '
        "Setup > Digital Experiences > Settings allows standard external profiles"
    )
    yield warning("SF105", user.user, "ProfileId", message, "clone the profile and declare the clone")


def _license_has_contact(user: Resolved, _: Holders) -> Iterator[Problem]:
    """A user of a contact-bound license without contact can only come from records that predate the rule."""
    target = user.target
    if target is None or user.case.has_contact or user.problems or not _is_external(target):
        return
    if target.license != EXTERNAL_IDENTITY and _changes_license(user):
        yield error(
            "SF106", user.user, "ProfileId", f"license {target.license} needs a contact", "declare account and contact"
        )


def _changes_license(user: Resolved) -> bool:
    return user.source is not None and user.target is not None and user.source.license != user.target.license


def _declarer(user: Resolved) -> Resource:
    """The resource whose document line names the account."""
    return user.case.contact.desired if user.case.contact else user.user


def _is_external(profile: Profile) -> bool:
    return profile.user_type not in {"Standard", "CsnOnly"}


RULES: tuple[Rule, ...] = (
    Rule("SF101", "F1.6", _contact_has_account),
    Rule("SF102", "F3.7", _owner_has_role),
    Rule("SF103", "F1.8", _contact_is_free),
    Rule("SF104", "F1.7", _contact_stays),
    Rule("SF105", "F2.7", _profile_is_own),
    Rule("SF106", "F2.12", _license_has_contact),
)

STANDARD_PROFILES = frozenset(
    {
        "Authenticated Website",
        "Customer Community Login User",
        "Customer Community Plus Login User",
        "Customer Community Plus User",
        "Customer Community User",
        "Customer Portal Manager Custom",
        "Customer Portal Manager Standard",
        "External Apps Login User",
        "External Identity User",
        "Gold Partner User",
        "High Volume Customer Portal User",
        "Partner Community Login User",
        "Partner Community User",
        "Silver Partner User",
    }
)
"""The standard external profiles that the gate F2.7 is about; their names as F2.4 lists them."""
