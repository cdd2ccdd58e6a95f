"""Seeds: an org as YAML, records keyed by object, references by the other record's natural key.

Loading goes past the rules, because history may hold what they forbid today, but not past the schema; dump writes the same
format, so that seed -> dump -> seed is a round trip.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from reconciler.simulator.coerce import coerce
from reconciler.simulator.effects import ensure_roles
from reconciler.simulator.errors import RowError
from reconciler.simulator.objects import SCHEMA
from reconciler.simulator.objects.access import PERMISSIONS
from reconciler.simulator.org import Clock, Org
from reconciler.simulator.schema import Field, SObject
from reconciler.simulator.settings import Settings
from reconciler.simulator.store import Scalar, Store
from reconciler.simulator.write import INTERNAL, ROLE_BASED

_ORDER = (
    "UserLicense", "Profile", "UserRole", "User", "Account", "Contact", "PermissionSet", "PermissionSetAssignment",
    "Network", "NetworkMemberGroup",
)  # fmt: skip
_AUDIT = frozenset(
    {"CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp", "IsDeleted"}
)
_KEYS: Mapping[str, str] = {"User": "Username", "Contact": "Email"}

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


class SeedError(Exception):
    """A seed that can't be loaded; `findings` holds everything that is wrong with it."""

    def __init__(self, findings: Sequence[str]) -> None:
        super().__init__("\n".join(findings))
        self.findings = tuple(findings)


def _now() -> datetime:
    return datetime.now(UTC)


def open_org(path: str | Path, seed: Mapping[str, Any] | None = None, *, clock: Clock = _now) -> Org:
    """Open an org's file; a new one is loaded with the seed, or with the built-in demo org."""
    store = Store.open(path, SCHEMA)
    if store.meta_get("settings") is None:
        try:
            with store.transaction():
                _Loader(store, clock, seed if seed is not None else demo_seed()).load()
        except BaseException:
            store.close()
            raise
    settings = Settings(**yaml.safe_load(store.meta_get("settings") or "{}"))
    return Org(store, SCHEMA, settings, clock, store.meta_get("org_id") or "")


def demo_seed() -> Mapping[str, Any]:
    """The built-in demo org."""
    return parse_seed(files(__package__).joinpath("demo.yaml").read_text(encoding="utf-8"))


def parse_seed(text: str) -> Mapping[str, Any]:
    """A seed's YAML (or JSON) as plain values."""
    try:
        seed = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe loaders
    except yaml.YAMLError as error:
        raise SeedError([f"the seed is not YAML: {error}"]) from None
    if not isinstance(seed, Mapping):
        raise SeedError(["the seed must be a mapping of objects to lists of records"])
    return seed


