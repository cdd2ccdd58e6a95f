"""What the org offers: itself, its licenses, its profiles, the roles of the accounts concerned."""

from collections.abc import Collection, Iterator

from reconciler.errors import IncompleteRead
from reconciler.kinds import PORTAL_ROLE_LEVELS
from reconciler.model import License, OrgInfo, PortalRole, Profile
from reconciler.salesforce import Reader
from reconciler.salesforce.envelope import JWT
from reconciler.salesforce.reader import Cell, Select


def org_info(reader: Reader) -> OrgInfo:
    """The org itself."""
    rows = list(reader.query(Select("Organization", ("Id", "Name", "OrganizationType", "IsSandbox"))))
    if len(rows) != 1:
        msg = "the login can't read the Organization record; it needs View Setup and Configuration"
        raise IncompleteRead(msg)
    row = rows[0]
    return OrgInfo(
        id=str(row["Id"]),
        instance_url=reader.session.instance_url,
        name=str(row["Name"]),
        edition=str(row["OrganizationType"]),
        is_sandbox=row["IsSandbox"] is True,
        is_simulated=reader.session.is_simulated,
    )


def licenses(reader: Reader) -> Iterator[License]:
    """All licenses, by name; UsedLicenses is not filterable, so that none is left out (F2.2)."""
    columns = ("Id", "Name", "LicenseDefinitionKey", "TotalLicenses", "UsedLicenses")
    for row in reader.query(Select("UserLicense", columns), "ORDER BY Name"):
        key = row["LicenseDefinitionKey"]
        total, used = _whole(row["TotalLicenses"]), _whole(row["UsedLicenses"])
        yield License(str(row["Id"]), str(row["Name"]), str(key) if key else None, total, used)


def profiles(reader: Reader) -> Iterator[Profile]:
    """All profiles, by name."""
    columns = ("Id", "Name", "UserType", "UserLicense.Name")
    for row in reader.query(Select("Profile", columns), "ORDER BY Name"):
        yield Profile(str(row["Id"]), str(row["Name"]), str(row["UserType"] or ""), str(row["UserLicense.Name"] or ""))


def portal_roles(reader: Reader, account_ids: Collection[str]) -> Iterator[PortalRole]:
    """The roles that Salesforce made for those accounts."""
    columns = ("Id", "Name", "PortalAccountId", "PortalType", "PortalRole")
    rows = reader.query_by(Select("UserRole", columns), "PortalAccountId", account_ids)
    for row in sorted(rows, key=lambda found: str(found["Id"])):
        level = PORTAL_ROLE_LEVELS.get(str(row["PortalRole"]))
        if level is not None:
            yield PortalRole(
                str(row["Id"]), str(row["Name"]), str(row["PortalAccountId"]), str(row["PortalType"]), level
            )


def takes_soap(reader: Reader) -> bool:
    """Whether SOAP takes the login's token: not one that is a JWT."""
    return not reader.session.token.startswith(JWT)


def may_run_apex(reader: Reader) -> bool:
    """Whether the login may run anonymous Apex (F8.3)."""
    rows = list(reader.query(Select("UserPermissionAccess", ("PermissionsAuthorApex",)), "LIMIT 1"))
    return any(row["PermissionsAuthorApex"] is True for row in rows)


def _whole(value: Cell) -> int:
    return int(str(value or 0))
