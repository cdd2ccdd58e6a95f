"""Looks at the records of a step just before it is sent, and lets through only what is as it was planned from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reconciler.apply.batches import Ready
from reconciler.apply.look import Look
from reconciler.apply.record import NotReady
from reconciler.apply.roles import Roles, read_roles
from reconciler.apply.seen import Seen, Standing
from reconciler.model import Action, Address, Change, Outcome, Phase, Step
from reconciler.salesforce import Reader, RowOutcome

MOVED = "MOVED"
"""The code of a change that was not sent because somebody else changed its record."""

_APPEARED = Seen(Standing.MOVED, "a contact with this account, e-mail and name has come into the org since the plan")


@dataclass(frozen=True, slots=True)
class Passed:
    """The changes of a step that may be sent, and what is known of the others."""

    ready: Sequence[Ready]
    settled: Sequence[tuple[Change, RowOutcome]]


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets changes through."""

    reader: Reader
    look: Look

    def passed(self, step: Step) -> Passed:
        """Look at a step's records; raises OrgError when they can't be read."""
        roles = read_roles(self.reader, self.look.known.plan, step) if step.phase is Phase.ROLE else Roles()
        settled: list[tuple[Change, RowOutcome]] = []
        ready: list[Ready] = []
        for change in step.changes:
            try:
                ready.append((change, self.look.known.record(change, roles)))
            except NotReady as reason:
                settled.append((change, RowOutcome(Outcome.NOT_SENT, message=str(reason))))
        seen = self._seen(step, [change for change, _ in ready], roles)
        settled += [(change, row) for change, _ in ready if (row := _settled(change, seen[change.address])) is not None]
        open_ = [item for item in ready if seen[item[0].address].standing is Standing.BEFORE]
        return Passed(open_, settled)

    def _seen(self, step: Step, changes: Sequence[Change], roles: Roles) -> Mapping[Address, Seen]:
        """How the records stand; one that is to be created stands before as long as none like it is there."""
        if step.phase is Phase.ROLE:
            return {change.address: roles.seen(change) for change in changes}
        if step.action is not Action.CREATE:
            return self.look.at(step, changes)
        twins = self.look.twins(changes)
        return {
            change.address: _APPEARED if self.look.twin_key(change) in twins else Seen(Standing.BEFORE)
            for change in changes
        }


def _settled(change: Change, seen: Seen) -> RowOutcome | None:
    """What there is to say of a change that need not or must not be sent."""
    if seen.standing is Standing.AFTER:
        return RowOutcome(Outcome.DONE, change.id)
    if seen.standing is Standing.MOVED:
        return RowOutcome(Outcome.NOT_SENT, None, MOVED, f"left alone: {seen.why}; plan again")
    return None
