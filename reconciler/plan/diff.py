"""The difference of what a resource declares from its record, field by field."""

from decimal import Decimal, InvalidOperation

from reconciler.kinds import KINDS, Canonical, KindSpec
from reconciler.model import FieldChange, Resource, Value


def field_changes(desired: Resource, live: Resource | None) -> tuple[FieldChange, ...]:
    """What must change for the record to be what is declared; only declared fields count."""
    spec = KINDS[desired.address.kind]
    present = live.fields if live else {}
    return tuple(
        FieldChange(name, present.get(name), after, spec.field(name).undo, derived=spec.field(name).derived)
        for name, after in sorted(desired.fields.items())
        if not (live is None and after is None) and not same(spec, name, after, present.get(name))
    )


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
