"""What any record is held to, whatever its object: defaults, required fields, parents."""

from collections.abc import Mapping

from reconciler.simulator import messages
from reconciler.simulator.errors import RowError
from reconciler.simulator.schema import Field, SObject
from reconciler.simulator.store import Scalar
from reconciler.simulator.write import Write


def with_defaults(sobject: SObject, given: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """A new record; a field that is null has its default."""
    defaults = {item.name: item.default for item in sobject if not item.derived and item.default is not None}
    return defaults | {name: value for name, value in given.items() if value is not None or name not in defaults}


def require(write: Write) -> None:
    """Required fields: all of them in an insert, in an update those that it sets (F4.1, F5.1)."""
    missing = tuple(
        item.name
        for item in write.sobject
        if not item.nillable
        and (item.createable or item.updateable)
        and (item.name in write.given if not write.is_insert else not _is_filled_in(item))
        and write.after.get(item.name) is None
    )
    if missing:
        raise RowError("REQUIRED_FIELD_MISSING", messages.REQUIRED.format(fields=", ".join(missing)), missing)


def keep_parents(write: Write) -> None:
    """A restored record's references lead to records that are there (inferred: it waits for its parents)."""
    for item in write.sobject:
        value = write.after.get(item.name)
        if value is None or item.derived or not item.reference_to:
            continue
        parents = [parent for name in item.reference_to if (parent := write.org.schema.object(name))]
        parent = next(parent for parent in parents if str(value).startswith(parent.key_prefix))
        if parent.undeletable and not write.get(parent.name, value):
            raise RowError("INVALID_CROSS_REFERENCE_KEY", messages.BAD_REFERENCE)


def _is_filled_in(item: Field) -> bool:
    """Whether Salesforce itself fills in a required field of a new record (F4.1)."""
    return item.defaulted_on_create or item.name == "CommunityNickname"


def stored(sobject: SObject, values: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """The values that are kept; the others are worked out when they are read."""
    return {item.name: values[item.name] for item in sobject if item.derived is None and item.name in values}
