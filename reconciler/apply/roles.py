"""Roles that Salesforce made while the plan was applied: read once, just before they are set.

The first role-based user of an account makes its roles, and every such user gets the lowest level by itself (F3.1,
F3.3), so that a user whose role is right already needs no write.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.kinds import ROLE_BASED_TYPES
from reconciler.model import Address, Change, Kind, Plan, Step
from reconciler.salesforce import Reader
from reconciler.salesforce.reader import Select

_LEVELS: Mapping[str, str] = {"Worker": "User"}


@dataclass(frozen=True, slots=True)
class Roles:
    """The roles of the accounts concerned, and what the users concerned have now."""

    by_level: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    users: Mapping[str, tuple[str, str, str | None]] = field(default_factory=dict)

    def id_of(self, change: Change, role: Address) -> str | None:
        """The id of the role of that level, of the user's own account and kind of user."""
        account_id, user_type, _ = self.users.get(change.id or "", ("", "", None))
        level = role.key.rpartition("/")[2]
        return self.by_level.get((account_id, ROLE_BASED_TYPES.get(user_type, ""), level))

    def is_set(self, change: Change) -> bool:
        """Whether the user has the wanted role already."""
        for item in change.fields:
            if isinstance(item.after, Address) and item.after.kind is Kind.ROLE:
                present = self.users.get(change.id or "", ("", "", None))[2]
                return present is not None and present == self.id_of(change, item.after)
        return False


def read_roles(reader: Reader, plan: Plan, step: Step) -> Roles:
    """Read the roles of all accounts that the step's roles belong to, and its users' present roles."""
    accounts = {plan.ids[key] for change in step.changes for key in _accounts(change) if key in plan.ids}
    columns = ("Id", "PortalAccountId", "PortalType", "PortalRole")
    by_level = {
        (str(row["PortalAccountId"]), str(row["PortalType"]), _level(row["PortalRole"])): str(row["Id"])
        for row in reader.query_by(Select("UserRole", columns), "PortalAccountId", accounts)
    }
    ids = [change.id for change in step.changes if change.id]
    users = {
        str(row["Id"]): (
            str(row["AccountId"]),
            str(row["UserType"]),
            str(row["UserRoleId"]) if row["UserRoleId"] else None,
        )
        for row in reader.query_by(Select("User", ("Id", "AccountId", "UserType", "UserRoleId")), "Id", ids)
    }
    return Roles(by_level, users)


def _accounts(change: Change) -> list[Address]:
    roles = [item.after for item in change.fields if isinstance(item.after, Address) and item.after.kind is Kind.ROLE]
    return [Address(Kind.ACCOUNT, role.key.rpartition("/")[0]) for role in roles]


def _level(value: object) -> str:
    return _LEVELS.get(str(value), str(value))
