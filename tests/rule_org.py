"""A small simulated org to break rules in: licenses of every family, two accounts, an administrator."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from reconciler.simulator.dml import Call, Operation, RowResult, execute
from reconciler.simulator.errors import RowError
from reconciler.simulator.seed import open_org

_LICENSES = {
    "Salesforce": 5,
    "External Identity": 10,
    "Customer Community": 10,
    "Customer Community Login": 10,
    "Customer Community Plus": 10,
    "Customer Community Plus Login": 10,
    "Partner Community": 10,
    "Gold Partner": 10,
}
PROFILES = {
    "System Administrator": "Salesforce",
    "Sales": "Salesforce",
    "Identity": "External Identity",
    "Identity B": "External Identity",
    "Customer": "Customer Community",
    "Customer Login": "Customer Community Login",
    "Plus": "Customer Community Plus",
    "Plus Login": "Customer Community Plus Login",
    "Partner": "Partner Community",
    "Gold": "Gold Partner",
    "Customer Community Plus User": "Customer Community Plus",
}
USER = {
    "LastName": "James",
    "Alias": "james",
    "TimeZoneSidKey": "Europe/Paris",
    "LocaleSidKey": "en_US",
    "EmailEncodingKey": "UTF-8",
    "LanguageLocaleKey": "en_US",
}
NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
STAMP = "2026-03-01T12:30:00.000+0000"


class RuleOrg:
    """An org in memory, written to as its administrator."""

    def __init__(self, seats: Mapping[str, int], settings: dict[str, Any], more: Mapping[str, Any]) -> None:
        self.org = open_org(":memory:", {**_seed(seats, settings), **more}, clock=lambda: NOW)
        self.admin = str(self.find("User", Username="admin@acme.example")["Id"])
        self.integration = str(self.find("User", Username="integration@acme.example")["Id"])
        self.acme = str(self.find("Account", Name="Acme")["Id"])
        self.globex = str(self.find("Account", Name="Globex")["Id"])
        self.roleless = str(self.find("Account", Name="Roleless")["Id"])

    def run(self, operation: Operation, sobject: str, *rows: dict[str, Any], **options: Any) -> list[RowResult]:
        """One call, whatever becomes of it."""
        return execute(self.org, self.admin, Call(operation, sobject, rows, **options))

    def insert(self, sobject: str, **fields: Any) -> str:
        """The Id of a new record that must be accepted."""
        return _accepted(self.run(Operation.INSERT, sobject, fields))

    def update(self, sobject: str, record_id: str, **fields: Any) -> None:
        """A change that must be accepted."""
        _accepted(self.run(Operation.UPDATE, sobject, {"Id": record_id, **fields}))

    def delete(self, sobject: str, record_id: str) -> None:
        """A deletion that must be accepted."""
        _accepted(self.run(Operation.DELETE, sobject, {"Id": record_id}))

    def refused_insert(self, sobject: str, **fields: Any) -> RowError:
        """The error of a new record that must be refused."""
        return _refused(self.run(Operation.INSERT, sobject, fields))

    def refused_update(self, sobject: str, record_id: str, **fields: Any) -> RowError:
        """The error of a change that must be refused."""
        return _refused(self.run(Operation.UPDATE, sobject, {"Id": record_id, **fields}))

    def refused_delete(self, sobject: str, record_id: str) -> RowError:
        """The error of a deletion that must be refused."""
        return _refused(self.run(Operation.DELETE, sobject, {"Id": record_id}))

    def get(self, sobject: str, record_id: str) -> dict[str, Any]:
        """A record as it is stored."""
        record = self.org.store.get(sobject, record_id)
        assert record is not None
        return record

    def find(self, sobject: str, **equals: Any) -> dict[str, Any]:
        """The one record with these values."""
        found = self.org.store.find(sobject, **equals)
        assert len(found) == 1
        return found[0]

    def profile(self, name: str) -> str:
        """The Id of a profile."""
        return str(self.find("Profile", Name=name)["Id"])

    def contact(self, account_id: str | None = None, **fields: Any) -> str:
        """A new contact, of Acme unless said."""
        return self.insert("Contact", **{"LastName": "James", "AccountId": account_id or self.acme, **fields})

    def user_row(self, username: str, profile: str = "Identity", **fields: Any) -> dict[str, Any]:
        """The fields of a new user."""
        return {**USER, "Username": username, "Email": username, "ProfileId": self.profile(profile), **fields}

    def user(self, username: str = "sonia@acme.example", profile: str = "Identity", **fields: Any) -> str:
        """A new user, contactless unless said."""
        return self.insert("User", **self.user_row(username, profile, **fields))

    def linked(self, profile: str = "Identity", username: str = "sonia@acme.example", **fields: Any) -> str:
        """A new user with a new contact of Acme."""
        return self.user(username, profile, ContactId=self.contact(), **fields)

    def roles(self, account_id: str | None = None) -> dict[str, dict[str, Any]]:
        """The portal roles of an account by name."""
        found = self.org.store.find("UserRole", PortalAccountId=account_id or self.acme)
        return {str(role["Name"]): dict(role) for role in found}


@contextmanager
def rule_org(
    seats: Mapping[str, int] | None = None, more: Mapping[str, Any] | None = None, /, **settings: Any
) -> Iterator[RuleOrg]:
    """An org with other seats or settings than the plain one, or with more in its seed."""
    org = RuleOrg(seats or {}, settings, more or {})
    try:
        yield org
    finally:
        org.org.close()


def _accepted(results: list[RowResult]) -> str:
    assert [result.errors for result in results] == [()]
    assert results[0].id is not None
    return results[0].id


def _refused(results: list[RowResult]) -> RowError:
    assert [result.success for result in results] == [False]
    assert results[0].id is None
    return results[0].errors[0]


def _seed(seats: Mapping[str, int], settings: dict[str, Any]) -> dict[str, Any]:
    licenses = {**_LICENSES, **seats}
    admin, integration = "admin@acme.example", "integration@acme.example"
    internal = {"Profile": "System Administrator", "LastName": "Admin"}
    return {
        "organization": {"Name": "Acme"},
        "settings": settings,
        "UserLicense": [{"Name": name, "TotalLicenses": total} for name, total in licenses.items()],
        "Profile": [{"Name": name, "UserLicense": license_name} for name, license_name in PROFILES.items()],
        "UserRole": [{"Name": "CEO"}, {"Name": "Director", "ParentRole": "CEO"}],
        "User": [
            {"Username": admin, "Email": admin, "UserRole": "CEO", **internal},
            {"Username": integration, "Email": integration, **internal},
        ],
        "Account": [
            {"Name": "Acme", "Owner": admin},
            {"Name": "Globex", "Owner": admin},
            {"Name": "Roleless", "Owner": integration},
        ],
    }
