"""Tells why a saved plan no longer fits: it is compared, whole, with the plan that the files and the org give now."""

import re
from collections.abc import Iterator, Mapping

from deepdiff import DeepDiff

_SHOWN = 5
_BOUND = ("format", "org", "desired_digest", "live_digest", "steps")
_MEANINGS: Mapping[str, str] = {
    "format": "it was saved in another format",
    "org": "it was made for another org",
    "desired_digest": "the files have changed",
    "live_digest": "the org has changed",
}


def stale_reasons(saved: Mapping[str, object], fresh: Mapping[str, object]) -> tuple[str, ...]:
    """The reasons why the saved plan must not be applied; none when both are the same plan."""
    reasons = [meaning for key, meaning in _MEANINGS.items() if saved.get(key) != fresh.get(key)]
    if any(saved.get(key) != fresh.get(key) for key in _BOUND):
        reasons.extend(_moved(saved.get("steps"), fresh.get("steps")))
    return tuple(reasons)


def _moved(saved: object, fresh: object) -> Iterator[str]:
    """The first few places where the steps differ."""
    if saved == fresh:
        return
    paths = sorted(str(path) for path in DeepDiff(saved, fresh).affected_paths)
    yield from (f"the steps differ at steps{re.sub('^root', '', path)}" for path in paths[:_SHOWN])
    if len(paths) > _SHOWN:
        yield f"and at {len(paths) - _SHOWN} more places"
