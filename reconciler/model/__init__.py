"""The nouns of sfrec: what the files say, what the org says, and what lies between.

Everything here is frozen and free of I/O. Desired and live are the same type, `State`, so that their diff is
symmetrical; a field that refers to another record holds that record's `Address` on both sides, so that references,
order and "known after apply" need no special cases.
"""

from reconciler.model.events import BatchSent, Event, JobCreated, Settled, StepBegun, StepEnded, Waiting
from reconciler.model.facts import Facts, License, Live, OrgInfo, PortalRole, Profile
from reconciler.model.plan import (
    Action,
    Change,
    FieldChange,
    Outcome,
    Phase,
    Plan,
    Requests,
    Result,
    Seats,
    Step,
    Summary,
    Transport,
    Undo,
    Via,
)
from reconciler.model.run import Difference, Pending, RunRecord
from reconciler.model.state import (
    Address,
    Columns,
    Declaration,
    Kind,
    Position,
    Problem,
    Resource,
    Severity,
    State,
    Value,
    shared_address,
)

__all__ = [
    "Action",
    "Address",
    "BatchSent",
    "Change",
    "Columns",
    "Declaration",
    "Difference",
    "Event",
    "Facts",
    "FieldChange",
    "JobCreated",
    "Kind",
    "License",
    "Live",
    "OrgInfo",
    "Outcome",
    "Pending",
    "Phase",
    "Plan",
    "PortalRole",
    "Position",
    "Problem",
    "Profile",
    "Requests",
    "Resource",
    "Result",
    "RunRecord",
    "Seats",
    "Settled",
    "Severity",
    "State",
    "Step",
    "StepBegun",
    "StepEnded",
    "Summary",
    "Transport",
    "Undo",
    "Value",
    "Via",
    "Waiting",
    "shared_address",
]
