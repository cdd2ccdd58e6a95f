"""A second contact for one user: two applies at once may each make one, and ContactId, which is set only once, decides.

The contact that lost is taken away again by the run that made it, unless a user has it by now.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from reconciler.apply.look import Look
from reconciler.errors import OrgError
from reconciler.model import Address, Change, Outcome
from reconciler.salesforce import Reader, RowOutcome, Writer
from reconciler.salesforce.reader import Select

WITHDRAWN = RowOutcome(
    Outcome.FAILED,
    None,
    "MOVED",
    "withdrawn: meanwhile its user got another contact, so this one was deleted again; plan again",
)


@dataclass(frozen=True, slots=True)
class Surplus:
    """Takes contacts away that this run made for nothing."""

    reader: Reader
    writer: Writer
    look: Look

    def withdrawn(self, links: Sequence[Change]) -> Sequence[Address]:
        """The addresses of contacts that were deleted, of users whose link did not succeed."""
        mine = {change.id: address for change in links if (address := self._made_for(change)) is not None}
        if not mine:
            return ()
        try:
            lost = [address for user, address in mine.items() if user in self._linked_elsewhere(mine)]
            ids = [self.look.known.made[address] for address in lost]
            taken = {str(row["ContactId"]) for row in self._users("ContactId", ids)}
        except OrgError:
            return ()
        free = [(address, id_) for address, id_ in zip(lost, ids, strict=True) if id_ not in taken]
        rows = self.writer.delete([id_ for _, id_ in free])
        return [address for (address, _), row in zip(free, rows, strict=True) if row.outcome is Outcome.DONE]

    def _made_for(self, change: Change) -> Address | None:
        """The contact that this run made for the user of a link."""
        contacts = [item.after for item in change.fields if isinstance(item.after, Address)]
        return next((address for address in contacts if address in self.look.known.made), None)

    def _linked_elsewhere(self, mine: dict[str | None, Address]) -> set[str]:
        rows = self._users("Id", [str(user) for user in mine])
        made = self.look.known.made
        return {str(row["Id"]) for row in rows if row["ContactId"] and row["ContactId"] != made[mine[str(row["Id"])]]}

    def _users(self, by: str, values: Sequence[str]) -> list[dict[str, object]]:
        return [dict(row) for row in self.reader.query_by(Select("User", ("Id", "ContactId")), by, values)]
