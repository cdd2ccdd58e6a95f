"""Look-ups over the org's facts, made once per plan."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from reconciler.kinds import ROLE_BASED_TYPES
from reconciler.model import Facts, License, PortalRole, Profile


@dataclass(frozen=True, slots=True)
class FactIndex:
    """The org's licenses, profiles and portal roles by what they are asked for."""

    licenses: Mapping[str, License]
    profiles: Mapping[str, Profile]
    profiles_of: Mapping[str, tuple[Profile, ...]]
    roles: Mapping[tuple[str, str], Mapping[str, PortalRole]]

    def license(self, name_or_key: str) -> License | None:
        """The license of that name or LicenseDefinitionKey (F2.3)."""
        return self.licenses.get(name_or_key)

    def roles_of(self, account_id: str, profile: Profile) -> Mapping[str, PortalRole]:
        """Level -> role, of the roles that an account has for users of that profile."""
        return self.roles.get((account_id, ROLE_BASED_TYPES.get(profile.user_type, "")), {})


def index_facts(facts: Facts) -> FactIndex:
    """Index the facts of one read."""
    licenses = {license_.key: license_ for license_ in facts.licenses if license_.key}
    licenses |= {license_.name: license_ for license_ in facts.licenses}
    profiles_of: dict[str, list[Profile]] = {}
    for profile in sorted(facts.profiles, key=lambda p: p.name):
        profiles_of.setdefault(profile.license, []).append(profile)
    roles: dict[tuple[str, str], dict[str, PortalRole]] = {}
    for role in facts.roles:
        roles.setdefault((role.account_id, role.type), {})[role.level] = role
    return FactIndex(
        licenses=licenses,
        profiles={profile.name: profile for profile in facts.profiles},
        profiles_of={name: tuple(profiles) for name, profiles in profiles_of.items()},
        roles=roles,
    )


@dataclass
class Similar:
    """Finds the most similar of many names; only so often, as each search looks at many of them."""

    names: Iterable[str]
    searches: int = 100
    _by_start: dict[str, list[str]] | None = None

    def to(self, wanted: str) -> str | None:
        """The most similar name that begins alike; None when there is none, or after too many searches."""
        if self._by_start is None:
            self._by_start = {}
            for name in sorted(self.names):
                self._by_start.setdefault(name[:_ALIKE].casefold(), []).append(name)
        if not self.searches:
            return None
        self.searches -= 1
        known = self._by_start.get(wanted[:_ALIKE].casefold(), [])
        return next(iter(get_close_matches(wanted, known[:_LOOKED_AT], n=1, cutoff=0.6)), None)


_ALIKE = 2
_LOOKED_AT = 2_000


def choose_one_of(wanted: str, names: Iterable[str]) -> str:
    """A remedy that leads from a name that does not exist to those that do, the closest first."""
    known = sorted(set(names))
    close = get_close_matches(wanted, known, n=1, cutoff=0.6)
    if close:
        return f'did you mean "{close[0]}"?'
    return f"choose one of: {', '.join(known)}" if known else "the org has none"
