"""How records stand to what a plan changes of them."""

from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """How a record stands to a change of it."""

    BEFORE = "before"
    AFTER = "after"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Seen:
    """How one record stands; `why` tells what moved."""

    standing: Standing
    why: str = ""


def moved(name: str) -> str:
    """What to say of a record whose field somebody else has changed; the values may be secret."""
    return f"{name} has been changed in the org since this was planned"
