"""Resolves a declared user's license, profile and role against what the org offers (preflight P5, P6, P8)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from reconciler.kinds import LICENSE_FIELD, ROLE_BASED_TYPES, ROLE_LEVELS
from reconciler.model import Address, Kind, PortalRole, Problem, Profile, Resource, Undo, Value
from reconciler.plan.facts import FactIndex, choose_one_of
from reconciler.plan.finding import error
from reconciler.plan.license_moves import judge
from reconciler.plan.match import Case


@dataclass(frozen=True, slots=True)
class Resolved:
    """A case whose names are settled.

    `user` is the declared user in the org's own names; `source` and `target` are its profiles before and after, `undo`
    tells whether the move between them can be taken back.
    """

    case: Case
    user: Resource
    source: Profile | None
    target: Profile | None
    undo: Undo
    role: PortalRole | None
    problems: tuple[Problem, ...]


def resolve(case: Case, facts: FactIndex) -> Resolved:
    """Settle the license, profile and role of one declared user."""
    source = facts.profiles.get(_key(case.record.fields.get("ProfileId")))
    problems: list[Problem] = []
    try:
        target = _target_profile(case, facts, source)
    except _Unresolved as unresolved:
        kept = {name: value for name, value in case.user.fields.items() if name not in {"ProfileId", LICENSE_FIELD}}
        return Resolved(case, replace(case.user, fields=kept), source, source, Undo.YES, None, (unresolved.problem,))
    undo = Undo.YES
    if source and target:
        verdict = judge(source, target, has_contact=case.has_contact)
        undo = verdict.undo or Undo.NEVER
        if verdict.undo is None:
            problems.append(_forbidden_move(case, source, target, verdict.reason, verdict.remedy))
    problems.extend(_role_problems(case, facts, target))
    return Resolved(case, _named(case, target), source, target, undo, _role(case, facts, target), tuple(problems))


class _Unresolved(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def _key(value: Value) -> str:
    return value.key if isinstance(value, Address) else ""


def _target_profile(case: Case, facts: FactIndex, source: Profile | None) -> Profile | None:
    """The declared profile, else the only profile of the declared license, else the present one."""
    license_name = _declared_license(case, facts)
    declared = case.user.fields.get("ProfileId")
    if declared is None:
        return source if license_name is None else _only_profile(case, facts, source, license_name)
    profile = facts.profiles.get(_key(declared))
    if profile is None:
        names = [p.name for p in facts.profiles_of.get(license_name or "", ())] or list(facts.profiles)
        raise _Unresolved(
            error(
                "SF105",
                case.user,
                "ProfileId",
                f'no profile "{_key(declared)}" in the org',
                choose_one_of(_key(declared), names),
            )
        )
    if license_name is not None and profile.license != license_name:
        raise _Unresolved(_wrong_license(case, facts, profile, license_name))
    return profile


def _declared_license(case: Case, facts: FactIndex) -> str | None:
    declared = case.user.fields.get(LICENSE_FIELD)
    if declared is None:
        return None
    license_ = facts.license(_key(declared))
    if license_ is None:
        names = [item.name for item in facts.licenses.values()]
        remedy = choose_one_of(_key(declared), names)
        raise _Unresolved(error("SF105", case.user, LICENSE_FIELD, f'no license "{_key(declared)}" in the org', remedy))
    return license_.name


def _only_profile(case: Case, facts: FactIndex, source: Profile | None, license_name: str) -> Profile:
    if source is not None and source.license == license_name:
        return source
    profiles = facts.profiles_of.get(license_name, ())
    if len(profiles) == 1:
        return profiles[0]
    names = ", ".join(p.name for p in profiles) or "none"
    raise _Unresolved(
        error(
            "SF105",
            case.user,
            LICENSE_FIELD,
            f"{len(profiles)} profiles are of license {license_name}, so the profile must be declared",
            f"add profile: with one of: {names}",
        )
    )


def _named(case: Case, target: Profile | None) -> Resource:
    """The user with profile and license under the org's own names; an undeclared license follows a declared profile."""
    if target is None or not ({"ProfileId", LICENSE_FIELD} & case.user.fields.keys()):
        return case.user
    named: dict[str, Value] = {
        "ProfileId": Address(Kind.PROFILE, target.name),
        LICENSE_FIELD: Address(Kind.LICENSE, target.license),
    }
    if named.items() <= case.user.fields.items():
        return case.user
    return replace(case.user, fields={**case.user.fields, **named})


def _role(case: Case, facts: FactIndex, target: Profile | None) -> PortalRole | None:
    """The role that the declared level stands for, when the account has it already."""
    if target is None or case.account is None or case.account.id is None:
        return None
    level = _key(case.user.fields.get("UserRoleId")).rpartition("/")[2]
    return facts.roles_of(case.account.id, target).get(level)


def _role_problems(case: Case, facts: FactIndex, target: Profile | None) -> Iterator[Problem]:
    declared = case.user.fields.get("UserRoleId")
    if declared is None or target is None:
        return
    if target.user_type not in ROLE_BASED_TYPES:
        yield error(
            "SF108",
            case.user,
            "UserRoleId",
            f"users of license {target.license} have no role",
            "remove role:, or choose a license with roles",
        )
        return
    level = _key(declared).rpartition("/")[2]
    present = facts.roles_of(case.account.id, target) if case.account and case.account.id else {}
    if present and level not in present:
        levels = ", ".join(name for name in ROLE_LEVELS if name in present)
        yield error(
            "SF108",
            case.user,
            "UserRoleId",
            f"the account has no role of level {level}; Salesforce made it with: {levels}",
            "choose one of those levels; changing the number of roles does not reach accounts that have roles already",
        )


def _forbidden_move(case: Case, source: Profile, target: Profile, reason: str, remedy: str) -> Problem:
    message = f"a user can't move from {source.license} to {target.license}: {reason}"
    field = "ProfileId" if "ProfileId" in case.user.fields else LICENSE_FIELD
    return error("SF106", case.user, field, message, remedy)


def _wrong_license(case: Case, facts: FactIndex, profile: Profile, license_name: str) -> Problem:
    names = [p.name for p in facts.profiles_of.get(license_name, ())]
    return error(
        "SF105",
        case.user,
        "ProfileId",
        f'profile "{profile.name}" is of license {profile.license}, not {license_name}',
        choose_one_of("", names),
    )
