"""`sfrec simulate`: the simulated org as a server and as a file."""

import json
import re
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from reconciler.cli.options import ProjectOption
from reconciler.cli.output import say
from reconciler.errors import UsageError

if TYPE_CHECKING:
    import ssl

    from reconciler.simulator import Org
    from reconciler.simulator.wire import Options

app = typer.Typer(help="A Salesforce that runs on this machine.", no_args_is_help=True, rich_markup_mode=None)

StateOption = Annotated[
    Path | None, typer.Option("--state", help="The org's file; without it the project's own.", dir_okay=False)
]
SeedOption = Annotated[
    Path | None, typer.Option("--seed", help="What a new org is made from (YAML).", exists=True, dir_okay=False)
]

FAULTS_HELP = (
    "KIND[:COUNT or SKIP+COUNT or RATE%][/AMOUNT][@METHOD PATH_PART], joined by commas; `simulate faults` lists them."
)


@app.command("serve")
def serve(  # noqa: PLR0913 - a command line's parameters are its options
    *,
    project: ProjectOption = Path(),
    port: Annotated[int, typer.Option("--port", help="Port of 127.0.0.1; 0 takes a free one.", min=0, max=65535)] = 0,
    tls: Annotated[
        bool, typer.Option("--tls", help="Serve https, with a certificate of an authority made for it.")
    ] = False,
    seed: SeedOption = None,
    state: StateOption = None,
    latency_ms: Annotated[str, typer.Option("--latency-ms", help="Wait before each answer: 20, or 20-80.")] = "0",
    job_delay_ms: Annotated[int, typer.Option("--job-delay-ms", help="Time that a bulk job takes.", min=0)] = 0,
    faults: Annotated[str, typer.Option("--faults", help=FAULTS_HELP)] = "",
    fault_seed: Annotated[int, typer.Option("--fault-seed", help="Decides what faults leave to chance.")] = 0,
    access_log: Annotated[Path | None, typer.Option("--access-log", help="Append a JSON line a request.")] = None,
) -> None:
    """Serve a simulated org over HTTP on 127.0.0.1; prints one JSON line when it listens."""
    from reconciler.connect import SIMULATED_ORG, open_simulated_org
    from reconciler.simulator.access_log import AccessLog
    from reconciler.simulator.faults import Faults
    from reconciler.simulator.wire import Options

    try:
        lowest, highest = _range(latency_ms)
        log = AccessLog(access_log)
        options = Options(lowest, job_delay_ms, Faults(faults, fault_seed), log, highest - lowest)
    except (OSError, ValueError) as error:
        raise UsageError(str(error)) from None
    org = open_simulated_org(project, path=state, seed=seed)
    path = state or project / SIMULATED_ORG
    _serve(org, options, port, path.with_name(f"{path.name}.ca.pem").resolve() if tls else None)


def _serve(org: "Org", options: "Options", port: int, ca_file: Path | None) -> None:
    from reconciler.simulator.server import listen
    from reconciler.simulator.wire import issue_token

    try:
        running = listen(org, options, port, _tls_context(ca_file) if ca_file else None)
    except (OSError, SystemExit) as error:
        msg = f"port {port} can't be listened on: {error}"
        raise UsageError(msg) from None
    signal.signal(signal.SIGTERM, _stop)
    authority = str(ca_file) if ca_file else None
    first = {"instance_url": running.url, "access_token": issue_token(org), "org_id": org.id, "ca_file": authority}
    try:
        typer.echo(json.dumps(first))
        sys.stdout.flush()
        running.serve_forever()
    except KeyboardInterrupt:
        say("stopped")
    finally:
        running.server.server_close()
        org.close()


def _range(text: str) -> tuple[int, int]:
    """The least and the most of `20-80`; one number is both; raises ValueError."""
    match = re.fullmatch(r"(\d{1,7})(?:-(\d{1,7}))?", text, re.ASCII)
    lowest, highest = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
    if lowest > highest:
        msg = f"--latency-ms {text}: milliseconds were expected, or a range of them such as 20-80"
        raise ValueError(msg)
    return lowest, highest


def _tls_context(ca_file: Path) -> "ssl.SSLContext":
    from reconciler.simulator.certificate import tls_context

    try:
        return tls_context(ca_file)
    except OSError as error:
        msg = f"{ca_file} can't be written: {error.strerror}"
        raise UsageError(msg) from None


def _stop(_signal: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


@app.command("faults")
def list_faults() -> None:
    """List what can go wrong, for serve's --faults."""
    from reconciler.simulator.faults import KINDS, usual_amount

    for fault, kind in KINDS.items():
        amount = usual_amount(kind)
        typer.echo(f"{fault.value:17}{kind.what}{f' (AMOUNT: {amount})' if amount else ''}")
        typer.echo(f"{'':17}meets {kind.meets.value}; executed: {kind.executed.value}")


@app.command("mails")
def list_mails(project: ProjectOption = Path(), state: StateOption = None) -> None:
    """List whom the simulated org would have written to; it sends nothing."""
    from reconciler.connect import open_simulated_org
    from reconciler.render import shown
    from reconciler.simulator import mails

    org = open_simulated_org(project, path=state)
    for mail in mails(org.store):
        typer.echo(f"{mail['at']}  {mail['kind']:13} {shown(str(mail['address']))}  {mail['user']}")
    org.close()


@app.command("seed")
def seed_org(
    file: Annotated[Path, typer.Argument(help="The seed (YAML).", exists=True, dir_okay=False)],
    project: ProjectOption = Path(),
    state: StateOption = None,
) -> None:
    """Make the simulated org anew from a seed."""
    _renew(project, state, file)


@app.command("reset")
def reset(project: ProjectOption = Path(), state: StateOption = None) -> None:
    """Make the simulated org anew from simulated-org.yaml, or else from the built-in demo."""
    _renew(project, state, None)


@app.command("dump")
def dump(project: ProjectOption = Path(), state: StateOption = None) -> None:
    """Print the simulated org in the format of a seed."""
    from reconciler.connect import open_simulated_org
    from reconciler.simulator import seed_text

    org = open_simulated_org(project, path=state)
    typer.echo(seed_text(org), nl=False)
    org.close()


def _renew(project: Path, state: Path | None, seed: Path | None) -> None:
    from reconciler.connect import SIMULATED_ORG, open_simulated_org
    from reconciler.simulator.org import is_open

    path = state or project / SIMULATED_ORG
    if path.exists() and is_open(path):
        msg = f"{path} is in use: stop what serves it first"
        raise UsageError(msg)
    fresh = path.with_name(f"{path.name}.new")
    _remove(fresh)
    open_simulated_org(project, path=fresh, seed=seed).close()
    _remove(path)
    fresh.rename(path)
    say(f"{path} is a new simulated org")


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
