"""A small model of an org: dictionaries and an independent reading of what Salesforce permits.

It tells every objection to a write at once, not the first one: which of several rules speaks is not part of the model.
A portal role is the tuple of its account, portal and level, because Salesforce alone makes it.
"""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Record = dict[str, Any]

SEATS: Mapping[str, int] = {
    "Salesforce": 5,
    "External Identity": 4,
    "Customer Community": 2,
    "Customer Community Plus": 2,
    "Partner Community": 1,
}
PORTALS: Mapping[str, str] = {"Customer Community Plus": "CustomerPortal", "Partner Community": "Partner"}
LEVELS = ("Worker", "Manager")
INTERNAL, IDENTITY, LITE = "Salesforce", "External Identity", "Customer Community"
STANDARD_PROFILE = "Customer Community User"

REFUSED_MOVES = {
    ("Customer Community Plus", LITE),
    ("Customer Community Plus", "Partner Community"),
    ("Partner Community", LITE),
    ("Partner Community", "Customer Community Plus"),
}
SETUP_FIELDS = frozenset({"UserRoleId", "IsActive", "ForecastEnabled", "IsPortalEnabled", "Username", "ProfileId"})
"""A change of a user that touches one of these can't share a transaction with an account or contact (F6.2)."""

REQUIRED = {"Account": ("Name",), "Contact": ("LastName",), "User": ("LastName", "Username", "ProfileId")}
BLANK: Mapping[str, Mapping[str, Any]] = {
    "Account": {
        **dict.fromkeys(("Name", "Site", "NumberOfEmployees", "OwnerId", "AccountNumber")),
        **dict.fromkeys(("IsPartner", "IsCustomerPortal"), False),
    },
    "Contact": dict.fromkeys(("LastName", "FirstName", "Email", "AccountId", "Department")),
    "User": {
        **dict.fromkeys(("Username", "LastName", "CommunityNickname", "ProfileId", "ContactId", "UserRoleId")),
        "PortalRole": None,
        "EmployeeNumber": None,
        "IsActive": True,
        "IsPortalEnabled": False,
    },
}
"""The fields that the model knows, and a new record's values."""


