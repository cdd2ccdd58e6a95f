"""Seed -> records: first every record with its plain fields, then the references between them, then portal roles.

Loading goes past the rules, because history may hold what they forbid today, but not past the schema.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from difflib import get_close_matches
from typing import Any

import yaml

from reconciler.simulator.coerce import coerce
from reconciler.simulator.effects import ensure_roles
from reconciler.simulator.errors import RowError
from reconciler.simulator.objects import SCHEMA
from reconciler.simulator.objects.access import PERMISSIONS
from reconciler.simulator.org import Org
from reconciler.simulator.schema import Field, SObject
from reconciler.simulator.seed.defaults import defaults, stamped
from reconciler.simulator.seed.keys import AUDIT, ORDER, keys_of
from reconciler.simulator.settings import Settings
from reconciler.simulator.store import Scalar, Store
from reconciler.simulator.write import INTERNAL, ROLE_BASED

_NOT_TEXT = frozenset({"boolean", "int", "double", "currency"})


class SeedError(Exception):
    """A seed that can't be loaded; `findings` holds everything that is wrong with it."""

    def __init__(self, findings: Sequence[str]) -> None:
        super().__init__("\n".join(findings))
        self.findings = tuple(findings)


@dataclass(frozen=True, slots=True)
class _Given:
    """One record of a seed, and the record that it became."""

    place: str
    sobject: SObject
    values: Mapping[str, Any]
    id: str


