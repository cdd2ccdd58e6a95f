"""What an org offers, and one complete read of it."""

from dataclasses import dataclass

from reconciler.model.state import State


@dataclass(frozen=True, slots=True)
class OrgInfo:
    """The org a command speaks to."""

    id: str
    instance_url: str
    name: str
    edition: str
    is_sandbox: bool
    is_simulated: bool


@dataclass(frozen=True, slots=True)
class License:
    """A UserLicense; `used` counts active users (F2.2)."""

    id: str
    name: str
    key: str | None
    total: int
    used: int


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile; every profile belongs to one license and decides its users' UserType (F2.1)."""

    id: str
    name: str
    user_type: str
    license: str


@dataclass(frozen=True, slots=True)
class PortalRole:
    """A role that Salesforce made for an account: `type` is CustomerPortal or Partner, `level` as in ROLE_LEVELS."""

    id: str
    name: str
    account_id: str
    type: str
    level: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the org offers: not managed, but decisive for what may be planned.

    `takes_soap` is whether the login's token is one that SOAP takes; `may_run_apex` whether the login may run anonymous
    Apex, None when nobody has asked.
    """

    org: OrgInfo
    licenses: tuple[License, ...]
    profiles: tuple[Profile, ...]
    roles: tuple[PortalRole, ...]
    requests: int = 0
    takes_soap: bool = True
    may_run_apex: bool | None = None


@dataclass(frozen=True, slots=True)
class Live:
    """One complete read of an org.

    `state` need not hold users that are exactly as declared: they are only counted. `unsettled` are the keys of all
    other declared users, None when nobody has looked; `in_sync` is the number of records of those that are settled.
    """

    state: State
    facts: Facts
    unsettled: tuple[str, ...] | None = None
    in_sync: int = 0