@dataclass
class PlainOrg:
    """Tables of records by id; `deleted` holds the ids in the recycle bin."""

    admin: str
    profiles: Mapping[str, str]
    tables: dict[str, dict[str, Record]]
    deleted: set[str] = field(default_factory=set)
    roles: set[tuple[str, str, str]] = field(default_factory=set)

    def snapshot(self) -> "PlainOrg":
        """The org as it is now, for a transaction that may be undone."""
        return copy.deepcopy(self)

    def restore(self, snapshot: "PlainOrg") -> None:
        """Undo whatever was done since."""
        self.tables, self.deleted, self.roles = snapshot.tables, snapshot.deleted, snapshot.roles

    def adopt(self, stand_in: str, record_id: str) -> None:
        """Give a new record, and whatever refers to it, the id that the org gave it."""
        for table in self.tables.values():
            if stand_in in table:
                table[record_id] = table.pop(stand_in)
            for record in table.values():
                record.update({name: record_id for name, value in record.items() if value == stand_in})
        for record in self.tables["User"].values():
            if isinstance(record["UserRoleId"], tuple) and record["UserRoleId"][0] == stand_in:
                record["UserRoleId"] = (record_id, *record["UserRoleId"][1:])
        self.roles = {
            (record_id if account == stand_in else account, portal, level) for account, portal, level in self.roles
        }

    # What others ask

    def license(self, user: Mapping[str, Any]) -> str:
        """The name of a user's license."""
        return self.profiles.get(user["ProfileId"], "").partition("/")[0]

    def users_of(self, contacts: Iterator[str]) -> list[Record]:
        """The users of contacts."""
        wanted = set(contacts)
        return [user for user in self.tables["User"].values() if user["ContactId"] in wanted]

    def contacts_of(self, account_id: str) -> Iterator[str]:
        """The contacts of an account."""
        return (key for key, contact in self.tables["Contact"].items() if contact["AccountId"] == account_id)

    def owner_has_role(self, account_id: str) -> bool:
        """Whether the owner of an account has a role."""
        return self.tables["User"][self.tables["Account"][account_id]["OwnerId"]]["UserRoleId"] is not None

    # Writes

    def insert(self, sobject: str, stand_in: str, given: Mapping[str, Any]) -> set[str]:
        """Make a record under a stand-in for its id, or tell what is objected to."""
        after = {**BLANK[sobject], **given}
        if sobject == "Account" and after["OwnerId"] is None:
            after["OwnerId"] = self.admin
        is_incomplete = any(after[name] is None for name in REQUIRED[sobject])
        return self._write(sobject, stand_in, None, after, given, is_incomplete=is_incomplete)

    def update(self, sobject: str, record_id: str, given: Mapping[str, Any]) -> set[str]:
        """Change a record, or tell what is objected to."""
        if record_id in self.deleted:
            return {"ENTITY_IS_DELETED"}
        before = self.tables[sobject][record_id]
        is_incomplete = any(given.get(name, "") is None for name in REQUIRED[sobject])
        return self._write(sobject, record_id, before, {**before, **given}, given, is_incomplete=is_incomplete)

    def delete(self, sobject: str, record_id: str) -> set[str]:
        """Delete a record with what hangs on it, or tell what is objected to (F5.4)."""
        if record_id in self.deleted:
            return {"ENTITY_IS_DELETED"}
        contacts = list(self.contacts_of(record_id)) if sobject == "Account" else [record_id]
        if self.users_of(iter(contacts)):
            return {"DELETE_FAILED"}
        for key in {*contacts, record_id}:
            self.deleted.add(key)
            self.tables["Contact"].pop(key, None)
            self.tables["Account"].pop(key, None)
        return set()

    def _write(
        self,
        sobject: str,
        record_id: str,
        before: Record | None,
        after: Record,
        given: Mapping[str, Any],
        *,
        is_incomplete: bool,
    ) -> set[str]:
        faults = {"REQUIRED_FIELD_MISSING"} if is_incomplete else set()
        if any(given.get(name) in self.deleted for name in ("AccountId", "ContactId")):
            faults.add("INVALID_CROSS_REFERENCE_KEY")
        if "@" not in (given.get("Email") or "@"):
            faults.add("INVALID_EMAIL_ADDRESS")
        judge = {"Account": self._account, "Contact": self._contact, "User": self._user}[sobject]
        objections = faults or set(judge(record_id, before, after))
        if not objections:
            self.tables[sobject][record_id] = after
        return objections

    def _account(self, record_id: str, before: Record | None, after: Record) -> Iterator[str]:
        if before is None or after["OwnerId"] == before["OwnerId"] or not self.users_of(self.contacts_of(record_id)):
            return
        if self.tables["User"][after["OwnerId"]]["UserRoleId"] is None:
            yield "UNKNOWN_EXCEPTION"  # F3.7

    def _contact(self, record_id: str, before: Record | None, after: Record) -> Iterator[str]:
        users = self.users_of(iter([record_id])) if before else []
        if before is None or not users or after["AccountId"] == before["AccountId"]:
            return
        if after["AccountId"] is None:
            yield "FIELD_INTEGRITY_EXCEPTION"  # F5.4
        elif not self.owner_has_role(after["AccountId"]):
            yield "UNKNOWN_EXCEPTION"  # F5.3
        else:
            self._enrol(users[0], after["AccountId"], LEVELS[0])

    # Users

    def _user(self, record_id: str, before: Record | None, after: Record) -> Iterator[str]:
        is_disabling = bool(before and before["IsPortalEnabled"] and not after["IsPortalEnabled"])
        asked = after["PortalRole"]
        after["Username"] = after["Username"].lower()
        if after["ContactId"] is not None and (before is None or before["ContactId"] is None):
            after["IsPortalEnabled"] = True
        if is_disabling:  # F1.9
            gone = dict.fromkeys(("ContactId", "UserRoleId", "PortalRole"))
            after.update(gone, IsActive=False, Username=f"{after['Username']}_")
        change = _Change(self, record_id, before, after, asked, is_disabling)
        objections = {*change.names(), *change.licenses(), *change.contacts(), *change.roles(), *change.seats()}
        yield from objections
        if not objections:
            self._settle(change)

    def _settle(self, change: "_Change") -> None:
        """The role, and the flag of the account."""
        after = change.after
        if change.license == INTERNAL or not change.touches("ContactId", "ProfileId", "UserRoleId", "PortalRole"):
            return
        account = change.account_id
        if account is not None and change.license not in PORTALS:
            after.update(UserRoleId=None, PortalRole=None)
            if change.touches("ContactId", "ProfileId"):
                self.tables["Account"][account]["IsCustomerPortal"] = True
        elif account is None:
            after.update(UserRoleId=None, PortalRole=None)
        else:
            self._enrol(after, account, change.level())

    def _enrol(self, user: Record, account: str, level: str) -> None:
        """Give a user its role of an account, which gets its roles with the first such user (F3.1)."""
        portal = PORTALS.get(self.license(user))
        flag = "IsPartner" if portal == "Partner" else "IsCustomerPortal"
        self.tables["Account"][account][flag] = True
        if portal is not None:
            self.roles |= {(account, portal, each) for each in LEVELS}
            user.update(UserRoleId=(account, portal, level), PortalRole=level)


