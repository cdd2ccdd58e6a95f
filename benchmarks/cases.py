"""The table of what is measured. The suite walks it from top to bottom; a floor is measured right before its case."""

from dataclasses import dataclass
from enum import Enum

from benchmarks import checks
from benchmarks.fleet import Fleet

SIZES = (100, 10_000, 100_000, 1_000_000)
QUICK_SIZE = 10_000
SAMPLE = 100
"""Users of the project that is planned against the org of a whole fleet."""

GROUPS = ("validate", "plan", "sample", "apply", "octodns", "start", "simulator", "transports")


class Cache(Enum):
    """What sfrec keeps between runs: nothing yet, or what it kept when the same files were read before."""

    COLD = "cold"
    WARM = "warm"


class Against(Enum):
    """The org of a case."""

    NONE = "no org"
    IN_SYNC = "in_sync"
    CONTACTLESS = "contactless"


class Project(Enum):
    """The files of a case."""

    ONE = "one file a user"
    MANY = "500 users a file"
    CHANGED = "500 users a file, one percent changed"
    SAMPLE = "100 of the users, one file each"

    def fleet(self, users: int) -> Fleet:
        """The fleet of that many users."""
        if self is Project.SAMPLE:
            return Fleet(users, every=max(1, users // SAMPLE))
        return Fleet(users, per_file=1 if self is Project.ONE else 500, is_changed=self is Project.CHANGED)


PARSE = {
    Project.ONE: "bare parse, 1 a file",
    Project.MANY: "bare parse, 500 a file",
    Project.CHANGED: "bare parse, 500 a file, 1 % changed",
    Project.SAMPLE: "bare parse, 100 users",
}
FETCH = {
    Project.ONE: "bare fetch",
    Project.CHANGED: "bare fetch",
    Project.SAMPLE: "bare fetch, 100 users",
}


@dataclass(frozen=True, slots=True)
class Case:
    """One command and what it is run on. `{saved}` in its arguments is the file for a plan."""

    name: str
    group: str
    arguments: tuple[str, ...]
    check: checks.Check
    project: Project = Project.ONE
    cache: Cache = Cache.COLD
    against: Against = Against.IN_SYNC
    reads: str = "auto"
    smallest: int = 0
    largest: int = SIZES[-1]
    is_quick: bool = True

    @property
    def floors(self) -> tuple[str, ...]:
        """The names of what its least time is made of."""
        if self.against is Against.CONTACTLESS:
            return ()
        parse = PARSE[self.project]
        return (parse,) if self.against is Against.NONE else (parse, FETCH[self.project])


_SAVED = ("plan", "--format", "json", "--out", "{saved}")


def _validate(name: str, project: Project, cache: Cache) -> Case:
    is_quick = project is Project.ONE
    check = checks.must_be_valid
    return Case(name, "validate", ("validate",), check, project, cache, Against.NONE, is_quick=is_quick)


def _plan(cache: Cache, reads: str, *, largest: int = SIZES[-1], is_quick: bool = True) -> Case:
    name = f"plan, in sync, {cache.value}" + (f", {reads}" if reads != "auto" else "")
    check = checks.must_be_in_sync
    return Case(name, "plan", ("plan",), check, cache=cache, reads=reads, largest=largest, is_quick=is_quick)


def _upgrade(name: str, arguments: tuple[str, ...], check: checks.Check) -> Case:
    return Case(name, "apply", arguments, check, against=Against.CONTACTLESS, largest=10_000)


VALIDATE_COLD, VALIDATE_WARM = "validate, 1 a file, cold", "validate, 1 a file, warm"
PLAN_COLD, PLAN_WARM = "plan, in sync, cold", "plan, in sync, warm"
PLAN_REST, PLAN_BULK = "plan, in sync, warm, rest", "plan, in sync, warm, bulk"
PLAN_SAMPLE = "plan, 100 users of the org"
APPLY = "apply upgrades"
OCTODNS = "octoDNS, YAML to YAML"
VERSION, HELP, BARE_HELP = "sfrec --version", "sfrec --help", "bare typer --help"

CASES = (
    _validate(VALIDATE_COLD, Project.ONE, Cache.COLD),
    _validate(VALIDATE_WARM, Project.ONE, Cache.WARM),
    _validate("validate, 500 a file, cold", Project.MANY, Cache.COLD),
    _validate("validate, 500 a file, warm", Project.MANY, Cache.WARM),
    _plan(Cache.COLD, "auto"),
    _plan(Cache.WARM, "auto"),
    _plan(Cache.COLD, "rest", largest=100_000, is_quick=False),
    _plan(Cache.WARM, "rest"),
    _plan(Cache.COLD, "bulk", largest=100_000, is_quick=False),
    _plan(Cache.WARM, "bulk"),
    Case("plan, 1 % changed, cold", "plan", _SAVED, checks.must_have_one_percent, Project.CHANGED),
    Case(PLAN_SAMPLE, "sample", ("plan",), checks.must_be_in_sync, Project.SAMPLE, smallest=10_000),
    _upgrade("plan upgrades", _SAVED, checks.must_upgrade_everyone),
    _upgrade(APPLY, ("apply", "--yes"), checks.must_be_applied),
    _upgrade("plan after upgrades", ("plan",), checks.must_be_in_sync),
)


def chosen(users: int, groups: frozenset[str], *, is_quick: bool) -> tuple[Case, ...]:
    """The cases to measure at a size."""
    return tuple(
        case
        for case in CASES
        if case.group in groups and case.smallest <= users <= case.largest and (case.is_quick or not is_quick)
    )
