"""What Salesforce fills in by itself and a seed may leave out."""

import re
from collections.abc import Mapping
from typing import Any

from reconciler.simulator.objects.access import PERMISSIONS
from reconciler.simulator.objects.permissions import ADMINISTRATOR
from reconciler.simulator.org import Org
from reconciler.simulator.store import Scalar

_USER_TYPES: Mapping[str, str] = {
    "Customer Community Plus": "PowerCustomerSuccess",
    "Customer Community Plus Login": "PowerCustomerSuccess",
    "Partner Community": "PowerPartner",
    "Partner Community Login": "PowerPartner",
    "Gold Partner": "PowerPartner",
    "Silver Partner": "PowerPartner",
    "External Identity": "CspLitePortal",
    "Customer Community": "CspLitePortal",
    "Customer Community Login": "CspLitePortal",
    "High Volume Customer Portal": "CspLitePortal",
    "Authenticated Website": "CspLitePortal",
}
"""UserType of a license's profiles (F2.5); any other license is internal."""

_LICENSE_KEYS: Mapping[str, str] = {
    "Salesforce": "SFDC",
    "Customer Community": "PID_Customer_Community",
    "Customer Community Login": "PID_Customer_Community_Login",
    "Customer Community Plus": "PID_Customer_Community_Plus",
    "Customer Community Plus Login": "PID_Customer_Community_Plus_Login",
    "Partner Community": "PID_Partner_Community",
    "Partner Community Login": "PID_Partner_Community_Login",
}
"""LicenseDefinitionKey of a license (F2.3); others have none that is known."""

_USER_DEFAULTS: Mapping[str, str] = {
    "TimeZoneSidKey": "America/Los_Angeles",
    "LocaleSidKey": "en_US",
    "EmailEncodingKey": "UTF-8",
    "LanguageLocaleKey": "en_US",
}


_COPIES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "PermissionSet": (("Label", "Name"),),
    "PermissionSetGroup": (("MasterLabel", "DeveloperName"),),
    "PermissionSetLicense": (("MasterLabel", "DeveloperName"), ("PermissionSetLicenseKey", "DeveloperName")),
    "CustomPermission": (("MasterLabel", "DeveloperName"),),
    "Group": (("Name", "DeveloperName"), ("DeveloperName", "Name")),
    "RecordType": (("Name", "DeveloperName"), ("DeveloperName", "Name")),
}
"""Fields that have another field's value where a seed leaves them out."""
ALL_PERMISSIONS = tuple(f"Permissions{name}" for name in PERMISSIONS)
"""The permission fields of a profile; the administrator's has them all."""


def stamped(org: Org) -> dict[str, Scalar]:
    """The audit dates of a new record."""
    now = org.now()
    return {"CreatedDate": now, "LastModifiedDate": now, "SystemModstamp": now}


def defaults(name: str, given: Mapping[str, Any]) -> dict[str, Scalar]:
    """Values of a record that its seed leaves out."""
    if name == "User":
        username = str(given.get("Username", ""))
        return {
            **_USER_DEFAULTS,
            "Alias": username.partition("@")[0][:8],
            "CommunityNickname": username.partition("@")[0][:20] + str(abs(hash_number(username)) % 10**12),
        }
    if name == "Profile":
        granted = dict.fromkeys(ALL_PERMISSIONS, True) if given.get("Name") == ADMINISTRATOR else {}
        return {"UserType": _USER_TYPES.get(str(given.get("UserLicense")), "Standard"), **granted}
    if name == "UserLicense":
        return {"LicenseDefinitionKey": _LICENSE_KEYS.get(str(given.get("Name")))}
    pairs = [pair for pair in _COPIES.get(name, ()) if given.get(pair[1]) is not None]
    return {field: _as(field, str(given[source])) for field, source in pairs}


def _as(field: str, text: str) -> str:
    return re.sub(r"\W+", "_", text, flags=re.ASCII) if field == "DeveloperName" else text


def hash_number(text: str) -> int:
    """A number that is the same in every process."""
    return int.from_bytes(text.encode()[-8:].rjust(8, b"0"), "big")
