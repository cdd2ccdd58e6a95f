"""The whole suite: sizes, rounds, the table as it comes and the report at the end."""

import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks import peer, report
from benchmarks.cases import QUICK_SIZE, Against, Case, chosen
from benchmarks.checks import WrongResult
from benchmarks.options import Options, parse
from benchmarks.org import SeedingFailed, make_orgs, serve_copy, state_of
from benchmarks.results import Results, Row
from benchmarks.simulated import FEWEST_USERS, USERS, measure_simulator
from benchmarks.stage import Stage
from benchmarks.start import measure_starts
from benchmarks.transports import FEWEST_USERS as FEWEST_UPGRADES
from benchmarks.transports import USERS as UPGRADES
from benchmarks.transports import measure_transports

_ROUNDS_OF_SHORT = 3
"""What takes a second or two is told from the machine's noise by more runs."""

_QUICK_STARTS = 5


def main(arguments: Sequence[str]) -> int:
    """Measure what the options choose; 1 when a program that was measured failed or was wrong."""
    options = parse(arguments)
    results = Results()
    try:
        with ExitStack() as stack:
            work = options.work or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sfrec-bench-")))
            work = work.resolve()
            work.mkdir(parents=True, exist_ok=True)
            print(report.heading(), flush=True)
            _measure(options, work, results)
    except (WrongResult, SeedingFailed) as wrong:
        print(f"\n{wrong}", file=sys.stderr)
        return 1
    finally:
        report.write_report(results, options.out)
    print(f"\n{report.verdict_lines(results)}\n\nThe same in {options.out}")
    return 0


def _measure(options: Options, work: Path, results: Results) -> None:
    for users in options.sizes:
        print(f"making what {users:,} users need; this is not measured", file=sys.stderr)
        _measure_size(options, users, work, results)
    if "start" in options.groups:
        runs = {"runs": _QUICK_STARTS} if options.is_quick else {}
        measure_starts(work, _shown(results, is_last=True), **runs)
    if "simulator" in options.groups:
        for line in measure_simulator(FEWEST_USERS if options.is_quick else USERS, work):
            print(line, flush=True)
    if "transports" in options.groups:
        for line in measure_transports(FEWEST_UPGRADES if options.is_quick else UPGRADES, work):
            print(line, flush=True)


def _measure_size(options: Options, users: int, work: Path, results: Results) -> None:
    cases = chosen(users, options.groups, is_quick=options.is_quick)
    states = {case.against for case in cases} - {Against.NONE}
    make_orgs(
        [(users, against is Against.CONTACTLESS) for against in sorted(states, key=lambda item: item.value)], work
    )
    rounds = max(options.repeat, _ROUNDS_OF_SHORT if users <= QUICK_SIZE and not options.is_quick else 1)
    for number in range(rounds):
        stage = Stage(users, work, _shown(results, is_last=number == rounds - 1))
        _measure_round(stage, cases)
        if "octodns" in options.groups and users <= peer.LARGEST:
            if peer.OCTODNS.exists():
                stage.measure_peer()
            elif number == 0:
                print(peer.MISSING)


def _measure_round(stage: Stage, cases: Sequence[Case]) -> None:
    for against in (Against.IN_SYNC, Against.CONTACTLESS):
        if any(case.against is against for case in cases):
            state = state_of(stage.users, stage.work, is_contactless=against is Against.CONTACTLESS)
            with serve_copy(state) as org:
                stage.measure([case for case in cases if _belongs(case, against)], org)
    if all(case.against is Against.NONE for case in cases):
        stage.measure(cases)


def _belongs(case: Case, against: Against) -> bool:
    """Whether a case is run while that org is served; what needs no org goes with the first."""
    return case.against is against or (case.against is Against.NONE and against is Against.IN_SYNC)


def _shown(results: Results, *, is_last: bool) -> Callable[[Row], None]:
    """Keep each row; print it once it has all its runs."""

    def show(row: Row) -> None:
        whole = results.add(row)
        if is_last:
            print(report.row_line(results, whole), flush=True)

    return show
