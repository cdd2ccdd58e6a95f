"""The least that a start can cost: a typer program with one command, set up as sfrec is."""

import typer

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def plan(project: str = ".") -> None:
    """Show what would change."""
    typer.echo(project)


if __name__ == "__main__":
    app()
