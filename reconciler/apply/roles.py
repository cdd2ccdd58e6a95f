"""Roles that Salesforce made while the plan was applied: read once, just before they are set.

The first role-based user of an account makes its roles, and every such user gets the lowest level by itself (F3.1,
F3.3), so that a user whose role is right already needs no write.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from reconciler.apply.seen import Seen, Standing, moved
from reconciler.kinds import PORTAL_ROLE_LEVELS, ROLE_BASED_TYPES, ROLE_LEVELS
from reconciler.model import Address, Change, Kind, Plan, Step
from reconciler.salesforce import Reader
from reconciler.salesforce.reader import Select


@dataclass(frozen=True, slots=True)
class Roles:
    """The roles of the accounts concerned, and what the users concerned are and have now."""

    by_level: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    accounts: Mapping[str, str] = field(default_factory=dict)
    user_types: Mapping[str, str] = field(default_factory=dict)
    present: Mapping[str, str | None] = field(default_factory=dict)

    def id_of(self, change: Change, role: Address) -> str | None:
        """The id of the account's role of that level, for users of the changed user's type; None if there is none."""
        key, _, level = role.key.rpartition("/")
        portal = ROLE_BASED_TYPES.get(self.user_types.get(change.id or "", ""), "")
        return self.by_level.get((self.accounts.get(key, ""), portal, level))

    def seen(self, change: Change) -> Seen:
        """How the user's role stands to its change.

        A user who had none may have the lowest one by now: Salesforce gives it to whoever becomes role-based (F3.3).
        """
        (item,) = (item for item in change.fields if not item.derived)
        if (change.id or "") not in self.present:
            return Seen(Standing.MOVED, "the record is gone")
        present = self.present[change.id or ""]
        if present == (self.id_of(change, item.after) if isinstance(item.after, Address) else item.after):
            return Seen(Standing.AFTER)
        level = self._level(present)
        before = _named_level(item.before) if isinstance(item.before, Address) else None
        is_given = item.before is None and level in {None, ROLE_LEVELS[0]}
        return Seen(Standing.BEFORE) if is_given or level == before else Seen(Standing.MOVED, moved(item.name))

    def _level(self, role_id: str | None) -> str | None:
        """The level of a role of one of the accounts concerned; None for no role, empty for one of another kind."""
        if role_id is None:
            return None
        return next((level for (_, _, level), id_ in self.by_level.items() if id_ == role_id), "")


def read_roles(reader: Reader, plan: Plan, step: Step) -> Roles:
    """Read the roles of all accounts that the step's roles belong to, and its users' type and present role."""
    keys = {role.key.rpartition("/")[0] for change in step.changes for role in _roles(change) if "/" in role.key}
    accounts = {key: id_ for key in keys if (id_ := plan.ids.get(Address(Kind.ACCOUNT, key)))}
    columns = ("Id", "PortalAccountId", "PortalType", "PortalRole")
    by_level = {
        (str(row["PortalAccountId"]), str(row["PortalType"]), level): str(row["Id"])
        for row in reader.query_by(Select("UserRole", columns), "PortalAccountId", tuple(accounts.values()))
        if (level := PORTAL_ROLE_LEVELS.get(str(row["PortalRole"])))
    }
    ids = [change.id for change in step.changes if change.id]
    users = list(reader.query_by(Select("User", ("Id", "UserType", "UserRoleId")), "Id", ids))
    return Roles(
        by_level,
        accounts,
        {str(row["Id"]): str(row["UserType"]) for row in users},
        {str(row["Id"]): str(row["UserRoleId"]) if row["UserRoleId"] else None for row in users},
    )


def _named_level(role: Address) -> str:
    """The level that an address names; empty for a role that is no account's."""
    account, _, level = role.key.rpartition("/")
    return level if account else ""


def _roles(change: Change) -> Iterator[Address]:
    """The roles that a change names."""
    for item in change.fields:
        for value in (item.before, item.after):
            if isinstance(value, Address) and value.kind is Kind.ROLE:
                yield value
