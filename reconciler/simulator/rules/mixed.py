"""The rule that setup objects and others can't be written in one transaction."""

from collections.abc import Mapping

from reconciler.simulator import messages
from reconciler.simulator.errors import RowError
from reconciler.simulator.rules.rule import ANY, EVERY, Rule, Tag
from reconciler.simulator.schema import SObject
from reconciler.simulator.write import Operation, Write

_SETUP_USER_FIELDS: Mapping[Operation, frozenset[str]] = {
    Operation.INSERT: frozenset({"UserRoleId"}),
    Operation.UPDATE: frozenset(
        {"UserRoleId", "IsActive", "ForecastEnabled", "IsPortalEnabled", "Username", "ProfileId"}
    ),
}
"""A write of a user that sets none of these may share a transaction with other objects (F6.2)."""


def _is_apart(write: Write) -> None:
    if write.sobject.name == "User" and not _SETUP_USER_FIELDS[write.operation] & _set_fields(write):
        return
    refused = mixed(write.written, write.sobject)
    if refused is not None:
        raise refused


def mixed(written: dict[bool, str], sobject: SObject) -> RowError | None:
    """The refusal of a setup object after another object, or the other way round; else the object is remembered."""
    is_setup = sobject.is_setup
    if (not is_setup) in written:
        message = messages.MIXED_DML.format(sobject=sobject.name, original=written[not is_setup])
        return RowError("MIXED_DML_OPERATION", message)
    written.setdefault(is_setup, sobject.name)
    return None


def _set_fields(write: Write) -> frozenset[str]:
    return frozenset(name for name, value in write.given.items() if value is not None or not write.is_insert)


APART = Rule(
    "setup-objects-are-written-apart",
    ANY,
    EVERY,
    _is_apart,
    "F6.1",
    Tag.DOCUMENTED,
    "https://developer.salesforce.com/docs/atlas.en-us.apexcode.meta/apexcode/apex_dml_non_mix_sobjects.htm",
)
"""Asked last of all, so that only a record that is right otherwise counts as written."""