@dataclass
class _Loader:
    store: Store
    clock: Clock
    seed: Mapping[str, Any]
    findings: list[str] = field(default_factory=list)
    by_key: dict[tuple[str, str], str] = field(default_factory=dict)

    def load(self) -> None:
        """Load the whole seed or raise SeedError."""
        settings = self._settings()
        org = Org(self.store, SCHEMA, settings, self.clock, "")
        for name in self.seed:
            if name not in {"organization", "settings", *_ORDER}:
                self.findings.append(f"{name}: no such object in a seed{_hint(name, _ORDER)}")
        self._organization(org)
        for name in _ORDER:
            self._object(org, name)
        self._late_references(org)
        if self.findings:
            raise SeedError(self.findings)
        self._portal_users(org)
        self.store.insert("UserPermissionAccess", {f"Permissions{name}": True for name in PERMISSIONS})
        if self.findings:
            raise SeedError(self.findings)

    def _settings(self) -> Settings:
        given = self.seed.get("settings") or {}
        known = {item.name for item in fields(Settings)}
        for name in set(given) - known:
            self.findings.append(f"settings.{name}: no such setting{_hint(name, known)}")
        settings = Settings(**{name: value for name, value in given.items() if name in known})
        self.store.meta_set("settings", yaml.safe_dump(asdict(settings)))
        return settings

    def _organization(self, org: Org) -> None:
        values = {"Name": "Demo", **(self.seed.get("organization") or {})}
        org_id = self.store.insert(
            "Organization", {**self._values(org, "organization", "Organization", values), **_stamp(org)}
        )
        self.store.meta_set("org_id", org_id)

    def _object(self, org: Org, name: str) -> None:
        stamp = _stamp(org)
        known = {item.name for item in SCHEMA.objects[name.lower()]}
        stamp = {key: value for key, value in stamp.items() if key in known}
        for index, given in enumerate(self.seed.get(name) or ()):
            place = f"{name}[{index}]"
            if not isinstance(given, Mapping):
                self.findings.append(f"{place}: a record is a mapping of fields")
                continue
            values = self._values(org, place, name, given)
            record_id = self.store.insert(name, {**stamp, **_defaults(name, given), **values})
            self._remember(name, values, record_id, place)

    def _remember(self, name: str, values: Mapping[str, Scalar], record_id: str, place: str) -> None:
        key = (name, str(values.get(_KEYS.get(name, "Name")) or "").casefold())
        if name == "User" and key in self.by_key:
            self.findings.append(f"{place}: Username {values.get('Username')} stands twice")
        self.by_key.setdefault(key, record_id)

    def _values(self, org: Org, place: str, name: str, given: Mapping[str, Any]) -> dict[str, Scalar]:
        sobject = SCHEMA.objects[name.lower()]
        found: dict[str, Scalar] = {}
        for key, value in given.items():
            link = sobject.relationship(key)
            item = link or sobject.field(key)
            if item is None or item.derived or key in _AUDIT or (item.relationship_name and not link):
                self.findings.append(f"{place}.{key}: no such field{_hint(key, _names(sobject))}")
            elif link is not None:
                found[item.name] = self._reference(place, sobject, item, value)
            else:
                found[item.name] = self._coerced(org, place, item, value)
        return {key: value for key, value in found.items() if value is not None}

    def _coerced(self, org: Org, place: str, item: Field, value: object) -> Scalar:
        plain = value if isinstance(value, (str, bool, int, float, type(None))) else str(value)
        is_text = item.type.value not in {"boolean", "int", "double", "currency"}
        try:
            return coerce(org, item, str(plain) if is_text and plain is not None else plain)
        except RowError as error:
            self.findings.append(f"{place}.{item.name}: {error.message}")
            return None

    def _reference(self, place: str, sobject: SObject, item: Field, value: object) -> Scalar:
        if value is None:
            return None
        target = item.reference_to[0]
        found = self.by_key.get((target, str(value).casefold()))
        if found is not None:
            return found
        if _ORDER.index(target) >= _ORDER.index(sobject.name) if target in _ORDER and sobject.name in _ORDER else False:
            return None
        names = [key for kind, key in self.by_key if kind == target]
        self.findings.append(f'{place}.{item.relationship_name}: no {target} "{value}"{_hint(str(value), names)}')
        return None

    def _late_references(self, org: Org) -> None:
        """References to records that come later: a user's contact, an account's parent, a manager."""
        for name in _ORDER:
            sobject = SCHEMA.objects[name.lower()]
            for index, given in enumerate(self.seed.get(name) or ()):
                if isinstance(given, Mapping):
                    self._late(org, f"{name}[{index}]", sobject, given)

    def _late(self, org: Org, place: str, sobject: SObject, given: Mapping[str, Any]) -> None:
        for key, value in given.items():
            link = sobject.relationship(key)
            if link is None or value is None or link.reference_to[0] not in _ORDER:
                continue
            if _ORDER.index(link.reference_to[0]) < _ORDER.index(sobject.name):
                continue
            target = self.by_key.get((link.reference_to[0], str(value).casefold()))
            own = self.by_key.get((sobject.name, str(given.get(_KEYS.get(sobject.name, "Name")) or "").casefold()))
            if target is None:
                names = [name for kind, name in self.by_key if kind == link.reference_to[0]]
                hint = _hint(str(value), names)
                self.findings.append(f'{place}.{key}: no {link.reference_to[0]} "{value}"{hint}')
            elif own is not None:
                org.store.update(sobject.name, own, {link.name: target})

    def _portal_users(self, org: Org) -> None:
        """Give portal users what Salesforce would have given them, and refuse those that it could not hold."""
        for index, given in enumerate(self.seed.get("User") or ()):
            record = org.store.get("User", self.by_key[("User", str(given.get("Username")).casefold())])
            if record is None or record["UserType"] in INTERNAL or record["UserType"] is None:
                continue
            license_id = (org.store.get("Profile", str(record["ProfileId"])) or {}).get("UserLicenseId")
            license_name = (org.store.get("UserLicense", str(license_id)) or {}).get("Name")
            if record["AccountId"] is None and license_name != "External Identity":
                self.findings.append(f"User[{index}]: license {license_name} needs a Contact that has an Account")
                continue
            self._enable(org, record)

    def _enable(self, org: Org, record: Mapping[str, Scalar]) -> None:
        if record["ContactId"] is None:
            return
        portal = ROLE_BASED.get(str(record["UserType"]))
        values: dict[str, Scalar] = {"IsPortalEnabled": True}
        org.store.update(
            "Account", str(record["AccountId"]), {"IsPartner" if portal == "Partner" else "IsCustomerPortal": True}
        )
        if portal is not None:
            roles = ensure_roles(org, str(record["AccountId"]), portal)
            wanted = str(record["PortalRole"] or "Worker")
            level = wanted if wanted in roles else "Worker"
            values |= {"UserRoleId": roles[level], "PortalRole": level}
        org.store.update("User", str(record["Id"]), values)


