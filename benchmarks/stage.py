"""One size: the runs of its cases, each beside its floors, each checked."""

import json
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks import checks, peer
from benchmarks.cases import OCTODNS, PARSE, Against, Cache, Case, Project
from benchmarks.fleet import Fleet, username, write_project
from benchmarks.org import SFREC, ServedOrg, bare_environment
from benchmarks.process import Program, Run, run
from benchmarks.results import Floor, Row

_FLOORS = Path(__file__).parent / "floors"
_COLUMNS = (
    "Id,Username,FirstName,LastName,Email,IsActive,ContactId,AccountId,Profile.Name,Profile.UserLicense.Name,"
    "UserRoleId,UserRole.PortalRole,UserRole.PortalAccountId,Contact.FirstName,Contact.LastName,Contact.Email,"
    "Contact.Title,Contact.Phone,Contact.Account.Name,TimeZoneSidKey,LocaleSidKey"
)
"""What a plan has to know of a user that is declared as the fleets declare it."""


@dataclass(frozen=True, slots=True)
class Job:
    """A program that is measured, and what its result is checked by."""

    name: str
    command: Sequence[str]
    check: checks.Check
    fleet: Fleet
    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Stage:
    """Runs the cases of one size and hands each row on as it is measured."""

    users: int
    work: Path
    show: Callable[[Row], object]
    _has_cache: set[Project] = field(default_factory=set)

    def measure(self, cases: Iterable[Case], org: ServedOrg | None = None) -> None:
        """Run each case once, its floors right before it; a floor that cases share is run once."""
        done: set[str] = set()
        for case in cases:
            for name in case.floors:
                if name not in done:
                    done.add(name)
                    self._floor(name, case, org)
            self._case(case, org)

    def measure_peer(self) -> None:
        """Run octoDNS once."""
        folder = peer.write_zone(self.users, self.work)
        job = Job(OCTODNS, peer.command(), checks.must_have_found_no_dns_changes, Fleet(self.users), folder)
        self.show(replace(self._row(job, None), records=self.users, is_sfrec=False))

    def _case(self, case: Case, org: ServedOrg | None) -> None:
        fleet = case.project.fleet(self.users)
        project = write_project(fleet, self.work)
        settings = {"SFREC_CACHE_DIR": str(self._cache(case, project)), "SFREC_READS": case.reads}
        command = [SFREC, *(argument.format(saved=self._saved) for argument in case.arguments)]
        asked = org if case.against is not Against.NONE else None
        row = self._row(Job(case.name, command, case.check, fleet, project, settings), asked)
        records = len(fleet.numbers) * checks.RECORDS_OF_A_USER
        self.show(replace(row, records=records, floor=Floor(case.floors)))

    def _floor(self, name: str, case: Case, org: ServedOrg | None) -> None:
        """Run one floor; its seconds are those of the work itself, without the start of the interpreter."""
        fleet = case.project.fleet(self.users)
        project = write_project(fleet, self.work)
        is_parse = name == PARSE[case.project]
        command = [sys.executable, str(_FLOORS / ("parse.py" if is_parse else "fetch.py"))]
        command.append(str(project) if is_parse else _soql(fleet))
        job = Job(name, command, checks.must_have_counted, fleet, project)
        row = self._row(job, None if is_parse else org)
        seconds = float(json.loads(self._output.read_text(encoding="utf-8"))["seconds"])
        runs = [replace(found, seconds=seconds) for found in row.runs]
        self.show(replace(row, runs=runs, is_sfrec=False))

    def _row(self, job: Job, org: ServedOrg | None) -> Row:
        """Run the program, check what it did, and make its row."""
        start = org.position() if org else 0
        environment = {**bare_environment(), **(org.environment() if org else {}), **job.settings}
        self._saved.unlink(missing_ok=True)
        found = run(Program(job.command, job.folder, environment, self._output))
        traffic = [org.traffic_since(start)] if org else []
        self._check(job, found)
        return Row(job.name, self.users, len(job.fleet.numbers), runs=[found], traffic=traffic)

    def _check(self, job: Job, found: Run) -> None:
        finished = checks.Finished(job.fleet, found, self._output, self._saved)
        try:
            checks.must_have_ended_well(finished)
            job.check(finished)
        except checks.WrongResult as wrong:
            msg = f"{job.name} with {self.users} users: {wrong}"
            raise checks.WrongResult(msg) from None

    def _cache(self, case: Case, project: Path) -> Path:
        """The case's cache folder: empty for a cold one, filled by an unmeasured run for a warm one that needs it."""
        cache = self.work / "caches" / project.name
        if case.cache is Cache.COLD:
            shutil.rmtree(cache, ignore_errors=True)
        cache.mkdir(parents=True, exist_ok=True)
        if case.cache is Cache.WARM and case.project not in self._has_cache:
            settings = {"SFREC_CACHE_DIR": str(cache)}
            environment = {**bare_environment(), **settings}
            run(Program([SFREC, "validate"], project, environment, self._output))
        self._has_cache.add(case.project)
        return cache

    @property
    def _output(self) -> Path:
        return self.work / "output.txt"

    @property
    def _saved(self) -> Path:
        return self.work / "plan.json"


def _soql(fleet: Fleet) -> str:
    """The query for the rows of a fleet: all, or those of the sample by name."""
    if fleet.every == 1:
        return f"SELECT {_COLUMNS} FROM User WHERE ContactId != null"
    names = ",".join(f"'{username(number)}'" for number in fleet.numbers)
    return f"SELECT {_COLUMNS} FROM User WHERE Username IN ({names})"
