"""Seats: how many of each license a plan needs, and in which order moves must happen so that none is missing (P7).

A seat is one license of one active user (F2.2); a move frees the seat it leaves and takes one of the license it enters
(F2.13).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from reconciler.model import Address, License, Seats


@dataclass(frozen=True, slots=True)
class Move:
    """One user's seat before and after: a license name, or None for no seat."""

    address: Address
    before: str | None
    after: str | None

    @property
    def is_needed(self) -> bool:
        """Whether the move takes a seat that the user does not have yet."""
        return self.after is not None and self.after != self.before


def ledger(licenses: Iterable[License], moves: Iterable[Move]) -> tuple[Seats, ...]:
    """The seats of every license that a move touches, by license name."""
    balance: Counter[str] = Counter()
    touched: set[str] = set()
    for move in moves:
        if move.before == move.after:
            continue
        for name, delta in ((move.before, -1), (move.after, 1)):
            if name is not None:
                balance[name] += delta
                touched.add(name)
    return tuple(
        Seats(item.name, item.total, item.used, item.used + balance[item.name])
        for item in sorted(licenses, key=lambda license_: license_.name)
        if item.name in touched
    )


def rounds(licenses: Iterable[License], moves: Sequence[Move]) -> Mapping[Address, int]:
    """The round in which each move finds a free seat: those that free seats come first, those that wait for them later.

    A move that no round can serve is left out.
    """
    free = Counter({item.name: item.total - item.used for item in licenses})
    waiting = sorted(moves, key=lambda move: (move.is_needed, move.address))
    placed: dict[Address, int] = {}
    number = 0
    while waiting:
        left, freed = _place(waiting, free, placed, number)
        if len(left) == len(waiting):
            break
        free.update(freed)
        waiting, number = left, number + 1
    return placed


def _place(
    waiting: Sequence[Move], free: Counter[str], placed: dict[Address, int], number: int
) -> tuple[list[Move], Counter[str]]:
    """Place what fits now; seats freed by it are counted for the next round only, as a step's rows have no order."""
    left: list[Move] = []
    freed: Counter[str] = Counter()
    for move in waiting:
        if move.is_needed and free[move.after or ""] <= 0:
            left.append(move)
            continue
        placed[move.address] = number
        if move.is_needed:
            free[move.after or ""] -= 1
        if move.before is not None and move.before != move.after:
            freed[move.before] += 1
    return left, freed
