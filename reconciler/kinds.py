"""The table of what sfrec knows about each kind of record; code walks it and holds no such knowledge of its own.

Facts: the order and the setup-only fields F6.2 and F6.5; ContactId set once F1.7; Email side effect F4.5; portal
roles F3.1.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import lru_cache

from reconciler.model import Kind, Phase, Undo, Value


class Canonical(StrEnum):
    """How two spellings of a value are told equal."""

    EXACT = "exact"
    CASEFOLD = "casefold"


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """What is special about a field; a field that is not in the table is plain.

    `word` is the key that declares it in a document; such a field may not stand under `fields:` as well. A `derived`
    field is compared and shown, but never written.
    """

    name: str
    phase: Phase
    references: Kind | None = None
    undo: Undo = Undo.YES
    canonical: Canonical = Canonical.EXACT
    word: str | None = None
    derived: bool = False


@dataclass(frozen=True, slots=True)
class KindSpec:
    """One kind of record: its sObject, its key, the phase of its creation and of its plain fields, its special fields.

    `read_only` fields are refused in files: Salesforce derives them.
    """

    kind: Kind
    sobject: str
    key_field: str
    phase: Phase
    fields: Mapping[str, FieldSpec]
    read_only: frozenset[str] = field(default_factory=frozenset)

    def field(self, name: str) -> FieldSpec:
        """The field's entry, or the one of a plain field."""
        return self.fields.get(name) or _plain(name, self.phase)


@lru_cache(maxsize=4096)
def _plain(name: str, phase: Phase) -> FieldSpec:
    return FieldSpec(name, phase)


def _by_name(*specs: FieldSpec) -> Mapping[str, FieldSpec]:
    return {spec.name: spec for spec in specs}


LICENSE_FIELD = "Profile.UserLicenseId"
"""A user's license is its profile's (F2.1): compared and shown under this path, written through ProfileId."""

LICENSE_COLUMN = "Profile.UserLicense.Name"
PROFILE_COLUMN = "Profile.Name"
ROLE_COLUMN = "UserRole.PortalRole"
ACCOUNT_COLUMN = "Contact.Account.Name"
ACCOUNT_ID_COLUMN = "Contact.AccountId"
"""How a row of the user shows what a document names: one query brings them all, as fields of its parents."""

_AUDIT = frozenset(
    {"Id", "CreatedById", "CreatedDate", "LastModifiedById", "LastModifiedDate", "SystemModstamp", "IsDeleted", "Name"}
)

USER = KindSpec(
    kind=Kind.USER,
    sobject="User",
    key_field="Username",
    phase=Phase.PLAIN,
    fields=_by_name(
        FieldSpec("ContactId", Phase.LINK, Kind.CONTACT, Undo.NEVER, word="contact"),
        FieldSpec("Username", Phase.LICENSE, undo=Undo.SIDE_EFFECTS, canonical=Canonical.CASEFOLD, word="user"),
        FieldSpec("ProfileId", Phase.LICENSE, Kind.PROFILE, word="profile"),
        FieldSpec(LICENSE_FIELD, Phase.LICENSE, Kind.LICENSE, Undo.SIDE_EFFECTS, word="license", derived=True),
        FieldSpec("IsActive", Phase.LICENSE, undo=Undo.SIDE_EFFECTS, word="active"),
        FieldSpec("UserRoleId", Phase.ROLE, Kind.ROLE, word="role"),
        FieldSpec("Email", Phase.PLAIN, undo=Undo.SIDE_EFFECTS, canonical=Canonical.CASEFOLD),
    ),
    read_only=_AUDIT
    | {"AccountId", "UserType", "IsPortalEnabled", "PortalRole", "LastLoginDate", "IsPortalSelfRegistered"},
)

CONTACT = KindSpec(
    kind=Kind.CONTACT,
    sobject="Contact",
    key_field="Id",
    phase=Phase.CONTACT,
    fields=_by_name(
        FieldSpec("AccountId", Phase.CONTACT, Kind.ACCOUNT, word="account"),
        FieldSpec("Email", Phase.CONTACT, canonical=Canonical.CASEFOLD),
    ),
    read_only=_AUDIT | {"MasterRecordId", "IsEmailBounced", "PhotoUrl"},
)

ACCOUNT = KindSpec(
    kind=Kind.ACCOUNT,
    sobject="Account",
    key_field="Name",
    phase=Phase.ACCOUNT,
    fields={},
    read_only=_AUDIT,
)

KINDS: Mapping[Kind, KindSpec] = {spec.kind: spec for spec in (ACCOUNT, CONTACT, USER)}
"""The kinds that sfrec reads and writes; licenses, profiles and roles are only referred to."""

ROLE_BASED_TYPES: Mapping[str, str] = {
    "PowerCustomerSuccess": "CustomerPortal",
    "CustomerSuccess": "CustomerPortal",
    "PowerPartner": "Partner",
}
"""UserType -> PortalType of its roles; users of any other external type have no role (F2.5, F3.5)."""

EXTERNAL_IDENTITY = "External Identity"
"""The one license whose users may be without a contact (F1.1)."""

ROLE_LEVELS = ("User", "Manager", "Executive")
"""The levels of an account's portal roles, lowest first (F3.1)."""

PORTAL_ROLE_LEVELS: Mapping[str, str] = {"Worker": "User", **{level: level for level in ROLE_LEVELS}}
"""UserRole.PortalRole -> level: the API calls the lowest one Worker (F3.3); a shared role (F3.2) has no level."""

COLLECTION_SIZE = 200
"""Records of one sObject Collections request (F6.3)."""

BULK_THRESHOLD = 2000
"""Above this many records of a step Bulk API 2.0 carries it; Salesforce's own rule of thumb."""


def same(spec: KindSpec, name: str, declared: Value, present: Value) -> bool:
    """Whether the org's value is what is declared, in the field's canonical form."""
    if declared == present and type(declared) is type(present):
        return True
    if isinstance(present, Decimal) and isinstance(declared, str):
        return _is_number(declared, present)
    if type(declared) is str and type(present) is str and spec.field(name).canonical is Canonical.CASEFOLD:
        return declared.casefold() == present.casefold()
    return False


def _is_number(declared: str, present: Decimal) -> bool:
    try:
        return Decimal(declared) == present
    except InvalidOperation:
        return False
