"""Unknown outcomes: the org is looked at before anything is decided.

An update that a fresh read shows is done. A contact that was asked for and that is there by now is taken for that one,
as the next plan would; one that is still missing when no lost request can be under way any more was not made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reconciler.apply.control import Control
from reconciler.apply.look import Look
from reconciler.apply.seen import Standing
from reconciler.errors import OrgError
from reconciler.model import Action, Address, Change, Outcome, Step, Waiting
from reconciler.salesforce import RowOutcome

_FIRST_WAIT, _LONGEST_WAIT = 0.5, 15.0


@dataclass(frozen=True, slots=True)
class Settling:
    """Finds out what became of changes."""

    look: Look
    control: Control

    def found(
        self, step: Step, changes: Sequence[Change], seconds: float | None = None
    ) -> Mapping[Address, RowOutcome | None]:
        """What a look tells of changes whose outcome is unknown: None for one that was not made and may be sent again.

        A change that nothing can be told of is left out. `seconds` is how long lost creates may still be carried out.
        """
        try:
            if step.action is Action.CREATE:
                return self._created(changes, self.control.settle_seconds if seconds is None else seconds)
            seen = self.look.at(step, changes)
        except OrgError:
            return {}
        done = [change for change in changes if seen[change.address].standing is Standing.AFTER]
        return {change.address: RowOutcome(Outcome.DONE, change.id) for change in done}

    def _created(self, changes: Sequence[Change], seconds: float) -> Mapping[Address, RowOutcome | None]:
        """Look for created contacts until all are found or the time is over."""
        deadline = self.control.now() + seconds
        wait = _FIRST_WAIT
        while True:
            found = self._twins(changes)
            left = deadline - self.control.now()
            if len(found) == len(changes) or self.control.is_stopping():
                return found
            if left <= 0:
                return {change.address: found.get(change.address) for change in changes if self._can_tell(change)}
            wait = min(wait, left)
            self.control.note(Waiting(f"whether the org still makes {len(changes) - len(found)} contacts", wait))
            self.control.wait(wait)
            wait = min(wait * 2, _LONGEST_WAIT)

    def _can_tell(self, change: Change) -> bool:
        return self.look.twin_key(change) is not None

    def _twins(self, changes: Sequence[Change]) -> Mapping[Address, RowOutcome]:
        """The contacts that are there by now, each for one change."""
        twins = {key: list(ids) for key, ids in self.look.twins(changes).items()}
        made = set(self.look.known.made.values())
        found: dict[Address, RowOutcome] = {}
        for change in changes:
            key = self.look.twin_key(change)
            ids = [id_ for id_ in twins.get(key, ()) if id_ not in made] if key else []
            if key and ids:
                twins[key].remove(ids[0])
                found[change.address] = RowOutcome(Outcome.DONE, ids[0])
        return found
