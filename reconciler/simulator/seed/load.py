"""Seed -> records: first every record with its plain fields, then the references between them, then portal roles.

Loading goes past the rules, because history may hold what they forbid today, but not past the schema.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from difflib import get_close_matches
from itertools import chain
from typing import Any

import yaml

from reconciler.simulator.coerce import coerce
from reconciler.simulator.declared import KINDS
from reconciler.simulator.effects import ensure_roles, shared_role
from reconciler.simulator.errors import RowError
from reconciler.simulator.objects import SCHEMA
from reconciler.simulator.org import Org
from reconciler.simulator.schema import Field, SObject
from reconciler.simulator.seed.defaults import defaults, stamped
from reconciler.simulator.seed.keys import AUDIT, ORDER, keys_of
from reconciler.simulator.settings import Settings
from reconciler.simulator.store import Scalar, Store
from reconciler.simulator.write import INTERNAL, ROLE_BASED, SHARED_LEVEL

_MANY = 500
_NOT_TEXT = frozenset({"boolean", "int", "double", "currency"})


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
    _roles: dict[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        """Where the records go."""
        return self.org.store

    def load(self) -> None:
        """Load the whole seed, or raise SeedError with all that is wrong with it."""
        for name in set(self.seed) - {"organization", "settings", *KINDS, *ORDER}:
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
        sobject = SCHEMA.objects["organization"]
        given = {"Name": "Demo", **(self.seed.get("organization") or {})}
        values = dict(self._plain("organization", sobject, given))
        self.store.meta_set("org_id", self.store.insert("Organization", {**stamped(self.org), **values}))

    def _records(self, name: str) -> Iterator[_Given]:
        sobject = SCHEMA.objects[name.lower()]
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
            self._remember(name, index, plain, str(record["Id"]))
            yield _Given(place, sobject, values, record)

    def _remember(self, name: str, index: int, plain: Mapping[str, Scalar], record_id: str) -> None:
        self.by_key[(name, f"#{index}")] = record_id
        for number, key in enumerate(keys_of(name, plain)):
            known = self.by_key.setdefault((name, key.casefold()), record_id)
            if name == "User" and number == 0 and known != record_id:
                self.findings.append(f"User[{index}].Username: {key} stands twice")

    def _plain(self, place: str, sobject: SObject, given: Mapping[str, Any]) -> Iterator[tuple[str, Scalar]]:
        """The fields that refer to nothing."""
        for name, value in given.items():
            meant = self._meant(sobject, name)
            if meant.reference is not None:
                continue
            if meant.field is None:
                known = [found.relationship_name or found.name for found in sobject if not found.derived]
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
            is_plain = item and not (item.derived or item.name in AUDIT or item.relationship_name)
            found = _Name(item if is_plain else None, sobject.relationship(name))
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
            target = item.reference_to[0]
            record_id = self.by_key.get((target, str(value).casefold()))
            if record_id is not None:
                given.record[item.name] = record_id
            elif not (item.name == "UserRoleId" and given.values.get("Contact")):
                known = [key for kind, key in self.by_key if kind == target and not key.startswith("#")]
                self.findings.append(f'{given.place}.{name}: no {target} "{value}"{hint(str(value), known)}')

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
    """The closest known name, as the end of a sentence; of very many only those that begin alike are looked at."""
    near = [item for item in known if item[:2] == name[:2].casefold()] if len(known) > _MANY else known
    close = get_close_matches(name, sorted(near)[:_MANY], n=1, cutoff=0.6)
    return f'; did you mean "{close[0]}"?' if close else ""
