"""Seed -> records: first every record with its plain fields, then the references between them, then portal roles.

Loading goes past the rules, because history may hold what they forbid today, but not past the schema.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from itertools import chain
from typing import Any

import yaml

from reconciler.simulator.coerce import coerce
from reconciler.simulator.declared import KINDS
from reconciler.simulator.effects import ensure_roles, shared_role
from reconciler.simulator.errors import RowError
from reconciler.simulator.org import Org
from reconciler.simulator.schema import Field, SObject
from reconciler.simulator.seed.defaults import defaults, stamped
from reconciler.simulator.seed.keys import AUDIT, ORDER, OTHERS, hint, keys_of, reference_name
from reconciler.simulator.settings import Settings
from reconciler.simulator.store import Scalar, Store
from reconciler.simulator.write import INTERNAL, ROLE_BASED, SHARED_LEVEL

__all__ = ["Loader", "SeedError", "hint", "load_settings", "settings_text"]

_NOT_TEXT = frozenset({"boolean", "int", "double", "currency", "percent"})


class SeedError(Exception):
    """A seed that can't be loaded; `findings` holds everything that is wrong with it."""

    def __init__(self, findings: Sequence[str]) -> None:
        super().__init__("\n".join(findings))
        self.findings = tuple(findings)


@dataclass(frozen=True, slots=True)
class _Given:
    """One record of a seed, what it says, and what is stored of it."""

    place: str
    sobject: SObject
    values: Mapping[str, Any]
    record: dict[str, Scalar]

    @property
    def id(self) -> str:
        """The record's id."""
        return str(self.record["Id"])


@dataclass(frozen=True, slots=True)
class _Name:
    """What a name in a seed means: a field, or a reference; neither when there is no such field."""

    field: Field | None
    reference: Field | None


