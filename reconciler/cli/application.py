"""The `sfrec` program: its commands, and what each error becomes outside."""

import gc
import sys
from typing import Annotated, NoReturn

import typer

from reconciler import __version__
from reconciler.cli import apply, history, plan, simulate, undo, validate
from reconciler.errors import SfrecError, UsageError

app = typer.Typer(
    name="sfrec",
    help="Reconcile Salesforce external users with the YAML files that declare them.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("validate")(validate.validate)
app.command("plan")(plan.plan)
app.command("apply")(apply.apply)
app.command("history")(history.history)
app.command("undo")(undo.undo)
app.add_typer(simulate.app, name="simulate")


def _show_version(value: bool) -> None:  # noqa: FBT001 - typer calls back with the option's value
    if value:
        typer.echo(f"sfrec {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    _version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    pass


def main() -> NoReturn:
    """Run the command line and exit with its code."""
    if sys.argv[1:2] != ["simulate"]:
        # What a run makes lives to its end: looking through millions of records again and again takes half the time.
        gc.disable()
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit code; typer's own 2 for a bad command line becomes 64."""
    command = typer.main.get_command(app)
    try:
        code = command.main(arguments, prog_name="sfrec", standalone_mode=False)
    except typer.TyperException as error:
        typer.echo(error.format_message(), err=True)
        return UsageError.exit_code
    except typer.Abort:
        typer.echo("Aborted; nothing was changed.", err=True)
        return 1
    except SfrecError as error:
        typer.echo(f"sfrec: {error}", err=True)
        return error.exit_code
    return code if isinstance(code, int) else 0