def _stamp(org: Org) -> dict[str, Scalar]:
    now = org.now()
    return {"CreatedDate": now, "LastModifiedDate": now, "SystemModstamp": now}


def _defaults(name: str, given: Mapping[str, Any]) -> dict[str, Scalar]:
    if name == "User":
        username = str(given.get("Username", ""))
        return {
            **_USER_DEFAULTS,
            "Alias": username.partition("@")[0][:8],
            "CommunityNickname": username.partition("@")[0][:20] + str(abs(hash_number(username)) % 10**12),
        }
    if name == "Profile":
        return {"UserType": _USER_TYPES.get(str(given.get("UserLicense")), "Standard")}
    if name == "UserLicense":
        return {"LicenseDefinitionKey": _LICENSE_KEYS.get(str(given.get("Name")))}
    return {"Label": str(given.get("Name"))} if name == "PermissionSet" else {}


def hash_number(text: str) -> int:
    """A number that is the same in every process."""
    return int.from_bytes(text.encode()[-8:].rjust(8, b"0"), "big")


def _names(sobject: SObject) -> list[str]:
    return [item.relationship_name or item.name for item in sobject if not item.derived]


def _hint(name: str, known: Sequence[str] | set[str] | tuple[str, ...]) -> str:
    close = get_close_matches(name, [str(item) for item in known], n=1, cutoff=0.6)
    return f'; did you mean "{close[0]}"?' if close else ""


def dump_seed(org: Org) -> dict[str, Any]:
    """The org in the format of a seed: stable, without ids, without what loading fills in by itself."""
    names = _natural_keys(org)
    organization = org.store.find("Organization")[0]
    dumped: dict[str, Any] = {
        "organization": dict(_dumped(org, SCHEMA.objects["organization"], organization, names)),
        "settings": asdict(org.settings),
    }
    for name in _ORDER:
        sobject = SCHEMA.objects[name.lower()]
        records = [
            dict(_dumped(org, sobject, record, names)) for record in org.store.find(name) if not _is_made(name, record)
        ]
        if records:
            dumped[name] = records
    return dumped


def seed_text(org: Org) -> str:
    """The dump as YAML."""
    return yaml.dump(
        dump_seed(org), Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), sort_keys=False, allow_unicode=True
    )


def _is_made(name: str, record: Mapping[str, Scalar]) -> bool:
    """Portal roles are made again with the users that have them."""
    return name == "UserRole" and record["PortalType"] not in {None, "None"}


def _natural_keys(org: Org) -> Mapping[str, str]:
    keys: dict[str, str] = {}
    for sobject in org.schema:
        column = _KEYS.get(sobject.name) or next((item.name for item in sobject if item.name_field), None)
        for record in org.store.find(sobject.name) if column else ():
            keys[str(record["Id"])] = str(record[str(column)])
    return keys


def _dumped(
    org: Org, sobject: SObject, record: Mapping[str, Scalar], names: Mapping[str, str]
) -> Iterator[tuple[str, Scalar]]:
    for item in sobject:
        value = record[item.name]
        if item.derived or item.name in _AUDIT or item.name == "Id" or value is None or value == item.default:
            continue
        yield (
            (item.relationship_name, names.get(str(value), str(value)))
            if item.relationship_name
            else (item.name, value)
        )
