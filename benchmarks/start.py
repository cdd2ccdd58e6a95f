"""What a start costs: `sfrec --version` and `--help` beside a bare typer program, in turn."""

import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks import checks
from benchmarks.cases import BARE_HELP, HELP, VERSION
from benchmarks.fleet import Fleet
from benchmarks.org import SFREC, bare_environment
from benchmarks.process import Program, run
from benchmarks.results import Floor, Row

RUNS = 15
_BARE = str(Path(__file__).parent / "floors" / "bare_typer.py")
_COMMANDS = {
    BARE_HELP: (sys.executable, _BARE, "--help"),
    VERSION: (SFREC, "--version"),
    HELP: (SFREC, "--help"),
}


def measure_starts(work: Path, show: Callable[[Row], object], runs: int = RUNS) -> None:
    """Start each program again and again, in turn, and hand a row each on."""
    output = work / "output.txt"
    rows = {name: Row(name, 0, is_sfrec=False) for name in _COMMANDS}
    for _ in range(runs):
        for name, command in _COMMANDS.items():
            found = run(Program(command, work, bare_environment(), output))
            checks.must_have_ended_well(checks.Finished(Fleet(0), found, output, output))
            rows[name].runs.append(found)
    for name, row in rows.items():
        row.floor = Floor() if name == BARE_HELP else Floor((BARE_HELP,))
        show(row)
