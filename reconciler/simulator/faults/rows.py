"""Rows that are refused because something else holds them."""

from collections.abc import Mapping

from reconciler.simulator import messages
from reconciler.simulator.errors import RowError
from reconciler.simulator.faults.armed import Encounter
from reconciler.simulator.faults.kinds import Fault, Moment
from reconciler.simulator.ids import to_18

_HUNDRED = 100


def refusal(encounter: Encounter, sobject: str, row: Mapping[str, object]) -> RowError | None:
    """Why this row can't be written now, by the fault that the request meets; None where it can."""
    moments = (Moment.ROWS, Moment.USERS) if sobject == "User" else (Moment.ROWS,)
    met = next((found for moment in moments if (found := encounter.at(moment)) is not None), None)
    if met is None:
        return None
    encounter.rows += 1
    if met.chance(encounter.rows) * _HUNDRED >= met.amount:
        return None
    return RowError("UNKNOWN_EXCEPTION", messages.GROUP_LOCKED) if met.fault is Fault.GROUP_LOCK else _locked(row)


def _locked(row: Mapping[str, object]) -> RowError:
    """A row that is new has no Id to tell (inferred)."""
    given = next((str(value) for name, value in row.items() if name.lower() == "id" and value), "")
    record_id = to_18(given)
    message = messages.ROW_LOCKED.format(id=record_id) if record_id else messages.ROW_LOCKED_NAMELESS
    return RowError("UNABLE_TO_LOCK_ROW", message)
