"""Pairs what the files declare with the records of the org that it speaks of.

A user is found by its Username. A contact is the user's own, else the one contact of the declared account with the same
e-mail and name, else it is created; more than one candidate is a problem, never a choice.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from reconciler.model import Address, Kind, Live, Problem, Resource, State, Value
from reconciler.plan.facts import Similar
from reconciler.plan.finding import error

ContactKey = tuple[str, str, str, str]
"""Account id, e-mail, first name, last name; text casefolded, absent is empty."""

_FROM_USER = ("FirstName", "LastName", "Email")


@dataclass(frozen=True, slots=True)
class Pair:
    """A declared resource and its record, or None when the record is to be created; `reason` says how it was found."""

    desired: Resource
    live: Resource | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One declared user with all that decides its plan: its two sides, its declared contact, its account."""

    user: Resource
    record: Resource
    contact: Pair | None
    account: Resource | None

    @property
    def has_contact(self) -> bool:
        """Whether the user has a contact once its contact phases are applied."""
        return self.contact is not None or self.record.fields.get("ContactId") is not None

    @property
    def gets_contact(self) -> bool:
        """Whether the plan sets the user's ContactId."""
        return self.contact is not None and self.record.fields.get("ContactId") is None


@dataclass(frozen=True, slots=True)
class Matched:
    """Every declared user that the org has, and the problems of those that could not be matched."""

    cases: tuple[Case, ...]
    problems: tuple[Problem, ...]


def match(desired: State, live: Live) -> Matched:
    """Match every declared user and contact."""
    users, accounts = (
        Similar([address.key for address in live.state.resources if address.kind is kind and not _is_spelled(address)])
        for kind in (Kind.USER, Kind.ACCOUNT)
    )
    matcher = _Matcher(desired, live.state, _candidates(live.state), _doubles(live.state), users, accounts)
    cases: list[Case] = []
    problems: list[Problem] = []
    for user in _unsettled(desired, live):
        try:
            cases.append(matcher.case(user))
        except _Unmatched as unmatched:
            problems.append(unmatched.problem)
    problems.extend(_contacts_claimed_twice(cases))
    return Matched(tuple(cases), tuple(problems))


def _is_spelled(address: Address) -> bool:
    """Whether a key is no mere name but names its field, or is one of several."""
    return "#" in address.key or "=" in address.key


def _unsettled(desired: State, live: Live) -> Iterator[Resource]:
    """The declared users that a plan has to look at, by address."""
    if live.unsettled is None:
        yield from desired.of(Kind.USER)
        return
    for key in live.unsettled:
        yield desired.resources[Address(Kind.USER, key)]