@dataclass
class Loader:
    """Loads one seed into one empty store."""

    org: Org
    seed: Mapping[str, Any]
    findings: list[str] = field(default_factory=list)
    by_key: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        """Where the records go."""
        return self.org.store

    def load(self) -> None:
        """Load the whole seed, or raise SeedError with all that is wrong with it."""
        for name in set(self.seed) - {"organization", "settings", *ORDER}:
            self.findings.append(f"{name}: no such object in a seed{hint(name, ORDER)}")
        self._organization()
        records = [given for name in ORDER for given in self._records(name)]
        for given in records:
            self._references(given)
        for given in records:
            if given.sobject.name == "User":
                self._portal_user(given)
        self.store.insert("UserPermissionAccess", {f"Permissions{name}": True for name in PERMISSIONS})
        if self.findings:
            raise SeedError(sorted(self.findings))

    def _organization(self) -> None:
        sobject = SCHEMA.objects["organization"]
        given = {"Name": "Demo", **(self.seed.get("organization") or {})}
        values = dict(self._plain("organization", sobject, given))
        self.store.meta_set("org_id", self.store.insert("Organization", {**stamped(self.org), **values}))

    def _records(self, name: str) -> Iterator[_Given]:
        sobject = SCHEMA.objects[name.lower()]
        stamp = {key: value for key, value in stamped(self.org).items() if sobject.field(key)}
        for index, values in enumerate(self.seed.get(name) or ()):
            place = f"{name}[{index}]"
            if not isinstance(values, Mapping):
                self.findings.append(f"{place}: a record is a mapping of fields")
                continue
            plain = dict(self._plain(place, sobject, values))
            record_id = self.store.insert(name, {**stamp, **defaults(name, values), **plain})
            self._remember(name, index, plain, record_id)
            yield _Given(place, sobject, values, record_id)

    def _remember(self, name: str, index: int, plain: Mapping[str, Scalar], record_id: str) -> None:
        self.by_key[(name, f"#{index}")] = record_id
        for number, key in enumerate(keys_of(name, plain)):
            known = self.by_key.setdefault((name, key.casefold()), record_id)
            if name == "User" and number == 0 and known != record_id:
                self.findings.append(f"User[{index}].Username: {key} stands twice")

    def _plain(self, place: str, sobject: SObject, given: Mapping[str, Any]) -> Iterator[tuple[str, Scalar]]:
        """The fields that refer to nothing."""
        for name, value in given.items():
            item = sobject.field(name)
            if sobject.relationship(name):
                continue
            if item is None or item.derived or item.name in AUDIT or item.relationship_name:
                known = [found.relationship_name or found.name for found in sobject if not found.derived]
                self.findings.append(f"{place}.{name}: no such field{hint(name, known)}")
                continue
            stored = self._coerced(place, item, value)
            if stored is not None:
                yield item.name, stored

    def _coerced(self, place: str, item: Field, value: object) -> Scalar:
        is_text = item.type.value not in _NOT_TEXT and value is not None
        try:
            return coerce(self.org, item, str(value) if is_text else value)
        except RowError as error:
            self.findings.append(f"{place}.{item.name}: {error.message}")
            return None

    def _references(self, given: _Given) -> None:
        found: dict[str, Scalar] = {}
        for name, value in given.values.items():
            item = given.sobject.relationship(name)
            if item is None or value is None:
                continue
            target = item.reference_to[0]
            record_id = self.by_key.get((target, str(value).casefold()))
            if record_id is not None:
                found[item.name] = record_id
            elif not (item.name == "UserRoleId" and given.values.get("Contact")):
                known = [key for kind, key in self.by_key if kind == target and not key.startswith("#")]
                self.findings.append(f'{given.place}.{name}: no {target} "{value}"{hint(str(value), known)}')
        self.store.update(given.sobject.name, given.id, found)

    def _portal_user(self, given: _Given) -> None:
        """Give a portal user what Salesforce would have given it, and refuse one that it could not hold."""
        record = self.store.get("User", given.id) or {}
        user_type = str(record.get("UserType") or "")
        if user_type in {"", *INTERNAL}:
            return
        license_id = (self.store.get("Profile", str(record["ProfileId"])) or {}).get("UserLicenseId")
        license_name = (self.store.get("UserLicense", str(license_id)) or {}).get("Name")
        if record["AccountId"] is None:
            if license_name != "External Identity" or record["ContactId"] is not None:
                self.findings.append(f"{given.place}: license {license_name} needs a Contact that has an Account")
            return
        self._enable(given, record, ROLE_BASED.get(user_type))

    def _enable(self, given: _Given, record: Mapping[str, Scalar], portal: str | None) -> None:
        account_id = str(record["AccountId"])
        self.store.update("Account", account_id, {"IsPartner" if portal == "Partner" else "IsCustomerPortal": True})
        values: dict[str, Scalar] = {"IsPortalEnabled": True}
        if portal is not None:
            roles = ensure_roles(self.org, account_id, portal)
            level = str(record["PortalRole"] or "Worker")
            level = level if level in roles else "Worker"
            values |= {"UserRoleId": roles[level], "PortalRole": level}
            name = (self.store.get("UserRole", roles[level]) or {}).get("Name")
            asked = given.values.get("UserRole")
            if asked not in {None, name}:
                self.findings.append(f'{given.place}.UserRole: the user\'s role is "{name}"; PortalRole sets its level')
        self.store.update("User", given.id, values)


def load_settings(given: object) -> Settings:
    """The settings of a seed; raises SeedError."""
    if given is None:
        return Settings()
    known = {item.name: item.type for item in fields(Settings)}
    if not isinstance(given, Mapping):
        raise SeedError(["settings: a mapping of settings was expected"])
    unknown = [f"settings.{name}: no such setting{hint(str(name), known)}" for name in given if name not in known]
    wrong = [
        f"settings.{name}: {value!r} is no {known[name]}"
        for name, value in given.items()
        if name in known and type(value).__name__ != getattr(known[name], "__name__", known[name])
    ]
    if unknown or wrong:
        raise SeedError(unknown + wrong)
    return Settings(**given)


def settings_text(settings: Settings) -> str:
    """The settings as they are kept."""
    return yaml.safe_dump(asdict(settings))


def hint(name: str, known: Collection[str]) -> str:
    """The closest known name, as the end of a sentence."""
    close = get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return f'; did you mean "{close[0]}"?' if close else ""
