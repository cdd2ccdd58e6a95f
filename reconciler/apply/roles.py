"""Roles that Salesforce made while the plan was applied: read once, just before they are set.

The first role-based user of an account makes its roles, and every such user gets the lowest level by itself (F3.1,
F3.3), so that a user whose role is right already needs no write.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from reconciler.kinds import PORTAL_ROLE_LEVELS, ROLE_BASED_TYPES
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

    def is_set(self, change: Change) -> bool:
        """Whether the user has the wanted role already."""
        wanted = [self.id_of(change, role) for role in _roles(change)]
        return bool(wanted) and wanted == [self.present.get(change.id or "", "")]


def read_roles(reader: Reader, plan: Plan, step: Step) -> Roles:
    """Read the roles of all accounts that the step's roles belong to, and its users' type and present role."""
    keys = {role.key.rpartition("/")[0] for change in step.changes for role in _roles(change)}
    accounts = {key: id_ for key in keys if (id_ := plan.ids.get(Address(Kind.ACCOUNT, key)))}
    columns = ("Id", "PortalAccountId", "PortalType", "PortalRole")
    by_level = {
        (str(row["PortalAccountId"]), str(row["PortalType"]), level): str(row["Id"])
        for row in reader.query_by(Select("UserRole", columns), "PortalAccountId", tuple(accounts.values()))
        if (level := PORTAL_ROLE_LEVELS.get(str(row["PortalRole"])))
    }
    ids = [change.id for change in step.changes if change.id and any(_roles(change))]
    users = list(reader.query_by(Select("User", ("Id", "UserType", "UserRoleId")), "Id", ids))
    return Roles(
        by_level,
        accounts,
        {str(row["Id"]): str(row["UserType"]) for row in users},
        {str(row["Id"]): str(row["UserRoleId"]) if row["UserRoleId"] else None for row in users},
    )


def _roles(change: Change) -> Iterator[Address]:
    """The roles that a change sets."""
    for item in change.fields:
        if isinstance(item.after, Address) and item.after.kind is Kind.ROLE:
            yield item.after
