"""Where results go: standard output or a file; progress and findings of the way there go to standard error."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import typer

from reconciler.cli.options import Format
from reconciler.errors import InvalidFiles, UsageError


def write(text: str, out: Path | None) -> None:
    """Write a result whole."""
    if out is None:
        with unheard():
            typer.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        msg = f"{out} can't be written: {error.strerror}"
        raise UsageError(msg) from error


def say(text: str) -> None:
    """A line of progress."""
    with unheard():
        typer.echo(text, err=True)


@contextmanager
def unheard() -> Iterator[None]:
    """Nobody reads any more, as after `| head`: that is no reason to stop in the middle of an apply."""
    try:
        yield
    except BrokenPipeError:
        # What is buffered still would be refused once more, at the very end.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                os.dup2(nowhere, stream.fileno())


@contextmanager
def findings_shown(format_: Format, out: Path | None) -> Iterator[None]:
    """Findings in the files end the command: as JSON where the result would stand, as text on standard error."""
    from reconciler.render import problem_lines, problems_json

    try:
        yield
    except InvalidFiles as invalid:
        if format_ is Format.JSON:
            write(problems_json(invalid.problems), out)
        else:
            for line in problem_lines(invalid.problems):
                say(line)
            count = len(invalid.problems)
            say(f"{count} {'finding' if count == 1 else 'findings'}; nothing was sent.")
        raise typer.Exit(invalid.exit_code) from None
