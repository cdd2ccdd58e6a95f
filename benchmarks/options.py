"""The command line of the suite."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.cases import GROUPS, QUICK_SIZE, SIZES


@dataclass(frozen=True, slots=True)
class Options:
    """What is measured, how often, where it is made and where the figures go."""

    sizes: tuple[int, ...]
    groups: frozenset[str]
    is_quick: bool
    work: Path | None
    out: Path
    repeat: int


def parse(arguments: Sequence[str]) -> Options:
    """The options, or an end with usage."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure sfrec as whole processes beside the least that the same work can cost.",
        epilog="Exit code 0 whatever the times are; 1 when a measured program crashed or gave a wrong result.",
    )
    parser.add_argument("--sizes", type=_sizes, help=f"users, joined by commas (default {','.join(map(str, SIZES))})")
    parser.add_argument("--cases", type=_groups, default=frozenset(GROUPS), help=f"any of {','.join(GROUPS)}")
    parser.add_argument("--quick", action="store_true", help=f"the most telling cases at {QUICK_SIZE} users")
    parser.add_argument("--work", type=Path, help="keep fleets and orgs here and use them again (default: made anew)")
    parser.add_argument("--out", type=Path, default=Path("build/benchmarks"), help="where the figures are written")
    parser.add_argument("--repeat", type=int, default=1, help="runs of each case; the fastest is shown, with spread")
    given = parser.parse_args(arguments)
    sizes = given.sizes or ((QUICK_SIZE,) if given.quick else SIZES)
    return Options(sizes, given.cases, given.quick, given.work, given.out, max(1, given.repeat))


def _sizes(text: str) -> tuple[int, ...]:
    sizes = tuple(sorted({int(part.replace("_", "")) for part in text.split(",")}))
    if sizes[0] < 100:
        msg = "a fleet has at least 100 users"
        raise argparse.ArgumentTypeError(msg)
    return sizes


def _groups(text: str) -> frozenset[str]:
    groups = frozenset(text.split(","))
    if unknown := groups - set(GROUPS):
        msg = f"no such cases: {', '.join(sorted(unknown))}; choose from {', '.join(GROUPS)}"
        raise argparse.ArgumentTypeError(msg)
    return groups