@dataclass
class _Change:
    """A user before and after, and each sort of objection to it."""

    org: PlainOrg
    id: str
    before: Record | None
    after: Record
    asked_level: str | None
    is_disabling: bool

    def touches(self, *names: str) -> bool:
        """Whether one of the fields gets another value, or any value in a new user."""
        if self.before is None:
            return any(self.after[name] is not None for name in names)
        return any(self.after[name] != self.before[name] for name in names)

    def was(self, name: str) -> Any:
        """A field's value before; None in a new user."""
        return self.before[name] if self.before else None

    @property
    def license(self) -> str:
        """The name of the license after."""
        return self.org.license(self.after)

    @property
    def account_id(self) -> str | None:
        """The account of the contact after."""
        contact = self.org.tables["Contact"].get(self.after["ContactId"], {})
        return contact.get("AccountId")

    def level(self) -> str:
        """The role that is asked for, or the level, or the lowest (F3.3)."""
        role = self.after["UserRoleId"]
        if self.touches("PortalRole") and not self.touches("UserRoleId"):
            return self.after["PortalRole"] or LEVELS[0]
        return str(role[2]) if isinstance(role, tuple) else LEVELS[0]

    def names(self) -> Iterator[str]:
        """F4.2, F4.3."""
        others = [user for key, user in self.org.tables["User"].items() if key != self.id]
        if "@" not in self.after["Username"] and self.touches("Username"):
            yield "FIELD_INTEGRITY_EXCEPTION"
        if any(other["Username"] == self.after["Username"] for other in others):
            yield "DUPLICATE_USERNAME"
        nickname = self.after["CommunityNickname"]
        if nickname is not None and any(other["CommunityNickname"] == nickname for other in others):
            yield "DUPLICATE_COMM_NICKNAME"

    def licenses(self) -> Iterator[str]:
        """F1.1, F1.10, F2.7, F2.12."""
        if self.org.profiles[self.after["ProfileId"]].endswith("/standard"):
            yield "FIELD_INTEGRITY_EXCEPTION"
        contacts = [self.after["ContactId"], *([self.before["ContactId"]] if self.before else [])]
        is_asleep = not self.after["IsActive"] and not self.touches("ProfileId", "ContactId")
        needs_contact = self.license not in {INTERNAL, IDENTITY} and self.touches("ProfileId", "ContactId", "IsActive")
        if needs_contact and None in contacts and not self.is_disabling and not is_asleep:
            yield "INVALID_CROSS_REFERENCE_KEY"
        if self.before is not None:
            yield from self._move(self.org.license(self.before), self.license)

    def _move(self, held: str, wanted: str) -> Iterator[str]:
        if held == wanted:
            return
        is_disabled = self.was("IsActive") is False and self.was("ContactId") is None
        if (
            INTERNAL in {held, wanted}
            or (held, wanted) in REFUSED_MOVES
            or (wanted == IDENTITY and held != IDENTITY and not is_disabled)
        ):
            yield "FIELD_INTEGRITY_EXCEPTION"
        elif held == IDENTITY and self.was("ContactId") is None:
            yield "INVALID_CROSS_REFERENCE_KEY"

    def contacts(self) -> Iterator[str]:
        """F1.6, F1.7, F1.8, F3.7."""
        contact = self.after["ContactId"]
        if self.was("ContactId") is not None and self.touches("ContactId") and not self.is_disabling:
            yield "FIELD_INTEGRITY_EXCEPTION"
        if contact is None:
            return
        if self.license == INTERNAL:
            yield "FIELD_INTEGRITY_EXCEPTION"
        if any(user["ContactId"] == contact and key != self.id for key, user in self.org.tables["User"].items()):
            yield "PORTAL_USER_ALREADY_EXISTS_FOR_CONTACT"
        links = self.touches("ContactId", "ProfileId")
        if self.account_id is None or (links and not self.org.owner_has_role(self.account_id)):
            yield "UNKNOWN_EXCEPTION"

    def roles(self) -> Iterator[str]:
        """F3.1, F3.5, F3.7."""
        role, portal = self.after["UserRoleId"], PORTALS.get(self.license)
        if role is not None and self.touches("UserRoleId"):
            is_portal = isinstance(role, tuple)
            if is_portal != (portal is not None) or (is_portal and role[1] != portal):
                yield "FIELD_INTEGRITY_EXCEPTION"
            if self.license != INTERNAL and not is_portal:
                yield "FIELD_INTEGRITY_EXCEPTION"
            if is_portal and role[0] != self.account_id:
                yield "INVALID_CROSS_REFERENCE_KEY"
        has_level = self.account_id is None or self.asked_level in LEVELS
        if self.asked_level is not None and (portal is None or not has_level):
            yield "FIELD_INTEGRITY_EXCEPTION"
        if self.was("UserRoleId") is not None and role is None and self._owns_portal_account():
            yield "UNKNOWN_EXCEPTION"

    def _owns_portal_account(self) -> bool:
        owned = [key for key, account in self.org.tables["Account"].items() if account["OwnerId"] == self.id]
        return any(self.org.users_of(self.org.contacts_of(key)) for key in owned)

    def seats(self) -> Iterator[str]:
        """F2.13, F4.4."""
        if not self.after["IsActive"] or not self.touches("ProfileId", "IsActive"):
            return
        taken = [
            user
            for key, user in self.org.tables["User"].items()
            if key != self.id and user["IsActive"] and self.org.license(user) == self.license
        ]
        if len(taken) >= SEATS[self.license]:
            yield "LICENSE_LIMIT_EXCEEDED"
