"""One field's value and name as a reader sees them."""

from reconciler.kinds import KINDS, LICENSE_FIELD
from reconciler.model import Address, FieldChange, Kind, Value
from reconciler.render.safe_text import shown

_NAMED = frozenset({Kind.LICENSE, Kind.PROFILE})


def value_text(value: Value) -> str:
    """A value: a name for what is known by name, an address for a record, the level for a role."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Address):
        return _address_text(value)
    return f'"{shown(str(value))}"'


def _address_text(address: Address) -> str:
    if address.kind in _NAMED:
        return shown(address.key)
    if address.kind is Kind.ROLE:
        return shown(address.key.rpartition("/")[2])
    return shown(str(address))


def field_word(kind: Kind, name: str) -> str:
    """The word that declares a field in a document, or the field's API name."""
    if name == LICENSE_FIELD:
        return "license"
    return KINDS[kind].field(name).word or name


def change_text(item: FieldChange) -> str:
    """Before and after, with what the reader must know of the after side."""
    known = " (known after apply)" if item.known_after_apply else ""
    return f"{value_text(item.before)} -> {value_text(item.after)}{known}"