@dataclass
class Loader:
    """Loads one seed into one empty store."""

    org: Org
    seed: Mapping[str, Any]
    findings: list[str] = field(default_factory=list)
    by_key: dict[tuple[str, str], str] = field(default_factory=dict)
    _names: dict[tuple[str, str], _Name] = field(default_factory=dict)
    _keys: dict[str, tuple[Field, ...]] = field(default_factory=dict)
    _roles: dict[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        """Where the records go."""
        return self.org.store

    def load(self) -> None:
        """Load the whole seed, or raise SeedError with all that is wrong with it."""
        for name in set(self.seed) - {*OTHERS, *KINDS, *ORDER}:
            self.findings.append(f"{name}: no such object in a seed{hint(name, [*ORDER, *KINDS])}")
        self._organization()
        records = {name: list(self._records(name)) for name in ORDER}
        for given in chain.from_iterable(records.values()):
            self._references(given)
        with self.store.indexed_later():
            for name, found in records.items():
                self.store.insert_many(name, [given.record for given in found])
        self._portal_users(records)
        self.store.insert("UserPermissionAccess", {})
        if self.findings:
            raise SeedError(sorted(self.findings))

    def _organization(self) -> None:
        sobject = self.org.schema.objects["organization"]
        given = {"Name": "Demo", **(self.seed.get("organization") or {})}
        values = dict(self._plain("organization", sobject, given))
        self.store.meta_set("org_id", self.store.insert("Organization", {**stamped(self.org), **values}))

    def _records(self, name: str) -> Iterator[_Given]:
        sobject = self.org.schema.objects[name.lower()]
        stamp = {key: value for key, value in stamped(self.org).items() if sobject.field(key)}
        listed = self.seed.get(name) or ()
        ids = self.store.new_ids(name, len(listed))
        for index, values in enumerate(listed):
            place = f"{name}[{index}]"
            if not isinstance(values, Mapping):
                self.findings.append(f"{place}: a record is a mapping of fields")
                continue
            plain = dict(self._plain(place, sobject, values))
            record = {"Id": next(ids), **stamp, **defaults(name, values), **plain}
            self._remember(sobject, index, plain, str(record["Id"]))
            yield _Given(place, sobject, values, record)

    def _remember(self, sobject: SObject, index: int, plain: Mapping[str, Scalar], record_id: str) -> None:
        name = sobject.name
        self.by_key[(name, f"#{index}")] = record_id
        for number, key in enumerate(keys_of(name, plain)):
            known = self.by_key.setdefault((name, key.casefold()), record_id)
            if name == "User" and number == 0 and known != record_id:
                self.findings.append(f"User[{index}].Username: {key} stands twice")
        for item in self._own_keys(sobject):
            value = plain.get(item.name)
            key = f"{item.name}={value if item.case_sensitive else str(value).casefold()}"
            if value is not None and self.by_key.setdefault((name, key), record_id) != record_id and item.unique:
                self.findings.append(f"{name}[{index}].{item.name}: {value} stands twice")

    def _own_keys(self, sobject: SObject) -> tuple[Field, ...]:
        """The custom fields by which records are told apart."""
        if sobject.name not in self._keys:
            self._keys[sobject.name] = tuple(f for f in sobject if f.custom and (f.unique or f.external_id))
        return self._keys[sobject.name]

    def _plain(self, place: str, sobject: SObject, given: Mapping[str, Any]) -> Iterator[tuple[str, Scalar]]:
        """The fields that refer to nothing."""
        for name, value in given.items():
            meant = self._meant(sobject, name)
            if meant.reference is not None:
                continue
            if meant.field is None:
                known = [reference_name(found) or found.name for found in sobject if not found.derived]
                self.findings.append(f"{place}.{name}: no such field{hint(name, known)}")
                continue
            stored = self._coerced(place, meant.field, value)
            if stored is not None:
                yield meant.field.name, stored

    def _meant(self, sobject: SObject, name: str) -> _Name:
        """What a name means; looked up once, as a seed says the same names again and again."""
        found = self._names.get((sobject.name, name))
        if found is None:
            item = sobject.field(name)
            is_plain = item and not (item.derived or item.name in AUDIT or item.reference_to)
            found = _Name(item if is_plain else None, _reference(sobject, name))
            self._names[(sobject.name, name)] = found
        return found

    def _coerced(self, place: str, item: Field, value: object) -> Scalar:
        is_text = item.type.value not in _NOT_TEXT and value is not None
        try:
            return coerce(self.org, item, str(value) if is_text else value)
        except RowError as error:
            self.findings.append(f"{place}.{item.name}: {error.message}")
            return None

    def _references(self, given: _Given) -> None:
        for name, value in given.values.items():
            item = self._meant(given.sobject, name).reference
            if item is None or value is None:
                continue
            record_id = self._found(item, value)
            if record_id is not None:
                given.record[item.name] = record_id
            elif not (item.name == "UserRoleId" and given.values.get("Contact")):
                kinds = " or ".join(item.reference_to)
                known = [key for kind, key in self.by_key if kind in item.reference_to and key[0] != "#"]
                self.findings.append(f'{given.place}.{name}: no {kinds} "{value}"{hint(str(value), known)}')

    def _found(self, item: Field, value: object) -> str | None:
        """The record that a reference names by its natural key; `{Group: Sales}` and `{ERP_Key__c: A-1}` say which."""
        if isinstance(value, Mapping):
            return self._found_by(item, *next(iter(value.items()), ("", "")))
        key = str(value).casefold()
        return next((self.by_key[kind, key] for kind in item.reference_to if (kind, key) in self.by_key), None)

    def _found_by(self, item: Field, name: str, value: object) -> str | None:
        if name in item.reference_to:
            return self.by_key.get((name, str(value).casefold()))
        target = self.org.schema.objects[item.reference_to[0].lower()]
        key = target.field(name)
        if key is None:
            return None
        stored = self._coerced(name, key, value)
        text = stored if key.case_sensitive else str(stored).casefold()
        return self.by_key.get((target.name, f"{key.name}={text}"))

    def _portal_users(self, records: Mapping[str, Sequence[_Given]]) -> None:
        """Give portal users what Salesforce would have given them, and refuse those that it could not hold."""
        profiles, licenses, contacts = (
            {given.id: given.record for given in records[name]} for name in ("Profile", "UserLicense", "Contact")
        )
        flags: dict[str, dict[str, Scalar]] = {}
        updates: list[tuple[str, dict[str, Scalar]]] = []
        for given in records["User"]:
            profile = profiles.get(str(given.record.get("ProfileId")), {})
            user_type = str(profile.get("UserType") or "")
            if user_type in {"", *INTERNAL}:
                continue
            contact_id = given.record.get("ContactId")
            account_id = contacts.get(str(contact_id), {}).get("AccountId")
            license_name = licenses.get(str(profile.get("UserLicenseId")), {}).get("Name")
            if account_id is not None:
                portal = ROLE_BASED.get(user_type)
                flag = "IsPartner" if portal == "Partner" else "IsCustomerPortal"
                flags.setdefault(str(account_id), {})[flag] = True
                updates.append((given.id, self._enabled(given, str(account_id), portal)))
            elif license_name != "External Identity" or contact_id is not None:
                self.findings.append(f"{given.place}: license {license_name} needs a Contact that has an Account")
        self.store.update_many("Account", flags.items())
        self.store.update_many("User", updates)

    def _enabled(self, given: _Given, account_id: str, portal: str | None) -> dict[str, Scalar]:
        if portal is None:
            return {"IsPortalEnabled": True}
        level = str(given.record.get("PortalRole") or "Worker")
        if level == SHARED_LEVEL and self.org.settings.account_role_optimization:
            owner_id = (self.store.get("Account", account_id) or {}).get("OwnerId")
            return {"IsPortalEnabled": True, "UserRoleId": shared_role(self.org, owner_id, portal), "PortalRole": level}
        if (account_id, portal) not in self._roles:
            self._roles[(account_id, portal)] = ensure_roles(self.org, account_id, portal)
        roles = self._roles[(account_id, portal)]
        level = level if level in roles else "Worker"
        asked = given.values.get("UserRole")
        if asked is not None:
            name = (self.store.get("UserRole", roles[level]) or {}).get("Name")
            if asked != name:
                self.findings.append(f'{given.place}.UserRole: the user\'s role is "{name}"; PortalRole sets its level')
        return {"IsPortalEnabled": True, "UserRoleId": roles[level], "PortalRole": level}


def _reference(sobject: SObject, name: str) -> Field | None:
    return next((item for item in sobject if item.reference_to and reference_name(item) == name), None)


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