class _Unmatched(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class _Matcher:
    desired: State
    live: State
    candidates: Mapping[ContactKey, tuple[Resource, ...]]
    doubles: Mapping[str, tuple[str, ...]]
    users: Similar
    accounts: Similar

    def case(self, user: Resource) -> Case:
        record = self.live.get(user.address)
        if record is None:
            raise _Unmatched(_no_such_user(user, self.users))
        contact = self._declared_contact(user)
        if contact is None:
            return Case(user, record, None, self._own_account(record))
        account = self._account(contact)
        own = self._own_contact(record)
        pair = self._own_pair(contact, own, account) if own else self._found_pair(contact, user, record, account)
        return Case(self._with_live_role(user, record, account), record, pair, account)

    def _declared_contact(self, user: Resource) -> Resource | None:
        address = user.fields.get("ContactId")
        return self.desired.get(address) if isinstance(address, Address) else None

    def _own_contact(self, record: Resource) -> Resource | None:
        address = record.fields.get("ContactId")
        return self.live.get(address) if isinstance(address, Address) else None

    def _own_account(self, record: Resource) -> Resource | None:
        contact = self._own_contact(record)
        address = contact.fields.get("AccountId") if contact else None
        return self.live.get(address) if isinstance(address, Address) else None

    def _account(self, contact: Resource) -> Resource:
        address = contact.fields["AccountId"]
        if not isinstance(address, Address):
            raise _Unmatched(_contact_without_account(contact))
        account = self.live.get(address)
        if account is None:
            raise _Unmatched(_no_such_account(contact, address, self.doubles.get(address.key, ()), self.accounts))
        return account

    def _own_pair(self, contact: Resource, own: Resource, account: Resource) -> Pair:
        address = own.fields.get("AccountId")
        current = self.live.get(address) if isinstance(address, Address) else None
        if current is not None and current.id != account.id:
            raise _Unmatched(_moves_account(contact, current, account))
        if current is not None:
            own = replace(own, fields={**own.fields, "AccountId": contact.fields["AccountId"]})
        return Pair(contact, own, "the user's own contact")

    def _found_pair(self, contact: Resource, user: Resource, record: Resource, account: Resource) -> Pair:
        completed = _completed(contact, {**record.fields, **user.fields})
        found = self.candidates.get(_contact_key(account.id, completed.fields), ())
        if len(found) > 1:
            raise _Unmatched(_ambiguous_contact(contact, account, found))
        if not found:
            return Pair(completed, None, f"no contact of {account.address.key} has this e-mail and name")
        fields = {**found[0].fields, "AccountId": contact.fields["AccountId"]}
        return Pair(contact, replace(found[0], fields=fields), "the contact of that account with this e-mail and name")

    def _with_live_role(self, user: Resource, record: Resource, account: Resource) -> Resource:
        """The user with its role spelled as its record spells it, when both mean the same account and level."""
        declared, present = user.fields.get("UserRoleId"), record.fields.get("UserRoleId")
        if not isinstance(declared, Address) or not isinstance(present, Address) or declared == present:
            return user
        key, _, level = present.key.rpartition("/")
        holder = self.live.get(Address(Kind.ACCOUNT, key))
        same = holder is not None and holder.id == account.id and level == declared.key.rpartition("/")[2]
        return replace(user, fields={**user.fields, "UserRoleId": present}) if same else user


def _completed(contact: Resource, user: Mapping[str, Value]) -> Resource:
    """A contact to be created takes what it needs and does not declare from its user."""
    taken = {name: user[name] for name in _FROM_USER if name not in contact.fields and user.get(name)}
    return replace(contact, fields={**contact.fields, **taken}) if taken else contact


def _contact_key(account_id: str | None, fields: Mapping[str, Value]) -> ContactKey:
    email, first, last = (str(fields.get(name) or "").casefold() for name in ("Email", "FirstName", "LastName"))
    return (account_id or "", email, first, last)


def _candidates(live: State) -> Mapping[ContactKey, tuple[Resource, ...]]:
    found: dict[ContactKey, list[Resource]] = {}
    for contact in live.of(Kind.CONTACT):
        address = contact.fields.get("AccountId")
        account = live.get(address) if isinstance(address, Address) else None
        if account is not None:
            found.setdefault(_contact_key(account.id, contact.fields), []).append(contact)
    return {key: tuple(contacts) for key, contacts in found.items()}


def _doubles(live: State) -> Mapping[str, tuple[str, ...]]:
    """Key -> ids, of the accounts that share one; such a key stands nowhere by itself."""
    found: dict[str, list[str]] = {}
    for address in sorted(address for address in live.resources if address.kind is Kind.ACCOUNT):
        key, separator, record_id = address.key.rpartition("#")
        if separator:
            found.setdefault(key, []).append(record_id)
    return {key: tuple(ids) for key, ids in found.items()}


def _contacts_claimed_twice(cases: Sequence[Case]) -> Iterator[Problem]:
    """Two users can't share a contact (F1.8), nor may two runs of one name make two that nobody can tell apart."""
    claims: dict[object, Case] = {}
    for case in cases:
        if case.contact is None:
            continue
        pair = case.contact
        claim = (
            pair.live.id if pair.live else _contact_key(case.account.id if case.account else None, pair.desired.fields)
        )
        first = claims.setdefault(claim, case)
        if first is not case:
            yield error(
                "SF135",
                case.user,
                "ContactId",
                f"{case.user.address.key} and {first.user.address.key} declare the same contact: "
                "same account, e-mail and name",
                "give each user an e-mail or name of its own; a contact serves one user",
            )


def _no_such_user(user: Resource, users: Similar) -> Problem:
    hint = _did_you_mean(users.to(user.address.key)) or "check the spelling, or create the user in Salesforce first"
    return error("SF130", user, "Username", f'no user "{user.address.key}" in the org', hint)


def _did_you_mean(name: str | None) -> str | None:
    return f'did you mean "{name}"?' if name else None


def _contact_without_account(contact: Resource) -> Problem:
    return error(
        "SF101", contact, "AccountId", "a contact without an account can't serve a user", "declare the account"
    )


def _no_such_account(contact: Resource, address: Address, doubles: Sequence[str], accounts: Similar) -> Problem:
    if doubles:
        return error(
            "SF133",
            contact,
            "AccountId",
            f'{len(doubles)} accounts answer to "{address.key}": {", ".join(doubles)}',
            "name the account by its id or by an external id, e.g. account: {id: 001...}",
        )
    hint = _did_you_mean(accounts.to(address.key))
    remedy = hint or "check the spelling, or create the account in Salesforce first"
    return error("SF132", contact, "AccountId", f'no account "{address.key}" in the org', remedy)


def _moves_account(contact: Resource, current: Resource, account: Resource) -> Problem:
    return error(
        "SF134",
        contact,
        "AccountId",
        f"the user's contact belongs to account {_account_name(current)}, not {_account_name(account)}; "
        "moving it takes the user's role and access with it",
        "declare the account that the contact is in, or move the contact in Salesforce first",
    )


def _account_name(account: Resource) -> str:
    return f'"{account.fields.get("Name") or account.address.key}"'


def _ambiguous_contact(contact: Resource, account: Resource, found: Sequence[Resource]) -> Problem:
    ids = ", ".join(str(candidate.id) for candidate in found)
    return error(
        "SF131",
        contact,
        "AccountId",
        f"{len(found)} contacts of account {_account_name(account)} have this e-mail and name: {ids}",
        "merge them in Salesforce, or tell them apart by e-mail or name",
    )
