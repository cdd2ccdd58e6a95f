"""The difference of what a resource declares from its record, field by field."""

from reconciler.kinds import KINDS, same
from reconciler.model import FieldChange, Resource


def field_changes(desired: Resource, live: Resource | None) -> tuple[FieldChange, ...]:
    """What must change for the record to be what is declared; only declared fields count."""
    spec = KINDS[desired.address.kind]
    present = live.fields if live else {}
    return tuple(
        FieldChange(name, present.get(name), after, spec.field(name).undo, derived=spec.field(name).derived)
        for name, after in sorted(desired.fields.items())
        if not (live is None and after is None) and not same(spec, name, after, present.get(name))
    )
